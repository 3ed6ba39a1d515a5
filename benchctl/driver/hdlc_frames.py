"""HDLC frames as DLMS/COSEM uses them on serial lines (IEC 62056-46), and the wrapper for networks.

    7E  A0 LL  destination  source  control  HCS  information  FCS  7E
    00 01  source port  destination port  length  information          (IEC 62056-47)

HCS and FCS are CRC-16/X.25, low byte first; a frame without information has the FCS only. The last
byte of an address has its lowest bit set. The lowest bits of the first byte are the high bits of
the length, bit 3 says that the information goes on in the next frame.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from benchctl.core.errors import GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver.framed import checked

FLAG = 0x7E
FORMATS = bytes(range(0xA0, 0xB0))
"""First bytes that a frame may have: format type 3."""
SNRM, UA, DISC, DM, FRMR = 0x93, 0x73, 0x53, 0x1F, 0x97
FINAL, SEGMENTED = 0x10, 0x08
LLC_REQUEST, LLC_RESPONSE = b"\xe6\xe6\x00", b"\xe6\xe7\x00"
WRAPPER = 0x0001
_PARAMETERS = {5: "max_tx", 6: "max_rx", 7: "window_tx", 8: "window_rx"}


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame taken apart; addresses as their bytes travel."""

    destination: bytes
    source: bytes
    control: int
    information: bytes = b""
    segmented: bool = False


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A message of the wrapper: ports and information."""

    source: int
    destination: int
    information: bytes


def address(upper: int, lower: int | None = None, size: int = 1) -> bytes:
    """Return an HDLC address in 1, 2 or 4 bytes: upper (logical) and lower (physical) part.

    Raises:
        ValueError: it does not fit.
    """
    bits = {1: 7, 2: 7, 4: 14}.get(size, 0)
    parts = [upper] if size == 1 else [upper, lower or 0]
    if not bits or any(not 0 <= part < 1 << bits for part in parts):
        raise ValueError(f"{upper}, {lower} do not fit into an address of {size} bytes")
    whole = b"".join(
        bytes([part << 1]) if bits == 7 else bytes([part >> 7 << 1, (part & 0x7F) << 1])
        for part in parts
    )
    return whole[:-1] + bytes([whole[-1] | 1])


def encode(frame: Frame) -> bytes:
    """Return the frame's bytes with both flags."""
    size = 2 + len(frame.destination) + len(frame.source) + 1 + 2
    size += len(frame.information) + 2 if frame.information else 0
    head = bytes([0xA0 | SEGMENTED * frame.segmented | size >> 8, size & 0xFF])
    body = head + frame.destination + frame.source + bytes([frame.control])
    if frame.information:
        body += crc_bytes(body) + frame.information
    return bytes([FLAG]) + body + crc_bytes(body) + bytes([FLAG])


def decode(wire: bytes) -> Frame:
    """Return the frame in `wire`, with or without its opening flags.

    Raises:
        GarbageReplyError: no start or end, wrong length, a wrong checksum.
    """
    body = wire.lstrip(bytes([FLAG]))
    if len(body) < 8 or body[0] not in FORMATS:
        raise GarbageReplyError(msg("meter.no-frame", protocol="HDLC"), wire=wire)
    told = (body[0] & 7) << 8 | body[1]
    if told != len(body) - 1:
        raise GarbageReplyError(msg("meter.length", told=told, got=len(body) - 1), wire=wire)
    if body[-1] != FLAG:
        raise GarbageReplyError(msg("meter.no-end", end=f"{FLAG:02X}"), wire=wire)
    checked(int.from_bytes(body[-3:-1], "little"), crc(body[:-3]), wire, 4)
    destination, at = _address(body, 2, wire)
    source, at = _address(body, at, wire)
    information = b""
    if len(body) > at + 4:
        checked(int.from_bytes(body[at + 1 : at + 3], "little"), crc(body[: at + 1]), wire, 4)
        information = body[at + 3 : -3]
    return Frame(destination, source, body[at], information, bool(body[0] & SEGMENTED))


def _address(body: bytes, at: int, wire: bytes) -> tuple[bytes, int]:
    for size in (1, 2, 4):
        if at + size <= len(body) - 4 and body[at + size - 1] & 1:
            return body[at : at + size], at + size
    raise GarbageReplyError(msg("meter.no-frame", protocol="HDLC"), wire=wire)


def size(start: bytes) -> int:
    """Return how many bytes a frame that begins so, without its opening flag, has."""
    return 2 if len(start) < 2 else ((start[0] & 7) << 8 | start[1]) + 1


def parameters(information: bytes) -> dict[str, int]:
    """Return what UA says it can take: {"max_tx": 128, ...}; {} where it says nothing.

    Raises:
        GarbageReplyError: the parameters are cut off.
    """
    told: dict[str, int] = {}
    at = 3
    while information[:2] == b"\x81\x80" and at < len(information):
        length = information[at + 1] if at + 1 < len(information) else len(information)
        value = information[at + 2 : at + 2 + length]
        if len(value) != length:
            raise GarbageReplyError(msg("meter.length", told=length, got=len(value)))
        told[_PARAMETERS.get(information[at], str(information[at]))] = int.from_bytes(value, "big")
        at += 2 + length
    return told


def wrap(message: Wrapped) -> bytes:
    """Return a message of the wrapper."""
    size = len(message.information)
    head = struct.pack(">HHHH", WRAPPER, message.source, message.destination, size)
    return head + message.information


def unwrap(wire: bytes) -> Wrapped:
    """Return the message in `wire`.

    Raises:
        GarbageReplyError: another version, or a wrong length. The wrapper has no checksum.
    """
    if len(wire) < 8 or wire[:2] != b"\x00\x01":
        raise GarbageReplyError(msg("meter.no-frame", protocol="DLMS wrapper"), wire=wire)
    source, destination, told = struct.unpack(">HHH", wire[2:8])
    if told != len(wire) - 8:
        raise GarbageReplyError(msg("meter.length", told=told, got=len(wire) - 8), wire=wire)
    return Wrapped(source, destination, wire[8:])


def wrapped_size(start: bytes) -> int:
    """Return how many bytes a message of the wrapper that begins so has; 0 if it is none."""
    if len(start) < 8:
        return 8 if len(start) < 2 or start[1] == WRAPPER else 0
    return 8 + int.from_bytes(start[6:8], "big") if start[1] == WRAPPER else 0


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_CRC = _crc_table()


def crc(data: bytes) -> int:
    """Return the CRC-16/X.25 of `data`."""
    value = 0xFFFF
    for byte in data:
        value = value >> 8 ^ _CRC[(value ^ byte) & 0xFF]
    return value ^ 0xFFFF


def crc_bytes(data: bytes) -> bytes:
    """Return the CRC as it travels behind `data`, low byte first."""
    return crc(data).to_bytes(2, "little")
