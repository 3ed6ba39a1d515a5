"""A calibrator and one multimeter after the other: Fluke 5522A on RS-232, HP 34401A on GPIB.

What the calibrator sources reaches the input of the multimeter that is on the bench; in standby
nothing does. Every multimeter has errors of its own in every function and range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchctl.core.clock import Clock
from benchctl.simulation import (
    Bus,
    Cell,
    Exposure,
    ModbusBus,
    ModbusUnit,
    Noise,
    ScpiBus,
    SimulatedBench,
    SimulatedUut,
    Standards,
    Wire,
    find_simulator,
)

from .meter import NOISE, Meter, meters

OVERLOAD = 9.9e37
FULL = 1.2
"""Shares of a range that it shows; of the highest voltage range no more than the range."""
ZERO_RANGE = 1000.0
"""Ω; where two leads are measured that are taken off afterwards."""
FUNCTIONS = {
    "dc_voltage": ("VOLT:DC", "voltage"),
    "ac_voltage": ("VOLT:AC", "voltage"),
    "dc_current": ("CURR:DC", "current"),
    "ac_current": ("CURR:AC", "current"),
    "resistance_2w": ("RES", "resistance"),
    "resistance_4w": ("FRES", "resistance"),
}
"""By item, the function of the meter, and the quantity of the point."""


class DmmBench(SimulatedBench):
    """The bench; one multimeter takes it about half an hour."""

    name = "dmm_bench"
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
        self.meters = {meter.unit.position: meter for meter in meters(seed, self.uuts)}
        self._mounted = next(iter(self.meters), 0)
        self._noise = Noise(seed, "readings")
        self.standards = Standards.beside(self.bench_file, seed)
        room = Noise(seed, "room")
        self._room = room.uniform("temperature", 22.0, 24.0), room.uniform("humidity", 40.0, 60.0)
        calibrator, dmm = find_simulator("fluke_5522a"), find_simulator("hp_34401a")
        assert calibrator is not None
        assert dmm is not None
        self._calibrator = calibrator()
        self._dmm = dmm(senses=self._senses)

    @classmethod
    def default_uuts(cls, seed: int) -> list[dict[str, str]]:
        """Return three meters: a good one, a bad one, one at the limit."""
        return [{"serial": f"MY{seed % 10**4:04d}{n:02d}", "position": str(n)} for n in range(1, 4)]

    # what happens ---------------------------------------------------------------------------

    def mount(self, positions: Sequence[int]) -> None:
        """Connect the meter of a position."""
        self._mounted = positions[0] if positions else 0

    def in_line(self) -> list[str]:
        """Return the meter that is connected."""
        meter = self.meters.get(self._mounted)
        return [] if meter is None else [meter.unit.serial]

    def applied(self, function: str) -> float | None:
        """Return what the calibrator brings to the input in a function; None: an open input."""
        source = self._calibrator.shows()
        alternating = source["frequency"] > 0.0
        if function in ("RES", "FRES"):
            return self._given("resistance", "Ω") if source["operate"] else None
        if not source["operate"] or alternating != function.endswith(":AC"):
            return 0.0
        quantity, symbol = ("voltage", "V") if function.startswith("VOLT") else ("current", "A")
        return self._given(f"ac_{quantity}" if alternating else quantity, symbol)

    def _given(self, quantity: str, symbol: str) -> float:
        """Return what the calibrator truly gives of a quantity."""
        asked = float(self._calibrator.shows()[quantity])
        return self.standards.given(f"calibrator.{quantity}", asked, symbol)

    def _senses(self, function: str, at: float, t: float) -> float:
        """Return what the connected meter shows."""
        value, meter = self.applied(function), self.meters.get(self._mounted)
        if value is None or meter is None or abs(value) > FULL * at:
            return OVERLOAD
        error = meter.error(function, at, value)
        return value + error + self._noise.gauss(t, NOISE * at)

    def buses(self) -> Mapping[str, Bus]:
        """Return the wires of the bench."""
        dmm = self._dmm.bus
        assert isinstance(dmm, ScpiBus)
        room = [
            Cell(1, "i16", lambda _: self._room[0], scale=0.1),
            Cell(2, "i16", lambda _: self._room[1], scale=0.1),
        ]
        return {
            "sim.calibrator": self._calibrator.bus,
            "sim.dmm": ScpiBus(Wire(turnaround=0.001), dmm.instrument),
            "sim.sensors": ModbusBus(Wire(9600, turnaround=0.005), {1: ModbusUnit(inputs=room)}),
        }

    # what is true ---------------------------------------------------------------------------

    def truth(
        self, serial: str, item: str, quantity: str, point: Mapping[str, float]
    ) -> float | bool:
        """Return a meter's error at a point, or whether an item must pass."""
        if item not in FUNCTIONS or not quantity:
            return True
        function, field = FUNCTIONS[item]
        meter: Meter = self.meters[self.uut(serial).position]
        error = meter.error(function, point["range"], point[field])
        if item == "resistance_2w" and point[field] > 0.0:  # the leads were taken off
            error -= meter.error(function, ZERO_RANGE, 0.0)
        return error

    def state(self) -> dict[str, Any]:
        """Return what the calibrator does, and the meter that is connected."""
        return {"t": self.clock.now(), "meter": self._mounted, **self._calibrator.shows()}
