"""What the declared sources of uncertainty amount to, for the reference alone and for a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchctl.metrology import Input, propagate
from benchctl.procedure import Procedure

ReferenceU = Callable[[str, float], tuple[float, float] | None]
"""Standard uncertainty and degrees of freedom of a role's standard at a value in the role's
unit."""


def reference_uncertainty(
    procedure: Procedure, amount: float, reference_u: ReferenceU
) -> float | None:
    """Return U (k = 2) that the reference alone gives the measurand at `amount`.

    The unit's own indication is taken as exact and equal to the reference value. None where a role
    that asks for a certificate has no standard.
    """
    inputs = []
    measurand = procedure.measurand
    for role in measurand.model.names:
        components: list[tuple[str, float, str, float]] = []
        if not procedure.needs[role].per_uut:
            for component in measurand.inputs.get(role, ()):
                found = component_u(component.kind, component, role, amount, reference_u, {})
                if found is None:
                    return None
                components.append(found)
        inputs.append(Input(role, amount, tuple(components)))
    result = propagate(measurand.model, inputs, unit=measurand.unit)
    return 2.0 * result.u


def component_u(
    kind: str,
    component: Any,
    role: str,
    value: float,
    reference_u: ReferenceU,
    env: Mapping[str, Any],
) -> tuple[str, float, str, float] | None:
    """Return (source, u, distribution, degrees of freedom) of one declared component.

    None where a certificate is asked for and the role has no standard.
    """
    infinite = float("inf")
    if kind == "certificate":
        found = reference_u(role, value)
        return None if found is None else ("certificate", found[0], "normal", found[1])
    size = float(component.value(env))
    if component.relative:
        size *= abs(value) / 100.0
    if kind == "half_width":
        return (kind, size / 3.0**0.5, "rectangular", infinite)
    if kind == "resolution":
        return (kind, size / 12.0**0.5, "rectangular", infinite)
    return (kind, size, "normal", infinite)
