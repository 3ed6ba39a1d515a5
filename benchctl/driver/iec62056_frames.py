r"""Messages of IEC 62056-21 (once IEC 1107), the optical interface of electricity and heat meters.

    /?address!\r\n                          request, at 300 baud 7E1
    /XXXZ ident\r\n                         identification: maker, baud character, type
    ACK 0 Z Y \r\n                          go on at baud Z; Y = 0 data readout, 1 programming mode
    STX 1.8.0(000123.456*kWh)\r\n ! \r\n ETX BCC      data readout
    SOH P1 STX (password) ETX BCC           commands of the programming mode: P1, R1, W1, B0

BCC is the exclusive or of everything after the first SOH or STX, ETX included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver.framed import checked

SOH, STX, ETX, EOT, ACK, NAK = b"\x01", b"\x02", b"\x03", b"\x04", b"\x06", b"\x15"
START_BAUD = 300
BAUDS = {"0": 300, "1": 600, "2": 1200, "3": 2400, "4": 4800, "5": 9600, "6": 19200}
READOUT, PROGRAMMING = "0", "1"
END = b"\r\n"
_IDENT = re.compile(rb"/([A-Za-z]{3})([0-9A-Z])(\\[!-~])?([ -~]{0,16})\r\n")
_LINE = re.compile(r"(?P<address>[^()/!]{0,16})(?P<values>(\([^()/!]{0,128}\))+)")
_SET = re.compile(r"\(([^()*]*)(?:\*([^()*]*))?\)")
_COMMAND = re.compile(rb"\x01([PWRBE][0-9])(?:\x02([^\x02\x03]*))?\x03.", re.S)


@dataclass(frozen=True, slots=True)
class Ident:
    """Who answered; `baud` is the character Z, `slow` that it needs 200 ms before it reacts."""

    maker: str
    baud: str
    text: str

    @property
    def slow(self) -> bool:
        """Whether the meter's reaction time is 200 ms, not 20 ms: the third letter is a capital."""
        return self.maker[2].isupper()


@dataclass(frozen=True, slots=True)
class Line:
    """A data line: its address (an OBIS code) and its values with units, "" where none is sent."""

    address: str
    values: tuple[tuple[str, str], ...]


def bcc(data: bytes) -> int:
    """Return the block check character of what it covers."""
    return reduce(lambda a, b: a ^ b, data, 0)


def request_message(address: str = "") -> bytes:
    """Return the message that wakes the meter `address`, or whichever is there."""
    return f"/?{address}!".encode("ascii") + END


def option_message(baud: str, mode: str) -> bytes:
    """Return the acknowledgement that selects a baud character and a mode."""
    return ACK + f"0{baud}{mode}".encode("ascii") + END


def command_message(command: str, data: str = "") -> bytes:
    """Return a command of the programming mode: "P1" "(00000000)", "R1" "1.8.0()", "B0"."""
    body = command.encode("ascii") + (STX + data.encode("ascii") if data else b"") + ETX
    return SOH + body + bytes([bcc(body)])


def block_message(content: str) -> bytes:
    """Return a block with data, as a meter sends it."""
    body = content.encode("ascii") + ETX
    return STX + body + bytes([bcc(body)])


def ident_message(ident: Ident) -> bytes:
    """Return an identification, as a meter sends it."""
    return f"/{ident.maker}{ident.baud}{ident.text}".encode("ascii") + END


def decode_ident(wire: bytes) -> Ident:
    """Return the identification in a line.

    Raises:
        GarbageReplyError: it is none.
    """
    found = _IDENT.fullmatch(wire)
    if found is None:
        raise GarbageReplyError(msg("meter.no-frame", protocol="IEC 62056-21"), wire=wire)
    maker, baud, mode, text = (part or b"" for part in found.groups())
    return Ident(maker.decode(), baud.decode(), (mode + text).decode().strip())


def decode_block(wire: bytes) -> str:
    """Return the content of a block whose check character is right.

    Raises:
        GarbageReplyError: no start, no end, wrong check character, no ASCII.
    """
    if wire[:1] != STX or wire[-2:-1] != ETX or wire.count(ETX, 0, -1) != 1:
        raise GarbageReplyError(msg("meter.no-frame", protocol="IEC 62056-21"), wire=wire)
    checked(wire[-1], bcc(wire[1:-1]), wire)
    if not wire[1:-2].isascii():
        raise GarbageReplyError(msg("driver.no-text"), wire=wire)
    return wire[1:-2].decode("ascii")


def decode_command(wire: bytes) -> tuple[str, str]:
    """Return command and data of a message of the programming mode.

    Raises:
        GarbageReplyError: it is none, or its check character is wrong.
    """
    found = _COMMAND.fullmatch(wire)
    if found is None:
        raise GarbageReplyError(msg("meter.no-frame", protocol="IEC 62056-21"), wire=wire)
    checked(wire[-1], bcc(wire[1:-1]), wire)
    return found[1].decode("ascii"), (found[2] or b"").decode("latin-1")


def decode_readout(wire: bytes) -> tuple[Line, ...]:
    """Return the lines of a data readout.

    Raises:
        GarbageReplyError: the block is broken, does not end with "!", or a line is none.
    """
    text, mark, rest = decode_block(wire).rpartition("!")
    if not mark or rest.strip("\r\n"):
        raise GarbageReplyError(msg("meter.no-end", end="!"), wire=wire)
    return tuple(_lines(text.splitlines(), wire))


def decode_values(wire: bytes) -> tuple[tuple[str, str], ...]:
    """Return the values in the answer to a read command.

    Raises:
        DeviceError: the meter answers with an error: "(ER01)", or a text of its own.
        GarbageReplyError: the block is broken.
    """
    (line,) = [*_lines([decode_block(wire)], wire)] or [Line("", ())]
    told, unit = line.values[0] if line.values else ("", "")
    if not line.values or told.upper().startswith("ER") or (told and not unit and told.isalpha()):
        raise DeviceError(msg("meter.iec-error", text=told), wire=wire)
    return line.values


def _lines(texts: Iterable[str], wire: bytes) -> Iterable[Line]:
    """Yield data lines; several sets may stand in one, each with or without an address."""
    for text in filter(None, texts):
        at = 0
        while at < len(text):
            found = _LINE.match(text, at)
            if found is None:
                raise GarbageReplyError(msg("driver.no-reply-line", text=text[:80]), wire=wire)
            sets = tuple((v, u or "") for v, u in _SET.findall(found["values"]))
            if len(sets) != found["values"].count("("):
                raise GarbageReplyError(msg("driver.no-reply-line", text=text[:80]), wire=wire)
            yield Line(found["address"], sets)
            at = found.end()
