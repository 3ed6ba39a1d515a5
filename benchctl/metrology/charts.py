"""Control charts of check standards, and what a history says of the next interval.

    chart = individuals([10.01, 10.02, ...], baseline=20)
    chart.signals                     # (Signal(index=23, rule="beyond-3s"), ...)
    ewma([...], chart.centre, chart.s)
    drift = drift_of(days, values)    # slope per day with its uncertainty

The centre and the standard deviation come from the first values (the baseline), the latter from
the moving range of two (s = mean range / 1.128), which a slow drift hardly widens. Rules: one value
beyond 3 s; two of three beyond 2 s on one side; four of five beyond 1 s on one side; eight in a row
on one side (Western Electric, as recalled). EWMA with λ = 0.2 and limits of 2.86 s (Lucas and
Saccucci 1990, as recalled): an average run of about 370 values without a cause.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

RANGE_OF_TWO = 1.128379167
"""Mean range of two normal values in standard deviations, 2 / sqrt(pi)."""
LEAST = 5
"""With fewer values there is no baseline."""
RULES: tuple[tuple[str, int, int, float], ...] = (
    ("beyond-3s", 1, 1, 3.0),
    ("two-of-three-beyond-2s", 2, 3, 2.0),
    ("four-of-five-beyond-1s", 4, 5, 1.0),
    ("eight-on-one-side", 8, 8, 0.0),
)
"""Name, how many of how many, beyond how many s on one side."""


@dataclass(frozen=True, slots=True)
class Signal:
    """The value at `index` completes what a rule looks for."""

    index: int
    rule: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Centre, standard deviation, limits for each value, and what the rules find."""

    centre: float
    s: float
    baseline: int
    plotted: tuple[float, ...]
    limits: tuple[tuple[float, float], ...]
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """A straight line over time: `slope` per day, with standard uncertainty and dof."""

    slope: float
    u: float
    dof: int
    at_end: float
    """The line's value at the last time."""

    @property
    def largest(self) -> float:
        """The slope that is not exceeded with 95 % (one-sided, Student)."""
        from scipy.special import stdtrit

        return abs(self.slope) + float(stdtrit(self.dof, 0.95)) * self.u


def individuals(values: Sequence[float], baseline: int = 20) -> Chart:
    """Return the chart of single values.

    Raises:
        ValueError: fewer than five values.
    """
    first = _baseline(values, baseline)
    ranges = [abs(b - a) for a, b in pairwise(first)]
    centre, s = fmean(first), fmean(ranges) / RANGE_OF_TWO
    limits = ((centre - 3.0 * s, centre + 3.0 * s),) * len(values)
    return Chart(centre, s, len(first), tuple(values), limits, signals_of(values, centre, s))


def signals_of(values: Sequence[float], centre: float, s: float) -> tuple[Signal, ...]:
    """Return what the rules find in values, each at the value that completes it."""
    return tuple(
        Signal(i, rule)
        for i in range(len(values))
        for rule, least, of, beyond in RULES
        if _found(values[: i + 1], centre, s, least, of, beyond)
    )


def ewma(
    values: Sequence[float], centre: float, s: float, weight: float = 0.2, width: float = 2.86
) -> Chart:
    """Return the chart of exponentially weighted means: it finds small shifts.

    Args:
        values: in order of time.
        centre: from a baseline.
        s: from a baseline.
        weight: of the newest value, λ.
        width: of the limits, in standard deviations of the mean.
    """
    plotted: list[float] = []
    limits: list[tuple[float, float]] = []
    mean = centre
    for n, value in enumerate(values, 1):
        mean = weight * value + (1.0 - weight) * mean
        share = weight / (2.0 - weight) * (1.0 - (1.0 - weight) ** (2 * n))
        away = width * s * math.sqrt(share)
        plotted.append(mean)
        limits.append((centre - away, centre + away))
    signals = tuple(
        Signal(i, "ewma")
        for i, (z, (low, high)) in enumerate(zip(plotted, limits, strict=True))
        if not low <= z <= high
    )
    return Chart(centre, s, 0, tuple(plotted), tuple(limits), signals)


def drift_of(days: Sequence[float], values: Sequence[float]) -> Drift | None:
    """Return the straight line of least squares, None with fewer than three instants.

    Raises:
        ValueError: the two are not equally long.
    """
    n = len(values)
    if len(days) != n:
        raise ValueError(n)
    middle = fmean(days) if days else 0.0
    square = math.fsum((d - middle) ** 2 for d in days)
    if n < 3 or square <= 0.0:
        return None
    level = fmean(values)
    slope = (
        math.fsum((d - middle) * (v - level) for d, v in zip(days, values, strict=True)) / square
    )
    left = math.fsum(
        (v - level - slope * (d - middle)) ** 2 for d, v in zip(days, values, strict=True)
    )
    u = math.sqrt(left / (n - 2) / square)
    return Drift(slope, u, n - 2, level + slope * (days[-1] - middle))


def interval(drift: Drift, limit: float, U: float, longest: float = 1826.0) -> float:  # noqa: N803
    """Return the days after which a value may reach a limit, at most `longest`.

    From the present value of the line, by the drift that is not exceeded with 95 %; `U` is kept
    free below the limit. 0 where it is reached already.
    """
    room = limit - U - abs(drift.at_end)
    if room <= 0.0:
        return 0.0
    return min(longest, room / drift.largest) if drift.largest > 0.0 else longest


def _baseline(values: Sequence[float], baseline: int) -> Sequence[float]:
    first = values[: max(baseline, LEAST)]
    if len(first) < LEAST:
        raise ValueError(len(values))
    return first


def _found(
    values: Sequence[float], centre: float, s: float, least: int, of: int, beyond: float
) -> bool:
    """Return whether the newest value completes `least` of the last `of` beyond a line."""
    last = values[-of:]
    for side in (1.0, -1.0):
        out = [side * (v - centre) > beyond * s for v in last]
        if out[-1] and sum(out) >= least:
            return True
    return False
