"""What a meter's M-Bus telegrams say, record by record.

pyMeterBus cuts a variable structure into records and knows the units. The numbers are made here,
because it makes one of any bytes: here a digit above 9, a value that the standard calls invalid and
a record that is cut off are none. What it does not know (fixed structure, some VIF codes) is dealt
with here as well.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from benchctl.core.errors import GarbageReplyError, NotANumberError
from benchctl.core.messages import msg
from benchctl.driver.mbus_frames import FIXED, HEAD, VARIABLE, Frame, encode, head_of

FUNCTIONS = ("instantaneous", "maximum", "minimum", "error")
INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 6: 6, 7: 8}
DECIMALS = {9: 1, 10: 2, 11: 3, 12: 4, 14: 6}
REAL, VARIABLE_LENGTH = 5, 13
MAKER_SPECIFIC, MORE = 0x0F, 0x1F
UNITS = {
    "m^3": "m³",
    "m^3/h": "m³/h",
    "m^3/min": "m³/min",
    "m^3/s": "m³/s",
    "C": "°C",
    "l": "L",
    "none": "1",
    "seconds": "s",
    "minutes": "min",
    "hours": "h",
    "days": "d",
}
ONE_NAME = {
    "energy_wh": "energy",
    "energy_j": "energy",
    "power_w": "power",
    "power_j_h": "power",
    "volume flow": "volume_flow",
    "volume_flow_ext": "volume_flow",
    "volume_flow_ext_s": "volume_flow",
    "date_time_general": "date_time",
    "fabrication_no": "fabrication_number",
    "volts": "voltage",
    "ampere": "current",
}
MENDED = {0x08: (10**8, "J"), 0x09: (10**9, "J"), 0x30: (10**8, "J/h"), 0x31: (10**9, "J/h")}
"""Codes behind VIF FB whose unit pyMeterBus does not name, or names wrongly."""
TEXTS = ("date", "date_time", "time")
COUNTER_UNITS: Mapping[int, tuple[str, Fraction, str]] = {
    first + n: (quantity, Fraction(10) ** (exponent + n), unit)
    for first, quantity, exponent, unit, count in (
        (0x02, "energy", 0, "Wh", 9),
        (0x0B, "energy", 3, "J", 9),
        (0x14, "power", 0, "W", 9),
        (0x1D, "power", 3, "J/h", 9),
        (0x26, "volume", -3, "L", 9),
        (0x2F, "volume_flow", -3, "L/h", 9),
        (0x38, "temperature", -3, "°C", 1),
    )
    for n in range(count)
}
"""Units of the two counters of a fixed structure, by code (EN 1434-3, from memory: check)."""
SAME_BUT_HISTORIC = 0x3E
SIGNED_BINARY, HISTORIC = 0x01, 0x02
"""Bits of the status of a fixed structure (from memory: check)."""


@dataclass(frozen=True, slots=True)
class Record:
    """One value of a telegram.

    `number` is in steps of `step` `unit`; None where there is none, then `text` may say something
    (a date, a text) or `raw` why not. `extra` names what changes the meaning of the value ("per
    input pulse"); a plain value has none.
    """

    quantity: str
    number: Fraction | None
    step: Fraction
    unit: str
    storage: int = 0
    tariff: int = 0
    device: int = 0
    function: str = FUNCTIONS[0]
    extra: str = ""
    text: str = ""
    raw: str = ""


def records_of(frame: Frame) -> tuple[Record, ...]:
    """Return the values in one telegram.

    Raises:
        GarbageReplyError: its structure is broken.
        DeviceError: it tells an error.
    """
    head = head_of(frame)
    if frame.ci == FIXED:
        return _counters(frame.data, head.status)
    from meterbus import load
    from meterbus.exceptions import MBusError

    try:
        telegram = load(encode(frame))
        found = list(telegram.records)
    except (MBusError, IndexError, KeyError, ValueError, UnboundLocalError) as error:
        raise GarbageReplyError(msg("meter.records", problem=str(error))) from error
    return tuple([_record(rec) for rec in found if rec.dib.parts[0] != MORE])


def more_follows(frame: Frame) -> bool:
    """Return whether the meter has another telegram: its last byte is the lone DIF 1F."""
    return (
        frame.ci == VARIABLE and len(frame.data) > HEAD and frame.data[-1] == MORE and _ends(frame)
    )


def _ends(frame: Frame) -> bool:
    """Return whether that last byte is a DIF, not the last byte of a value."""
    from meterbus import load

    return bool(load(encode(frame)).more_records_follow)


def _record(rec: Any) -> Record:
    """Return a record of pyMeterBus as ours."""
    dif = rec.dib.parts[0]
    data = bytes(rec.dataField.parts)
    raw = data.hex(" ").upper()
    if dif == MAKER_SPECIFIC:
        return Record("manufacturer_specific", None, Fraction(1), "", raw=raw)
    storage, tariff, device = rec.dib.parse_dife()
    function = FUNCTIONS[dif >> 4 & 3]
    place = (storage, tariff or 0, device or 0, function)
    quantity, step, unit, extra = _meaning(rec)
    if quantity in TEXTS or dif & 15 == VARIABLE_LENGTH:
        return Record(quantity, None, step, unit, *place, extra, _text(rec, data), raw)
    return Record(quantity, _number(dif & 15, data), step, unit, *place, extra, "", raw)


def _meaning(rec: Any) -> tuple[str, Fraction, str, str]:
    """Return quantity, step, unit and what changes the meaning."""
    vif = list(rec.vib.parts)
    try:
        factor, unit, kind, extra = rec._parse_vifx()
    except (KeyError, IndexError, TypeError):
        factor = None
    if factor is None:
        return "unknown", Fraction(1), "", "unknown"
    if vif[:1] == [0xFB] and vif[1] & 0x7F in MENDED:
        factor, unit = MENDED[vif[1] & 0x7F]
    name = str(getattr(kind, "name", kind)).lower()
    told = str(getattr(unit, "value", unit))
    # behind FB and FD one byte names the quantity; a further one changes what it means
    further = len(vif) > (2 if vif[:1] in ([0xFB], [0xFD]) else 1) and vif[0] & 0x7F != 0x7C
    if further and extra is None:
        extra = "unknown"
    changed = "" if extra is None else str(getattr(extra, "name", extra)).lower()
    return ONE_NAME.get(name, name), _step(factor), UNITS.get(told, told), changed


def _step(factor: float | int) -> Fraction:
    """Return a factor as an exact fraction: 1e-3 is 1/1000, not the nearest binary number."""
    return Fraction(str(factor))


def _number(field: int, data: bytes) -> Fraction | None:
    """Return the number in the bytes of a record, None if it is none."""
    if field in INTEGERS and len(data) == INTEGERS[field]:
        number = int.from_bytes(data, "little", signed=True)
        return None if number == -(1 << 8 * len(data) - 1) else Fraction(number)
    if field in DECIMALS and len(data) == DECIMALS[field]:
        return _decimal(data)
    if field == REAL and len(data) == 4:
        value = struct.unpack("<f", data)[0]
        return Fraction(value) if abs(value) < 1e37 else None
    return None


def _decimal(data: bytes) -> Fraction | None:
    """Return BCD digits, low byte first, whose highest may be F for a minus sign."""
    digits = data[::-1].hex()
    negative = digits[0] == "f"
    rest = digits[1:] if negative else digits
    if not rest.isdecimal():
        return None
    return Fraction(-int(rest) if negative else int(rest))


def _text(rec: Any, data: bytes) -> str:
    try:
        return str(rec.value).strip()
    except (ValueError, IndexError, KeyError, TypeError):
        return data.hex(" ").upper()


def _counters(data: bytes, status: int) -> tuple[Record, ...]:
    """Return the two counters of a fixed structure."""
    codes = [data[6] & 0x3F, data[7] & 0x3F]
    historic = [bool(status & HISTORIC)] * 2
    if codes[1] == SAME_BUT_HISTORIC:
        codes[1], historic[1] = codes[0], True
    records = []
    for code, stored, field in zip(codes, historic, (data[8:12], data[12:16]), strict=True):
        quantity, step, unit = COUNTER_UNITS.get(code, ("unknown", Fraction(1), ""))
        number = _number(4, field) if status & SIGNED_BINARY else _decimal(field)
        raw = field.hex(" ").upper()
        records.append(Record(quantity, number, step, unit, int(stored), raw=raw))
    return tuple(records)


def picked(records: Sequence[Record], wanted: Record, nth: int = 0) -> Record:
    """Return the record of that quantity, storage, tariff, device, function and extra.

    Raises:
        GarbageReplyError: there is none.
        NotANumberError: it holds no value: the meter is in error, or its digits are none.
    """
    key = _key(wanted)
    found = [record for record in records if _key(record) == key]
    if len(found) <= nth:
        raise GarbageReplyError(msg("meter.no-record", quantity=wanted.quantity))
    if found[nth].number is None and not found[nth].text:
        raise NotANumberError(msg("driver.overload", value=found[nth].raw))
    return found[nth]


def _key(record: Record) -> tuple[Any, ...]:
    r = record
    return r.quantity, r.storage, r.tariff, r.device, r.function, r.extra
