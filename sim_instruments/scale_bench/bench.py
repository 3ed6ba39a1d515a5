"""Six stations for scales, and a person who puts weights on them and reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchctl.core.clock import Clock
from benchctl.core.ports import Prompt
from benchctl.simulation import (
    Bus,
    Cell,
    Exposure,
    ModbusBus,
    ModbusUnit,
    Noise,
    SimulatedBench,
    SimulatedUut,
    Standards,
    Wire,
)

from .scales import Scale, scales

POSITIONS = 6
DISCRIMINATION = 1.4
"""Scale intervals that are added for the test of discrimination."""


class ScaleBench(SimulatedBench):
    """The bench; a verification of six scales takes a person about two hours."""

    name = "scale_bench"
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
        self.scales = {scale.unit.serial: scale for scale in scales(seed, self.uuts)}
        self.at: dict[str, Mapping[str, Any]] = {}
        luck = Noise(seed, "bench")
        self._weights = Standards.beside(self.bench_file, seed).constant("weight_factor")
        self._luck = Noise(seed, "loading")
        self._room = luck.uniform("temperature", 19.0, 24.0), luck.uniform("humidity", 40.0, 60.0)

    @classmethod
    def default_uuts(cls, seed: int) -> list[dict[str, str]]:
        """Return six scales of one kind."""
        return [
            {"serial": f"SC{seed % 10**4:04d}-{n}", "position": str(n)}
            for n in range(1, POSITIONS + 1)
        ]

    def buses(self) -> Mapping[str, Bus]:
        """Return the only wire of the bench: that of the room's sensor."""
        warm, damp = self._room
        cells = [
            Cell(1, "i16", lambda _: warm, scale=0.1),
            Cell(2, "i16", lambda _: damp, scale=0.1),
        ]
        wire = Wire(9600, turnaround=0.005)
        return {"sim.sensors": ModbusBus(wire, {1: ModbusUnit(inputs=cells)})}

    # what happens ---------------------------------------------------------------------------

    def by_hand(self, serials: Sequence[str], point: Mapping[str, Any]) -> bool:
        """Put the weights of a point on, and tare before where it has a tare load."""
        for serial in serials:
            self.at[serial] = point
        return True

    def pressed(self, scale: Scale, point: Mapping[str, Any]) -> float:
        """Return what presses on the cell of a scale at a point, in g of its scale, net of tare."""
        tare = float(point.get("tare", 0.0))
        load = float(point["load"]) * self._weights
        place = str(point.get("place", "centre"))
        falling = point.get("direction") == "falling"
        gross = scale.cell(load + tare, place, falling=falling)
        chance = self._luck.gauss(f"{scale.unit.serial} {point['name']}", scale.scatter)
        return gross - (scale.cell(tare) if tare else 0.0) + scale.zero + chance

    def indication(self, prompt: Prompt) -> float | str | None:
        """Return what a person reads off a scale, or adds to it."""
        about = prompt.about or {}
        scale = self.scales.get(prompt.uut)
        if scale is None or "role" not in about:
            return None
        point = about["point"]
        pressed = self.pressed(scale, point)
        shown = scale.shown(pressed)
        if about["role"] == "indication":
            return shown
        if about["role"] == "indication_after":
            just = shown - 0.45 * scale.e  # by small weights it is brought where it just shows that
            return scale.shown_after(shown, just + DISCRIMINATION * scale.e)
        if about["role"] == "price_shown":
            return scale.price(shown, float(point["price"]))
        steps = (n for n in range(1, 31) if scale.shown(pressed + 0.1 * n * scale.e) > shown)
        return round(0.1 * next(steps) * scale.e, 6)

    # what is true ---------------------------------------------------------------------------

    def truth(
        self, serial: str, item: str, quantity: str, point: Mapping[str, Any]
    ) -> float | bool:
        """Return the error in g at a point, what a step makes, or whether an item must pass."""
        del item
        scale = self.scales[serial]
        if quantity == "step":
            return scale.e if scale.kind != "sluggish" else 0.0
        if quantity == "price_error":
            shown = scale.shown(self.pressed(scale, point))
            price = float(point["price"])
            return scale.price(shown, price) - shown / 1000.0 * price
        if not point:
            return True
        tare = float(point.get("tare", 0.0))
        falling = point.get("direction") == "falling"
        place = str(point.get("place", "centre"))
        error = scale.error(float(point["load"]), place, falling=falling, tare=tare)
        return error + scale.zero if quantity == "zero_error" else error - self._carried(scale)

    def _carried(self, scale: Scale) -> float:
        """Return what of the error at ten scale intervals is no zero: it is taken off."""
        return scale.error(10.0 * scale.e, "centre")

    def state(self) -> dict[str, Any]:
        """Return what stands on each scale."""
        return {"loads": {serial: dict(point) for serial, point in self.at.items()}}
