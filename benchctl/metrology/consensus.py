"""What instruments measured against one reference at one time say together.

Meters in one line see the same water. If all deviate alike, the reference is suspect; if those
behind some place deviate from those before it, water is lost there, or air is carried. Such
findings are told, and change no verdict: a batch may truly be biased.

    common_shift([0.9, 1.1, 1.0, 0.95, 1.05], U_reference=0.1)     # Shift(value=1.0, ...)
    step([1, 2, 3, 4, 5, 6], [0.1, 0.0, 0.1, -1.4, -1.5, -1.4])    # between positions 3 and 4
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from benchctl.metrology.comparisons import robust_mean

SURE = 0.005
"""Chance of a finding where there is nothing, for each look."""
LEAST = 4
"""With fewer instruments nothing is said."""
LEAST_SIDE = 2
"""So many instruments must stand on each side of a step."""


@dataclass(frozen=True, slots=True)
class Shift:
    """All deviate alike: mean and standard deviation of `n` results, and how likely by chance."""

    value: float
    s: float
    n: int
    p: float


@dataclass(frozen=True, slots=True)
class Step:
    """Results behind `behind` differ by `value` from those up to `before` (positions)."""

    value: float
    before: int
    behind: int
    n: int
    p: float


def common_shift(errors: Sequence[float], U_reference: float) -> Shift | None:  # noqa: N803
    """Return the shift that all results share, None where there is none to speak of.

    Student's test of the robust mean (algorithm A, ISO 13528: a single bad instrument neither makes
    nor hides a shift; its u is 1.25 s / sqrt(n)) against zero. A mean within the reference's own
    expanded uncertainty is none, however sure it is.
    """
    n = len(errors)
    if n < LEAST:
        return None
    value, s = robust_mean(errors)
    p = _by_chance(value, 1.25 * s / math.sqrt(n), n - 1)
    if p > SURE or abs(value) <= U_reference:
        return None
    return Shift(value, s, n, p)


def step(
    positions: Sequence[int],
    errors: Sequence[float],
    least: float = 0.0,
) -> Step | None:
    """Return the place at which results change along a line, None where they do not.

    The split with the largest Student t of two means with a common variance; its chance is counted
    for each place that was looked at (Bonferroni). A step of no more than `least` is none.
    """
    ordered = sorted(zip(positions, errors, strict=True))
    values = [error for _, error in ordered]
    n = len(values)
    if n < max(LEAST, 2 * LEAST_SIDE + 1):
        return None
    places = range(LEAST_SIDE, n - LEAST_SIDE + 1)
    found: Step | None = None
    for k in places:
        near, far = values[:k], values[k:]
        value = fmean(far) - fmean(near)
        pooled = math.sqrt((_squares(near) + _squares(far)) / (n - 2))
        p = _by_chance(value, pooled * math.sqrt(1.0 / k + 1.0 / (n - k)), n - 2) * len(places)
        if p <= SURE and abs(value) > least and (found is None or p < found.p):
            found = Step(value, ordered[k - 1][0], ordered[k][0], n, p)
    return found


def _squares(values: Sequence[float]) -> float:
    middle = fmean(values)
    return math.fsum((v - middle) ** 2 for v in values)


def _by_chance(value: float, u: float, dof: int) -> float:
    """Return the two-sided chance of so large a value, 0 where it has no scatter at all."""
    if value == 0.0:
        return 1.0
    if u <= 0.0:
        return 0.0
    from scipy.special import stdtr

    return float(2.0 * stdtr(dof, -abs(value) / u))
