"""What a channel said so far, in constant room: mean, spread, extremes, and what lay beyond limits.

    flow = Running(low=0.9, high=1.1)
    for value in readings:
        flow.add(value)
    flow.mean, flow.s, flow.beyond

Sums are shifted by the first value: of all one-pass ways the cheapest and the one that loses the
fewest digits beside a large offset.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Running:
    """Sums over the values that were added; `low` and `high` in the unit of the values."""

    __slots__ = ("_first", "_squares", "_sum", "beyond", "high", "least", "low", "most", "n")

    def __init__(self, low: float = -math.inf, high: float = math.inf) -> None:
        if not low <= high:
            raise ValueError(f"limits {low} … {high}")
        self.low = low
        self.high = high
        self.n = 0
        """Values that were added."""
        self.beyond = 0
        """How many of them lay outside `low`..`high`."""
        self.least = math.inf
        self.most = -math.inf
        self._first = 0.0
        self._sum = 0.0
        self._squares = 0.0

    def add(self, value: float) -> None:
        """Take one value; finite, or nothing that is told afterwards means anything."""
        n = self.n
        self.n = n + 1
        if not n:
            self._first = self.least = self.most = value
        apart = value - self._first
        self._sum += apart
        self._squares += apart * apart
        if value < self.least:
            self.least = value
        elif value > self.most:
            self.most = value
        if value < self.low or value > self.high:
            self.beyond += 1

    def extend(self, values: NDArray[np.float64]) -> None:
        """Take many values, shape (n,)."""
        if not values.size:
            return
        if not self.n:
            self._first = float(values[0])
        apart = values - self._first
        self.n += values.size
        self._sum += float(apart.sum())
        self._squares += float(apart @ apart)
        self.least = min(self.least, float(values.min()))
        self.most = max(self.most, float(values.max()))
        self.beyond += int(((values < self.low) | (values > self.high)).sum())

    @property
    def mean(self) -> float:
        """Mean of all values; NaN before the first."""
        return self._first + self._sum / self.n if self.n else math.nan

    @property
    def s(self) -> float:
        """Experimental standard deviation; NaN for fewer than two values."""
        if self.n < 2:
            return math.nan
        return math.sqrt(max(0.0, self._squares - self._sum**2 / self.n) / (self.n - 1))
