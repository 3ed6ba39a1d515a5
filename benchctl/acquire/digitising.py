"""Samplers of instruments that sample by themselves: their memory is fetched in blocks.

    trace = Reading("FETC? 0", unit="V", kind=array(">f4"), doc="Readings since the last fetch.")
    read = instrument.reader("trace")
    digitised(lambda: read()[0], series, clock, rate=10_000.0, period=0.1)

The instrument says how far apart its readings are, but not when the first was taken. Reading k of
all was taken at origin + k / rate; a fetch brings what was taken before it ended and leaves what
is taken after it began, so every fetch bounds the origin from both sides:

    before - (k + 1) / rate  <=  origin  <=  after - k / rate        (k: the last it brought)

The bounds of the last fetches together are narrower than one exchange; where they contradict each
other, readings were lost on the way, and the numbers are refused.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

import numpy as np

from benchctl.acquire.sampling import Period, Tally, slots
from benchctl.acquire.waits import Task, Until
from benchctl.core.clock import Clock
from benchctl.core.errors import DeviceError, NotANumberError
from benchctl.core.messages import msg
from benchctl.core.series import Floats, Series

FETCHES = 32
"""So many fetches bound the origin: few enough that the instrument's clock cannot run away."""
CLOCKS = 2e-4
"""Relative difference that two clocks may have."""
SLACK = 2.0
"""Readings by which the bounds may contradict each other: what is taken during the fetch itself."""


class Origin:
    """When the first reading of an instrument that samples by itself was taken, from its fetches.

    Args:
        rate: Readings per second of the instrument's clock.
    """

    def __init__(self, rate: float) -> None:
        if not 0 < rate < math.inf:
            raise ValueError(f"a rate must be positive and finite, got {rate} Hz")
        self.rate = rate
        self.count = 0
        """Readings so far."""
        self._bounds: deque[tuple[float, float, float]] = deque(maxlen=FETCHES)

    def fetched(self, before: float, after: float, n: int) -> tuple[float, float, int]:
        """Take a fetch of `n` readings; return earliest and latest origin in s, and how many lack.

        `before` and `after` are the bench times around the exchange in s.
        """
        self.count += n
        latest = after - (self.count - 1) / self.rate if self.count else math.inf
        self._bounds.append((before, before - self.count / self.rate, latest))
        low = max(bound for _, bound, _ in self._bounds)
        high = min(bound for _, _, bound in self._bounds)
        slack = SLACK / self.rate + CLOCKS * (after - self._bounds[0][0])
        lost = math.ceil((low - high) * self.rate) if low > high + slack else 0
        return min(low, high), max(low, high), lost


def digitised(
    fetch: Callable[[], Floats],
    series: Series,
    clock: Clock,
    *,
    rate: float,
    period: Period,
    phase: float = 0.0,
    tally: Tally | None = None,
) -> Task[None]:
    """Fetch for ever what the instrument sampled meanwhile, every `period` seconds.

    `fetch` gives the readings since the last fetch, shape (n,), or (channels, n); none is as good
    as some. Each becomes a row; t_before and t_after are the earliest and the latest instant at
    which it can have been taken.

    Raises:
        NotANumberError: a reading is not finite.
        DeviceError: readings are missing: the memory ran over, or the rate is another one.
        ValueError: the readings do not fit the series.
    """
    tally = Tally() if tally is None else tally
    origin = Origin(rate)
    now = clock.now
    start = now() + phase
    after_slot = slots(start, period, clock)
    wait = Until(start)
    if phase > 0:
        yield wait
    while True:
        if series.heard is not None:
            series.heard()
        before = now()
        values = np.atleast_2d(np.asarray(fetch(), dtype=np.float64))
        ended = now()
        _checked(values, series)
        n = values.shape[1]
        first = origin.count
        low, high, lost = origin.fetched(before, ended, n)
        if lost:
            told = {"series": series.name, "lost": lost, "rate": f"{rate:g}"}
            raise DeviceError(msg("acquire.digitiser-lost", **told))
        since = np.arange(first, first + n) / rate
        series.extend(low + since, high + since, values)
        wait.t, missed = after_slot(ended)
        tally.missed += missed
        series.missed += missed
        yield wait


def _checked(values: Floats, series: Series) -> None:
    if values.ndim != 2 or values.shape[0] != len(series.channels):
        raise ValueError(f"{series.name}: {values.shape} for {len(series.channels)} channels")
    if not np.isfinite(values).all():
        bad = str(values[~np.isfinite(values)][0])
        raise NotANumberError(msg("acquire.not-finite", series=series.name, values=bad))
