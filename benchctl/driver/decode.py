"""What a frame says, for `benchctl drivers decode`.

decode_frame("cjt188", bytes.fromhex("68 10 ..."))  ->  {"address": "78330011223344", ...}
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

from benchctl.core.errors import GarbageReplyError, UsageError
from benchctl.core.messages import msg
from benchctl.core.suggest import closest
from benchctl.driver.cjt188_frames import BATTERY_LOW, READ_REPLY, decode, meter_data
from benchctl.driver.decode_meters import METER_DECODERS
from benchctl.driver.decode_scpi import scpi_reply
from benchctl.driver.framing import READS, WRITES, crc16, exception

Fields = dict[str, Any]


def decode_frame(protocol: str, data: bytes) -> Fields:
    """Return the fields of a frame.

    Raises:
        UsageError: no such protocol.
        GarbageReplyError: what is wrong with the frame: checksum, length, no frame at all.
    """
    name = known_protocol(protocol)
    if name not in DECODERS:
        near = closest(name, DECODERS)
        raise UsageError(
            msg("driver.unknown-protocol", protocol=protocol, known=", ".join(DECODERS)),
            hint=msg("driver.did-you-mean", word=near) if near else None,
        )
    return DECODERS[name](data)


def known_protocol(name: str) -> str:
    """Return the name under which a protocol is decoded, whatever way people write it."""
    plain = name.lower().replace("/", "").replace(" ", "").replace("_", "-")
    return ALIASES.get(plain, plain)


def _cjt188(data: bytes) -> Fields:
    frame = decode(data)
    fields: Fields = {
        "meter_type": f"{frame.meter_type:02X}",
        "address": frame.address,
        "control": f"{frame.control:02X}",
        "di": _cjt_item(frame.data[:2]),
        "di_sent": frame.data[:2].hex(" ").upper(),
        "serial_number": frame.data[2] if len(frame.data) > 2 else None,
    }
    if frame.control == READ_REPLY:
        meter = meter_data(frame)
        fields |= {
            "volume": {"value": meter.volume, "unit": "L"},
            "settled_volume": {"value": meter.settled, "unit": "L"},
            "sent_unit": meter.unit,
            "clock": meter.clock,
            "status": f"{meter.status:04X}",
            "battery_low": bool(meter.status >> BATTERY_LOW & 1),
        }
    return fields


def _cjt_item(sent: bytes) -> str:
    """Return the number of an item; makers send it either byte first, and 90, D1 .. lead it."""
    low_first = len(sent) == 2 and sent[0] not in _LEADS and sent[1] in _LEADS
    return (sent[::-1] if low_first else sent).hex().upper()


def _modbus(data: bytes) -> Fields:
    """Return what a frame says: on a line where its CRC is right, on TCP where its head fits."""
    tcp = crc16(data) and len(data) > 8 and struct.unpack(">HH", data[2:6]) == (0, len(data) - 6)
    return {"framing": "tcp", **_tcp(data)} if tcp else {"framing": "rtu", **_rtu(data)}


def _rtu(data: bytes) -> Fields:
    if len(data) < 4:
        raise GarbageReplyError(msg("driver.no-frame", unit="?"), wire=data)
    if crc16(data):
        raise GarbageReplyError(
            msg("driver.crc-is", computed=crc16(data[:-2]).to_bytes(2, "little").hex(" ")),
            wire=data,
        )
    return {"unit": data[0], **_pdu(data[1:-2], data)}


def _tcp(data: bytes) -> Fields:
    if len(data) < 9:
        raise GarbageReplyError(msg("driver.no-frame", unit="?"), wire=data)
    tag, protocol, length, unit = struct.unpack(">HHHB", data[:7])
    if protocol or length != len(data) - 6:
        raise GarbageReplyError(msg("driver.mbap", told=length, got=len(data) - 6), wire=data)
    return {"transaction": tag, "unit": unit, **_pdu(data[7:], data)}


def _pdu(pdu: bytes, wire: bytes) -> Fields:
    function = pdu[0]
    if function & 0x80 and len(pdu) == 2:
        said = exception(pdu[1], wire)
        return {"function": function & 0x7F, "exception": pdu[1], "meaning": str(said.message)}
    if function in READS and len(pdu) == 2 + pdu[1]:
        return {"function": function, "kind": "reply", "data": pdu[2:].hex(" ").upper()}
    if function in READS and len(pdu) == 5:
        start, count = struct.unpack(">HH", pdu[1:])
        return {"function": function, "kind": "request", "start": start, "count": count}
    if function in WRITES and len(pdu) >= 5:
        start, value = struct.unpack(">HH", pdu[1:5])
        name = "value" if function in (5, 6) else "count"
        rest = {"data": pdu[6:].hex(" ").upper()} if len(pdu) > 5 else {}
        return {"function": function, "start": start, name: value, **rest}
    raise GarbageReplyError(msg("driver.no-frame", unit="?"), wire=wire)


_LEADS = frozenset({0x81, 0x90, 0xA0, 0xD1})
"""First byte of the items of CJ/T 188-2004, table 8 (from memory: check)."""
ALIASES = {"cjt188-2004": "cjt188", "dlt645-2007": "dlt645", "m-bus": "mbus"}
ALIASES |= {"cj-t188": "cjt188", "cjt-188": "cjt188", "dl-t645": "dlt645", "dlt-645": "dlt645"}
ALIASES |= {
    "iec62056-21": "iec62056",
    "dlms-hdlc": "hdlc",
    "dlms-cosem": "dlms",
    "dlmscosem": "dlms",
}
ALIASES |= {"cosem": "dlms", "rtu": "modbus-rtu", "radian-rd": "radian", "ieee488.2": "scpi"}
"""Names that people give a protocol as well."""
DECODERS: Mapping[str, Callable[[bytes], Fields]] = {
    "scpi": scpi_reply,
    "cjt188": _cjt188,
    "modbus": _modbus,
    "modbus-rtu": _rtu,
    "modbus-tcp": _tcp,
    **METER_DECODERS,
}
