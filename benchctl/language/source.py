"""Places in a file: which characters of which text a sentence is about."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

# The line breaks of YAML 1.1, which libyaml counts; str.splitlines() knows more of them.
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece of a text: lines and columns count characters from 1, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def at(cls, line: int, column: int, length: int = 1) -> Span:
        """Return the span of `length` characters within one line."""
        return cls(line, column, line, column + length)


START = Span.at(1, 1)
"""The beginning of a file, for what concerns the file as a whole."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text and the name of its file as the person typed it.

    A file that is not text (XLSX) has the text ""; its lines and columns are rows and columns.
    """

    name: str
    text: str = field(repr=False)
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = (0, *(match.end() for match in _BREAK.finditer(self.text)))
        object.__setattr__(self, "_starts", starts)

    def line(self, number: int) -> str:
        """Return line `number`, counted from 1; "" where the text has no such line."""
        if not 1 <= number <= len(self._starts):
            return ""
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[self._starts[number - 1] : end].rstrip("\r\n\x85\u2028\u2029")

    def line_at(self, index: int) -> tuple[int, int, int]:
        """Return the line of character `index` (from 0), where it begins, and where the next."""
        line = bisect_right(self._starts, index)
        end = self._starts[line] if line < len(self._starts) else len(self.text) + 1
        return line, self._starts[line - 1], end

    def index_of(self, line: int, column: int) -> int:
        """Return the index of a character from its line and column, which count from 1."""
        return self._starts[line - 1] + column - 1

    def span_at(self, index: int, length: int = 1) -> Span:
        """Return where `length` characters of one line stand, from character `index` (from 0)."""
        line = bisect_right(self._starts, index)
        return Span.at(line, index - self._starts[line - 1] + 1, length)


def short(text: str, limit: int = 60) -> str:
    """Return a text from a file as it can stand in a sentence: one line of `limit` characters."""
    line = " ".join(text[: limit * 4].split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
