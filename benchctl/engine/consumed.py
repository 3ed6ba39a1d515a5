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
    found = []
    for declared in procedure.each_point.consumes:
        value = 0.0
        for visit in (v for v in visits if v.occasion == "as_found"):
            points = [
                p
                for m in visit.members
                for p in subjects[m.serial].resolved.points
                if p.name == m.point
            ]
            amounts = [p.runs * p.consumes[declared.name] for p in points]
            value += sum(amounts) if declared.per_uut else max(amounts, default=0.0)
        found.append(Used(declared.name, value, declared.unit, declared.title))
    return tuple(found)
