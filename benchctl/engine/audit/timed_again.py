"""What was looked at for a time, again from its raw readings: a count, a time, a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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
