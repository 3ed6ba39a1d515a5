"""A Modbus device that holds what is written and shows what it is told to show.

device = modbus_memory(
holding={"setpoint": Held(100, "f32", 20.0, low=-40.0, high=180.0)},
inputs={"temperature": Held(1, "i16", 23.4, scale=0.1)},
coils={"running": Held(0, "bit", False)},
)
device.unit                        # for a ModbusBus
device["setpoint"]                 # 20.0, until a driver writes it
device["temperature"] = 25.0
device.shows()                     # everything by name: name it as the driver's channels
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchctl.simulation.feeding import Fed, Source
from benchctl.simulation.registers import Cell, Coil, ModbusUnit


@dataclass(frozen=True, slots=True)
class Held:
    """A value at `address`, as on the wire from 0.

    Args:
        address: First register, or the coil.
        kind: u16, i16, u32, i32, u64, i64, f32, f64, or "bit" for a coil or discrete input.
        value: What it holds at first, in the unit of the device's manual.
        scale: The register holds value / scale.
        order: How the bytes ABCD, most significant first, arrive: ABCD, CDAB, BADC or DCBA.
        low: Lowest value that the device takes; below it answers exception 3.
        high: Highest value that it takes.
        fixed: Whether it is refused to be written (exception 2), though a holding register or coil.
    """

    address: int
    kind: str
    value: Any
    scale: float = 1.0
    order: str = "ABCD"
    low: float = -float("inf")
    high: float = float("inf")
    fixed: bool = False


class ModbusMemory:
    """The values of one device, by name; made by `modbus_memory`."""

    unit: ModbusUnit
    """What hangs on the bus."""

    def __init__(
        self,
        holding: Mapping[str, Held | Cell],
        inputs: Mapping[str, Held | Cell],
        coils: Mapping[str, Held | Coil],
        discrete: Mapping[str, Held | Coil],
        changed: Callable[[str, Any], None] | None,
    ) -> None:
        places: dict[str, Held | Cell | Coil] = {**holding, **inputs, **coils, **discrete}
        self._now = Fed({n: place.value for n, place in places.items() if isinstance(place, Held)})
        self._live = {n: place for n, place in places.items() if not isinstance(place, Held)}
        self._changed = changed
        self.unit = ModbusUnit(
            holding=[self._cell(n, place, True) for n, place in holding.items()],
            inputs=[self._cell(n, place, False) for n, place in inputs.items()],
            coils=[self._coil(n, place, True) for n, place in coils.items()],
            discrete=[self._coil(n, place, False) for n, place in discrete.items()],
            heard=self._heard,
        )

    def _heard(self, t: float) -> None:
        self._now.t = t

    @property
    def t(self) -> float:
        """Bench time of the last exchange."""
        return self._now.t

    @t.setter
    def t(self, value: float) -> None:
        self._now.t = value

    def feed(self, channel: str, source: Source) -> None:
        """Let the device show what a plant tells it.

        Raises:
            KeyError: there is no such name, or the simulator has a function of its own for it.
        """
        self._now.feed(channel, source)

    def __getitem__(self, name: str) -> Any:
        """Return what is held under a name.

        Raises:
            KeyError: there is no such name.
        """
        return self._live[name].get(self.t) if name in self._live else self._now[name]

    def __setitem__(self, name: str, value: Any) -> None:
        """Let the device hold, or show, another value.

        Raises:
            KeyError: there is no such name.
        """
        if name not in self._now:
            raise KeyError(name)
        self._now[name] = value

    def shows(self) -> dict[str, Any]:
        """Return everything that is held, by name."""
        return {**self._now, **{name: place.get(self.t) for name, place in self._live.items()}}

    def _cell(self, name: str, place: Held | Cell, written: bool) -> Cell:
        if isinstance(place, Cell):
            return place
        take = self._taker(name, place) if written and not place.fixed else None
        return Cell(
            place.address,
            place.kind,
            lambda _t: float(self._now[name]),
            take,
            place.scale,
            place.order,
        )

    def _coil(self, name: str, place: Held | Coil, written: bool) -> Coil:
        if isinstance(place, Coil):
            return place
        take = self._taker(name, place) if written and not place.fixed else None
        return Coil(place.address, lambda _t: bool(self._now[name]), take)

    def _taker(self, name: str, place: Held) -> Callable[[float, Any], None]:
        def take(_t: float, value: Any) -> None:
            if not place.low <= value <= place.high:
                raise ValueError(value)
            self._now[name] = value
            if self._changed is not None:
                self._changed(name, value)

        return take


def modbus_memory(
    *,
    holding: Mapping[str, Held | Cell] | None = None,
    inputs: Mapping[str, Held | Cell] | None = None,
    coils: Mapping[str, Held | Coil] | None = None,
    discrete: Mapping[str, Held | Coil] | None = None,
    changed: Callable[[str, Any], None] | None = None,
) -> ModbusMemory:
    """Return a device of these registers and bits, each under a name of its own.

    `changed(name, value)` is called after every value that was written, for what follows from it. A
    `Cell` or `Coil` in the place of a `Held` is a function of time of the simulator's own.
    """
    return ModbusMemory(holding or {}, inputs or {}, coils or {}, discrete or {}, changed)
