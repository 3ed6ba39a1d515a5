"""Global risks: how often items are wrongly accepted or rejected, before any is measured.

JCGM 106:2012, 9.5. True values N(y0, u0^2), measured ones N(true, u_m^2). What the standard writes
as an integral is a rectangle of the bivariate normal distribution, which Owen's T function gives
in closed form: no grid, no truncation.

    risks = global_risks((-1, 1), accept=(-0.86, 0.86), u_m=0.25, prior=Prior(0, 0.51))
    risks.pfa, risks.pfr
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.metrology.risk import Limits, Prior, normal_tail


@dataclass(frozen=True, slots=True)
class GlobalRisks:
    """`pfa` R_C: accepted and out; `pfr` R_P: in and rejected; both of all items.

    `p_accept` is the share that is accepted, `p_in` the share that is in tolerance.
    """

    pfa: float
    pfr: float
    p_accept: float
    p_in: float

    @property
    def conditional_pfa(self) -> float:
        """Share of the accepted items that is out."""
        return self.pfa / self.p_accept if self.p_accept > 0 else 0.0


def global_risks(limits: Limits, accept: Limits, u_m: float, prior: Prior) -> GlobalRisks:
    """Return the risks of accepting what is measured within `accept` (closed).

    Raises:
        ValueError: a standard deviation is not positive.
    """
    if not (u_m > 0 and prior.s > 0):
        raise ValueError(f"standard deviations must be positive: {u_m}, {prior.s}")
    total = math.hypot(prior.s, u_m)
    tolerance = tuple((t - prior.mean) / prior.s for t in limits)
    accepted = tuple((a - prior.mean) / total for a in accept)
    if accepted[0] >= accepted[1]:
        p_in = _below(tolerance[1]) - _below(tolerance[0])
        return GlobalRisks(0.0, p_in, 0.0, p_in)
    slope = (prior.s / total, u_m / total)
    low = _strip(tolerance[0], accepted, slope)
    high = _strip(-tolerance[1], (-accepted[1], -accepted[0]), slope)
    inner = _strip(tolerance[1], accepted, slope) - low
    p_in = _below(tolerance[1]) - _below(tolerance[0])
    p_accept = _below(accepted[1]) - _below(accepted[0])
    return GlobalRisks(max(0.0, low + high), max(0.0, p_in - inner), p_accept, p_in)


def worst_pfa(limits: Limits, accept: Limits, u_m: float) -> float:
    """Return the largest PFA over all centred processes.

    Raises:
        ValueError: one-sided limits.
    """
    half = (limits[1] - limits[0]) / 2
    if not math.isfinite(half):
        raise ValueError("a worst process is known for two-sided limits only")
    centre = (limits[0] + limits[1]) / 2

    def pfa(log_s: float) -> float:
        return global_risks(limits, accept, u_m, Prior(centre, math.exp(log_s))).pfa

    grid = [math.log(half) + 0.1 * i for i in range(-40, 41)]
    best = max(grid, key=pfa)
    low, high = best - 0.1, best + 0.1
    for _ in range(60):
        third = (high - low) / 3
        if pfa(low + third) < pfa(high - third):
            low += third
        else:
            high -= third
    return pfa((low + high) / 2)


def guarded_for_pfa(
    limits: Limits,
    u_m: float,
    target: float,
    prior: Prior | None = None,
    *,
    conditional: bool = False,
) -> Limits:
    """Return the widest acceptance limits within `limits` whose PFA is at most `target`.

    Without a prior the worst centred process counts. `conditional`: of the accepted items.

    Raises:
        UsageError: no guard band reaches the target.
    """

    def risk(w: float) -> float:
        accept = (limits[0] + w, limits[1] - w)
        if prior is None:
            return worst_pfa(limits, accept, u_m)
        found = global_risks(limits, accept, u_m, prior)
        return found.conditional_pfa if conditional else found.pfa

    if risk(0.0) <= target:
        return limits
    half = (limits[1] - limits[0]) / 2
    low, high = 0.0, half * (1 - 1e-6) if math.isfinite(half) else 40 * u_m
    if risk(high) > target:
        raise UsageError(msg("metrology.no-guard-band", target=f"{100 * target:g} %"))
    while high - low > 1e-13 * u_m:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if risk(middle) > target else (low, middle)
    return limits[0] + high, limits[1] - high


def _below(z: float) -> float:
    return normal_tail(-z) if math.isfinite(z) else float(z > 0)


def _strip(h: float, ys: tuple[float, ...], slope: tuple[float, float]) -> float:
    """Return P(X <= h, y1 < Y <= y2) of standard normal X, Y; `slope` is rho, sqrt(1 - rho^2)."""
    return _both_below(h, ys[1], slope) - _both_below(h, ys[0], slope)


def _both_below(h: float, k: float, slope: tuple[float, float]) -> float:
    """Return P(X <= h, Y <= k): Owen 1956, with T for the angles of the two edges."""
    if math.isinf(h) or math.isinf(k):
        return 0.0 if -math.inf in (h, k) else _below(min(h, k))
    from scipy.special import owens_t

    rho, rest = slope
    if h == 0 and k == 0:
        return 0.25 + math.asin(rho) / (2 * math.pi)
    a_h = (k - rho * h) / (h * rest) if h else math.copysign(math.inf, k)
    a_k = (h - rho * k) / (k * rest) if k else math.copysign(math.inf, h)
    opposite = h * k < 0 or (h * k == 0 and h + k < 0)
    edges = float(owens_t(h, a_h)) + float(owens_t(k, a_k))
    return (_below(h) + _below(k)) / 2 - edges - (0.5 if opposite else 0.0)
