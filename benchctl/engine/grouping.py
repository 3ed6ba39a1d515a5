"""Which units can be in the line together, and which set-points they share.

Meters in one line see the same flow. `loads_of` splits a batch into loads so that no set-point that
one unit needs is above what another in the line bears; `visits_of` finds the fewest set-points
within a load: a set-point serves all points whose bands it lies in (greedy interval stabbing, which
is optimal for intervals).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NARROWEST = 0.02
"""A shared band narrower than this share of its set-point cannot be kept by a real regulation."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A unit wants a set-point within `low`..`high` for one of its points, best at `best`."""

    serial: str
    point: str
    order: int
    low: float
    best: float
    high: float
    stroke: str = ""
    """up or down, where it matters from where the set-point is come to."""
    beside: tuple[tuple[str, float | str], ...] = ()
    """What is set beside it, by role (a range, a function, a switch), and words of the point."""

    def goes_with(self, other: Wish) -> bool:
        """Return whether one state of the bench may serve both."""
        return (
            self.serial != other.serial
            and self.stroke == other.stroke
            and self.beside == other.beside
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Wishes that one set-point serves."""

    setpoint: float
    wishes: tuple[Wish, ...]


def loads_of(
    wishes: Sequence[Wish],
    at_most: dict[str, float | None],
    serials: Sequence[str],
    at_once: int | None = None,
) -> list[tuple[str, ...]]:
    """Split `serials` into loads whose smallest `at_most` bears every least set-point.

    A unit joins the first load that it fits, of no more than `at_once`; units keep their order
    within a load.
    """
    least_top: dict[str, float] = {}
    for wish in wishes:
        least_top[wish.serial] = max(least_top.get(wish.serial, 0.0), wish.low)
    loads: list[list[str]] = []
    for serial in serials:
        for load in loads:
            room = at_once is None or len(load) < at_once
            if room and _fits(serial, load, least_top, at_most):
                load.append(serial)
                break
        else:
            loads.append([serial])
    return [tuple(load) for load in loads]


def _fits(
    serial: str,
    load: Sequence[str],
    least_top: dict[str, float],
    at_most: dict[str, float | None],
) -> bool:
    together = [*load, serial]
    bounds = [b for s in together if (b := at_most[s]) is not None]
    return not bounds or max(least_top.get(s, 0.0) for s in together) <= min(bounds)


def visits_of(wishes: Sequence[Wish], at_most: float | None) -> list[Group]:
    """Return the fewest set-points that serve all wishes, in the order of the points.

    A set-point never exceeds `at_most`, serves a unit at most once, and lies at the middle of the
    bands it serves unless all of its wishes agree on a better place.
    """
    open_ = sorted(wishes, key=lambda w: (-w.low, w.high, w.serial))
    groups: list[Group] = []
    while open_:
        members = [open_[0]]
        low = open_[0].low
        high = _cap(open_[0].high, at_most)
        for wish in open_[1:]:
            lo, hi = max(low, wish.low), min(high, wish.high)
            fits = all(m.goes_with(wish) for m in members)
            if fits and hi - lo >= _narrowest([*members, wish], hi, at_most):
                members.append(wish)
                low, high = lo, hi
        groups.append(Group(_best(members, low, high), tuple(members)))
        open_ = [w for w in open_ if w not in members]
    return sorted(groups, key=lambda g: (min(w.order for w in g.wishes), -g.setpoint))


def _narrowest(wishes: Sequence[Wish], high: float, at_most: float | None) -> float:
    """Return how wide a shared band must be: no wider than one of the wishes has it for itself."""
    own = min(_cap(w.high, at_most) - w.low for w in wishes)
    return min(NARROWEST * abs(high), own * (1.0 - 1e-9))


def _cap(high: float, at_most: float | None) -> float:
    return high if at_most is None else min(high, at_most)


def _best(members: Sequence[Wish], low: float, high: float) -> float:
    bests = {m.best for m in members}
    if len(bests) == 1 and low <= (best := bests.pop()) <= high:
        return best
    return (low + high) / 2
