"""A YAML file as text to be altered: values where they stand, comments for each part.

The files that a lab begins with are made from files that work, so that none of their facts stands
twice; what a person reads in them is in the person's language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from benchctl.language import Document

Place = tuple[str | int, ...]

_COMMENT = re.compile(r"(?m)(?:^|(?<=[ \t]))#.*$")
_PART = re.compile(r"([A-Za-z_]\w*):(?=\s|$)")
_MODELINE = re.compile(r"(?m)^# yaml-language-server:.*\n?")


@dataclass(slots=True)
class Alterations:
    """Replacements in the text of a document, made all at once."""

    document: Document
    _changes: list[tuple[int, int, str]] = field(default_factory=list)

    def put(self, place: Place, value: str) -> None:
        """Replace the value at a place by a text, in quotes."""
        span = self.document.span(place)
        start = self._index(span.line, span.column)
        end = self._index(span.end_line, span.end_column)
        self._changes.append((start, end, json.dumps(value, ensure_ascii=False)))

    def drop(self, key: str) -> None:
        """Take a key of the topmost level away, with the whole lines of its value."""
        if not isinstance(self.document.data, dict) or key not in self.document.data:
            return
        start = self._index(self.document.key_span((key,)).line, 1)
        end = self._index(self.document.span((key,)).end_line + 1, 1)
        self._changes.append((start, end, ""))

    def scalars(self, *within: str) -> Iterator[tuple[Place, str]]:
        """Give every scalar below these keys of the topmost level, with its place."""
        data = self.document.data
        for key in within:
            if isinstance(data, dict) and key in data:
                yield from self._scalars(data[key], (key,))

    def _scalars(self, value: object, place: Place) -> Iterator[tuple[Place, str]]:
        if isinstance(value, dict):
            for key, below in value.items():
                yield from self._scalars(below, (*place, key))
        elif isinstance(value, list):
            for n, below in enumerate(value):
                yield from self._scalars(below, (*place, n))
        elif self.document.is_scalar(place):
            yield place, self.document.text(place)

    def text(self) -> str:
        """Return the altered text."""
        text = self.document.source.text
        for start, end, value in sorted(self._changes, reverse=True):
            text = text[:start] + value + text[end:]
        return text

    def _index(self, line: int, column: int) -> int:
        lines = self.document.source.text.split("\n")
        return sum(len(text) + 1 for text in lines[: line - 1]) + column - 1


def without_comments(text: str) -> str:
    """Return a YAML text without its comments, and without the lines that held nothing else."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    scalars = [
        (token.start_mark.index, token.end_mark.index)
        for token in yaml.scan(text, Loader=loader)
        if isinstance(token, yaml.ScalarToken)
    ]
    for found in reversed(list(_COMMENT.finditer(text))):
        if any(start <= found.start() < end for start, end in scalars):
            continue
        before = text[: found.start()].rstrip(" \t")
        alone = before == "" or before.endswith("\n")
        text = before + text[found.end() + alone :]
    return text


def with_comments(text: str, comment_of: Callable[[str], str]) -> str:
    """Return a YAML text with a comment above each part that has one, and a blank line before it.

    `comment_of` gets the name of a key of the topmost level and returns lines, or "".
    """
    lines: list[str] = []
    for line in text.split("\n"):
        part = _PART.match(line)
        comment = comment_of(part[1]) if part else ""
        if comment:
            if lines and lines[-1]:
                lines.append("")
            lines += commented(comment).split("\n")
        lines.append(line)
    return "\n".join(lines)


def with_schema(text: str, schema: str) -> str:
    """Return a YAML text whose first line tells an editor where its schema lies."""
    text = _MODELINE.sub("", text, count=1).removeprefix("\ufeff")
    return f"# yaml-language-server: $schema={schema}\n{text}"


def commented(text: str) -> str:
    """Return lines as comments."""
    return "\n".join(f"# {line}".rstrip() for line in text.split("\n"))
