"""How many readings: a fixed precision in two stages, or a decision after as few as possible.

Stein's two stages keep the coverage exactly, because s and its dof stay those of the first stage;
stopping when the interval looks narrow enough does not (91 % instead of 95 % from two readings on).
Wald's sequential test is for screening only: means of runs that were stopped early are biased, and
a systematic uncertainty does not average; subtract its guard band from the limit first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchctl.acquire.estimates import spread


@dataclass(frozen=True, slots=True)
class TwoStages:
    """Readings needed in all; `s` and `dof` are those of the first stage and stay in force."""

    s: float
    dof: int
    n: int


def stein(first: Sequence[float], half_width: float, confidence: float = 0.95) -> TwoStages:
    """Return how many readings give the mean to +-half_width: max(n0, ceil((t s0 / d)^2)).

    Raises:
        ValueError: fewer than two readings, or a half-width that is not positive.
    """
    n0 = len(first)
    if n0 < 2 or not half_width > 0:
        raise ValueError(f"{n0} readings, half-width {half_width}")
    from scipy.special import stdtrit

    s = spread(np.asarray(first, dtype=np.float64))
    t = float(stdtrit(n0 - 1, (1 + confidence) / 2))
    return TwoStages(s, n0 - 1, max(n0, math.ceil((t * s / half_width) ** 2)))


@dataclass(frozen=True, slots=True)
class Sequential:
    """Where a sequential test stands: its decision, after how many readings, the ratios so far."""

    decision: Literal["pass", "fail"] | None
    n: int
    log_ratios: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Wald:
    """Wald's test of a mean against an upper limit, with an indifference zone of +-half_zone.

    `alpha` and `beta` are the risks of failing a mean of limit - half_zone and of passing one of
    limit + half_zone; `sigma` is the known standard deviation of one reading.
    """

    limit: float
    half_zone: float
    sigma: float
    alpha: float
    beta: float

    @property
    def fail_above(self) -> float:
        """Log ratio at which it fails: ln((1 - beta) / alpha)."""
        return math.log((1 - self.beta) / self.alpha)

    @property
    def pass_below(self) -> float:
        """Log ratio at which it passes: ln(beta / (1 - alpha))."""
        return math.log(self.beta / (1 - self.alpha))

    def step(self, x: float) -> float:
        """Return what one reading adds to the log ratio."""
        return 2 * self.half_zone * (x - self.limit) / self.sigma**2

    def test(self, readings: Sequence[float]) -> Sequential:
        """Return the decision of the first readings that give one."""
        total, ratios = 0.0, []
        for x in readings:
            total += self.step(x)
            ratios.append(total)
            if total >= self.fail_above or total <= self.pass_below:
                decision: Literal["pass", "fail"] = "fail" if total > 0 else "pass"
                return Sequential(decision, len(ratios), tuple(ratios))
        return Sequential(None, len(ratios), tuple(ratios))

    def expected_n(self, mean: float) -> float:
        """Return Wald's average number of readings, which leaves out the overshoot."""
        drift = self.step(mean)
        variance = (2 * self.half_zone / self.sigma) ** 2
        a, b = self.fail_above, self.pass_below
        if abs(drift) < 1e-12 * variance:
            return -a * b / variance
        h = -2 * drift / variance
        passing = math.expm1(h * a) / (math.expm1(h * a) - math.expm1(h * b))
        return (passing * b + (1 - passing) * a) / drift
