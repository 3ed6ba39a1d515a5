"""What the declared sources of uncertainty amount to, for the reference alone and for a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchctl.core.errors import NotMeasuredError
from benchctl.language import ExpressionError
from benchctl.metrology import Input, propagate
from benchctl.procedure import CONTEXT, Component, Model, Procedure, ResolvedPoint

ReferenceU = Callable[[str, float], tuple[float, float] | None]
"""Standard uncertainty and degrees of freedom of a role's standard at a value in the role's
unit."""
Line = tuple[str, float, str, float]
"""Source, standard uncertainty, distribution, degrees of freedom."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the bench states: standards' uncertainties, figures, steps of indications by role."""

    reference_u: ReferenceU
    constants: Mapping[str, float] = field(default_factory=dict)
    resolutions: Mapping[str, float] = field(default_factory=dict)

    def names(self) -> dict[str, float]:
        """Return what a component's expression may name."""
        return {f"{role}.resolution": step for role, step in self.resolutions.items()}


def counted_role(procedure: Procedure) -> str:
    """Return what the units are compared with, as it is read.

    The role whose total, or difference between two states of rest, is the input; or that which is
    read beside the units.
    """
    beside = procedure.each_point.read or procedure.each_point.pulses
    if beside is not None:
        return beside.reference
    if procedure.each_point.compare is not None:
        return procedure.each_point.compare.read
    totalise = procedure.each_point.total
    return totalise.standing.read if totalise.standing else totalise.role


def expected_values(procedure: Procedure, point: ResolvedPoint, facts: Facts) -> dict[str, float]:
    """Return the model's inputs as they are expected at a point that is measured by readings."""
    values = {"uut.position": 1.0, "run.duration": point.expected_s, **facts.constants}
    for role in point.model.names - CONTEXT.keys() - values.keys():
        usual = procedure.needs[role].usual
        values[role] = point.expect.get(role, 0.0 if usual is None else usual)
    return values


def usual_values(
    procedure: Procedure, amount: float, seconds: float, facts: Facts
) -> dict[str, float]:
    """Return the model's inputs as they usually are when `amount` passes in `seconds` s.

    The unit's own indication is taken as exact and equal to the reference value.
    """
    values = {"uut.position": 1.0, "run.duration": seconds, **facts.constants}
    for role in procedure.measurand.model.names - CONTEXT.keys() - values.keys():
        need = procedure.needs[role]
        values[role] = amount if need.per_uut or need.usual is None else need.usual
    counted = counted_role(procedure)
    values[counted] = counted_for(procedure, amount, values)
    return values


def counted_for(procedure: Procedure, amount: float, values: Mapping[str, float]) -> float:
    """Return which value of the counted role gives `amount`, all else being as in `values`.

    The amount goes with it in proportion, but for a constant.
    """
    role, counted = procedure.each_point.total.role, counted_role(procedure)
    if role == counted:
        return amount
    model = procedure.measurand.model
    none = amount_of(procedure, {**values, counted: 0.0})
    one = float(model.step(role, {**values, counted: 1.0}))
    return (amount - none) / (one - none)


def amount_of(procedure: Procedure, values: Mapping[str, float]) -> float:
    """Return how much was totalised.

    Raises:
        NotMeasuredError: the model has no value there.
    """
    try:
        return float(procedure.measurand.model.step(procedure.each_point.total.role, values))
    except ExpressionError as error:
        raise NotMeasuredError(error.message) from error


def reference_uncertainty(
    procedure: Procedure, values: Mapping[str, float], facts: Facts, model: Model | None = None
) -> float | None:
    """Return U (k = 2) that the reference alone gives the measurand at `values`.

    `model` is that of a unit at a point, where it names what is known of them. None where a role
    that asks for a certificate has no standard.
    """
    inputs = []
    measurand = procedure.measurand
    model = measurand.model if model is None else model
    for name in sorted(model.names):
        lines: list[Line] = []
        if name not in CONTEXT and not procedure.needs[name].per_uut:
            found = lines_of(procedure, name, values[name], facts, facts.names())
            if any(line is None for line in found):
                return None
            lines = [line for line in found if line is not None]
        inputs.append(Input(name, values[name], tuple(lines)))
    result = propagate(model, inputs, unit=measurand.unit)
    return 2.0 * result.u


def lines_of(
    procedure: Procedure, role: str, value: float, facts: Facts, env: Mapping[str, Any]
) -> list[Line | None]:
    """Return what is declared for an input; None for a certificate that nothing stands behind.

    A figure of the bench has what the bench file states with it.
    """
    declared = procedure.measurand.inputs.get(role, ())
    if procedure.needs[role].constant and not declared:
        found = facts.reference_u(role, value)
        return [] if found is None else [("certificate", found[0], "normal", found[1])]
    totalise = procedure.each_point.totalise
    standing = None if totalise is None else totalise.standing
    twice = standing is not None and standing.read == role
    return [component_u(c, role, value, facts.reference_u, env, twice=twice) for c in declared]


def component_u(
    component: Component,
    role: str,
    value: float,
    reference_u: ReferenceU,
    env: Mapping[str, Any],
    *,
    twice: bool = False,
) -> Line | None:
    """Return (source, u, distribution, degrees of freedom) of one declared component.

    None where a certificate is asked for and the role has no standard. `twice`: the value is the
    difference of two readings, so that their steps make a triangle.
    """
    kind = component.kind
    if kind == "certificate" or component.value is None:
        found = reference_u(role, value)
        return None if found is None else ("certificate", found[0], "normal", found[1])
    size = float(component.value(env))
    if component.relative:
        size *= abs(value) / 100.0
    if kind == "half_width":
        return (kind, size / math.sqrt(3), "rectangular", math.inf)
    if kind == "resolution" and twice:
        return (kind, size / math.sqrt(6), "triangular", math.inf)
    if kind == "resolution":
        return (kind, size / math.sqrt(12), "rectangular", math.inf)
    return (kind, size, "normal", math.inf)
