"""Batch files: one row per unit under test, from CSV or XLSX, with a place for every cell.

    batch = read_batch(Path("monday.csv"), diagnostics)
    batch.rows[0].cells["serial"].text          # "0012345", as written
    batch.span(batch.rows[0].cells["Q3"])       # for a diagnostic about that cell

`serial` is required, `position` is checked where there is one; every other column is kept. Chinese
headers (表号, 表位 ...) are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest, folded
from benchctl.language.diagnostics import Diagnostics
from benchctl.language.files import read_bytes
from benchctl.language.quantities import PLAIN_FORMS
from benchctl.language.source import START, Source, Span, short
from benchctl.language.tables import RawCell, Table, read_csv, read_xlsx

LARGEST = 10_000_000
"""Bytes of a file."""
MOST_ROWS = 10_000

SERIAL, POSITION = "serial", "position"
_KNOWN_HEADERS: Mapping[str, str] = {
    **dict.fromkeys(("serial", "serialnumber", "serialno", "serialno.", "sn", "s/n"), SERIAL),
    **dict.fromkeys(("序列号", "表号", "编号", "出厂编号", "器号"), SERIAL),
    **dict.fromkeys(("position", "pos", "pos.", "表位", "位置", "表位号", "工位"), POSITION),
}
"""By the folded header."""
_ALIKE = 0.75
_FORMS = str.maketrans(PLAIN_FORMS)
_MANGLED = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as written; `row` and `column` count from 1.

    In a CSV file they are the line and the character where the cell begins, in XLSX the row and the
    column of the sheet.
    """

    text: str
    row: int
    column: int
    header: str
    width: int = 1
    good: bool = True
    """Whether the cell could be read; one that could not has been told."""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One unit under test; `row` is its line in the file, `cells` are by header."""

    row: int
    cells: Mapping[str, Cell]

    @property
    def serial(self) -> str:
        """The serial number as written; "" where it is missing."""
        cell = self.cells.get(SERIAL)
        return cell.text if cell else ""

    @property
    def position(self) -> int | None:
        """The place on the bench, from 1; None where the batch does not say, or says nonsense."""
        cell = self.cells.get(POSITION)
        return int(cell.text) if cell and _is_position(cell.text) else None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch file that was read; headers in the order of the file, `serial` spelt so."""

    source: Source
    headers: tuple[str, ...]
    rows: tuple[BatchRow, ...]
    places: Mapping[str, Span] = field(default_factory=dict)
    """Where each header stands."""
    known: frozenset[str] = frozenset()
    """Headers whose meaning is certain: nobody misspelt a parameter there."""

    @property
    def source_name(self) -> str:
        """The file as the person typed it."""
        return self.source.name

    def span(self, cell: Cell) -> Span:
        """Return where the cell stands, for a diagnostic."""
        return Span.at(cell.row, cell.column, cell.width)


def read_batch(path: Path, diagnostics: Diagnostics, *, wrong_too: bool = False) -> Batch | None:
    """Return the batch, or None and a diagnostic for everything that is wrong in the file.

    CSV with `,`, `;` or tabs in UTF-8, UTF-16 or GB18030, or the first sheet of an XLSX workbook.
    With `wrong_too` a table with mistakes is returned as well, so that whoever knows what the
    columns mean finds the mistakes of the cells in the same go.
    """
    data = read_bytes(path, LARGEST, diagnostics)
    if data is None:
        return None
    return parse_batch(data, str(path), diagnostics, wrong_too=wrong_too)


def parse_batch(
    data: bytes,
    name: str,
    diagnostics: Diagnostics,
    *,
    wrong_too: bool = False,
    known: frozenset[str] = frozenset(),
) -> Batch | None:
    """Return the batch in the bytes of a file; see `read_batch`.

    `known` are headers whose meaning is certain, as where a program made the table.
    """
    before = len(diagnostics)
    read = read_xlsx if data.startswith(b"PK\x03\x04") else read_csv
    table = read(data, name, diagnostics, most_rows=MOST_ROWS)
    if table is None:
        return None
    batch = _Reader(table, diagnostics, known).read()
    return batch if wrong_too or len(diagnostics) == before else None


def _is_position(text: str) -> bool:
    return bool(re.fullmatch("[0-9]{1,4}", text)) and int(text) > 0


class _Reader:
    """Checks a table and names its columns."""

    def __init__(
        self, table: Table, diagnostics: Diagnostics, known: frozenset[str] = frozenset()
    ) -> None:
        self.table = table
        self.diagnostics = diagnostics
        self.known = known

    def read(self) -> Batch | None:
        if not self.table.rows:
            self.error("E401", msg("language.batch-empty"), START, msg("language.batch-example"))
            return None
        headers = self.headers(self.table.rows[0])
        rows = [self.row(raw, headers) for raw in self.table.rows[1:]]
        if not rows:
            self.error("E401", msg("language.batch-no-rows"), START)
        if SERIAL in headers:
            self.check_serials(rows)
        self.check_positions(rows)
        names = tuple(header for header in headers if header)
        cells = zip(headers, self.table.rows[0], strict=True)
        places = {header: _span(cell) for header, cell in cells if header}
        return Batch(self.table.source, names, tuple(rows), places, self.known)

    def headers(self, cells: tuple[RawCell, ...]) -> list[str]:
        """Return the name of each column, "" for a column without a header."""
        found: dict[str, RawCell] = {}
        names: list[str] = []
        for cell in cells:
            plain = " ".join(cell.text.translate(_FORMS).split())
            name = _KNOWN_HEADERS.get(folded(plain), plain)
            names.append(name)
            if cell.problem:
                self.error("E405", cell.problem, _span(cell), cell.hint)
            if name in found:
                also = (_span(found[name]), msg("language.first-used-here"))
                twice = msg("language.header-twice", header=short(name))
                self.error("E401", twice, _span(cell), also=also)
            elif name:
                found[name] = cell
        if SERIAL not in found:
            likely = closest(SERIAL, (n for n in names if n))
            hint = msg("language.is-it-serial", header=likely) if likely else None
            example = hint or msg("language.batch-example")
            self.error("E401", msg("language.no-serial-column"), _span(cells[0]), example)
        if POSITION not in found:
            self.near_position(found)
        return names

    def near_position(self, found: Mapping[str, RawCell]) -> None:
        """Report a column that is probably the position: passed over, units would be elsewhere."""
        known = [header for header, name in _KNOWN_HEADERS.items() if name == POSITION]
        for header, cell in found.items():
            if header == SERIAL or header in self.known:
                continue
            if closest(folded(header), known, alike=_ALIKE):
                message = msg("language.column-near", header=short(header))
                hint = msg("language.rename-column", name=POSITION)
                self.error("E401", message, _span(cell), hint)

    def row(self, raw: tuple[RawCell, ...], headers: list[str]) -> BatchRow:
        cells: dict[str, Cell] = {}
        extra = [c for c in raw[len(headers) :] if c.text]
        if extra or len(raw) < len(headers):
            message = msg("language.ragged-row", cells=len(raw), headers=len(headers))
            self.error("E402", message, _span(extra[0] if extra else raw[-1]))
        for header, cell in zip(headers, raw, strict=False):
            if cell.problem:
                self.error("E405", cell.problem, _span(cell), cell.hint)
            if header:
                good = not cell.problem
                made = Cell(cell.text, cell.row, cell.column, header, cell.width, good)
                cells.setdefault(header, made)
            elif cell.text:
                self.error("E402", msg("language.cell-without-header"), _span(cell))
        return BatchRow(raw[0].row, cells)

    def check_serials(self, rows: Iterable[BatchRow]) -> None:
        seen: dict[str, Cell] = {}
        for row in rows:
            cell = row.cells.get(SERIAL)
            if cell is None or not cell.good:  # told already
                continue
            if not cell.text:
                self.error("E403", msg("language.serial-missing"), _span(cell))
            elif not all(c.isprintable() or c == "\u3000" for c in cell.text):
                message = msg("language.serial-unprintable", serial=ascii(cell.text))
                self.error("E403", message, _span(cell))
            elif _MANGLED.fullmatch(cell.text):
                mangled = msg("language.serial-mangled", serial=cell.text)
                self.error("E403", mangled, _span(cell), msg("language.column-as-text"))
            elif cell.text in seen:
                also = (_span(seen[cell.text]), msg("language.first-used-here"))
                twice = msg("language.serial-twice", serial=short(cell.text))
                self.error("E403", twice, _span(cell), also=also)
            else:
                seen[cell.text] = cell

    def check_positions(self, rows: Iterable[BatchRow]) -> None:
        seen: dict[int, Cell] = {}
        for row in rows:
            cell = row.cells.get(POSITION)
            if cell is None or not cell.text:
                continue
            if not cell.good:
                continue
            if not _is_position(cell.text):
                wrong = msg("language.position-wrong", position=short(cell.text))
                self.error("E404", wrong, _span(cell))
                continue
            position = int(cell.text)
            if position in seen:
                also = (_span(seen[position]), msg("language.first-used-here"))
                twice = msg("language.position-twice", position=position)
                self.error("E404", twice, _span(cell), also=also)
            seen.setdefault(position, cell)

    def error(
        self,
        code: str,
        message: Message,
        span: Span,
        hint: Message | None = None,
        also: tuple[Span, Message] | None = None,
    ) -> None:
        self.diagnostics.error(code, message, self.table.source, span, hint=hint, also=also)


def _span(cell: RawCell | Cell) -> Span:
    return Span.at(cell.row, cell.column, max(1, cell.width))
