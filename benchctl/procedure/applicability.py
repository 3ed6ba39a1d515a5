"""What applies to whom: items and points by stage and feature, and whether a unit is adjusted.

tightness: {..., stages: [initial, after_repair]}
pulse:     {..., when: output == "pulse"}
points:    [{point: Q4, ..., when: Q3 >= 16, stages: [initial]}]
adjust:    {when: fail, stages: [after_repair]}
"""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.language import Expression
from benchctl.procedure.declared_items import Adjust, Item
from benchctl.procedure.model import AdjustPart
from benchctl.procedure.names import Names
from benchctl.procedure.reading import Path, Reader


def read_conditions(reader: Reader, names: Names, items: tuple[Item, ...]) -> dict[str, Expression]:
    """Return by item the condition of a unit's parameters under which it applies."""
    found: dict[str, Expression] = {}
    for item in items:
        value = reader.data.get(item.name)
        if isinstance(value, dict) and value.get("when") is not None:
            path: Path = (item.name, "when")
            if not reader.document.is_scalar(path):
                continue  # reported with the item's shape
            text = reader.document.text(path)
            when = reader.expression(text, path, names.everywhere(), condition=True)
            if when is not None:
                found[item.name] = when
    return found


def check_stages(reader: Reader, stages: tuple[str, ...] | list[str], path: Path) -> None:
    """Report stages that the procedure has no limits for."""
    known = list(reader.mapping(("stages",)))
    for i, stage in enumerate(stages):
        if stage not in known:
            message = msg("procedure.no-such-stage", stage=stage)
            reader.unknown_name(stage, known, message, (*path, i))


def read_adjust(reader: Reader) -> Adjust | None:
    """Return when and how units are adjusted; None: never."""
    value = reader.data.get("adjust")
    part = reader.part(AdjustPart, ("adjust",), value) if value is not None else None
    if part is None:
        return None
    check_stages(reader, part.stages, ("adjust", "stages"))
    ask = reader.texts(part.ask, ("adjust", "ask")) if part.ask is not None else {}
    return Adjust(part.when, ask, tuple(part.stages))
