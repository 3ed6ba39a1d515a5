"""Quantities that are driven to set-points, and contacts that are switched, over bench time.

    pressure = Driven(0.0, tau=2.0, trim=1.0)    # of a controller with its volume
    pressure.drive(12.5, 250.0)              # a new set-point at 12.5 s
    pressure.at(20.0), pressure.rising(20.0), pressure.since(20.0)
    tapper = Switched()
    tapper.put(30.0, True)
    tapper.rose(31.0)                        # 30.0

Both answer for any instant, whatever order writes and looks come in; both may be used by the
threads of several buses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from threading import Lock

from benchctl.simulation.response import Response, steady
from benchctl.simulation.timeline import Timeline

_Move = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Way:
    """How it goes on, and the stroke that it is part of."""

    response: Response
    since: float
    rising: bool


class Driven:
    """A quantity that follows its set-points like a first-order response of time constant `tau`.

    A set-point that is no further off than `trim` corrects the one before: it is no stroke.
    """

    def __init__(self, start: float, tau: float, trim: float = 0.0) -> None:
        self._tau, self._trim = tau, trim
        self._lock = Lock()
        self._ways: Timeline[_Way, _Move] = Timeline(
            _Way(steady(start), 0.0, rising=True), self._follow
        )

    def drive(self, t: float, target: float, tau: float | None = None) -> None:
        """Set another target at instant `t`; with `tau` s as time constant from there on."""
        with self._lock:
            self._ways.put(t, (target, self._tau if tau is None else tau))

    def _way(self, t: float) -> _Way:
        with self._lock:
            return self._ways.at(t)

    def _follow(self, way: _Way, t: float, move: _Move) -> _Way:
        """Return the way from `t` on; the same set-point again changes nothing but the pace."""
        before = way.response
        target, tau = move
        if (target, tau) == (before.target, before.tau):
            return way
        response = Response(t, before.at(t), target, tau)
        if abs(target - before.target) <= self._trim:
            return replace(way, response=response)
        return _Way(response, t, target > before.target)

    def at(self, t: float) -> float:
        """Return the value at instant `t`."""
        return self._way(t).response.at(t)

    def target(self, t: float) -> float:
        """Return what it is driven to at instant `t`."""
        return self._way(t).response.target

    def since(self, t: float) -> float:
        """Return the instant at which the last stroke up to `t` began."""
        return self._way(t).since

    def rising(self, t: float) -> bool:
        """Return whether the last stroke up to `t` was to a higher value."""
        return self._way(t).rising


class Switched:
    """A contact that is on or off, with its history."""

    def __init__(self, on: bool = False) -> None:
        self._lock = Lock()
        first = (on, 0.0 if on else -math.inf)
        self._states: Timeline[tuple[bool, float], bool] = Timeline(first, _switched)

    def put(self, t: float, on: bool) -> None:
        """Switch it at instant `t`."""
        with self._lock:
            self._states.put(t, on)

    def at(self, t: float) -> bool:
        """Return whether it is on at instant `t`."""
        with self._lock:
            return self._states.at(t)[0]

    def rose(self, t: float) -> float:
        """Return the last instant up to `t` at which it went on, minus infinity without one."""
        with self._lock:
            return self._states.at(t)[1]


def _switched(before: tuple[bool, float], t: float, on: bool) -> tuple[bool, float]:
    was, rose = before
    return on, t if on and not was else rose
