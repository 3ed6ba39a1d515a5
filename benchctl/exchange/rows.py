"""The rows of a table as fields of work orders: headers, required fields, values of cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest, folded
from benchctl.exchange.fields import FIELDS, Field, field_named
from benchctl.exchange.guard import is_formula
from benchctl.exchange.lines import OrderLine
from benchctl.exchange.mapping import ColumnMapping
from benchctl.exchange.values import checked
from benchctl.language import Diagnostics, Source, Span
from benchctl.language.source import START, short
from benchctl.language.tables import RawCell, Table

_NOTHING = frozenset(("", "/", "-", "--", "—", "——", "－", "／"))
"""What people write in a cell that says nothing."""
_ALIKE = 0.75


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the header as written, where it stands, the field that it means.

    Most texts come again and again: `good` is what those are kept as that were checked and found
    right, None for one that says nothing.
    """

    header: str
    cell: RawCell
    means: Field | None
    good: dict[str, str | None] = field(default_factory=dict)


@dataclass(slots=True)
class Row:
    """A row: the values of its fields as they are kept, the cells that they came from.

    `places` are the columns of all rows by field: their number and header.
    """

    number: int
    raw: tuple[RawCell, ...]
    places: Mapping[str, tuple[int, str]]
    values: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)

    def line(self) -> OrderLine:
        """Return it as a line of an order."""
        return OrderLine(self.values, self.extra, self.number)

    def cell(self, name: str) -> RawCell | None:
        """Return the cell of a field, None where the row has none."""
        n, _ = self.places.get(name, (len(self.raw), ""))
        return self.raw[n] if n < len(self.raw) else None

    def span(self, name: str) -> Span:
        """Return where a field stands, the row's beginning where it does not."""
        return span_of(self.cell(name) or self.raw[0])

    def header(self, name: str) -> str:
        """Return what the file calls a field."""
        return self.places[name][1] if name in self.places else FIELDS[name].zh


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file; `kept` are the headers of columns that mean no field."""

    source: Source
    rows: tuple[Row, ...]
    kept: tuple[str, ...]


def span_of(cell: RawCell) -> Span:
    """Return where a cell stands."""
    return Span.at(cell.row, cell.column, max(1, cell.width))


def read_rows(
    table: Table, diagnostics: Diagnostics, mapping: ColumnMapping, given: Mapping[str, str]
) -> Rows:
    """Return the rows of a table; what is wrong in headers and cells is in the diagnostics."""
    reader = _Reader(table, diagnostics, mapping, given)
    columns = reader.columns()
    reader.places = {
        column.means.name: (n, column.header)
        for n, column in reversed(list(enumerate(columns)))
        if column is not None and column.means is not None
    }
    rows = tuple(reader.row(cells, columns) for cells in table.rows[1:])
    if not rows:
        diagnostics.error("E401", msg("exchange.no-rows"), table.source, START)
    kept = tuple(c.header for c in columns if c is not None and c.means is None)
    return Rows(table.source, rows, kept)


class _Reader:
    def __init__(
        self,
        table: Table,
        diagnostics: Diagnostics,
        mapping: ColumnMapping,
        given: Mapping[str, str],
    ) -> None:
        self.table = table
        self.diagnostics = diagnostics
        self.mapping = mapping
        self.mapped = mapping.by_header()
        self.skip = {folded(header) for header in mapping.skip}
        self.given = self.checked_given(given)
        self.places: dict[str, tuple[int, str]] = {}

    def checked_given(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return what holds for all lines, as it is kept."""
        found = {}
        for name, text in given.items():
            if name in FIELDS:
                value, problem = checked(FIELDS[name].kind, text.strip())
                if problem is not None:
                    wrong = msg("exchange.given-wrong", field=name, problem=problem)
                    self.error("E405", wrong, START)
                found[name] = value
        return found

    # headers ----------------------------------------------------------------------------------

    def columns(self) -> list[Column | None]:
        """Return the column of each header, None for one that is not kept."""
        found: dict[str, Column] = {}
        columns: list[Column | None] = []
        for cell in self.table.rows[0]:
            column = self.column(cell)
            columns.append(column)
            if column is None:
                continue
            name = column.means.name if column.means else folded(column.header)
            if name in found:
                also = (span_of(found[name].cell), msg("language.first-used-here"))
                twice = msg("exchange.column-twice", header=column.header, field=name)
                self.error("E401", twice, span_of(cell), also=also)
            found.setdefault(name, column)
        self.require(found)
        return columns

    def column(self, cell: RawCell) -> Column | None:
        header = " ".join(cell.text.split())
        if cell.problem:
            self.error("E405", cell.problem, span_of(cell), cell.hint)
        if not header or folded(header) in self.skip:
            return None
        if is_formula(header):
            self.error("E405", msg("exchange.formula", header=short(header)), span_of(cell))
        if folded(header) in self.mapped:
            return Column(header, cell, FIELDS.get(self.mapped[folded(header)]))
        return Column(header, cell, field_named(header.rstrip("*＊ ")))

    def require(self, found: Mapping[str, Column]) -> None:
        """Report fields that no column gives, with the column that was probably meant."""
        free = [c.header for c in found.values() if c.means is None]
        for name, wanted in FIELDS.items():
            if name in found or name in self.given:
                continue
            near = _nearest(wanted, free)
            hint = msg("exchange.is-it", header=near) if near else None
            if wanted.required:
                span = span_of(self.table.rows[0][0])
                missing = msg("exchange.no-column", header=wanted.zh, field=name)
                self.error("E401", missing, span, hint)
            elif near:
                doubt = msg("exchange.column-near", header=near, field=name)
                span = span_of(next(c.cell for c in found.values() if c.header == near))
                self.diagnostics.warning("E401", doubt, self.table.source, span)

    # cells ------------------------------------------------------------------------------------

    def row(self, cells: tuple[RawCell, ...], columns: list[Column | None]) -> Row:
        row = Row(cells[0].row, cells, self.places)
        beyond = [c for c in cells[len(columns) :] if c.text]
        if beyond or len(cells) < len(columns):
            ragged = msg("language.ragged-row", cells=len(cells), headers=len(columns))
            self.error("E402", ragged, span_of(beyond[0] if beyond else cells[-1]))
            return row  # its cells may stand under other headers than theirs
        heads = self.table.rows[0]
        for column, head, cell in zip(columns, heads, cells, strict=False):
            if column is not None:
                if cell.problem is None and cell.text in column.good:
                    value = column.good[cell.text]
                    if value is not None and column.means is not None:
                        row.values[column.means.name] = value
                else:
                    self.cell(row, column, cell)
            elif cell.text and not head.text:
                self.error("E402", msg("language.cell-without-header"), span_of(cell))
        for name, value in self.given.items():
            row.values.setdefault(name, value)
        self.require_values(row, columns, len(cells))
        return row

    def cell(self, row: Row, column: Column, cell: RawCell) -> None:
        text = cell.text
        if cell.problem:
            self.error("E405", cell.problem, span_of(cell), cell.hint)
            return
        if is_formula(text):
            wrong = msg("exchange.formula", header=column.header)
            self.error("E405", wrong, span_of(cell), msg("exchange.formula-hint"))
            return
        if column.means is None:
            if text:
                row.extra[column.header] = text
            return
        if text in _NOTHING:
            column.good[text] = None
            return
        value, problem = checked(column.means.kind, self.mapping.read(column.means.name, text))
        if problem is None:
            row.values[column.means.name] = column.good[text] = value
        else:
            wrong = msg("exchange.cell-wrong", header=column.header, problem=problem)
            self.error(_code_of(column.means), wrong, span_of(cell))

    def require_values(self, row: Row, columns: list[Column | None], width: int) -> None:
        """Report cells of required fields that say nothing, where there is such a column."""
        for column in columns[:width]:
            of = column.means if column is not None else None
            if of is None or not of.required or of.name in row.values:
                continue
            cell = row.cell(of.name)
            assert cell is not None
            if cell.text in _NOTHING and not cell.problem:
                assert column is not None
                missing = msg("exchange.cell-missing", header=column.header, field=of.name)
                self.error(_code_of(of), missing, span_of(cell))

    def error(
        self,
        code: str,
        message: Message,
        span: Span,
        hint: Message | None = None,
        also: tuple[Span, Message] | None = None,
    ) -> None:
        self.diagnostics.error(code, message, self.table.source, span, hint=hint, also=also)


def _code_of(of: Field) -> str:
    return "E403" if of.kind == "serial" else "E405"


def _nearest(wanted: Field, headers: list[str]) -> str | None:
    """Return the header that was probably meant."""
    names = [folded(name) for name in wanted.headers]
    for header in headers:
        if closest(folded(header), names, alike=_ALIKE):
            return header
    return None
