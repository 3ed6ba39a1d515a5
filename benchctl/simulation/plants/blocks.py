"""The building blocks of a declared plant: each is one kind of quantity.

A block is asked for its value in one of three moods:

- `AT`: the value at the instant of the view;
- `LIMIT`: what it comes to if nothing is changed any more (tails at their targets, no ripple);
- `SIGNAL`: the quantity between two changes as a `Signal`, which can be integrated.

What has no answer in a mood raises `TypeError`; reading the file tries all of them, so that a bench
never does.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from benchctl.core.units import Unit
from benchctl.language import Expression, Function, parse_expression
from benchctl.simulation.plants.signals import Signal, Tail

if TYPE_CHECKING:
    from benchctl.simulation.plants.view import View

Place = tuple[str, int]
"""A quantity of the bench (-1), or of the unit under test with this index."""
BENCH = -1
SLACK = 1e-9
"""Share of a step by which a total may lie below it, and still be counted as there."""


class Mood(Enum):
    """What a block is asked for."""

    AT = auto()
    LIMIT = auto()
    SIGNAL = auto()


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression of the file; `curved` ones call a curve, which each unit has for itself."""

    expression: Expression
    curved: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The names in it."""
        return self.expression.names

    def of(self, functions: Mapping[str, Function]) -> Expression:
        """Return it with these functions."""
        return parse_expression(self.expression.text, functions=functions)


@dataclass(frozen=True, slots=True)
class Block(ABC):
    """A quantity; `unit` None: a plain number, or in the unit of whatever shows it."""

    unit: Unit | None

    def formulas(self) -> tuple[Formula, ...]:
        """Return what it is computed from."""
        return ()

    def others(self) -> tuple[str, ...]:
        """Return the quantities that it names by themselves."""
        return ()

    @abstractmethod
    def value(self, view: View, place: Place, /) -> Any:
        """Return its value in the mood of the view.

        Raises:
            TypeError: it has none in this mood.
        """


@dataclass(frozen=True, slots=True)
class Computed(Block):
    """A formula of others."""

    formula: Formula

    def formulas(self) -> tuple[Formula, ...]:
        """Return the formula."""
        return (self.formula,)

    def value(self, view: View, _place: Place, /) -> Any:
        """Return what the formula gives."""
        return view.evaluate(self.formula)


@dataclass(frozen=True, slots=True)
class TailBlock(Block):
    """A first-order response to its target, of time constant `tau` s.

    The target is looked at when something is changed; its own name stands there for where it is.
    """

    target: Formula
    tau: Formula
    start: Formula | None = None
    surge: float = 0.0

    def formulas(self) -> tuple[Formula, ...]:
        """Return target and pace; `start` is looked at once only."""
        return (self.target, self.tau)

    def value(self, view: View, place: Place, /) -> Any:
        """Return the response in the view's mood."""
        response = view.segment.tails[place]
        if view.mood is Mood.AT:
            return response.at(view.t)
        if view.mood is Mood.LIMIT:
            return response.target
        return Signal(parts=((1.0, Tail(response)),))


@dataclass(frozen=True, slots=True)
class TotalBlock(Block):
    """The integral over time of `of`, times a gain that holds between two changes.

    `factor` brings `of` times seconds into the unit of the total. A unit that is not in the line
    counts nothing.
    """

    of: str
    gain: Formula | None
    start: Formula | None
    factor: float

    def formulas(self) -> tuple[Formula, ...]:
        """Return the gain; `start` is looked at once only."""
        return () if self.gain is None else (self.gain,)

    def others(self) -> tuple[str, ...]:
        """Return what is integrated."""
        return (self.of,)

    def value(self, view: View, place: Place, /) -> Any:
        """Return what has passed so far."""
        if view.mood is not Mood.AT:
            raise TypeError(place)
        return view.segment.totals[place].at(view.t)


@dataclass(frozen=True, slots=True)
class RippleBlock(Block):
    """A smooth wander about 0; periods in s."""

    rms: Formula
    periods: tuple[float, float]

    def formulas(self) -> tuple[Formula, ...]:
        """Return its root mean square."""
        return (self.rms,)

    def value(self, view: View, place: Place, /) -> Any:
        """Return the wander in the view's mood."""
        if view.mood is Mood.LIMIT:
            return 0.0
        rms, unit = view.evaluate(self.rms), view.world.ripple(place, self.periods)
        return rms * unit.at(view.t) if view.mood is Mood.AT else Signal(parts=((rms, unit),))


@dataclass(frozen=True, slots=True)
class NoiseBlock(Block):
    """A number of its own at every instant, normally distributed about 0."""

    sigma: Formula

    def formulas(self) -> tuple[Formula, ...]:
        """Return its standard deviation."""
        return (self.sigma,)

    def value(self, view: View, place: Place, /) -> Any:
        """Return the number of this instant."""
        if view.mood is Mood.SIGNAL:
            raise TypeError(place)
        sigma = float(view.evaluate(self.sigma))
        return 0.0 if view.mood is Mood.LIMIT else view.world.noise(place).gauss(view.t, sigma)


@dataclass(frozen=True, slots=True)
class DelayedBlock(Block):
    """Another quantity as it was `by` s ago."""

    of: str
    by: float

    def others(self) -> tuple[str, ...]:
        """Return what is delayed."""
        return (self.of,)

    def value(self, view: View, place: Place, /) -> Any:
        """Return the value of then."""
        if view.mood is Mood.SIGNAL:
            raise TypeError(place)
        return view[self.of] if view.mood is Mood.LIMIT else view.later(-self.by)[self.of]


@dataclass(frozen=True, slots=True)
class SettingBlock(Block):
    """What a channel is set to; `{position}` in its name is the unit's."""

    channel: str

    def value(self, view: View, _place: Place, /) -> Any:
        """Return what was set."""
        return view[self.channel.replace("{position}", str(view.position))]


@dataclass(frozen=True, slots=True)
class RegisterBlock(Block):
    """What is shown of a quantity: whole steps, beginning again at `capacity`."""

    of: str
    step: Formula
    capacity: Formula | None

    def formulas(self) -> tuple[Formula, ...]:
        """Return step and capacity."""
        return (self.step,) if self.capacity is None else (self.step, self.capacity)

    def others(self) -> tuple[str, ...]:
        """Return what is shown."""
        return (self.of,)

    def value(self, view: View, place: Place, /) -> Any:
        """Return the indication."""
        _instant_only(view, place)
        step = view.evaluate(self.step)
        shown = math.floor(view[self.of] / step + SLACK) * step
        return shown if self.capacity is None else shown % view.evaluate(self.capacity)


@dataclass(frozen=True, slots=True)
class PulsesBlock(Block):
    """How many whole pulses, each `worth` so much, a total has given."""

    of: str
    worth: Formula

    def formulas(self) -> tuple[Formula, ...]:
        """Return what a pulse is worth."""
        return (self.worth,)

    def others(self) -> tuple[str, ...]:
        """Return what gives the pulses."""
        return (self.of,)

    def value(self, view: View, place: Place, /) -> Any:
        """Return the count."""
        _instant_only(view, place)
        return math.floor(view[self.of] / view.evaluate(self.worth) + SLACK)


@dataclass(frozen=True, slots=True)
class LatchedBlock(Block):
    """Another quantity as it was when `at`, a count of pulses, last went up."""

    of: str
    at: str

    def others(self) -> tuple[str, ...]:
        """Return what is latched, and by what."""
        return (self.of, self.at)

    def value(self, view: View, place: Place, /) -> Any:
        """Return the value at the edge."""
        _instant_only(view, place)
        return view.moved_to(view.world.edge(self.at, view))[self.of]


@dataclass(frozen=True, slots=True)
class StrokeBlock(Block):
    """How a tail is moved: whether it rises, or (`since`) when its stroke began, in s.

    A new target that is no further off than `trim` from the one before is no new stroke.
    """

    of: str
    trim: float
    since: bool

    def others(self) -> tuple[str, ...]:
        """Return the tail."""
        return (self.of,)

    def value(self, view: View, place: Place, /) -> Any:
        """Return direction or instant."""
        stroke = view.segment.strokes[place]
        return stroke.since if self.since else stroke.rising


@dataclass(frozen=True, slots=True)
class RoseBlock(Block):
    """The instant in s at which a switch last went on; far in the past where it never did."""

    channel: str

    def value(self, view: View, _place: Place, /) -> Any:
        """Return the instant."""
        return view.segment.rose.get(self.channel.replace("{position}", str(view.position)), -1e12)


@dataclass(frozen=True, slots=True)
class PlayBlock(Block):
    """Another quantity with backlash: it follows once that has moved by half of `width`."""

    of: str
    width: Formula

    def formulas(self) -> tuple[Formula, ...]:
        """Return the width."""
        return (self.width,)

    def others(self) -> tuple[str, ...]:
        """Return what is followed."""
        return (self.of,)

    def value(self, view: View, place: Place, /) -> Any:
        """Return where it is: between two changes the followed quantity goes one way only."""
        _instant_only(view, place)
        half = 0.5 * view.evaluate(self.width)
        there: float = view[self.of]
        return min(max(view.segment.plays[place], there - half), there + half)


def _instant_only(view: View, place: Place) -> None:
    if view.mood is not Mood.AT:
        raise TypeError(place)


Stateful = TailBlock | TotalBlock | StrokeBlock | PlayBlock
"""Blocks that remember what was before the last change."""
