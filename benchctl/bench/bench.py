"""An open bench: instruments opened and identified, roles bound, made safe and closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchctl.bench.certificate import Seen
from benchctl.bench.channels import Channel, SelectedChannel, SettableChannel, Undo
from benchctl.bench.corrections import in_reading
from benchctl.bench.file import ChannelName, EachPosition, EachUnit, OneChannel, Ranges
from benchctl.bench.positions import count_worth
from benchctl.bench.safety import Step, carry_out
from benchctl.bench.through import Through
from benchctl.bench.wiring import Wiring, parts
from benchctl.core.clock import Clock
from benchctl.core.errors import BenchctlError, InstrumentError, RefusedError, UsageError
from benchctl.core.events import InstrumentOpened, MadeSafe, SettingWritten, StandardBound
from benchctl.core.messages import msg
from benchctl.core.ports import EventSink
from benchctl.core.results import Uut
from benchctl.core.units import Unit, converter, difference_factor, unit
from benchctl.driver import Instrument
from benchctl.links import Link, LinkFactory, listen

SAFE_WITHIN = 10.0
"""Real seconds that making the bench safe may take before the rest is named as failed."""


@dataclass(frozen=True, slots=True)
class Alive:
    """A channel that must be read every `every` s of bench time, and be as `expect` says."""

    channel: Channel
    every: float
    expect: bool | float | None = None


class Bench:
    """The instruments of a bench file and of the units on it. Close it at the end."""

    def __init__(
        self,
        wiring: Wiring,
        links: LinkFactory,
        sink: EventSink,
        clock: Clock,
        uuts: Sequence[Uut] = (),
    ) -> None:
        self.wiring = wiring
        self.file = wiring.file
        self._links = links
        self._sink = sink
        self._clock = clock
        self._uuts = {u.serial: u for u in uuts}
        self._instruments: dict[str, Instrument] = {}
        self._answered: set[str] = set()
        self._units: dict[str, Instrument] = {}
        self._moved: set[str] = set()
        """Units of which something was set."""
        self._selected: list[int] | None = None
        self._standing: list[tuple[str, int]] = []
        self.silent: dict[str, BenchctlError] = {}
        """Units whose own instrument did not answer when it was opened, and why."""

    # opening --------------------------------------------------------------------------------

    def opening(self, only: set[str] | None = None) -> Iterator[Callable[[], None]]:
        """Return one step per instrument of the file, in its order.

        A step raises RefusedError for another serial number, InstrumentError where nothing
        answers.
        """
        for name in self.file.instruments:
            if only is None or name in only:
                yield lambda name=name: self._open(name)  # type: ignore[misc]  # binds the loop's name
        if only is None:
            yield self._prepare
            yield self._bind_standards

    def acting(self) -> set[str]:
        """Return the instruments that have a safe state: they can be set or told to act."""
        found = set()
        for name in self.file.instruments:
            with suppress(UsageError):  # a broken driver is told when its instrument is opened
                if _acts(self.wiring.driver_of(name)):
                    found.add(name)
        return found

    def opening_units(self, serials: Iterable[str]) -> Iterator[Callable[[], None]]:
        """Return one step per unit that is in the line and has an instrument of its own.

        One that does not answer is kept in `silent`.
        """
        for serial in serials:
            uut = self._uuts[serial]
            each = self.file.each_of(uut)
            if each is not None:
                yield lambda each=each, uut=uut: self._open_unit(each, uut)  # type: ignore[misc]  # likewise

    def _open(self, name: str) -> None:
        entry = self.file.instruments[name]
        link, options = self._link(entry.at, name)
        instrument = self.wiring.driver(entry.driver)(link, options, name=name, sink=self._sink)
        self._instruments[name] = instrument
        identity = instrument.connect()
        self._answered.add(name)
        wanted = entry.serial
        if wanted is None and entry.standard is not None:
            wanted = self.file.standards[entry.standard].serial
        if wanted is not None and identity.serial and identity.serial != wanted:
            raise RefusedError(
                msg("bench.wrong-serial", name=name, wanted=wanted, found=identity.serial),
                hint=msg("bench.wrong-serial-hint"),
            )
        self._sink.emit(
            InstrumentOpened(
                name, entry.driver, entry.at, identity.text, identity.serial or wanted or ""
            )
        )

    def _link(self, address: str, name: str) -> tuple[Link, dict[str, str]]:
        """Open the link of an instrument; an error names it."""
        try:
            return self._links.open(address, name)
        except InstrumentError as error:
            error.instrument = error.instrument or name
            error.message = msg("bench.at", name=name, what=error.message)
            raise

    def _open_unit(self, each: EachUnit, uut: Uut) -> None:
        name = uut.serial
        link, options = self._link(each.at, name)
        if each.address is not None:
            options["address"] = self.file.uut_address(uut)
        instrument = self.wiring.driver(each.channel.instrument)(
            link, options, name=name, sink=self._sink
        )
        self._refuse_twin(uut.serial, instrument)
        self._units[uut.serial] = instrument
        try:
            identity = instrument.connect()
        except InstrumentError as error:
            self.silent[uut.serial] = error
            return
        self._sink.emit(
            InstrumentOpened(name, each.channel.instrument, each.at, identity.text, identity.serial)
        )

    def _refuse_twin(self, serial: str, instrument: Instrument) -> None:
        """Refuse a unit whose bus address another one has: both would read the same meter."""
        for other, there in self._units.items():
            same_bus = there.link.bus is instrument.link.bus
            if same_bus and there.bus_address and there.bus_address == instrument.bus_address:
                raise RefusedError(
                    msg(
                        "bench.twin",
                        one=other,
                        other=serial,
                        address=instrument.bus_address,
                    )
                )

    def _prepare(self) -> None:
        """Carry out what the file wants done before anything moves, such as resetting a trip."""
        for name in self.file.prepare:
            self._instruments[name.instrument].act(name.channel)

    def _bind_standards(self) -> None:
        """Tell the record which standard stands behind which role."""
        for role in self.wiring.needs:
            found = self.wiring.standard_json(role)
            if found is not None:
                self._sink.emit(StandardBound(role, found))

    # roles ----------------------------------------------------------------------------------

    def channel(self, role: str, serial: str | None = None) -> Channel:
        """Return the channel of a role; `serial` names the unit for a role of each unit."""
        uut = self._uuts.get(serial or "")
        binding = self.file.binding(role, uut)
        if binding is None:
            raise RefusedError(msg("bench.unbound", role=role, bench=self.file.name))
        role_unit = self.wiring.role_unit(role)
        if isinstance(binding, EachUnit):
            return self._unit_channel(role, role_unit, binding, serial or "")
        if isinstance(binding, EachPosition) and uut is not None:
            return self._position_channel(role, role_unit, binding, uut)
        of_role = parts(binding)
        if isinstance(binding, OneChannel) and binding.select:
            return SelectedChannel(
                role,
                role_unit,
                [self._source(role, binding)],
                through=[self._through(role_unit, binding)],
                selectors=binding.select,
                position=self._uuts[serial or ""].position,
                write=self.write_channel,
                selected=self._selection(binding),
                corrections=[in_reading(self.wiring, binding.channel)],
            )
        if self.wiring.needs[role].settable and isinstance(binding, OneChannel | Ranges):
            return SettableChannel(
                role,
                role_unit,
                [self._source(role, of_role[0])],
                through=[self._through(role_unit, of_role[0])],
                parts=of_role,
                switch=self.wiring.needs[role].switch,
                write=self.write_channel,
                declared=self._declared,
                standing=self._standing,
                corrections=[in_reading(self.wiring, of_role[0].channel)],
            )
        return Channel(
            role,
            role_unit,
            [self._source(role, part) for part in of_role],
            through=[self._through(role_unit, part) for part in of_role],
            resolution=self.wiring.resolutions().get(role, 0.0),
            corrections=[in_reading(self.wiring, p.channel) for p in of_role],
        )

    def _selection(self, binding: OneChannel) -> list[int]:
        """Return which selectors are on; the first time all count as on, whoever left them so."""
        if self._selected is None:
            self._selected = list(range(1, len(binding.select) + 1))
        return self._selected

    def _unit_channel(self, role: str, role_unit: Unit, binding: EachUnit, serial: str) -> Channel:
        instrument = self._units[serial]
        channel = binding.channel.channel
        declared = instrument.channels[channel]
        factor, offset = self.wiring.conversion(role, declared)
        source = (instrument, channel, factor, offset)
        if self.wiring.needs[role].settable:
            return SettableChannel(
                role,
                role_unit,
                [source],
                parts=[OneChannel(ChannelName(serial, channel))],
                switch=self.wiring.needs[role].switch,
                write=self._write_unit,
                declared=lambda name: instrument.channels[name.channel],  # type: ignore[arg-type,return-value]  # checked: a Setting
                standing=[],
            )
        step = instrument.resolution(channel) or 0.0
        return Channel(
            role,
            role_unit,
            [source],
            resolution=step * difference_factor(unit(declared.unit), role_unit),
        )

    def _position_channel(
        self, role: str, role_unit: Unit, binding: EachPosition, uut: Uut
    ) -> Channel:
        count = len(binding.channels)
        if not 1 <= uut.position <= count:
            raise RefusedError(msg("bench.no-place", role=role, position=uut.position, count=count))
        part = parts(binding)[uut.position - 1]
        name = part.channel
        if self.wiring.needs[role].settable:
            return SettableChannel(
                role,
                role_unit,
                [self._source(role, part)],
                through=[self._through(role_unit, part)],
                parts=[part],
                switch=self.wiring.needs[role].switch,
                write=self.write_channel,
                declared=self._declared,
                standing=[],
            )
        worth = count_worth(self.wiring, role, binding, uut)
        if worth is None:
            source, through = self._source(role, part), self._through(role_unit, part)
            return Channel(role, role_unit, [source], through=[through])
        instrument = self._instruments[name.instrument]
        step = instrument.resolution(name.channel) or 1.0
        return Channel(
            role,
            role_unit,
            [(instrument, name.channel, worth, 0.0)],
            resolution=worth * step,
            counted=True,
        )

    def _source(self, role: str, part: OneChannel) -> tuple[Instrument, str, float, float]:
        name, instrument = part.channel, self._instruments[part.channel.instrument]
        declared = instrument.channels[name.channel]
        plain = part.via is None
        factor, offset = self.wiring.conversion(role, declared) if plain else (1.0, 0.0)
        return instrument, name.channel, factor, offset

    def _through(self, role_unit: Unit, part: OneChannel) -> Through | None:
        if part.via is None:
            return None
        of_channel = unit(self._declared(part.channel).unit)
        return Through(part.via, part.channel, of_channel, role_unit)

    def _declared(self, name: ChannelName) -> Any:
        return self._instruments[name.instrument].channels[name.channel]

    def joint_reader(self, channels: Sequence[Channel]) -> Callable[[], tuple[float, ...]]:
        """Return a function that reads several roles at once, each in its unit.

        Roles that are plain channels of one instrument are read in as few exchanges as it allows.
        """
        return self.block_reader([channels])

    def block_reader(self, groups: Sequence[Sequence[Channel]]) -> Callable[[], tuple[float, ...]]:
        """Return a function that reads groups of roles at once; those of a group at one instant.

        Roles that are plain channels of one instrument are read in as few exchanges as it allows.
        """
        channels = [channel for group in groups for channel in group]
        sources = [c.sources for c in channels]
        if not all(len(s) == 1 and s[0][0] is sources[0][0][0] for s in sources):
            readers = [c.reader() for c in channels]
            return lambda: tuple(read() for read in readers)
        takes = [c.takes[0] for c in channels]
        read = sources[0][0][0].reader_of([[c.sources[0][1] for c in group] for group in groups])

        def joint() -> tuple[float, ...]:
            return tuple([take(float(v)) for v, take in zip(read(), takes, strict=True)])

        return joint

    def listen(self, channels: Sequence[Channel]) -> Callable[[], bytes]:
        """Return what gives the bytes that the channels' instruments said since it was called."""
        return listen(source[0].link for c in channels for source in c.sources)

    def keep_alive(self) -> list[Alive]:
        """Return the channels that must be read all the time."""
        found = []
        for alive in self.file.keep_alive:
            found.append(Alive(self.plain(alive.channel), alive.every, alive.expect))
        return found

    def plain(self, name: ChannelName, of: Unit | None = None) -> Channel:
        """Return a channel of the file as it is, in its own unit or in `of`."""
        instrument = self._instruments[name.instrument]
        own = unit(instrument.channels[name.channel].unit)
        factor, offset = (1.0, 0.0) if of is None else converter(own, of)
        return Channel(str(name), of or own, [(instrument, name.channel, factor, offset)])

    def rest(self) -> None:
        """Bring every instrument that acts to its safe state, last first, whoever left it so.

        Raises:
            InstrumentError: one could not be brought there.
        """
        self._standing.clear()
        for instrument in reversed(self._instruments.values()):
            if _acts(instrument):
                instrument.make_safe()

    def reference_u(self, role: str, value: float, seen: Seen = ()) -> tuple[float, float] | None:
        """Return u and degrees of freedom of the standard behind a role at a value."""
        return self.wiring.reference_u(role, value, seen)

    # writing and coming to rest -------------------------------------------------------------

    def write_channel(self, name: ChannelName, value: float | bool) -> None:
        """Write a value to a channel, in the channel's own unit, and note it.

        Raises:
            InstrumentError: it could not be set.
        """
        self._standing.clear()
        instrument = self._instruments[name.instrument]
        instrument.write(name.channel, value)
        self._sink.emit(
            SettingWritten(
                name.instrument,
                name.channel,
                value,
                instrument.channels[name.channel].unit,
                self._clock.now(),
            )
        )

    def _write_unit(self, name: ChannelName, value: float | bool) -> None:
        """Write a value to a channel of a unit's own instrument, `name` being its serial number."""
        instrument = self._units[name.instrument]
        self._standing.clear()
        instrument.write(name.channel, value)
        self._moved.add(name.instrument)
        of = instrument.channels[name.channel].unit
        at = self._clock.now()
        self._sink.emit(SettingWritten(name.instrument, name.channel, value, of, at))

    def write(self, instrument: str, channel: str, value: float | bool) -> None:
        """Write a value to `instrument.channel`."""
        self.write_channel(ChannelName(instrument, channel), value)

    def make_safe(self, undos: Sequence[Undo], reason: str) -> MadeSafe:
        """Bring everything to its safe state: undos last first, then every instrument, last first.

        An instrument that never answered was not moved and is left alone, unless an undo names it.
        Every step has its own try; what fails, or is not reached in time, is named. Never raises
        for what an instrument does.
        """
        steps = [Step(u.instrument, u.channel, partial(self._undo, u)) for u in reversed(undos)]
        steps += [
            Step(name, "", instrument.make_safe)
            for name, instrument in reversed(self._instruments.items())
            if name in self._answered and _acts(instrument)
        ]
        steps += [Step(s, "", self._units[s].make_safe) for s in sorted(self._moved)]
        done, failed = carry_out(steps, SAFE_WITHIN)
        return MadeSafe(reason, tuple(done), tuple(step.failure() for step in failed))

    def _undo(self, undo: Undo) -> None:
        if undo.instrument not in self._instruments:
            raise RefusedError(msg("bench.not-open", name=undo.instrument))
        self._instruments[undo.instrument].write(undo.channel, undo.safe)

    def close(self) -> None:
        """Forget the instruments; their links belong to the factory, which closes them."""
        self._instruments.clear()
        self._units.clear()


def _acts(instrument: Instrument | type[Instrument]) -> bool:
    """Return whether an instrument can be set or told to act, so that it has a safe state."""
    return bool(instrument.actions) or any(c.writable for c in instrument.channels.values())
