"""Draws from the distributions of inputs, alone or correlated (JCGM 101, 6.4).

A t distribution is scaled, not brought to unit variance (6.4.9): its standard deviation is
u sqrt(dof / (dof - 2)). A rectangle whose half-width a is itself known to a relative 1/sqrt(2 dof)
is drawn with limits that vary so much (6.4.3, 9.5.2).

Correlated inputs: normal ones as they are; those observed together from a multivariate t; others by
a normal copula, whose coefficient is chosen so that the inputs have the coefficient that is stated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.series import Floats
from benchctl.metrology.components import Component, Input
from benchctl.metrology.correlation import Correlation, Group, groups_of

Generator = np.random.Generator
Draw = Callable[[Generator, int], Floats]

_NODES = 64
"""Nodes per dimension of the quadrature that finds a copula's coefficient."""


MOST_HEAVY = 2.0
"""Degrees of freedom up to which a t distribution has no standard deviation."""


class Sampler:
    """Draws values of all inputs; correlations are worked out once."""

    def __init__(self, inputs: Sequence[Input], correlations: Sequence[Correlation] = ()) -> None:
        self.inputs = tuple(inputs)
        groups = groups_of(inputs, correlations) if correlations else ()
        grouped = {
            (name, part): group
            for group in groups
            for name, parts in zip(group.names, group.parts, strict=True)
            for part in parts
        }
        self._alone = {
            i.name: tuple(_draw_of(i.name, c) for c in i.sources if (i.name, c) not in grouped)
            for i in inputs
        }
        self._together = tuple((g.names, _joint(g)) for g in groups)

    @property
    def heavy(self) -> tuple[str, ...]:
        """Names of the inputs that have no standard deviation."""
        bell = ("normal", "t")
        return tuple(
            i.name
            for i in self.inputs
            if any(c.dof <= MOST_HEAVY and c.distribution in bell for c in i.sources)
        )

    def draw(self, rng: Generator, n: int) -> dict[str, Floats | float]:
        """Return `n` values of each input, one value where it is exact."""
        found: dict[str, Floats | float] = {}
        for i in self.inputs:
            value: Floats | float = i.value
            for draw in self._alone[i.name]:
                value = draw(rng, n) + value
            found[i.name] = value
        for names, joint in self._together:
            for name, deviation in zip(names, joint(rng, n), strict=True):
                found[name] = found[name] + deviation
        return found


def _draw_of(name: str, c: Component) -> Draw:
    """Return how deviations of one component are drawn.

    Raises:
        UsageError: it has no known distribution.
    """
    if not math.isinf(c.dof) and c.distribution in ("normal", "t"):
        return lambda rng, n: c.u * rng.standard_t(c.dof, n)
    if c.distribution in ("normal", "t"):
        return lambda rng, n: c.u * rng.standard_normal(n)
    drawn = _DRAWN.get(c.distribution)
    if drawn is None:
        raise UsageError(msg("metrology.no-distribution", name=name, distribution=c.distribution))
    half_width, shape = c.half_width, c.shape
    if c.distribution == "rectangular" and not math.isinf(c.dof):
        drawn, shape = _ctrap, min(1.0, 1 / math.sqrt(2 * c.dof))
    return lambda rng, n: half_width * drawn(rng, n, shape)


def _rectangular(rng: Generator, n: int, _: float) -> Floats:
    return 2 * rng.random(n) - 1


def _triangular(rng: Generator, n: int, _: float) -> Floats:
    return rng.random(n) - rng.random(n)


def _arcsine(rng: Generator, n: int, _: float) -> Floats:
    drawn: Floats = np.sin(2 * np.pi * rng.random(n))
    return drawn


def _trapezoid(rng: Generator, n: int, top: float) -> Floats:
    wide, narrow = (1 + top) / 2, (1 - top) / 2
    return wide * (2 * rng.random(n) - 1) + narrow * (2 * rng.random(n) - 1)


def _ctrap(rng: Generator, n: int, d: float) -> Floats:
    return (1 + d * (2 * rng.random(n) - 1)) * (2 * rng.random(n) - 1)


_DRAWN: Mapping[str, Callable[[Generator, int, float], Floats]] = {
    "rectangular": _rectangular,
    "triangular": _triangular,
    "arcsine": _arcsine,
    "trapezoid": _trapezoid,
    "ctrap": _ctrap,
}


# correlated inputs


def _joint(group: Group) -> Callable[[Generator, int], Sequence[Floats]]:
    """Return how deviations of a group's members are drawn together.

    Raises:
        UsageError: they cannot be.
    """
    u, r = np.array(group.u), np.array(group.r)
    dof = group.dof
    if group.observed and dof is not None:
        root = _root(r) * u[:, None]
        return lambda rng, n: root @ _student(rng, len(u), n, dof)
    if all(c.distribution == "normal" and math.isinf(c.dof) for p in group.parts for c in p):
        root = _root(r) * u[:, None]
        return lambda rng, n: root @ rng.standard_normal((len(u), n))
    return _copula(group, r)


def _student(rng: Generator, rows: int, n: int, dof: float) -> Floats:
    drawn: Floats = rng.standard_normal((rows, n)) / np.sqrt(rng.chisquare(dof, n) / dof)
    return drawn


def _root(r: Floats) -> Floats:
    """Return A with A A' = r, also where r is singular."""
    values, vectors = np.linalg.eigh(r)
    root: Floats = vectors * np.sqrt(np.clip(values, 0, None))
    return root


def _copula(group: Group, r: Floats) -> Callable[[Generator, int], Sequence[Floats]]:
    """Return draws of any distributions with the coefficients `r`."""
    quantiles = [_quantile(n, p) for n, p in zip(group.names, group.parts, strict=True)]
    inner = np.eye(len(r))
    for i in range(len(r)):
        for j in range(i):
            inner[i, j] = inner[j, i] = _inner(quantiles[i], quantiles[j], float(r[i, j]), group)
    root = _root(inner)

    def draw(rng: Generator, n: int) -> Sequence[Floats]:
        z = root @ rng.standard_normal((len(quantiles), n))
        return [q(row) for q, row in zip(quantiles, z, strict=True)]

    return draw


Quantile = Callable[[Floats], Floats]


def _quantile(name: str, part: Sequence[Component]) -> Quantile:
    """Return the quantiles of the only component of a correlated input, of standard normal z.

    Raises:
        UsageError: there are several components, it has no standard deviation, or no quantile
            function here.
    """
    c = part[0]
    finite = not math.isinf(c.dof)
    if c.dof <= MOST_HEAVY:
        raise UsageError(msg("metrology.too-few-dof", name=name, dof=f"{c.dof:g}"))
    if len(part) > 1 or c.distribution == "ctrap" or (finite and c.distribution in _DRAWN):
        raise UsageError(msg("metrology.cannot-correlate", name=name))
    from scipy.special import ndtr, stdtrit

    if c.distribution in ("normal", "t"):
        if not finite:
            return lambda z: c.u * z
        return lambda z: -c.u * np.sign(z) * stdtrit(c.dof, ndtr(-np.abs(z)))
    if c.distribution not in _DRAWN:
        raise UsageError(msg("metrology.no-distribution", name=name, distribution=c.distribution))
    a, top = c.half_width, c.shape
    if c.distribution == "rectangular":
        return lambda z: a * (2 * ndtr(z) - 1)
    if c.distribution == "arcsine":
        return lambda z: a * np.sin(np.pi * (ndtr(z) - 0.5))
    top = top if c.distribution == "trapezoid" else 0.0
    return lambda z: a * _trapezoid_quantile(ndtr(z), top)


def _trapezoid_quantile(q: Floats, top: float) -> Floats:
    """Return quantiles of the trapezoid on -1..1: its density is 1 / (1 + top) over the top."""
    tail = np.minimum(q, 1 - q)
    slope = np.sqrt(2 * tail * (1 - top**2)) - 1
    flat = tail * (1 + top) - (1 + top) / 2
    low = np.where(tail < (1 - top) / (2 * (1 + top)), slope, flat)
    found: Floats = np.where(q < 0.5, low, -low)
    return found


def _inner(a: Quantile, b: Quantile, r: float, group: Group) -> float:
    """Return the coefficient of the normal variables with which `a` and `b` have that of `r`.

    Raises:
        UsageError: distributions of these shapes cannot be correlated so strongly.
    """
    if r == 0:
        return 0.0
    z, w = np.polynomial.hermite_e.hermegauss(_NODES)
    w = w / w.sum()
    x = a(z)
    u_a, u_b = math.sqrt(w @ x**2), math.sqrt(w @ b(z) ** 2)

    def achieved(inner: float) -> float:
        both = inner * z[:, None] + math.sqrt(1 - inner**2) * z
        return float(w @ (x * (b(both) @ w))) / (u_a * u_b)

    low, high = (0.0, 1.0) if r > 0 else (-1.0, 0.0)
    if not achieved(low) - 1e-6 <= r <= achieved(high) + 1e-6:
        raise UsageError(msg("metrology.impossible-r", names=", ".join(group.names)))
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if achieved(middle) < r else (low, middle)
    return (low + high) / 2
