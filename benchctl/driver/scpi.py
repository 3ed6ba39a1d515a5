r"""SCPI and IEEE 488.2.

    protocol = Scpi(compound=True)
    voltage = Reading("READ?", unit="V")
    range = Setting("VOLT:DC:RANG", unit="V")                  # VOLT:DC:RANG? and VOLT:DC:RANG 10
    level = Setting(("VOLT? (@1)", "VOLT {value},(@1)"), unit="V")   # query and command apart
    count = Reading("CONF:TOT:TIM {gate},(@1);:READ?", unit="1")     # an option of the driver

The error queue is read empty after every setting and action, and once at connect, so that an error
is always the fault of what was just sent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from benchctl.core.errors import (
    DeviceError,
    GarbageReplyError,
    InstrumentError,
    NoReplyError,
    UsageError,
)
from benchctl.core.messages import msg
from benchctl.driver.blocks import Array
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.protocol import Identity, Protocol, Session
from benchctl.driver.values import LARGEST, block, real
from benchctl.links import Link

SHOWN = 4096
"""Bytes of a reply that an error keeps."""
MOST_ERRORS = 20
"""Entries of an error queue that are read at most; some instruments never report it empty."""
_ERROR = re.compile(r"\s*([+-]?\d+)\s*(,|$)")
_OPTION = re.compile(r"[\w.+-]+")
_FIELD = re.compile(r"\{(\w+)\}")
_PART = re.compile(r"""(?:[^;"']|"[^"]*"|'[^']*')+""")


class Scpi(Protocol):
    """Text commands that end in a line feed.

    Args:
        errors: Query that takes one entry from the error queue; "" where there is none.
        compound: Whether several queries may stand in one message, joined by ";".
        echo: Whether replies repeat the header (":SENS:PRES 34.7"), as Druck PACE does.
        opc: Whether to wait by `*OPC?` until a setting or action is complete.
        end: What ends a message, both ways.
        who: Query for the identification.
    """

    name: ClassVar[str] = "SCPI"

    def __init__(
        self,
        *,
        errors: str = "SYST:ERR?",
        compound: bool = False,
        echo: bool = False,
        opc: bool = False,
        end: str = "\n",
        who: str = "*IDN?",
    ) -> None:
        self.errors = errors
        self.compound = compound
        self.echo = echo
        self.opc = opc
        self.end = end.encode("ascii")
        self.who = who

    def session(self, link: Link, options: Mapping[str, str]) -> ScpiSession:
        """Return the conversation over `link`."""
        return ScpiSession(self, link, options)

    def problem(self, channel: Reading[Any] | Action) -> str:
        """Return what is wrong with a channel's address."""
        address = channel.address
        if isinstance(channel, Setting) and isinstance(address, tuple):
            query, command = (*address, "", "")[:2]
            good = str(query).endswith((")", "?")) and "{value}" in str(command)
            return "" if good else f"{address!r} is not (query?, command {{value}})"
        if not isinstance(address, str) or not address:
            return f"{address!r} is no SCPI header"
        if "?" in address and isinstance(channel, Setting | Action):
            return f"{address!r} asks; a setting or an action is given without a question mark"
        return ""


class ScpiSession(Session):
    """One instrument's messages over one link."""

    def __init__(self, protocol: Scpi, link: Link, options: Mapping[str, str]) -> None:
        self._protocol = protocol
        self._link = link
        self._options = options

    def _filled(self, text: str) -> str:
        """Return the text with the driver's options in the place of {their names}."""

        def value(field: re.Match[str]) -> str:
            name = field[1]
            if name == "value":
                return field[0]
            given = self._options.get(name, "")
            if not _OPTION.fullmatch(given):
                raise UsageError(
                    msg("driver.bad-option", option=name, value=given, allowed="A-Z 0-9 . + -")
                )
            return given

        return _FIELD.sub(value, text)

    def _query(self, channel: Reading[Any]) -> str:
        address = channel.address
        if isinstance(address, tuple):
            return self._filled(address[0])
        return self._filled(address if "?" in address else f"{address}?")

    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads the channels: one message where the instrument allows it."""
        queries = [self._query(c) for c in channels]
        together = self._protocol.compound and not any(_in_block(c) for c in channels)
        if together and len(channels) > 1:
            return self._compound(queries, channels)
        if len(channels) == 1 and channels[0].kind is real and not self._protocol.echo:
            return self._quick(queries[0], channels[0])
        asks = [self._single(q, c) for q, c in zip(queries, channels, strict=True)]
        if len(asks) == 1:
            ask = asks[0]
            return lambda: (ask(),)
        bus = self._link.bus

        def read() -> tuple[Any, ...]:
            with bus:
                return tuple([ask() for ask in asks])

        return read

    def _single(self, query: str, channel: Reading[Any]) -> Callable[[], Any]:
        message = query.encode("ascii") + self._protocol.end
        if _in_block(channel):
            return lambda: self._kind(channel, self._block(message))

        def ask() -> Any:
            return self._value(channel, self._ask(message, query))

        return ask

    def _quick(self, query: str, channel: Reading[Any]) -> Callable[[], tuple[float]]:
        """Return a function that reads one plain number; what is none is looked at with care."""
        end = self._protocol.end
        message = query.encode("ascii") + end
        hold, exchange = self._link.bus.hold, self._link.ask

        def read() -> tuple[float]:
            with hold:
                reply = exchange(message, end)
            try:
                value = float(reply)
            except ValueError:
                value = math.nan
            if not -LARGEST < value < LARGEST or b"_" in reply:
                value = self._value(channel, self._text(reply))
            return (value,)

        return read

    def _compound(
        self, queries: Sequence[str], channels: Sequence[Reading[Any]]
    ) -> Callable[[], tuple[Any, ...]]:
        text = ";".join([queries[0], *(q if q[0] in ":*" else f":{q}" for q in queries[1:])])
        end = self._protocol.end
        message = text.encode("ascii") + end
        plain = all(c.kind is real for c in channels) and not self._protocol.echo
        hold, exchange = self._link.bus.hold, self._link.ask

        def read() -> tuple[Any, ...]:
            with hold:
                reply = exchange(message, end)
            values = _plain_numbers(reply, len(channels)) if plain else None
            return self._parts(reply, queries, channels) if values is None else values

        return read

    def _parts(
        self, reply: bytes, queries: Sequence[str], channels: Sequence[Reading[Any]]
    ) -> tuple[Any, ...]:
        """Return the values in the reply to a message of several queries."""
        parts = [part.strip() for part in _PART.findall(self._text(reply))]
        if len(parts) != len(channels):
            raise GarbageReplyError(
                msg("driver.parts", got=len(parts), wanted=len(channels)), wire=reply
            )
        pairs = zip(channels, queries, parts, strict=True)
        return tuple([self._value(c, self._bare(part, q)) for c, q, part in pairs])

    def _value(self, channel: Reading[Any], reply: str) -> Any:
        try:
            return channel.kind(reply)
        except InstrumentError as error:
            error.channel, error.wire = channel.name, reply[:SHOWN].encode()
            raise

    def _kind(self, channel: Reading[Any], data: bytes | bytearray) -> Any:
        try:
            return channel.kind(data)
        except InstrumentError as error:
            error.channel, error.wire = channel.name, bytes(data[:SHOWN])
            raise

    def _ask(self, message: bytes, query: str = "") -> str:
        """Send a query and return its reply without the terminator."""
        link = self._link
        with link.bus.hold:
            reply = link.ask(message, self._protocol.end)
        return self._bare(self._text(reply), query)

    def _text(self, reply: bytes) -> str:
        try:
            return reply.decode("ascii").strip()
        except UnicodeDecodeError as error:
            wire = reply + self._link.rest()
            raise GarbageReplyError(msg("driver.no-text"), wire=wire) from error

    def _bare(self, reply: str, query: str) -> str:
        """Return the reply without the header it may repeat."""
        if not self._protocol.echo:
            return reply
        header, _, rest = reply.partition(" ")
        asked = query.partition("?")[0].lstrip(":").upper()
        repeats = header[:1] in (":", "*") or header.upper() == asked
        return rest.strip() if rest and repeats else reply

    def _block(self, message: bytes) -> bytes | bytearray:
        """Send a query and return the payload of the block that answers it."""
        link = self._link
        with link.bus:
            link.drain()
            link.write(message)
            head = link.read_exactly(2)
            if head[:1] != b"#" or not head[1:].isdigit():
                raise GarbageReplyError(msg("driver.no-block", text=""), wire=head + link.rest())
            if head == b"#0":
                return link.read_until(self._protocol.end).removesuffix(self._protocol.end)
            length = link.read_exactly(int(head[1:]))
            if not length.isdigit():
                raise GarbageReplyError(
                    msg("driver.no-block", text=""), wire=head + length + link.rest()
                )
            data = link.read_block(int(length))
            link.read_until(self._protocol.end)
        return data

    def write(self, channel: Setting[Any], value: Any) -> None:
        """Send a value and look whether the instrument took it."""
        said = str(int(value)) if isinstance(value, bool) else value
        said = said if isinstance(said, str) else f"{said:.12g}"
        address = channel.address
        command = address[1] if isinstance(address, tuple) else f"{address} {{value}}"
        self._send(self._filled(command).replace("{value}", said))

    def act(self, action: Action) -> None:
        """Send a command and look whether the instrument took it."""
        self._send(self._filled(action.address))

    def _send(self, command: str) -> None:
        link, end = self._link, self._protocol.end
        with link.bus:
            link.drain()
            link.write(command.encode("ascii") + end)
            if self._protocol.opc:
                done = self._ask(b"*OPC?" + end, "*OPC?")
                if done != "1":
                    raise GarbageReplyError(msg("driver.no-opc", text=done), wire=done.encode())
            found = self._errors()
        if found:
            raise self._failed(command, found)

    def _errors(self) -> list[str]:
        """Read the error queue empty and return its entries."""
        if not self._protocol.errors:
            return []
        message = self._protocol.errors.encode("ascii") + self._protocol.end
        found: list[str] = []
        while len(found) < MOST_ERRORS:
            reply = self._ask(message, self._protocol.errors)
            number = _ERROR.match(reply)
            if number is None:
                raise GarbageReplyError(
                    msg("driver.no-error-entry", text=reply[:80]), wire=reply.encode()
                )
            if not int(number[1]):
                break
            found.append(reply)
        return found

    def _failed(self, command: str, found: Sequence[str]) -> DeviceError:
        return DeviceError(
            msg("driver.scpi-errors", command=command, errors="; ".join(found)),
            wire="\n".join(found).encode(),
        )

    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        """Ask for maker, model, serial number and firmware; empty the error queue."""
        del proof  # every SCPI instrument says who it is
        with self._link.bus:
            text = self._ask(self._protocol.who.encode("ascii") + self._protocol.end, "*IDN?")
            self._errors()
        fields = [field.strip() for field in text.split(",")]
        serial = fields[2] if len(fields) > 3 else ""
        return Identity(text, "" if serial == "0" else serial)

    def explain(self, error: InstrumentError) -> InstrumentError:
        """Return what the error queue says of a question that was not answered."""
        if not isinstance(error, NoReplyError):
            return error
        try:
            found = self._errors()
        except InstrumentError:  # it does not answer at all: the first error says it
            return error
        return self._failed("", found) if found else error


def _in_block(channel: Reading[Any]) -> bool:
    """Return whether a channel is answered by a definite-length block."""
    kind = channel.kind
    return kind is block or (isinstance(kind, Array) and kind.in_block)


def _plain_numbers(reply: bytes, count: int) -> tuple[float, ...] | None:
    """Return the numbers of a reply that is nothing else, None where it needs a closer look."""
    parts = reply.split(b";")
    if len(parts) != count or b"_" in reply:
        return None
    try:
        values = tuple(map(float, parts))
    except ValueError:
        return None
    for value in values:
        if not -LARGEST < value < LARGEST:
            return None
    return values
