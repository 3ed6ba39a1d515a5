"""What a bench file says, as frozen data: instruments, standards, roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from benchctl.bench.curves import Curve
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.results import Uut
from benchctl.core.units import Unit, converter, difference_factor
from benchctl.language import Quantity, Source


@dataclass(frozen=True, slots=True)
class Simulated:
    """Which simulated bench is behind the file; `served` in a process of its own."""

    bench: str
    seed: int | None = None
    served: bool = False


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
class Certified:
    """What a certificate states for a channel: U at k, and where it holds.

    `U` is in % of the value where `relative` (whatever share the certificate uses), else in `unit`.
    `low`..`high` are in `range_unit`, which may be that of another quantity (a volume's certificate
    holds for a range of flow).
    """

    U: float
    k: float
    unit: Unit
    relative: bool
    low: float | None = None
    high: float | None = None
    range_unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Standard:
    """A reference standard and its certificate."""

    name: str
    model: str
    serial: str
    certificate: str
    issued: date | None
    due: date
    channels: Mapping[str, Certified]


@dataclass(frozen=True, slots=True)
class OneChannel:
    """A role that is one channel; `with_` is set before it, `select` has a switch per position.

    `up_to` (in the unit `up_to_unit`) is the largest value of the role for which it is taken,
    `resolution` the step of the indication.
    """

    channel: ChannelName
    via: Curve | None = None
    with_: tuple[tuple[ChannelName, bool | float], ...] = ()
    select: tuple[ChannelName, ...] = ()
    up_to: float | None = None
    up_to_unit: Unit | None = None
    resolution: Quantity | None = None


@dataclass(frozen=True, slots=True)
class MeanOf:
    """A role that is the mean of channels."""

    channels: tuple[ChannelName, ...]


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


Binding = OneChannel | MeanOf | Ranges | EachUnit


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """A channel that is read every `every` s of bench time; `expect` is what it must be."""

    channel: ChannelName
    every: float
    expect: bool | float | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A figure in a unit; `U` (0: exact) at `k` is in the same unit."""

    value: float
    unit: Unit
    U: float = 0.0
    k: float = 2.0

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

    def each(self) -> EachUnit | None:
        """Return the role for which every unit has an instrument, if there is one."""
        return next((b for b in self.roles.values() if isinstance(b, EachUnit)), None)

    def uut_address(self, uut: Uut) -> str:
        """Return what a unit's bus address is made of: its serial number or a batch column.

        Raises:
            UsageError: the batch has no such column, or it is empty for this unit.
        """
        each = self.each()
        if each is None or each.address in (None, "serial"):
            return uut.serial
        address = uut.extra.get(each.address or "", "").strip()
        if not address:
            raise UsageError(msg("bench.no-address", serial=uut.serial, column=each.address))
        return address
