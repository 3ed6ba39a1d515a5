"""A role through a calibration: a CSV of two columns, read along straight lines between points.

    m³/h,%
    0.0,0
    1.2,50

The first column is the role, the second the channel; units stand in the header. Both columns rise
strictly or fall strictly, so that the curve can be read both ways. Nothing is extrapolated.
A calibration that is known as a formula is in `formulas`.
"""

from __future__ import annotations

import csv
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import msg
from benchctl.core.units import Unit, UnitError, unit

MOST_POINTS = 10_000
LARGEST_FILE = 1 << 20


class Via(Protocol):
    """A calibration between a role and a channel, each in a unit of its own."""

    @property
    def name(self) -> str:
        """How messages call it."""

    @property
    def role_unit(self) -> Unit:
        """Unit of the role's side."""

    @property
    def channel_unit(self) -> Unit:
        """Unit of the channel's side."""

    def to_channel(self, value: float) -> float:
        """Return the channel's value for a role's value, each in the calibration's unit.

        Raises:
            RefusedError: the value lies outside the calibration.
        """

    def to_role(self, value: float) -> float:
        """Return the role's value for a channel's value, each in the calibration's unit.

        Raises:
            RefusedError: the value lies outside the calibration.
        """

    def slope(self, value: float) -> float:
        """Return by how much the role changes per unit of the channel, at a channel's value.

        Raises:
            RefusedError: the value lies outside the calibration.
        """

    @property
    def steepest(self) -> float:
        """The largest slope anywhere, without its sign."""

    @property
    def ends(self) -> tuple[float, float]:
        """The channel's values between which it holds, ascending."""


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
        x, y = self._by_channel()
        return self._along(value, x, y, self.channel_unit)

    def slope(self, value: float) -> float:
        """Return by how much the role changes per unit of the channel, at a channel's value.

        Raises:
            RefusedError: the value lies outside the curve.
        """
        x, y = self._by_channel()
        i = self._piece(value, x, self.channel_unit)
        return (y[i] - y[i - 1]) / (x[i] - x[i - 1])

    @property
    def steepest(self) -> float:
        """The largest slope of any piece, without its sign."""
        return max(
            abs((b - a) / (d - c))
            for (a, b), (c, d) in zip(pairwise(self.role), pairwise(self.channel), strict=True)
        )

    @property
    def ends(self) -> tuple[float, float]:
        """The channel's values between which the curve holds, ascending."""
        low, high = sorted((self.channel[0], self.channel[-1]))
        return low, high

    def _by_channel(self) -> tuple[Sequence[float], Sequence[float]]:
        """Return the channel's values, ascending, and the role's that belong to them."""
        x, y = self.channel, self.role
        return (x, y) if x[0] < x[-1] else (x[::-1], y[::-1])

    def _along(self, value: float, x: Sequence[float], y: Sequence[float], of: Unit) -> float:
        i = self._piece(value, x, of)
        share = (value - x[i - 1]) / (x[i] - x[i - 1])
        return y[i - 1] + share * (y[i] - y[i - 1])

    def _piece(self, value: float, x: Sequence[float], of: Unit) -> int:
        """Return the number of the point that ends the piece on which a value lies."""
        if not x[0] <= value <= x[-1]:
            raise beyond(self.name, value, x[0], x[-1], of)
        return max(1, bisect_left(x, value))


def beyond(name: str, value: float, low: float, high: float, of: Unit) -> RefusedError:
    """Return the error for a value that lies outside a calibration; all in the unit `of`."""
    return RefusedError(
        msg(
            "bench.beyond-curve",
            value=f"{value:.4g} {of.symbol}",
            curve=name,
            low=f"{low:g}",
            high=f"{high:g} {of.symbol}",
        )
    )


class CurveError(UsageError):
    """A curve cannot be used."""


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
