"""What makes an input uncertain: a standard uncertainty, its distribution, its degrees of freedom.

    Input("Vr", 100.0, (from_certificate("certificate", U=0.2, k=2), resolution("step", 0.01)))

Divisors of half-widths: JCGM 100, 4.3.7, 4.3.9, 4.4.5; JCGM 101, 6.4 (curvilinear trapezoid:
6.4.3, arc sine: 6.4.6).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Component(NamedTuple):
    """One source of uncertainty of an input: standard uncertainty, distribution, dof.

    `shape` is, of a trapezoid, its top as a fraction of its base (0 is a triangle, 1 a rectangle);
    of a ctrap (a rectangle whose limits are known inexactly, within +-d), d as a fraction of the
    half-width.
    """

    source: str
    u: float
    distribution: str = "normal"
    dof: float = math.inf
    shape: float = 0.0

    @property
    def half_width(self) -> float:
        """Half-width of the distribution; that of a ctrap is the middle of what it may be.

        Raises:
            KeyError: the distribution has no limits.
        """
        return self.u / _u_of_half(self.distribution, self.shape)


PlainComponent = tuple[str, float, str, float]


@dataclass(frozen=True, slots=True)
class Input:
    """An input quantity: its estimate and what makes it uncertain, in its own unit.

    A plain tuple (source, u, distribution, dof) does for a component.
    """

    name: str
    value: float
    components: Sequence[PlainComponent | Component] = ()

    @property
    def sources(self) -> tuple[Component, ...]:
        """The components.

        Raises:
            ValueError: a u is negative, or dof are not positive.
        """
        found = tuple(Component(*c) for c in self.components)
        for c in found:
            if not (c.u >= 0 and c.dof > 0):
                raise ValueError(f"{self.name}, {c.source}: u = {c.u}, dof = {c.dof}")
        return found

    @property
    def u(self) -> float:
        """Combined standard uncertainty of the components."""
        return math.hypot(*(c[1] for c in self.components))


SHAPES: Mapping[str, str] = {
    "normal": "",
    "t": "",
    "rectangular": "",
    "triangular": "",
    "arcsine": "",
    "trapezoid": "top",
    "ctrap": "d",
}
"""The distributions, and what must be said of each beyond its half-width."""

BOUNDED = ("rectangular", "triangular", "arcsine", "trapezoid", "ctrap")
"""The distributions that a half-width describes."""


def _u_of_half(distribution: str, shape: float) -> float:
    """Return the standard uncertainty of a distribution of half-width 1."""
    variance = {
        "rectangular": 1 / 3,
        "triangular": 1 / 6,
        "arcsine": 1 / 2,
        "trapezoid": (1 + shape**2) / 6,
        "ctrap": 1 / 3 + shape**2 / 9,
    }
    return math.sqrt(variance[distribution])


def bounded(
    source: str,
    half_width: float,
    distribution: str = "rectangular",
    dof: float = math.inf,
    shape: float = 0.0,
) -> Component:
    """Return a component within +-half_width; `shape` as in `Component`.

    Raises:
        KeyError: the distribution is none of `BOUNDED`.
        ValueError: the half-width is negative or not finite, or the shape outside 0..1.
    """
    if not 0 <= shape <= 1:
        raise ValueError(f"{source}: a shape lies within 0 to 1, got {shape}")
    u = _positive(half_width) * _u_of_half(distribution, shape)
    return Component(source, u, distribution, dof, shape)


def rectangular(source: str, half_width: float, dof: float = math.inf) -> Component:
    """Return a component that is equally probable within +-half_width: u = a / sqrt(3)."""
    return bounded(source, half_width, "rectangular", dof)


def triangular(source: str, half_width: float, dof: float = math.inf) -> Component:
    """Return a component of triangular distribution: u = a / sqrt(6)."""
    return bounded(source, half_width, "triangular", dof)


def arcsine(source: str, half_width: float, dof: float = math.inf) -> Component:
    """Return a component that swings between +-half_width (U-shaped): u = a / sqrt(2)."""
    return bounded(source, half_width, "arcsine", dof)


def trapezoid(source: str, half_width: float, top: float, dof: float = math.inf) -> Component:
    """Return a trapezoid with a top of `top` times its base: u = a sqrt((1 + top^2) / 6)."""
    return bounded(source, half_width, "trapezoid", dof, top)


def ctrap(source: str, half_width: float, d: float, dof: float = math.inf) -> Component:
    """Return a rectangle whose limits +-half_width are known to +-d: u^2 = a^2/3 + d^2/9."""
    return bounded(source, half_width, "ctrap", dof, d / half_width if half_width else 0.0)


def resolution(source: str, interval: float) -> Component:
    """Return the component of reading to a whole `interval`: rectangular, u = d / sqrt(12)."""
    return Component(source, _positive(interval) / math.sqrt(12), "rectangular")


def normal(source: str, u: float, dof: float = math.inf) -> Component:
    """Return a component with known standard uncertainty and degrees of freedom."""
    return Component(source, _positive(u), "normal" if math.isinf(dof) else "t", dof)


def from_certificate(source: str, U: float, k: float, dof: float = math.inf) -> Component:  # noqa: N803
    """Return the component of a certificate that states U and k: u = U / k."""
    if not k > 0:
        raise ValueError(f"a coverage factor must be positive, got {k}")
    return Component(source, _positive(U) / k, "normal", dof)


def from_readings(source: str, readings: Sequence[float]) -> tuple[float, Component]:
    """Return mean and component of repeated readings (JCGM 100, 4.2): u = s / sqrt(n), n - 1 dof.

    Raises:
        ValueError: fewer than two readings, or one is not finite.
    """
    n = len(readings)
    if n < 2 or not all(math.isfinite(x) for x in readings):
        raise ValueError(f"{source}: at least two finite readings are needed")
    first = readings[0]
    mean = first + math.fsum(x - first for x in readings) / n
    s = math.sqrt(math.fsum((x - mean) ** 2 for x in readings) / (n - 1))
    return mean, Component(source, s / math.sqrt(n), "t", n - 1)


def pooled(s: Sequence[float], n: Sequence[int]) -> tuple[float, int]:
    """Return the pooled standard deviation of several series and its dof (JCGM 100, H.3.6).

    u of a later mean of m readings is s_p / sqrt(m), with these degrees of freedom.

    Raises:
        ValueError: not as many numbers as deviations, or a series of fewer than two readings.
    """
    if not s or min(n, default=0) < 2:
        raise ValueError("each pooled series needs at least two readings")
    dof = sum(k - 1 for k in n)
    total = math.fsum((k - 1) * v * v for v, k in zip(s, n, strict=True))
    return math.sqrt(total / dof), dof


def dof_of_reliability(relative: float) -> float:
    """Return the dof of a type B u that is itself known to `relative`: JCGM 100, (G.3)."""
    if not relative > 0:
        raise ValueError(f"a relative uncertainty must be positive, got {relative}")
    return 0.5 / relative**2


def _positive(value: float) -> float:
    if not 0 <= value < math.inf:
        raise ValueError(f"an uncertainty must be finite and not negative, got {value}")
    return value
