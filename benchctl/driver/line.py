"""A vendor's own text protocol: a command line, a reply line.

A subclass says what a reply means (`MtSics.parse`), a driver uses it as its protocol:

    class MettlerMS(Instrument):
        protocol = MtSics()
        mass = Reading("SI", unit="g")
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from benchctl.core.errors import GarbageReplyError, InstrumentError
from benchctl.core.messages import msg
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.protocol import Identity, Protocol, Session, Told
from benchctl.links import Link

STREAMED = 20
"""Lines that may come in before the answer to a command that ends a stream of them."""


class Line(Protocol):
    """Base of protocols in which a line is answered by a line; says what a reply means."""

    name: ClassVar[str] = "line"
    end: ClassVar[str] = "\r\n"
    """Ends a command."""
    reply_end: ClassVar[str] = ""
    """Ends a reply; "" where it is the same."""
    who: ClassVar[str] = ""
    """Command that is answered with the model; "" where there is none."""
    serial: ClassVar[str] = ""
    """Command that is answered with the serial number; "" where there is none."""
    acknowledged: ClassVar[bool] = True
    """Whether settings and actions are answered."""
    hush: ClassVar[str] = ""
    """Command that ends what an earlier program left going (a stream of readings), sent first."""
    patience: ClassVar[Mapping[str, float]] = {}
    """Seconds beyond the timeout that the answer to a command may take: the device waits itself."""

    @abstractmethod
    def parse(self, command: str, reply: str, unit: str) -> Any:
        """Return the value in `reply`, as text or number, for the channel's `kind` to read.

        Where the reply tells more (its stability), it is a `Told` with that value in it.

        Raises:
            InstrumentError: the reply is not one to `command`, is an error, or has another unit.
        """

    def command(self, address: str, value: Any) -> str:
        """Return the command that sets `address` to `value`."""
        said = int(value) if isinstance(value, bool) else value
        return f"{address} {said}" if isinstance(said, str) else f"{address} {said:.12g}"

    def session(self, link: Link, options: Mapping[str, str]) -> LineSession:
        """Return the conversation over `link`."""
        del options  # lines take none
        return LineSession(self, link)

    def problem(self, channel: Reading[Any] | Action) -> str:
        """Return what is wrong with a channel's address."""
        good = isinstance(channel.address, str) and channel.address.isascii()
        return "" if good else f"{channel.address!r} is no command"


class LineSession(Session):
    """One instrument's lines over one link."""

    def __init__(self, protocol: Line, link: Link) -> None:
        self._protocol = protocol
        self._link = link
        self._end = protocol.end.encode("ascii")
        self._reply_end = (protocol.reply_end or protocol.end).encode("ascii")

    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads the channels, one line each, in one hold of the bus."""
        asked = list(channels)
        bus = self._link.bus

        def read() -> tuple[Any, ...]:
            with bus:
                return tuple([self._told(c).value for c in asked])

        return read

    def sampler(self, channel: Reading[Any]) -> Callable[[], Told]:
        """Return a function that reads one channel with what the reply says about it."""
        return lambda: self._told(channel)

    def _told(self, channel: Reading[Any]) -> Told:
        reply = self._ask(channel.address)
        try:
            said = self._parsed(channel.address, reply, channel.unit)
            if isinstance(said, Told):
                return replace(said, value=channel.kind(said.value))
            return Told(channel.kind(said))
        except InstrumentError as error:
            error.channel, error.wire = channel.name, reply
            raise

    def _parsed(self, command: str, reply: bytes, unit: str) -> Any:
        try:
            text = reply.decode("latin-1").strip()
            return self._protocol.parse(command, text, unit)
        except (ValueError, IndexError) as error:  # a grammar that found less than it expects
            raise GarbageReplyError(msg("driver.no-reply-line", text=text[:80])) from error

    def _ask(self, command: str) -> bytes:
        link = self._link
        usual = link.timeout
        with link.bus:
            link.drain()
            try:
                link.timeout = usual + self._protocol.patience.get(command, 0.0)
                link.write(command.encode("ascii") + self._end)
                return link.read_until(self._reply_end)
            finally:
                link.timeout = usual

    def _hush(self, command: str) -> None:
        """Send the command and drop what comes before its answer."""
        with self._link.bus:
            reply = self._ask(command)
            for _ in range(STREAMED):
                try:
                    self._parsed(command, reply, "")
                except GarbageReplyError:
                    reply = self._link.read_until(self._reply_end)
                else:
                    return

    def _send(self, command: str) -> None:
        if self._protocol.acknowledged:
            reply = self._ask(command)
            try:
                self._parsed(command, reply, "")
            except InstrumentError as error:
                error.wire = reply
                raise
            return
        with self._link.bus:
            self._link.drain()
            self._link.write(command.encode("ascii") + self._end)

    def write(self, channel: Setting[Any], value: Any) -> None:
        """Send a value."""
        self._send(self._protocol.command(channel.address, value))

    def act(self, action: Action) -> None:
        """Send a command."""
        self._send(action.address)

    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        """Ask for model and serial number; without such commands read a channel of `proof`."""
        protocol = self._protocol
        if protocol.hush:
            self._hush(protocol.hush)
        if not protocol.who:
            if proof:
                self._told(proof[0])
            return Identity(protocol.name)
        text = str(self._parsed(protocol.who, self._ask(protocol.who), ""))
        if not protocol.serial:
            return Identity(text)
        return Identity(text, str(self._parsed(protocol.serial, self._ask(protocol.serial), "")))
