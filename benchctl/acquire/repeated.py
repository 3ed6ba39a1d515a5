"""A window that is looked at again and again: how sure each look must be, and how sure it is.

Who waits until something has settled looks twice a second. At 95 % per look one lucky one comes
along sooner or later, so the 5 % are shared out among all looks until the time-out. A slope that
must be so sure needs a better knowledge of its own scatter than five block means have: here are
ten, and what bends steadily (the tail of an approach) is not taken for scatter. Where the noise is
too large for one dwell time, longer windows tell the same drift better.

    if surely_at_most(t, x, dwell, confidence_of_a_look(dwell, timeout)) <= limit: ...
"""

from __future__ import annotations

import math

import numpy as np

from benchctl.acquire.estimates import autocorrelation
from benchctl.acquire.prediction import block_means
from benchctl.acquire.student import quantile
from benchctl.core.series import Floats

_SPENT = 0.003
"""Risk of one look, times the dwell times until the time-out. For the worst ramps and the worst
noise all looks together are wrong in less than 5 % then, since looks within one dwell time see much
the same readings (counted in tests/acquire/test_settling_looks.py)."""

_BLOCKS = (5, 10)
"""Fewest and most blocks of a window."""

_WINDOWS = (1, 2, 4)
"""Dwell times over which the drift is told; what moved before only makes it larger."""

_EXACT = 1e-9
"""Share of a window by which it may be short from rounding of instants."""

_MOST = 0.9
"""A correlation beyond it cannot be told from a drift in so short a window."""

_FEWEST = 2
"""Degrees of freedom that are left at least."""


def confidence_of_a_look(dwell: float, timeout: float) -> float:
    """Return the one-sided confidence of each look at the last `dwell` s, until `timeout` s."""
    return 1.0 - _SPENT * dwell / max(timeout, dwell)


def surely_at_most(t: Floats, x: Floats, dwell: float, confidence: float) -> float:
    """Return the largest credible change over `dwell` seconds, at the drift that is there now.

    The least of what the last dwell times say, one, two and four; infinite where the readings
    fill none of them.
    """
    spans = (k * dwell for k in _WINDOWS if t[-1] - t[0] >= k * dwell * (1 - _EXACT))
    return min((_drift(t, x, span, confidence) * dwell for span in spans), default=math.inf)


def _drift(t: Floats, x: Floats, span: float, confidence: float) -> float:
    """Return the steepest credible drift over the last `span` seconds, per s.

    |b| + t_{p, nu} s_b, where b is the slope of the block means and s_b its standard deviation
    from what a parabola leaves of them, inflated for correlation as that of an AR(1) process; nu
    are the blocks less three, fewer where they are correlated.
    """
    began = t[-1] - span
    inside = t >= began - _EXACT * span
    t, x = t[inside] - began, x[inside]
    fewest, most = _BLOCKS
    centres, means = block_means(t / span, x, min(max(t.size, fewest), most))
    if means.size < fewest:
        return math.inf
    tau = (centres - centres.mean()) * span
    squares = float(np.dot(tau, tau))
    drift = float(np.dot(tau, means - means.mean())) / squares
    dof = means.size - 3
    left = _unbent(tau, means)
    r = _correlation(_unbent(t - t.mean(), x), means.size)
    widened = (1 + r) / (1 - r)
    s_b = math.sqrt(float(np.dot(left, left)) / dof / squares * widened)
    nu = max(_FEWEST, round(dof / widened))
    return abs(drift) + quantile(nu, confidence) * s_b


def _unbent(tau: Floats, x: Floats) -> Floats:
    """Return what the least-squares parabola leaves of readings; the mean of `tau` is 0."""
    x = x - x[0]
    line = tau / math.sqrt(float(np.dot(tau, tau)))
    bent = tau * tau - float(np.mean(tau * tau))
    bent = bent - float(np.dot(bent, line)) * line
    left: Floats = x - x.mean()
    for part in (line, bent):
        left = left - float(np.dot(left, part)) / float(np.dot(part, part)) * part
    return left


def _correlation(residuals: Floats, blocks: int) -> float:
    """Return the correlation of neighbouring block means, from the readings' lag-1 coefficient.

    For an AR(1) process with coefficient r, means of m readings each have the lag-1 correlation
    r (1 - r^m)^2 / (m (1 - r^2) - 2 r (1 - r^m)). The coefficient of n readings about a parabola
    comes out too small by about (3 + 5 r) / n; a negative one counts as none.
    """
    n = residuals.size
    m = max(1.0, n / blocks)
    if not np.any(residuals):
        return 0.0
    r = float(autocorrelation(residuals, 1)[1])
    r = min(r + (3 + 5 * r) / n, _MOST)
    if r <= 0:
        return 0.0
    return float(min(_MOST, r * (1 - r**m) ** 2 / (m * (1 - r * r) - 2 * r * (1 - r**m))))
