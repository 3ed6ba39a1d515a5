"""ZERA reference meters as the protocol of a driver: all values of a command in one exchange.

protocol = Zera()
voltage = Reading("ME.U1", unit="V")                              # command and name
voltage_range = Setting(zera_range("ST.UB", "UB", (480, 240, 120, 60)), unit="V", choices=...)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from benchctl.core.errors import DeviceError, GarbageReplyError, InstrumentError, NoReplyError
from benchctl.core.messages import msg
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.protocol import Identity, Protocol, Session
from benchctl.driver.zera_frames import decode, encode_request, ending, ranged
from benchctl.links import Link

_ADDRESS = re.compile(r"(?P<command>[A-Z]{2,3})\.(?P<name>[A-Za-z][A-Za-z0-9:+_]*)")
_LETTERS = re.compile(r"[A-Z]{2,3}")


@dataclass(frozen=True, slots=True)
class ZeraRange:
    """A range that is read under one name and set by its number; made by `zera_range`."""

    read: str
    command: str
    values: tuple[float, ...]


def zera_range(read: str, command: str, values: Sequence[float]) -> ZeraRange:
    """Return the address of a range: its `values` in the order of their numbers."""
    return ZeraRange(read, command, tuple(values))


class Zera(Protocol):
    """Commands that are answered by several lines and an acknowledgement."""

    name: ClassVar[str] = "ZERA"

    def session(self, link: Link, options: Mapping[str, str]) -> ZeraSession:
        """Return the conversation over `link`."""
        del options
        return ZeraSession(link)

    def problem(self, channel: Reading[Any] | Action) -> str:
        """Return what is wrong with a channel's address."""
        address = channel.address
        if isinstance(channel, Action):
            return "" if isinstance(address, str) and address else "it is no command"
        if isinstance(channel, Setting):
            return "" if isinstance(address, ZeraRange) else f"{address!r} is not zera_range(...)"
        good = isinstance(address, str) and _ADDRESS.fullmatch(address)
        return "" if good else f"{address!r} is not COMMAND.NAME"


class ZeraSession(Session):
    """One meter at the end of a line of its own."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def ask(self, command: str) -> dict[str, str]:
        """Send a command and return the values in its reply."""
        link = self._link
        letters = _LETTERS.match(command)
        kind = letters[0][:2] if letters else command
        with link.bus:
            link.drain()
            link.write(encode_request(command))
            try:
                wire = link.read_until(ending(kind))
            except NoReplyError as error:
                if error.wire:
                    self._refused(error.wire)
                raise
        return decode(wire, kind)

    def _refused(self, wire: bytes) -> None:
        """Raise what the meter says instead of an acknowledgement, if it says that it refuses."""
        text = wire.decode("latin-1").strip("\r\n")
        if text.endswith("NAK") or text.startswith("ERR"):
            raise DeviceError(msg("meter.iec-error", text=text[:80]), wire=wire)

    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads the channels, one exchange per command."""
        wanted = [(channel, *_place(channel)) for channel in channels]
        commands = list(dict.fromkeys(command for _, command, _ in wanted))

        def read() -> tuple[Any, ...]:
            with self._link.bus:
                said = {command: self.ask(command) for command in commands}
            return tuple([_value(said[command], c, name) for c, command, name in wanted])

        return read

    def write(self, channel: Setting[Any], value: Any) -> None:
        """Set a range by its number."""
        address: ZeraRange = channel.address
        self.ask(f"{address.command}{address.values.index(value)}")

    def act(self, action: Action) -> None:
        """Send a command, once."""
        self.ask(action.address)

    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        """Read its status: what identifies it is not known to be told."""
        command, name = _place(proof[-1]) if proof else ("ST", "UB")
        del name
        self.ask(command)
        return Identity("ZERA reference meter")


def _place(channel: Reading[Any]) -> tuple[str, str]:
    """Return the command and the name under which a channel is read."""
    address = channel.address
    command, _, name = (address.read if isinstance(address, ZeraRange) else address).partition(".")
    return command, name


def _value(said: Mapping[str, str], channel: Reading[Any], name: str) -> Any:
    try:
        if name not in said:
            raise GarbageReplyError(msg("meter.no-record", quantity=name))
        if isinstance(channel.address, ZeraRange):
            return channel.kind(ranged(said[name]))
        return channel.kind(said[name])
    except ValueError as error:
        raise GarbageReplyError(msg("driver.no-number", text=said[name])) from error
    except InstrumentError as error:
        error.channel = channel.name
        raise
