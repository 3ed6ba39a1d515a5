"""Statistics of steadiness: von Neumann's ratio and the ratio of filtered variances.

Both are for independent readings: at a lag-1 correlation of 0.6 von Neumann's test calls nearly
every steady series unsteady. Whether a quantity has settled is for `settling` to say, which shows
that a change is small instead of failing to see one. These are for charts and screening.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from benchctl.core.series import Floats

_EXACT_TO = 400
"""Readings up to which the distribution is computed; beyond it is normal to four digits."""


def von_neumann_ratio(x: Floats) -> float:
    """Return sum (x_{i+1} - x_i)^2 / sum (x_i - mean)^2: about 2, small where there is a trend.

    Raises:
        ValueError: fewer than three readings, or all alike.
    """
    if x.size < 3 or np.ptp(x) == 0:
        raise ValueError("von Neumann's ratio needs three readings that are not all alike")
    y = x - x[0]
    y = y - y.mean()
    steps = np.diff(y)
    return float(np.dot(steps, steps) / np.dot(y, y))


@lru_cache(maxsize=64)
def von_neumann_critical(n: int, alpha: float = 0.05) -> float:
    """Return the ratio below which only `alpha` of series of n independent normal readings lie.

    The ratio is a weighted mean of squares with weights 2 - 2 cos(pi k / n), k = 1 .. n-1, so that
    P(ratio < c) is that of a quadratic form, found by Imhof's inversion (Biometrika 48 (1961) 419).

    Raises:
        ValueError: fewer than four readings.
    """
    if n < 4:
        raise ValueError(f"no critical value for {n} readings")
    if n > _EXACT_TO:
        from scipy.special import ndtri

        return 2 + float(ndtri(alpha)) * math.sqrt(4 * (n - 2) / ((n - 1) * (n + 1)))
    weights = 2 - 2 * np.cos(np.pi * np.arange(1, n) / n)
    low, high = 0.0, 2.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _below_zero(weights - middle) < alpha else (low, middle)
    return (low + high) / 2


@lru_cache(maxsize=1)
def _nodes() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(400)
    return nodes, weights


def _below_zero(weights: Floats) -> float:
    """Return P(sum w_k z_k^2 < 0) for independent standard normal z."""
    scale = weights / np.abs(weights).max()
    nodes, w = _nodes()
    share = (nodes + 1) / 2
    u, slope = share / (1 - share), 1 / (2 * (1 - share) ** 2)  # 0 .. infinity
    angle = 0.5 * np.arctan(np.outer(u, scale)).sum(axis=1)
    size = 0.25 * np.log1p(np.outer(u, scale) ** 2).sum(axis=1)
    integrand = np.sin(angle) / u * np.exp(-size) * slope
    return 0.5 - float(np.dot(w, integrand)) / math.pi


QUANTILES: Mapping[tuple[float, float, float], Mapping[float, float]] = {
    (0.2, 0.1, 0.1): {0.05: 0.770, 0.5: 0.999, 0.95: 1.443, 0.99: 1.734},
    (0.05, 0.05, 0.05): {0.95: 1.33, 0.99: 1.52},
}
"""Quantiles of `filtered_ratio` for white noise by its three factors; found by simulation."""


def filtered_ratio(x: Floats, factors: tuple[float, float, float] = (0.2, 0.1, 0.1)) -> Floats:
    """Return the ratio of Cao and Rhinehart after each reading from the second on, (n-1,).

    Two filtered estimates of the variance, about the filtered mean and from successive differences
    (J. Process Control 5 (1995) 363; the recursion is recalled, not read): about 1 in white noise,
    large while the level moves. It starts at the first reading with both estimates at 0.

    Raises:
        ValueError: fewer than two readings.
    """
    if x.size < 2:
        raise ValueError("a ratio needs two readings")
    mean_share, about_mean, of_steps = factors
    level, before, around, steps = float(x[0]), float(x[0]), 0.0, 0.0
    found = np.full(x.size - 1, np.nan)
    for i, value in enumerate(x[1:].tolist()):
        around = about_mean * (value - level) ** 2 + (1 - about_mean) * around
        level = mean_share * value + (1 - mean_share) * level
        steps = of_steps * (value - before) ** 2 + (1 - of_steps) * steps
        before = value
        if steps > 0:
            found[i] = (2 - mean_share) * around / steps
    return found
