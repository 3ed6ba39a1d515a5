"""Does it conform, seen from one measured value: probabilities, ratios, guard bands.

JCGM 106:2012, 7 and 9.3. Limits may be one-sided: an infinite one is none. Tails are computed as
tails, so that one in a million keeps its digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

Limits = tuple[float, float]


class Conformance(NamedTuple):
    """Probabilities that the true value lies below, within and above the limits."""

    below: float
    within: float
    above: float

    @property
    def outside(self) -> float:
        """Probability that it does not conform: the specific risk of accepting it."""
        return self.below + self.above


class Prior(NamedTuple):
    """What is known of an item before it is measured: mean and standard deviation."""

    mean: float
    s: float


def normal_tail(z: float) -> float:
    """Return the probability that a standard normal value exceeds `z`."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def normal_quantile(p: float) -> float:
    """Return the value below which a standard normal one lies with probability `p`.

    Raises:
        ValueError: `p` lies outside 0..1.
    """
    from statistics import NormalDist  # algorithm AS 241, good to 1e-16

    return NormalDist().inv_cdf(p)


def conformance(y: float, u: float, limits: Limits, dof: float = math.inf) -> Conformance:
    """Return how probably the value that was measured as `y` conforms (JCGM 106, 7.2 to 7.4).

    Normal, or scaled t for finite `dof` (7.2.3). Without uncertainty it does or does not.
    """
    if u == 0:
        below, above = float(y < limits[0]), float(y > limits[1])
        return Conformance(below, 1 - below - above, above)
    tail = _tail(dof)
    below = 0.0 if math.isinf(limits[0]) else tail((y - limits[0]) / u)
    above = 0.0 if math.isinf(limits[1]) else tail((limits[1] - y) / u)
    within = 1 - below - above
    if within < 0.5:  # far outside: the difference of two tails keeps its digits
        z_low, z_high = (limits[0] - y) / u, (limits[1] - y) / u
        if y > limits[1]:
            z_low, z_high = -z_high, -z_low
        far = 0.0 if math.isinf(z_high) else tail(z_high)
        near = 1.0 if math.isinf(z_low) else tail(z_low)
        within = max(0.0, near - far)
    return Conformance(below, within, above)


def _tail(dof: float) -> Callable[[float], float]:
    if math.isinf(dof):
        return normal_tail
    from scipy.special import stdtr

    return lambda z: float(stdtr(dof, -z))


def capability_index(y: float, u: float, limits: Limits) -> float:
    """Return Cpk: the distance to the nearer limit in units of 3 u."""
    return min(limits[1] - y, y - limits[0]) / (3 * u)


def tur(limits: Limits, U95: float) -> float | None:  # noqa: N803
    """Return the test uncertainty ratio: span of the tolerance over span of the 95 % interval.

    ANSI/NCSL Z540.3, 3.11; JCGM 106, 7.6 calls it C_m. None for one-sided limits or U = 0. The
    ratio of tolerances (TAR) or of standard deviations (Deaver) is something else.
    """
    span = limits[1] - limits[0]
    return span / (2 * U95) if math.isfinite(span) and U95 > 0 else None


def posterior(prior: Prior, measured: float, u: float) -> tuple[float, float]:
    """Return estimate and standard uncertainty with prior knowledge: JCGM 106, A.4.4."""
    w0, wm = prior.s**-2, u**-2
    return (w0 * prior.mean + wm * measured) / (w0 + wm), (w0 + wm) ** -0.5


def prior_of_reliability(limits: Limits, itp: float) -> Prior:
    """Return the centred normal prior of which the share `itp` lies within two-sided limits.

    Raises:
        ValueError: one-sided limits, or a share outside 0..1.
    """
    half = (limits[1] - limits[0]) / 2
    if not (math.isfinite(half) and half > 0 and 0 < itp < 1):
        raise ValueError(f"no prior for limits {limits} and {itp} in tolerance")
    return Prior((limits[0] + limits[1]) / 2, half / normal_quantile((1 + itp) / 2))


# guard bands


def managed_multiplier(ratio: float) -> float:
    """Return M of Z540.3 handbook method 6, A = T - U95 M: 1.04 - exp(0.38 ln TUR - 0.54).

    Dobbert 2008; clipped at 0 (from TUR 4.59 on), so that it never widens the limits.
    """
    return max(0.0, 1.04 - math.exp(0.38 * math.log(ratio) - 0.54))


def guard_factor(kind: str, ratio: float) -> float:
    """Return A / T of a guard band that follows from the TUR alone.

    "rss": sqrt(1 - 1/TUR^2); "full": 1 - 1/TUR (w = U); "rp10": 1.25 - 1/TUR, at most 1;
    "managed": method 6.

    Raises:
        KeyError: the kind is none of these.
    """
    return {
        "rss": lambda: math.sqrt(max(0.0, 1 - ratio**-2)),
        "full": lambda: 1 - 1 / ratio,
        "rp10": lambda: min(1.0, 1.25 - 1 / ratio),
        "managed": lambda: 1 - managed_multiplier(ratio) / ratio,
    }[kind]()


def zone_of_probability(limits: Limits, u: float, p: float, dof: float = math.inf) -> Limits | None:
    """Return the values that conform with probability `p` or more; None where there are none.

    One-sided: limit -+ z u. Two-sided: both tails count (ISO 14253-1 of 2017 asks for 95 %, as our
    fact sheet recalls it; below a half-width of 1.96 u nothing can be accepted).
    """
    if u == 0:
        return limits
    low, high = limits
    if math.isinf(low) or math.isinf(high):
        z = _one_sided(p, dof)
        return low + z * u, high - z * u
    centre, half = (low + high) / 2, (high - low) / 2
    if conformance(centre, u, limits, dof).within < p:
        return None
    near, far = 0.0, half + 40 * u
    for _ in range(200):
        middle = (near + far) / 2
        fine = conformance(centre + middle, u, limits, dof).within >= p
        near, far = (middle, far) if fine else (near, middle)
        if far - near <= 1e-15 * half:
            break
    return centre - near, centre + near


def _one_sided(p: float, dof: float) -> float:
    """Return z with P(Z <= z) = p."""
    if math.isinf(dof):
        return normal_quantile(p)
    from scipy.special import stdtrit

    return float(stdtrit(dof, p))
