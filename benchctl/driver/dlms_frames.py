"""What stands inside a DLMS/COSEM message: requests, answers, data (IEC 62056-5-3 and -6-2).

The library dlms-cosem makes and reads the messages. Data are read here, because its reader makes a
value of bytes that are cut off; here they are refused.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import msg

DATA, REGISTER, EXTENDED_REGISTER, DEMAND_REGISTER, CLOCK = 1, 3, 4, 5, 8
SCALED = {(REGISTER, 2): 3, (EXTENDED_REGISTER, 2): 3, (DEMAND_REGISTER, 2): 4}
SCALED |= {(DEMAND_REGISTER, 3): 4}
"""Attributes that are numbers without unit, and the attribute with their scaler and unit."""
NULL, ARRAY, STRUCTURE, OCTETS, TEXT, UTF8, ENUM = 0, 1, 2, 9, 10, 12, 22
INTEGERS = {5: ">i", 6: ">I", 15: ">b", 16: ">h", 17: ">B", 18: ">H", 20: ">q", 21: ">Q"}
FLOATS = {23: ">f", 24: ">d"}
STAMPS = {25: 12, 26: 5, 27: 4}
UNITS: Mapping[int, str] = {
    **{4: "d", 5: "h", 6: "min", 7: "s", 8: "°", 9: "°C", 11: "m", 12: "m/s"},
    **{13: "m³", 14: "m³", 15: "m³/h", 16: "m³/h", 17: "m³/d", 18: "m³/d", 19: "L", 20: "kg"},
    **{21: "N", 22: "N·m", 23: "Pa", 24: "bar", 25: "J", 26: "J/h", 27: "W", 28: "VA", 29: "var"},
    **{30: "Wh", 31: "VA·h", 32: "var·h", 33: "A", 34: "C", 35: "V", 36: "V/m", 37: "F"},
    **{38: "Ω", 42: "T", 43: "A/m", 44: "Hz", 45: "imp/Wh", 46: "imp/(var·h)"},
    **{47: "imp/(VA·h)", 52: "K", 56: "%", 254: "1", 255: "1"},
}
"""Units by their number (IEC 62056-6-2, table 4; from memory: check those that you meet first)."""
OBIS = re.compile(r"(\d{1,3})[.-](\d{1,3})[.:](\d{1,3})\.(\d{1,3})\.(\d{1,3})[.*](\d{1,3})")
_DEEPEST = 16


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of an object: interface class, OBIS code ("1.0.1.8.0.255"), number."""

    interface: int
    obis: str
    number: int = 2

    @property
    def obis_bytes(self) -> bytes:
        """The code as it travels.

        Raises:
            ValueError: it is none.
        """
        found = OBIS.fullmatch(self.obis)
        if found is None or any(int(part) > 255 for part in found.groups()):
            raise ValueError(f"{self.obis!r} is no OBIS code of six parts")
        return bytes(int(part) for part in found.groups())


def dlms(obis: str, attribute: int = 2, *, interface: int = REGISTER) -> Attribute:
    """Return the address of a channel: attribute 2 of a register is its value.

    Args:
        obis: Logical name with six parts, "1.0.1.8.0.255" or "1-0:1.8.0*255".
        attribute: Its number; 2 is the value.
        interface: Interface class: 1 data, 3 register, 4 extended, 5 demand register, 8 clock.
    """
    return Attribute(interface, obis, attribute)


def get_request(attribute: Attribute, invoke: int) -> bytes:
    """Return the request for an attribute; `invoke`, 1 to 15, comes back in the answer."""
    from dlms_cosem.cosem import CosemAttribute, Obis
    from dlms_cosem.enumerations import CosemInterface
    from dlms_cosem.protocol.xdlms import GetRequestNormal
    from dlms_cosem.protocol.xdlms.invoke_id_and_priority import InvokeIdAndPriority

    what = CosemAttribute(
        CosemInterface(attribute.interface),
        Obis.from_bytes(attribute.obis_bytes),
        attribute.number,
    )
    return bytes(GetRequestNormal(what, InvokeIdAndPriority(invoke)).to_bytes())


def get_next_request(block: int, invoke: int) -> bytes:
    """Return the request for the block behind `block`."""
    return bytes([0xC0, 2, 0xC0 | invoke]) + block.to_bytes(4, "big")


def parsed(apdu: bytes) -> Any:
    """Return a message as an object of dlms-cosem.

    Raises:
        GarbageReplyError: it is none.
    """
    from dlms_cosem.connection import XDlmsApduFactory

    try:
        return XDlmsApduFactory.apdu_from_bytes(apdu)
    except (ValueError, KeyError, IndexError, AssertionError, TypeError, OverflowError) as error:
        raise GarbageReplyError(msg("meter.no-frame", protocol="DLMS"), wire=apdu) from error


def invoke_of(apdu: bytes) -> int:
    """Return the number that a GET answer repeats from its request."""
    return apdu[2] & 15 if len(apdu) > 2 else -1


def access_error(code: int) -> DeviceError:
    """Return the error that a data access result tells."""
    return DeviceError(msg("meter.dlms-access", code=code, name=access_name(code)))


def access_name(code: int) -> str:
    """Return the name of a data access result: 3 is "read-write-denied"."""
    from dlms_cosem.enumerations import DataAccessResult

    known = {int(result): str(result.name) for result in DataAccessResult}
    return known.get(code, str(code)).lower().replace("_", "-")


def data_of(content: bytes) -> Any:
    """Return A-XDR data as a number, text, bytes, bool, None or list of such.

    Raises:
        GarbageReplyError: a tag is unknown, bytes are missing or left over.
    """
    try:
        value, at = _data(content, 0, 0)
    except (IndexError, struct.error, UnicodeDecodeError, ValueError) as error:
        raise GarbageReplyError(msg("meter.records", problem=str(error)), wire=content) from error
    if at != len(content):
        raise GarbageReplyError(msg("meter.length", told=at, got=len(content)), wire=content)
    return value


def _data(content: bytes, at: int, depth: int) -> tuple[Any, int]:
    tag, at = content[at], at + 1
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    if tag == NULL:
        return None, at
    if tag in (3, ENUM):
        return (bool(content[at]) if tag == 3 else content[at]), at + 1
    if code := INTEGERS.get(tag) or FLOATS.get(tag):
        return struct.unpack_from(code, content, at)[0], at + struct.calcsize(code)
    if tag in STAMPS:
        return _bytes(content, at, STAMPS[tag]), at + STAMPS[tag]
    length, at = _length(content, at)
    if tag in (ARRAY, STRUCTURE):
        items = []
        for _ in range(length):
            item, at = _data(content, at, depth + 1)
            items.append(item)
        return items, at
    field = _bytes(content, at, length)
    if tag == OCTETS:
        return field, at + length
    if tag in (TEXT, UTF8):
        return field.decode("ascii" if tag == TEXT else "utf-8"), at + length
    raise ValueError(f"tag {tag}")


def _bytes(content: bytes, at: int, length: int) -> bytes:
    field = content[at : at + length]
    if len(field) != length:
        raise IndexError(f"{length} bytes are told, {len(field)} are there")
    return field


def _length(content: bytes, at: int) -> tuple[int, int]:
    first = content[at]
    if first < 0x80:
        return first, at + 1
    size = first & 0x7F
    return int.from_bytes(_bytes(content, at + 1, size), "big"), at + 1 + size


def scaler_and_unit(data: Any) -> tuple[Fraction, str]:
    """Return factor and unit of a scaler_unit structure.

    Raises:
        GarbageReplyError: it is none, or its unit is not known.
    """
    match data:
        case [int(scaler), int(unit)] if unit in UNITS and abs(scaler) <= 30:
            return Fraction(10) ** scaler, UNITS[unit]
    raise GarbageReplyError(msg("meter.no-scaler", data=str(data)[:80]))


def text_of(data: Any) -> str:
    """Return data as text: an octet string as characters or hex, a date and time as such."""
    if not isinstance(data, bytes):
        return str(data)
    if len(data) == 12 and (stamp := _stamp(data)):
        return stamp
    printable = data.isascii() and data.decode("ascii").isprintable()
    return data.decode("ascii").strip() if printable else data.hex().upper()


def _stamp(data: bytes) -> str:
    """Return a date and time, "" if it is none or not wholly told."""
    try:
        when = datetime(int.from_bytes(data[:2], "big"), data[2], data[3], *data[5:8])
    except ValueError:
        return ""
    return when.isoformat(" ")
