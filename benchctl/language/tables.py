"""Cells of CSV text and of XLSX sheets, each with its place; what they mean is for `batch`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from benchctl.core.messages import Message, msg
from benchctl.language.diagnostics import Diagnostics
from benchctl.language.files import decode_text
from benchctl.language.source import START, Source

if TYPE_CHECKING:
    from benchctl.language.worksheets import SheetCell

MOST_COLUMNS = 200
MOST_LINES = 20
"""Line ends of a row: CR LF are two, and a quoted cell may hold some."""
LARGEST_UNPACKED = 100_000_000
"""Bytes of all parts of a workbook together."""
EXCEL_DIGITS = 15

_SEPARATORS = ",;\t"
_OTHER_BREAKS = "\x85\u2028\u2029"
"""Characters that begin a line of the source and no row of the table."""
_AS_TEXT = re.compile('="(.*)"')  # how people keep Excel from eating leading zeros
_ERRORS = frozenset(
    ("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!")
)
"""What a spreadsheet shows where a formula went wrong."""
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class RawCell(NamedTuple):
    """A cell as written, without surrounding blanks; `problem` says why it cannot be read.

    A tuple, as a file may hold some hundred thousand of them.
    """

    text: str
    row: int
    column: int
    width: int = 1
    problem: Message | None = None
    hint: Message | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file that have anything in them, the header row first."""

    source: Source
    rows: tuple[tuple[RawCell, ...], ...]


def read_csv(data: bytes, name: str, diagnostics: Diagnostics, *, most_rows: int) -> Table | None:
    """Return the table of a CSV text, or None and a diagnostic."""
    if data.startswith(_OLD_EXCEL):
        old = msg("language.old-excel")
        diagnostics.error("E005", old, Source(name, ""), START, hint=msg("language.save-as-xlsx"))
        return None
    if data.count(b"\n") + data.count(b"\r") > most_rows * MOST_LINES:
        many = msg("language.too-many-rows", limit=most_rows)
        diagnostics.error("E004", many, Source(name, ""), START)
        return None
    source = decode_text(data, name, diagnostics, chinese=True)
    if source is None:
        return None
    try:
        return Table(source, tuple(_limited(_csv_rows(source), most_rows)))
    except _RefusedError as refused:
        span = source.span_at(refused.index)
        diagnostics.error("E004" if refused.large else "E405", refused.message, source, span)
        return None


def read_xlsx(data: bytes, name: str, diagnostics: Diagnostics, *, most_rows: int) -> Table | None:
    """Return the table of a workbook's first sheet, or None and a diagnostic."""
    source = Source(name, "")
    try:
        return Table(source, tuple(_limited(_xlsx_rows(data), most_rows)))
    except _RefusedError as refused:
        diagnostics.error("E004", refused.message, source, START)
    except Exception as error:  # noqa: BLE001 a damaged workbook raises anything
        damaged = msg("language.workbook-damaged", reason=f"{type(error).__name__}: {error}")
        diagnostics.error("E005", damaged, source, START, hint=msg("language.save-as-xlsx"))
    return None


class _RefusedError(Exception):
    def __init__(self, message: Message, index: int = 0, *, large: bool = True) -> None:
        super().__init__(message)
        self.message = message
        self.index = index
        self.large = large


def _limited(rows: Iterator[tuple[RawCell, ...]], most: int) -> Iterator[tuple[RawCell, ...]]:
    for number, row in enumerate(rows):
        if number > most:
            raise _RefusedError(msg("language.too-many-rows", limit=most))
        if len(row) > MOST_COLUMNS:
            raise _RefusedError(msg("language.too-many-columns", limit=MOST_COLUMNS))
        if any(cell.text or cell.problem for cell in row):
            yield row


# -- CSV ---------------------------------------------------------------------------------------


def _csv_rows(source: Source) -> Iterator[tuple[RawCell, ...]]:
    """Yield the records; a quoted cell may hold separators, line breaks and doubled quotes."""
    text = source.text
    separator, at = _separator(text)
    quoted, plain = _cell_patterns(separator)
    row: list[RawCell] = []
    quick = not any(character in text for character in _OTHER_BREAKS)
    line, first, beyond = source.line_at(at)
    while True:
        if at >= beyond:
            line, first, beyond = source.line_at(at)
        parts, behind, ended = _bare(text, at, beyond, separator) if quick else ([], at, False)
        if len(row) + len(parts) > MOST_COLUMNS:
            quick = False  # this row will be refused: once is enough to look for its end
        elif parts:
            row += _bare_cells(parts, line, at - first + 1)
            at = behind
            if ended:
                yield tuple(row)
                row = []
                if at >= len(text):
                    return
                continue
        may_be_quoted = text.startswith(('"', " "), at)
        match = (quoted.match(text, at) if may_be_quoted else None) or plain.match(text, at)
        if not match:
            raise _RefusedError(msg("language.quote-in-cell"), at, large=False)
        value = match[1].replace('""', '"') if match.re is quoted else match[1]
        written = text[at : match.start(2)]
        row.append(_csv_cell(written, line, at - first + 1, value.strip()))
        at = match.end()
        if match[2] != separator:
            yield tuple(row)
            row = []
            if at >= len(text):
                return
        elif len(row) > MOST_COLUMNS:
            raise _RefusedError(msg("language.too-many-columns", limit=MOST_COLUMNS), at)


def _cell_patterns(separator: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what a cell in quotes is, and one without, each with what ends it."""
    end = rf"(?:{separator}|\r\n|\r|\n|\Z)"
    quoted = re.compile(rf'[ ]*"([^"]*+(?:""[^"]*+)*+)"[ ]*({end})')
    return quoted, re.compile(rf'((?!")[^{separator}\r\n]*+)({end})')


def _bare(text: str, at: int, beyond: int, separator: str) -> tuple[list[str], int, bool]:
    """Return the cells from here that no quote is in, where they end, whether the row does too.

    There may be none, and no more than are too many. `beyond` is where the next line begins.
    """
    quote = text.find('"', at, beyond)
    if quote < 0:
        line = text[at:beyond].rstrip("\r\n")
        return line.split(separator, MOST_COLUMNS), min(beyond, len(text)), True
    last = text.rfind(separator, at, quote)
    if last < 0:
        return [], at, False
    return text[at:last].split(separator, MOST_COLUMNS), last + 1, False


def _bare_cells(parts: list[str], line: int, column: int) -> Iterator[RawCell]:
    """Yield the cells of a piece of a line without quotes: as one by one, and quicker."""
    for part in parts:
        if part[:1].isspace() or part[-1:].isspace() or part.startswith(("=", "#")):
            yield _csv_cell(part, line, column, part.strip())
        else:
            yield RawCell(part, line, column, len(part))
        column += len(part) + 1


def _separator(text: str) -> tuple[str, int]:
    """Return the separator, and where the table begins: after `sep=;`, which Excel understands."""
    told = re.match(r"sep=([,;\t])(?:\r\n|\r|\n)", text)
    if told:
        return told[1], told.end()
    header = re.match(r"\s*([^\r\n]*)", text)
    bare = re.sub('"[^"]*"', "", header[1]) if header else ""
    return max(_SEPARATORS, key=bare.count), 0


def _csv_cell(written: str, line: int, column: int, value: str) -> RawCell:
    width = len(written.rstrip() if "\n" not in written else written.split("\n")[0].rstrip())
    first = value[:1]
    if first not in ("=", "#"):
        return RawCell(value, line, column, width)
    literal = _AS_TEXT.fullmatch(value)
    problem = msg("language.cell-error", text=value) if value.upper() in _ERRORS else None
    return RawCell(literal[1] if literal else value, line, column, width, problem)


# -- XLSX --------------------------------------------------------------------------------------


def _xlsx_rows(data: bytes) -> Iterator[tuple[RawCell, ...]]:
    """Yield the rows of the first sheet; all are as wide as the first that has anything in it."""
    import io
    import zipfile

    from benchctl.language.worksheets import sheet_rows

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(part.file_size for part in archive.infolist()) > LARGEST_UNPACKED:
            raise _RefusedError(
                msg("language.file-too-large", limit=f"{LARGEST_UNPACKED / 1e6:g} MB")
            )
    width = 0
    for number, row in sheet_rows(data):
        cells: list[RawCell] = []
        for cell in row:
            column = cell.column
            made = _xlsx_cell(cell, number, column)
            if made is None:
                continue
            if column > MOST_COLUMNS:
                raise _RefusedError(msg("language.too-many-columns", limit=MOST_COLUMNS))
            if column > len(cells) + 1:
                cells += [RawCell("", number, n) for n in range(len(cells) + 1, column)]
            cells.append(made)
        width = width or len(cells)
        if len(cells) < width:
            cells += [RawCell("", number, n) for n in range(len(cells) + 1, width + 1)]
        yield tuple(cells)


def _xlsx_cell(cell: SheetCell, row: int, column: int) -> RawCell | None:
    """Return the cell as the sheet shows it, None where it shows nothing."""
    value = cell.value
    if isinstance(value, str) and not cell.error:
        text = value.strip()
        if text[:1] != "#" or text.upper() not in _ERRORS:
            return RawCell(text, row, column) if text else None
    return _other_cell(cell, row)


def _other_cell(cell: SheetCell, row: int) -> RawCell:
    """Return the cell of what is no text, with leading zeros where its format has them."""
    from benchctl.language.worksheets import column_name

    value, column = cell.value, cell.column
    coordinate = f"{column_name(column)}{row}"
    if value is None:
        missing = msg("language.formula-without-value", cell=coordinate)
        hint = msg("language.values-not-formulas")
        return RawCell("", row, column, problem=missing, hint=hint)
    if cell.error or isinstance(value, str):
        shown = msg("language.cell-error-in", text=str(value), cell=coordinate)
        return RawCell(str(value), row, column, problem=shown)
    if isinstance(value, bool):
        return RawCell(str(value).lower(), row, column)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        zeros = cell.format if re.fullmatch("0+", cell.format) else ""
        digits = str(value).zfill(len(zeros))
        lost = msg("language.excel-digits", digits=EXCEL_DIGITS)
        problem = lost if len(digits.lstrip("-0")) > EXCEL_DIGITS else None
        return RawCell(digits, row, column, problem=problem)
    if hasattr(value, "isoformat"):  # a date, with a time of day where there is one
        return RawCell(value.isoformat().removesuffix("T00:00:00"), row, column)
    return RawCell(str(value), row, column)
