"""Work orders from a file: CSV, XLSX or JSON, Chinese or English headers, every mistake in one go.

    found = read_orders(Path("orders.csv"), diagnostics)
    found.lines[0].fields["serial_no"]          # "0012345", as written

A file with one mistake gives nothing. Columns that mean no field of ours are kept as they stand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from benchctl.core.messages import msg
from benchctl.core.objects import many_objects
from benchctl.exchange.json_quick import quick_table
from benchctl.exchange.json_table import read_json
from benchctl.exchange.line_checks import check_lines
from benchctl.exchange.lines import OrderLine
from benchctl.exchange.mapping import NO_MAPPING, ColumnMapping
from benchctl.exchange.rows import read_rows
from benchctl.language import Diagnostics
from benchctl.language.files import decode_text, read_bytes
from benchctl.language.source import START
from benchctl.language.tables import Table, read_csv, read_xlsx

LARGEST = 64_000_000
"""Bytes of a file."""
MOST_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class OrderFile:
    """What a file of work orders holds; `kept` are headers of columns that mean nothing to us."""

    name: str
    sha256: str
    lines: tuple[OrderLine, ...]
    kept: tuple[str, ...] = ()

    @property
    def orders(self) -> tuple[str, ...]:
        """The orders in it, in the order in which they appear."""
        return tuple(dict.fromkeys(line.order for line in self.lines))


@many_objects()
def read_orders(
    path: Path,
    diagnostics: Diagnostics,
    *,
    mapping: ColumnMapping = NO_MAPPING,
    given: Mapping[str, str] | None = None,
) -> OrderFile | None:
    """Return the work orders of a file, or None and a diagnostic for everything that is wrong.

    Args:
        path: CSV, XLSX or JSON; UTF-8, UTF-16 or GB18030.
        diagnostics: takes what is wrong, at its row and column.
        mapping: what the file calls our fields, beside the names that are known.
        given: what fields say where the file says nothing, before the mapping's constants.
    """
    data = read_bytes(path, LARGEST, diagnostics)
    if data is None:
        return None
    name, constants = str(path), {**mapping.constants, **(given or {})}
    digest = hashlib.sha256(data).hexdigest()

    def rows_of(table: Table, told: Diagnostics) -> OrderFile | None:
        rows = read_rows(table, told, mapping, constants)
        check_lines(rows, told)
        if told.failed:
            return None
        return OrderFile(path.name, digest, tuple(row.line() for row in rows.rows), rows.kept)

    if not _is_json(data, name):
        read = read_xlsx if data.startswith(b"PK\x03\x04") else read_csv
        table = read(data, name, diagnostics, most_rows=MOST_ROWS)
        return rows_of(table, diagnostics) if _has_rows(table, diagnostics) else None
    source = decode_text(data, name, diagnostics, chinese=True)
    if source is None:
        return None
    quick, unplaced = quick_table(source), Diagnostics()
    found = None if quick is None else rows_of(quick, unplaced)
    if found is not None and not len(unplaced):
        return found
    table = read_json(source, diagnostics)  # again, for the places of what is wrong
    return rows_of(table, diagnostics) if _has_rows(table, diagnostics) else None


def _has_rows(table: Table | None, diagnostics: Diagnostics) -> TypeGuard[Table]:
    if table is not None and not table.rows:
        diagnostics.error("E401", msg("exchange.file-empty"), table.source, START)
    return table is not None and bool(table.rows)


def _is_json(data: bytes, name: str) -> bool:
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return start in (b"{", b"[") or name.lower().endswith(".json")
