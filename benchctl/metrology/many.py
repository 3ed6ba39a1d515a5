"""First-order propagation of one model at many estimates at once, as arrays.

The same sums as `uncertainty.propagate`, for recomputing a whole record or drawing a curve: each
input is stepped into the complex plane for all estimates together.

    found = propagate_many(model, {"Vi": vi, "Vr": vr}, {"Vi": 0.014, "Vr": u_r}, {"Vr": 50})
    found.value, found.u, found.U
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from benchctl.core.errors import BenchctlError, NotMeasuredError
from benchctl.core.messages import msg
from benchctl.core.series import Floats
from benchctl.metrology.coverage import P_TWO, coverage_factor, meant_probability
from benchctl.metrology.derivatives import Model

_AGREES = 1e-3


@dataclass(frozen=True, slots=True)
class Results:
    """Values with their uncertainty, each an array of the same shape; U = k u at `p`."""

    value: Floats
    u: Floats
    dof: Floats
    k: Floats
    U: Floats
    p: float
    sensitivity: Mapping[str, Floats]


def propagate_many(
    model: Model,
    values: Mapping[str, ArrayLike],
    u: Mapping[str, ArrayLike],
    dof: Mapping[str, ArrayLike] | None = None,
    *,
    p: float = P_TWO,
) -> Results:
    """Return values and uncertainties of `model` at estimates that are arrays (n,) or single.

    `u` are standard uncertainties of independent inputs, `dof` their degrees of freedom where they
    are finite. Where the model is not analytic the difference over +-u counts, as in `derivatives`.

    Raises:
        NotMeasuredError: the model has no finite value at one of the estimates.
        ValueError: a negative u, or the shapes do not fit together.
    """
    arrays = {n: np.asarray(v, dtype=np.float64) for n, v in values.items()}
    us = {n: np.asarray(v, dtype=np.float64) for n, v in u.items()}
    dofs = {n: np.asarray(v, dtype=np.float64) for n, v in (dof or {}).items()}
    if any((v < 0).any() for v in us.values()):
        raise ValueError("a standard uncertainty is negative")
    shape = np.broadcast_shapes(*(a.shape for a in [*arrays.values(), *us.values()]))
    full = {n: np.array(np.broadcast_to(v, shape)) for n, v in arrays.items()}
    y = _finite(model, full, shape)
    slopes = {n: _slopes(model, full, n, np.broadcast_to(us[n], shape)) for n in us}
    parts = {n: np.abs(c) * us[n] for n, c in slopes.items()}
    total: Floats = np.sqrt(sum((part**2 for part in parts.values()), np.zeros(shape)))
    fourth = sum((parts[n] ** 4 / d for n, d in dofs.items() if n in parts), np.zeros(shape))
    with np.errstate(divide="ignore", invalid="ignore"):
        effective: Floats = np.where(fourth > 0, total**4 / fourth, np.inf)
    p = meant_probability(p)
    k = _factors(effective, p)
    return Results(y, total, effective, k, k * total, p, slopes)


def _factors(dof: Floats, p: float) -> Floats:
    """Return the coverage factors for truncated dof."""
    if np.isinf(dof).all():
        return np.full(dof.shape, coverage_factor(np.inf, p))
    from scipy.special import stdtrit

    whole = np.floor(dof + 1e-9)
    finite = np.where(whole >= 1, whole, dof)
    k: Floats = np.where(
        np.isinf(dof),
        coverage_factor(np.inf, p),
        stdtrit(np.where(np.isinf(dof), 1.0, finite), (1 + p) / 2),
    )
    return k


def _finite(model: Model, values: Mapping[str, Floats], shape: tuple[int, ...]) -> Floats:
    try:
        with np.errstate(all="ignore"):
            y = np.asarray(model(values), dtype=np.float64)
    except (ArithmeticError, ValueError) as error:
        raise NotMeasuredError(msg("metrology.no-value", reason=str(error))) from error
    if not np.isfinite(y).all():
        raise NotMeasuredError(msg("metrology.no-value", reason=str(y)))
    found: Floats = np.array(np.broadcast_to(y, shape))
    return found


def _slopes(model: Model, values: Mapping[str, Floats], name: str, u: Floats) -> Floats:
    """Return the derivatives by one input, exact where the model is analytic."""
    x = values[name]
    exact = _complex_step(model, values, name)
    near = np.maximum(
        np.maximum(1e-3 * u, 1e-7 * np.abs(x)), np.where((x == 0) & (u == 0), 1e-7, 0)
    )
    try:
        slope, noise = _difference(model, values, name, near)
    except BenchctlError:  # the model ends next to an estimate
        if np.isfinite(exact).all():
            return exact
        raise
    bound = _AGREES * np.maximum(np.abs(exact), np.abs(slope)) + noise
    analytic = np.abs(exact - slope) <= bound
    if analytic.all():
        return exact
    step = np.where(u > 0, u, 1e-6 * np.where(x == 0, 1.0, np.abs(x)))
    found: Floats = np.where(analytic, exact, _difference(model, values, name, step)[0])
    return found


def _complex_step(model: Model, values: Mapping[str, Floats], name: str) -> Floats:
    x = values[name]
    h = 1e-20 * np.where(x == 0, 1.0, np.abs(x))
    found: Floats
    try:
        with np.errstate(all="ignore"):
            y = np.asarray(model({**values, name: x + 1j * h}))
            found = np.array(np.broadcast_to(y.imag / h, x.shape))
    except (TypeError, ArithmeticError, ValueError, BenchctlError):
        found = np.full(x.shape, np.nan)
    return found


def _difference(
    model: Model, values: Mapping[str, Floats], name: str, step: Floats
) -> tuple[Floats, Floats]:
    """Return central differences over +-step and how far rounding may have moved them."""
    x = values[name]
    high = _finite(model, {**values, name: x + step}, x.shape)
    low = _finite(model, {**values, name: x - step}, x.shape)
    noise = 64 * np.spacing(np.maximum(np.abs(high), np.abs(low))) / step
    return (high - low) / (2 * step), noise
