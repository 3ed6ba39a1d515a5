"""A manifold for six dial gauges: pressure controller, reference gauge, camera, tapper.

Gas up to 0.25 MPa from a PACE5000; an ADT681 is the reference; a camera reads the dials to a fifth
of a division, or a person does; a relay drives the plunger that taps all cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchctl.core.clock import Clock
from benchctl.core.ports import Prompt
from benchctl.simulation import (
    Bus,
    Cell,
    Coil,
    Driven,
    Exposure,
    ModbusBus,
    ModbusUnit,
    Noise,
    Ripple,
    ScpiBus,
    SimulatedBench,
    SimulatedUut,
    Switched,
    TextBus,
    Wire,
)

from .controller import controller
from .gauges import Gauge, gauges

POSITIONS = 6
ADDRESS = 3
"""Of the reference gauge on its line."""
TAU = 2.5
"""Time constant in s of the controller with the manifold at its outlet."""
TRIM = 1.0
"""kPa by which a set-point may be corrected without moving a pointer the other way."""
NOISE, RIPPLE = 0.002, 0.004
"""Standard deviations in kPa: of a reading of the reference, of what the controller leaves."""
_UNITS = {"kPa": 1.0, "MPa": 1e-3, "Pa": 1e3, "bar": 1e-2}


class GaugeBench(SimulatedBench):
    """The bench; a verification of six gauges at eleven set-points and back takes half an hour."""

    name = "gauge_bench"
    bench_file = Path(__file__).with_name("bench.yaml")

    def __init__(
        self,
        clock: Clock,
        *,
        seed: int,
        uuts: Sequence[SimulatedUut],
        expose: Exposure = "process",
    ) -> None:
        super().__init__(clock, seed=seed, uuts=uuts, expose=expose)
        self.gauges = {gauge.unit.position: gauge for gauge in gauges(seed, self.uuts)}
        self.asked = Driven(0.0, TAU, TRIM)
        self.control, self.tapper = Switched(), Switched()
        self._ripple = Ripple(seed, "manifold", rms=RIPPLE, periods=(4.0, 25.0))
        self._noise = Noise(seed, "reference")
        room = Noise(seed, "room")
        self._room = room.uniform("temperature", 19.0, 22.0), room.uniform("humidity", 40.0, 60.0)

    @classmethod
    def default_uuts(cls, seed: int) -> list[dict[str, str]]:
        """Return six gauges of one kind."""
        return [
            {"serial": f"P{seed % 10**4:04d}-{n}", "position": str(n)}
            for n in range(1, POSITIONS + 1)
        ]

    # what happens ---------------------------------------------------------------------------

    def pressure(self, t: float) -> float:
        """Return the pressure in the manifold in kPa."""
        there = self.asked.at(t)
        return there + (self._ripple.at(t) if self.control.at(t) else 0.0)

    def shown(self, position: int, t: float) -> float:
        """Return what a dial shows in kPa, read to a fifth of a division."""
        gauge = self.gauges[position]
        pressure = self.pressure(t)
        tapped = self.tapper.rose(t) > self.asked.since(t)
        share = 100.0 * pressure / gauge.span
        shift = gauge.shift(share, rising=self.asked.rising(t), tapped=tapped)
        shown = pressure + shift / 100.0 * gauge.span
        return round(shown / gauge.step) * gauge.step

    def buses(self) -> Mapping[str, Bus]:
        """Return the wires of the bench."""
        return {
            "sim.controller": ScpiBus(Wire(turnaround=0.002), controller(self)),
            "sim.reference": TextBus(
                Wire(9600, turnaround=0.01), _Reference(self), end=b"\r", reply_end=b"\0"
            ),
            "sim.tapper": ModbusBus(
                Wire(9600, turnaround=0.003),
                {1: ModbusUnit(coils=[Coil(0, self.tapper.at, self.tapper.put), *_unused()])},
                medium="tcp",
            ),
            "sim.camera": ModbusBus(
                Wire(turnaround=0.005),
                {1: ModbusUnit(inputs=[self._dial(n) for n in range(1, 9)])},
                medium="tcp",
                rtu=False,
            ),
            "sim.sensors": ModbusBus(
                Wire(9600, turnaround=0.005),
                {
                    1: ModbusUnit(
                        inputs=[
                            Cell(1, "i16", lambda _: self._room[0], scale=0.1),
                            Cell(2, "i16", lambda _: self._room[1], scale=0.1),
                        ]
                    )
                },
            ),
        }

    def _dial(self, position: int) -> Cell:
        def seen(t: float) -> float:
            return self.shown(position, t) if position in self.gauges else float("nan")

        return Cell(2 * (position - 1), "f32", seen)

    def answer_line(self, line: str, t: float) -> str | None:
        """Return what the reference gauge answers: an ADT681 at address 3, in kPa."""
        address, kind, item, *_ = [*line.split(":"), "", ""]
        if not address.isdigit() or int(address) not in (ADDRESS, 255):
            return None
        if (kind, item) != ("R", "MRMD"):
            return f"{ADDRESS:03d}:E:{item}:1018"
        shown = self.pressure(t) + self._noise.gauss(t, NOISE)
        return f"{ADDRESS:03d}:F:MRMD:{shown:.3f}:kPa"

    # what is true ---------------------------------------------------------------------------

    def truth(
        self, serial: str, item: str, quantity: str, point: Mapping[str, float]
    ) -> float | bool:
        """Return the error in % of the scale at a point, or whether an item must pass."""
        gauge = self._gauge(serial)
        if quantity == "error":
            share = 1e5 * point["pressure"] / gauge.span
            falling = bool(point["falling"])
            still = falling and share > 99.0  # tapped there before, and not moved since
            tapped = bool(point["tapped"]) or still
            return gauge.shift(share, rising=not falling, tapped=tapped)
        if item == "hysteresis":
            return gauge.kind != "hysteresis"
        return item != "tapping" or gauge.kind != "sticking"

    def _gauge(self, serial: str) -> Gauge:
        return self.gauges[self.uut(serial).position]

    def indication(self, prompt: Prompt) -> float | str | None:
        """Return what a person reads off the dial at the prompt's position."""
        if prompt.kind != "number" or prompt.unit not in _UNITS or not prompt.position:
            return None
        t = self.clock.now() + self.answer_after
        return round(self.shown(prompt.position, t) * _UNITS[prompt.unit], 9)

    def state(self) -> dict[str, Any]:
        """Return the pressure in kPa, what it is driven to, and what is switched on."""
        t = self.clock.now()
        return {
            "t": t,
            "pressure": self.pressure(t),
            "asked": self.asked.target(t),
            "control": self.control.at(t),
            "tapping": self.tapper.at(t),
        }


class _Reference:
    """The reference gauge on its line."""

    def __init__(self, bench: GaugeBench) -> None:
        self._bench = bench

    def answer(self, line: str, t: float) -> str | None:
        """Return a frame with a value or an error."""
        return self._bench.answer_line(line, t)


def _unused() -> list[Coil]:
    """Return the other relays of the module."""
    held = [Switched() for _ in range(15)]
    return [Coil(n, relay.at, relay.put) for n, relay in enumerate(held, 1)]
