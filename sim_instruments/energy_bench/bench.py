"""A bench for 48 energy meters: source, reference meter, pulse comparator, one DL/T 645 line.

All positions hang on one source and one reference: a three-phase source up to 3 × 300 V, 120 A, an
RMM3006 that gives 10⁸ pulses per kWh, a comparator that latches them at the pulses of each meter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchctl.core.clock import Clock
from benchctl.simulation import (
    Bus,
    Exposure,
    ModbusBus,
    SimulatedBench,
    SimulatedUut,
    Standards,
    TextBus,
    Wire,
    dlt645_line,
)

from . import instruments
from .load import PHASES, Load
from .meters import ADJUSTED
from .plant import Plant

OF_A_METER = ("dead_meter", "stuck_meter", "restless_meter")
"""Faults that one meter has: it does nothing and does not answer, gives no pulses, gives them at no
regular instants.
"""
DEFAULT = 12
"""Meters that the bench brings itself; it has places for four times as many."""


class EnergyBench(SimulatedBench):
    """The bench; all tests of a batch take it some hours, however many meters there are."""

    name = "energy_bench"
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
        self.plant = Plant(seed, self.uuts, Standards.beside(self.bench_file, seed))

    @classmethod
    def default_uuts(cls, seed: int) -> list[dict[str, str]]:
        """Return twelve meters with numbers of 12 digits, as DL/T 645 addresses them."""
        return [
            {"serial": f"26{seed % 10**6:06d}{n:04d}", "position": str(n)}
            for n in range(1, DEFAULT + 1)
        ]

    def buses(self) -> Mapping[str, Bus]:
        """Return the wires of the bench."""
        plant, network = self.plant, Wire(turnaround=0.002)
        return {
            "sim.source": ModbusBus(
                network, {1: instruments.source(plant)}, medium="tcp", rtu=False
            ),
            "sim.comparator": ModbusBus(
                network, {1: instruments.comparator(plant)}, medium="tcp", rtu=False
            ),
            "sim.reference": TextBus(
                Wire(9600, turnaround=0.01), instruments.reference(plant, self.seed), end=b"\r"
            ),
            "sim.sensors": ModbusBus(Wire(9600, turnaround=0.005), {1: instruments.room(plant)}),
            "sim.meters": dlt645_line(
                Wire(2400, bits=11, turnaround=0.03),
                [instruments.on_the_line(plant, meter) for meter in plant.meters],
            ),
        }

    # what is true ---------------------------------------------------------------------------

    def truth(
        self, serial: str, item: str, quantity: str, point: Mapping[str, float]
    ) -> float | bool:
        """Return what a meter truly does at a point; everything that is looked at is in order.

        A point is the current in A, the angle in degrees, the measuring element (0: all), the time
        in s. `error` and `register` are in %, `clock` in s/d, `start` is the time from pulse to
        pulse in s, `creep` the pulses in a time, of which no more than one too many is counted.
        """
        del item
        position = self.uut(serial).position
        meter = next(m for m in self.plant.meters if m.unit.position == position)
        state = self.plant.state(self.clock.now())
        left = ADJUSTED if position in state.adjusted else 1.0
        load = Load(on=True).together(
            wiring=int(meter.unit.parameters["phases"]),
            voltage=meter.unit.parameters["Un"],
            current=point.get("current", 0.0),
            phase=point.get("angle", 0.0),
            element=int(point.get("element", 0.0)),
        )
        match quantity:
            case "error":
                return -100.0 if position in state.dead | state.stuck else left * meter.shown(load)
            case "register":
                return left * meter.shown(load) + meter.register
            case "clock":
                return meter.clock
            case "creep":
                return min(2.0, meter.creep * meter.per_joule * point["time"])
            case "start":
                watts = sum(load.watts(n) for n in PHASES)
                registered = watts * meter.gain(load, left)
                return 1.0 / (registered * meter.per_joule) if registered else math.inf
        return True

    def adjust(self, position: int) -> bool:
        """Adjust the meter at a position: a tenth of its errors is left."""
        self.plant.change(self.clock.now(), lambda s: replace(s, adjusted=s.adjusted | {position}))
        return True

    def state(self) -> dict[str, Any]:
        """Return the load, the power in W, what has passed in kWh, and who is dead."""
        t = self.clock.now()
        state = self.plant.state(t)
        return {
            "t": t,
            "on": state.load.on,
            "voltages": list(state.load.voltages),
            "currents": list(state.load.currents),
            "angles": list(state.load.angles),
            "power": self.plant.power(t),
            "energy": self.plant.energy(t) / 3.6e6,
            "faults": {
                name: sorted(ill)
                for name, ill in zip(
                    OF_A_METER, (state.dead, state.stuck, state.restless), strict=True
                )
                if ill
            },
        }

    # what can go wrong ----------------------------------------------------------------------

    def faults(self) -> Mapping[str, Callable[..., None]]:
        """Return the faults of this bench."""
        return dict(zip(OF_A_METER, (self._dead, self._stuck, self._restless), strict=True))

    def _dead(self, on: bool, *, position: int) -> None:
        """A meter gives no pulses and does not answer."""
        ill = self._ill(position)
        self.plant.change(
            self.clock.now(), lambda s: replace(s, dead=s.dead | ill if on else s.dead - ill)
        )

    def _stuck(self, on: bool, *, position: int) -> None:
        """A meter gives no pulses."""
        ill = self._ill(position)
        self.plant.change(
            self.clock.now(), lambda s: replace(s, stuck=s.stuck | ill if on else s.stuck - ill)
        )

    def _restless(self, on: bool, *, position: int) -> None:
        """A meter gives its pulses at no regular instants: its readings differ."""
        ill = self._ill(position)
        self.plant.change(
            self.clock.now(),
            lambda s: replace(s, restless=s.restless | ill if on else s.restless - ill),
        )

    def _ill(self, position: int) -> frozenset[int]:
        if int(position) not in {meter.unit.position for meter in self.plant.meters}:
            raise ValueError(f"position {position}")
        return frozenset({int(position)})
