"""Curves through known points.

An error curve tells what an instrument under test really is; a table is a curve of the bench, read
from a CSV file.

    curve = ErrorCurve([(0.025, -1.2), (0.04, 0.4), (2.4, 0.6)])      # flow in m³/h, error in %
    curve(0.03)
    table = read_table(folder / "pump-head.csv")                     # piecewise linear
"""

from __future__ import annotations

import csv
import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path


class ErrorCurve:
    """A smooth error over the logarithm of a positive quantity; level beyond its ends.

    Between two knots it stays between their values: shape-preserving cubic Hermite interpolation
    after Fritsch and Butland (SIAM J. Sci. Stat. Comput. 5, 1984). So a knot that is the worst
    point of an instrument stays its worst point.
    """

    def __init__(self, knots: Sequence[tuple[float, float]]) -> None:
        ordered = sorted(knots)
        self._x = [math.log(q) for q, _ in ordered]
        self._y = [e for _, e in ordered]
        self._slope = _slopes(self._x, self._y)

    def __call__(self, quantity: float) -> float:
        """Return the error at `quantity`, in the unit of the knots' errors."""
        x = math.log(quantity) if quantity > 0.0 else -math.inf
        if x <= self._x[0]:
            return self._y[0]
        if x >= self._x[-1]:
            return self._y[-1]
        i = bisect_right(self._x, x) - 1
        h = self._x[i + 1] - self._x[i]
        s = (x - self._x[i]) / h
        a, b = self._y[i], self._y[i + 1]
        rise = h * ((1.0 - s) * self._slope[i] - s * self._slope[i + 1])
        return a + (b - a) * s * s * (3.0 - 2.0 * s) + s * (1.0 - s) * rise


def _slopes(x: Sequence[float], y: Sequence[float]) -> list[float]:
    steps = list(pairwise(x))
    secants = [(b - a) / (q - p) for (p, q), (a, b) in zip(steps, pairwise(y), strict=True)]
    inner = [
        3.0 * s * t / (s + t + min(s, t, key=abs)) if s * t > 0.0 else 0.0
        for s, t in pairwise(secants)
    ]
    return [0.0, *inner, 0.0]


class Table:
    """A function given by points, straight between them; beyond its ends the end's value."""

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        ordered = sorted(points)
        self.x = tuple(x for x, _ in ordered)
        self.y = tuple(y for _, y in ordered)

    def __call__(self, x: float) -> float:
        """Return the value at `x`."""
        if x <= self.x[0]:
            return self.y[0]
        if x >= self.x[-1]:
            return self.y[-1]
        i = bisect_right(self.x, x) - 1
        share = (x - self.x[i]) / (self.x[i + 1] - self.x[i])
        return self.y[i] + share * (self.y[i + 1] - self.y[i])


def read_table(path: Path) -> Table:
    """Return the table in a CSV file of two columns with a header row.

    Raises:
        ValueError: a row does not hold two numbers.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(line for line in file if not line.startswith("#")))
    return Table([(float(row[0]), float(row[1])) for row in rows[1:] if row])
