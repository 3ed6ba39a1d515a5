"""JCGM 101, 8: the budget of every shipped procedure, by the GUM and by Monte Carlo.

At every point, by every way to measure, with the uncertainties of the procedure's own bench.
"""

import pytest

from benchctl.core.places import bundled
from benchctl.engine import RunRequest, prepare
from benchctl.engine.foreseen import usual_inputs, values_at
from benchctl.engine.references import Facts
from benchctl.language import Diagnostics
from benchctl.metrology import propagate
from benchctl.metrology.budget import Budget, checked_by_trials
from benchctl.procedure import load_procedure

PROCEDURES = sorted(bundled("procedures").glob("*.yaml"))
WIDEST = 2 / (0.95 * 3**0.5) + 0.005
"""By so much the GUM may state more than is needed, less not at all: one rectangular input alone,
such as the step of a display, is 2 u / (0.95 sqrt(3) u) = 1.2155 times as wide at k = 2 as 95 %
are."""


def ways():
    for path in PROCEDURES:
        procedure = load_procedure(path, Diagnostics())
        for chosen in procedure.variants or [()]:
            sets = dict(zip(procedure.axes, chosen, strict=True))
            yield pytest.param(path, sets, id="-".join((path.stem, *chosen)))


@pytest.mark.parametrize(("path", "sets"), list(ways()))
def test_the_gum_holds_for_the_budget_at_every_point(path, sets):
    prepared = prepare(RunRequest(str(path), simulate=True, sets=sets, service="calibration"))
    procedure, wiring = prepared.procedure, prepared.files.wiring
    facts = Facts(wiring.reference_u, wiring.constants(), wiring.resolutions())
    subject = prepared.files.subjects[0]
    compared = 0
    for visit in (v for v in prepared.plan.visits if v.occasion == "as_found"):
        if subject.uut.serial not in {m.serial for m in visit.members}:
            continue
        (name,) = {m.point for m in visit.members if m.serial == subject.uut.serial}
        point = next(p for p in subject.resolved.points if p.name == name)
        part = procedure.part(name)
        values = values_at(part, point, visit.amount, visit.expected_s, facts)
        inputs = usual_inputs(part, point, values, facts)
        measurand = part.measurand
        result = propagate(point.model, inputs, unit=measurand.unit)
        assert measurand.method in ("gum", "monte-carlo"), "a shipped procedure names its method"
        compared += 1
        if result.U == 0.0:
            continue  # all of it comes with the readings
        budget = Budget(point.model, inputs, measurand.unit)
        check, warnings = checked_by_trials(budget, result)
        low, high = result.value - result.U, result.value + result.U
        told = (visit.id, result.U, check, [w.id for w in warnings])
        covers = low <= check.interval[0] + check.tolerance / 5
        covers &= high >= check.interval[1] - check.tolerance / 5
        width = (high - low) / (check.interval[1] - check.interval[0])
        assert check.agrees or (covers and width < WIDEST), told
    assert compared == len(subject.resolved.points)
