"""How a result follows its inputs: exact derivatives by complex step, and what they leave out.

Im f(x + ih) / h has no cancellation, so h is as small as numbers allow and the derivative exact. A
model that is not analytic (`abs`, `min`, a table, a function of reals only) shows itself by a
TypeError, or by a derivative that is not the local slope; then the central difference over +-u is
used instead, which is what the kink means to a quantity that is uncertain by u.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from benchctl.core.errors import BenchctlError, NotMeasuredError
from benchctl.core.messages import msg
from benchctl.metrology.components import Input

Model = Callable[[Mapping[str, Any]], Any]
"""Takes the inputs' values by name, floats or complex numbers, and returns the result's value."""

_AGREES = 1e-3
"""Relative difference of derivative and local slope up to which the model counts as analytic."""


class Sensitivity(NamedTuple):
    """A derivative of the model; `exact` False: the central difference over +-u."""

    c: float
    exact: bool


def model_value(model: Model, values: Mapping[str, float]) -> float:
    """Return the model's value.

    Raises:
        NotMeasuredError: it has no finite one.
    """
    try:
        y = model(values)
    except (ArithmeticError, ValueError) as error:
        raise NotMeasuredError(msg("metrology.no-value", reason=str(error))) from error
    if isinstance(y, complex) or not math.isfinite(y):
        raise NotMeasuredError(msg("metrology.no-value", reason=str(y)))
    return float(y)


def sensitivity(model: Model, values: Mapping[str, float], name: str, u: float) -> float:
    """Return the derivative of `model` by the input `name` at `values`.

    By complex step; where the model is not analytic there, by the central difference over +-u.

    Raises:
        NotMeasuredError: the model has no finite value at +-u, and it is needed.
    """
    return derivative(model, values, name, u).c


def derivative(model: Model, values: Mapping[str, float], name: str, u: float) -> Sensitivity:
    """Return the derivative, as `sensitivity`, and whether it is exact.

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
        except BenchctlError:  # the model ends next to the estimate
            return Sensitivity(exact, True)
        if abs(exact - slope) <= _AGREES * max(abs(exact), abs(slope)) + noise:
            return Sensitivity(exact, True)
    return Sensitivity(_slope(model, values, name, u or 1e-6 * (abs(x) or 1.0))[0], False)


def _slope(
    model: Model, values: Mapping[str, float], name: str, step: float
) -> tuple[float, float]:
    """Return the central difference over +-step and how far rounding may have moved it."""
    high, low = (model_value(model, {**values, name: values[name] + s}) for s in (step, -step))
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
        return model_value(model, {**values, **{n: values[n] + s for n, s in shifts.items()}})

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
