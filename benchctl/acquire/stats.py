"""Statistics of readings at a desk: what `benchctl stats` says about a column of numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from benchctl.acquire.estimates import autocorrelation, checked, estimate, slope
from benchctl.acquire.outliers import outliers
from benchctl.core.series import Floats

LARGE = 1e100
_SETTLED_ALPHA = 0.01


def describe(values: ArrayLike, times: ArrayLike | None = None) -> dict[str, Any]:
    """Return n, mean, s, u, n_eff, lag1, drift {slope, u}, outliers [index], settled.

    Without `times` (s) readings count as 1 apart. `settled` is True where no drift can be seen: the
    slope does not differ from zero at 1 %. That is less than `settling.settled` asks for, which
    needs a limit. `outliers` are suspects of the GESD test
    at 5 %; nothing is left out because of them. What cannot be told from the readings is None.

    Raises:
        ValueError: no reading at all, shapes differ, or something is not finite.
    """
    x = np.asarray(values, dtype=np.float64)
    t, x = checked(np.arange(x.size) if times is None else times, x)
    size = float(np.max(np.abs(x)))
    scale = size if size > LARGE else 1.0  # squares of larger readings are beyond a float
    x = x / scale
    e = estimate(t, x)
    return {
        "n": e.n,
        "mean": _finite(e.mean * scale),
        "s": _finite(e.s * scale),
        "u": _finite(e.u * scale),
        "n_eff": e.n_eff,
        "lag1": lag1(x),
        "drift": {"slope": _finite(e.drift * scale), "u": _finite(e.drift_u * scale)},
        "outliers": outliers(x),
        "settled": _no_drift(t, x),
    }


def lag1(x: Floats) -> float | None:
    """Return the lag-1 autocorrelation coefficient; None where all readings are alike."""
    if x.size < 2 or np.ptp(x) == 0:
        return None
    return float(autocorrelation(x, 1)[1])


def _no_drift(t: Floats, x: Floats) -> bool:
    """Return whether the slope is compatible with zero; False for fewer than three readings."""
    line = slope(t, x)
    if not math.isfinite(line.u):
        return False
    if line.u == 0:
        return line.b == 0
    from scipy.special import stdtrit

    return abs(line.b) <= float(stdtrit(line.dof, 1 - _SETTLED_ALPHA / 2)) * line.u


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
