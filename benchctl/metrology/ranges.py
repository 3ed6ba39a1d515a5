"""The standard deviation of few values from their range: (largest - least) / C.

    range_deviation([[0.11, 0.16, 0.21]])       # array([0.0592])

C is the mean range of n normal values in standard deviations. JJF 1059.1-2012 (as recalled) has it
to two decimals, and regulations divide by these: repeatability of three runs is the range over
1.69, that of five the range over 2.33. A test holds the table against the integral.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchctl.core.series import Floats

MEAN_RANGE: Mapping[int, float] = {
    2: 1.13,
    3: 1.69,
    4: 2.06,
    5: 2.33,
    6: 2.53,
    7: 2.70,
    8: 2.85,
    9: 2.97,
    10: 3.08,
}
"""C by the number of values."""


def spread_of_runs(runs: Any) -> Floats:
    """Return at each point the range of its runs.

    The argument has a row per point; NaN stands where a point has fewer runs than another.

    Raises:
        ValueError: a point has no run.
    """
    rows = _rows(runs, 1)
    return np.array([float(np.ptp(row)) for row in rows])


def range_deviation(runs: Any) -> Floats:
    """Return at each point the standard deviation of one run, from the range of its runs.

    Raises:
        ValueError: a point has fewer than 2 or more than 10 runs.
    """
    rows = _rows(runs, 2)
    if any(row.size not in MEAN_RANGE for row in rows):
        raise ValueError(runs)
    return np.array([float(np.ptp(row)) / MEAN_RANGE[row.size] for row in rows])


def deviation_of_runs(runs: Any) -> Floats:
    """Return at each point the experimental standard deviation of one run (JCGM 100, 4.2.2).

    Raises:
        ValueError: a point has fewer than 2 runs.
    """
    return np.array([float(np.std(row, ddof=1)) for row in _rows(runs, 2)])


def padded(runs: list[list[float]]) -> Floats:
    """Return runs of several points as rows of one array, NaN where a point has fewer."""
    widest = max((len(row) for row in runs), default=0)
    return np.array([[*row, *[np.nan] * (widest - len(row))] for row in runs], dtype=float)


def _rows(runs: Any, least: int) -> list[Floats]:
    rows = [row[~np.isnan(row)] for row in np.atleast_2d(np.asarray(runs, dtype=float))]
    if any(row.size < least for row in rows):
        raise ValueError(runs)
    return rows
