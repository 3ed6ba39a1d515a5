"""Items over several points of a unit: judged once all of them are, from their results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    found = _Found(session, item, serial)
    missing = [name for name, state in found.states.items() if state.value is None]
    if missing or not found.points:
        why = msg("across-missing", points=", ".join(missing))
        judge_item(session, serial, item.name, Verdict.NOT_MEASURED, why, {})
        return
    errors = {name: float(state.value or 0.0) for name, state in found.states.items()}
    results, others = found.results(errors)
    observed: dict[str, Any] = {"points": [p.name for p in found.points], **results, **others}
    if any(found.of_runs in e.names for e in (item.value, item.passes) if e is not None):
        observed["runs"] = found.runs
    said: dict[str, str] = {}
    try:
        value = None
        if item.value is not None:
            value = float(item.value(found.env(item.value, errors)))
            bound = None  # what all runs share cancels between them, and nothing else is stated
            if found.of_runs not in item.value.names:
                bound = found.bound(item.value, errors)
            observed |= {"value": value, "unit": item.unit, "U_at_most": bound}
            said = {"value": f"{value:.4g} {item.unit}".strip()}
        passed = bool(item.passes(found.env(item.passes, errors) | {"value": value}))
    except ExpressionError as error:
        why = msg("not-measured", problem=error.message)
        judge_item(session, serial, item.name, Verdict.NOT_MEASURED, why, observed)
        return
    name = "across-holds" if passed else "across-fails"
    why = msg(f"{name}-value" if said else name, rule=item.passes.text, **said)
    judge_item(session, serial, item.name, Verdict.PASS if passed else Verdict.FAIL, why, observed)


class _Found:
    """What a unit's item over several points is judged by: results by the name of their point."""

    def __init__(self, session: Session, item: AcrossItem, serial: str) -> None:
        resolved = session.subjects[serial].resolved
        of = session.procedure.parts.get(item.of, session.procedure)
        own = [p for p in resolved.points if p.item == of.item]
        self.stage = session.stage
        self.quantity = of.measurand.name
        self.outside = own[0].env if own else resolved.env
        self.points = [p for p in own if not item.over or p.name in item.over]
        self.others = _named(item, session, resolved.points)
        names = [p.name for p in self.points]
        names += [p for points in self.others.values() for p in points]
        self.states = {name: session.state(serial, name) for name in dict.fromkeys(names)}
        self.of_runs = f"{self.quantity}.runs"
        self.runs = [list(self.states[p.name].errors) for p in self.points]
        self.U = {name: _u(session, name, state) for name, state in self.states.items()}

    def results(
        self, errors: Mapping[str, float]
    ) -> tuple[dict[str, list[Any]], dict[str, dict[str, float]]]:
        """Return the columns of the points, and by other items what the formulas name of them."""
        columns: dict[str, list[Any]] = {
            self.quantity: [errors[p.name] for p in self.points],
            "U": [self.U[p.name] for p in self.points],
        }
        return columns, {i: {p: errors[p] for p in points} for i, points in self.others.items()}

    def env(self, expression: Expression, errors: Mapping[str, float]) -> dict[str, Any]:
        """Return the values of a formula's names."""
        columns, others = self.results(errors)
        columns[self.of_runs] = padded(self.runs).tolist()
        return across_env(expression, self.outside, self.points, columns, self.stage, others)

    def bound(self, expression: Expression, errors: Mapping[str, float]) -> float:
        """Return what U of the value is at most: all results off together, as one reference has it.

        The points share their reference, so their errors do not average out; the sum of |dv/dy| U
        is reached where they are fully correlated (GUM 5.2.2, note 1).
        """
        whole = 0.0
        for name, U in self.U.items():  # noqa: N806
            if U <= 0.0:
                continue
            above, below = (
                float(expression(self.env(expression, {**errors, name: errors[name] + moved})))
                for moved in (STEP * U, -STEP * U)
            )
            whole += abs(above - below) / (2.0 * STEP)
        return whole


def _named(
    item: AcrossItem, session: Session, points: Sequence[ResolvedPoint]
) -> dict[str, list[str]]:
    """Return by item which of its points the formulas name: `leak` all of them, `leak.p50` one."""
    parts = session.procedure.parts
    names = item.passes.names | (item.value.names if item.value is not None else frozenset())
    found: dict[str, list[str]] = {}
    for name, part in parts.items():
        own = [p.name for p in points if p.item == part.item]
        wanted = [p for p in own if name in names or f"{name}.{p}" in names]
        if wanted:
            found[name] = wanted
    return found


def _u(session: Session, point: str, state: PointState) -> float:
    """Return U of what is said of a point: of its mean where there are several runs."""
    return made_of(session.part(point), state).U if state.U else 0.0
