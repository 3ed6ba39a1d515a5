"""Suspected outliers among independent normal readings: Grubbs, generalised ESD, Dixon.

A suspect is named, never left out: keep the value, look for a cause, report with and without it
(ISO 5725-2 takes 5 % for a straggler and 1 % for an outlier). None of the tests is for readings
that are correlated or have not settled.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from benchctl.acquire.estimates import mean, spread
from benchctl.core.series import Floats


class Grubbs(NamedTuple):
    """The reading furthest from the mean: where it is, G = |x - mean| / s, and what G may be."""

    at: int
    statistic: float
    critical: float

    @property
    def suspected(self) -> bool:
        """Whether it is too far off."""
        return self.statistic > self.critical


def grubbs(x: Floats, alpha: float = 0.05, *, one_sided: bool = False) -> Grubbs:
    """Test the reading furthest from the mean of at least three.

    One-sided: the direction of the suspect was fixed before looking.

    Raises:
        ValueError: fewer than three readings, or all alike.
    """
    if x.size < 3 or np.ptp(x) == 0:
        raise ValueError("Grubbs' test needs three readings that are not all alike")
    deviations = np.abs(x - mean(x))
    worst = int(np.argmax(deviations))
    critical = grubbs_critical(x.size, alpha, one_sided=one_sided)
    return Grubbs(worst, float(deviations[worst]) / spread(x), critical)


def grubbs_critical(n: int, alpha: float = 0.05, *, one_sided: bool = False) -> float:
    """Return (n-1)/sqrt(n) sqrt(t^2 / (n-2+t^2)), t at alpha/(2n), or alpha/n one-sided."""
    from scipy.special import stdtrit

    t = float(stdtrit(n - 2, 1 - alpha / (n if one_sided else 2 * n)))
    return (n - 1) / math.sqrt(n) * math.sqrt(t * t / (n - 2 + t * t))


def outliers(x: Floats, alpha: float = 0.05, most: int | None = None) -> list[int]:
    """Return the indices of suspected outliers, by the generalised ESD test (Rosner 1983).

    Up to `most` readings can be suspected, by default max(1, n // 10).
    """
    n = x.size
    if n < 3 or np.ptp(x) == 0:
        return []
    left = np.arange(n)
    suspects: list[int] = []
    found = 0
    for i in range(1, min(most or max(1, n // 10), n - 2) + 1):
        rest = x[left]
        s = spread(rest)
        if s == 0:
            break
        deviations = np.abs(rest - mean(rest))
        worst = int(np.argmax(deviations))
        suspects.append(int(left[worst]))
        if deviations[worst] / s > grubbs_critical(rest.size, alpha):
            found = i
        left = np.delete(left, worst)
    return sorted(suspects[:found])


def dixon(x: Floats) -> float:
    """Return Dixon's r10, the larger gap at either end over the range, of three readings or more.

    Raises:
        ValueError: fewer than three readings, or all alike.
    """
    ordered = np.sort(x)
    if x.size < 3 or ordered[0] == ordered[-1]:
        raise ValueError("Dixon's test needs three readings that are not all alike")
    gap = max(ordered[1] - ordered[0], ordered[-1] - ordered[-2])
    return float(gap / (ordered[-1] - ordered[0]))


@lru_cache(maxsize=32)
def dixon_critical(n: int, alpha: float = 0.05) -> float:
    """Return the two-sided critical value of r10 for n normal readings.

    Computed, not looked up: P(the upper gap over the range > r) = n (n-1) times the integral over
    smallest x and largest z of phi(x) phi(z) [Phi(z - r(z-x)) - Phi(x)]^(n-2); both ends together
    count twice while r > 1/2, above which both gaps cannot be that large. For r10 <= 1/2 (large n)
    twice the one-sided probability is an upper bound. Rorabacher's table (Anal. Chem. 63 (1991)
    139) is reproduced but for n = 6, where it prints 0.625 for 0.628.

    Raises:
        ValueError: fewer than 3 or more than 30 readings.
    """
    if not 3 <= n <= 30:
        raise ValueError(f"Dixon's r10 is for 3 to 30 readings, got {n}")
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _dixon_exceeds(n, middle) > alpha else (low, middle)
    return (low + high) / 2


@lru_cache(maxsize=1)
def _nodes() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(160)
    return nodes, weights


def _dixon_exceeds(n: int, r: float) -> float:
    """Return P(r10 > r), both ends counted."""
    from scipy.special import ndtr

    nodes, weights = _nodes()
    x, w = 9 * nodes, 9 * weights
    half, v = 9 * (nodes + 1), 9 * weights  # range z - x from 0 to 18
    density = np.exp(-0.5 * x**2) / math.sqrt(2 * math.pi)
    z = x[:, None] + half
    dense = np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)
    between = np.clip(ndtr(z - r * half) - ndtr(x)[:, None], 0, 1)
    one_end = n * (n - 1) * (w * density) @ (dense * between ** (n - 2)) @ v
    return 2 * float(one_end)
