"""Tables as an XLSX workbook whose bytes depend on the tables alone.

openpyxl writes the present time into a workbook and into the archive around it; both are made
those of the first day that a ZIP archive knows.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchctl.exchange.views import ResultTable

_DAY = (1980, 1, 1, 0, 0, 0)
_TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_WIDEST = 40
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def workbook(tables: Iterable[ResultTable]) -> bytes:
    """Return a workbook with one sheet for each table, all cells text."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.title)
        sheet.freeze_panes = "A2"
        columns = zip(*((table.headers, *table.rows)), strict=True)
        for n, cells in enumerate(columns, 1):
            width = max(sum(2 if ord(c) > 0xFF else 1 for c in cell) for cell in cells)
            sheet.column_dimensions[get_column_letter(n)].width = min(_WIDEST, width + 2)
        sheet.append([_text(sheet, header, Font(bold=True)) for header in table.headers])
        for row in table.rows:
            sheet.append([_text(sheet, cell) for cell in row])
    data = io.BytesIO()
    book.save(data)
    return _timeless(data.getvalue())


def _text(sheet: Any, value: str, font: Any = None) -> Any:
    """Return a cell of text: never a formula, a number or a date."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet)
    cell.value = _UNPRINTABLE.sub("\ufffd", value) or None
    if value:
        cell.data_type = "s"
    cell.number_format = "@"
    if font is not None:
        cell.font = font
    return cell


def _timeless(data: bytes) -> bytes:
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in sorted(source.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            part = source.read(name)
            if name == "docProps/core.xml":
                part = _TIMES.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", part)
            entry = zipfile.ZipInfo(name, _DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, part)
    return made.getvalue()
