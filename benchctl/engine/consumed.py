"""What a run uses up in all, for its plan: fuel, gas, energy, by what one run of a point needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from benchctl.procedure.plan import Used, Visit

if TYPE_CHECKING:
    from benchctl.engine.compile import Subject
    from benchctl.procedure import Procedure


def consumed(
    procedure: Procedure, visits: Sequence[Visit], subjects: Mapping[str, Subject]
) -> tuple[Used, ...]:
    """Return what all visits use up; what may be measured again is not counted."""
    found: dict[str, Used] = {}
    for visit in (v for v in visits if v.occasion == "as_found"):
        for declared in procedure.parts.get(visit.item, procedure).each_point.consumes:
            amounts = [
                p.runs * p.consumes[declared.name]
                for m in visit.members
                for p in subjects[m.serial].resolved.points
                if p.name == m.point
            ]
            value = sum(amounts) if declared.per_uut else max(amounts, default=0.0)
            before = found[declared.name].value if declared.name in found else 0.0
            used = Used(declared.name, before + value, declared.unit, declared.title)
            found[declared.name] = used
    return tuple(found.values())
