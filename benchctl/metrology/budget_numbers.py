"""Numbers and quantities of a budget file; what is wrong with one becomes a diagnostic."""

from __future__ import annotations

import math

from benchctl.core.errors import BenchctlError
from benchctl.core.messages import Message, msg
from benchctl.core.units import Unit, unit
from benchctl.language import Diagnostics, Document, parse_quantity, report_error

Path = tuple[str | int, ...]

_RELATIVE = ("%", "‰")


class Numbers:
    """Reads numbers and quantities of a document; what is wrong becomes a diagnostic."""

    def __init__(self, document: Document, diagnostics: Diagnostics) -> None:
        self.document = document
        self.diagnostics = diagnostics
        self.mistakes = 0

    def wrong(
        self,
        code: str,
        message: Message,
        path: Path,
        *,
        hint: Message | None = None,
        key: bool = False,
    ) -> None:
        """Report a mistake at a value, or at its key."""
        self.mistakes += 1
        span = self.document.key_span(path) if key else self.document.span(path)
        self.diagnostics.error(code, message, self.document.source, span, hint=hint)

    def failed(self, error: BenchctlError, path: Path) -> None:
        """Report a unit, quantity or expression that is wrong."""
        self.mistakes += 1
        report_error(error, self.document, path, self.diagnostics)

    def unit(self, text: str, path: Path) -> Unit | None:
        """Return the unit, None where there is no such unit."""
        try:
            return unit(text)
        except BenchctlError as error:
            self.failed(error, path)
            return None

    def number(
        self, text: str | None, path: Path, low: float, high: float, *, closed: bool = False
    ) -> float | None:
        """Return a plain number within low .. high, which belong to it only if `closed`."""
        if text is None:
            return None
        if text.strip().lower() in ("inf", ".inf", "infinity", "∞") and high == math.inf:
            return math.inf
        try:
            found = parse_quantity(text, like=unit("1")).to(unit("1"))
        except BenchctlError as error:
            self.failed(error, path)
            return None
        if not (low <= found <= high if closed else low < found < high):
            message = msg("metrology.not-between", text=text, low=f"{low:g}", high=f"{high:g}")
            self.wrong("E105", message, path)
            return None
        return found

    def amount(self, text: str | None, path: Path, like: Unit, value: float | None) -> float | None:
        """Return a difference in the unit `like`: with a unit of its own, or % of `value`."""
        if text is None:
            return None
        try:
            found = parse_quantity(text, like=None)
            bare = found.unit.symbol == "1"
            if found.unit.symbol in _RELATIVE and like.dimension != found.unit.dimension:
                if value is None:
                    return None
                size = found.to(unit("1")) * abs(value)
            else:
                size = found.value if bare else found.to(like, difference=True)
        except BenchctlError as error:
            self.failed(error, path)
            return None
        if size < 0:
            self.wrong("E105", msg("metrology.negative", text=text), path)
            return None
        return size

    def value(self, text: str | None, path: Path, like: Unit) -> float | None:
        """Return a value in the unit `like`."""
        if text is None:
            return None
        try:
            found = parse_quantity(text, like=like)
            return found.to(like)
        except BenchctlError as error:
            self.failed(error, path)
            return None
