"""The rule that says how many readings a unit gets at a point, with the numbers of that point."""

from __future__ import annotations

import math

from benchctl.acquire import Count, Early, HowMany, Precise, Screening, Span, Stages
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import msg
from benchctl.engine.references import expected_values, lines_of
from benchctl.engine.session import Session
from benchctl.metrology import Input, judge, propagate
from benchctl.procedure import CONTEXT, ResolvedHowMany, ResolvedPoint

ONE_SIDED = 1.645
"""Coverage factor of 95 % on one side."""


def rule_of(session: Session, point: ResolvedPoint) -> HowMany:
    """Return the rule of a unit at a point.

    Raises:
        NotMeasuredError: what the standards leave unknown is as wide as the limits, so that no
            sequential test could pass.
    """
    given, unit = point.how_many, session.part(point.name).measurand.unit
    assert given is not None
    match given.rule:
        case "count":
            return Count(given.at_most)
        case "time":
            return Span(given.seconds)
        case "precision":
            target = given.target
            if given.later is not None:
                target = given.target_at(declared_u(session, point))
            if not target > 0:
                raise NotMeasuredError(msg("engine.no-target", target=f"{target:.3g} {unit}"))
            return Precise(target, given.at_least, given.at_most, unit)
        case "two-stages":
            return Stages(given.target, given.at_least, given.at_most, given.confidence, unit)
        case "sequential":
            return _screening(session, point, given)
        case "early":
            return Early(_accepted(session, point), given.at_most, given.at_least,
                         given.risks[0])  # fmt: skip
        case other:
            raise ValueError(f"unknown rule {other!r}")


def _screening(session: Session, point: ResolvedPoint, given: ResolvedHowMany) -> Screening:
    """Return Wald's test between limits from which what does not average is taken off."""
    guard = ONE_SIDED * declared_u(session, point)
    low, high = point.mpe[0] + guard, point.mpe[1] - guard
    unit = session.part(point.name).measurand.unit
    if high - low <= 2.0 * given.target:
        raise NotMeasuredError(
            msg("engine.no-room", guard=f"{guard:.3g} {unit}", zone=f"{given.target:.3g} {unit}")
        )
    return Screening(
        (low, high), given.target, given.sigma, given.risks, given.at_most, given.at_least, unit
    )


def _accepted(session: Session, point: ResolvedPoint) -> tuple[float, float]:
    """Return from where to where a value is accepted by the procedure's rule."""
    procedure = session.part(point.name)
    U = 2.0 * declared_u(session, point)  # noqa: N806
    middle = (point.mpe[0] + point.mpe[1]) / 2
    judged = judge(
        middle, point.mpe, rule=procedure.decision.rule, unit=procedure.measurand.unit, U=U, k=2.0
    )
    return judged.accept or point.mpe


def declared_u(session: Session, point: ResolvedPoint) -> float:
    """Return the standard uncertainty of all that is declared, in the measurand's unit.

    It is what no number of readings makes smaller, at the values that are expected.
    """
    procedure, facts = session.part(point.name), session.facts
    env = facts.names() | dict(point.env)
    values = expected_values(procedure, point, facts)
    inputs = []
    for name in sorted(point.model.names):
        found = []
        if name not in CONTEXT:
            found = lines_of(procedure, name, values[name], facts, env)
        inputs.append(Input(name, values[name], [line for line in found if line is not None]))
    u = propagate(point.model, inputs, unit=procedure.measurand.unit).u
    return u if math.isfinite(u) else 0.0
