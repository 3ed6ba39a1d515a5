"""Rounds: units read one after the other, each selected before it is read, perhaps there and back.

A reader that units share is switched from one to the next and needs a moment before it tells the
new one's value. Read there and back (A B C C B A), each unit has the same mean instant, so that a
steady drift of what they are compared with is the same for all.

    stations = [Station(read_a, series_a, None, select=switch_to_a, pause=1.0), ...]
    scheduler.spawn(rounds(stations, clock, period=10.0, back=True), bus="scanner", name="units")
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchctl.acquire.sampling import OnError, Period, Reader, Slots, Tally, read_row
from benchctl.acquire.waits import Task, Until
from benchctl.core.clock import Clock
from benchctl.core.errors import InstrumentError
from benchctl.core.series import FAILED, Series


@dataclass(slots=True)
class Station:
    """What is read in a round: `select` is called before, `pause` s of bench time lie between."""

    reader: Reader
    series: Series
    on_error: OnError | None
    select: Callable[[], None] | None = None
    pause: float = 0.0


def rounds(
    stations: Sequence[Station],
    clock: Clock,
    *,
    period: Period,
    back: bool = False,
    tally: Tally | None = None,
) -> Task[None]:
    """Read for ever, a round every `period` seconds; a round that takes longer delays the next.

    `stations` is looked at anew in every round, so that one can be taken out meanwhile.

    Raises:
        InstrumentError: a unit could not be selected or read, and its `on_error` did not say to go
            on.
        ValueError: the period is not positive, or a reader's values do not fit its series.
    """
    tally = Tally() if tally is None else tally
    slots = Slots(clock.now(), period)
    while True:
        there = tuple(stations)
        for n, station in enumerate((*there, *reversed(there)) if back else there):
            if n:
                yield Until(clock.now())
            if not _selected(station, clock, tally):
                continue
            if station.pause > 0:
                yield Until(clock.now() + station.pause)
            read_row(station.reader, station.series, clock.now, station.on_error, tally)
        at, missed = slots.after(clock.now())
        tally.missed += missed
        for station in there:
            station.series.missed += missed
        yield Until(at)


def _selected(station: Station, clock: Clock, tally: Tally) -> bool:
    """Select a unit; one that cannot be selected has a failed row."""
    if station.select is None:
        return True
    before = clock.now()
    try:
        station.select()
    except InstrumentError as error:
        if station.on_error is None or not station.on_error(error):
            raise
        values = (math.nan,) * len(station.series.channels)
        station.series.push(before, clock.now(), values, FAILED)
        tally.failed += 1
        return False
    return True
