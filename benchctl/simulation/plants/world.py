"""What a declared plant does: a pure function of what was set, and when.

Between two changes every quantity is a formula of time; a change begins a new segment, in which
only what follows from the changed input is looked at anew. Nothing is stepped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any

from benchctl.simulation.noise import Noise, Ripple
from benchctl.simulation.plants.blocks import (
    BENCH,
    Mood,
    Place,
    PlayBlock,
    PulsesBlock,
    StrokeBlock,
    TailBlock,
    TotalBlock,
)
from benchctl.simulation.plants.plant import Plant, naming
from benchctl.simulation.plants.signals import Signal, signal_of
from benchctl.simulation.plants.units import PlantUnit, drawn_units
from benchctl.simulation.plants.view import View
from benchctl.simulation.response import Response
from benchctl.simulation.standards import Standards
from benchctl.simulation.timeline import Timeline
from benchctl.simulation.uuts import SimulatedUut

ROUNDS = 100
"""Most steps of a search for the instant of an edge; about four are needed."""


@dataclass(frozen=True, slots=True)
class Running:
    """A total from the instant `t0` on, at which it was `amount`."""

    t0: float
    amount: float
    signal: Signal
    rate: float

    def at(self, t: float) -> float:
        """Return the total at an instant."""
        if t <= self.t0 or self.rate == 0.0:
            return self.amount
        return self.amount + self.rate * self.signal.integral(self.t0, t)


@dataclass(frozen=True, slots=True)
class Stroke:
    """Towards which target a tail goes, whether that is upwards, and since when."""

    target: float
    rising: bool
    since: float


@dataclass(slots=True)
class Segment:
    """What holds from `t0` until the next change."""

    t0: float
    inputs: Mapping[str, Any]
    tails: dict[Place, Response] = field(default_factory=dict)
    totals: dict[Place, Running] = field(default_factory=dict)
    strokes: dict[Place, Stroke] = field(default_factory=dict)
    plays: dict[Place, float] = field(default_factory=dict)
    rose: dict[str, float] = field(default_factory=dict)


class World:
    """One plant with its units under test; may be used by the threads of several buses."""

    def __init__(
        self, plant: Plant, seed: int, units: Sequence[SimulatedUut], settings: Mapping[str, Any]
    ) -> None:
        self.plant = plant
        self.units: tuple[PlantUnit, ...] = drawn_units(plant, seed, units)
        self.standards = Standards(plant.bench, seed, exact=plant.exact)
        self._seed = seed
        self._lock = RLock()
        self._ripples: dict[Place, Ripple] = {}
        self._noises: dict[Place, Noise] = {}
        first = Segment(0.0, self._inputs(settings))
        for name in plant.order:
            for place in self.places(name):
                with naming(*plant.where(name)):
                    self._begin(first, place)
        self._timeline: Timeline[Segment, tuple[str, Any]] = Timeline(first, self._step)

    def _inputs(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = dict(settings)
        for unit in self.units:
            found[f"mounted@{unit.position}"] = True
            found[f"adjusted@{unit.position}"] = False
        for fault in self.plant.faults.values():
            names = [f"@{u.position}" for u in self.units] if fault.each else [""]
            found |= dict.fromkeys((f"fault.{fault.name}{at}" for at in names), 0.0)
        checks = () if self.plant.bench.gate is None else self.plant.bench.gate.checks
        found |= {f"gate.{check.name}": False for check in checks}
        found |= {f"hand.{name}": value for name, value in self.plant.hand.items()}
        return found | {"relieved": False}

    def given(self, name: str, value: Any) -> Any:
        """Return what comes of an input: a source gives not quite what it is set to."""
        if name not in self.plant.sources or isinstance(value, bool | str):
            return value
        return self.standards.given(name, value, self.plant.sources[name])

    def places(self, name: str) -> list[Place]:
        """Return the places of a quantity: the bench, or every unit."""
        if name in self.plant.each:
            return [(name, n) for n in range(len(self.units))]
        return [(name, BENCH)]

    # what happens ---------------------------------------------------------------------------

    def put(self, t: float, name: str, value: Any) -> None:
        """Let an input be another one from the instant `t` on."""
        with self._lock:
            self._timeline.put(t, (name, value))

    def segment(self, t: float) -> Segment:
        """Return what holds at an instant."""
        with self._lock:
            return self._timeline.at(t)

    def view(self, t: float, index: int = BENCH, own: Mapping[str, Any] | None = None) -> View:
        """Return the names at an instant, for the bench or for a unit."""
        return View(self, self.segment(t), t, index, own=own)

    def value(self, name: str, t: float, index: int = BENCH) -> Any:
        """Return the value of a quantity at an instant."""
        return self.view(t, index)[name]

    def index(self, position: int) -> int | None:
        """Return which unit is at a position, None if none is."""
        return next((n for n, u in enumerate(self.units) if u.position == position), None)

    def _step(self, before: Segment, t: float, change: tuple[str, Any]) -> Segment:
        name, value = change
        if name in before.inputs and before.inputs[name] == value:
            return before
        inputs = {**before.inputs, name: value}
        after = Segment(
            t,
            inputs,
            dict(before.tails),
            dict(before.totals),
            dict(before.strokes),
            dict(before.plays),
            before.rose,
        )
        if value and not before.inputs.get(name):
            after.rose = {**before.rose, name: t}
        touched = self.plant.touched.get(name.partition("@")[0], frozenset())
        for of in self.plant.order:
            if of in touched:
                for place in self.places(of):
                    self._go_on(before, after, place)
        return after

    def _begin(self, first: Segment, place: Place) -> None:
        """Put what a quantity remembers at the beginning into the first segment."""
        name, index = place
        at, limit = View(self, first, 0.0, index), View(self, first, 0.0, index, Mood.LIMIT)
        match self.plant.block(name):
            case TailBlock() as block:
                if block.start is not None:
                    start = float(at.evaluate(block.start))
                    limit.own = {name: start}
                    target = float(limit.evaluate(block.target))
                else:
                    start = target = float(limit.evaluate(block.target))
                tau = float(limit.evaluate(block.tau))
                first.tails[place] = Response(0.0, start, target, tau, block.surge)
            case StrokeBlock(of=of):
                target = first.tails[self._beside(of, index)].target
                first.strokes[place] = Stroke(target, True, 0.0)
            case PlayBlock(of=of):
                first.plays[place] = at[of]
            case TotalBlock() as block:
                start = 0.0 if block.start is None else float(at.evaluate(block.start))
                first.totals[place] = self._running(first, place, block, start)

    def _go_on(self, before: Segment, after: Segment, place: Place) -> None:
        """Let what a quantity remembers go on after a change."""
        name, index = place
        t = after.t0
        match self.plant.block(name):
            case TailBlock() as block:
                was = before.tails[place]
                here = was.at(t)
                limit = View(self, after, t, index, Mood.LIMIT, {name: here})
                target, tau = float(limit.evaluate(block.target)), float(limit.evaluate(block.tau))
                if (target, tau) != (was.target, was.tau):
                    after.tails[place] = Response(t, here, target, tau, block.surge)
            case StrokeBlock() as block:
                stroke = before.strokes[place]
                target = after.tails[self._beside(block.of, index)].target
                if abs(target - stroke.target) > block.trim:
                    after.strokes[place] = Stroke(target, target > stroke.target, t)
                else:
                    after.strokes[place] = replace(stroke, target=target)
            case PlayBlock():
                after.plays[place] = View(self, before, t, index)[name]
            case TotalBlock() as block:
                passed = before.totals[place].at(t)
                after.totals[place] = self._running(after, place, block, passed)

    def _beside(self, name: str, index: int) -> Place:
        return (name, index if name in self.plant.each else BENCH)

    def _running(self, segment: Segment, place: Place, block: TotalBlock, amount: float) -> Running:
        t, index = segment.t0, place[1]
        if index != BENCH and not segment.inputs[f"mounted@{self.units[index].position}"]:
            return Running(t, amount, Signal(), 0.0)
        gain = 1.0
        if block.gain is not None:
            gain = float(View(self, segment, t, index, Mood.LIMIT).evaluate(block.gain))
        signal = signal_of(View(self, segment, t, index, Mood.SIGNAL)[block.of])
        return Running(t, amount, signal, gain * block.factor)

    # chance and edges -----------------------------------------------------------------------

    def ripple(self, place: Place, periods: tuple[float, float]) -> Ripple:
        """Return the wander of a quantity, of root mean square 1."""
        if place not in self._ripples:
            channel = self._name(place)
            self._ripples[place] = Ripple(self._seed, channel, rms=1.0, periods=periods)
        return self._ripples[place]

    def noise(self, place: Place) -> Noise:
        """Return the noise of a quantity."""
        if place not in self._noises:
            self._noises[place] = Noise(self._seed, self._name(place))
        return self._noises[place]

    def _name(self, place: Place) -> str:
        name, index = place
        return name if index == BENCH else f"{name}/{self.units[index].unit.serial}"

    def edge(self, name: str, view: View) -> float:
        """Return the instant at which a count of pulses last went up; that of its start without.

        A total only ever rises: the segment is found, then the instant by Newton's method, kept
        within its bracket.
        """
        block = self.plant.block(name)
        assert isinstance(block, PulsesBlock)
        place = self._beside(block.of, view.index)
        wanted = view[name] * float(view.evaluate(block.worth))
        running, high = view.segment.totals[place], view.t
        while running.amount > wanted and running.t0 > 0.0:
            high = running.t0
            running = self.segment(math.nextafter(high, -math.inf)).totals[place]
        low, t = running.t0, high
        for _ in range(ROUNDS):
            off = running.at(t) - wanted
            if off > 0.0:
                high = t
            else:
                low = t
            pace = running.rate * running.signal.at(t)
            after = t - off / pace if pace > 0.0 else low
            after = after if low <= after <= high else 0.5 * (low + high)
            if abs(after - t) <= 1e-12 * max(1.0, t):
                break
            t = after
        return t
