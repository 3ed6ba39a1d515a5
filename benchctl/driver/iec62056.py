"""IEC 62056-21 mode C as the protocol of a driver: a data readout, or reads of single registers.

    protocol = Iec62056()
    energy = Reading("1.8.0", unit="kWh")            # converted from the unit that is sent
    demand_at = Reading("1.6.0#1", kind=text)        # the second value of a data line

A meter is woken at 300 baud and says at which rate it wants to go on; the line is switched to that
rate, and back afterwards. Where the wire has no rate (a network) both stay as they are.

Options in the address line: `address` (of the meter on a line that several share), `mode` (readout,
or program: each register by a command R1), `password` (of the programming mode, where one is
needed), `baud_max` (the highest rate to switch to), `wait` (seconds that a readout may take).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any, ClassVar

from benchctl.core.clock import Deadline
from benchctl.core.errors import (
    DeviceError,
    GarbageReplyError,
    InstrumentError,
    LinkError,
    NoReplyError,
)
from benchctl.core.messages import msg
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.framed import NOISE
from benchctl.driver.iec62056_frames import (
    ACK,
    BAUDS,
    ETX,
    NAK,
    PROGRAMMING,
    READOUT,
    SOH,
    START_BAUD,
    STX,
    Ident,
    Line,
    command_message,
    decode_command,
    decode_ident,
    decode_readout,
    decode_values,
    option_message,
    request_message,
)
from benchctl.driver.protocol import Identity, Protocol, Session, choice, integer
from benchctl.driver.quantities import in_unit
from benchctl.driver.values import number
from benchctl.links import Link

NUMBERS = ("0.0.0", "C.1.0", "C.1", "96.1.0")
"""Registers in which meters keep their number, the usual first."""
_REGISTER = re.compile(r"(?P<obis>[0-9A-Z]+(\.[0-9A-Z]+){1,2}(\*\d+)?)(#(?P<nth>\d))?")
_PREFIX = re.compile(r"^\d+-\d+:")
_DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?")
Values = tuple[tuple[str, str], ...]


class Iec62056(Protocol):
    """Reads a meter over its optical interface; a channel's address is a register's code."""

    name: ClassVar[str] = "IEC 62056-21"
    options: ClassVar[frozenset[str]] = frozenset(
        {"address", "mode", "password", "baud_max", "wait"}
    )

    def session(self, link: Link, options: Mapping[str, str]) -> Iec62056Session:
        """Return the conversation with one meter."""
        return Iec62056Session(link, options)

    def problem(self, channel: Reading[Any] | Action) -> str:
        """Return what is wrong with a channel's address."""
        if isinstance(channel, Setting | Action):
            return "this protocol only reads"
        good = isinstance(channel.address, str) and _REGISTER.fullmatch(channel.address)
        return "" if good else f"{channel.address!r} is no code of a register"


class Iec62056Session(Session):
    """One meter behind an optical head or on a line."""

    def __init__(self, link: Link, options: Mapping[str, str]) -> None:
        self._link = link
        self.bus_address = self._address = options.get("address", "")
        self._program = choice(options, "mode", ("READOUT", "PROGRAM"), "READOUT") == "PROGRAM"
        self._password = options.get("password", "")
        self._fastest = integer(options, "baud_max", START_BAUD, 19200, 19200)
        self._wait = integer(options, "wait", 1, 600, 30)

    # messages -------------------------------------------------------------------------------

    def _ask(self, sent: bytes) -> bytes:
        """Send a message and return the next one that is not its own echo."""
        self._link.drain()
        self._link.write(sent)
        return self._answer(sent)

    def _answer(self, sent: bytes) -> bytes:
        while (message := self._message(sent)) == sent:
            continue
        return message

    def _message(self, sent: bytes) -> bytes:
        """Return the next message, whichever it is."""
        link = self._link
        seen = b""
        while (first := link.read_exactly(1)) not in (b"/", SOH, STX, ACK, NAK):
            seen += first
            if len(seen) > NOISE:
                raise GarbageReplyError(
                    msg("meter.no-frame", protocol="IEC 62056-21"), wire=seen + link.rest()
                )
        if first == b"/" or (first == ACK and sent[:1] == ACK):
            return first + link.read_until(b"\n")
        return self._block(first) if first in (SOH, STX) else first

    def _block(self, start: bytes) -> bytes:
        """Return a block and its check character; no pause in it may be longer than the timeout."""
        link, over = self._link, Deadline(self._wait)
        block = start
        while block[-2:-1] != ETX:
            link.grant(min(link.timeout, over.left))
            try:
                block += link.read_exactly(1)
            except NoReplyError as error:
                error.wire = block + error.wire
                raise
        return block

    def _sign_on(self, mode: str) -> tuple[Ident, bytes]:
        """Wake the meter, go to its baud rate, and return who it is and what it says first."""
        link = self._link
        link.set_baud(0)
        ident = decode_ident(self._ask(request_message(self._address)))
        link.drain()
        if not link.set_baud(0):
            chosen = ident.baud  # a wire without a rate: nothing to be switched
        else:
            rates = [z for z, baud in BAUDS.items() if baud <= self._fastest]
            chosen = min(ident.baud, max(rates)) if ident.baud in BAUDS else min(rates)
        option = option_message(chosen, mode)
        link.write(option)
        link.quiet(len(option) * link.char_time)
        link.set_baud(BAUDS.get(chosen, START_BAUD))
        return ident, self._answer(option)

    # what it says ----------------------------------------------------------------------------

    def readout(self) -> tuple[Ident, tuple[Line, ...]]:
        """Return who the meter is and all the lines that it sends unasked.

        Raises:
            GarbageReplyError: what came is no readout, or its check character is wrong.
        """
        with self._link.bus:
            try:
                ident, block = self._sign_on(READOUT)
            finally:
                self._back()
        return ident, self._read_as(decode_readout, block)

    def registers(self, codes: Sequence[str]) -> tuple[Ident, dict[str, Values]]:
        """Return who the meter is and the values of registers, asked for one by one.

        Raises:
            DeviceError: the meter refuses the password or has no such register.
            GarbageReplyError: what came is no answer, or its check character is wrong.
        """
        with self._link.bus:
            try:
                ident, operand = self._sign_on(PROGRAMMING)
                if self._read_as(decode_command, operand)[0] != "P0":
                    raise GarbageReplyError(msg("meter.no-operand"), wire=operand)
                if self._password:
                    self._log_in()
                read = {code: self._register(code) for code in codes}
            finally:
                self._back(command_message("B0"))
        return ident, read

    def _back(self, farewell: bytes = b"") -> None:
        """End the session and go back to the rate at which the next one begins."""
        with suppress(LinkError):  # a lost wire was told already, or the next session tells it
            if farewell:
                self._link.write(farewell)
            self._link.set_baud(0)

    def _log_in(self) -> None:
        reply = self._ask(command_message("P1", f"({self._password})"))
        if reply[:1] == ACK:
            return
        if reply[:1] == STX:
            self._read_as(decode_values, reply)
        raise DeviceError(msg("meter.no-log-in"), wire=reply)

    def _register(self, code: str) -> Values:
        reply = self._ask(command_message("R1", f"{code}()"))
        if reply[:1] == NAK:
            raise GarbageReplyError(msg("meter.not-understood"), wire=reply)
        values: Values = self._read_as(decode_values, reply)
        return values

    def _read_as(self, decode: Callable[[bytes], Any], wire: bytes) -> Any:
        try:
            return decode(wire)
        except GarbageReplyError as error:
            error.wire = wire + self._link.rest()
            raise

    # channels -----------------------------------------------------------------------------------

    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads the channels: one readout, or one command for each."""
        wanted = [(channel, *_register_of(channel.address)) for channel in channels]

        def read() -> tuple[Any, ...]:
            said = self._said([code for _, code, _ in wanted])
            return tuple([_value(said, channel, code, nth) for channel, code, nth in wanted])

        return read

    def _said(self, codes: Sequence[str]) -> Mapping[str, Values]:
        if self._program:
            return self.registers(list(dict.fromkeys(codes)))[1]
        return _by_code(self.readout()[1])

    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        """Read the meter: its identification says the type, a register the number."""
        del proof
        if self._program:
            try:
                ident, said = self.registers(NUMBERS[:1])
            except DeviceError:
                ident, said = self.registers(())
        else:
            ident, lines = self.readout()
            said = dict(_by_code(lines))
        numbers = [said[code][0][0] for code in NUMBERS if code in said]
        return Identity(f"{ident.maker} {ident.text}", numbers[0] if numbers else "")


def _register_of(address: str) -> tuple[str, int]:
    found = _REGISTER.fullmatch(address)
    assert found is not None  # another address was refused when the channel was declared
    return found["obis"], int(found["nth"] or 0)


def _by_code(lines: Sequence[Line]) -> dict[str, Values]:
    """Return values by code without the medium before it ("1-0:") and the "*255" behind it.

    Raises:
        GarbageReplyError: a code stands twice: the readout cannot be trusted.
    """
    found: dict[str, Values] = {}
    for line in lines:
        code = _PREFIX.sub("", line.address).removesuffix("*255")
        if found.setdefault(code, line.values) != line.values:
            raise GarbageReplyError(msg("meter.twice", code=code))
    return found


def _value(said: Mapping[str, Values], channel: Reading[Any], code: str, nth: int) -> Any:
    """Return a channel's value in its unit, or its text."""
    if code not in said or len(said[code]) <= nth:
        raise GarbageReplyError(msg("meter.no-record", quantity=code))
    told, unit = said[code][nth]
    try:
        if not channel.unit:
            return channel.kind(told)
        if not _DECIMAL.fullmatch(told):
            number(told)  # says what it is instead: overload, no number
        return channel.kind(in_unit(Fraction(told), unit, channel.unit))
    except InstrumentError as error:
        error.channel, error.wire = channel.name, f"{code}({told}*{unit})".encode("latin-1")
        raise
