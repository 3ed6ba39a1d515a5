"""How errors are distributed: histograms with limits, by type, point and batch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import Any

from benchctl.statistics.gathering import Unit

LEAST = 5
"""Values below which a histogram says nothing."""
MOST_BINS = 40


@dataclass(frozen=True, slots=True)
class Errors:
    """The errors of a group at a point, in `unit`; `batch` is "" for all batches of the type.

    `edges` are the limits of the bins, `counts` has two more: below the first and above the last
    edge. `outside` counts errors beyond their own limits, `share` is the mean error over the limit.
    """

    procedure: str
    model: str
    batch: str
    point: str
    quantity: str
    unit: str
    n: int
    mean: float
    s: float | None
    smallest: float
    largest: float
    low: float | None
    high: float | None
    outside: int
    edges: tuple[float, ...]
    counts: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self) | {"edges": list(self.edges), "counts": list(self.counts)}


def errors_of(units: Iterable[Unit]) -> list[Errors]:
    """Return the errors as found of every type and point, then of each of its batches."""
    found: dict[tuple[str, ...], list[tuple[float, float | None, float | None]]] = {}
    for unit in units:
        for p in unit.points:
            if p.left:
                continue
            value = (p.error, p.low, p.high)
            named = (unit.procedure, unit.model, "", p.point, p.quantity, p.unit)
            found.setdefault(named, []).append(value)
            if unit.batch:
                named = (unit.procedure, unit.model, unit.batch, *named[3:])
                found.setdefault(named, []).append(value)
    return [_errors(name, values) for name, values in sorted(found.items())]


def _errors(
    name: tuple[str, ...], values: Sequence[tuple[float, float | None, float | None]]
) -> Errors:
    numbers = [v for v, _, _ in values]
    limits = {(low, high) for _, low, high in values}
    low, high = next(iter(limits)) if len(limits) == 1 else (None, None)
    edges = bins(numbers, low, high)
    procedure, model, batch, point, quantity, unit = name
    return Errors(
        procedure=procedure,
        model=model,
        batch=batch,
        point=point,
        quantity=quantity,
        unit=unit,
        n=len(numbers),
        mean=fmean(numbers),
        s=stdev(numbers) if len(numbers) > 1 else None,
        smallest=min(numbers),
        largest=max(numbers),
        low=low,
        high=high,
        outside=sum(is_outside(*v) for v in values),
        edges=tuple(edges),
        counts=tuple(counted(numbers, edges, high)),
    )


def is_outside(value: float, low: float | None, high: float | None) -> bool:
    """Return whether an error lies beyond its limits; on a limit it lies inside."""
    return (low is not None and value < low) or (high is not None and value > high)


def bins(values: Sequence[float], low: float | None, high: float | None) -> list[float]:
    """Return the edges of bins, as many as Rice's rule says (twice the cube root of n).

    Where both limits are known they are edges themselves, so that a bin lies inside or outside; the
    bins go on beyond them for as far as values do, up to `MOST_BINS`.
    """
    wanted = max(LEAST, min(20, math.ceil(2 * len(values) ** (1 / 3))))
    first, last = min(values), max(values)
    if low is not None and high is not None and high > low:
        inner = wanted + wanted % 2
        width = (high - low) / inner
        before = max(0, math.ceil((low - first) / width - 1e-9))
        after = max(0, math.ceil((last - high) / width - 1e-9))
        spare = (MOST_BINS - inner) // 2
        before, after = min(before, spare), min(after, spare)
        return [low + (n - before) * width for n in range(before + inner + after + 1)]
    width = (last - first) / wanted or abs(first) * 0.01 or 1.0
    return [first + n * width for n in range(wanted + 1)]


def counted(
    values: Iterable[float], edges: Sequence[float], high: float | None = None
) -> list[int]:
    """Return how many values each bin holds, with those below and above all bins at the ends.

    A bin holds its lower edge. The last bin, and that below the limit `high`, hold their upper edge
    too: an error that is equal to its limit lies inside. A value within 10⁻⁹ of a bin's width of an
    edge counts as on it.
    """
    from bisect import bisect_right

    counts = [0] * (len(edges) + 1)
    near = 1e-9 * (edges[1] - edges[0])
    closed = [edge for edge in (high, edges[-1]) if edge is not None]
    for value in values:
        place = bisect_right(edges, value + near)
        counts[place - any(abs(value - edge) <= near for edge in closed)] += 1
    return counts
