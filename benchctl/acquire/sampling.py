"""Samplers: tasks that read a channel again and again and push what they saw into a series.

A sampler keeps to a grid of instants, start + k * period, so that it does not drift. An exchange
that takes longer than the period makes it miss slots; they are counted and never piled up.

    scheduler.spawn(sample(flow.reader(), series, clock, period=0.5), bus="line1", name="flow")
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchctl.acquire.waits import Task, Until
from benchctl.core.clock import Clock, RealClock
from benchctl.core.errors import InstrumentError, NotANumberError
from benchctl.core.messages import msg
from benchctl.core.series import FAILED, Series

Reader = Callable[[], Sequence[float]]
"""One exchange: the values of all channels of a series, in their declared units."""

OnError = Callable[[InstrumentError], bool | None]
"""Decides about a failed read: True means a failed row and going on, else the error is raised."""

Period = float | Callable[[], float]
"""Seconds of bench time between two slots; a callable is asked after every read. `ANEW` has no
slots: each read begins when the last one has ended."""

ANEW = 0.0
"""The period of a sampler that reads as fast as its instrument answers; on a real clock only."""

_EXACT = 1e-9
"""Share of a period by which a slot may already have passed and still be met."""


@dataclass(slots=True)
class Tally:
    """What a sampler could not do: slots it `missed`, reads that `failed`."""

    missed: int = 0
    failed: int = 0


class Slots:
    """The instants origin + k * period; a new period starts a new grid at the last slot."""

    __slots__ = ("_at_once", "_k", "_last", "_length", "_origin", "_period")

    def __init__(self, start: float, period: Period, *, at_once: bool = False) -> None:
        self._period = period
        self._at_once = at_once
        self._origin = self._last = start
        self._length = math.nan
        self._k = 0

    def after(self, now: float) -> tuple[float, int]:
        """Return the first slot not before `now` and how many were missed before it."""
        length: Any = self._period
        if length.__class__ is not float and callable(length):
            length = length()
        if length == ANEW and self._at_once:
            self._last = now
            return now, 0
        if length != self._length:
            if not 0 < length < math.inf:
                raise ValueError(f"a sampling period must be positive and finite, got {length} s")
            self._origin, self._length, self._k = self._last, length, 0
        k = self._k + 1
        slot = self._origin + k * length
        missed = 0
        if now > slot + _EXACT * length:
            later = max(k, math.ceil((now - self._origin) / length - _EXACT))
            missed, k = later - k, later
            slot = self._origin + k * length
        self._k = k
        self._last = slot
        return slot, missed


def slots(start: float, period: Period, clock: Clock) -> Callable[[float], tuple[float, int]]:
    """Return what gives the first slot not before an instant, and how many were missed before it.

    The slots are start + k * period on `clock`; for samplers of their own kind.
    """
    return Slots(start, period, at_once=isinstance(clock, RealClock)).after


def sample(
    reader: Reader,
    series: Series,
    clock: Clock,
    *,
    period: Period,
    phase: float = 0.0,
    on_error: OnError | None = None,
    tally: Tally | None = None,
) -> Task[None]:
    """Read for ever, at `phase` seconds after the first step and every `period` seconds after that.

    Each row carries the bench time before and after its exchange. A value that is not finite counts
    as a failed read.

    Raises:
        InstrumentError: a read failed and `on_error` did not say to go on.
        ValueError: the period is not positive, or the reader's values do not fit the series.
    """
    tally = Tally() if tally is None else tally
    now = clock.now
    start = now() + phase
    after = slots(start, period, clock)
    wait = Until(start)  # one for all the waits: nothing is made anew for a sample
    if phase > 0:
        yield wait
    while True:
        wait.t, missed = after(read_row(reader, series, now, on_error, tally))
        if missed:
            tally.missed += missed
            series.missed += missed
        yield wait


def round_robin(
    stations: Sequence[tuple[Reader, Series, OnError | None]],
    clock: Clock,
    *,
    period: Period,
    phase: float = 0.0,
    tally: Tally | None = None,
    counted: bool = True,
) -> Task[None]:
    """Read several units on one bus for ever, one after the other, a round every `period` seconds.

    Between two reads other tasks of the bus may run. `stations` is looked at anew in every round,
    so that a unit can be taken out while the sampler runs; without any, the round is empty. Where
    the period is shorter than a round on purpose, missed slots are not to be `counted`.

    Raises:
        InstrumentError: a read failed and its `on_error` did not say to go on.
        ValueError: the period is not positive, or a reader's values do not fit its series.
    """
    tally = Tally() if tally is None else tally
    now = clock.now
    start = now() + phase
    after = slots(start, period, clock)
    wait = Until(start)
    if phase > 0:
        yield wait
    while True:
        first, ended = True, 0.0
        for reader, series, on_error in tuple(stations):
            if not first:
                wait.t = now()
                yield wait
            first = False
            ended = read_row(reader, series, now, on_error, tally)
        wait.t, missed = after(now() if first else ended)
        if missed and counted:
            tally.missed += missed
            for _, series, _ in tuple(stations):
                series.missed += missed
        yield wait


def read_row(
    reader: Reader,
    series: Series,
    now: Callable[[], float],
    on_error: OnError | None = None,
    tally: Tally | None = None,
) -> float:
    """Take one row; return when it ended.

    Raises:
        InstrumentError: the read failed and `on_error` did not say to go on.
        ValueError: the reader's values do not fit the series.
    """
    if series.heard is not None:
        series.heard()  # what others asked of the instrument is not this row's
    before = now()
    try:
        values = reader()
        after = now()
        for value in values:
            if not -math.inf < value < math.inf:
                said = str(tuple(values))
                raise NotANumberError(msg("acquire.not-finite", series=series.name, values=said))
    except InstrumentError as error:
        if on_error is None or not on_error(error):
            raise
        after = now()
        series.push(before, after, (math.nan,) * len(series.channels), FAILED)
        if tally is not None:
            tally.failed += 1
        return after
    if len(values) != len(series.channels):
        raise ValueError(f"{series.name}: {len(values)} values for {len(series.channels)} channels")
    series.push(before, after, values)
    return after
