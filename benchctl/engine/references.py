"""What the declared sources of uncertainty amount to, for the reference alone and for a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Any, Protocol

from benchctl.bench import Seen, Wiring, certificate_drift
from benchctl.core.errors import NotMeasuredError
from benchctl.core.units import unit
from benchctl.language import Expression, ExpressionError
from benchctl.metrology import Component, Input, propagate
from benchctl.procedure import CONTEXT, Model, Procedure, ResolvedPoint
from benchctl.procedure import Component as DeclaredComponent


class ReferenceU(Protocol):
    """Standard uncertainty and degrees of freedom of a role's standard."""

    def __call__(self, role: str, value: float, seen: Seen = ()) -> tuple[float, float] | None:
        """Return them at a value in the role's unit; `seen` are other quantities' values."""


Line = tuple[str, float, str, float] | Component
"""Source, standard uncertainty, distribution, degrees of freedom (shape)."""


def _no_drift(_role: str, _value: float) -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What the bench states: standards' uncertainties, figures, steps of indications by role."""

    reference_u: ReferenceU
    constants: Mapping[str, float] = field(default_factory=dict)
    resolutions: Mapping[str, float] = field(default_factory=dict)
    drift: Callable[[str, float], float] = _no_drift
    """Half-width of what a role's standard may have drifted, at a value in the role's unit."""
    seen: Seen = ()
    """Values of other quantities by which certificates are entered: the flow of a volume."""

    def at(self, value: float, symbol: str) -> Facts:
        """Return the same facts where a certificate is entered with a set-point as well."""
        return self if not symbol else replace(self, seen=((value, unit(symbol)),))

    def certificate(self, role: str, value: float) -> list[Line]:
        """Return what the certificate behind a role contributes, nothing where none stands."""
        found = self.reference_u(role, value, self.seen)
        if found is None:
            return []
        lines: list[Line] = [("certificate", found[0], "normal", found[1])]
        if (half := self.drift(role, value)) > 0:
            lines.append(("drift", half / math.sqrt(3), "rectangular", math.inf))
        return lines

    def names(self) -> dict[str, float]:
        """Return what a component's expression may name."""
        return {f"{role}.resolution": step for role, step in self.resolutions.items()}


def facts_of(wiring: Wiring) -> Facts:
    """Return what a bench states of itself."""
    return Facts(
        wiring.reference_u,
        wiring.constants(),
        wiring.resolutions(),
        drift=partial(certificate_drift, wiring),
    )


def indication_roles(procedure: Procedure) -> frozenset[str]:
    """Return the roles of each unit that the way to measure itself reads."""
    each = procedure.each_point
    if each.read is not None:
        return frozenset((each.read.indication,))
    if each.pulses is not None:
        return frozenset((each.pulses.indication, each.pulses.reference))
    if each.timed is not None:
        return frozenset((each.timed.role,))
    if each.compare is not None:
        return frozenset((each.compare.read,))
    names = procedure.measurand.model.names
    own = (r for r, need in procedure.needs.items() if need.per_uut and r in names)
    return frozenset([*own][:1])


def counted_role(procedure: Procedure) -> str:
    """Return what the units are compared with, as it is read.

    The role whose total, or difference between two states of rest, is the input; or that which is
    read beside the units.
    """
    beside = procedure.each_point.read or procedure.each_point.pulses
    if beside is not None:
        return beside.reference
    if procedure.each_point.timed is not None:
        return procedure.each_point.timed.role
    if procedure.each_point.compare is not None:
        return procedure.each_point.compare.read
    totalise = procedure.each_point.total
    return totalise.standing.read if totalise.standing else totalise.role


def expected_values(procedure: Procedure, point: ResolvedPoint, facts: Facts) -> dict[str, float]:
    """Return the model's inputs as they are expected at a point that is measured by readings."""
    values = {"uut.position": 1.0, "run.duration": point.expected_s, **facts.constants}
    for role in point.model.names - CONTEXT.keys() - values.keys():
        need = procedure.needs.get(role)
        usual = None if need is None else need.usual
        values[role] = point.expect.get(role, 0.0 if usual is None else usual)
    pulses = procedure.each_point.pulses
    if pulses is not None and pulses.reference not in point.expect:
        values[pulses.reference] = _agreeing(point.model, values, pulses.reference)
    return values


def _agreeing(model: Model, values: Mapping[str, float], role: str) -> float:
    """Return the positive value of a role at which the measurand is 0: the unit is right.

    It is looked for over 24 decades, then halved; 1 where there is none.
    """

    def sign(x: float) -> float:
        try:
            return math.copysign(1.0, float(model({**values, role: x})))
        except ExpressionError:
            return 0.0

    decades = [10.0**n for n in range(-12, 13)]
    found = ((a, b) for a, b in pairwise(decades) if sign(a) * sign(b) < 0)
    low, high = next(found, (1.0, 1.0))
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if sign(middle) == sign(low) else (low, middle)
    return math.sqrt(low * high)


def usual_values(
    procedure: Procedure, amount: float, seconds: float, facts: Facts
) -> dict[str, float]:
    """Return the model's inputs as they usually are when `amount` passes in `seconds` s.

    The unit's own indication is taken as exact and equal to the reference value.
    """
    values = {"uut.position": 1.0, "run.duration": seconds, **facts.constants}
    own = indication_roles(procedure)
    for role in procedure.measurand.model.names - CONTEXT.keys() - values.keys():
        need = procedure.needs[role]
        values[role] = amount if role in own or need.usual is None else need.usual
    counted = counted_role(procedure)
    values[counted] = counted_for(procedure, amount, values)
    return values


def alike(procedure: Procedure) -> bool:
    """Return whether the units indicate what is totalised; behind nozzles that is a time."""
    of = unit(procedure.each_point.total.unit).dimension
    own = (procedure.needs[role].unit for role in indication_roles(procedure))
    return all(unit(symbol).dimension == of for symbol in own)


def agreed(procedure: Procedure, model: Model, values: Mapping[str, float]) -> dict[str, float]:
    """Return the values with an indication at which the unit and the reference agree.

    Where a unit indicates what is totalised, that is the amount, which they have already.
    """
    if alike(procedure):
        return dict(values)
    (role,) = indication_roles(procedure)
    return {**values, role: _agreeing(model, values, role)}


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
        if name not in CONTEXT:
            # of what each unit has, only a standard's certificate is the reference's
            need = procedure.needs.get(name)
            only = "certificate" if need is not None and need.per_uut else ""
            found = lines_of(procedure, name, values[name], facts, facts.names(), only=only)
            if any(line is None for line in found):
                return None
            lines = [line for line in found if line is not None]
        inputs.append(Input(name, values[name], tuple(lines)))
    result = propagate(model, inputs, unit=measurand.unit)
    return 2.0 * result.u


def lines_of(
    procedure: Procedure,
    role: str,
    value: float,
    facts: Facts,
    env: Mapping[str, Any],
    *,
    only: str = "",
) -> list[Line | None]:
    """Return what is declared for an input; None for a certificate that nothing stands behind.

    A figure of the bench has what the bench file states with it. `only` is the one kind of sources
    that is wanted.
    """
    declared = procedure.measurand.inputs.get(role, ())
    declared = tuple(c for c in declared if only in ("", c.kind))
    need = procedure.needs.get(role)
    if need is not None and need.constant and not declared:
        return [*facts.certificate(role, value)]
    totalise = procedure.each_point.totalise
    standing = None if totalise is None else totalise.standing
    twice = standing is not None and standing.read == role
    lines: list[Line | None] = []
    for component in declared:
        if component.kind == "certificate" or component.value is None:
            lines += facts.certificate(role, value) or [None]
        else:
            lines.append(component_u(component, component.value, value, env, twice=twice))
    return lines


def component_u(
    component: DeclaredComponent,
    size_of: Expression,
    value: float,
    env: Mapping[str, Any],
    *,
    twice: bool = False,
) -> Line:
    """Return (source, u, distribution, degrees of freedom) of one declared component.

    `twice`: the value is the difference of two readings, so that their steps make a triangle.
    """
    kind = component.kind
    size = float(size_of(env))
    if component.relative:
        size *= abs(value) / 100.0
    if kind == "half_width":
        return (kind, size / math.sqrt(3), "rectangular", math.inf)
    if kind == "resolution" and twice:
        return (kind, size / math.sqrt(6), "triangular", math.inf)
    if kind == "resolution":
        return (kind, size / math.sqrt(12), "rectangular", math.inf)
    return (kind, size, "normal", math.inf)
