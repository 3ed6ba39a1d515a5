"""Frames of DL/T 645, the Chinese protocol of electricity meters, editions 2007 and 1997.

    FE FE FE FE 68 A0..A5 68 C L DATA CS 16

A0 to A5 are the 12 digits of the address in BCD, low digits first; every byte of DATA travels with
33H added; CS is the sum of all bytes from the first 68 on, modulo 256. A reply's control is the
request's with bit 7 set, bit 6 says that it is an error, bit 5 that more data follows. DATA begins
with the data identification, low byte first: four bytes since 2007, two before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from benchctl.core.errors import DeviceError, GarbageReplyError, NotANumberError
from benchctl.core.messages import msg
from benchctl.driver.dlt645_items import Item
from benchctl.driver.framed import checked, sum8

START, STOP, WAKE, OFFSET = 0x68, 0x16, 0xFE, 0x33
REPLY, ERROR, MORE = 0x80, 0x40, 0x20
DIGITS = 12
ANYONE = "A" * DIGITS
"""Address that every meter answers: for one that is alone on the line."""
EVERYONE = "9" * DIGITS
"""Broadcast address: everyone obeys, nobody answers."""
READ = {2007: 0x11, 1997: 0x01}
READ_ON = {2007: 0x12, 1997: 0x02}
READ_ADDRESS, BROADCAST_TIME, FREEZE, OUTPUT = 0x13, 0x08, 0x16, 0x1D
DI_SIZE = {2007: 4, 1997: 2}
REASONS = {
    2007: ("other", "no-data", "password", "baud", "seasons", "day-tables", "tariffs"),
    1997: ("illegal-data", "no-data", "password", "", "seasons", "day-tables", "tariffs"),
}
"""What the bits of an error byte mean; those of 1997 from memory: check."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame taken apart; `address` is 12 digits, high digits first, `data` without the 33H."""

    address: str
    control: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Told:
    """An item's value: `time` is "" or the instant of a demand, "2026-01-01 12:00"."""

    value: float | str
    unit: str
    time: str = ""


def dlt645_address(serial: str) -> str:
    """Return the 12-digit address of a meter from its serial number: its last 12 digits.

    An `A` stands for any digit; "AAAAAAAAAAAA" is whoever is on the line.

    Raises:
        ValueError: there is no digit in it, or it is the broadcast address.
    """
    text = serial.strip().upper()
    if text and set(text) <= set("0123456789A") and "A" in text:
        return text[-DIGITS:].rjust(DIGITS, "A")
    digits = "".join(c for c in text if c in "0123456789")[-DIGITS:].rjust(DIGITS, "0")
    if not any(c.isdigit() for c in text) or digits == EVERYONE:
        raise ValueError(f"no meter address: {serial!r}")
    return digits


def addressed(pattern: str, address: str) -> bool:
    """Return whether the meter `address` is meant by `pattern`, in which `A` is any digit."""
    return all(p in ("A", a) for p, a in zip(pattern, address, strict=True))


def encode(frame: Frame) -> bytes:
    """Return the frame's bytes, without preamble."""
    data = bytes((b + OFFSET) & 0xFF for b in frame.data)
    body = bytes([START]) + bytes.fromhex(frame.address)[::-1] + bytes([START, frame.control])
    body += bytes([len(data)]) + data
    return body + bytes([sum8(body), STOP])


def decode(wire: bytes) -> Frame:
    """Return the frame in `wire`, whatever preamble it has.

    Raises:
        GarbageReplyError: no start, wrong length, wrong checksum, no stop.
    """
    body = wire.lstrip(bytes([WAKE]))
    if len(body) < 12 or body[0] != START or body[7] != START:
        raise GarbageReplyError(msg("meter.no-frame", protocol="DL/T 645"), wire=wire)
    if len(body) != 12 + body[9]:
        raise GarbageReplyError(msg("meter.length", told=body[9], got=len(body) - 12), wire=wire)
    checked(body[-2], sum8(body[:-2]), wire)
    if body[-1] != STOP:
        raise GarbageReplyError(msg("meter.no-end", end=f"{STOP:02X}"), wire=wire)
    data = bytes((b - OFFSET) & 0xFF for b in body[10:-2])
    return Frame(body[6:0:-1].hex().upper(), body[8], data)


def size(start: bytes) -> int:
    """Return how many bytes a frame that begins so has, as far as is known; 0 if it is none."""
    if len(start) < 10:
        return 10 if len(start) < 8 or start[7] == START else 0
    return 12 + start[9] if start[7] == START else 0


def identification(frame: Frame, edition: int) -> str:
    """Return the data identification in a frame, as it is written: high byte first."""
    return frame.data[: DI_SIZE[edition]][::-1].hex().upper()


def read_request(address: str, di: str, edition: int) -> bytes:
    """Return the request for the data `di`."""
    return encode(Frame(address, READ[edition], bytes.fromhex(di)[::-1]))


def read_on_request(address: str, di: str, edition: int, sequence: int) -> bytes:
    """Return the request for what follows; before 2007 parts were not numbered."""
    part = bytes([sequence]) if edition == 2007 else b""
    return encode(Frame(address, READ_ON[edition], bytes.fromhex(di)[::-1] + part))


def refusal(frame: Frame, edition: int) -> DeviceError:
    """Return the error that an error reply tells."""
    code = frame.data[0] if frame.data else 0
    bits = [name for bit, name in enumerate(REASONS[edition]) if name and code >> bit & 1]
    reasons = [msg(f"meter.dlt-{name}") for name in bits] or [msg("meter.unnamed")]
    reason = reduce(lambda a, b: msg("meter.both", a=a, b=b), reasons)
    return DeviceError(msg("meter.refused", code=f"{code:02X}", reason=reason))


def value(data: bytes, item: Item) -> Told:
    """Return what the bytes of an item say.

    Raises:
        GarbageReplyError: another length, or no decimal digits.
        NotANumberError: the meter fills the item with F: it has none.
    """
    if len(data) != item.length:
        raise GarbageReplyError(msg("meter.length", told=item.length, got=len(data)), wire=data)
    field = data[item.size - 1 :: -1] if item.size else b""
    digits = field.hex()
    if digits == "f" * len(digits):
        raise NotANumberError(msg("driver.overload", value=digits.upper()), wire=data)
    if item.decimals is None:
        return Told(_decimal(digits, data), item.unit)
    negative = item.signed and bool(field[0] & 0x80)
    if negative:
        digits = f"{field[0] & 0x7F:02x}" + digits[2:]
    number = int(_decimal(digits, data)) / 10**item.decimals
    time = _stamp(data[item.size :]) if item.stamp else ""
    return Told(-number if negative else number, item.unit, time)


def _stamp(data: bytes) -> str:
    """Return YYMMDDhhmm, low byte first, as text; "" where no demand has occurred yet."""
    digits = _decimal(data[::-1].hex(), data)
    year, month, day, hour, minute = (digits[i : i + 2] for i in range(0, 10, 2))
    return f"20{year}-{month}-{day} {hour}:{minute}" if int(month) else ""


def _decimal(digits: str, wire: bytes) -> str:
    if not digits.isdecimal():
        raise GarbageReplyError(msg("driver.no-number", text=digits.upper()), wire=wire)
    return digits
