"""Results that share part of their error: averaged, subtracted, compared.

Units that were measured against one reference have its error in common, so that averaging them, or
runs of one of them, makes nothing of it smaller, and in their difference it cancels. Which lines of
a budget are common is recorded with them (`common`): "standard" in all results that rest on the
same standard, "reading" in those made of the same readings of the reference, "" in no other.

    mean_of([budget_1, budget_2, budget_3]).U       # three runs against one standard
    difference_of(one, other, same_reading=True).u  # two meters of one line, in one run

JCGM 100, 5.2: u² = ΣΣ c_i c_j u(x_i, x_j), with r = 1 for what is common and 0 for the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchctl.metrology.coverage import P_TWO, coverage_factor, effective_dof, meant_probability

Line = Mapping[str, Any]
"""A line of a recorded budget: input, source, u, sensitivity, dof, common."""
Budget = Sequence[Line]

STANDARD, READING = "standard", "reading"


@dataclass(frozen=True, slots=True)
class Joint:
    """The uncertainty of what was made of several results; `common` is the part of u they share."""

    u: float
    dof: float
    k: float
    U: float
    common: float


def covariance(one: Budget, other: Budget, *, same_reading: bool = False) -> float:
    """Return the covariance of two results by what their budgets have in common.

    Lines are the same where input and source are. `same_reading`: both were made of the same
    readings of the reference.
    """
    there = {(line["input"], line["source"]): line for line in other}
    return math.fsum(
        _signed(line) * _signed(there[line["input"], line["source"]])
        for line in one
        if _is_common(line, same_reading=same_reading) and (line["input"], line["source"]) in there
    )


def correlation_of(one: Budget, other: Budget, *, same_reading: bool = False) -> float:
    """Return the correlation coefficient of two results, 0 where one is exact."""
    u = _u(one) * _u(other)
    return covariance(one, other, same_reading=same_reading) / u if u > 0 else 0.0


def mean_of(budgets: Sequence[Budget], *, same_reading: bool = False, p: float = P_TWO) -> Joint:
    """Return the uncertainty of the mean of results.

    Raises:
        ValueError: there is none.
    """
    if not budgets:
        raise ValueError("a mean of no results")
    weights = [1 / len(budgets)] * len(budgets)
    return combined(budgets, weights, same_reading=same_reading, p=p)


def difference_of(
    one: Budget, other: Budget, *, same_reading: bool = False, p: float = P_TWO
) -> Joint:
    """Return the uncertainty of one result less another: what is common cancels."""
    return combined([one, other], [1.0, -1.0], same_reading=same_reading, p=p)


def combined(
    budgets: Sequence[Budget],
    weights: Sequence[float],
    *,
    same_reading: bool = False,
    p: float = P_TWO,
) -> Joint:
    """Return the uncertainty of a weighted sum of results.

    Degrees of freedom by Welch-Satterthwaite: what is common counts once.
    """
    common: dict[tuple[str, str], tuple[float, float]] = {}
    shares: list[tuple[float, float]] = []
    for weight, budget in zip(weights, budgets, strict=True):
        for line in budget:
            size, dof = weight * _signed(line), _dof(line)
            if not _is_common(line, same_reading=same_reading):
                shares.append((abs(size), dof))
                continue
            key = (line["input"], line["source"])
            before, known = common.get(key, (0.0, dof))
            common[key] = (before + size, min(known, dof))
    together = [(abs(size), dof) for size, dof in common.values()]
    shared = math.hypot(*(size for size, _ in together))
    u = math.hypot(shared, *(size for size, _ in shares))
    dof = effective_dof([*shares, *together])
    k = coverage_factor(dof, meant_probability(p))
    return Joint(u, dof, k, k * u, shared)


def _is_common(line: Line, *, same_reading: bool) -> bool:
    common = line.get("common", "")
    return bool(common == STANDARD or (same_reading and common == READING))


def _signed(line: Line) -> float:
    return float(line["sensitivity"]) * float(line["u"])


def _dof(line: Line) -> float:
    return math.inf if line.get("dof") is None else float(line["dof"])


def _u(budget: Budget) -> float:
    return math.hypot(*_sizes(budget))


def _sizes(budget: Budget) -> Iterator[float]:
    return (_signed(line) for line in budget)
