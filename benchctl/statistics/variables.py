"""Acceptance sampling by variables, the standard deviation being unknown (the "s" method).

    plan = matched(SinglePlan(80, 2))            # does what that plan by attributes does
    plan.accepts(0.01)
    plan.judge(errors, low=-2.0, high=2.0)

A lot is accepted if mean and s of the sample lie so far inside the limit: (high − mean)/s ≥ k. With
two limits the shares beyond both are estimated and added (the estimate without bias of least
variance, Lieberman and Resnikoff, J. Amer. Statist. Assoc. 50, 1955), as ISO 3951 and its ancestor
MIL-STD-414 do. It holds for values that are normally distributed, and only then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

from benchctl.statistics.attributes import AttributesPlan, quality_at

MOST_UNITS = 500
"""The largest sample that is looked for."""
_STEPS = 480
"""Intervals of Simpson's rule: wrong by less than 10⁻⁸ from three units on (a test holds it)."""


@dataclass(frozen=True, slots=True)
class VariablesPlan:
    """A sample of `n` units and the acceptability constant `k`."""

    n: int
    k: float

    def accepts(self, p: float) -> float:
        """Return the chance to accept, in a series with a share `p` beyond one limit."""
        if p <= 0.0 or p >= 1.0:
            return float(p <= 0.0)
        root = math.sqrt(self.n)
        return noncentral_t_above(self.n - 1, -root * NormalDist().inv_cdf(p), root * self.k)

    @property
    def most_beyond(self) -> float:
        """Return the largest estimated share beyond the limits with which a lot is accepted."""
        return estimated_share(self.k, self.n)

    def judge(
        self, values: Sequence[float], low: float | None, high: float | None
    ) -> tuple[bool, float]:
        """Return whether a lot is accepted, and the share of it that is estimated to be beyond.

        Raises:
            ValueError: these are not `n` values, or there is no limit.
        """
        if len(values) != self.n or (low is None and high is None):
            raise ValueError(len(values))
        mean, s = fmean(values), stdev(values)
        beyond = 0.0
        for limit, side in ((low, -1), (high, 1)):
            if limit is None:
                continue
            inside = side * (limit - mean)
            quality = inside / s if s > 0 else math.copysign(math.inf, inside or 1.0)
            beyond += estimated_share(quality, self.n)
        return beyond <= self.most_beyond + 1e-12, beyond


def estimated_share(quality: float, n: int) -> float:
    """Return the estimated share beyond a limit that lies `quality` times s from the mean.

    Raises:
        ValueError: fewer than three values.
    """
    from scipy.special import betainc

    if n < 3:
        raise ValueError(n)
    if math.isinf(quality):
        return float(quality < 0)
    x = 0.5 - quality * math.sqrt(n) / (2 * (n - 1))
    if x <= 0.0 or x >= 1.0:
        return float(x >= 1.0)
    return float(betainc(n / 2 - 1, n / 2 - 1, x))


def noncentral_t_above(dof: int, shift: float, t: float) -> float:
    """Return the chance that noncentral t with `dof` degrees of freedom is at least `t`.

    T = (Z + shift)/X with X² = χ²/dof: the chance is the mean of Φ(shift − t·X) over X.
    """
    half = 9 / math.sqrt(2 * dof)
    first, last = max(0.0, 1 - half), 1 + half
    step = (last - first) / _STEPS
    constant = math.log(2) + dof / 2 * math.log(dof / 2) - math.lgamma(dof / 2)
    total = 0.0
    for n in range(_STEPS + 1):
        x = first + n * step
        if x <= 0.0:
            density = math.exp(constant) if dof == 1 else 0.0
        else:
            density = math.exp(constant + (dof - 1) * math.log(x) - dof * x * x / 2)
        weight = 1 if n in (0, _STEPS) else 4 if n % 2 else 2
        total += weight * density * 0.5 * math.erfc((t * x - shift) / math.sqrt(2))
    return min(1.0, max(0.0, total * step / 3))


def two_point_variables(good: float, alpha: float, bad: float, beta: float) -> VariablesPlan | None:
    """Return the smallest plan between two points, None where there is none up to 500 units.

    The arguments are those of `two_point_single`.
    """
    low, high = 3, MOST_UNITS
    if _with_beta(high, bad, beta).accepts(good) < 1 - alpha:
        return None
    while low < high:
        middle = (low + high) // 2
        if _with_beta(middle, bad, beta).accepts(good) >= 1 - alpha:
            high = middle
        else:
            low = middle + 1
    return _with_beta(low, bad, beta)


def _with_beta(n: int, bad: float, beta: float) -> VariablesPlan:
    """Return the plan of `n` units that accepts bad lots with the chance `beta`."""
    low, high = -4.0, 6.0
    for _ in range(44):
        k = (low + high) / 2
        low, high = (k, high) if VariablesPlan(n, k).accepts(bad) > beta else (low, k)
    return VariablesPlan(n, (low + high) / 2)


def matched(plan: AttributesPlan) -> VariablesPlan | None:
    """Return the plan by variables whose OC curve meets that of a plan by attributes.

    At the qualities that are accepted with 95 % and with 10 %: how plans of ISO 3951-1 are meant,
    too. What the standard prints is rounded and adjusted: its own tables come first.
    """
    accepts: Callable[[float], float] = plan.accepts
    return two_point_variables(quality_at(accepts, 0.95), 0.05, quality_at(accepts, 0.10), 0.10)
