"""Frames of the wired M-Bus (EN 13757-2) and the head of what a meter sends (EN 13757-3).

    10 C A CS 16                       a request
    68 L L 68 C A CI data CS 16        a selection, or the answer RSP_UD
    E5                                 an acknowledgement

CS is the sum of all bytes from C on, modulo 256. A meter sends its data with CI 72 (variable
structure), 73 (fixed structure) or 70 (an error); the records behind the head are read by
`mbus_records`.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver.framed import checked, sum8

SHORT, LONG, STOP, ACK = 0x10, 0x68, 0x16, 0xE5
RESET, REQUEST, SEND, TOGGLE = 0x40, 0x5B, 0x53, 0x20
ANSWER = 0x08
"""Control of an answer; bits 4 and 5 (access demand, data flow) may be set."""
SELECT, VARIABLE, FIXED, ERROR = 0x52, 0x72, 0x73, 0x70
SELECTED, ANYONE, HIGHEST = 0xFD, 0xFE, 250
NUMBERED_ERRORS = 11
"""Application errors that have a name: 0 to 10."""
HEAD = 12
"""Bytes before the records of a variable structure: 4 identification to 2 signature."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame taken apart; an acknowledgement has control E5, a short frame no `ci` and no data."""

    control: int
    address: int = 0
    ci: int | None = None
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Head:
    """What a meter says of itself; `number` is 8 digits, `manufacturer` three letters.

    A fixed structure knows no manufacturer and no version.
    """

    number: str
    manufacturer: str
    version: int
    medium: int
    access: int
    status: int


def encode(frame: Frame) -> bytes:
    """Return the frame's bytes."""
    if frame.control == ACK:
        return bytes([ACK])
    body = bytes([frame.control, frame.address])
    if frame.ci is None:
        return bytes([SHORT]) + body + bytes([sum8(body), STOP])
    body += bytes([frame.ci]) + frame.data
    return bytes([LONG, len(body), len(body), LONG]) + body + bytes([sum8(body), STOP])


def decode(wire: bytes) -> Frame:
    """Return the frame in `wire`.

    Raises:
        GarbageReplyError: no start, wrong length, wrong checksum, no stop.
    """
    if wire == bytes([ACK]):
        return Frame(ACK)
    if not wire or size(wire) == 0 or (wire[0] == LONG and len(wire) < 4):
        raise GarbageReplyError(msg("meter.no-frame", protocol="M-Bus"), wire=wire)
    if len(wire) != size(wire):
        raise GarbageReplyError(msg("meter.length", told=size(wire), got=len(wire)), wire=wire)
    body = wire[1:-2] if wire[0] == SHORT else wire[4:-2]
    checked(wire[-2], sum8(body), wire)
    if wire[-1] != STOP:
        raise GarbageReplyError(msg("meter.no-end", end=f"{STOP:02X}"), wire=wire)
    if wire[0] == SHORT:
        return Frame(body[0], body[1])
    return Frame(body[0], body[1], body[2], body[3:])


def size(start: bytes) -> int:
    """Return how many bytes a frame that begins so has, as far as is known; 0 if it is none."""
    if start[0] == ACK:
        return 1
    if start[0] == SHORT:
        return 5
    if start[0] != LONG:
        return 0
    if len(start) < 4:
        return 4
    return 6 + start[1] if start[1] == start[2] >= 3 and start[3] == LONG else 0


def reset(address: int) -> bytes:
    """Return SND_NKE: the meter acknowledges and begins with its first telegram again."""
    return encode(Frame(RESET, address))


def request(address: int, toggle: bool) -> bytes:
    """Return REQ_UD2: a changed `toggle` (FCB) asks for the next telegram, the same repeats it."""
    return encode(Frame(REQUEST | TOGGLE * toggle, address))


def selection(secondary: str) -> bytes:
    """Return the frame that selects the meter with this secondary address.

    16 digits: identification (8), manufacturer (4, its low byte first), version (2), medium (2), as
    `secondary_of` writes them; F is any digit.
    """
    field = bytes.fromhex(secondary)
    return encode(Frame(SEND, SELECTED, SELECT, field[3::-1] + field[4:]))


def head_of(frame: Frame) -> Head:
    """Return what the meter says of itself.

    Raises:
        DeviceError: the meter answers with an application error.
        GarbageReplyError: this is no answer with data.
    """
    data = frame.data
    if frame.ci == ERROR:
        code = data[0] if data else 0
        name = f"meter.mbus-{code}" if code < NUMBERED_ERRORS else "meter.unnamed"
        raise DeviceError(msg("meter.refused", code=f"{code:02X}", reason=msg(name)))
    if frame.ci == VARIABLE and len(data) >= HEAD:
        maker = int.from_bytes(data[4:6], "little")
        return Head(_number(data), letters(maker), data[6], data[7], data[8], data[9])
    if frame.ci == FIXED and len(data) == 16:
        return Head(_number(data), "", 0, data[6] >> 6 | data[7] >> 6 << 2, data[4], data[5])
    raise GarbageReplyError(msg("meter.no-frame", protocol="M-Bus RSP_UD"))


def letters(maker: int) -> str:
    """Return the three letters of a manufacturer's number (EN 62056-21 flag association)."""
    return "".join(chr(64 + (maker >> shift & 31)) for shift in (10, 5, 0))


def secondary_of(head: Head) -> str:
    """Return the secondary address of a meter: 16 digits."""
    maker = 0
    for letter in head.manufacturer:
        maker = maker << 5 | ord(letter) - 64
    low_first = maker.to_bytes(2, "little").hex().upper()
    return f"{head.number}{low_first}{head.version:02X}{head.medium:02X}"


def meant(pattern: str, secondary: str) -> bool:
    """Return whether a secondary address is meant by `pattern`, in which F is any digit."""
    return all(p in ("F", s) for p, s in zip(pattern.upper(), secondary, strict=True))


def _number(data: bytes) -> str:
    number = data[3::-1].hex()
    if not number.isdecimal():
        raise GarbageReplyError(msg("driver.no-number", text=number))
    return number
