"""Student's t for whole degrees of freedom, without a library whose import takes longer than a run.

    quantile(3, 0.95)      # 2.3534

What needs more (broken degrees of freedom, arrays) takes scipy's.
"""

from __future__ import annotations

import math
from functools import lru_cache


@lru_cache(maxsize=256)
def quantile(dof: int, p: float) -> float:
    """Return t with P(T <= t) = p, exact to 1e-15 in p.

    The distribution in the angle atan(t / sqrt(dof)), a finite sum (Abramowitz and Stegun, 26.7.3
    and 26.7.4), is inverted by halving.

    Raises:
        ValueError: less than one degree of freedom, or p outside 0..1.
    """
    if dof < 1 or not 0 < p < 1:
        raise ValueError(f"no quantile of Student's t for {dof} degrees of freedom and p = {p}")
    if p < 0.5:
        return -quantile(dof, 1 - p)
    low, high = 0.0, math.pi / 2
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _within(dof, middle) < 2 * p - 1 else (low, middle)
    return math.tan(low) * math.sqrt(dof)


def _within(dof: int, angle: float) -> float:
    """Return P(|T| <= sqrt(dof) tan(angle))."""
    sine, cosine = math.sin(angle), math.cos(angle)
    first = 2 if dof % 2 else 1
    term = cosine if dof % 2 else 1.0
    total = 0.0 if dof == 1 else term
    for n in range(first, dof - 2, 2):
        term *= cosine * cosine * n / (n + 1)
        total += term
    return 2 / math.pi * (angle + sine * total) if dof % 2 else sine * total
