"""Totals as they were read: the reference's and a meter's, and what must hold before they are used.

A meter that stands still is measured; a meter that was not read, went backwards or rolled over is
not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from benchctl.acquire.wording import quantity
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import Message, msg
from benchctl.core.series import GOOD, Floats, Series

_PATIENCE = 2
"""How many reads in a row may have failed at the start or the stop."""

_COVERED = 0.5
"""Share of the window that the good readings must cover."""

_WHOLE = 0.01
"""Share of an interval by which a step may differ from a whole number of intervals."""

_SINGLE = 2.0**-23
"""Relative step of a total that travels as a 32-bit float."""


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceTrack:
    """The reference's total, NaN where a poll failed, at the midpoint `t` (s) of each exchange.

    `rtt` is how long each exchange took in s, where known.
    """

    t: Floats
    total: Floats
    rtt: Floats | None = None

    @classmethod
    def of(cls, series: Series, channel: int | str = 0) -> ReferenceTrack:
        """Return the track of a channel; rows that are not good become NaN."""
        before, after, values = _columns(series, channel)
        return cls((before + after) / 2, values, after - before)


@dataclass(frozen=True, slots=True, eq=False)
class MeterTrack:
    """A meter's register, NaN where a read failed, with the bench times around each exchange."""

    t_before: Floats
    t_after: Floats
    register: Floats

    @classmethod
    def of(cls, series: Series, channel: int | str = 0) -> MeterTrack:
        """Return the track of a channel; rows that are not good become NaN."""
        return cls(*_columns(series, channel))


def _columns(series: Series, channel: int | str) -> tuple[Floats, Floats, Floats]:
    index = series.channels.index(channel) if isinstance(channel, str) else channel
    block = series.block(0)
    values: Floats = np.where(block[-1] == GOOD, block[2 + index], math.nan)
    return block[0].copy(), block[1].copy(), values


def good_readings(
    meter: MeterTrack, start: float, stop: float
) -> tuple[Floats, Floats, list[Message]]:
    """Return instants and register of the good readings in the window, and what to note.

    Raises:
        NotMeasuredError: they do not reach from the start to the stop.
    """
    t = (meter.t_before + meter.t_after) / 2
    inside = (t >= start) & (t <= stop)
    t, register = t[inside], meter.register[inside]
    good = np.flatnonzero(np.isfinite(register))
    lost = int(t.size - good.size)
    if (
        good.size < 2
        or max(good[0], t.size - 1 - good[-1]) > _PATIENCE
        or t[good[-1]] - t[good[0]] < _COVERED * (stop - start)
    ):
        raise NotMeasuredError(msg("acquire.readings-missing", lost=lost, good=int(good.size)))
    return t[good], register[good], [msg("acquire.readings-lost", lost=lost)] if lost else []


def register_interval(
    register: Floats, resolution: float, notes: list[Message]
) -> tuple[float, bool]:
    """Return the interval by which the register really moves, and whether its steps are whole.

    A register that is updated several intervals at a time has that many as its interval.

    Raises:
        NotMeasuredError: it went backwards or rolled over.
    """
    steps = np.diff(register)
    slack = min(resolution / 4, 2 * _SINGLE * float(np.abs(register).max()))
    if (steps < -slack).any():
        i = int(np.argmin(steps))
        before, after = quantity(register[i], digits=9), quantity(register[i + 1], digits=9)
        raise NotMeasuredError(msg("acquire.register-backwards", before=before, after=after))
    counts = np.rint(steps / resolution)
    whole = bool((np.abs(steps - counts * resolution) <= slack + _WHOLE * resolution).all())
    moved = counts[counts > 0]
    if moved.size == 0:
        notes.append(msg("acquire.register-stuck", register=quantity(register[-1], digits=9)))
        return resolution, False
    if whole and (counts == 0).any() and moved.min() > 1:
        interval = float(moved.min()) * resolution
        notes.append(msg("acquire.register-steps", interval=quantity(interval)))
        return interval, bool((moved % moved.min() == 0).all())
    return resolution, whole


def check_reference(t: Floats, total: Floats, first: float, last: float) -> None:
    """See that the reference reaches around the meter's readings, `first` to `last` (s).

    Raises:
        NotMeasuredError: it does not, or it ran backwards.
    """
    if t.size < 2 or t[0] > first or t[-1] < last:
        raise NotMeasuredError(msg("acquire.reference-missing"))
    inside = total[max(0, int(np.searchsorted(t, first)) - 1) : int(np.searchsorted(t, last)) + 1]
    fall = float((np.maximum.accumulate(inside) - inside).max())
    if fall > 1e-3 * abs(float(inside[-1] - inside[0])) + 2 * _SINGLE * abs(float(inside[0])):
        raise NotMeasuredError(msg("acquire.reference-backwards", fall=quantity(fall)))
