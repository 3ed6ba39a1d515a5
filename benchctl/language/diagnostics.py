"""Mistakes in files, collected so that a person hears of all of them at once.

    diagnostics = Diagnostics()
    diagnostics.error("E301", msg(...), source, span, hint=msg(...))
    diagnostics.raise_if_failed()

Codes: E00x the text (E001 syntax, E002 duplicate key, E003 anchors, aliases and tags, E004 too
large or too deep, E005 cannot be read); E10x its shape (E101 missing, E102 unknown key, E103 not
one of the choices, E104 wrong type, E105 out of range, E106 otherwise wrong); E2xx what stands in a
value (E201 unit, E202 quantity, E203 expression, E204 dimension); E3xx references (E301 unknown
name); E4xx batches (E401 header, E402 ragged row, E403 serial number, E404 position, E405 cell).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from benchctl.core.errors import BenchctlError
from benchctl.core.messages import Message, msg
from benchctl.language.source import Source, Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake: what is wrong, where, what to do, and a second place that belongs to it.

    `severity` is "error" or "warning".
    """

    code: str
    message: Message
    source: Source
    span: Span
    hint: Message | None = None
    also: tuple[Span, Message] | None = None
    severity: str = "error"


class FileError(BenchctlError):
    """Files are wrong; `diagnostics` say where. Prints as one block per mistake."""

    exit_code: ClassVar[int] = 2

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        names = dict.fromkeys(d.source.name for d in self.diagnostics)
        super().__init__(
            msg("language.mistakes", count=len(self.diagnostics), files=", ".join(names))
        )

    def words(self, language: str = "en") -> str:
        """Return every mistake with its line, and how many there are."""
        from benchctl.language.render import render

        return f"{render(self.diagnostics, language=language)}\n{super().words(language)}"


class FieldError(ValueError):
    """What a validator of a file's model raises, to say in our own words what is wrong.

    raise FieldError(msg("bench.no-such-driver", driver=name), hint=..., code="E301")
    """

    def __init__(
        self, message: Message, *, hint: Message | None = None, code: str = "E106"
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code

    @classmethod
    def of(cls, error: BenchctlError, code: str) -> FieldError:
        """Return the mistake that a failed unit, quantity or expression is."""
        return cls(error.message, hint=error.hint, code=code)


class Diagnostics:
    """Collects mistakes; the same mistake at the same place counts once."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, Span, str, str], Diagnostic] = {}

    def __len__(self) -> int:
        return len(self._items)

    def error(
        self,
        code: str,
        message: Message,
        source: Source,
        span: Span,
        *,
        hint: Message | None = None,
        also: tuple[Span, Message] | None = None,
    ) -> None:
        """Take a mistake; the file cannot be used."""
        self.add(Diagnostic(code, message, source, span, hint, also))

    def warning(
        self,
        code: str,
        message: Message,
        source: Source,
        span: Span,
        *,
        hint: Message | None = None,
        also: tuple[Span, Message] | None = None,
    ) -> None:
        """Take something that a person should look at; the file can be used."""
        self.add(Diagnostic(code, message, source, span, hint, also, "warning"))

    def add(self, diagnostic: Diagnostic) -> None:
        """Take a diagnostic made elsewhere."""
        key = (diagnostic.source.name, diagnostic.span, diagnostic.code, str(diagnostic.message))
        self._items.setdefault(key, diagnostic)

    @property
    def items(self) -> tuple[Diagnostic, ...]:
        """What was collected, by file in order of appearance, then by place."""
        files = {name: n for n, name in enumerate(dict.fromkeys(key[0] for key in self._items))}
        return tuple(
            sorted(self._items.values(), key=lambda d: (files[d.source.name], d.span, d.code))
        )

    @property
    def failed(self) -> bool:
        """Whether there is an error among them."""
        return any(d.severity == "error" for d in self._items.values())

    def raise_if_failed(self) -> None:
        """Raise what was collected if there is an error among it.

        Raises:
            FileError: with all diagnostics.
        """
        if self.failed:
            raise FileError(self.items)
