"""What a plan knows of a result before it is measured: U, how it compares, whether it can decide.

Everything but what only the measurement itself shows: inputs are taken as they usually are, the
register as read once at either end, so that U is no smaller than it will be but for timing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from benchctl.core.errors import BenchctlError, UsageError
from benchctl.core.messages import Message, msg
from benchctl.core.results import Result
from benchctl.engine.references import (
    Facts,
    Line,
    agreed,
    expected_values,
    lines_of,
    usual_values,
)
from benchctl.metrology import Component, Input, Rule, find_rule, propagate
from benchctl.metrology.risk import Limits, tur
from benchctl.metrology.sentences import limits_text, u_text
from benchctl.metrology.zones import Situation
from benchctl.procedure import CONTEXT, Procedure, ResolvedPoint
from benchctl.procedure.plan import Expected


def expected_of(
    procedure: Procedure,
    point: ResolvedPoint,
    values: Mapping[str, float],
    facts: Facts,
) -> Expected | None:
    """Return what is expected of a unit's point at the usual `values` of the model's inputs.

    None where a certificate is missing, or the model has no value.
    """
    result, mpe = _usual_result(procedure, point, values, facts), point.mpe
    if result is None:
        return None
    rule = find_rule(procedure.decision.rule)
    counts = procedure.decision.counts_u
    accept, problem = _said(rule, mpe, result if counts else None, procedure.measurand.unit)
    hopeless = False
    if problem is not None:
        least = _usual_result(procedure, point, values, facts, steps=False)
        hopeless = _said(rule, mpe, least, procedure.measurand.unit)[1] is not None
    return Expected(
        U=result.U,
        k=result.k,
        tur=tur(mpe, Situation(mpe, result.U, result.k, result.dof).U95),
        rule=rule.name,
        accept=accept,
        problem=problem,
        hopeless=hopeless,
    )


def values_at(
    procedure: Procedure, point: ResolvedPoint, amount: float, seconds: float, facts: Facts
) -> dict[str, float]:
    """Return the inputs of the model as they are expected at a point."""
    if procedure.each_point.totalise is None:
        return expected_values(procedure, point, facts)
    return agreed(procedure, point.model, usual_values(procedure, amount, seconds, facts))


def _said(
    rule: Rule, mpe: Limits, result: Result | None, unit: str
) -> tuple[Limits | None, Message | None]:
    """Return the acceptance limits, and why there could be no answer; without U, if it counts."""
    situation = Situation(mpe)
    if result is not None:
        situation = Situation(mpe, result.U, result.k, result.dof)
    try:
        zones = rule.zones(situation)
    except UsageError as error:
        return None, error.message
    accept = zones.accept if zones.accept[0] <= zones.accept[1] else None
    return accept, _too_large(situation, zones.most, unit) if zones.too_large else None


def _too_large(s: Situation, most: float | None, unit: str) -> Message:
    need = msg("none-accepted")
    if most is not None:
        ratio = f"{most / s.half_width:.3g}"
        need = msg("most", share=msg("share", ratio=ratio), most=u_text(most, unit))
    return msg(
        "uncertainty-too-large",
        U=u_text(s.U95, unit),
        mpe=limits_text(s.mpe, unit),
        need=need,
        reference="",
    )


def usual_inputs(
    procedure: Procedure,
    point: ResolvedPoint,
    values: Mapping[str, float],
    facts: Facts,
    *,
    steps: bool = True,
) -> tuple[Input, ...] | None:
    """Return the inputs of the model at usual values with their components.

    Without `steps` as if the unit's register had none. None where a certificate is missing.
    """
    env = facts.names() | dict(point.env)
    inputs = []
    for name in sorted(point.model.names):
        lines: list[Line] = []
        if name not in CONTEXT:
            found = lines_of(procedure, name, values[name], facts, env)
            if any(line is None for line in found):
                return None
            own = name in procedure.needs and procedure.needs[name].per_uut
            lines = [line for line in found if line]
            lines += _carried(point, name, facts)
            if own and procedure.each_point.totalise is not None:
                lines = [_at_both_ends(Component(*line)) for line in lines]
            if own and not steps:
                lines = [line for line in lines if line[0] != "resolution"]
        inputs.append(Input(name, values[name], tuple(lines)))
    return tuple(inputs)


def _carried(point: ResolvedPoint, name: str, facts: Facts) -> list[Line]:
    """Return what a value from another point is expected to be uncertain by."""
    if name not in point.carried:
        return []
    part, other = point.carried[name]
    if part.each_point.totalise is not None:
        return []
    result = _usual_result(part, other, expected_values(part, other, facts), facts)
    return [] if result is None else [("carried", result.u, "normal", result.dof)]


def _usual_result(
    procedure: Procedure,
    point: ResolvedPoint,
    values: Mapping[str, float],
    facts: Facts,
    *,
    steps: bool = True,
) -> Result | None:
    inputs = usual_inputs(procedure, point, values, facts, steps=steps)
    if inputs is None:
        return None
    try:
        return propagate(point.model, inputs, unit=procedure.measurand.unit)
    except BenchctlError:
        return None


def _at_both_ends(line: Component) -> Component:
    """Return the line of a register that is read at the start and at the end: a triangle."""
    if line.source != "resolution":
        return line
    return line._replace(u=line.u * math.sqrt(2), distribution="triangular")
