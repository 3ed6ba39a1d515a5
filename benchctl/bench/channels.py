"""A role on an open bench: read it, set it, in the procedure's unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchctl.bench.corrections import Correct
from benchctl.bench.file import ChannelName, OneChannel
from benchctl.bench.through import Through
from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg
from benchctl.core.ports import Answer, Prompt
from benchctl.core.units import Unit, converter, unit
from benchctl.driver import Instrument, ManualInstrument, Setting


@dataclass(frozen=True, slots=True)
class Undo:
    """The way back of something that was energised: a channel and its safe value."""

    instrument: str
    channel: str
    safe: float | bool

    @property
    def name(self) -> str:
        """How the record calls it: `instrument/channel`."""
        return f"{self.instrument}/{self.channel}"


Write = Callable[[ChannelName, float | bool], None]
Declared = Callable[[ChannelName], Setting[float]]


class Channel:
    """One role of an open bench. `bus` is the name of the bus that it is read on."""

    def __init__(
        self,
        role: str,
        role_unit: Unit,
        sources: Sequence[tuple[Instrument, str, float, float]],
        *,
        resolution: float = 0.0,
        counted: bool = False,
        through: Sequence[Through | None] = (),
        corrections: Sequence[Correct | None] = (),
    ) -> None:
        self.role = role
        self.counted = counted
        """Whether it counts in whole steps of `resolution`, whatever the unit itself shows."""
        self.unit = role_unit.symbol
        self.resolution = resolution
        self.bus = sources[0][0].link.bus.name
        self.sources = tuple(sources)
        self.takes = tuple(
            _taking(
                factor,
                offset,
                through[n] if n < len(through) else None,
                corrections[n] if n < len(corrections) else None,
            )
            for n, (_, _, factor, offset) in enumerate(self.sources)
        )
        self._plain = not any(through) and not any(corrections)
        """What makes the role's value of the number of each source."""
        self._read: Callable[[], float] | None = None

    def reader(self) -> Callable[[], float]:
        """Return a function that reads the role; for a loop that calls it often."""
        if len(self.sources) == 1:
            instrument, channel, factor, offset = self.sources[0]
            read, take = instrument.reader(channel), self.takes[0]
            if not self._plain:
                return lambda: take(float(read()[0]))
            if (factor, offset) == (1.0, 0.0):
                return lambda: float(read()[0])
            return lambda: float(read()[0]) * factor + offset
        return self._mean()

    def _mean(self) -> Callable[[], float]:
        """Return what reads the mean; channels of one instrument are read together."""
        names: dict[Instrument, list[str]] = {}
        for instrument, channel, _, _ in self.sources:
            names.setdefault(instrument, []).append(channel)
        reads = [instrument.reader(*channels) for instrument, channels in names.items()]
        pairs = list(zip(self.sources, self.takes, strict=True))
        takes = [take for i in names for source, take in pairs if source[0] is i]

        def read() -> float:
            values = [value for r in reads for value in r()]
            scaled = [take(float(v)) for v, take in zip(values, takes, strict=True)]
            return sum(scaled) / len(scaled)

        return read

    def read(self) -> float:
        """Return the role's present value in its unit.

        Raises:
            InstrumentError: an instrument did not answer as it should.
        """
        if self._read is None:
            self._read = self.reader()
        return self._read()

    @property
    def asks(self) -> bool:
        """Whether a person reads it: `prompt` and `accept` instead of `read`."""
        return isinstance(self.sources[0][0], ManualInstrument)

    def prompt(self, serial: str, position: int) -> Prompt:
        """Return the question to the person who reads it."""
        instrument, channel, _, _ = self.sources[0]
        assert isinstance(instrument, ManualInstrument)
        return instrument.prompt(channel, serial, position)

    def accept(self, prompt: Prompt, answer: Answer) -> float:
        """Return what a person answered, in the role's unit.

        Raises:
            GarbageReplyError: it is no number, or not plausible.
        """
        instrument = self.sources[0][0]
        assert isinstance(instrument, ManualInstrument)
        return self.takes[0](instrument.accept(prompt, answer))

    def undos(self, value: float | bool) -> tuple[Undo, ...]:
        """Refuse: a role that is only read energises nothing."""
        del value
        raise RefusedError(msg("bench.cannot-set", role=self.role))

    def set(self, value: float | bool) -> None:
        """Refuse: the role is only read.

        Raises:
            RefusedError: always.
        """
        del value
        raise RefusedError(msg("bench.cannot-set", role=self.role))

    def select(self) -> None:
        """Switch a shared reader to this unit; nothing to do for a channel of its own."""


def _taking(
    factor: float, offset: float, through: Through | None, correct: Correct | None
) -> Callable[[float], float]:
    if through is None and correct is None:
        return lambda value: value * factor + offset
    if through is None:
        assert correct is not None
        return lambda value: correct(value) * factor + offset
    if correct is None:
        return through
    return lambda value: through(correct(value))


class SettableChannel(Channel):
    """A role that can be set, perhaps through a curve, perhaps on one of several ranges."""

    def __init__(
        self,
        role: str,
        role_unit: Unit,
        sources: Sequence[tuple[Instrument, str, float, float]],
        *,
        parts: Sequence[OneChannel],
        switch: bool,
        write: Write,
        declared: Declared,
        standing: list[tuple[str, int]],
        through: Sequence[Through | None] = (),
        corrections: Sequence[Correct | None] = (),
    ) -> None:
        super().__init__(role, role_unit, sources, through=through, corrections=corrections)
        self._standing = standing
        self._role_unit = role_unit
        self._parts = tuple(parts)
        self._switch = switch
        self._write = write
        self._declared = declared

    def reader(self) -> Callable[[], float]:
        """Return a function that reads the set value back; through a curve the other way round.

        Raises:
            RefusedError: the role has several ranges with a curve each: which one holds is not
                known from the channel.
        """
        if len(self._parts) == 1 or self._parts[0].via is None:
            return super().reader()
        raise RefusedError(msg("bench.cannot-read", role=self.role))

    def undos(self, value: float | bool) -> tuple[Undo, ...]:
        """Return the way back of everything that setting `value` would energise, in order."""
        part = self._part(value)
        names = [name for name, _ in part.with_] + [part.channel]
        found = []
        for name in names:
            safe = self._declared(name).safe
            if safe is not None:
                found.append(Undo(name.instrument, name.channel, safe))
        return tuple(found)

    def set(self, value: float | bool) -> None:
        """Set the role: first what must stand before, then the channel itself.

        Where nothing was written since the same range of the role was set, what stands before
        it stands still, and only the channel is written: a set-point is corrected without a jolt.

        Raises:
            RefusedError: no range reaches the value, or it lies outside the curve.
            InstrumentError: a channel could not be set.
        """
        part = self._part(value)
        wanted = self._channel_value(part, value)
        place = (self.role, self._parts.index(part))
        if self._standing != [place]:
            for name, before in part.with_:
                self._write(name, before)
        self._write(part.channel, wanted)
        self._standing[:] = [place]

    def _part(self, value: float | bool) -> OneChannel:
        for part in self._parts:
            if part.up_to is None or part.up_to_unit is None:
                return part
            factor, offset = converter(self._role_unit, part.up_to_unit)
            if float(value) * factor + offset <= part.up_to:
                return part
        raise RefusedError(
            msg("bench.beyond-ranges", role=self.role, value=f"{value:g} {self.unit}")
        )

    def _channel_value(self, part: OneChannel, value: float | bool) -> float | bool:
        if self._switch:
            return bool(value)
        channel_unit = unit(self._declared(part.channel).unit)
        if part.via is None:
            factor, offset = converter(self._role_unit, channel_unit)
            return float(value) * factor + offset
        factor, offset = converter(self._role_unit, part.via.role_unit)
        on_curve = part.via.to_channel(float(value) * factor + offset)
        factor, offset = converter(part.via.channel_unit, channel_unit)
        return on_curve * factor + offset


class SelectedChannel(Channel):
    """A reader that several units share: exactly one selector is on while it reads."""

    def __init__(
        self,
        role: str,
        role_unit: Unit,
        sources: Sequence[tuple[Instrument, str, float, float]],
        *,
        selectors: Sequence[ChannelName],
        position: int,
        write: Write,
        selected: list[int],
        through: Sequence[Through | None] = (),
        corrections: Sequence[Correct | None] = (),
    ) -> None:
        super().__init__(role, role_unit, sources, through=through, corrections=corrections)
        if not 1 <= position <= len(selectors):
            raise RefusedError(
                msg("bench.no-selector", role=role, position=position, count=len(selectors))
            )
        self._selectors = tuple(selectors)
        self._position = position
        self._write = write
        self._selected = selected

    def select(self) -> None:
        """Switch the reader to this unit: the former selector off, then this one on."""
        if self._selected == [self._position]:
            return
        for n in self._selected[:]:
            if n != self._position:
                self._write(self._selectors[n - 1], False)
        self._write(self._selectors[self._position - 1], True)
        self._selected[:] = [self._position]
