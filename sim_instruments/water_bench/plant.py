"""The plant: everything that is true of the water line at an instant.

What is written to the bench changes `Inputs`; between two changes every quantity is a formula of
time (`Segment`), so that the plant answers for any instant, from any thread, in microseconds. Flow
in L/s and volume in L are those at the master; pressure in MPa, temperature in °C.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from benchctl.simulation import Noise, Response, SimulatedUut, Timeline, Totaliser, steady

from .character import Character, Wander
from .drive import Drive
from .driven import driven_flow, driven_pressure
from .hydraulics import REST, density
from .inputs import DIVERTER, DRAIN, INLET, Inputs
from .meters import Meter, carried, drawn_meters
from .reactions import Reactions
from .segment import Change, Segment, held, towards
from .water import Water
from .weigh_tank import CAPACITY, Tank

SURGE = 0.08
"""Share of a rise in flow; the flow overshoots by 2 %."""
POSITIONS = 12
"""Places for meters between the sensors at inlet and outlet."""


class Plant:
    """The water line with its units; all of it can be asked from any thread for any instant."""

    def __init__(self, seed: int, uuts: Sequence[SimulatedUut]) -> None:
        self.character = Character.drawn(seed)
        self.meters: tuple[Meter, ...] = drawn_meters(seed, uuts)
        self._places = {meter.position: n for n, meter in enumerate(self.meters)}
        self._wander = Wander.drawn(seed)
        self._flow_noise = Noise(seed, "master.flow")
        self._pressure_noise = Noise(seed, "line.pressure")
        self._repeat = Noise(seed, "master.repeat")
        self._drips = Noise(seed, "tank.drips")
        self.water = Water(
            self.character.water,
            self.character.gradient,
            self._wander.water,
            max([POSITIONS, *self._places]),
        )
        self._lock = threading.RLock()
        luck = Noise(seed, "totals")
        first = Segment(
            t0=0.0,
            inputs=Inputs(mounted=frozenset(self._places)),
            flow=steady(0.0),
            flowed=0.0,
            passed=0.0,
            weighed=0.0,
            density=density(self.master_temperature(0.0), REST),
            expansion=0.0,
            pressure=steady(REST),
            speed=steady(0.0),
            room=steady(0.0),
            setpoints=0,
            master=Totaliser(luck.uniform("master", 0.0, 500.0), 0.0),
            inventory=luck.uniform("inventory", 1e4, 9e4),
            fouled=0.0,
            meters=tuple(Totaliser() for _ in self.meters),
            tank=Tank.empty(),
        )
        self._timeline: Timeline[Segment, Change] = Timeline(first, self._next)
        self._reactions = Reactions(self._timeline, self.character.diverter, self._held)

    # what is done to it ---------------------------------------------------------------------

    def change(self, t: float, change: Change) -> None:
        """Let something happen at bench time `t`."""
        with self._lock:
            diverter = self._timeline.at(t).inputs.valves[DIVERTER]
            self._timeline.put(t, change)
            self._reactions.divert(t, diverter)
            self._reactions.level(t)

    def drive(self, t: float, change: Callable[[Drive], Drive]) -> None:
        """Let something happen to the drive."""
        with self._lock:
            self._timeline.put(t, lambda i: replace(i, drive=change(i.drive)))
            self._reactions.heard(t)

    def heard(self, t: float) -> None:
        """Note a valid message to the drive: its watchdog starts anew."""
        with self._lock:
            self._reactions.heard(t)

    def inputs(self, t: float) -> Inputs:
        """Return what holds at `t`."""
        return self.at(t).inputs

    def at(self, t: float) -> Segment:
        """Return the segment that holds at `t`."""
        with self._lock:
            return self._timeline.at(t)

    # what is true ---------------------------------------------------------------------------

    def flow(self, t: float, segment: Segment | None = None) -> float:
        """Return the flow in L/s."""
        s = segment or self.at(t)
        return s.flow.at(t) + s.flow.target * self._wander.flow.at(t)

    def passed(self, t: float) -> float:
        """Return the volume in L that has passed since the bench was made."""
        s = self.at(t)
        return s.passed + self._amount(s, t)

    def weighed(self, t: float) -> float:
        """Return the mass in kg that has passed since the bench was made."""
        s = self.at(t)
        return s.weighed + self._mass(s, t)

    def tank_mass(self, t: float) -> float:
        """Return the mass of the water in the weigh tank in kg."""
        return min(self._held(t), CAPACITY)

    def spilt(self, t: float) -> float:
        """Return what has gone over the rim of the weigh tank in kg."""
        return self.at(t).tank.spilt + max(0.0, self._held(t) - CAPACITY)

    def counted(self, n: int, t: float) -> float:
        """Return what the meter with index `n` has counted, in L, not cut to steps."""
        s = self.at(t)
        return s.meters[n].at(self._amount(s, t))

    def indication(self, n: int, t: float) -> float:
        """Return the register of the meter with index `n` in L."""
        return self.meters[n].register.shows(self.counted(n, t))

    def index(self, position: int) -> int:
        """Return the index of the meter at a position.

        Raises:
            KeyError: there is none.
        """
        return self._places[position]

    def pressure(self, t: float) -> float:
        """Return the pressure in the line in MPa."""
        s = self.at(t)
        running = s.inputs.drive.running and s.inputs.valves[INLET]
        ripple = self._wander.pressure.at(t) if running else 0.0
        return s.pressure.at(t) * (1.0 + ripple)

    def inlet_temperature(self, t: float) -> float:
        """Return the temperature of the water at the inlet in °C; the pump warms it slowly."""
        return self.water.inlet(t)

    def master_temperature(self, t: float) -> float:
        """Return the temperature of the water at the master in °C."""
        return self.water.master(t)

    def ambient_temperature(self, t: float) -> float:
        """Return the temperature of the room in °C."""
        warmed = self.at(t).room.at(t)
        return self.character.ambient + warmed + self._wander.ambient.at(t)

    def humidity(self, t: float) -> float:
        """Return the relative humidity of the room in %."""
        return self.character.humidity + self._wander.humidity.at(t)

    def air_pressure(self, t: float) -> float:
        """Return the pressure of the air in the room in kPa."""
        return self.character.air_pressure + self._wander.air_pressure.at(t)

    # what the instruments make of it --------------------------------------------------------

    def master_flow(self, t: float) -> float:
        """Return the flow that the master shows, in L/s, with its noise."""
        s = self.at(t)
        gain = 1.0 + self._master_error(s, self._amount(s, t))
        shown = self.flow(t, s) * gain + s.inputs.air * s.flow.target * self._wander.air.at(t)
        shown *= 1.0 + self._flow_noise.gauss(t, 5e-4)
        return shown if shown > 2e-5 else 0.0

    def master_total(self, t: float) -> float:
        """Return the resettable total of the master in L."""
        s = self.at(t)
        return s.master.at(self._amount(s, t)) + self._extra(s, t)

    def master_inventory(self, t: float) -> float:
        """Return the total of the master that no reset touches, in L."""
        return self.at(t).inventory + self.master_total(t)

    def master_density(self, t: float) -> float:
        """Return the density that the master shows, in kg/m³; entrained air makes it low."""
        s = self.at(t)
        air = s.inputs.air * (0.02 + 0.2 * self._wander.air.at(t)) if s.inputs.air else 0.0
        return density(self.master_temperature(t)) * (1.0 - air)

    def shown_pressure(self, t: float) -> float:
        """Return what the pressure transmitter shows, in MPa."""
        return self.pressure(t) + self._pressure_noise.gauss(t, 3e-4)

    def pulse_rate(self, n: int, t: float, gate: float) -> float:
        """Return the mean pulse rate of a meter over `gate` seconds from `t`, in Hz."""
        meter = self.meters[n]
        rate = (self.counted(n, t + gate) - self.counted(n, t)) / gate / meter.pulse_value
        return 2.0 * rate if ("wrong_pulse", meter.position) in self.inputs(t).ill else rate

    # from segment to segment ----------------------------------------------------------------

    def _amount(self, s: Segment, t: float) -> float:
        """Return the volume in L that has passed since the segment began, exact."""
        if t <= s.t0:
            return 0.0
        ripple = s.flow.target * self._wander.flow.integral(s.t0, t) if s.flow.target else 0.0
        return s.flow.integral(t) - s.flowed + ripple

    def _mass(self, s: Segment, t: float) -> float:
        """Return the mass in kg that has passed since the segment began.

        The density follows the temperature in first order: within 1e-6.
        """
        if t <= s.t0:
            return 0.0
        mass = s.density * self._amount(s, t)
        if s.flow.target:
            mass += s.expansion * s.flow.target * self.water.warming(s.t0, t)
        return mass / 1000.0

    def _held(self, t: float) -> float:
        """Return what the weigh tank would hold without a rim, in kg."""
        return self._held_in(self.at(t), t)

    def _held_in(self, s: Segment, t: float) -> float:
        arrived = self._mass(s, t) * s.inputs.left_at(math.inf) if s.inputs.filling else 0.0
        return s.tank.holds(s.inputs, s.t0, t, arrived, self.character.evaporation)

    def _master_error(self, s: Segment, amount: float) -> float:
        """Return the relative error of the master's flow when `amount` L have passed."""
        drift = s.inputs.drifting * (s.passed - s.fouled + amount)
        return s.master.gain - 1.0 + drift if s.inputs.counting else self._gain(s) - 1.0 + drift

    def _gain(self, s: Segment) -> float:
        """Return the gain of the master: its own error, air, and one draw per set-point."""
        repeat = self._repeat.gauss(float(s.setpoints), 3e-4)
        return 1.0 + self.character.master_error + repeat + 0.015 * s.inputs.air

    def _extra(self, s: Segment, t: float) -> float:
        """Return what drift and air add to the master's total within the segment, in L."""
        if not s.inputs.counting or not (s.inputs.drifting or s.inputs.air):
            return 0.0
        began = s.passed - s.fouled
        ended = began + self._amount(s, t)
        drift = 0.5 * s.inputs.drifting * (ended * ended - began * began)
        air = s.inputs.air * s.flow.target * self._wander.air.integral(s.t0, t)
        return drift + air

    def _next(self, s: Segment, t: float, change: Change) -> Segment:
        """Return the segment that a change at `t` begins."""
        inputs = change(s.inputs)
        if inputs.overflowed and inputs.valves[DRAIN]:
            inputs = replace(inputs, overflowed=False)
        amount = self._amount(s, t)
        flow, pressure = s.flow, s.pressure
        target, tau = driven_flow(inputs, self.character)
        if (target, tau) != (flow.target, flow.tau):
            start = self.flow(t, s) - target * self._wander.flow.at(t)
            flow = Response(t, start, target, tau, SURGE if target > start else 0.0)
        pressed = driven_pressure(inputs, self.character)
        if pressed != driven_pressure(s.inputs, self.character):
            pressure = held(pressure, t, *pressed)
        warm = self.master_temperature(t)
        begun = replace(
            s,
            t0=t,
            inputs=inputs,
            flow=flow,
            flowed=flow.integral(t),
            passed=s.passed + amount,
            weighed=s.weighed + self._mass(s, t),
            density=density(warm, pressure.target),
            expansion=50.0 * (density(warm + 0.01) - density(warm - 0.01)),
            pressure=pressure,
            speed=towards(s.speed, inputs.drive.speed, 0.8, t),
            room=towards(s.room, inputs.warm, 180.0, t),
            setpoints=s.setpoints + (target != s.flow.target),
            fouled=s.passed + amount if not s.inputs.drifting else s.fouled,
        )
        total, inventory = s.master.at(amount) + self._extra(s, t), s.inventory
        if inputs.resets != s.inputs.resets:
            total, inventory = 0.0, inventory + total
        return replace(
            begun,
            master=Totaliser(total, self._gain(begun) if inputs.counting else 0.0),
            inventory=inventory,
            meters=carried(self.meters, s, begun, amount, self.water),
            tank=s.tank.carried(self._held_in(s, t), inputs, target, t, self._drips),
        )
