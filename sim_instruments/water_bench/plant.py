"""The plant: everything that is true of the water line at an instant.

What is written to the bench changes `Inputs`; between two changes every quantity is a formula of
time (`Segment`), so that the plant answers for any instant, from any thread, in microseconds. Flow
in L/s and volume in L are those at the master; pressure in MPa, temperature in °C.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from benchctl.simulation import Noise, Response, SimulatedUut, Timeline, Totaliser, steady

from .character import Character, Wander
from .drive import SILENCE, Drive
from .hydraulics import LINES, REST, density, head, shape
from .inputs import INLET, Inputs
from .meters import Meter, drawn_meters
from .segment import Change, Segment, held, towards

SURGE = 0.08
"""Share of a rise in flow; the flow overshoots by 2 %."""
_M3H = 3.6
_LEAK_TAU = 600.0
_PUMP_HEAT = Response(0.0, 0.0, 0.4, 5400.0)
"""How the pump warms the water over the hours, K."""


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
        self._lock = threading.RLock()
        luck = Noise(seed, "totals")
        first = Segment(
            t0=0.0,
            inputs=Inputs(mounted=frozenset(self._places)),
            flow=steady(0.0),
            flowed=0.0,
            passed=0.0,
            pressure=steady(REST),
            speed=steady(0.0),
            room=steady(0.0),
            setpoints=0,
            master=Totaliser(luck.uniform("master", 0.0, 500.0), 0.0),
            inventory=luck.uniform("inventory", 1e4, 9e4),
            fouled=0.0,
            meters=tuple(Totaliser() for _ in self.meters),
        )
        self._timeline: Timeline[Segment, Change] = Timeline(first, self._next)

    # what is done to it ---------------------------------------------------------------------

    def change(self, t: float, change: Change) -> None:
        """Let something happen at bench time `t`."""
        with self._lock:
            self._timeline.put(t, change)

    def drive(self, t: float, change: Callable[[Drive], Drive]) -> None:
        """Let something happen to the drive."""
        with self._lock:
            self._timeline.put(t, lambda i: replace(i, drive=change(i.drive)))
            self.heard(t)

    def heard(self, t: float) -> None:
        """Note a valid message to the drive: its watchdog starts anew."""
        with self._lock:
            due = self._timeline.due("trip", t) or 0.0
            if self._timeline.at(t).inputs.drive.running:
                self._timeline.schedule("trip", t, max(due, t + SILENCE), _trip)
            else:
                self._timeline.cancel("trip", t)

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
        return self.character.water + _PUMP_HEAT.at(t) + self._wander.water.at(t)

    def master_temperature(self, t: float) -> float:
        """Return the temperature of the water at the master in °C."""
        return self.inlet_temperature(t) + self.character.gradient

    def ambient_temperature(self, t: float) -> float:
        """Return the temperature of the room in °C."""
        warmed = self.at(t).room.at(t)
        return self.character.ambient + warmed + self._wander.ambient.at(t)

    def humidity(self, t: float) -> float:
        """Return the relative humidity of the room in %."""
        return self.character.humidity + self._wander.humidity.at(t)

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
        amount = self._amount(s, t)
        flow, pressure = s.flow, s.pressure
        target, tau = self._driven(inputs)
        if (target, tau) != (flow.target, flow.tau):
            start = self.flow(t, s) - target * self._wander.flow.at(t)
            flow = Response(t, start, target, tau, SURGE if target > start else 0.0)
        if (pressed := self._pressed(inputs)) != self._pressed(s.inputs):
            pressure = held(pressure, t, *pressed)
        begun = replace(
            s,
            t0=t,
            inputs=inputs,
            flow=flow,
            flowed=flow.integral(t),
            passed=s.passed + amount,
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
            meters=self._meters(s, begun, amount),
        )

    def _meters(self, s: Segment, begun: Segment, amount: float) -> tuple[Totaliser, ...]:
        """Return the meters' totals; with the flow off, each keeps the gain it last had."""
        target = begun.flow.target * _M3H
        there = density(self.master_temperature(begun.t0))
        totals = []
        for n, (meter, total) in enumerate(zip(self.meters, s.meters, strict=True)):
            inputs = begun.inputs
            if (
                meter.position not in inputs.mounted
                or ("stuck_meter", meter.position) in inputs.ill
            ):
                gain = 0.0
            elif target > 0.0:
                share = (n + 0.5) / len(self.meters)
                here = density(self.inlet_temperature(begun.t0) + share * self.character.gradient)
                gain = (1.0 + meter.error(target) / 100.0) * there / here
            else:
                gain = total.gain
            totals.append(total.carried(amount, gain))
        return tuple(totals)

    def _driven(self, inputs: Inputs) -> tuple[float, float]:
        """Return the flow in L/s that the inputs drive, and the time constant towards it in s."""
        speed = inputs.drive.speed
        lines = inputs.open_lines()
        if not (inputs.valves[INLET] and inputs.through):
            return 0.0, 0.4
        if speed <= 0.0:
            return 0.0, 2.0
        capacity = sum(LINES[n].capacity * (1.0 + self.character.line_errors[n]) for n in lines)
        return capacity * shape(speed) / _M3H, LINES[lines[-1]].tau

    def _pressed(self, inputs: Inputs) -> tuple[float | None, float]:
        """Return the pressure in MPa that the inputs drive, None for the one that is there.

        The second value is the time constant towards it in s.
        """
        inlet, speed = inputs.valves[INLET], inputs.drive.speed
        if inlet and speed > 0.0:
            top = head(speed) * (1.0 + self.character.head_error)
            return (0.05 + 0.1 * top if inputs.through else top), 1.5
        if inputs.through:
            return (REST if inlet else 0.0), 1.0
        if inlet:
            return REST, 3.0
        if inputs.leaking():
            return 0.0, _LEAK_TAU
        return None, 100.0


def _trip(inputs: Inputs) -> Inputs:
    return replace(inputs, drive=inputs.drive.silenced())
