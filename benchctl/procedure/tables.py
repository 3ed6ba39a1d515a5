"""Points as a table: `columns` and `rows`, or a CSV file beside the procedure, and `cycles`.

    points: {columns: [point, flow, keep], rows: [[Q3, 0.95 * Q3, [0.9 * Q3, Q3]], ...]}
    points: {table: points.csv, cycles: 2}

Whatever the form, a list of points with their places comes out of it, and everything behind reads
that list: a mistake in a cell is told at the cell, in the file where it stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any

from benchctl.core.messages import msg
from benchctl.language import Diagnostics, Document, Piece, Source, read_bytes, table_rows
from benchctl.procedure.declared import CYCLE
from benchctl.procedure.model_points import PointsTablePart
from benchctl.procedure.reading import MOST_ENTRIES, Path, Reader

_POINTS: Path = ("points",)
LARGEST = 1_000_000
"""Bytes of a table."""


@dataclass(slots=True)
class Tables:
    """The tables beside a procedure: read from their files, or `given` by the record of a run."""

    given: Mapping[str, str] | None = None
    read: dict[str, str] = field(default_factory=dict)
    """The text of each that was used, by its file's name."""

    def rows(self, name: str, of: Source, diagnostics: Diagnostics) -> list[Piece] | None:
        """Return the rows of a table, or None and diagnostics."""
        path = FilePath(of.name).parent / name
        if self.given is None:
            data = read_bytes(path, LARGEST, diagnostics)
        else:
            data = self.given.get(name, "").encode()
        if data is None:
            return None
        found = table_rows(data, str(path), diagnostics, most_rows=MOST_ENTRIES)
        if found is None:
            return None
        self.read[name] = found[1]
        return found[0]

    def digest(self, text: str) -> str:
        """Return the sha256 of a procedure's text together with its tables."""
        whole = hashlib.sha256(text.encode())
        for name, table in sorted(self.read.items()):
            whole.update(f"\0{name}\0{table}".encode())
        return whole.hexdigest()


def with_points(reader: Reader, tables: Tables) -> Reader | None:
    """Return a reader of the same document with its points as a list.

    None, and diagnostics, where the table is none: what else may be wrong cannot be told then.
    """
    given = reader.data.get("points")
    if not isinstance(given, dict):
        return reader
    part = reader.part(PointsTablePart, _POINTS, given)
    if part is None:
        return None
    found = _of_rows(reader, part) if part.table is None else _of_file(reader, part, tables)
    pieces = None if found is None else _cycled(reader, found, part.cycles)
    if pieces is None:
        return None
    return Reader(reader.document.with_list(_POINTS, pieces), reader.diagnostics)


def _of_file(reader: Reader, part: PointsTablePart, tables: Tables) -> list[Piece] | None:
    """Return the points of a CSV file."""
    for key in ("columns", "rows"):
        if getattr(part, key) is not None:
            message = msg("procedure.table-and-rows")
            reader.wrong("E106", message, (*_POINTS, key), key=True)
    name = part.table or ""
    if FilePath(name).name != name or FilePath(name).suffix.lower() != ".csv":
        reader.wrong("E106", msg("procedure.table-beside"), (*_POINTS, "table"))
        return None
    rows = tables.rows(name, reader.document.source, reader.diagnostics)
    if rows is None:
        message = msg("procedure.table-unusable", name=name)
        reader.wrong("E106", message, (*_POINTS, "table"))
    return rows


def _of_rows(reader: Reader, part: PointsTablePart) -> list[Piece] | None:
    """Return the points of `rows`, with the names of `columns` where each is a list."""
    document = reader.document
    if part.rows is None:
        reader.wrong("E101", msg("procedure.no-rows"), _POINTS, key=True)
        return None
    columns = _columns(reader, part)
    if columns is None:
        return None
    pieces: list[Piece] = []
    for i, row in enumerate(part.rows):
        path: Path = (*_POINTS, "rows", i)
        if isinstance(row, dict):
            pieces.append(document.piece(path))
        elif part.columns is None:
            hint = msg("procedure.form", form="{columns: [point, flow], rows: [[Q3, 2.5], …]}")
            reader.wrong("E101", msg("procedure.no-columns"), path, hint=hint)
        elif len(row) != len(columns):
            message = msg("procedure.row-length", cells=len(row), columns=len(columns))
            reader.wrong("E402", message, path)
        else:
            pieces.append(_row(document, path, columns))
    return pieces if len(pieces) == len(part.rows) else None


def _columns(reader: Reader, part: PointsTablePart) -> list[str] | None:
    columns = part.columns or []
    for n, name in enumerate(columns):
        if name in columns[:n]:
            also = ((*_POINTS, "columns", columns.index(name)), msg("procedure.first-here"))
            message = msg("procedure.name-twice", name=name)
            reader.wrong("E303", message, (*_POINTS, "columns", n), also=also)
    return columns if len(set(columns)) == len(columns) else None


def _row(document: Document, path: Path, columns: list[str]) -> Piece:
    """Return a row as a point; a cell with nothing in it is a key that is not there."""
    row = document.piece(path)
    whole = Piece({}, {(): row.nodes[()]})
    for n, name in enumerate(columns):
        if row.data[n] is None:
            continue
        named = document.piece((*_POINTS, "columns", n)).nodes[()]
        cell = document.piece((*path, n)).within(name, named)
        whole.data[name] = cell.data
        whole.nodes.update(cell.nodes)
        whole.keys.update(cell.keys)
    return whole


def _cycled(reader: Reader, pieces: list[Piece], cycles: int) -> list[Piece] | None:
    """Return the points once for each cycle, named and numbered by it."""
    if cycles == 1:
        return pieces
    if len(pieces) * cycles > MOST_ENTRIES:
        reader.wrong("E004", msg("procedure.too-many", limit=MOST_ENTRIES), _POINTS)
        return None
    for piece in pieces:
        if isinstance(piece.data, dict) and CYCLE in piece.data:
            message = msg("procedure.reserved-name", name=CYCLE)
            reader.wrong("E303", message, (*_POINTS, "cycles"), key=True)
            return None
    return [_of_cycle(piece, n) for n in range(1, cycles + 1) for piece in pieces]


def _of_cycle(piece: Piece, n: int) -> Piece:
    data: Any = piece.data
    if not isinstance(data, dict) or ("point",) not in piece.nodes:
        return piece
    named = piece.nodes["point",]
    name = f"{named.text}#{n}"
    nodes = piece.nodes | {
        ("point",): replace(named, text=name),
        (CYCLE,): replace(named, text=str(n)),
    }
    return replace(piece, data={**data, "point": name, CYCLE: n}, nodes=nodes)
