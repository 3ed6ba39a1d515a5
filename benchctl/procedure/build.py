"""Builds a `Procedure` from a document; every mistake becomes a diagnostic on the way.

The order is that of what must be known: names of parameters, roles and points first, quantities
that follow from them, points, and then everything that may name all of these.
"""

from __future__ import annotations

import hashlib
from typing import Any

from benchctl.core.messages import msg
from benchctl.language import Diagnostics, Document
from benchctl.procedure.declared import Standard
from benchctl.procedure.each_point import EachPointReader
from benchctl.procedure.head import read_environment, read_line, read_needs, read_parameters
from benchctl.procedure.items import is_definition, read_items
from benchctl.procedure.judging import Judging
from benchctl.procedure.measurand import MeasurandReader
from benchctl.procedure.model import ProcedureFile, ProcedureHead
from benchctl.procedure.names import Names
from benchctl.procedure.points import PointsReader
from benchctl.procedure.procedure import Procedure
from benchctl.procedure.reading import Reader
from benchctl.procedure.trial import report_trials
from benchctl.procedure.where import WhereReader


def build(document: Document, diagnostics: Diagnostics) -> Procedure | None:
    """Return the procedure that a document declares, or None and diagnostics."""
    if not isinstance(document.data, dict):
        message = msg("procedure.want-mapping")
        diagnostics.error("E104", message, document.source, document.span(()))
        return None
    reader, names = Reader(document, diagnostics), Names()
    _check_keys(reader)
    head = reader.part(ProcedureHead, (), _head_of(reader.data))
    title = reader.texts(head.title, ("title",)) if head else {}
    parameters = read_parameters(reader, names)
    read_needs(reader, names)
    points_reader = PointsReader(reader, names)
    where_reader = WhereReader(reader, names)
    where = where_reader.read_run_wide()
    line = read_line(reader, names)
    environment = read_environment(reader, names)
    points = points_reader.points(line)
    where += where_reader.read_per_point()
    each_point = EachPointReader(reader, names).read()
    measurand_reader = MeasurandReader(reader, names)
    measurand = measurand_reader.read()
    judging = Judging(reader, names, measurand_reader.unit)
    limits, stages, decision = judging.limits(), judging.stages(), judging.decision()
    items = read_items(reader, names, measurand_reader.name, list(reader.mapping(("stages",))))
    if reader.failed or not (head and each_point and measurand and decision):
        return None
    procedure = Procedure(
        name=head.procedure,
        title=title,
        standard=Standard(
            head.standard.name,
            head.standard.edition,
            head.standard.in_force,
            tuple(head.standard.see_also),
        ),
        simulated_bench=head.simulated_bench,
        source=document.source,
        sha256=hashlib.sha256(document.source.text.encode()).hexdigest(),
        parameters=parameters,
        where=tuple(where),
        needs=names.needs,
        line=line,
        environment=environment,
        measurand=measurand,
        limits=limits,
        stages=stages,
        decision=decision,
        items=items,
        points=points,
        each_point=each_point,
        field_units=points_reader.field_units,
        notes=tuple(_notes(reader, reader.data, ())),
    )
    report_trials(reader, procedure)
    return None if reader.failed else procedure


def _check_keys(reader: Reader) -> None:
    """Report top-level keys that are unknown, misspelt or missing; items' definitions are keys."""
    data = {k: v for k, v in reader.data.items() if not is_definition(k, v, reader.data)}
    reader.keys(ProcedureFile, (), data)


def _head_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return the head's keys; one that is missing, which was reported, has a stand-in."""
    stand_ins: dict[str, Any] = {"procedure": "", "title": "", "standard": {"name": ""}}
    return stand_ins | {k: v for k, v in data.items() if k in ProcedureHead.model_fields}


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
            notes.append(f"{place} ({reader.document.source.name}:{line}): {inner}")
        else:
            notes += _notes(reader, inner, (*path, key))
    return notes
