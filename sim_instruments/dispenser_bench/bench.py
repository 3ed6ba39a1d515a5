"""A dispenser with a standard measure of 20 L: a person fills it, reads display and neck.

Two probes of a readout tell the temperature of the fuel at the nozzle and in the measure; foam lies
on the fuel for a while, and the measure brings the fuel towards the temperature of the air.
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
    Call,
    Cell,
    Exposure,
    Manners,
    ModbusBus,
    ModbusUnit,
    Noise,
    ScpiBus,
    ScpiInstrument,
    SimulatedBench,
    SimulatedUut,
    Standards,
    Wire,
)

from .nozzles import nozzles

NOZZLES = 6
MARK = 70.0
"""Where the mark of the measure stands, in mm."""
STEEL = 50e-6
"""Cubic expansion of the measure in 1/K."""
WARMING = 1500.0
"""Time constant in s with which what is in the measure comes to the temperature of the air."""
FOAM, FOAM_TAU = 6.0, 9.0
"""Height in mm of the foam after a fill, and the time constant in s with which it goes."""
DRAINED = 0.4
"""Standard deviation in mm of what sticks to the wall from fill to fill."""
PROBE_NOISE = 0.004
"""Standard deviation of a reading of a probe in K."""


class DispenserBench(SimulatedBench):
    """The bench; six nozzles at two flows, three times each, take it about an hour and a half."""

    name = "dispenser_bench"
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
        self.nozzles = {nozzle.unit.serial: nozzle for nozzle in nozzles(seed, self.uuts)}
        self._luck = Noise(seed, "fills")
        self.air = self._luck.uniform("air", 16.0, 26.0)
        self.fuel = self._luck.uniform("fuel", 13.0, 19.0)
        self.standards = Standards.beside(self.bench_file, seed)
        self._fills: dict[tuple[str, str], int] = {}
        self._filled: dict[str, float] = {}
        self._since = -math.inf

    @classmethod
    def default_uuts(cls, seed: int) -> list[dict[str, str]]:
        """Return six nozzles, the last two of diesel."""
        return [
            {
                "serial": f"N{seed % 10**4:04d}-{n}",
                "position": str(n),
                "fuel": "gasoline" if n < NOZZLES - 1 else "diesel",
            }
            for n in range(1, NOZZLES + 1)
        ]

    # what happens ---------------------------------------------------------------------------

    def in_measure(self, t: float) -> float:
        """Return the temperature of what is in the measure in °C: the wall had that of the air."""
        begin = self.fuel + 0.06 * (self.air - self.fuel)
        passed = max(0.0, t - self._since)
        return self.air + (begin - self.air) * math.exp(-passed / WARMING)

    def by_hand(self, serials: Sequence[str], point: Mapping[str, Any]) -> bool:
        """Fill the measure once from a nozzle, to about what the point says."""
        (serial,) = serials
        nozzle, now = self.nozzles[serial], self.clock.now()
        key = (serial, f"{point['name']} {nozzle.adjusted}")
        n = self._fills[key] = self._fills.get(key, 0) + 1
        step = nozzle.unit.parameters["display_step"]
        stopped = point["volume"] + self._luck.uniform(f"{key} {n}", -0.04, 0.06)
        shown = round(stopped / step) * step
        error = nozzle.run(point.get("flow", nozzle.unit.parameters["highest_flow"]), n)
        delivered = stopped / (1.0 + error / 100.0)  # at the meter, at the temperature of the fuel
        self._since = now + self.answer_after
        self._filled = {
            "shown": shown,
            "delivered": delivered,
            "expansion": nozzle.unit.parameters["fuel_expansion"],
            "drained": self._luck.gauss(now, DRAINED),
            "amount": shown * nozzle.unit.parameters["unit_price"] * (1.0 + nozzle.price_off),
        }
        return True

    def neck(self, t: float) -> float:
        """Return where the level stands at the neck in mm, with foam on it."""
        felt = self.in_measure(t)
        volume = self._filled["delivered"] * (1.0 + self._filled["expansion"] * (felt - self.fuel))
        at_20 = volume / (1.0 + STEEL * (felt - 20.0))
        foam = FOAM * math.exp(-max(0.0, t - self._since) / FOAM_TAU)
        above = at_20 - self.standards.constant("measure_volume")
        height = above / self.standards.constant("neck_area")
        return MARK + height + self._filled["drained"] + foam

    def indication(self, prompt: Prompt) -> float | None:
        """Return what a person reads: the display, the amount, the neck to half a millimetre."""
        role = (prompt.about or {}).get("role")
        if role == "display_volume":
            return round(self._filled["shown"], 4)
        if role == "display_amount":
            return round(self._filled["amount"], 2)
        if role == "neck_mark":
            seen = self.neck(self.clock.now() + self.answer_after)
            return round(2.0 * seen) / 2.0
        return None

    def adjust(self, position: int) -> bool:
        """Adjust the measuring unit of a nozzle."""
        for nozzle in self.nozzles.values():
            if nozzle.unit.position == position:
                nozzle.adjust()
        return True

    def buses(self) -> Mapping[str, Bus]:
        """Return the wires of the bench."""
        return {
            "sim.thermometers": ScpiBus(Wire(turnaround=0.01), self._readout()),
            "sim.sensors": ModbusBus(
                Wire(9600, turnaround=0.005),
                {
                    1: ModbusUnit(
                        inputs=[
                            Cell(1, "i16", lambda _: self.air, scale=0.1),
                            Cell(2, "i16", lambda _: 55.0, scale=0.1),
                        ]
                    )
                },
            ),
        }

    def _readout(self) -> ScpiInstrument:
        def fetch(call: Call) -> str:
            channel = int(call.number())
            true = self.fuel if channel == 1 else self.in_measure(call.t)
            noise = self._luck.gauss(call.t + channel * 1e-6, PROBE_NOISE)
            name = f"thermometers.temperature_{channel}"
            return f"{self.standards.shown(name, true, '°C') + noise:.4f}"

        return ScpiInstrument(
            "FLUKE,1524,2187034,1.11",
            {"FETCh?": fetch, "UNIT:TEMPerature?": lambda _: "C"},
            manners=Manners(no_error='0,"No error"', compound=False),
        )

    # what is true ---------------------------------------------------------------------------

    def truth(
        self, serial: str, item: str, quantity: str, point: Mapping[str, float]
    ) -> float | bool:
        """Return the error in % at a point, or whether an item must pass."""
        nozzle = self.nozzles[serial]
        if quantity == "error":
            return nozzle.at(point["flow"])
        if quantity == "difference":
            return nozzle.price_off * nozzle.unit.parameters["unit_price"] * point["volume"]
        if item == "repeatability":
            return nozzle.kind != "unsteady"
        return True

    def state(self) -> dict[str, Any]:
        """Return what the plant does now."""
        return {
            "air": self.air,
            "fuel": self.fuel,
            "in_measure": self.in_measure(self.clock.now()),
            "filled": dict(self._filled),
        }
