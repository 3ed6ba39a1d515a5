"""A manifold for six sphygmomanometers: blood-pressure simulator, reference, a transmitter each.

The simulator holds a static pressure or gives pulses. Each unit hangs behind a hand valve, at a
vessel of 500 mL with a transmitter; a person shuts the valves, starts what the units do, and reads
them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchctl.core.clock import Clock
from benchctl.core.ports import Prompt
from benchctl.simulation import (
    Bus,
    Cell,
    Driven,
    Exposure,
    ModbusBus,
    ModbusUnit,
    Noise,
    Ripple,
    SimulatedBench,
    SimulatedUut,
    Standards,
    TextBus,
    Wire,
)

from .monitors import monitors

POSITIONS = 6
ADDRESS = 3
"""Of the reference on its line."""
TAU = 1.2
"""Time constant of the manifold in s."""
STATIC, PULSES = 1, 2
KPA = 0.133322387415
"""kPa per mmHg."""
SHOWS = {"mmHg": (1.0, 1.0), "kPa": (KPA, 0.1)}
"""By unit of the display: that unit per mmHg, and the last place."""
BEGINS_S = 2.0
"""Seconds from when a person has said so until what was started begins."""
FROM = {"deflation": 205.0, "exhaust": 275.0}
"""mmHg to which units are pumped up for these."""


class NibpBench(SimulatedBench):
    """The bench; a first verification of six units takes three quarters of an hour."""

    name = "nibp_bench"
    bench_file = Path(__file__).with_name("bench.yaml")
    slips = 0.03

    def __init__(
        self,
        clock: Clock,
        *,
        seed: int,
        uuts: Sequence[SimulatedUut],
        expose: Exposure = "process",
    ) -> None:
        super().__init__(clock, seed=seed, uuts=uuts, expose=expose)
        self.monitors = {m.unit.serial: m for m in monitors(seed, self.uuts)}
        self.asked = Driven(0.0, TAU, 0.0)
        self.held = {"mode": 0.0, "setpoint": 0.0, "systolic": 120.0, "diastolic": 80.0}
        self.held["pulse_rate"] = 75.0
        self.shut: dict[str, tuple[str, float, float]] = {}
        """By unit that is shut off: what it does, since when, from which pressure."""
        self._ripple = Ripple(seed, "manifold", rms=0.02, periods=(3.0, 20.0))
        self._noise = Noise(seed, "reference")
        self.standards = Standards.beside(self.bench_file, seed)
        room = Noise(seed, "room")
        self._room = room.uniform("temperature", 19.0, 23.0), room.uniform("humidity", 40.0, 60.0)

    @classmethod
    def default_uuts(cls, seed: int) -> list[dict[str, str]]:
        """Return six units of one kind."""
        return [
            {"serial": f"BP{seed % 10**4:04d}-{n}", "position": str(n)}
            for n in range(1, POSITIONS + 1)
        ]

    # what happens ---------------------------------------------------------------------------

    def pressure(self, t: float) -> float:
        """Return the pressure in the manifold in mmHg."""
        ripple = self._ripple.at(t) if self.held["mode"] == STATIC else 0.0
        return self.asked.at(t) + ripple

    def cuff(self, serial: str, t: float) -> float:
        """Return the pressure at a unit in mmHg."""
        if serial not in self.shut:
            return self.pressure(t)
        does, since, start = self.shut[serial]
        unit, x = self.monitors[serial], max(0.0, t - since)
        if does == "deflation":
            return max(0.0, start - unit.falls * x)
        if does == "exhaust":
            return start * math.exp(-x / unit.empties)
        return max(0.0, start - unit.leak * x / 60.0)

    def by_hand(self, serials: Sequence[str], point: Mapping[str, Any]) -> bool:
        """Shut or open the valves, and start what a point wants of the units."""
        does = str(point.get("does", "open"))
        t = self.clock.now() + self.answer_after
        for serial in serials:
            self.shut.pop(serial, None)
            if does != "open":
                start = FROM.get(does, self.pressure(t))
                begins = BEGINS_S if does in FROM else 0.0
                self.shut[serial] = (does, t + begins, start)
        return True

    def indication(self, prompt: Prompt) -> float | str | None:
        """Return what a person reads off a unit."""
        about = prompt.about or {}
        unit = self.monitors.get(prompt.uut)
        if unit is None or prompt.unit not in SHOWS or "role" not in about:
            return None
        if about["role"] == "shown_systolic":
            n = int(about["point"]["n"])
            found = unit.systolic(float(about["point"]["systolic"]), n)
        else:
            there = self.cuff(prompt.uut, self.clock.now() + self.answer_after)
            found = there + unit.error(there)
        of_one, step = SHOWS[prompt.unit]
        return round(round(found * of_one / step) * step, 6)

    # the wires --------------------------------------------------------------------------------

    def buses(self) -> Mapping[str, Bus]:
        """Return the wires of the bench."""
        warm, damp = self._room
        cells = [
            Cell(1, "i16", lambda _: warm, scale=0.1),
            Cell(2, "i16", lambda _: damp, scale=0.1),
        ]
        wire = Wire(9600, turnaround=0.005)
        return {
            "sim.simulator": ModbusBus(wire, {1: self._simulator()}),
            "sim.reference": TextBus(wire, _Reference(self), end=b"\r", reply_end=b"\0"),
            "sim.cuffs": ModbusBus(wire, {n: self._cuff(n) for n in range(1, POSITIONS + 1)}),
            "sim.sensors": ModbusBus(wire, {1: ModbusUnit(inputs=cells)}),
        }

    def _simulator(self) -> ModbusUnit:
        """Return the blood-pressure simulator with the map of its driver."""

        def held(name: str) -> tuple[Any, Any]:
            def put(t: float, value: float) -> None:
                self.held[name] = value
                wanted = self.held["setpoint"] if self.held["mode"] == STATIC else 0.0
                self.asked.drive(t, wanted)

            return (lambda _: self.held[name]), put

        whole = {"mode": 0, "systolic": 3, "diastolic": 4, "pulse_rate": 5}
        return ModbusUnit(
            holding=[
                *(Cell(address, "u16", *held(name)) for name, address in whole.items()),
                Cell(1, "f32", *held("setpoint")),
                Cell(1000, "u16", lambda _: 4701.0),
                Cell(1001, "u32", lambda _: 5003.0),
            ],
            inputs=[Cell(0, "f32", self.pressure), Cell(2, "f32", lambda _: 0.0)],
        )

    def _cuff(self, position: int) -> ModbusUnit:
        """Return the transmitter at a position, in MPa."""
        serial = next((u.serial for u in self.uuts if u.position == position), "")

        def seen(t: float) -> float:
            noise = self._noise.gauss(t + position * 1e-3, 0.02)
            there = self.cuff(serial, t) if serial else 0.0
            return (there + noise) * KPA / 1000.0

        return ModbusUnit(holding=[Cell(0, "f32", seen)])

    def answer_line(self, line: str, t: float) -> str | None:
        """Return what the reference answers: an ADT681 at address 3, in kPa."""
        address, kind, item, *_ = [*line.split(":"), "", ""]
        if not address.isdigit() or int(address) not in (ADDRESS, 255):
            return None
        if (kind, item) != ("R", "MRMD"):
            return f"{ADDRESS:03d}:E:{item}:1018"
        shown = self.standards.shown("reference.pressure", self.pressure(t) * KPA, "kPa")
        shown += self._noise.gauss(t, 0.001)
        return f"{ADDRESS:03d}:F:MRMD:{shown:.3f}:kPa"

    # what is true ---------------------------------------------------------------------------

    def truth(
        self, serial: str, item: str, quantity: str, point: Mapping[str, Any]
    ) -> float | bool:
        """Return what a unit really does at a point, in mmHg, s and min, or whether it is good."""
        unit = self.monitors[serial]
        if not point:
            return True
        del item
        size = KPA if str(point["unit"]).startswith("kPa") else 1.0
        if quantity == "error":
            pressure = float(point["pressure"]) / size
            return unit.error(pressure) * size
        found = {"leak": unit.leak * size, "deflation": unit.falls * size}
        if quantity in found:
            return found[quantity]
        if quantity == "exhaust":
            return unit.exhaust(260.0, 15.0)
        return unit.systolic(float(point["systolic"]), int(point["n"])) * size

    def state(self) -> dict[str, Any]:
        """Return the pressures in mmHg, and what the simulator is set to."""
        t = self.clock.now()
        return {
            "t": t,
            "pressure": self.pressure(t),
            "cuffs": {serial: self.cuff(serial, t) for serial in self.monitors},
            **self.held,
        }


class _Reference:
    """The reference on its line."""

    def __init__(self, bench: NibpBench) -> None:
        self._bench = bench

    def answer(self, line: str, t: float) -> str | None:
        """Return a frame with a value or an error."""
        return self._bench.answer_line(line, t)
