"""What was looked at for a time, again from its raw readings; what was carried, from its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchctl.core.units import difference_factor, unit
from benchctl.engine.looked_for import looked, values_of

if TYPE_CHECKING:
    from benchctl.core.events import RunMeasured
    from benchctl.core.series import Floats
    from benchctl.engine.audit.evidence import Evidence
    from benchctl.engine.audit.readings_again import Same
    from benchctl.procedure import ResolvedPoint, Timed


def resolved_point(evidence: Evidence, uut: str, point: str) -> ResolvedPoint | None:
    """Return a unit's point in numbers by the recorded procedure, None where it has none."""
    procedure = evidence.procedure
    given = {k: v for k, v in evidence.unit(uut)["parameters"].items() if k in procedure.parameters}
    parameters, _ = procedure.parameters_from(given)
    resolved = procedure.resolve(parameters, stage=evidence.opened.stage)
    return next((p for p in resolved.points if p.name == point), None)


def compare_timed(
    way: Timed, point: ResolvedPoint | None, event: RunMeasured, raw: Floats, same: Same
) -> None:
    """Compare what the model was given with what the raw readings of the role say."""
    good = np.isfinite(raw[2])
    t, x = (raw[0][good] + raw[1][good]) / 2, raw[2][good]
    found = None if point is None else looked(way, point.limits_of_way, t, x)
    values = {} if found is None else values_of(way, found)
    for name in sorted(event.inputs.keys() & {way.role, *way.gives}):
        value = event.inputs[name]
        same(f"input {name}", value, values.get(name), max(abs(value), event.U or 0.0))


def compare_carried(evidence: Evidence, seq: int, event: RunMeasured, same: Same) -> None:
    """Compare what was carried from other points with the runs that count there, before `seq`."""
    here = evidence.procedure.part(event.point)
    for name, other in here.measurand.carry.items():
        if name not in event.inputs:
            continue
        runs = evidence.runs_of(event.uut, other, event.occasion)
        errors = [e.error for s, e in runs if s.seq < seq and e.valid and e.error is not None]
        found = 0.0 if other == event.point else None
        if errors and other != event.point:
            there = evidence.procedure.part(other).measurand.unit
            factor = difference_factor(unit(there), unit(here.measurand.unit))
            found = sum(errors) / len(errors) * factor
        same(f"carried {name}", event.inputs[name], found, max(abs(event.inputs[name]), 1e-9))
