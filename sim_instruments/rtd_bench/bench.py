"""A bath for twenty resistance thermometers: bath, reference thermometer, multimeter, scanner.

A Fluke 7341 goes from temperature to temperature in about twenty minutes; a 1529 with a standard
thermometer tells its temperature; a 34465A measures one sensor after the other by four wires, which
the relays of two modules select.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchctl.core.clock import Clock
from benchctl.simulation import (
    Bus,
    Call,
    Cell,
    Coil,
    Driven,
    Exposure,
    Manners,
    ModbusBus,
    ModbusUnit,
    Noise,
    Ripple,
    ScpiBus,
    ScpiInstrument,
    SimulatedBench,
    SimulatedUut,
    Switched,
    TextBus,
    Timed,
    Wire,
)

from .platinum import PROBE_TAU, Sensor, sensors

POSITIONS = 20
ROOM = 22.0
TAU, TRIM_TAU, TRIM = 240.0, 60.0, 1.0
"""Time constants of the bath in s, of a step and of a correction by no more than `TRIM` K."""
OFF = 0.06
"""K by which the bath is beside what its own thermometer says."""
RIPPLE, REFERENCE_NOISE, OHM_NOISE = 0.003, 0.001, 0.0004
"""Standard deviations: of the bath in K, of a reading of the reference in K, of a sensor in Ω."""
SETTLING = 0.08
"""Seconds that the input of the multimeter takes once a relay has switched."""
INTEGRATION = 0.4
OPEN = "+9.90000000E+37"


class RtdBench(SimulatedBench):
    """The bench; twenty sensors at two temperatures take it about two hours."""

    name = "rtd_bench"
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
        self.sensors = {sensor.unit.position: sensor for sensor in sensors(seed, self.uuts)}
        self._asked = Driven(ROOM, TAU, TRIM)
        self._setpoint = ROOM
        self._relays = [Switched() for _ in range(32)]
        self._ripple = Ripple(seed, "bath", rms=RIPPLE, periods=(40.0, 300.0))
        self._noise = Noise(seed, "readings")
        room = Noise(seed, "room")
        self._room = room.uniform("temperature", 20.0, 23.0), room.uniform("humidity", 40.0, 60.0)

    @classmethod
    def default_uuts(cls, seed: int) -> list[dict[str, str]]:
        """Return twenty sensors."""
        return [
            {"serial": f"RT{seed % 10**4:04d}{n:02d}", "position": str(n)}
            for n in range(1, POSITIONS + 1)
        ]

    # what happens ---------------------------------------------------------------------------

    def temperature(self, t: float) -> float:
        """Return the temperature of the bath in °C."""
        return self._asked.at(t) + OFF + self._ripple.at(t)

    def resistance(self, t: float) -> float | None:
        """Return what the multimeter sees, in Ω; None where not just one sensor is connected."""
        on = [n for n, relay in enumerate(self._relays, 1) if relay.at(t)]
        if len(on) != 1 or on[0] not in self.sensors:
            return None
        felt = self.temperature(t - PROBE_TAU)
        settled = 1.0 - math.exp(-(t - self._relays[on[0] - 1].rose(t)) / SETTLING)
        noise = self._noise.gauss(t + on[0] * 1e-6, OHM_NOISE)
        return settled * self.sensors[on[0]].resistance(felt) + noise

    def line(self, line: str, t: float) -> str | None:
        """Return what the bath answers to a line."""
        if line.startswith("s="):
            near = abs(float(line[2:]) - self._setpoint) <= TRIM
            self._setpoint = float(line[2:])
            self._asked.drive(t, self._setpoint, TRIM_TAU if near else TAU)
            return None
        heater = 50.0 + 2.0 * (self._setpoint - self._asked.at(t))
        return {
            "*ver": "ver.7341,1.10",
            "t": f"t: {self._asked.at(t):7.2f} C",
            "s": f"set: {self._setpoint:7.2f} C",
            "po": f"po: {min(100.0, max(0.0, heater)):.0f}",
            "c": "cu: 160 C, in",
        }.get(line)

    def _readout(self) -> ScpiInstrument:
        def fetch(call: Call) -> str:
            shown = self.temperature(call.t) + self._noise.gauss(call.t, REFERENCE_NOISE)
            return f"{shown:.4f}"

        return ScpiInstrument(
            "HART,1529,A12345,1.10",
            {"FETCh?": fetch, "UNIT:TEMPerature?": lambda _: "C"},
            manners=Manners(no_error='0,"No error"', compound=False),
        )

    def _multimeter(self) -> ScpiInstrument:
        def read(call: Call) -> Timed:
            seen = self.resistance(call.t + INTEGRATION / 2)
            return Timed(OPEN if seen is None else f"{seen:+.8E}", INTEGRATION)

        return ScpiInstrument(
            "Keysight Technologies,34465A,MY54500001,A.03.01-03.15-03.01-00.52-03-02",
            {
                "[SENSe:]FUNCtion[:ON]": lambda _: None,
                "[SENSe:]VOLTage[:DC]:RANGe[:UPPer]": lambda _: None,
                "[SENSe:]VOLTage[:DC]:RANGe[:UPPer]?": lambda _: "+1.00000000E+03",
                "READ?": read,
            },
        )

    def buses(self) -> Mapping[str, Bus]:
        """Return the wires of the bench."""

        def module(first: int) -> ModbusUnit:
            relays = self._relays[first : first + 16]
            return ModbusUnit(coils=[Coil(n, r.at, r.put) for n, r in enumerate(relays)])

        return {
            "sim.bath": TextBus(
                Wire(9600, turnaround=0.02), _Bath(self), end=b"\r", reply_end=b"\r\n"
            ),
            "sim.readout": ScpiBus(Wire(9600), self._readout()),
            "sim.multimeter": ScpiBus(Wire(turnaround=0.001), self._multimeter()),
            "sim.relays": ModbusBus(
                Wire(9600, turnaround=0.003), {1: module(0), 2: module(16)}, medium="tcp"
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

    # what is true ---------------------------------------------------------------------------

    def truth(
        self, serial: str, item: str, quantity: str, point: Mapping[str, float]
    ) -> float | bool:
        """Return a sensor's error in K at a point, or whether an item must pass."""
        del item
        sensor: Sensor = self.sensors[self.uut(serial).position]
        return sensor.error(point["temperature"]) if quantity == "error" else True

    def state(self) -> dict[str, Any]:
        """Return the temperature of the bath in °C, its set-point, the sensors selected."""
        t = self.clock.now()
        return {
            "t": t,
            "temperature": self.temperature(t),
            "setpoint": self._setpoint,
            "selected": [n for n, relay in enumerate(self._relays, 1) if relay.at(t)],
        }


class _Bath:
    """The bath on its line."""

    def __init__(self, bench: RtdBench) -> None:
        self._bench = bench

    def answer(self, line: str, t: float) -> str | None:
        """Return what it says."""
        return self._bench.line(line, t)
