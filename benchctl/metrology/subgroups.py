"""Control charts of subgroups: X-bar of their means, S of their standard deviations.

    chart = subgroups([[10.01, 10.02, 10.00], [10.02, 10.03, 10.01], ...], baseline=20)
    chart.means.signals               # (Signal(index=23, rule="beyond-3s"), ...)
    chart.spreads.signals

A subgroup is what was measured under the same conditions: the readings of one day, the runs of one
point. The standard deviation within subgroups is the mean of s_i / c4(n_i) over the baseline, so
that with equal sizes the limits are those of the factors A3, B3 and B4 (ISO 7870-2, GB/T 17989.2,
as recalled): centre ± 3 s / sqrt(n) for the means, s (c4 ± 3 sqrt(1 - c4^2)) for the standard
deviations. Sizes may differ; each subgroup then has limits of its own. The rules of `charts` are
held against the means in units of their own s / sqrt(n).

Where the subgroups differ among each other by more than their inside explains (`between`), the
limits of the means are tight by intention: it is that difference the chart is to find.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from benchctl.metrology.charts import LEAST, Chart, Signal, ewma, signals_of

SPREAD = "spread-beyond-3s"
"""The rule of the chart of standard deviations."""


@dataclass(frozen=True, slots=True)
class Subgroups:
    """The chart of the means, that of the standard deviations, and their weighted means.

    `between` is the standard deviation between subgroups of the baseline beyond what their inside
    explains; 0.0 where it explains all. `spreads` leaves out subgroups of one value: `spread_of`
    has the subgroup of each of its values.
    """

    means: Chart
    weighted: Chart
    spreads: Chart
    spread_of: tuple[int, ...]
    sizes: tuple[int, ...]
    between: float


def c4(n: int) -> float:
    """Return the mean of the standard deviation of `n` normal values, in standard deviations.

    Raises:
        ValueError: fewer than two values.
    """
    if n < 2:
        raise ValueError(n)
    return math.sqrt(2.0 / (n - 1)) * math.exp(math.lgamma(n / 2.0) - math.lgamma((n - 1) / 2.0))


def subgroups(groups: Sequence[Sequence[float]], baseline: int = 20) -> Subgroups:
    """Return the charts of subgroups, in order of time.

    Args:
        groups: The values of each, at least one.
        baseline: So many first subgroups give centre and standard deviation, at least five.

    Raises:
        ValueError: fewer than five subgroups, an empty one, or fewer than two of the baseline with
            two values or more.
    """
    first = groups[: max(baseline, LEAST)]
    inner = [g for g in first if len(g) > 1]
    if len(first) < LEAST or len(inner) < 2 or not all(groups):
        raise ValueError(len(groups))
    s = fmean(stdev(g) / c4(len(g)) for g in inner)
    centre = math.fsum(math.fsum(g) for g in first) / sum(len(g) for g in first)
    sizes = tuple(len(g) for g in groups)
    means = _means([fmean(g) for g in groups], sizes, centre, s, len(first))
    return Subgroups(
        means,
        _weighted(means, sizes),
        *_spreads(groups, s, len(first)),
        sizes,
        _between(first, centre, s),
    )


def _means(
    means: Sequence[float], sizes: Sequence[int], centre: float, s: float, baseline: int
) -> Chart:
    away = [3.0 * s / math.sqrt(n) for n in sizes]
    signals = signals_of(_scaled(means, sizes, centre), 0.0, s)
    limits = tuple((centre - a, centre + a) for a in away)
    return Chart(centre, s, baseline, tuple(means), limits, signals)


def _scaled(means: Sequence[float], sizes: Sequence[int], centre: float) -> list[float]:
    """Return the deviations as if each subgroup had one value: (mean - centre) sqrt(n)."""
    return [(m - centre) * math.sqrt(n) for m, n in zip(means, sizes, strict=True)]


def _weighted(means: Chart, sizes: Sequence[int]) -> Chart:
    """Return the exponentially weighted means of the deviations in units of s / sqrt(n)."""
    if means.s > 0.0:
        scaled = [d / means.s for d in _scaled(means.plotted, sizes, means.centre)]
        return ewma(scaled, 0.0, 1.0)
    return ewma(_scaled(means.plotted, sizes, means.centre), 0.0, 0.0)


def _spreads(
    groups: Sequence[Sequence[float]], s: float, baseline: int
) -> tuple[Chart, tuple[int, ...]]:
    index = tuple(i for i, g in enumerate(groups) if len(g) > 1)
    plotted = tuple(stdev(groups[i]) for i in index)
    limits = tuple(_spread_limits(len(groups[i]), s) for i in index)
    signals = tuple(
        Signal(i, SPREAD)
        for i, value, (low, high) in zip(index, plotted, limits, strict=True)
        if not low <= value <= high
    )
    return Chart(s, s, baseline, plotted, limits, signals), index


def _spread_limits(n: int, s: float) -> tuple[float, float]:
    middle = c4(n)
    away = 3.0 * math.sqrt(1.0 - middle * middle)
    return s * max(0.0, middle - away), s * (middle + away)


def _between(first: Sequence[Sequence[float]], centre: float, s: float) -> float:
    """Return the standard deviation between subgroups, by the mean squares of one-way ANOVA."""
    total = sum(len(g) for g in first)
    square = math.fsum(len(g) * (fmean(g) - centre) ** 2 for g in first) / (len(first) - 1)
    size = (total - sum(len(g) ** 2 for g in first) / total) / (len(first) - 1)
    return math.sqrt(max(0.0, square - s * s) / size)
