"""The small sentences of a procedure, each with its own parser and exact columns.

    within 2.5 % for 10 s                          parse_within
    within 0.02 K for 60 s                         parse_within (absolute, in the role's unit)
    within 0.002 kg for 8 s                        parse_rest
    line_pressure for 60 s                         parse_hold
    line_pressure below 0.05 MPa                   parse_below
    reference_volume >= test_volume                parse_until
    line_pressure <= 15                            parse_crossing
    at least 2 of 3 inside and mean inside         parse_acceptance
    1/5                                            parse_ratio

A sentence that does not fit raises `GrammarError` with the place within its text.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from benchctl.core.messages import Message, msg
from benchctl.core.units import Unit, difference_factor, unit
from benchctl.language import Quantity, QuantityError, parse_quantity

NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_QUANTITY = re.compile(NUMBER.pattern + r"(?:[^\s\d]\S*|\s+\S+)?")
NAME = re.compile(r"[^\W\d]\w*")
_WORD = re.compile(r"[^\W\d]\w*|\d+|\S")


class GrammarError(Exception):
    """A sentence does not fit its grammar between the characters `start` and `end` of its text."""

    def __init__(
        self, message: Message, start: int, end: int, *, hint: Message | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = max(end, start + 1)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Within:
    """`within` is a fraction of the target or, `absolute`, in a unit; `dwell` is in s."""

    within: float
    dwell: float
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """A role to be watched for `seconds`."""

    role: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Below:
    """A role, and the quantity (a piece of the sentence) that it must be below."""

    role: str
    bound: Part


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence that another parser reads, and where it begins."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Until:
    """A role that is to reach an amount."""

    role: str
    amount: Part


@dataclass(frozen=True, slots=True)
class Crossing:
    """A role that is to reach an amount from below or, `falling`, from above."""

    role: str
    amount: Part
    falling: bool


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How many of how many runs, and whether their mean, must lie inside the limits."""

    at_least: int
    of: int
    mean_inside: bool


class Scanner:
    """Reads a sentence from left to right and says where it went wrong."""

    def __init__(self, text: str, form: str) -> None:
        self.text = text
        self.at = 0
        self._form = form
        self._space()

    def _space(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def _take(self, end: int) -> str:
        taken = self.text[self.at : end]
        self.at = end
        self._space()
        return taken

    def wrong(self, expected: str) -> GrammarError:
        """Return the error that something else was expected here."""
        found = _WORD.match(self.text, self.at)
        hint = msg("procedure.form", form=self._form)
        if found is None:
            message = msg("procedure.ends-early", expected=expected)
            return GrammarError(message, len(self.text), len(self.text) + 1, hint=hint)
        message = msg("procedure.expected", expected=expected, found=found[0])
        return GrammarError(message, self.at, found.end(), hint=hint)

    @property
    def has_percent(self) -> bool:
        """Whether the quantity that comes next is a share, in % or ‰."""
        found = _QUANTITY.match(self.text, self.at)
        return found is not None and found[0].rstrip()[-1:] in ("%", "‰")

    @property
    def over(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.text)

    def end(self) -> None:
        """Require that nothing is left."""
        if not self.over:
            hint = msg("procedure.form", form=self._form)
            message = msg("procedure.left-over", found=self.text[self.at :].strip())
            raise GrammarError(message, self.at, len(self.text.rstrip()), hint=hint)

    def words(self, *expected: str) -> None:
        """Require these words."""
        for word in expected:
            found = _WORD.match(self.text, self.at)
            if found is None or found[0] != word:
                raise self.wrong(f"`{word}`")
            self._take(found.end())

    def name(self, what: str) -> str:
        """Require a name."""
        found = NAME.match(self.text, self.at)
        if found is None:
            raise self.wrong(what)
        return self._take(found.end())

    def whole(self, what: str) -> int:
        """Require a whole number."""
        found = re.compile(r"\d+").match(self.text, self.at)
        if found is None:
            raise self.wrong(what)
        return int(self._take(found.end()))

    def quantity(self, like: str, example: str) -> Quantity:
        """Require a number and, glued to it or after a blank, a unit like `like`."""
        found = _QUANTITY.match(self.text, self.at)
        if found is None:
            raise self.wrong(example)
        quantity = quantity_at(found[0], self.at, like)
        self._take(found.end())
        return quantity


def quantity_at(text: str, start: int, like: str) -> Quantity:
    """Return the quantity that `text` is, which begins at `start` of its sentence.

    Raises:
        GrammarError: no quantity, or not of the dimension of the unit `like`.
    """
    try:
        return parse_quantity(text, like=unit(like), bare=False)
    except QuantityError as error:
        raise GrammarError(error.message, start, start + len(text), hint=error.hint) from error


def parse_seconds(text: str) -> float:
    """Return a duration like `60 s` or `2 min` in s."""
    quantity = quantity_at(text.strip(), len(text) - len(text.lstrip()), "s")
    return quantity.value * quantity.unit.factor


def parse_within(text: str, like: str = "%") -> Within:
    """Return what `within 2.5 % for 10 s` says, or `within 0.02 K for 60 s` in the unit `like`."""
    scan = Scanner(text, "within 2.5 % for 10 s")
    scan.words("within")
    relative = scan.has_percent or not like
    within = scan.quantity("%" if relative else like, "2.5 %")
    scan.words("for")
    dwell = scan.quantity("s", "10 s")
    scan.end()
    factor = within.unit.factor if relative else difference_factor(within.unit, unit(like))
    seconds = dwell.value * dwell.unit.factor
    return Within(within.value * factor, seconds, absolute=not relative)


def parse_rest(text: str, like: str) -> Within:
    """Return what `within 0.002 kg for 8 s` says, the bound in the unit `like`."""
    scan = Scanner(text, "within 0.002 kg for 8 s")
    scan.words("within")
    within = scan.quantity(like, "0.002 kg")
    scan.words("for")
    dwell = scan.quantity("s", "8 s")
    scan.end()
    bound = within.value * difference_factor(within.unit, unit(like))
    return Within(bound, dwell.value * dwell.unit.factor)


def parse_hold(text: str) -> Hold:
    """Return what `line_pressure for 60 s` says."""
    scan = Scanner(text, "line_pressure for 60 s")
    role = scan.name("a role")
    scan.words("for")
    hold = scan.quantity("s", "60 s")
    scan.end()
    return Hold(role, hold.value * hold.unit.factor)


def parse_below(text: str) -> Below:
    """Return what `line_pressure below 0.05 MPa` says."""
    scan = Scanner(text, "line_pressure below 0.05 MPa")
    role = scan.name("a role")
    scan.words("below")
    if scan.over:
        raise scan.wrong("0.05 MPa")
    return Below(role, Part(text[scan.at :].rstrip(), scan.at))


def parse_until(text: str) -> Until:
    """Return what `reference_volume >= test_volume` says."""
    scan = Scanner(text, "reference_volume >= test_volume")
    role = scan.name("a role")
    scan.words(">", "=")
    if scan.over:
        raise scan.wrong("an amount")
    return Until(role, Part(text[scan.at :].rstrip(), scan.at))


def parse_crossing(text: str) -> Crossing:
    """Return what `line_pressure <= 15` says, or `meter_pulses >= 1`."""
    scan = Scanner(text, "line_pressure <= 15")
    role = scan.name("a role")
    falling = text[scan.at : scan.at + 1] == "<"
    scan.words("<" if falling else ">", "=")
    if scan.over:
        raise scan.wrong("an amount")
    return Crossing(role, Part(text[scan.at :].rstrip(), scan.at), falling)


def parse_acceptance(text: str) -> Acceptance:
    """Return what `at least 2 of 3 inside and mean inside` says; the mean may be left out."""
    scan = Scanner(text, "at least 2 of 3 inside and mean inside")
    scan.words("at", "least")
    at_least = scan.whole("a number of runs")
    scan.words("of")
    start = scan.at
    of = scan.whole("a number of runs")
    if not 1 <= at_least <= of:
        message = msg("procedure.more-than-all", at_least=at_least, of=of)
        raise GrammarError(message, start, start + len(str(of)))
    scan.words("inside")
    mean = not scan.over
    if mean:
        scan.words("and", "mean", "inside")
    scan.end()
    return Acceptance(at_least, of, mean)


def parse_ratio(text: str | float) -> float:
    """Return a ratio given as `1/5`, `0.2` or `20 %`; it lies above 0 and is at most 1."""
    if isinstance(text, str):
        body, start = text.strip(), len(text) - len(text.lstrip())
        parts = [NUMBER.fullmatch(p.strip()) for p in body.split("/")]
        if "%" in body:
            quantity = quantity_at(body, start, "%")
            value = quantity.value * quantity.unit.factor
        elif len(parts) in (1, 2) and all(parts):
            numbers = [float(p[0]) for p in parts if p]
            value = numbers[0] if len(numbers) == 1 else _divided(*numbers)
        else:
            raise GrammarError(msg("procedure.no-ratio", found=body), start, start + len(body))
    else:
        body, start, value = f"{text:g}", 0, float(text)
    if not 0 < value <= 1:
        raise GrammarError(msg("procedure.ratio-range", found=body), start, start + len(body))
    return value


def _divided(over: float, under: float) -> float:
    return over / under if under else math.inf


def number_in(text: str, wanted: Unit) -> float:
    """Return a number, or a quantity with its own unit, in the unit that is wanted.

    Raises:
        QuantityError: it is neither, or of another dimension.
    """
    return parse_quantity(text, like=wanted).to(wanted)
