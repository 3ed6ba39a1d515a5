"""Propagation of uncertainty through a model, to first order (JCGM 100).

    inputs = (Input("Vi", 100.2, (resolution("register", 0.05),)),
              Input("Vr", 100.0, (from_certificate("certificate", U=0.1, k=2),)))
    result = propagate(lambda x: 100 * (x["Vi"] - x["Vr"]) / x["Vr"], inputs, unit="%")
    result.value, result.U, result.k, result.budget

Sensitivities are exact derivatives by complex step, f(x + ih) / h. A model that is not analytic
(`abs`, `min`, a comparison, a function of reals only) shows itself by a TypeError, or by a
derivative that is not the local slope; then the central difference over +-u is used instead.

All inputs and all components count as independent; Welch-Satterthwaite needs that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchctl.core.errors import BenchctlError, NotMeasuredError
from benchctl.core.messages import msg
from benchctl.core.results import Contribution, Result

Model = Callable[[Mapping[str, Any]], Any]
"""Takes the inputs' values by name, floats or complex numbers, and returns the result's value."""

P_TWO = math.erf(math.sqrt(2))
"""The coverage probability 0.95449974 of k = 2, usually written 95.45 %."""

_AGREES = 1e-3
"""Relative difference of derivative and local slope up to which the model counts as analytic."""


class Component(NamedTuple):
    """One source of uncertainty of an input: standard uncertainty, distribution, dof."""

    source: str
    u: float
    distribution: str = "normal"
    dof: float = math.inf


@dataclass(frozen=True, slots=True)
class Input:
    """An input quantity: its estimate and what makes it uncertain, in its own unit.

    A plain tuple (source, u, distribution, dof) does for a component.
    """

    name: str
    value: float
    components: tuple[tuple[str, float, str, float], ...] = ()

    @property
    def u(self) -> float:
        """Combined standard uncertainty of the components."""
        return math.hypot(*(u for _, u, _, _ in self.components))


def rectangular(source: str, half_width: float, dof: float = math.inf) -> Component:
    """Return a component that is equally probable within +-half_width: u = a / sqrt(3)."""
    return Component(source, _positive(half_width) / math.sqrt(3), "rectangular", dof)


def triangular(source: str, half_width: float, dof: float = math.inf) -> Component:
    """Return a component of triangular distribution: u = a / sqrt(6)."""
    return Component(source, _positive(half_width) / math.sqrt(6), "triangular", dof)


def arcsine(source: str, half_width: float, dof: float = math.inf) -> Component:
    """Return a component that swings between +-half_width (U-shaped): u = a / sqrt(2)."""
    return Component(source, _positive(half_width) / math.sqrt(2), "arcsine", dof)


def resolution(source: str, interval: float) -> Component:
    """Return the component of reading to a whole `interval`: rectangular, u = d / sqrt(12)."""
    return Component(source, _positive(interval) / math.sqrt(12), "rectangular")


def normal(source: str, u: float, dof: float = math.inf) -> Component:
    """Return a component with known standard uncertainty and degrees of freedom."""
    return Component(source, _positive(u), "normal" if math.isinf(dof) else "t", dof)


def from_certificate(source: str, U: float, k: float, dof: float = math.inf) -> Component:  # noqa: N803
    """Return the component of a certificate that states U and k: u = U / k."""
    if not k > 0:
        raise ValueError(f"a coverage factor must be positive, got {k}")
    return Component(source, _positive(U) / k, "normal", dof)


def propagate(model: Model, inputs: Sequence[Input], *, unit: str, p: float = P_TWO) -> Result:
    """Return value, u, U = k u and the budget of `model` at the estimates of `inputs`.

    k comes from Student's t at `p` for the effective degrees of freedom, truncated to an integer;
    0.9545 is understood as the probability of k = 2, so that k is exactly 2 for infinite dof.

    Raises:
        NotMeasuredError: the model has no finite value there, as with a reference of zero.
        ValueError: two inputs of one name, a negative u, dof that are not positive.
    """
    values = {i.name: i.value for i in inputs}
    if len(values) != len(inputs):
        raise ValueError("two inputs have the same name")
    y = _value(model, values)
    budget: list[Contribution] = []
    for i in inputs:
        if not i.components:
            continue
        c = sensitivity(model, values, i.name, i.u)
        for source, u, distribution, dof in i.components:
            if not (u >= 0 and dof > 0):
                raise ValueError(f"{i.name}, {source}: u = {u}, dof = {dof}")
            line = Contribution(i.name, source, i.value, u, distribution, dof, c, abs(c) * u)
            budget.append(line)
    u = math.hypot(*(line.contribution for line in budget))
    dof = effective_dof([(line.contribution, line.dof) for line in budget])
    p = P_TWO if abs(p - P_TWO) < 1e-6 else p
    k = coverage_factor(dof, p)
    return Result(y, unit, u, k, k * u, dof, p, tuple(budget))


def sensitivity(model: Model, values: Mapping[str, float], name: str, u: float) -> float:
    """Return the derivative of `model` by the input `name` at `values`.

    By complex step; where the model is not analytic there, by the central difference over +-u.

    Raises:
        NotMeasuredError: the model has no finite value at +-u, and it is needed.
    """
    x = values[name]
    h = 1e-20 * (abs(x) or 1.0)
    try:
        exact = complex(model({**values, name: complex(x, h)})).imag / h
    except (TypeError, ArithmeticError, ValueError, BenchctlError):
        exact = math.nan
    if math.isfinite(exact):
        near = max(1e-3 * u, 1e-7 * abs(x)) or 1e-7
        try:
            slope, noise = _slope(model, values, name, near)
        except NotMeasuredError:  # the model ends next to the estimate
            return exact
        if abs(exact - slope) <= _AGREES * max(abs(exact), abs(slope)) + noise:
            return exact
    return _slope(model, values, name, u or 1e-6 * (abs(x) or 1.0))[0]


def _slope(
    model: Model, values: Mapping[str, float], name: str, step: float
) -> tuple[float, float]:
    """Return the central difference over +-step and how far rounding may have moved it."""
    high, low = (_value(model, {**values, name: values[name] + s}) for s in (step, -step))
    noise = 64 * math.ulp(max(abs(high), abs(low))) / step
    return (high - low) / (2 * step), noise


def second_order_u(model: Model, inputs: Sequence[Input]) -> float:
    """Return the standard uncertainty of what the first order leaves out.

    sqrt(sum_ij 1/2 f_ij^2 u_i^2 u_j^2), the leading terms of JCGM 100, 5.1.2, note, by differences
    over +-u. Where it is not small against the result's u, as at a zero of all derivatives, the
    first order must not be trusted.

    Raises:
        NotMeasuredError: the model has no finite value within u of the estimates.
    """
    values = {i.name: i.value for i in inputs}
    uncertain = [i for i in inputs if i.u > 0]

    def at(**shifts: float) -> float:
        return _value(model, {**values, **{n: values[n] + s for n, s in shifts.items()}})

    y = at()
    total = 0.0
    for a, first in enumerate(uncertain):
        curvature = at(**{first.name: first.u}) + at(**{first.name: -first.u}) - 2 * y
        total += curvature**2 / 2
        for other in uncertain[a + 1 :]:
            corners = [
                at(**{first.name: i * first.u, other.name: j * other.u})
                for i, j in ((1, 1), (-1, -1), (1, -1), (-1, 1))
            ]
            total += ((corners[0] + corners[1] - corners[2] - corners[3]) / 4) ** 2
    return math.sqrt(total)


def effective_dof(contributions: Sequence[tuple[float, float]]) -> float:
    """Return the degrees of freedom by Welch-Satterthwaite from (contribution, dof) pairs.

    JCGM 100, G.4.1; infinite where no contribution has finite ones.
    """
    u = math.hypot(*(c for c, _ in contributions))
    if u == 0:
        return math.inf
    total = sum((c / u) ** 4 / dof for c, dof in contributions)
    return 1 / total if total > 0 else math.inf


def coverage_factor(dof: float, p: float = P_TWO) -> float:
    """Return k for the two-sided coverage probability `p`: Student's t at floor(dof).

    Truncation is that of JCGM 100, G.4.1, note 1; below one degree of freedom `dof` is taken as
    it is. Exactly 2 for infinite dof and p = erf(sqrt 2).

    Raises:
        ValueError: dof that are not positive, a probability outside 0..1.
    """
    if not (dof > 0 and 0 < p < 1):
        raise ValueError(f"no coverage factor for dof {dof} and p {p}")
    if math.isinf(dof) and p == P_TWO:
        return 2.0
    from scipy.special import ndtri, stdtrit

    tail = (1 + p) / 2
    if math.isinf(dof):
        return float(ndtri(tail))
    whole = math.floor(dof + 1e-9)
    return float(stdtrit(whole if whole >= 1 else dof, tail))


def _value(model: Model, values: Mapping[str, float]) -> float:
    try:
        y = model(values)
    except (ArithmeticError, ValueError) as error:
        raise NotMeasuredError(msg("metrology.no-value", reason=str(error))) from error
    if isinstance(y, complex) or not math.isfinite(y):
        raise NotMeasuredError(msg("metrology.no-value", reason=str(y)))
    return float(y)


def _positive(value: float) -> float:
    if not 0 <= value < math.inf:
        raise ValueError(f"an uncertainty must be finite and not negative, got {value}")
    return value
