"""What a procedure makes of a batch: which column is which parameter, and whether the cells fit.

    units = check_batch(batch, procedure, diagnostics)

A column that names a parameter gives it, whatever the case, blanks, hyphens and underscores of its
header, or under a header that the procedure declares (`also`); the header or the cell may have a
unit. A header that is nearly a parameter is a mistake: passed over, the default would be judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchctl.core.messages import msg
from benchctl.core.suggest import closest, folded
from benchctl.language import Batch, BatchRow, Cell, Diagnostics
from benchctl.procedure.evaluate import Trouble
from benchctl.procedure.parameters import ParameterError, Value, shown_value, value_of
from benchctl.procedure.procedure import Procedure
from benchctl.procedure.resolve import place_words, resolve

_OWN_HEADERS = ("serial", "position")
_WITH_UNIT = re.compile(r"(?P<name>\S.*?)\s*[(\[（](?P<unit>[^()\[\]（）]+)[)\]）]")
_ALIKE = 0.75


@dataclass(frozen=True, slots=True)
class BatchUnit:
    """A row of a batch: a unit under test, its parameters as text, and what else stands there."""

    serial: str
    position: int
    parameters: Mapping[str, str]
    extra: Mapping[str, str]
    row: BatchRow


def check_batch(batch: Batch, procedure: Procedure, diagnostics: Diagnostics) -> list[BatchUnit]:
    """Return the units of a batch; parameters that do not fit are reported with row and column.

    A row without a position takes the first that is free. An empty cell under a parameter is a
    mistake: nobody can tell whether the default was meant.
    """
    columns = _columns(batch, procedure, diagnostics)
    free = _free_positions(batch)
    trials: dict[tuple[Value, ...], Trouble | None] = {}
    _report_empty(batch, columns, procedure, diagnostics)
    units = []
    for row in batch.rows:
        parameters = _parameters(batch, row, columns, procedure, diagnostics)
        if parameters is not None:
            _check_together(batch, row, procedure, parameters, trials, diagnostics)
        texts = {
            name: _text(row.cells[header], suffix)
            for header, (name, suffix) in columns.items()
            if header in row.cells and row.cells[header].text.strip()
        }
        others = {
            header: cell.text
            for header, cell in row.cells.items()
            if header not in columns and header not in _OWN_HEADERS
        }
        units.append(BatchUnit(row.serial, row.position or next(free), texts, others, row))
    _check_same(batch, columns, procedure, diagnostics)
    return units


def _check_same(
    batch: Batch,
    columns: Mapping[str, tuple[str, str]],
    procedure: Procedure,
    diagnostics: Diagnostics,
) -> None:
    """Report each row in which a parameter differs that all units must have alike."""
    for header, (name, suffix) in columns.items():
        parameter = procedure.parameters[name]
        if not parameter.same:
            continue
        first: tuple[Value, Cell] | None = None
        for row in batch.rows:
            cell = row.cells.get(header)
            if cell is None or not cell.good or not cell.text.strip():
                continue
            try:
                value = value_of(parameter, _text(cell, suffix))
            except ParameterError:
                continue  # told already
            first = first or (value, cell)
            if value != first[0]:
                message = msg(
                    "procedure.not-the-same",
                    name=name,
                    value=shown_value(parameter, value),
                    first=shown_value(parameter, first[0]),
                )
                also = (batch.span(first[1]), msg("procedure.first-here"))
                diagnostics.error("E405", message, batch.source, batch.span(cell), also=also)


def _columns(
    batch: Batch, procedure: Procedure, diagnostics: Diagnostics
) -> dict[str, tuple[str, str]]:
    """Return parameter and unit ("" where the header has none) of each header that names one."""
    columns: dict[str, tuple[str, str]] = {}
    taken: dict[str, str] = {}
    for header in batch.headers:
        if header in _OWN_HEADERS:
            continue
        text, suffix, name = header, "", _named(header, procedure)
        if name is None and (found := _WITH_UNIT.fullmatch(header)):
            text, suffix = found["name"], found["unit"]
            name = _named(text, procedure)
        if name is None:
            if header not in batch.known:
                _report_near_miss(batch, header, text, procedure, diagnostics)
        elif name in taken:
            message = msg("procedure.column-twice", name=name, other=taken[name])
            diagnostics.error("E401", message, batch.source, batch.places[header])
        else:
            columns[header] = (name, suffix)
            taken[name] = header
    return columns


def _named(header: str, procedure: Procedure) -> str | None:
    """Return the parameter that a header names, None where it names none, or not just one."""
    if header in procedure.parameters:
        return header
    meant = [
        name
        for name, parameter in procedure.parameters.items()
        if folded(header) in map(folded, (name, *parameter.also))
    ]
    return meant[0] if len(meant) == 1 else None


def _report_near_miss(
    batch: Batch, header: str, text: str, procedure: Procedure, diagnostics: Diagnostics
) -> None:
    """Report a column that is probably a parameter: to ignore it would apply a wrong default."""
    names = {
        folded(known): name
        for name, parameter in procedure.parameters.items()
        for known in (name, *parameter.also)
    }
    near = closest(folded(text), names, alike=_ALIKE)
    if near:
        hint = msg("procedure.rename-column", name=names[near])
        message = msg("procedure.column-near", header=header)
        diagnostics.error("E401", message, batch.source, batch.places[header], hint=hint)


def _report_empty(
    batch: Batch,
    columns: Mapping[str, tuple[str, str]],
    procedure: Procedure,
    diagnostics: Diagnostics,
) -> None:
    """Report cells of parameters that say nothing; a column without any value once."""
    for header, (name, _) in columns.items():
        cells = [row.cells[header] for row in batch.rows if header in row.cells]
        empty = [cell for cell in cells if cell.good and not cell.text.strip()]
        default = procedure.parameters[name].default
        hint = msg("procedure.cell-empty-needed")
        if default is not None:
            shown = shown_value(procedure.parameters[name], default)
            hint = msg("procedure.cell-empty-hint", default=shown)
        if empty and len(empty) == len(cells):
            message = msg("procedure.column-empty", name=name)
            diagnostics.error("E405", message, batch.source, batch.places[header], hint=hint)
            continue
        for cell in empty:
            message = msg("procedure.cell-empty", name=name)
            diagnostics.error("E405", message, batch.source, batch.span(cell), hint=hint)


def _free_positions(batch: Batch) -> Iterator[int]:
    """Yield the positions that no row takes, from 1."""
    taken = {row.position for row in batch.rows if row.position}
    return (n for n in range(1, len(batch.rows) + len(taken) + 1) if n not in taken)


def _text(cell: Cell, suffix: str) -> str:
    """Return a cell's text, with the unit of its header where it is a bare number."""
    text = cell.text.strip()
    bare = suffix and text[-1:].isdigit()
    return f"{text} {suffix}" if bare else text


def _parameters(
    batch: Batch,
    row: BatchRow,
    columns: Mapping[str, tuple[str, str]],
    procedure: Procedure,
    diagnostics: Diagnostics,
) -> dict[str, Value] | None:
    """Return the parameters of a row with the defaults, None where some are wrong or missing."""
    values: dict[str, Value] = {
        name: parameter.default
        for name, parameter in procedure.parameters.items()
        if parameter.default is not None
    }
    good = True
    for header, (name, suffix) in columns.items():
        cell = row.cells.get(header)
        if cell is None or not cell.good or not cell.text.strip():
            continue
        try:
            values[name] = value_of(procedure.parameters[name], _text(cell, suffix))
        except ParameterError as error:
            good = False
            diagnostics.error(
                "E405", error.message, batch.source, batch.span(cell), hint=error.hint
            )
    return values if good and len(values) == len(procedure.parameters) else None


def _check_together(
    batch: Batch,
    row: BatchRow,
    procedure: Procedure,
    parameters: dict[str, Value],
    trials: dict[tuple[Value, ...], Trouble | None],
    diagnostics: Diagnostics,
) -> None:
    """Report parameters that are right one by one, but give no usable points together."""
    key = tuple(parameters[name] for name in procedure.parameters)
    if key not in trials:
        trials[key] = None
        try:
            resolve(procedure.of(parameters), parameters, next(iter(procedure.stages)), {})
        except Trouble as trouble:
            trials[key] = trouble
    found = trials[key]
    if found is not None:
        message = msg(
            "procedure.cannot-resolve",
            procedure=procedure.name,
            place=place_words(procedure, found.path),
            problem=found.message,
        )
        span = batch.span(row.cells.get("serial") or next(iter(row.cells.values())))
        diagnostics.error("E405", message, batch.source, span)
