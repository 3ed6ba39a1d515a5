"""The states of a plant over bench time: a pure function of what was done to it, and when.

With virtual time each task has its own instant: a write may come at an earlier instant than a
reading that was already answered, and a reading may ask for an instant before the latest write. So
nothing is integrated forward: the changes are kept in order of their instants, and the segments
between them are worked out when somebody looks.

    timeline = Timeline(first, step=lambda state, t, change: ...)
    timeline.put(12.5, OpenValve(1))
    timeline.at(13.0)                # the state whose formulas hold at 13.0 s
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Generic, TypeVar

S = TypeVar("S")
C = TypeVar("C")


class Timeline(Generic[S, C]):
    """Segments in order of time.

    `first` holds from the beginning; `step(segment, t, change)` gives the segment that follows. Not
    thread safe: the plant has the lock.
    """

    def __init__(self, first: S, step: Callable[[S, float, C], S]) -> None:
        self._step = step
        self._times: list[float] = []
        self._names: list[str] = []
        self._changes: list[C] = []
        self._segments = [first]

    def put(self, t: float, change: C) -> None:
        """Let `change` happen at instant `t`; at one instant, in the order of the calls."""
        self._insert("", t, change)

    def schedule(self, name: str, now: float, t: float, change: C) -> None:
        """Let `change` happen at instant `t`, unless it is cancelled or scheduled anew before."""
        self.cancel(name, now)
        self._insert(name, t, change)

    def cancel(self, name: str, now: float) -> None:
        """Let what is scheduled under `name` after `now` not happen; what has happened stays."""
        for place in range(len(self._times) - 1, bisect_right(self._times, now) - 1, -1):
            if self._names[place] == name:
                del self._times[place], self._names[place], self._changes[place]
                del self._segments[place + 1 :]

    def due(self, name: str, now: float) -> float | None:
        """Return when what is scheduled under `name` will happen, None if nothing is."""
        for place in range(len(self._times) - 1, bisect_right(self._times, now) - 1, -1):
            if self._names[place] == name:
                return self._times[place]
        return None

    def _insert(self, name: str, t: float, change: C) -> None:
        place = bisect_right(self._times, t)
        self._times.insert(place, t)
        self._names.insert(place, name)
        self._changes.insert(place, change)
        del self._segments[place + 1 :]

    def at(self, t: float) -> S:
        """Return the segment that holds at instant `t`."""
        place = bisect_right(self._times, t)
        while len(self._segments) <= place:
            n = len(self._segments)
            at, change = self._times[n - 1], self._changes[n - 1]
            self._segments.append(self._step(self._segments[-1], at, change))
        return self._segments[place]

    def __len__(self) -> int:
        """Return the number of changes so far."""
        return len(self._times)
