"""Whether the environment lets anything be measured: which quantity left its limits, since when.

Every reading of an environment quantity is told here. One outside its limits disturbs the run: what
is measured then is void, and the run is suspended until everything was inside for a while. Readings
of that time are kept apart: they are none of what was measured in, and count in no drift.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchctl.core.events import EnvironmentSeen
from benchctl.core.messages import Message, msg
from benchctl.core.series import Floats, Series
from benchctl.procedure import Band


@dataclass(frozen=True, slots=True)
class Departure:
    """A quantity that was found outside its limits at bench time `t`."""

    band: Band
    value: float
    t: float

    @property
    def why(self) -> Message:
        """What is wrong, as a sentence."""
        band = self.band
        value = f"{self.value:.4g} {band.unit}"
        limits = limits_text(band)
        return msg("engine.environment-left", role=band.role, value=value, limits=limits)


class Climate:
    """The environment of one run; told of readings by any thread."""

    def __init__(self, series: dict[str, Series]) -> None:
        self.lock = threading.RLock()
        """Held while a quantity is read and noted: its readings stay in order of time."""
        self.series = series
        """The readings of each quantity."""
        self.spans: list[tuple[float, float]] = []
        """Suspensions that are over: from the first reading outside to the resumption, in s."""
        self.earlier: dict[str, tuple[Floats, Floats]] = {}
        """Instants and values of each quantity before the run was cut off and went on."""
        self.count = 0
        """How often the run was suspended."""
        self.announced = False
        """Whether the record says of the departure that it suspends the run."""
        self.left: Departure | None = None
        """The departure that disturbs the run now."""
        self.closing: dict[str, float] = {}
        """The last reading of each quantity, once everything was measured."""
        self._extremes: dict[str, tuple[float, float]] = {}
        self._outside: dict[str, Departure] = {}
        self._last: Departure | None = None
        self._back_since: float | None = None

    def recall(self, band: Band, t: Floats, values: Floats) -> None:
        """Take what was read before the run was cut off; what was undisturbed counts in a drift."""
        if not values.size:
            return
        with self.lock:
            self.earlier[band.role] = (t, values)
            calm = values[~self._disturbed(t, self.spans)]
            if calm.size:
                low, high = self._extremes.get(band.role, (calm[0], calm[0]))
                self._extremes[band.role] = (
                    min(float(low), float(calm.min())),
                    max(float(high), float(calm.max())),
                )

    @staticmethod
    def _disturbed(t: Floats, spans: list[tuple[float, float]]) -> NDArray[np.bool_]:
        """Return which instants lie in one of the spans."""
        found = np.zeros(t.shape, dtype=bool)
        for begin, end in spans:
            found |= (t >= begin) & (t < end)
        return found

    def note(self, band: Band, value: float, t: float) -> Departure | None:
        """Take a reading; return the departure if it is outside."""
        with self.lock:
            low, high = self._extremes.get(band.role, (value, value))
            low, high = min(low, value), max(high, value)
            if _inside(band, value, high - low):
                self._outside.pop(band.role, None)
                if self.left is None:
                    self._extremes[band.role] = (low, high)
                elif not self._outside and self._back_since is None:
                    self._back_since = t
                return None
            found = Departure(band, value, t)
            self._outside[band.role] = self._last = found
            self._back_since = None
            if self.left is None:
                self.left = found
            return found

    def back_for(self, t: float) -> float:
        """Return for how long everything has been inside, in s; 0 while something is not."""
        with self.lock:
            return 0.0 if self._back_since is None else t - self._back_since

    def resume(self, t: float) -> None:
        """Note that measuring goes on."""
        with self.lock:
            if self.left is not None:
                self.spans.append((self.left.t, t))
            self.left, self._back_since, self.announced = None, None, False

    def latest(self) -> Departure | None:
        """Return the departure that was seen last, of those that last if any does."""
        with self.lock:
            return next(reversed(self._outside.values()), self._last)

    def suspended(self, t: float) -> float:
        """Return for how many s up to `t` the run could not be measured."""
        now = 0.0 if self.left is None else t - self.left.t
        return now + sum(end - begin for begin, end in self.spans)

    def seen(self, band: Band, t: float) -> EnvironmentSeen | None:
        """Return what a quantity was up to bench time `t`; None where it was never read."""
        series = self.series.get(band.role)
        good = None if series is None else series.good()
        if series is None or good is None or not good.any():
            return None
        times, values = series.t()[good], series.column(0)[good]
        if band.role in self.earlier:
            before, shown = self.earlier[band.role]
            times, values = np.concatenate((before, times)), np.concatenate((shown, values))
        spans = self.spans + ([(self.left.t, t)] if self.left is not None else [])
        disturbed = self._disturbed(times, spans)
        whole = _told(values)
        return EnvironmentSeen(
            quantity=band.role,
            unit=band.unit,
            limits=(band.low, band.high),
            drift_limit=band.drift,
            before=float(values[0]),
            after=self.closing.get(band.role),
            undisturbed=_told(values[~disturbed]) if not disturbed.all() else None,
            suspended=self.suspended(t),
            min=whole["min"],
            max=whole["max"],
            mean=whole["mean"],
            n=int(values.size),
        )


def _inside(band: Band, value: float, drift: float) -> bool:
    low = -np.inf if band.low is None else band.low
    high = np.inf if band.high is None else band.high
    return bool(low <= value <= high) and (band.drift is None or drift <= band.drift)


def _told(values: Floats) -> dict[str, float]:
    return {
        "min": float(values.min()),
        "max": float(values.max()),
        "mean": float(values[0] + np.mean(values - values[0])),
        "n": int(values.size),
    }


def limits_text(band: Band) -> str:
    """Return the limits of an environment quantity in words: `10 … 30 °C, drift 5`."""
    low = "" if band.low is None else f"{band.low:g}"
    high = "" if band.high is None else f"{band.high:g}"
    drift = "" if band.drift is None else f", Δ ≤ {band.drift:g}"
    return f"{low} … {high} {band.unit}{drift}"
