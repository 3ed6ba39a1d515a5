"""Packets of Radian RD reference standards (Radian document 944011.B; request as captured).

    A6 type length(2) data sum(2)          a request, and on some models an answer
    AC type length(2) data sum(2)          acknowledged, with data
    A3 type sum(2)                         acknowledged

Two-byte numbers have their high byte first; `sum` is the sum of all bytes before it, modulo 65536.
Floats are those of a TMS320C3x processor or IEEE 754, by model and firmware: whoever reads them
must say which.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from benchctl.core.errors import GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver.framed import checked

PACKET, WITH_DATA, DONE = 0xA6, 0xAC, 0xA3
INSTANTANEOUS = 0x0D
ALL_METRICS = bytes.fromhex("00 24 00 00 00 14 FF FD")
"""What the captured request for the instantaneous values holds; its fields are not documented
here."""
METRICS = (
    *("voltage", "current", "active_power", "apparent_power", "reactive_power"),
    *("frequency", "phase_angle", "power_factor", "analog"),
)
"""The nine values of the answer: voltage and current from source, the others' order from memory:
check against 944011.B."""
FLOATS = ("TI", "IEEE")


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet taken apart."""

    start: int
    type: int
    data: bytes = b""


def encode(packet: Packet) -> bytes:
    """Return the packet's bytes."""
    body = bytes([packet.start, packet.type])
    if packet.start != DONE:
        body += struct.pack(">H", len(packet.data)) + packet.data
    return body + struct.pack(">H", sum(body) & 0xFFFF)


def size(start: bytes) -> int:
    """Return how many bytes a packet that begins so has, as far as is known."""
    if start[0] == DONE or len(start) < 4:
        return 4
    return 6 + int.from_bytes(start[2:4], "big")


def decode(wire: bytes) -> Packet:
    """Return the packet in `wire`.

    Raises:
        GarbageReplyError: no start, wrong length, wrong sum.
    """
    if len(wire) < 4 or wire[0] not in (PACKET, WITH_DATA, DONE):
        raise GarbageReplyError(msg("meter.no-frame", protocol="Radian RD"), wire=wire)
    if len(wire) != size(wire):
        raise GarbageReplyError(msg("meter.length", told=size(wire), got=len(wire)), wire=wire)
    checked(int.from_bytes(wire[-2:], "big"), sum(wire[:-2]) & 0xFFFF, wire, 4)
    return Packet(wire[0], wire[1], wire[4:-2])


def metrics(packet: Packet, floats: str) -> dict[str, float]:
    """Return the instantaneous values; `floats` is "TI" or "IEEE".

    Raises:
        GarbageReplyError: not as many values as there must be.
    """
    if len(packet.data) != 4 * len(METRICS):
        told = 4 * len(METRICS)
        raise GarbageReplyError(msg("meter.length", told=told, got=len(packet.data)))
    fields = [packet.data[i : i + 4] for i in range(0, len(packet.data), 4)]
    number = ti_float if floats == "TI" else _ieee
    return {name: number(field) for name, field in zip(METRICS, fields, strict=True)}


def ti_float(field: bytes) -> float:
    """Return a TMS320C3x single: exponent (8 bits, signed), sign, fraction (23 bits), high first.

    The exponent -128 is zero; a set sign makes the mantissa -2 + fraction instead of 1 + fraction.
    """
    exponent = int.from_bytes(field[:1], "big", signed=True)
    bits = int.from_bytes(field[1:], "big")
    if exponent == -128:
        return 0.0
    fraction = (bits & 0x7FFFFF) / (1 << 23)
    whole: float = (fraction - 2 if bits >> 23 else fraction + 1) * 2.0**exponent
    return whole


def _ieee(field: bytes) -> float:
    value: float = struct.unpack(">f", field)[0]
    return value
