"""What the bench does by itself some time after something was done to it.

The drive trips when it hears nothing, the diverter moves a moment after its coil, the level switch
of the weigh tank trips the drive. Such things are scheduled on the plant's timeline, and scheduled
anew whenever something changes before they happen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchctl.simulation import Timeline

from .drive import SILENCE
from .inputs import DIVERTER, Inputs
from .segment import Change, Segment
from .weigh_tank import CAPACITY

DIVERTING = 0.12
"""Seconds from the coil to the middle of the diverter's stroke, at which all of it counts."""
_COASTS = 10.0
"""Seconds after which a tripped pump moves nothing any more."""


class Reactions:
    """Schedules on one timeline; the plant holds the lock."""

    def __init__(
        self,
        timeline: Timeline[Segment, Change],
        diverter: tuple[float, float],
        rising: Callable[[float], float],
    ) -> None:
        self._timeline = timeline
        self._diverter = diverter
        self._rising = rising

    def heard(self, t: float) -> None:
        """Start the drive's watchdog anew."""
        due = self._timeline.due("trip", t) or 0.0
        if self._timeline.at(t).inputs.drive.running:
            self._timeline.schedule("trip", t, max(due, t + SILENCE), _trip)
        else:
            self._timeline.cancel("trip", t)
        self.level(t)

    def divert(self, t: float, before: bool) -> None:
        """Let the diverter follow its coil, which stood at `before`."""
        on = self._timeline.at(t).inputs.valves[DIVERTER]
        if on != before:
            acts = t + DIVERTING + self._diverter[on]
            self._timeline.schedule("diverter", t, acts, _to_tank if on else _to_return)

    def level(self, t: float) -> None:
        """Let the level switch trip the drive at the instant at which the tank will be full."""
        self._timeline.cancel("level", t)
        now = self._timeline.at(t).inputs
        if not (now.diverted or now.valves[DIVERTER]):
            return
        full = self._full(t, t + SILENCE + _COASTS)
        if full is not None:
            self._timeline.schedule("level", t, full, _overflow)

    def _full(self, low: float, high: float) -> float | None:
        """Return the instant within `low`..`high` from which the tank is full."""
        if self._rising(high) < CAPACITY:
            return None
        if self._rising(low) >= CAPACITY:
            return low
        for _ in range(40):
            middle = 0.5 * (low + high)
            if self._rising(middle) < CAPACITY:
                low = middle
            else:
                high = middle
        return high


def _trip(inputs: Inputs) -> Inputs:
    return replace(inputs, drive=inputs.drive.silenced())


def _overflow(inputs: Inputs) -> Inputs:
    return replace(inputs, drive=inputs.drive.silenced(), overflowed=True)


def _to_tank(inputs: Inputs) -> Inputs:
    return replace(inputs, diverted=True)


def _to_return(inputs: Inputs) -> Inputs:
    return replace(inputs, diverted=False)
