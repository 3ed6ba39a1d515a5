"""When will it have settled? Exponential extrapolation, refused where it is not credible.

For a progress display and for bounding what is left; never for a result.
"""

from __future__ import annotations

import math

import numpy as np

from benchctl.core.series import Floats

_CREDIBLE = 4.0
"""How many standard deviations of noise a step must have before it is extrapolated."""

_CURVED = 1.15
"""Credible change of five block means over that of the exponential they lie on, 1.0 to 1.3."""


def extrapolate(
    y: tuple[float, float, float], h: float, noise: float = 0.0
) -> tuple[float, float] | None:
    """Return the final value and the time constant (s) of an exponential approach.

    From three values `y` that are `h` seconds apart, each with standard deviation `noise`, by
    Aitken's delta-squared process. None where that is not credible: a step below 4 noise, a ratio
    of the steps outside 0..1, or a way to go that is known to no better than half of itself.
    """
    first, second = y[1] - y[0], y[2] - y[1]
    if min(abs(first), abs(second)) <= _CREDIBLE * noise:
        return None
    ratio = second / first
    if not 0 < ratio < 1:
        return None
    if math.sqrt(2) * noise * math.hypot(1 / first, 1 / second) > 0.5 * (1 - ratio):
        return None
    return y[2] + second * ratio / (1 - ratio), -h / math.log(ratio)


def remaining_time(
    t: Floats, x: Floats, limit: float, band: tuple[float, float] | None, dwell: float
) -> float | None:
    """Return the predicted time in s until the last `dwell` seconds have settled, or None.

    `limit` is the largest change over them, `band` a target and the half-width around it. The
    thirds of the last `dwell` seconds are extrapolated; their noise is told by successive
    differences, which a trend does not disturb.
    """
    end, span = float(t[-1]), min(dwell, float(t[-1] - t[0]))
    recent = t >= end - span
    t, x = t[recent], x[recent]
    if t.size < 6 or span <= 0:
        return None
    centres, means = block_means((t - end) / span + 1, x, 3)
    if means.size < 3:
        return None
    c, y = centres.tolist(), means.tolist()
    y[1] += ((c[0] + c[2]) / 2 - c[1]) * (y[2] - y[0]) / (c[2] - c[0])  # to the very middle
    steps = np.diff(x)
    noise = math.sqrt(float(np.dot(steps, steps)) / (2 * steps.size) / (t.size / 3))
    found = extrapolate((y[0], y[1], y[2]), (c[2] - c[0]) / 2 * span, noise)
    if found is None:
        return None
    final, tau = found
    allowed = limit / _CURVED / -math.expm1(-dwell / tau)
    if band is not None:
        allowed = min(allowed, band[1] - abs(final - band[0]))
    if allowed <= 0:
        return None
    a = span / 6 / tau  # a mean over a third lies above the value at its middle by sinh(a) / a
    now = abs(y[2] - final) * a / math.sinh(a) * math.exp((c[2] - 1) * span / tau)
    return max(0.0, dwell + tau * math.log(max(now / allowed, 1e-300)))


def block_means(share: Floats, x: Floats, blocks: int) -> tuple[Floats, Floats]:
    """Return mean position (0..1) and mean of each block that has readings."""
    index = np.clip((share * blocks).astype(int), 0, blocks - 1)
    n = np.bincount(index, minlength=blocks)
    filled = n > 0
    centres: Floats = np.bincount(index, share, blocks)[filled] / n[filled]
    means: Floats = x[0] + np.bincount(index, x - x[0], blocks)[filled] / n[filled]
    return centres, means
