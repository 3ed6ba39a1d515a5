"""Frames of CJ/T 188-2004: meters for cold and hot water, heat and gas.

    FE FE FE FE 68 T A0..A6 C L DI DI SER data... CS 16

A0 to A6 are the 14 digits of the address in BCD, low digits first. CS is the sum of all bytes from
68 on, modulo 256. A request to read is C = 01, its reply 81, an error reply C1.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchctl.core.errors import GarbageReplyError, NotANumberError
from benchctl.core.messages import msg
from benchctl.driver.framed import checked, sum8

START, STOP, WAKE = 0x68, 0x16, 0xFE
PREAMBLE = bytes([WAKE]) * 4
READ, READ_REPLY, ERROR_REPLY = 0x01, 0x81, 0xC1
COLD_WATER = 0x10
WATER_DATA = 22
"""Length of a water meter's data for 901F: DI 2, SER 1, two volumes of 5, clock 7, status 2."""
LITRES = {0x29: 0.01, 0x2C: 10.0}
"""Litres per digit of a volume with two decimals, by unit code: L, m³."""
UNITS = {0x29: "L", 0x2C: "m³"}
BATTERY_LOW = 2
"""Bit of the first status byte; bits 0 and 1 are the valve (0 open, 1 shut, 3 faulty)."""
DIGITS = 14


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame taken apart; `address` is 14 digits, high digits first."""

    meter_type: int
    address: str
    control: int
    data: bytes


@dataclass(frozen=True, slots=True)
class MeterData:
    """What a water meter says: volumes in L, the step of its indication in L, status word."""

    volume: float
    settled: float
    step: float
    unit: str
    clock: str
    status: int


def cjt188_address(serial: str) -> str:
    """Return the 14-digit address of a meter from its serial number: its last 14 digits.

    Raises:
        ValueError: there is no digit in it.
    """
    digits = "".join(c for c in serial if c in "0123456789")
    if not digits:
        raise ValueError(f"no digit in the serial number {serial!r}")
    return digits[-DIGITS:].rjust(DIGITS, "0")


def encode(frame: Frame) -> bytes:
    """Return the frame's bytes, without preamble."""
    address = bytes.fromhex(frame.address)[::-1]
    body = bytes([START, frame.meter_type]) + address
    body += bytes([frame.control, len(frame.data)]) + frame.data
    return body + bytes([sum8(body), STOP])


def read_request(address: str, di: bytes, meter_type: int = COLD_WATER) -> bytes:
    """Return the request for metering data, with its preamble; `di` as its bytes travel."""
    return PREAMBLE + encode(Frame(meter_type, address, READ, di + b"\x00"))


def decode(wire: bytes) -> Frame:
    """Return the frame in `wire`, whatever preamble it has.

    Raises:
        GarbageReplyError: no start, wrong length, wrong checksum, no stop.
    """
    body = wire.lstrip(bytes([WAKE]))
    if body[:1] != bytes([START]) or len(body) < 13:
        raise GarbageReplyError(msg("meter.no-frame", protocol="CJ/T 188"), wire=wire)
    if len(body) != 13 + body[10] or body[-1] != STOP:
        raise GarbageReplyError(msg("meter.length", told=body[10], got=len(body) - 13), wire=wire)
    checked(body[-2], sum8(body[:-2]), wire)
    return Frame(body[1], body[8:1:-1].hex().upper(), body[9], body[11:-2])


def size(start: bytes) -> int:
    """Return how many bytes a frame that begins so has, as far as is known."""
    return 13 + start[10] if len(start) > 10 else 11


def meter_data(frame: Frame) -> MeterData:
    """Return what a water meter's reply to 901F says.

    Raises:
        GarbageReplyError: another kind of data, unit or figure.
        NotANumberError: the meter fills its volume with F: it has none.
    """
    data = frame.data
    if len(data) != WATER_DATA or {data[0], data[1]} != {0x90, 0x1F}:
        raise GarbageReplyError(msg("driver.cjt-no-data", data=data.hex(" ")), wire=data)
    step = LITRES.get(data[7])
    if step is None or data[12] not in LITRES:
        raise GarbageReplyError(msg("driver.cjt-unit", code=f"{data[7]:02X}"), wire=data)
    return MeterData(
        volume=_litres(data[3:8]),
        settled=_litres(data[8:13]),
        step=step,
        unit=UNITS[data[7]],
        clock=data[19:12:-1].hex(),
        status=int.from_bytes(data[20:22], "little"),
    )


def _litres(field: bytes) -> float:
    """Return the volume in L of four BCD bytes, low digits first, and a unit code."""
    digits = field[3::-1].hex()
    if digits == "f" * 8:
        raise NotANumberError(msg("driver.overload", value=digits), wire=field)
    if not digits.isdigit():
        raise GarbageReplyError(msg("driver.no-number", text=digits), wire=field)
    count = int(digits)
    return count / 100 if field[4] == 0x29 else count * LITRES[field[4]]
