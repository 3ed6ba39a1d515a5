"""A vendor's own text protocol: a command line, a reply line.

A subclass says what a reply means (`MtSics.parse`), a driver uses it as its protocol:

    class MettlerMS(Instrument):
        protocol = MtSics()
        mass = Reading("SI", unit="g")
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from benchctl.core.errors import GarbageReplyError, InstrumentError
from benchctl.core.messages import msg
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.protocol import Identity, Protocol, Session
from benchctl.links import Link


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

    @abstractmethod
    def parse(self, command: str, reply: str, unit: str) -> Any:
        """Return the value in `reply`, as text or number, for the channel's `kind` to read.

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
                return tuple([self._value(c) for c in asked])

        return read

    def _value(self, channel: Reading[Any]) -> Any:
        reply = self._ask(channel.address)
        try:
            return channel.kind(self._parsed(channel.address, reply, channel.unit))
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
        with link.bus:
            link.drain()
            link.write(command.encode("ascii") + self._end)
            return link.read_until(self._reply_end)

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
        if not protocol.who:
            if proof:
                self._value(proof[0])
            return Identity(protocol.name)
        text = str(self._parsed(protocol.who, self._ask(protocol.who), ""))
        if not protocol.serial:
            return Identity(text)
        return Identity(text, str(self._parsed(protocol.serial, self._ask(protocol.serial), "")))
