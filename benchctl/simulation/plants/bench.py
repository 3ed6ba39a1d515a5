"""A simulated bench that was declared: a plant file beside a bench file, and no program."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from benchctl.core.clock import Clock
from benchctl.core.ports import Prompt
from benchctl.core.units import Unit, UnitError, converter, same_dimension, unit
from benchctl.simulation.bench import SimulatedBench
from benchctl.simulation.buses import Bus, Exposure
from benchctl.simulation.noise import Noise
from benchctl.simulation.plants.blocks import BENCH, PulsesBlock
from benchctl.simulation.plants.plant import Plant, Show
from benchctl.simulation.plants.truth import Truth
from benchctl.simulation.plants.wiring import Watch, buses_of
from benchctl.simulation.plants.world import World
from benchctl.simulation.uuts import SimulatedUut

RELIEF = 4.0
"""Seconds for which the line is open when a person takes the pressure off it."""
_FIELD = re.compile(r"\{(seed|position)(?::0(\d))?\}")


class DeclaredBench(SimulatedBench):
    """A bench of a plant; made by `declared`."""

    plant: ClassVar[Plant]

    def __init__(
        self,
        clock: Clock,
        *,
        seed: int,
        uuts: Sequence[SimulatedUut],
        expose: Exposure = "process",
    ) -> None:
        super().__init__(clock, seed=seed, uuts=uuts, expose=expose)
        self.instruments = self.plant.instruments.made()
        settings = {
            f"{name}.{channel}": value
            for name, instrument in self.instruments.items()
            for channel, value in instrument.shows().items()
        }
        self.world = World(self.plant, seed, self.uuts, settings)
        self._set = dict(settings)
        self._feed()

    @classmethod
    def default_uuts(cls, seed: int) -> list[dict[str, str]]:
        """Return the bench's own units."""
        units = cls.plant.units
        return [
            {"serial": _serial(units.serial, seed, n), "position": str(n), **units.columns}
            for n in range(1, units.count + 1)
        ]

    # wires ----------------------------------------------------------------------------------

    def _feed(self) -> None:
        """Let every channel that the plant names show what happens in it."""
        for show in self.plant.shows:
            name, _, channel = show.channel.partition(".")
            instrument = self.instruments[name]
            assert instrument.inputs is not None
            instrument.inputs.feed(channel, self._source(show, instrument.units.get(channel)))

    def _source(self, show: Show, symbol: str | None) -> Callable[[float], Any]:
        world, block = self.world, self.plant.block(show.quantity)
        factor, offset = _conversion(block.unit, symbol)
        noise = Noise(self.seed, f"shows/{show.channel}")
        counts = isinstance(block, PulsesBlock)
        index = world.index(show.position) if show.position else BENCH

        def source(t: float) -> Any:
            if show.select:
                value = self._selected(show, t)
            elif index is None:
                return show.empty
            else:
                value = world.value(show.quantity, t, index)
            if isinstance(value, bool | str) or value is None:
                return show.open if value is None else value
            if show.noise:
                value += noise.gauss(t, show.noise)
            shown = self.world.standards.shown(show.channel, value * factor + offset, symbol)
            return math.floor(shown) if counts else shown

        return source

    def _selected(self, show: Show, t: float) -> float | None:
        """Return the quantity of the unit whose switch alone is on; None where there is none."""
        segment = self.world.segment(t)
        on = [n for n, name in enumerate(show.select, 1) if segment.inputs[name]]
        index = self.world.index(on[0]) if len(on) == 1 else None
        if index is None:
            return None
        value: float = self.world.value(show.quantity, t, index)
        if show.settling:
            since = t - segment.rose.get(show.select[on[0] - 1], -math.inf)
            value *= 1.0 - math.exp(-since / show.settling)
        return value

    def buses(self) -> Mapping[str, Bus]:
        """Return the wires of the bench file, with the simulators of its drivers on them."""
        return buses_of(self.plant.instruments.entries, self.instruments, self._watched)

    def _watched(self, name: str) -> tuple[Watch, Watch]:
        return partial(self._before, name), partial(self._after, name)

    def _before(self, name: str, t: float) -> None:
        inputs = self.instruments[name].inputs
        if inputs is not None:
            inputs.t = t

    def _after(self, name: str, t: float) -> None:
        """Note what was set, from this instant on."""
        wanted = self.plant.observed.get(name, ())
        if not wanted:
            return
        shown = self.instruments[name].shows()
        for channel in wanted:
            full = f"{name}.{channel}"
            if shown[channel] != self._set[full]:
                self._set[full] = shown[channel]
                self.world.put(t, full, shown[channel])

    # what is true ---------------------------------------------------------------------------

    def truth(
        self, serial: str, item: str, quantity: str, point: Mapping[str, float]
    ) -> float | bool:
        """Return what the plant file says: of the item, else of the quantity, else that it is good.

        Raises:
            KeyError: there is no such unit.
        """
        position = self.uut(serial).position
        index = self.world.index(position)
        assert index is not None
        formula = self.plant.truth.get(item) or self.plant.truth.get(quantity)
        if formula is None:
            return True
        found = Truth(self.world, self.clock.now(), index, point).evaluate(formula)
        return found if isinstance(found, bool) else float(found)

    def state(self) -> dict[str, Any]:
        """Return the quantities of the bench, and what its instruments are set to."""
        view = self.world.view(self.clock.now())
        return {
            "t": view.t,
            **{name: view[name] for name in self.plant.quantities},
            "set": {name: value for name, value in self._set.items() if name in self._observed()},
            "mounted": [p for p in self._positions() if view.segment.inputs[f"mounted@{p}"]],
            "faults": {
                name.removeprefix("fault."): value
                for name, value in view.segment.inputs.items()
                if name.startswith("fault.") and value
            },
        }

    def _observed(self) -> set[str]:
        return {f"{n}.{c}" for n, channels in self.plant.observed.items() for c in channels}

    def _positions(self) -> list[int]:
        return [u.position for u in self.uuts]

    # what is done by hand -------------------------------------------------------------------

    def _put(self, name: str, value: Any) -> None:
        self.world.put(self.clock.now(), name, value)

    def mount(self, positions: Sequence[int]) -> None:
        """Put the units of these positions, and no others, into the line."""
        for position in self._positions():
            self._put(f"mounted@{position}", position in positions)

    def spool(self, positions: Sequence[int]) -> None:
        """Take the units of these positions out of the line."""
        for position in positions:
            self._put(f"mounted@{position}", False)

    def in_line(self) -> list[str]:
        """Return the serial numbers of the units that are in the line."""
        inputs = self.world.segment(self.clock.now()).inputs
        return [u.serial for u in self.uuts if inputs[f"mounted@{u.position}"]]

    def adjust(self, position: int) -> bool:
        """Adjust a unit, if the plant file says what that makes of it."""
        adjustable = any(
            "adjusted" in formula.names
            for block in self.plant.each.values()
            for formula in block.formulas()
        )
        if adjustable:
            self._put(f"adjusted@{position}", True)
        return adjustable

    def depressurise(self) -> None:
        """Open the line for a moment: `relieved` is on."""
        t = self.clock.now()
        self.world.put(t, "relieved", True)
        self.world.put(t + RELIEF, "relieved", False)

    def at_gate(self, check: str, on: bool) -> None:
        """Do by hand what a check of the gate asks for."""
        self._put(f"gate.{check}", on)

    def by_hand(self, serials: Sequence[str], point: Mapping[str, Any]) -> bool:
        """Bring about what a point asks for: the quantities that `hand` of the plant file has."""
        del serials
        for name in self.plant.hand:
            if name in point:
                self._put(f"hand.{name}", point[name])
        return True

    def indication(self, prompt: Prompt) -> float | str | None:
        """Return what a person reads: of the role or channel asked for, else in a fitting unit."""
        if prompt.kind not in ("number", "text"):
            return None
        about = prompt.about or {}
        names = [str(about.get("role", "")), str(about.get("channel", ""))]
        read = next((self.plant.reads[n] for n in names if n in self.plant.reads), None)
        if read is None:
            fitting = (r for r in self.plant.reads.values() if _fits(r[1], prompt.unit))
            read = next(fitting, None)
        if read is None:
            return None
        index = self.world.index(prompt.position) if prompt.position else BENCH
        if index is None:
            return None
        value = self.world.value(read[0], self.clock.now() + self.answer_after, index)
        if isinstance(value, str) or prompt.kind == "text":
            return str(value)
        factor, offset = _conversion(read[1], prompt.unit)
        return round(float(value) * factor + offset, 9)

    # what can go wrong ----------------------------------------------------------------------

    def faults(self) -> Mapping[str, Callable[..., None]]:
        """Return the faults of the plant file: `on`, for one of a unit `position`, and `value`."""
        return {
            name: self._of_a_unit(name, fault.value)
            if fault.each
            else self._of_the_bench(name, fault.value)
            for name, fault in self.plant.faults.items()
        }

    def _of_the_bench(self, name: str, usual: float) -> Callable[..., None]:
        def switch(on: bool, *, value: float = usual) -> None:
            self._put(f"fault.{name}", float(value) if on else 0.0)

        return switch

    def _of_a_unit(self, name: str, usual: float) -> Callable[..., None]:
        def switch(on: bool, *, position: int, value: float = usual) -> None:
            if int(position) not in self._positions():
                raise ValueError(f"position {position}")
            self._put(f"fault.{name}@{int(position)}", float(value) if on else 0.0)

        return switch


def declared(plant: Plant) -> type[DeclaredBench]:
    """Return the bench of a plant."""
    body = {
        "__doc__": plant.summary,
        "__module__": __name__,
        "name": plant.name,
        "bench_file": plant.path.with_name("bench.yaml"),
        "answer_after": plant.answer_after,
        "plant": plant,
    }
    return type("".join(w.title() for w in plant.name.split("_")), (DeclaredBench,), body)


def _serial(pattern: str, seed: int, position: int) -> str:
    def fill(match: re.Match[str]) -> str:
        number = {"seed": seed, "position": position}[match[1]]
        digits = int(match[2] or 0)
        return f"{number % 10**digits:0{digits}d}" if digits else str(number)

    return _FIELD.sub(fill, pattern)


def _conversion(of: Unit | None, symbol: str | None) -> tuple[float, float]:
    if of is None or not symbol:
        return 1.0, 0.0
    return converter(of, unit(symbol))


def _fits(of: Unit | None, symbol: str) -> bool:
    try:
        return of is not None and same_dimension(of, unit(symbol))
    except UnitError:
        return False
