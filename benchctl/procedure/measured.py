"""What is measured in its own right: the measurand of the file, and every item that has points.

    static_pressure:
      measurand: {error: {unit: kPa, model: cuff_pressure - reference_pressure}, uncertainty: {...}}
      limits: [{mpe: ±0.5 kPa}]
      points: [{point: p10, pressure: 10}, {point: p30, pressure: 30}]
      each_point: {...}

Such an item is laid over the rest of the file, and the whole is read as one that has this measurand
only: `where` and `environment` merge, anything else replaces what stood there. So an item says what
is its own, and every mistake has its own place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from benchctl.core.messages import msg
from benchctl.core.units import Unit
from benchctl.language import Document, ExpressionError, parse_expression
from benchctl.procedure.carried import note_carried
from benchctl.procedure.declared import (
    Band,
    Decision,
    EachPoint,
    Limit,
    LineRule,
    Measurand,
    Point,
    Where,
)
from benchctl.procedure.deriving import DerivedReader
from benchctl.procedure.each_point import EachPointReader
from benchctl.procedure.functions import FUNCTIONS
from benchctl.procedure.head import read_environment, read_line
from benchctl.procedure.items import item_names
from benchctl.procedure.judging import Judging
from benchctl.procedure.measurand import MeasurandReader, measurand_unit
from benchctl.procedure.model import ProcedureFile
from benchctl.procedure.model_items import MeasuredItemPart
from benchctl.procedure.model_points import PointPart
from benchctl.procedure.names import Names
from benchctl.procedure.points import PointsReader
from benchctl.procedure.reading import Reader
from benchctl.procedure.tables import Tables, with_points
from benchctl.procedure.timed import note_names
from benchctl.procedure.where import WhereReader

OWN = frozenset({"title", "stages", "when", "note"})
"""Keys that are the item's own and are laid over nothing."""
REPLACED = frozenset({"measurand", "limits", "points", "each_point", "decision"})
"""Keys that replace what the file has, also where both are mappings."""
NEEDED = ("measurand", "limits", "points", "each_point", "decision")
"""What must stand in an item, or in the file that it is laid over."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurand with its points, as far as it could be read; `quantity` is its name."""

    item: str
    reader: Reader
    names: Names
    quantity: str
    unit: Unit | None
    where: tuple[Where, ...] = ()
    line: LineRule | None = None
    environment: tuple[Band, ...] = ()
    measurand: Measurand | None = None
    limits: tuple[Limit, ...] = ()
    decision: Decision | None = None
    points: tuple[Point, ...] = ()
    each_point: EachPoint | None = None
    field_units: Mapping[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether nothing of it is missing."""
        return None not in (self.measurand, self.decision, self.each_point)


def measured_items(data: dict[str, Any]) -> list[str]:
    """Return the items that have points of their own, in the order of the items."""
    return [
        name
        for name in dict.fromkeys(item_names(data))
        if name not in ProcedureFile.model_fields
        and isinstance(data.get(name), dict)
        and "points" in data[name]
    ]


def read_measured(reader: Reader, names: Names, item: str = "") -> Measured:
    """Return the measurand of a document with its points; what is wrong is reported."""
    points_reader = PointsReader(reader, names)
    where_reader = WhereReader(reader, names)
    run_wide = where_reader.read_run_wide()
    line = read_line(reader, names)
    points = points_reader.points(line)
    per_point = where_reader.read_per_point()
    note_names(reader, names)
    note_carried(reader, names, measurand_unit(reader))
    steps = DerivedReader(reader, names).read()
    environment = read_environment(reader, names)
    each_point = EachPointReader(reader, names, measurand_unit(reader)).read()
    measurand_reader = MeasurandReader(reader, names, steps, each_point)
    measurand = measurand_reader.read()
    judging = Judging(reader, names, measurand_reader.unit)
    if item and line is not None and each_point is not None and line.shares not in each_point.set:
        line = replace(line, shares="", at_most=None)  # another quantity makes its points
    return Measured(
        item=item,
        reader=reader,
        names=names,
        quantity=measurand_reader.name,
        unit=measurand_reader.unit,
        where=(*run_wide, *per_point),
        line=line,
        environment=environment,
        measurand=measurand,
        limits=judging.limits(),
        decision=judging.decision(),
        points=points,
        each_point=each_point,
        field_units=points_reader.field_units,
    )


def read_items_measured(
    reader: Reader, names: Names, items: list[str], tables: Tables
) -> list[Measured]:
    """Return what is measured of each of `items`; names of points are those of one only."""
    documents = {}
    for item in items:
        listed = with_points(Reader(_document(reader, item), reader.diagnostics), tables)
        if listed is not None:
            documents[item] = listed.document
    kept = [_where_that_fits(document, item, reader) for item, document in documents.items()]
    given = reader.data.get("where")
    inherited = given.keys() if isinstance(given, dict) else ()
    lost = [n for n in inherited if all(n not in where for where in kept)]
    found = []
    for n, (item, document) in enumerate(documents.items()):
        where = kept[n] | ({name: given[name] for name in lost} if given and not n else {})
        laid = replace(document, data={**document.data, "where": where})
        own = Reader(laid, reader.diagnostics)
        reader.keys(MeasuredItemPart, (item,), reader.data[item])
        if _whole(reader, own, item):
            found.append(read_measured(own, names.of_item(), item))
    _check_points(reader, names, found)
    return found


def _document(reader: Reader, item: str) -> Document:
    return reader.document.overlaid((item,), replacing=REPLACED, without=OWN)


def _whole(reader: Reader, own: Reader, item: str) -> bool:
    """Report what an item has not, nor the file; return whether it has all."""
    missing = [key for key in NEEDED if own.data.get(key) is None]
    for key in missing:
        reader.wrong("E101", msg("procedure.item-lacks", item=item, key=key), (item,), key=True)
    return not missing


def _check_points(reader: Reader, names: Names, found: list[Measured]) -> None:
    """Report a point whose name another item has; note the names of all."""
    first: dict[str, str] = dict.fromkeys(names.points, "")
    for measured in found:
        for point in measured.points:
            if point.name in first:
                other = first[point.name]
                place = ("points",) if not other else (other, "points")
                also = (place, msg("procedure.first-here"))
                message = msg("procedure.point-twice", point=point.name)
                path = (measured.item, "points", point.index, "point")
                reader.wrong("E303", message, path, also=also)
        first |= dict.fromkeys((p.name for p in measured.points), measured.item)
    names.points = tuple(first)


def file_without_points(reader: Reader) -> Reader:
    """Return the reader of a file that has no points itself: nothing has a value per point."""
    where = _fitting(_mapping(reader.data.get("where")), frozenset(), frozenset())
    document = replace(reader.document, data={**reader.data, "where": where})
    return Reader(document, reader.diagnostics)


def _where_that_fits(document: Document, item: str, reader: Reader) -> dict[str, Any]:
    """Return the quantities of `where` that mean something at the points of an item.

    Those of the file that need what its points do not have are other items' own.
    """
    where = _mapping(document.data.get("where"))
    own = frozenset(_mapping(_mapping(reader.data[item]).get("where")))
    rows = document.data.get("points")
    points = rows if isinstance(rows, list) else []
    known = {key for row in points if isinstance(row, dict) for key in row}
    return _fitting(where, own, frozenset(known - PointPart.model_fields.keys()))


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _fitting(where: dict[str, Any], own: frozenset[str], fields: frozenset[str]) -> dict[str, Any]:
    """Return the entries that need no field but `fields`, and those of `own` in any case."""
    uses = {name: _uses(value) for name, value in where.items()}
    unfit = {
        name
        for name, (table, used) in uses.items()
        if name not in own
        and (table or any(u.startswith("point.") and u[6:] not in fields for u in used))
    }
    while more := {n for n, (_, used) in uses.items() if n not in own | unfit and used & unfit}:
        unfit |= more
    return {name: value for name, value in where.items() if name not in unfit}


def _uses(value: object) -> tuple[bool, frozenset[str]]:
    """Return whether an entry is a table, and the names that its expressions have."""
    parts = value.values() if isinstance(value, dict) else (value,)
    table = isinstance(value, dict) and bool(value.get("table"))
    names: frozenset[str] = frozenset()
    for part in parts:
        if isinstance(part, str):
            try:
                names |= parse_expression(part, functions=FUNCTIONS).names
            except ExpressionError:
                continue  # reported where it is read
    return table, names
