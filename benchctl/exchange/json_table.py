"""A JSON file of work orders as the table that a CSV file would be, with a place for every value.

Two shapes are read: a list of flat objects, one for each unit, and

    {"orders": [{"order_no": "WO-118", "client_name": "...", "lines": [{"serial_no": "..."}]}]}

where a line has what its order says. Numbers are kept as they are written: 0.10 stays "0.10".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchctl.core.messages import Message, msg
from benchctl.language.diagnostics import Diagnostics
from benchctl.language.source import Source, Span, short
from benchctl.language.tables import RawCell, Table

LINES, ORDERS = "lines", "orders"
_BLANK = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")
_DEEPEST = 8
_STRINGS = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class _Value:
    """A value and where it begins: text of a scalar, list, or members of an object."""

    at: int
    end: int
    value: Any

    @property
    def members(self) -> dict[str, tuple[int, _Value]]:
        """What an object has: where a key stands, and its value."""
        assert isinstance(self.value, dict)
        return self.value


class _WrongError(Exception):
    def __init__(self, at: int, message: Message) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


def read_json(source: Source, diagnostics: Diagnostics) -> Table | None:
    """Return the table of a JSON text, or None and a diagnostic."""
    try:
        lines = list(_lines(_Scanner(source.text).document()))
    except _WrongError as wrong:
        span = source.span_at(min(wrong.at, max(0, len(source.text) - 1)))
        diagnostics.error("E405", wrong.message, source, span)
        return None
    if not lines:
        return Table(source, ())
    headers: dict[str, RawCell] = {}
    for line in lines:
        for key, (at, _) in line.members.items():
            if key not in headers:
                headers[key] = _cell(source, key, at)
    rows = [tuple(headers.values())]
    rows += [_row(source, line, headers) for line in lines]
    return Table(source, tuple(rows))


def _row(source: Source, line: _Value, headers: dict[str, RawCell]) -> tuple[RawCell, ...]:
    members = line.members
    start = source.span_at(line.at)
    row = []
    for header in headers:
        if header in members:
            row.append(_cell(source, members[header][1].value, members[header][1].at))
        else:
            row.append(RawCell("", start.line, start.column))
    return tuple(row)


def _cell(source: Source, value: object, at: int) -> RawCell:
    span: Span = source.span_at(at)
    if isinstance(value, str):
        return RawCell(value.strip(), span.line, span.column, max(1, len(value)))
    problem = msg("exchange.json-nested")
    return RawCell("", span.line, span.column, problem=problem)


def _lines(root: _Value) -> Iterator[_Value]:
    """Give the object of every unit, with what its order says."""
    if isinstance(root.value, dict) and ORDERS in root.members:
        root = root.members[ORDERS][1]
    for item in root.value if isinstance(root.value, list) else [root]:
        if not isinstance(item.value, dict):
            raise _WrongError(item.at, msg("exchange.json-not-an-object"))
        inside = item.members.get(LINES)
        if inside is None:
            yield item
            continue
        if not isinstance(inside[1].value, list):
            raise _WrongError(inside[1].at, msg("exchange.json-lines"))
        shared = {k: v for k, v in item.members.items() if k != LINES}
        for line in inside[1].value:
            if not isinstance(line.value, dict):
                raise _WrongError(line.at, msg("exchange.json-not-an-object"))
            yield _Value(line.at, line.end, {**shared, **line.members})


class _Scanner:
    """Reads JSON (RFC 8259) and notes where everything stands."""

    def __init__(self, text: str) -> None:
        self.text = text

    def document(self) -> _Value:
        found = self.value(self.blank(0), 0)
        end = self.blank(found.end)
        if end < len(self.text):
            raise _WrongError(end, msg("exchange.json-after-end"))
        return found

    def blank(self, at: int) -> int:
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def value(self, at: int, depth: int) -> _Value:
        first = self.text[at : at + 1]
        if depth > _DEEPEST:
            raise _WrongError(at, msg("exchange.json-deep", limit=_DEEPEST))
        if first == "{":
            return self.mapping(at, depth)
        if first == "[":
            return self.items(at, depth)
        if first == '"':
            text, end = self.string(at)
            return _Value(at, end, text)
        found = _SCALAR.match(self.text, at)
        if found is None:
            raise self.unexpected(at)
        return _Value(at, found.end(), "" if found[0] == "null" else found[0])

    def string(self, at: int) -> tuple[str, int]:
        try:
            text, end = _STRINGS.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            raise _WrongError(error.pos, msg("exchange.json-string")) from error
        return str(text), end

    def items(self, at: int, depth: int) -> _Value:
        found: list[_Value] = []
        here = self.blank(at + 1)
        if self.text[here : here + 1] == "]":
            return _Value(at, here + 1, found)
        while True:
            found.append(self.value(self.blank(here), depth + 1))
            here = self.blank(found[-1].end)
            sign = self.text[here : here + 1]
            if sign == "]":
                return _Value(at, here + 1, found)
            if sign != ",":
                raise self.unexpected(here)
            here += 1

    def mapping(self, at: int, depth: int) -> _Value:
        found: dict[str, tuple[int, _Value]] = {}
        here = self.blank(at + 1)
        if self.text[here : here + 1] == "}":
            return _Value(at, here + 1, found)
        while True:
            here = self.blank(here)
            if self.text[here : here + 1] != '"':
                raise self.unexpected(here)
            key, end = self.string(here)
            if key in found:
                raise _WrongError(here, msg("exchange.json-key-twice", key=short(key)))
            colon = self.blank(end)
            if self.text[colon : colon + 1] != ":":
                raise self.unexpected(colon)
            value = self.value(self.blank(colon + 1), depth + 1)
            found[key] = (here, value)
            here = self.blank(value.end)
            sign = self.text[here : here + 1]
            if sign == "}":
                return _Value(at, here + 1, found)
            if sign != ",":
                raise self.unexpected(here)
            here += 1

    def unexpected(self, at: int) -> _WrongError:
        found = self.text[at : at + 1]
        if not found:
            return _WrongError(at, msg("exchange.json-ends"))
        return _WrongError(at, msg("exchange.json-unexpected", found=ascii(found)))
