"""Inputs that vary together: covariances, and which degrees of freedom are left.

Welch-Satterthwaite holds for independent components only. Inputs that are correlated count as one
component: of infinite dof if all of theirs are, of n - 1 if they were observed together in n sets
of readings; in all other cases there are no effective degrees of freedom, and nothing is assumed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.metrology.components import Component, Input
from benchctl.metrology.coverage import Share


@dataclass(frozen=True, slots=True)
class Correlation:
    """The correlation coefficient of two inputs.

    `observed`: it is that of simultaneous readings and concerns the components from readings (those
    of distribution t) only; else it is that of the inputs with everything that is uncertain in
    them.
    """

    first: str
    second: str
    r: float
    observed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Inputs that vary together, by name, with the components that do, and their matrix of r."""

    names: tuple[str, ...]
    parts: tuple[tuple[Component, ...], ...]
    r: tuple[tuple[float, ...], ...]
    observed: bool

    @property
    def u(self) -> tuple[float, ...]:
        """Standard uncertainties of the parts."""
        return tuple(math.hypot(*(c.u for c in part)) for part in self.parts)

    @property
    def dof(self) -> float | None:
        """Degrees of freedom of whatever is made of the group; None where there are none."""
        found = {c.dof for part in self.parts for c in part}
        if found == {math.inf} or (self.observed and len(found) == 1):
            return found.pop()
        return None


def observed_together(first: str, a: Sequence[float], second: str, b: Sequence[float]) -> float:
    """Return the correlation coefficient of two inputs read simultaneously (JCGM 100, H.2).

    Raises:
        ValueError: not as many readings of one as of the other, or fewer than three.
    """
    if len(a) != len(b) or len(a) < 3:
        raise ValueError(f"{first} and {second} need three or more readings in pairs")
    mean_a, mean_b = math.fsum(a) / len(a), math.fsum(b) / len(b)
    s_ab = math.fsum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    s_aa = math.fsum((x - mean_a) ** 2 for x in a)
    s_bb = math.fsum((y - mean_b) ** 2 for y in b)
    return s_ab / math.sqrt(s_aa * s_bb) if s_aa > 0 and s_bb > 0 else 0.0


def groups_of(inputs: Sequence[Input], correlations: Sequence[Correlation]) -> tuple[Group, ...]:
    """Return the groups of correlated inputs.

    Raises:
        UsageError: a coefficient is not within +-1, names an unknown input or the same twice, or
            the coefficients contradict each other.
    """
    by_name = {i.name: i for i in inputs}
    pairs: dict[frozenset[str], Correlation] = {}
    for c in correlations:
        pair = frozenset((c.first, c.second))
        if len(pair) < 2 or not pair <= by_name.keys() or pair in pairs:
            raise UsageError(msg("metrology.bad-pair", first=c.first, second=c.second))
        if not -1 <= c.r <= 1:
            raise UsageError(msg("metrology.bad-r", first=c.first, second=c.second, r=c.r))
        pairs[pair] = c
    related = {pair: c for pair, c in pairs.items() if c.r != 0}
    return tuple(_group(names, by_name, related) for names in _connected(related))


def _connected(pairs: Mapping[frozenset[str], Correlation]) -> list[tuple[str, ...]]:
    """Return the names in groups that are linked by pairs, in order of appearance."""
    found: list[set[str]] = []
    for pair in pairs:
        touching = [g for g in found if g & pair]
        found = [g for g in found if not g & pair] + [set(pair).union(*touching)]
    order = list(dict.fromkeys(n for c in pairs.values() for n in (c.first, c.second)))
    return [tuple(sorted(g, key=order.index)) for g in found]


def _group(
    names: tuple[str, ...],
    inputs: Mapping[str, Input],
    pairs: Mapping[frozenset[str], Correlation],
) -> Group:
    kinds = {c.observed for pair, c in pairs.items() if pair <= set(names)}
    if len(kinds) > 1:
        raise UsageError(msg("metrology.mixed-correlation", names=", ".join(names)))
    observed = kinds == {True}
    matrix = tuple(
        tuple(
            1.0 if a == b else pairs[pair].r if (pair := frozenset((a, b))) in pairs else 0.0
            for b in names
        )
        for a in names
    )
    if not _possible(matrix):
        raise UsageError(msg("metrology.impossible-r", names=", ".join(names)))
    parts = tuple(
        tuple(c for c in inputs[n].sources if not observed or c.distribution == "t") for n in names
    )
    if not all(parts):
        raise UsageError(msg("metrology.not-observed", names=", ".join(names)))
    return Group(names, parts, matrix, observed)


def _possible(matrix: Sequence[Sequence[float]]) -> bool:
    """Return whether a correlation matrix has no negative eigenvalue."""
    import numpy as np  # only where something is correlated

    return bool(np.linalg.eigvalsh(np.array(matrix)).min() > -1e-9)


def covariance(group: Group, sensitivities: Mapping[str, float]) -> float:
    """Return the variance that a group's members have in common: sum_{i != j} c_i c_j u_ij."""
    u = group.u
    return sum(
        sensitivities[a] * sensitivities[b] * u[i] * u[j] * group.r[i][j]
        for i, a in enumerate(group.names)
        for j, b in enumerate(group.names)
        if i != j
    )


def shares(
    inputs: Sequence[Input], sensitivities: Mapping[str, float], groups: Sequence[Group]
) -> list[Share] | None:
    """Return the independent contributions; None where a group has no degrees of freedom."""
    found = []
    together = {(n, c) for g in groups for n, p in zip(g.names, g.parts, strict=True) for c in p}
    for i in inputs:
        c_i = abs(sensitivities.get(i.name, 0.0))
        for c in i.sources:
            if (i.name, c) not in together:
                found.append(Share(c_i * c.u, c.dof, c.distribution, c.shape))
    for group in groups:
        if group.dof is None:
            return None
        own = sum((sensitivities[n] * u) ** 2 for n, u in zip(group.names, group.u, strict=True))
        total = max(0.0, own + covariance(group, sensitivities))
        found.append(Share(math.sqrt(total), group.dof, "correlated"))
    return found
