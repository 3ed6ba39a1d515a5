"""Builds a `Procedure` from a document; every mistake becomes a diagnostic on the way.

The order is that of what must be known: names of parameters, roles and points first, quantities
that follow from them, points, and then everything that may name all of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchctl.core.messages import msg
from benchctl.language import Diagnostics, Document
from benchctl.procedure.applicability import read_adjust, read_conditions
from benchctl.procedure.by_hand import read_people
from benchctl.procedure.carried import note_carried
from benchctl.procedure.day import (
    read_after_gap,
    read_after_leak,
    read_mounting,
    read_pause,
    read_suspend,
)
from benchctl.procedure.declared import Band, EachPoint, LineRule, Point, Standard, Where
from benchctl.procedure.deriving import DerivedReader
from benchctl.procedure.each_point import EachPointReader
from benchctl.procedure.equation import Derived
from benchctl.procedure.head import read_environment, read_line, read_needs, read_parameters
from benchctl.procedure.items import is_definition, read_items
from benchctl.procedure.judging import Judging
from benchctl.procedure.measurand import MeasurandReader, measurand_unit
from benchctl.procedure.methods import CHOOSES, read_methods
from benchctl.procedure.model import ProcedureFile, ProcedureHead, StandardPart
from benchctl.procedure.names import Names
from benchctl.procedure.points import PointsReader
from benchctl.procedure.procedure import Procedure
from benchctl.procedure.reading import Reader
from benchctl.procedure.readings_check import check_readings
from benchctl.procedure.tables import Tables, with_points
from benchctl.procedure.timed import note_names
from benchctl.procedure.trial import MOST_COMBINATIONS, report_trials
from benchctl.procedure.where import WhereReader


def build(
    document: Document, diagnostics: Diagnostics, given: Mapping[str, str] | None = None
) -> Procedure | None:
    """Return the procedure that a document declares, or None and diagnostics.

    `given` are the tables beside it, where they are not read from their files.
    """
    if not isinstance(document.data, dict):
        message = msg("procedure.want-mapping")
        diagnostics.error("E104", message, document.source, document.span(()))
        return None
    reader, tables = Reader(document, diagnostics), Tables(given)
    methods = read_methods(reader)
    if not methods:
        return _built(reader, tables)
    variants: dict[str, Procedure] = {}
    for name in methods:
        laid = Reader(document.overlaid(("methods", name)), diagnostics)
        variant = _built(laid, tables, method=name, first=not variants)
        if variant is not None:
            variants[name] = variant
    if reader.failed or len(variants) < len(methods):
        return None
    usual = variants[methods[0]].parameters[CHOOSES].default
    return replace(variants[str(usual)], variants=variants)


def _built(
    reader: Reader, tables: Tables, method: str = "", *, first: bool = True
) -> Procedure | None:
    """Return the procedure that measures by one method, tried with numbers.

    What the methods have in common is tried with every combination of choices for the `first`.
    """
    listed = with_points(reader, tables)
    if listed is None:
        return None
    reader = listed
    procedure = _read(reader)
    if procedure is not None:
        sha256 = tables.digest(reader.document.source.text)
        procedure = replace(procedure, method=method, sha256=sha256, tables=dict(tables.read))
        report_trials(reader, procedure, most=MOST_COMBINATIONS if first else 0)
    return None if reader.failed else procedure


@dataclass(frozen=True, slots=True)
class _Measuring:
    """What is measured under which circumstances: the parts that refer to each other most."""

    where: tuple[Where, ...]
    line: LineRule | None
    environment: tuple[Band, ...]
    points: tuple[Point, ...]
    each_point: EachPoint | None
    steps: tuple[Derived, ...]
    field_units: dict[str, str]


def _measuring(reader: Reader, names: Names) -> _Measuring:
    points_reader = PointsReader(reader, names)
    where_reader = WhereReader(reader, names)
    run_wide = where_reader.read_run_wide()
    line = read_line(reader, names)
    points = points_reader.points(line)
    per_point = where_reader.read_per_point()
    read_people(reader, names)
    note_names(reader, names)
    note_carried(reader, names, measurand_unit(reader))
    steps = DerivedReader(reader, names).read()
    return _Measuring(
        where=(*run_wide, *per_point),
        line=line,
        environment=read_environment(reader, names),
        points=points,
        each_point=EachPointReader(reader, names, measurand_unit(reader)).read(),
        steps=steps,
        field_units=points_reader.field_units,
    )


def _read(reader: Reader) -> Procedure | None:
    """Return the procedure, its expressions not yet tried with numbers."""
    _check_keys(reader)
    names = Names()
    head = reader.part(ProcedureHead, (), _head_of(reader.data))
    title = reader.texts(head.title, ("title",)) if head else {}
    parameters = read_parameters(reader, names)
    needs = read_needs(reader, names)
    measuring = _measuring(reader, names)
    each_point = measuring.each_point
    measurand_reader = MeasurandReader(reader, names, measuring.steps, each_point)
    measurand = measurand_reader.read()
    judging = Judging(reader, names, measurand_reader.unit)
    limits, stages, decision = judging.limits(), judging.stages(), judging.decision()
    stage_names = list(reader.mapping(("stages",)))
    items = read_items(reader, names, measurand_reader.name, measurand_reader.unit, stage_names)
    conditions, adjust = read_conditions(reader, names, items), read_adjust(reader)
    mounting, pause = read_mounting(reader), read_pause(reader)
    after_leak, suspend = read_after_leak(reader, names), read_suspend(reader)
    if head and each_point and measurand:
        check_readings(reader, head.services, each_point, measurand, measuring.points)
    after_gap = read_after_gap(reader)
    if reader.failed or not (head and each_point and measurand and decision):
        return None
    source = reader.document.source
    return Procedure(
        name=head.procedure,
        title=title,
        standard=_standard(head.standard),
        simulated_bench=head.simulated_bench,
        source=source,
        sha256="",
        data=reader.data,
        parameters=parameters,
        where=measuring.where,
        needs=needs,
        line=measuring.line,
        environment=measuring.environment,
        measurand=measurand,
        limits=limits,
        stages=stages,
        decision=decision,
        items=items,
        points=measuring.points,
        each_point=each_point,
        field_units=measuring.field_units,
        notes=tuple(_notes(reader, reader.data, ())),
        mounting=mounting,
        pause_at_most=pause,
        after_leak=after_leak,
        suspend=suspend,
        adjust=adjust,
        conditions=conditions,
        services=tuple(head.services),
        after_gap=after_gap,
    )


def _standard(part: StandardPart) -> Standard:
    return Standard(part.name, part.edition, part.in_force, tuple(part.see_also))


def _check_keys(reader: Reader) -> None:
    """Report top-level keys that are unknown, misspelt, or missing: empty is missing, too."""
    given = {k: v for k, v in reader.data.items() if v is not None}
    parts = {k: v for k, v in given.items() if not is_definition(k, v, reader.data)}
    reader.keys(ProcedureFile, (), parts)


def _head_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return the head's keys; one that is missing, which was reported, has a stand-in."""
    stand_ins: dict[str, Any] = {"procedure": "", "title": "", "standard": {"name": ""}}
    given = {k: v for k, v in data.items() if k in ProcedureHead.model_fields and v is not None}
    return stand_ins | given


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
            name = Path(reader.document.source_of((*path, key)).name).name
            notes.append(f"{place} ({name}:{line}): {inner}")
        else:
            notes += _notes(reader, inner, (*path, key))
    return notes
