"""Allan deviations of evenly spaced readings: over which time does averaging still help?

Of frequency (or any level) readings y; the averaging time is m readings. Definitions: NIST SP 1065.

    allan_deviation(y, 8), allan_deviation(y, 8, overlapping=True), modified_allan_deviation(y, 8)
"""

from __future__ import annotations

import math

import numpy as np

from benchctl.core.series import Floats


def allan_deviation(y: Floats, m: int = 1, *, overlapping: bool = False) -> float:
    """Return the Allan deviation of means over `m` readings.

    Without overlap the readings that do not fill a mean are left out at the end.

    Raises:
        ValueError: fewer than two means, or m is not positive.
    """
    means = _means(y, m)
    differences = means[m:] - means[:-m] if overlapping else np.diff(means[::m])
    if differences.size == 0:
        raise ValueError(f"{y.size} readings are too few for means of {m}")
    return math.sqrt(float(np.mean(differences**2)) / 2)


def modified_allan_deviation(y: Floats, m: int = 1) -> float:
    """Return the modified Allan deviation, which tells white from flicker phase noise.

    Raises:
        ValueError: fewer than 3 m - 1 readings, or m is not positive.
    """
    means = _means(y, m)
    differences = means[m:] - means[:-m]
    if differences.size < m:
        raise ValueError(f"{y.size} readings are too few for means of {m}")
    smooth = np.convolve(differences, np.ones(m) / m, "valid")
    return math.sqrt(float(np.mean(smooth**2)) / 2)


def _means(y: Floats, m: int) -> Floats:
    """Return the means of all runs of `m` readings, from each reading on."""
    if m < 1 or y.size < 2 * m:
        raise ValueError(f"{y.size} readings are too few for means of {m}")
    if m == 1:
        return y
    sums = np.concatenate(((0.0,), np.cumsum(y - y[0])))
    means: Floats = y[0] + (sums[m:] - sums[:-m]) / m
    return means
