"""Result records as tables: CSV files and XLSX workbooks, views of the JSON.

    tables = tables_of(found.certificates, "zh")
    csv_files(tables, Path("results.csv"))       # results.csv, results-points.csv ...
    workbook(tables)                             # bytes, the same for the same tables

Every cell is text. What a spreadsheet would run is made harmless: by an apostrophe in CSV, by the
type of the cell in XLSX, where it is no formula then.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchctl.exchange.fields import FIELDS
from benchctl.exchange.guard import harmless
from benchctl.exchange.mapping import ColumnMapping
from benchctl.exchange.result_fields import CHILDREN, RESULT_FIELDS, SHEETS, ResultField
from benchctl.exchange.values import checked

JSON = Mapping[str, Any]
_YES, _NO = "是", "否"
_NUMBER = ResultField("cert_no", "证书编号")


@dataclass(frozen=True, slots=True)
class ResultTable:
    """A table: what it is called, its header row, its rows."""

    name: str
    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables_of(certificates: Sequence[JSON], language: str = "zh") -> list[ResultTable]:
    """Return the certificates and the lists below them, one table each.

    Headers are Chinese, or the fields' names where `language` is another one.
    """
    fields = tuple(RESULT_FIELDS.values())
    rows = tuple(tuple(_cell(c[f.name]) for f in fields) for c in certificates)
    tables = [ResultTable("certificates", "", _headers(fields, language), rows)]
    for name, own in CHILDREN.items():
        below = tuple(
            (str(c["cert_no"]), *(_cell(entry[f.name]) for f in own))
            for c in certificates
            for entry in c[name]
        )
        tables.append(ResultTable(name, "", _headers((_NUMBER, *own), language), below))
    return [
        ResultTable(t.name, SHEETS[t.name] if language == "zh" else t.name, t.headers, t.rows)
        for t in tables
    ]


def mapped_table(certificates: Sequence[JSON], mapping: ColumnMapping) -> ResultTable:
    """Return one table with the columns of a mapping, under its headers and in its words.

    Specimens of simulated runs are marked in it, whatever the mapping asks for.
    """
    columns = {name: headers[0] for name, headers in mapping.columns.items()}
    tells = columns.keys() & {"cert_no", "specimen"}
    if not tells and any(c["specimen"] for c in certificates):
        columns = {"specimen": RESULT_FIELDS["specimen"].zh, **columns}
    rows = tuple(tuple(_mapped(c, name, mapping) for name in columns) for c in certificates)
    return ResultTable("certificates", mapping.name, tuple(columns.values()), rows)


def csv_files(tables: Iterable[ResultTable], path: Path) -> dict[Path, bytes]:
    """Return the files of tables: the first under the path's name, others beside it.

    UTF-8 with a byte order mark, by which spreadsheets know it, and CR LF (RFC 4180).
    """
    files = {}
    for n, table in enumerate(tables):
        name = path if n == 0 else path.with_name(f"{path.stem}-{table.name}{path.suffix}")
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([harmless(header) for header in table.headers])
        writer.writerows([[harmless(cell) for cell in row] for row in table.rows])
        files[name] = text.getvalue().encode("utf-8-sig")
    return files


def _headers(fields: Iterable[ResultField], language: str) -> tuple[str, ...]:
    return tuple(f.zh if language == "zh" else f.name for f in fields)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return _YES if value else _NO
    return "" if value is None else str(value)


def _mapped(certificate: JSON, name: str, mapping: ColumnMapping) -> str:
    text = _cell(certificate[name])
    if name in FIELDS and text:
        kept, wrong = checked(FIELDS[name].kind, text)
        own = text if wrong is not None else kept
        worded = mapping.written(name, own)
        return text if worded == own else worded
    return mapping.written(name, text)
