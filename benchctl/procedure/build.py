"""Builds a `Procedure` from a document; every mistake becomes a diagnostic on the way.

The order is that of what must be known: names of parameters, roles and points first, quantities
that follow from them, points, and then everything that may name all of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from benchctl.core.messages import msg
from benchctl.language import Diagnostics, Document
from benchctl.procedure.across import Results
from benchctl.procedure.applicability import read_adjust, read_conditions
from benchctl.procedure.day import (
    read_after_gap,
    read_after_leak,
    read_mounting,
    read_pause,
    read_suspend,
)
from benchctl.procedure.declared import Band, LineRule, Standard, Where
from benchctl.procedure.head import read_environment, read_line, read_needs, read_parameters
from benchctl.procedure.items import is_definition, read_items
from benchctl.procedure.judging import Judging
from benchctl.procedure.measured import (
    Measured,
    file_without_points,
    measured_items,
    read_items_measured,
    read_measured,
)
from benchctl.procedure.model import OneMeasurandFile, ProcedureFile, ProcedureHead, StandardPart
from benchctl.procedure.names import Names
from benchctl.procedure.parts import with_parts
from benchctl.procedure.procedure import Procedure, choice_text
from benchctl.procedure.reading import Path, Reader
from benchctl.procedure.readings_check import check_readings
from benchctl.procedure.tables import Tables, with_points
from benchctl.procedure.trial import MOST_COMBINATIONS, report_trials
from benchctl.procedure.variants import OLD, combinations, laid, read_axes
from benchctl.procedure.where import WhereReader


def build(
    document: Document,
    diagnostics: Diagnostics,
    given: Mapping[str, str] | None = None,
    *,
    tried: bool = True,
) -> Procedure | None:
    """Return the procedure that a document declares, or None and diagnostics.

    `given` are the tables beside it, where they are not read from their files. `tried`: with every
    choice and bound of its parameters, else with what is usual.
    """
    if not isinstance(document.data, dict):
        message = msg("procedure.want-mapping")
        diagnostics.error("E104", message, document.source, document.span(()))
        return None
    reader, tables = Reader(document, diagnostics), Tables(given)
    axes = read_axes(reader)
    if axes is None:
        return None
    if not axes:
        return _built(reader, tables, tried=tried)
    variants: dict[tuple[str, ...], Procedure] = {}
    names = tuple(axis.parameter for axis in axes)
    for texts, paths in combinations(axes):
        chosen = dict(zip(names, texts, strict=True))
        own, first = laid(reader, paths), not variants
        variant = _built(own, tables, chosen, notes=paths, first=first, tried=tried)
        if variant is not None:
            variants[texts] = variant
    if reader.failed or not variants:
        return None
    sha256, read = tables.digest(document.source.text), dict(tables.read)  # those of all variants
    variants = {t: replace(v, sha256=sha256, tables=read) for t, v in variants.items()}
    parameters = next(iter(variants.values())).parameters
    usual = tuple(choice_text(parameters[name].default) for name in names)
    return replace(variants[usual], variants=variants)


def _built(
    reader: Reader,
    tables: Tables,
    chosen: Mapping[str, str] | None = None,
    *,
    notes: Sequence[Path] = (),
    first: bool = True,
    tried: bool = True,
) -> Procedure | None:
    """Return the procedure with one choice of each variant, tried with numbers.

    What the variants have in common is tried with every combination of choices for the `first`.
    `notes` are the places of variants that may have a remark.
    """
    listed = with_points(reader, tables)
    if listed is None:
        return None
    reader = listed
    procedure = _read(reader, tables)
    if procedure is not None and chosen is not None:
        values = {
            name: choice
            for name, text in chosen.items()
            for choice in procedure.parameters[name].choices
            if choice_text(choice) == text
        }
        own = [note for path in notes for note in _note_at(reader, path)]
        procedure = replace(
            procedure, axes=tuple(chosen), chosen=values, notes=(*procedure.notes, *own)
        )
    if procedure is not None:
        sha256 = tables.digest(reader.document.source.text)
        procedure = replace(procedure, sha256=sha256, tables=dict(tables.read))
        most = MOST_COMBINATIONS if first else 0
        report_trials(reader, procedure, most=most if tried else None)
    return None if reader.failed else procedure


def _read(reader: Reader, tables: Tables) -> Procedure | None:
    """Return the procedure, its expressions not yet tried with numbers."""
    _check_keys(reader)
    names = Names()
    head = reader.part(ProcedureHead, (), _head_of(reader.data))
    title = reader.texts(head.title, ("title",)) if head else {}
    parameters = read_parameters(reader, names)
    needs = read_needs(reader, names)
    names.stages = tuple(str(stage) for stage in reader.mapping(("stages",)))
    own, items_measured = _measured(reader, names, tables)
    measured = [*own, *items_measured]
    stages = {m.item: Judging(m.reader, m.names, m.unit).stages() for m in measured}
    quantity = own[0].quantity if own else ""
    results = {m.item or m.quantity: Results(m.names, m.quantity, m.unit) for m in measured}
    where = () if own else _where_of(reader, names)
    line, environment = _line_and_environment(reader, names, own)
    items = read_items(reader, names, quantity, results)
    conditions, adjust = read_conditions(reader, names, items), read_adjust(reader)
    mounting, pause = read_mounting(reader), read_pause(reader)
    after_leak, suspend = read_after_leak(reader, names), read_suspend(reader)
    for m in measured:
        if head and m.each_point and m.measurand:
            check_readings(m.reader, head.services, m.each_point, m.measurand, m.points)
    after_gap = read_after_gap(reader)
    if reader.failed or not head or not measured or not all(m.complete for m in measured):
        return None
    source = reader.document.source
    first = measured[0]
    assert first.measurand is not None
    assert first.decision is not None
    assert first.each_point is not None
    whole = Procedure(
        name=head.procedure,
        title=title,
        standard=_standard(head.standard),
        simulated_bench=head.simulated_bench,
        source=source,
        sha256="",
        data=_with_points(reader.data, measured),
        parameters=parameters,
        where=first.where if own else where,
        needs=needs,
        line=line,
        environment=environment,
        measurand=first.measurand,
        limits=first.limits,
        stages=stages[first.item],
        decision=first.decision,
        items=items,
        points=first.points,
        each_point=first.each_point,
        field_units=first.field_units,
        notes=tuple(_notes(reader, _without_variants(reader.data), ())),
        mounting=mounting,
        pause_at_most=pause,
        after_leak=after_leak,
        suspend=suspend,
        adjust=adjust,
        conditions=conditions,
        services=tuple(head.services),
        after_gap=after_gap,
    )
    return with_parts(whole, measured, stages) if items_measured else whole


def _measured(
    reader: Reader, names: Names, tables: Tables
) -> tuple[list[Measured], list[Measured]]:
    """Return what the file itself measures, if anything, and what items measure besides."""
    names_of_items = measured_items(reader.data)
    own: list[Measured] = []
    if not names_of_items or "points" in reader.data:
        own = [read_measured(reader, names)]
    return own, read_items_measured(reader, names, names_of_items, tables)


def _where_of(reader: Reader, names: Names) -> tuple[Where, ...]:
    """Return what follows from the parameters of a unit, where only items have points."""
    return tuple(WhereReader(file_without_points(reader), names).read_run_wide())


def _line_and_environment(
    reader: Reader, names: Names, own: list[Measured]
) -> tuple[LineRule | None, tuple[Band, ...]]:
    if own:
        return own[0].line, own[0].environment
    return read_line(reader, names), read_environment(reader, names)


def _with_points(data: dict[str, Any], measured: Sequence[Measured]) -> dict[str, Any]:
    """Return a file's data with the points of everything that is measured as lists."""
    data = dict(data)
    for each in measured:
        points = each.reader.data.get("points")
        if not each.item:
            data["points"] = points
        elif isinstance(data.get(each.item), dict) and "points" in data[each.item]:
            data[each.item] = {**data[each.item], "points": points}
    return data


def _standard(part: StandardPart) -> Standard:
    return Standard(part.name, part.edition, part.in_force, tuple(part.see_also), part.until)


def _check_keys(reader: Reader) -> None:
    """Report top-level keys that are unknown, misspelt, or missing: empty is missing, too."""
    given = {k: v for k, v in reader.data.items() if v is not None}
    parts = {k: v for k, v in given.items() if not is_definition(k, v, reader.data)}
    by_items = measured_items(reader.data) and "points" not in given
    reader.keys(ProcedureFile if by_items else OneMeasurandFile, (), parts)


def _head_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return the head's keys; one that is missing, which was reported, has a stand-in."""
    stand_ins: dict[str, Any] = {"procedure": "", "title": "", "standard": {"name": ""}}
    given = {k: v for k, v in data.items() if k in ProcedureHead.model_fields and v is not None}
    return stand_ins | given


def _without_variants(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in ("variants", OLD)}


def _note_at(reader: Reader, path: Path) -> list[str]:
    """Return the remark that a variant has itself, if any."""
    place = (*path, "note")
    text = reader.text(place)
    return [] if text is None else _notes(reader, {"note": text}, path)


def _notes(reader: Reader, value: object, path: tuple[str | int, ...]) -> list[str]:
    """Return every remark of the file with its place."""
    notes = []
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    for key, inner in pairs:
        if key == "note" and isinstance(inner, str):
            place = " ".join(str(p + 1) if isinstance(p, int) else p for p in path)
            line = reader.document.span((*path, key)).line
            name = PurePath(reader.document.source_of((*path, key)).name).name
            notes.append(f"{place} ({name}:{line}): {inner}")
        else:
            notes += _notes(reader, inner, (*path, key))
    return notes
