"""Sound replies of another address: what a driver on a shared line must not take for its own.

Each function makes one out of a reply: its address (of the request, on Modbus TCP) and its values
are others, its checksum is right; None where that reply carries no address.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

Foreign = Callable[[bytes], bytes | None]
"""Returns a sound reply of another address with other values in it; None where it cannot."""


def modbus_rtu(reply: bytes) -> bytes | None:
    """Return the reply of another unit."""
    body = bytes([reply[0] ^ 0x06]) + reply[1:3] + _other(reply[3:-2])
    return body + struct.pack("<H", crc(body, 0xFFFF, 0xA001))


def modbus_tcp(reply: bytes) -> bytes | None:
    """Return the reply to another question."""
    return bytes([reply[0], reply[1] ^ 0x21]) + reply[2:9] + _other(reply[9:])


def dlt645(reply: bytes) -> bytes | None:
    """Return the reply of another electricity meter."""
    start = reply.find(b"\x68")
    if start < 0 or len(reply) < start + 12:
        return None
    head, data = bytearray(reply[start : start + 10]), reply[start + 10 : -2]
    head[1] ^= 0x03
    body = bytes(head) + data[:4] + _other(data[4:])
    return reply[:start] + body + bytes([sum(body) & 0xFF, 0x16])


def cjt188(reply: bytes) -> bytes | None:
    """Return the reply of another water meter."""
    start = reply.find(b"\x68")
    if start < 0 or len(reply) < start + 13:
        return None
    head, data = bytearray(reply[start : start + 11]), reply[start + 11 : -2]
    head[2] ^= 0x03
    body = bytes(head) + data[:3] + _other(data[3:])
    return reply[:start] + body + bytes([sum(body) & 0xFF, 0x16])


def mbus(reply: bytes) -> bytes | None:
    """Return the telegram of another meter; an acknowledgement has no address."""
    if reply[0] != 0x68 or len(reply) < 20:
        return None
    body = bytearray(reply[4:-2])
    body[1] ^= 0x03
    body[3] ^= 0x03
    return reply[:4] + bytes(body) + bytes([sum(body) & 0xFF, 0x16])


def hdlc(reply: bytes) -> bytes | None:
    """Return the frame of another server; addresses of one byte."""
    frame = bytearray(reply.strip(b"\x7e"))
    if len(frame) < 7 or not frame[3] & 1:
        return None
    frame[3] ^= 0x06
    body = bytes(frame[:5])
    if len(frame) > 7:
        body += _x25(body) + bytes(frame[7:-2])
    return b"\x7e" + body + _x25(body) + b"\x7e"


def _x25(data: bytes) -> bytes:
    return struct.pack("<H", crc(data, 0xFFFF, 0x8408) ^ 0xFFFF)


def crc(data: bytes, value: int, polynomial: int) -> int:
    """Return a reflected CRC-16, written down here again: what is tested is not asked."""
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
    return value


def _other(data: bytes) -> bytes:
    """Return other values in the same form: decimal digits stay such."""
    return bytes(byte ^ 0x01 for byte in data)


def wrapper(reply: bytes) -> bytes | None:
    """Return the message of another server behind the same DLMS port; all of it stays sound."""
    if len(reply) < 8:
        return None
    return reply[:3] + bytes([reply[3] ^ 0x06]) + reply[4:-1] + _other(reply[-1:])
