"""Items over several points of a unit: judged once all of them are, from their results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchctl.core.messages import msg
from benchctl.core.verdicts import Verdict
from benchctl.engine.asking import judge_item
from benchctl.engine.deciding import made_of
from benchctl.engine.session import PointState, Session
from benchctl.language import Expression, ExpressionError
from benchctl.metrology.ranges import padded
from benchctl.procedure import AcrossItem, ResolvedPoint, across_env
from benchctl.procedure.plan import Action

STEP = 0.01
"""Share of U by which a result is moved to see what the value makes of it."""


def across_item(session: Session, item: AcrossItem, action: Action) -> None:
    """Judge an item over several points for every unit of a load that is still in the run."""
    again = "/as-left/" in action.id
    for serial in session.plan.load(action.load).serials:
        if serial not in session.taken_out and (serial in session.adjusted) is again:
            _judge(session, item, serial)


def _judge(session: Session, item: AcrossItem, serial: str) -> None:
    resolved = session.subjects[serial].resolved
    points = [p for p in resolved.points if not item.over or p.name in item.over]
    states = {p.name: session.state(serial, p.name) for p in points}
    missing = [p.name for p in points if states[p.name].value is None]
    if missing or not points:
        why = msg("across-missing", points=", ".join(missing))
        judge_item(session, serial, item.name, Verdict.NOT_MEASURED, why, {})
        return
    measurand = session.procedure.measurand.name
    results = {
        measurand: [float(states[p.name].value or 0.0) for p in points],
        "U": [_u(session, states[p.name]) for p in points],
    }
    observed: dict[str, Any] = {"points": [p.name for p in points], **results}
    of_runs = f"{measurand}.runs"
    if any(of_runs in e.names for e in (item.value, item.passes) if e is not None):
        runs = [list(states[p.name].errors) for p in points]
        observed["runs"] = runs
        results[of_runs] = padded(runs).tolist()
    said: dict[str, str] = {}
    try:
        value = None
        if item.value is not None:
            value = _value(session, item.value, serial, points, results)
            bound = None  # what all runs share cancels between them, and nothing else is stated
            if of_runs not in item.value.names:
                bound = _bound(session, item.value, serial, points, results)
            observed |= {"value": value, "unit": item.unit, "U_at_most": bound}
            said = {"value": f"{value:.4g} {item.unit}".strip()}
        env = _env(session, item.passes, serial, points, results) | {"value": value}
        passed = bool(item.passes(env))
    except ExpressionError as error:
        why = msg("not-measured", problem=error.message)
        judge_item(session, serial, item.name, Verdict.NOT_MEASURED, why, observed)
        return
    name = "across-holds" if passed else "across-fails"
    why = msg(f"{name}-value" if said else name, rule=item.passes.text, **said)
    judge_item(session, serial, item.name, Verdict.PASS if passed else Verdict.FAIL, why, observed)


def _u(session: Session, state: PointState) -> float:
    """Return U of what is said of a point: of its mean where there are several runs."""
    return made_of(session.procedure, state).U if state.U else 0.0


Results = Mapping[str, list[Any]]


def _env(
    session: Session,
    expression: Expression,
    serial: str,
    points: list[ResolvedPoint],
    results: Results,
) -> dict[str, Any]:
    env = session.subjects[serial].resolved.env
    return across_env(expression, env, points, results, session.stage)


def _value(
    session: Session,
    expression: Expression,
    serial: str,
    points: list[ResolvedPoint],
    results: Results,
) -> float:
    return float(expression(_env(session, expression, serial, points, results)))


def _bound(
    session: Session,
    expression: Expression,
    serial: str,
    points: list[ResolvedPoint],
    results: Results,
) -> float:
    """Return what U of the value is at most: all results off together, as one reference has them.

    The points share their reference, so their errors do not average out; the sum of |dv/dy| U is
    reached where they are fully correlated (GUM 5.2.2, note 1).
    """
    measurand = session.procedure.measurand.name
    whole = 0.0
    for n, U in enumerate(results["U"]):  # noqa: N806
        if U <= 0.0:
            continue
        moved = []
        for sign in (1.0, -1.0):
            values = list(results[measurand])
            values[n] += sign * STEP * U
            near = {**results, measurand: values}
            moved.append(_value(session, expression, serial, points, near))
        whole += abs(moved[0] - moved[1]) / (2.0 * STEP)
    return whole
