"""Coverage factors: from Student's t by the effective degrees of freedom, or from a shape.

Welch-Satterthwaite (JCGM 100, G.4.1) holds for independent components. Where one rectangular (or
arcsine, triangular, trapezoidal) contribution, or two rectangular ones together, outweigh all the
rest, the result has nearly their shape and k follows from it: EA-4/02, S9.14 and S10.13 (quoted
from memory in our fact sheet; the formulas themselves were re-derived).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

P_TWO = math.erf(math.sqrt(2))
"""The coverage probability 0.95449974 of k = 2, usually written 95.45 %."""

DOMINATED = 0.3
"""The rest over the dominant contribution below which k follows from the latter's shape."""


class Share(NamedTuple):
    """A contribution to the result: standard uncertainty, dof, distribution, its shape."""

    u: float
    dof: float
    distribution: str = "normal"
    shape: float = 0.0


def meant_probability(p: float) -> float:
    """Return `p`, where 0.9545 is meant to be the probability of k = 2."""
    return P_TWO if abs(p - P_TWO) < 1e-6 else p


def effective_dof(contributions: Sequence[tuple[float, float]]) -> float:
    """Return the degrees of freedom by Welch-Satterthwaite from (contribution, dof) pairs.

    JCGM 100, G.4.1; infinite where no contribution has finite ones.
    """
    u = math.hypot(*(c for c, _ in contributions))
    if u == 0:
        return math.inf
    total = sum((c / u) ** 4 / dof for c, dof in contributions)
    return 1 / total if total > 0 else math.inf


def coverage_factor(dof: float, p: float = P_TWO) -> float:
    """Return k for the two-sided coverage probability `p`: Student's t at floor(dof).

    Truncation is that of JCGM 100, G.4.1, note 1; below one degree of freedom `dof` is taken as
    it is. Exactly 2 for infinite dof and p = erf(sqrt 2).

    Raises:
        ValueError: dof that are not positive, a probability outside 0..1.
    """
    if not (dof > 0 and 0 < p < 1):
        raise ValueError(f"no coverage factor for dof {dof} and p {p}")
    if math.isinf(dof) and p == P_TWO:
        return 2.0
    from scipy.special import ndtri, stdtrit

    tail = (1 + p) / 2
    if math.isinf(dof):
        return float(ndtri(tail))
    whole = math.floor(dof + 1e-9)
    return float(stdtrit(whole if whole >= 1 else dof, tail))


def shape_factor(distribution: str, p: float = P_TWO, top: float = 0.0) -> float:
    """Return k of a bounded distribution: half-width of the p-interval over u.

    p sqrt(3) for a rectangle; for a trapezoid with `top` b: [1 - sqrt((1 - p)(1 - b^2))] /
    sqrt((1 + b^2) / 6) while the interval is wider than the top (p / (2 - p) > b).

    Raises:
        ValueError: the distribution has no shape of that kind, p or `top` lie outside 0..1.
    """
    if not (0 < p < 1 and 0 <= top <= 1):
        raise ValueError(f"no coverage factor for p {p} and top {top}")
    if distribution == "arcsine":
        return math.sqrt(2) * math.sin(math.pi * p / 2)
    b = {"rectangular": 1.0, "triangular": 0.0, "trapezoid": top}.get(distribution)
    if b is None:
        raise ValueError(f"a {distribution} distribution has no limits")
    half = 1 - math.sqrt((1 - p) * (1 - b * b)) if p > b * (2 - p) else p * (1 + b) / 2
    return half / math.sqrt((1 + b * b) / 6)


def dominant(shares: Sequence[Share]) -> tuple[str, float] | None:
    """Return distribution and top of what outweighs the rest; None where nothing does.

    One share of known limits, or two rectangular ones, which make a trapezoid. Limits that are
    themselves doubtful (finite dof) do not count.
    """
    ranked = sorted(shares, key=lambda s: s.u, reverse=True)
    if not ranked or not ranked[0].u > 0:
        return None
    first, rest = ranked[0], math.hypot(*(s.u for s in ranked[1:]))
    if _has_limits(first) and rest < DOMINATED * first.u:
        return first.distribution, first.shape
    pair = ranked[:2]
    if len(pair) < 2 or not all(_has_limits(s) and s.distribution == "rectangular" for s in pair):
        return None
    both, rest = math.hypot(*(s.u for s in pair)), math.hypot(*(s.u for s in ranked[2:]))
    if rest >= DOMINATED * both:
        return None
    return "trapezoid", (pair[0].u - pair[1].u) / (pair[0].u + pair[1].u)


def _has_limits(share: Share) -> bool:
    return math.isinf(share.dof) and share.distribution in (
        "rectangular",
        "triangular",
        "arcsine",
        "trapezoid",
    )
