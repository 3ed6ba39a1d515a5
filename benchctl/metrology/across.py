"""What follows from several points of one instrument: signs, means, linearity, hysteresis.

The arguments are arrays with an element per point; every function returns one value.

    same_sign([0.8, 1.2, 0.3])                  # True
    weighted_mean([1.0, -0.5], [1.0, 3.0])      # -0.125
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchctl.core.series import Floats


def every(condition: Any) -> bool:
    """Return whether a condition holds at every point."""
    return bool(np.all(condition))


def some(condition: Any) -> bool:
    """Return whether a condition holds at one point at least."""
    return bool(np.any(condition))


def how_many(condition: Any) -> float:
    """Return at how many points a condition holds."""
    return float(np.count_nonzero(condition))


def same_sign(y: Any) -> bool:
    """Return whether all values lie on one side of zero; a zero lies on none."""
    values = np.asarray(y, dtype=float)
    return bool(np.all(values > 0.0) or np.all(values < 0.0))


def mean(y: Any) -> float:
    """Return the mean."""
    return float(np.mean(np.asarray(y, dtype=float)))


def total(y: Any) -> float:
    """Return the sum."""
    return float(np.sum(np.asarray(y, dtype=float)))


def largest(y: Any) -> float:
    """Return the largest value."""
    return float(np.max(np.asarray(y, dtype=float)))


def least(y: Any) -> float:
    """Return the least value."""
    return float(np.min(np.asarray(y, dtype=float)))


def spread(y: Any) -> float:
    """Return the difference of the largest and the least value."""
    return largest(y) - least(y)


def weighted_mean(y: Any, w: Any) -> float:
    """Return the mean of `y` weighted by `w`: sum(w y) / sum(w).

    Raises:
        ValueError: a weight is negative, or all are zero.
    """
    values, weights = _pair(y, w)
    whole = float(np.sum(weights))
    if np.any(weights < 0.0) or whole <= 0.0:
        raise ValueError(w)
    return float(np.sum(values * weights)) / whole


def slope(y: Any, x: Any) -> float:
    """Return the slope of the straight line of least squares through (x, y).

    Raises:
        ValueError: all x are equal.
    """
    return _line(y, x)[1]


def nonlinearity(y: Any, x: Any) -> float:
    """Return the largest deviation from the straight line of least squares through (x, y).

    Raises:
        ValueError: all x are equal.
    """
    values, places = _pair(y, x)
    at_zero, rise = _line(values, places)
    return float(np.max(np.abs(values - at_zero - rise * places)))


def hysteresis(y: Any, x: Any) -> float:
    """Return the largest spread of the values of `y` that belong to one and the same `x`.

    Raises:
        ValueError: no x occurs twice: nothing was measured from both sides.
    """
    values, places = _pair(y, x)
    found = [
        float(np.ptp(values[places == place]))
        for place in np.unique(places)
        if np.count_nonzero(places == place) > 1
    ]
    if not found:
        raise ValueError(x)
    return max(found)


def spread_at(y: Any, x: Any) -> Floats:
    """Return at each point the spread of `y` over all points of the same `x`.

    Zero where an x occurs once: hysteresis at each mark, against the limit of that mark.
    """
    values, places = _pair(y, x)
    return np.array([float(np.ptp(values[places == place])) for place in places])


def _pair(y: Any, x: Any) -> tuple[Floats, Floats]:
    values, places = np.broadcast_arrays(np.asarray(y, dtype=float), np.asarray(x, dtype=float))
    return np.atleast_1d(values), np.atleast_1d(places)


def _line(y: Any, x: Any) -> tuple[float, float]:
    """Return the line's value at x = 0 and its slope."""
    values, places = _pair(y, x)
    away = places - np.mean(places)
    square = float(np.sum(away**2))
    if square <= 0.0:
        raise ValueError(x)
    rise = float(np.sum(away * (values - np.mean(values)))) / square
    return float(np.mean(values) - rise * np.mean(places)), rise
