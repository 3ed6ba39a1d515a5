"""Diagnostics as text: `full` with the source lines, `concise`, `json` and `github`.

    error[E002]: duplicate key `mpe`
      --> meter.yaml:23:5
       |
    22 |     mpe: 2 %
       |     --- first used here
    23 |     mpe: 3 %
       |     ^^^

Columns that are printed count characters; marks are placed by the width that a terminal gives a
character, so that they stand under Chinese text too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from benchctl.core.messages import Message, msg, words
from benchctl.language.diagnostics import Diagnostic
from benchctl.language.source import Source, Span

LONGEST_LINE = 400
"""Longer source lines show only what surrounds the span."""

WIDTH = 100
"""Up to this column a hint stands beside the mark, else on a line of its own."""

_RED, _YELLOW, _BLUE, _BOLD = "1;31", "1;33", "1;34", "1"
# What could move the cursor, colour the terminal or turn the reading direction.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def render(
    diagnostics: Iterable[Diagnostic],
    *,
    format: str = "full",
    language: str = "en",
    color: bool = False,
) -> str:
    """Return the diagnostics as text, without a line break at the end.

    Args:
        diagnostics: In the order in which they shall appear.
        format: "full", "concise" (one line each), "json" (one array), or "github" (workflow
            commands that annotate a pull request).
        language: "en" or "zh".
        color: Whether `full` is coloured with ANSI sequences.

    Raises:
        ValueError: the format is none of these.
    """
    items = list(diagnostics)
    if format == "full":
        return "\n\n".join("\n".join(_Block(item, language, color).lines()) for item in items)
    if format == "concise":
        return "\n".join(_concise(item, language) for item in items)
    if format == "github":
        return "\n".join(_github(item, language) for item in items)
    if format == "json":
        import json

        return json.dumps([_plain(item, language) for item in items], ensure_ascii=False, indent=2)
    raise ValueError(format)


def _sentence(message: Message, language: str) -> str:
    return _printable(words(message, language))


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text.replace("\t", " "))


def _place(item: Diagnostic) -> str:
    return f"{_printable(item.source.name)}:{item.span.line}:{item.span.column}"


def _concise(item: Diagnostic, language: str) -> str:
    hint = f" ({_sentence(item.hint, language)})" if item.hint else ""
    return f"{_place(item)}: {item.code} {_sentence(item.message, language)}{hint}"


def _github(item: Diagnostic, language: str) -> str:
    text = _sentence(item.message, language)
    if item.hint:
        text += f" ({_sentence(item.hint, language)})"
    span = item.span
    where = {"file": item.source.name, "line": span.line, "col": span.column}
    if span.end_line == span.line:
        where["endColumn"] = span.end_column
    else:
        where["endLine"] = span.end_line
    fields = ",".join(f"{k}={_escaped(str(v), ':,')}" for k, v in where.items())
    return f"::{item.severity} {fields},title={item.code}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    return "".join(f"%{ord(c):02X}" if c in f"%\r\n{more}" else c for c in text)


def _plain(item: Diagnostic, language: str) -> dict[str, object]:
    also = None
    if item.also:
        also = {**_location(item.also[0]), "message": words(item.also[1], language)}
    return {
        "code": item.code,
        "severity": item.severity,
        "message": words(item.message, language),
        "hint": words(item.hint, language) if item.hint else None,
        "filename": item.source.name,
        **_location(item.span),
        "also": also,
    }


def _location(span: Span) -> dict[str, object]:
    return {
        "location": {"row": span.line, "column": span.column},
        "end_location": {"row": span.end_line, "column": span.end_column},
    }


class _Block:
    """One diagnostic with its source lines."""

    def __init__(self, item: Diagnostic, language: str, color: bool) -> None:
        self.item = item
        self.language = language
        self.color = color
        last = max(item.span.line, item.also[0].line if item.also else 0)
        self.gutter = len(str(last))

    def lines(self) -> Iterator[str]:
        item = self.item
        tone = _RED if item.severity == "error" else _YELLOW
        severity = words(msg(f"language.{item.severity}"), self.language)
        head = self.paint(f"{severity}[{item.code}]", tone)
        yield head + self.paint(f": {_sentence(item.message, self.language)}", _BOLD)
        yield " " * self.gutter + self.paint("--> ", _BLUE) + _place(item)
        hint = _sentence(item.hint, self.language) if item.hint else ""
        if item.source.text:
            yield self.bar()
            marks = [(item.span, "^", hint, tone)]
            if item.also:
                also = _sentence(item.also[1], self.language)
                marks.append((item.also[0], "-", also, _BLUE))
            marks.sort(key=lambda mark: mark[0])
            yield from self.snippets(marks)
        if hint and not self.fits(hint):
            label = words(msg("language.help"), self.language)
            yield f"{' ' * self.gutter} {self.paint('=', _BLUE)} {self.paint(label, _BOLD)}: {hint}"

    def snippets(self, marks: list[tuple[Span, str, str, str]]) -> Iterator[str]:
        shown = 0
        for span, sign, text, tone in marks:
            if shown and span.line > shown + 1:
                yield self.bar("...")
            before, marked, after = _cut(self.item.source, span)
            if span.line != shown:
                number = self.paint(f"{span.line:>{self.gutter}} |", _BLUE)
                yield f"{number} {before}{marked}{after}".rstrip()
            shown = span.line
            if sign == "^" and not self.fits(text):
                text = ""
            label = sign * max(1, _width(marked)) + (f" {text}" if text else "")
            yield f"{self.bar()} {' ' * _width(before)}{self.paint(label, tone)}"

    def fits(self, hint: str) -> bool:
        """Return whether the hint may stand beside the mark."""
        if not self.item.source.text:
            return False
        before, marked, _ = _cut(self.item.source, self.item.span)
        return self.gutter + 4 + _width(before) + _width(marked) + _width(hint) <= WIDTH

    def bar(self, sign: str = "|") -> str:
        """Return the edge of the snippet where no line number stands."""
        if sign == "|":
            return " " * self.gutter + self.paint(" |", _BLUE)
        return self.paint(sign, _BLUE)

    def paint(self, text: str, tone: str) -> str:
        return f"\x1b[{tone}m{text}\x1b[0m" if self.color else text


def _cut(source: Source, span: Span) -> tuple[str, str, str]:
    """Return the first line of the span as printed: before, within and after the span."""
    line = source.line(span.line)
    start = min(span.column - 1, len(line))
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    left, right = 0, len(line)
    if right > LONGEST_LINE:
        left = max(0, start - LONGEST_LINE // 4)
        right = min(right, left + LONGEST_LINE)
    before, marked, after = line[left:start], line[start : min(end, right)], line[end:right]
    return (
        ("…" if left else "") + _shown(before),
        _shown(marked.rstrip() or marked[:1]),
        _shown(after) + ("…" if right < len(line) else ""),
    )


def _shown(text: str) -> str:
    return _printable(text.replace("\t", "    "))


def _width(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    return sum(_columns(c) for c in text)


def _columns(character: str) -> int:
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.combining(character) else 1
