"""Energy on its way through the meters: formulas between two changes of the load, no steps.

Every meter registers its own share of what truly passes, and gives a pulse whenever that has grown
by 1/constant; the comparator latches the reference's count at that very instant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from benchctl.simulation import (
    Noise,
    Response,
    Ripple,
    SimulatedUut,
    Standards,
    Timeline,
    steady,
)

from .load import PHASES, Load
from .meters import ADJUSTED, JOULES, RESTLESS, TICK, Meter, meters

TAU = 0.4
"""Time constant in s with which the source follows its set-points."""
REFERENCE_CONSTANT = 1e8
"""Pulses of the reference per kWh."""
RIPPLE = 2e-4
"""Standard deviation of the power as a share of it."""
Powers = tuple[Response, Response, Response]


@dataclass(frozen=True, slots=True)
class State:
    """What holds from `t0` on: load, power of each phase in W, all energies at `t0` in J.

    `registered` is by meter, and so are `gains` (of what passes) and `creeps` (W); `latched` is
    what had truly passed when each meter gave its last pulse. `adjusted` and
    what follows are positions.
    """

    t0: float
    load: Load
    powers: Powers
    energy: float
    registered: tuple[float, ...]
    gains: tuple[float, ...]
    creeps: tuple[float, ...]
    latched: tuple[float, ...]
    dead: frozenset[int] = frozenset()
    stuck: frozenset[int] = frozenset()
    restless: frozenset[int] = frozenset()
    adjusted: frozenset[int] = frozenset()


Change = Callable[[State], State]
"""What a change does to load and faults."""


class Plant:
    """The source, the reference and the meters; may be asked from the threads of several buses."""

    def __init__(self, seed: int, units: Sequence[SimulatedUut], standards: Standards) -> None:
        self.meters: tuple[Meter, ...] = meters(seed, units)
        self._at = {meter.unit.position: n for n, meter in enumerate(self.meters)}
        luck = Noise(seed, "bench")
        self._standards = standards
        self.reference_share = standards.shown("comparator.latch_1", 1.0)
        """What the reference shows of what is there; all its outputs come of one measurement."""
        self.room = luck.uniform("temperature", 21.5, 24.5), luck.uniform("humidity", 40.0, 60.0)
        self._phase = [Noise(seed, f"phase {m.unit.serial}").uniform("") for m in self.meters]
        self._ticks = [Noise(seed, f"ticks {m.unit.serial}") for m in self.meters]
        registers = [Noise(seed, f"register {m.unit.serial}") for m in self.meters]
        self._register = [register.uniform("kWh", 1.0, 900.0) for register in registers]
        self._ripple = Ripple(seed, "power", rms=RIPPLE, periods=(5.0, 60.0))
        nothing = (0.0,) * len(self.meters)
        still = (steady(0.0), steady(0.0), steady(0.0))
        first = State(0.0, Load(), still, 0.0, nothing, (1.0,) * len(nothing), nothing, nothing)
        self._states: Timeline[State, Change] = Timeline(first, self._follow)
        self._lock = Lock()
        self._seen: tuple[float, State, float] = (-1.0, first, 0.0)

    # changes --------------------------------------------------------------------------------

    def change(self, t: float, change: Change) -> None:
        """Let something change at instant `t`."""
        with self._lock:
            self._states.put(t, change)
            self._seen = (-1.0, self._seen[1], 0.0)

    def set(self, t: float, change: Callable[[Load], Load]) -> None:
        """Set the source at instant `t`."""
        self.change(t, lambda state: replace(state, load=change(state.load)))

    def state(self, t: float) -> State:
        """Return what holds at instant `t`."""
        return self._look(t)[0]

    def _look(self, t: float) -> tuple[State, float]:
        """Return what holds, and what has passed in J; all positions are read at one instant."""
        at, state, energy = self._seen
        if at != t:
            with self._lock:
                state = self._states.at(t)
            energy = self._energy(state, t)
            self._seen = (t, state, energy)
        return state, energy

    def _follow(self, state: State, t: float, change: Change) -> State:
        """Return the state from `t` on."""
        changed = change(state)
        load = changed.load
        seconds = t - state.t0
        energy = self._energy(state, t)
        passed = energy - state.energy
        counted = range(len(self.meters))
        first, second, third = (
            Response(t, state.powers[n].at(t), load.watts(n), TAU) for n in PHASES
        )
        loaded = load.carried > 0.0
        return replace(
            changed,
            t0=t,
            powers=(first, second, third),
            energy=energy,
            registered=tuple(
                state.registered[n] + state.gains[n] * passed + state.creeps[n] * seconds
                for n in counted
            ),
            gains=tuple(self._gain(changed, n) for n in counted) if loaded else state.gains,
            creeps=tuple(self._creep(changed, n) for n in counted),
            latched=tuple(self._latched(state, n, t, energy) for n in counted),
        )

    def _gain(self, state: State, n: int) -> float:
        meter = self.meters[n]
        position = meter.unit.position
        if position in state.dead | state.stuck:
            return 0.0
        return meter.gain(state.load, ADJUSTED if position in state.adjusted else 1.0)

    def _creep(self, state: State, n: int) -> float:
        load, meter = state.load, self.meters[n]
        alone = load.volts(0) > 0.0 and load.carried == 0.0
        still = meter.unit.position in state.dead | state.stuck
        return meter.creep if alone and not still else 0.0

    # what passes ----------------------------------------------------------------------------

    def power(self, t: float) -> float:
        """Return the active power of all phases in W."""
        state = self.state(t)
        there = sum(response.at(t) for response in state.powers)
        return there + self._asked(state) * self._ripple.at(t)

    def _asked(self, state: State) -> float:
        return sum(response.target for response in state.powers)

    def _energy(self, state: State, t: float) -> float:
        """Return what has truly passed up to `t`, in J."""
        passed = sum(response.integral(t) for response in state.powers)
        wandered = self._asked(state) * self._ripple.integral(state.t0, t) if t > state.t0 else 0.0
        return state.energy + passed + wandered

    def energy(self, t: float) -> float:
        """Return what has truly passed up to `t`, in J."""
        return self._look(t)[1]

    # what the meters tell -------------------------------------------------------------------

    def _registered(self, state: State, n: int, t: float, energy: float) -> float:
        """Return what a meter has registered up to `t`, when `energy` had passed, in J."""
        passed = energy - state.energy
        return state.registered[n] + state.gains[n] * passed + state.creeps[n] * (t - state.t0)

    def pulses(self, position: int, t: float) -> int:
        """Return how many pulses the meter at a position has given up to `t`."""
        if (n := self._at.get(position)) is None:
            return 0
        state, energy = self._look(t)
        return self._pulses(n, self._registered(state, n, t, energy))

    def _pulses(self, n: int, registered: float) -> int:
        return math.floor(registered * self.meters[n].per_joule + self._phase[n] + 1e-12)

    def latch(self, position: int, t: float) -> int:
        """Return the reference's count at the meter's last pulse up to `t`."""
        if (n := self._at.get(position)) is None:
            return 0
        state, energy = self._look(t)
        return self._counted(self._latched(state, n, t, energy))

    def reference_count(self, t: float) -> int:
        """Return the reference's own count."""
        return self._counted(self.energy(t))

    def _counted(self, joules: float) -> int:
        return math.floor(joules * self.reference_share * REFERENCE_CONSTANT / JOULES)

    def _latched(self, state: State, n: int, t: float, energy: float) -> float:
        """Return what had truly passed when a meter gave its last pulse up to `t`, in J."""
        k = self._pulses(n, self._registered(state, n, t, energy))
        if k == self._pulses(n, state.registered[n]):
            return state.latched[n]
        if not state.gains[n]:
            return energy  # it creeps: next to nothing passes meanwhile
        since = (k - self._phase[n]) / self.meters[n].per_joule - state.registered[n]
        early = TICK * self._ticks[n].uniform(float(k))
        if self.meters[n].unit.position in state.restless:
            early += RESTLESS * (1.0 + math.sin(0.08 * k))
        return max(
            state.latched[n], state.energy + since / state.gains[n] - early * self._asked(state)
        )

    def kilowatt_hours(self, position: int, t: float) -> float:
        """Return what the register of the meter at a position shows, before it is cut off."""
        n = self._at[position]
        state, energy = self._look(t)
        registered = self._registered(state, n, t, energy) / JOULES
        return self._register[n] + registered * (1.0 + self.meters[n].register / 100.0)

    def clock_period(self, position: int, t: float) -> float:
        """Return the mean period of ten pulses of the meter's clock in s, NaN without any."""
        n, state = self._at.get(position), self.state(t)
        if n is None or position in state.dead or not state.load.volts(0):
            return math.nan
        jitter = self._ticks[n].gauss(f"clock {t!r}", 2e-8)
        period = 1.0 / (1.0 + self.meters[n].clock / 86400.0)
        return self._standards.shown("comparator.clock_1", period, "s") + jitter
