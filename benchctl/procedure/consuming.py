"""Reads what a run of a point uses up: `consumes` of `each_point`, for the total in a plan.

each_point:
  consumes:
    fuel: {title: {en: fuel, zh: 油品}, unit: L, amount: point.volume}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchctl.core.messages import msg
from benchctl.procedure.declared import Consumed, EachPoint
from benchctl.procedure.evaluate import Env, Path, Trouble, number
from benchctl.procedure.model_measuring import ConsumedPart
from benchctl.procedure.names import Names
from benchctl.procedure.reading import Reader

_BASE: Path = ("each_point", "consumes")


def read_consumed(reader: Reader, names: Names, data: Mapping[str, Any]) -> tuple[Consumed, ...]:
    """Return what a run of a point uses up."""
    found = []
    for name, value in reader.mapping(_BASE).items() if data.get("consumes") else ():
        path = (*_BASE, name)
        part = reader.part(ConsumedPart, path, value)
        unit = reader.unit(part.unit, (*path, "unit")) if part else None
        if part is None or unit is None:
            continue
        scope = names.at_point()
        amount = reader.expression(part.amount, (*path, "amount"), scope, to=unit)
        if amount is not None:
            title = reader.texts(part.title or {"": name}, (*path, "title"))
            found.append(Consumed(name, part.unit, amount, part.per == "uut", title))
    return tuple(found)


def consumed_at(each: EachPoint, env: Env) -> dict[str, float]:
    """Return what one run of a unit's point uses up, by name.

    Raises:
        Trouble: an expression gives no usable value.
    """
    found = {}
    for consumed in each.consumes:
        path = (*_BASE, consumed.name, "amount")
        value = found[consumed.name] = number(consumed.amount, env, path)
        if value < 0:
            raise Trouble(path, msg("procedure.negative", value=f"{value:g} {consumed.unit}"))
    return found
