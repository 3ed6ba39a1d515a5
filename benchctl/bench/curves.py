"""A role through a calibration: a CSV of two columns, read along straight lines between points.

    m³/h,%
    0.0,0
    1.2,50

The first column is the role, the second the channel; units stand in the header. Both columns rise
strictly or fall strictly, so that the curve can be read both ways. Nothing is extrapolated.
"""

from __future__ import annotations

import csv
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import msg
from benchctl.core.units import Unit, UnitError, unit

MOST_POINTS = 10_000
LARGEST_FILE = 1 << 20


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of a calibration, ascending in the role's value."""

    name: str
    role_unit: Unit
    channel_unit: Unit
    role: tuple[float, ...]
    channel: tuple[float, ...]

    def to_channel(self, value: float) -> float:
        """Return the channel's value for a role's value, each in the curve's unit.

        Raises:
            RefusedError: the value lies outside the curve.
        """
        return self._along(value, self.role, self.channel, self.role_unit)

    def to_role(self, value: float) -> float:
        """Return the role's value for a channel's value, each in the curve's unit.

        Raises:
            RefusedError: the value lies outside the curve.
        """
        x, y = self.channel, self.role
        if x[0] > x[-1]:
            x, y = x[::-1], y[::-1]
        return self._along(value, x, y, self.channel_unit)

    def _along(self, value: float, x: Sequence[float], y: Sequence[float], of: Unit) -> float:
        if not x[0] <= value <= x[-1]:
            raise RefusedError(
                msg(
                    "bench.beyond-curve",
                    value=f"{value:.4g} {of.symbol}",
                    curve=self.name,
                    low=f"{x[0]:g}",
                    high=f"{x[-1]:g} {of.symbol}",
                )
            )
        i = max(1, bisect_left(x, value))
        share = (value - x[i - 1]) / (x[i] - x[i - 1])
        return y[i - 1] + share * (y[i] - y[i - 1])


class CurveError(UsageError):
    """A curve file cannot be used."""


def load_curve(path: Path) -> Curve:
    """Read a curve.

    Raises:
        CurveError: the file cannot be read or is not a curve, with the line that is wrong.
    """
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"no file of at most {LARGEST_FILE} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:  # no file, no text, no path
        raise CurveError(msg("bench.curve-unreadable", curve=path.name, why=str(error))) from error
    rows = [(n, row) for n, row in enumerate(csv.reader(text.splitlines()), 1) if any(row)]
    if not rows or len(rows[0][1]) != 2:
        raise CurveError(msg("bench.curve-header", curve=path.name))
    units = _units(path, rows[0][1])
    points = [_point(path, n, row) for n, row in rows[1 : MOST_POINTS + 1]]
    role, channel = tuple(p[0] for p in points), tuple(p[1] for p in points)
    if len(points) < 2 or not _rises(role) or not (_rises(channel) or _rises(channel[::-1])):
        raise CurveError(msg("bench.curve-order", curve=path.name))
    return Curve(path.name, units[0], units[1], role, channel)


def _units(path: Path, header: Sequence[str]) -> tuple[Unit, Unit]:
    try:
        return unit(header[0]), unit(header[1])
    except UnitError as error:
        raise CurveError(
            msg("bench.curve-line", curve=path.name, line=1, what=error.message)
        ) from error


def _point(path: Path, line: int, row: Sequence[str]) -> tuple[float, float]:
    try:
        x, y = (float(cell) for cell in row)
        if not (math.isfinite(x) and math.isfinite(y)):
            raise ValueError(row)
    except ValueError as error:
        text = msg("bench.curve-numbers", text=",".join(row)[:60])
        raise CurveError(msg("bench.curve-line", curve=path.name, line=line, what=text)) from error
    return x, y


def _rises(values: Sequence[float]) -> bool:
    return all(a < b for a, b in pairwise(values))
