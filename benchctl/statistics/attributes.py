"""Acceptance sampling by attributes: what a plan does, computed.

    plan = SinglePlan(n=80, ac=2)
    plan.accepts(0.01)                 # the chance to accept lots with 1 % nonconforming
    plan.accepts_lot(1200, 12)         # ... a lot of 1200 units of which 12 are nonconforming
    two_point_single(0.01, 0.05, 0.08, 0.05)

A series of lots is binomial (type B), one lot of known size hypergeometric (type A). Formulas: any
textbook of sampling, such as E. G. Schilling, D. V. Neubauer, Acceptance Sampling in Quality
Control, chapters 5 and 6.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

MOST_UNITS = 5000
"""The largest sample that is looked for."""

Chance = Callable[[int, int], float]
"""The chance of d nonconforming units among n: `chance(n, d)`."""


@dataclass(frozen=True, slots=True)
class SinglePlan:
    """A sample of `n` units; the lot is accepted with at most `ac` nonconforming among them."""

    n: int
    ac: int

    @property
    def re(self) -> int:
        """The number of nonconforming units from which on the lot is rejected."""
        return self.ac + 1

    def accepts(self, p: float) -> float:
        """Return the chance to accept, in a series with a share `p` nonconforming."""
        return math.fsum(binomial(self.n, d, p) for d in range(self.ac + 1))

    def accepts_lot(self, size: int, bad: int) -> float:
        """Return the chance to accept a lot of `size` units of which `bad` are nonconforming."""
        n = min(self.n, size)
        return math.fsum(hypergeometric(size, bad, n, d) for d in range(self.ac + 1))


@dataclass(frozen=True, slots=True)
class DoublePlan:
    """Two samples of `n` units each.

    After the first the lot is accepted with at most `ac1`, rejected from `re1` on; between them the
    second sample is drawn, and both together decide by `ac2`; `re2` is `ac2` + 1.
    """

    n: int
    ac1: int
    re1: int
    ac2: int
    re2: int

    def accepts(self, p: float) -> float:
        """Return the chance to accept, in a series with a share `p` nonconforming."""
        first = math.fsum(binomial(self.n, d, p) for d in range(self.ac1 + 1))
        return first + math.fsum(
            binomial(self.n, d, p)
            * math.fsum(binomial(self.n, e, p) for e in range(self.ac2 - d + 1))
            for d in range(self.ac1 + 1, self.re1)
        )

    def accepts_lot(self, size: int, bad: int) -> float:
        """Return the chance to accept a lot of `size` units of which `bad` are nonconforming."""
        n = min(self.n, size // 2)
        first = math.fsum(hypergeometric(size, bad, n, d) for d in range(self.ac1 + 1))
        return first + math.fsum(
            hypergeometric(size, bad, n, d)
            * math.fsum(hypergeometric(size - n, bad - d, n, e) for e in range(self.ac2 - d + 1))
            for d in range(self.ac1 + 1, self.re1)
        )

    def mean_sample(self, p: float) -> float:
        """Return how many units are measured on average, the first sample being finished."""
        second = math.fsum(binomial(self.n, d, p) for d in range(self.ac1 + 1, self.re1))
        return self.n * (1 + second)


AttributesPlan = SinglePlan | DoublePlan


def binomial(n: int, d: int, p: float) -> float:
    """Return the chance of `d` among `n` where each one has the chance `p`."""
    if d < 0 or d > n:
        return 0.0
    if p <= 0.0 or p >= 1.0:
        return float(d == (0 if p <= 0.0 else n))
    ways = math.lgamma(n + 1) - math.lgamma(d + 1) - math.lgamma(n - d + 1)
    return math.exp(ways + d * math.log(p) + (n - d) * math.log1p(-p))


def hypergeometric(size: int, bad: int, n: int, d: int) -> float:
    """Return the chance of `d` among `n` drawn from `size` units of which `bad` are such."""
    if d < 0 or d > bad or n - d > size - bad or n - d < 0:
        return 0.0
    return math.comb(bad, d) * math.comb(size - bad, n - d) / math.comb(size, n)


def quality_at(accepts: Callable[[float], float], chance: float) -> float:
    """Return the share nonconforming at which lots are accepted with a given chance.

    `quality_at(plan.accepts, 0.10)` is the limiting quality; the chance falls with the share.
    """
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if accepts(middle) > chance else (low, middle)
    return (low + high) / 2


def two_point_single(good: float, alpha: float, bad: float, beta: float) -> SinglePlan | None:
    """Return the smallest single plan between two points, None where there is none below 5001.

    Args:
        good: share nonconforming of lots that are to be accepted.
        alpha: the chance to reject such a lot all the same, at most.
        bad: share nonconforming of lots that are to be rejected.
        beta: the chance to accept such a lot all the same, at most.
    """
    ac = 0
    n = 1
    while n <= MOST_UNITS:
        plan = SinglePlan(n, ac)
        if plan.accepts(bad) > beta:
            n += 1  # too few to find out
        elif plan.accepts(good) < 1 - alpha:
            ac += 1  # too strict
        else:
            return plan
    return None
