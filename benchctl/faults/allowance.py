"""How many results of simulated runs may lie beyond U, so that the coverage stated can be true.

    allowed([(36, 0.0), (36, 0.4)])

Were the results independent, the count would be binomial. But many results of a seed come of the
same reference standard: where this is off by more than its U, so are most of them. A model of one
factor says so: a deviation is made of a part that a group shares (`shared` of its variance) and one
of its own, both normal. With nothing shared this is the binomial distribution.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import stats

SURE = 0.999
"""Probability with which what is right stays within what is allowed."""
COVERAGE = 2.0
"""Standard uncertainties in U."""
NODES = np.linspace(-6.0, 6.0, 241)
"""What a group shares, in its standard deviation."""


def allowed(groups: Iterable[tuple[int, float]], *, sides: int = 2, sure: float = SURE) -> int:
    """Return the count that is exceeded with a probability of less than 1 - `sure`.

    Args:
        groups: of each the number of results, and which share of their variance is common to them.
        sides: 2 where a result is off by more than U either way, 1 where only one way counts, as
            it does for a verdict.
        sure: probability that the count is no larger.
    """
    total: NDArray[np.float64] = np.ones(1)
    for results, shared in groups:
        if results:
            total = np.convolve(total, _counts(results, shared, sides))
    return int(np.searchsorted(np.cumsum(total), sure * total.sum()))


def _counts(results: int, shared: float, sides: int) -> NDArray[np.float64]:
    """Return the distribution of how many of the results of a group lie beyond U."""
    common = np.sqrt(min(max(shared, 0.0), 1.0)) * NODES
    own = np.sqrt(max(1.0 - shared, 1e-6))
    beyond = stats.norm.sf((COVERAGE - common) / own)
    if sides == 2:
        beyond = beyond + stats.norm.sf((COVERAGE + common) / own)
    weights = stats.norm.pdf(NODES)
    each = stats.binom.pmf(np.arange(results + 1)[:, None], results, beyond)
    found: NDArray[np.float64] = each @ (weights / weights.sum())
    return found
