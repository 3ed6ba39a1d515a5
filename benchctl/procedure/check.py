"""What `benchctl check` asks: every mistake of a file, whatever kind of file it is.

A procedure says `procedure:`, a bench file `bench:`; a table (.csv, .xlsx) is a batch, which can be
checked against a procedure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchctl.core.messages import msg
from benchctl.core.places import search_path
from benchctl.core.suggest import closest
from benchctl.language import (
    Batch,
    BatchRow,
    Cell,
    Diagnostic,
    Diagnostics,
    Document,
    Span,
    load_document,
    read_batch,
)
from benchctl.procedure.load import load_procedure
from benchctl.procedure.parameters import ParameterError, Value, value_of
from benchctl.procedure.procedure import Procedure
from benchctl.procedure.resolve import Trouble, place_words, resolve

BATCHES = (".csv", ".tsv", ".txt", ".xlsx")
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


def check_file(
    path: Path, procedure: Procedure | None = None, *, extra: Sequence[Path] = ()
) -> list[Diagnostic]:
    """Return everything that is wrong in a procedure, a bench file or a batch.

    Args:
        path: The file.
        procedure: What the parameters of a batch are checked against.
        extra: Further folders that may hold a folder `drivers`, beside that of a bench file.
    """
    diagnostics = Diagnostics()
    if path.suffix.lower() in BATCHES:
        batch = read_batch(path, diagnostics)
        if batch is not None and procedure is not None:
            check_batch(batch, procedure, diagnostics)
    else:
        _check_yaml(path, diagnostics, extra)
    return list(diagnostics.items)


def _check_yaml(path: Path, diagnostics: Diagnostics, extra: Sequence[Path]) -> None:
    first_look = Diagnostics()
    document = load_document(path, first_look)
    keys = document.data if document and isinstance(document.data, dict) else {}
    if "procedure" in keys:
        load_procedure(path, diagnostics)
    elif "bench" in keys:
        from benchctl.bench import load_bench  # a procedure or a batch needs none of it

        load_bench(path, diagnostics, drivers=_driver_names(path.parent, extra))
    else:
        for found in first_look.items:
            diagnostics.add(found)
        if document is not None:
            _report_neither(document, list(keys), diagnostics)


def _driver_names(lab: Path, extra: Sequence[Path]) -> list[str]:
    """Return the names of the drivers that a bench file can name; none of them is imported."""
    from benchctl.drivers import driver_names  # with the driver kit

    return driver_names(search_path("drivers", lab, extra))


def _report_neither(document: Document, keys: Sequence[str], diagnostics: Diagnostics) -> None:
    """Say that a file is of no known kind; a misspelt first key is named."""
    span, hint = Span.at(1, 1), msg("procedure.what-it-is")
    for key in keys:
        near = closest(key, ("procedure", "bench"))
        if near:
            span, hint = document.key_span((key,)), msg("procedure.did-you-mean", name=near)
            break
    diagnostics.error("E101", msg("procedure.neither"), document.source, span, hint=hint)


def check_batch(batch: Batch, procedure: Procedure, diagnostics: Diagnostics) -> list[BatchUnit]:
    """Return the units of a batch; parameters that do not fit are reported with row and column.

    A column that names a parameter gives it, with a unit in its header or in the cell; an empty
    cell leaves the default. A row without a position takes the first that is free.
    """
    columns = _columns(batch, procedure, diagnostics)
    free = _free_positions(batch)
    trials: dict[tuple[Value, ...], Trouble | None] = {}
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
        units.append(BatchUnit(row.serial, row.position or next(free), texts, others))
    return units


def _columns(
    batch: Batch, procedure: Procedure, diagnostics: Diagnostics
) -> dict[str, tuple[str, str]]:
    """Return parameter and unit ("" where the header has none) of each header that names one."""
    columns: dict[str, tuple[str, str]] = {}
    taken: dict[str, str] = {}
    for header in batch.headers:
        if header in _OWN_HEADERS:
            continue
        found = _WITH_UNIT.fullmatch(header)
        name, suffix = (found["name"], found["unit"]) if found else (header, "")
        if name in taken:
            message = msg("procedure.column-twice", name=name, other=taken[name])
            diagnostics.error("E401", message, batch.source, _header_span(batch, header))
        elif name in procedure.parameters:
            columns[header] = (name, suffix)
            taken[name] = header
        else:
            _report_near_miss(batch, header, name, procedure, diagnostics)
    return columns


def _report_near_miss(
    batch: Batch, header: str, name: str, procedure: Procedure, diagnostics: Diagnostics
) -> None:
    """Report a column that is probably a parameter: to ignore it would apply a wrong default."""
    near = closest(name, procedure.parameters, alike=_ALIKE)
    if near:
        hint = msg("procedure.did-you-mean", name=near)
        message = msg("procedure.column-near", header=header)
        same = name.casefold() == near.casefold()
        report = diagnostics.error if same else diagnostics.warning
        report("E401", message, batch.source, _header_span(batch, header), hint=hint)


def _header_span(batch: Batch, header: str) -> Span:
    """Return where a header stands, as nearly as its column's first cell tells."""
    column = batch.source.line(1).find(header)
    if column >= 0:
        return Span.at(1, column + 1, len(header))
    cell = next((row.cells[header] for row in batch.rows if header in row.cells), None)
    return Span.at(1, cell.column if cell else 1)


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
        if cell is None or not cell.text.strip():
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
        span = batch.span(row.cells["serial"])
        diagnostics.error("E405", message, batch.source, span)
