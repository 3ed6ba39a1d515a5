"""Reads `measurand: carry`: names of the model that are a value found at another point.

    measurand:
      error: {unit: g, model: indication - load - zero_error}
      carry: {zero_error: zero}

`zero_error` is the value at the point `zero` of the same unit, perhaps of another item, with its
uncertainty; at that point itself it is nothing.
"""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.core.units import Unit
from benchctl.procedure.dimensions import UNKNOWN, quantity_of
from benchctl.procedure.functions import FUNCTIONS
from benchctl.procedure.names import Names, check_name
from benchctl.procedure.reading import Path, Reader

_BASE: Path = ("measurand", "carry")


def note_carried(reader: Reader, names: Names, unit: Unit | None) -> None:
    """Note the names that are carried; they are in the measurand's unit."""
    if not isinstance(reader.data.get("measurand"), dict):
        return
    taken: dict[str, Path] = {n: ("parameters", n) for n in names.parameters}
    taken |= {n: ("needs", n) for n in names.roles}
    taken |= {n: ("where", n) for n in (*names.run_wide, *names.per_point)}
    for name in reader.mapping(_BASE):
        if check_name(reader, name, (*_BASE, name), FUNCTIONS, taken):
            names.carried[name] = UNKNOWN if unit is None else quantity_of(unit)


def read_carry(reader: Reader, names: Names) -> dict[str, str]:
    """Return by name the point whose value it is; one that is no point is reported."""
    found = {}
    for name in names.carried:
        path = (*_BASE, name)
        point = reader.text(path) or ""
        known = [*names.points, *_points_of_items(reader)]
        if point not in known:
            message = msg("procedure.unknown-point", point=point)
            reader.unknown_name(point, known, message, path)
            continue
        found[name] = point
    return found


def _points_of_items(reader: Reader) -> list[str]:
    """Return the points of items that are measured in their own right."""
    rows = [
        row
        for item in reader.data.values()
        if isinstance(item, dict) and isinstance(item.get("points"), list)
        for row in item["points"]
    ]
    return [str(row["point"]) for row in rows if isinstance(row, dict) and "point" in row]
