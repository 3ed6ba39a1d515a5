"""What a bench file says, as frozen data: instruments, standards, roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchctl.bench.certificate import Standard
from benchctl.bench.curves import Via
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.results import Uut
from benchctl.core.suggest import closest
from benchctl.core.units import Unit, converter, difference_factor
from benchctl.language import Quantity, Source


@dataclass(frozen=True, slots=True)
class Simulated:
    """Which simulated bench is behind the file; `served` in a process of its own."""

    bench: str
    seed: int | None = None
    served: bool = False
    hands: str | None = None
    """Where, host:port, a served bench is met by the person who works on it."""


@dataclass(frozen=True, slots=True)
class ChannelName:
    """`instrument.channel`; for a role of each unit, `driver.channel`."""

    instrument: str
    channel: str

    def __str__(self) -> str:
        return f"{self.instrument}.{self.channel}"


@dataclass(frozen=True, slots=True)
class InstrumentEntry:
    """An instrument as the file names it."""

    name: str
    driver: str
    at: str
    serial: str | None = None
    standard: str | None = None


@dataclass(frozen=True, slots=True)
class OneChannel:
    """A role that is one channel; `with_` is set before it, `select` has a switch per position.

    `up_to` (in the unit `up_to_unit`) is the largest value of the role for which it is taken,
    `resolution` the step of the indication.
    """

    channel: ChannelName
    via: Via | None = None
    with_: tuple[tuple[ChannelName, bool | float], ...] = ()
    select: tuple[ChannelName, ...] = ()
    up_to: float | None = None
    up_to_unit: Unit | None = None
    resolution: Quantity | None = None


@dataclass(frozen=True, slots=True)
class MeanOf:
    """A role that is the mean of channels, each through its calibration in `vias` if any."""

    channels: tuple[ChannelName, ...]
    vias: tuple[Via | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranges:
    """A set-point whose channel depends on its value; ascending in `up_to`."""

    ranges: tuple[OneChannel, ...]


@dataclass(frozen=True, slots=True)
class EachUnit:
    """A role for which every unit has an instrument of its own; `channel` is `driver.channel`."""

    channel: ChannelName
    at: str
    address: str | None


@dataclass(frozen=True, slots=True)
class EachPosition:
    """A role for which every position has a channel; `channels` from position 1 on.

    `scale` is what one count is worth: a quantity, or the name of a parameter of the unit. Each
    channel may have a calibration of its own in `vias`.
    """

    channels: tuple[ChannelName, ...]
    scale: Quantity | str | None = None
    vias: tuple[Via | None, ...] = ()


Way = EachUnit | EachPosition


@dataclass(frozen=True, slots=True)
class ByUnit:
    """A role that is read in one of several ways; a unit's `column` says which, else the first."""

    column: str
    ways: Mapping[str, Way]

    def chosen(self, uut: Uut) -> str:
        """Return the name of the way in which a unit is read.

        Raises:
            UsageError: what is said of the unit names no way.
        """
        given = uut.parameters.get(self.column) or uut.extra.get(self.column, "")
        name = str(given).strip()
        if not name:
            return next(iter(self.ways))
        if name not in self.ways:
            near = closest(name, self.ways)
            raise UsageError(
                msg(
                    "bench.no-way",
                    serial=uut.serial,
                    column=self.column,
                    way=name,
                    known=", ".join(self.ways),
                ),
                hint=msg("bench.did-you-mean", name=near) if near else None,
            )
        return name


Binding = OneChannel | MeanOf | Ranges | EachUnit | EachPosition | ByUnit


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """A channel that is read every `every` s of bench time; `expect` is what it must be."""

    channel: ChannelName
    every: float
    expect: bool | float | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A figure in a unit; `U` (0: exact) at `k` is in the same unit.

    `standard` is the name of the standard whose certificate states it, "" without one.
    """

    value: float
    unit: Unit
    U: float = 0.0
    k: float = 2.0
    standard: str = ""

    def stated(self) -> dict[str, Any]:
        """Return what its certificate states, as the record keeps it of any standard."""
        return {"U": self.U, "k": self.k, "unit": self.unit.symbol, "relative": False}

    def to(self, wanted: Unit) -> float:
        """Return the figure in another unit of its dimension."""
        factor, offset = converter(self.unit, wanted)
        return self.value * factor + offset

    def u(self, wanted: Unit) -> float:
        """Return its standard uncertainty in another unit of its dimension."""
        return self.U / self.k * difference_factor(self.unit, wanted)


METERS = "meters"
"""The units under test among the roles of `flow_order`."""


@dataclass(frozen=True, slots=True)
class SetTo:
    """A role and what it is set to: on, off, or a quantity."""

    role: str
    value: bool | Quantity


@dataclass(frozen=True, slots=True)
class GateCheck:
    """One check of the gate; texts by language, empty where there are none.

    `wait`, `over` and `timeout` are in s. `expect` and `within` are in one unit, % where it is
    compared `against` another channel. With `ask` it is the change of the reading that counts.
    """

    name: str
    title: Mapping[str, str]
    read: ChannelName
    against: ChannelName | None
    sets: tuple[SetTo, ...]
    wait: float
    over: float
    timeout: float
    ask: Mapping[str, str]
    then: Mapping[str, str]
    expect: Quantity
    within: Quantity


@dataclass(frozen=True, slots=True)
class Gate:
    """What must be right before the day's work; `sha256` is that of its section of the file.

    A passed gate holds for `valid_for` s.
    """

    valid_for: float
    checks: tuple[GateCheck, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class BenchFile:
    """A bench file, read and checked; `sha256` is that of its text."""

    name: str
    source: Source
    folder: Path
    sha256: str
    simulated: Simulated | None
    instruments: Mapping[str, InstrumentEntry]
    standards: Mapping[str, Standard]
    roles: Mapping[str, Binding]
    keep_alive: tuple[KeepAlive, ...] = field(default_factory=tuple)
    positions: int | None = None
    constants: Mapping[str, Constant] = field(default_factory=dict)
    prepare: tuple[ChannelName, ...] = ()
    """Actions that are carried out at opening, before anything is energised."""
    flow_order: tuple[str, ...] = ()
    """Roles in the direction of flow, `meters` for the units; empty where it is not known."""
    gate: Gate | None = None
    urgent: bool = False
    """Whether its buses come before every ordinary program of the machine, at real speed."""

    def addresses(self) -> list[str]:
        """Return where its instruments are met, those of the units included."""
        each = [b.at for b in self.roles.values() if isinstance(b, EachUnit)]
        return [entry.at for entry in self.instruments.values()] + each

    def each(self) -> EachUnit | None:
        """Return the first way to read units of which each has an instrument, if there is one."""
        return next((b for b in self._ways() if isinstance(b, EachUnit)), None)

    def _ways(self) -> Iterator[Binding]:
        for binding in self.roles.values():
            yield from binding.ways.values() if isinstance(binding, ByUnit) else (binding,)

    def columns(self) -> frozenset[str]:
        """Return the batch columns that choose how a unit is read."""
        return frozenset(b.column for b in self.roles.values() if isinstance(b, ByUnit))

    def binding(self, role: str, uut: Uut | None = None) -> Binding | None:
        """Return the binding of a role, for a unit the way in which it is read.

        Raises:
            UsageError: what is said of the unit names no way.
        """
        binding = self.roles.get(role)
        if not isinstance(binding, ByUnit):
            return binding
        return binding.ways[next(iter(binding.ways)) if uut is None else binding.chosen(uut)]

    def each_of(self, uut: Uut) -> EachUnit | None:
        """Return how a unit is met that has an instrument of its own, None for any other.

        Raises:
            UsageError: what is said of the unit names no way.
        """
        bindings = (self.binding(role, uut) for role in self.roles)
        return next((b for b in bindings if isinstance(b, EachUnit)), None)

    def uut_address(self, uut: Uut) -> str:
        """Return what a unit's bus address is made of: serial number, position or a batch column.

        Raises:
            UsageError: the batch has no such column, or it is empty for this unit.
        """
        each = self.each_of(uut)
        if each is None or each.address in (None, "serial"):
            return uut.serial
        if each.address == "position":
            return str(uut.position)
        address = uut.extra.get(each.address or "", "").strip()
        if not address:
            raise UsageError(msg("bench.no-address", serial=uut.serial, column=each.address))
        return address
