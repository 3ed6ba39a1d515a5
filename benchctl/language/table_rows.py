"""The rows of a CSV file as pieces of a document, each cell with its place in that file.

A row becomes a mapping from the headers to the cells; an empty cell is a key that is not there.
What stands in a cell is read as a plain value of YAML is; `[a, b]` is a list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from benchctl.core.messages import msg
from benchctl.language.diagnostics import Diagnostics
from benchctl.language.pieces import Piece
from benchctl.language.scalars import resolve
from benchctl.language.source import Source, Span, short
from benchctl.language.tables import RawCell, read_csv
from benchctl.language.yaml_tree import LIST, MAP, SCALAR, Node

_LIST = re.compile(r"\[(.*)\]")


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place as YAML's parser has them: counted from 0."""

    line: int
    column: int
    index: int


def table_rows(
    data: bytes, name: str, diagnostics: Diagnostics, *, most_rows: int
) -> tuple[list[Piece], str] | None:
    """Return the rows below the header and the text, or None and diagnostics."""
    table = read_csv(data, name, diagnostics, most_rows=most_rows)
    if table is None:
        return None
    source, before = table.source, len(diagnostics)
    if not table.rows:
        diagnostics.error("E401", msg("language.table-empty"), source, Span.at(1, 1))
        return None
    headers = _headers(source, table.rows[0], diagnostics)
    pieces = [_row(source, headers, row, diagnostics) for row in table.rows[1:]]
    return (pieces, source.text) if len(diagnostics) == before else None


def _headers(
    source: Source, cells: tuple[RawCell, ...], diagnostics: Diagnostics
) -> list[tuple[str, Node]]:
    found: dict[str, Node] = {}
    headers = []
    for cell in cells:
        node = _scalar(cell.text, _start(source, cell))
        if not cell.text:
            diagnostics.error("E401", msg("language.column-without-name"), source, node.span)
        elif cell.text in found:
            also = (found[cell.text].span, msg("language.first-used-here"))
            twice = msg("language.header-twice", header=short(cell.text))
            diagnostics.error("E401", twice, source, node.span, also=also)
        found.setdefault(cell.text, node)
        headers.append((cell.text, node))
    return headers


def _row(
    source: Source,
    headers: list[tuple[str, Node]],
    cells: tuple[RawCell, ...],
    diagnostics: Diagnostics,
) -> Piece:
    if len(cells) != len(headers):
        message = msg("language.ragged-row", cells=len(cells), headers=len(headers))
        span = Span.at(cells[-1].row, cells[-1].column, max(1, cells[-1].width))
        diagnostics.error("E402", message, source, span)
    first, last = _start(source, cells[0]), _start(source, cells[-1])
    end = _Mark(last.line, last.column + cells[-1].width, last.index + cells[-1].width)
    row = Piece({}, {(): Node(MAP, first, end)}, {}, source)
    for (header, named), cell in zip(headers, cells, strict=False):
        if cell.problem:
            span = Span.at(cell.row, cell.column, max(1, cell.width))
            diagnostics.error("E405", cell.problem, source, span)
        elif cell.text:
            found = _cell(source, cell).within(header, named)
            row.data[header] = found.data
            row.nodes.update(found.nodes)
            row.keys.update(found.keys)
    return row


def _cell(source: Source, cell: RawCell) -> Piece:
    """Return what a cell says: a value, or a list of them."""
    start = _start(source, cell)
    whole = _LIST.fullmatch(cell.text)
    if whole is None:
        node = _scalar(cell.text, start)
        return Piece(resolve(cell.text), {(): node})
    nodes: dict[tuple[str | int, ...], Node] = {}
    values: list[Any] = []
    for at, text in _parts(whole[1]):
        mark = _Mark(start.line, start.column + 1 + at, start.index + 1 + at)
        nodes[len(values),] = _scalar(text, mark)
        values.append(resolve(text))
    end = _Mark(start.line, start.column + len(cell.text), start.index + len(cell.text))
    return Piece(values, {(): Node(LIST, start, end), **nodes})


def _parts(text: str) -> list[tuple[int, str]]:
    """Return the texts between commas that stand in no parentheses, and where each begins."""
    found, depth, begun = [], 0, 0
    for at, character in enumerate(f"{text},"):
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            part = text[begun:at]
            blank = len(part) - len(part.lstrip())
            found.append((begun + blank, part.strip()))
            begun = at + 1
    return found


def _start(source: Source, cell: RawCell) -> _Mark:
    """Return where a cell's text begins, behind blanks and a quote."""
    index, column = source.index_of(cell.row, cell.column), cell.column
    while source.text[index : index + 1] in (" ", '"') and source.text[index : index + 1]:
        index, column = index + 1, column + 1
    return _Mark(cell.row - 1, column - 1, index)


def _scalar(text: str, start: _Mark) -> Node:
    end = _Mark(start.line, start.column + len(text), start.index + len(text))
    return Node(SCALAR, start, end, text, plain=True)
