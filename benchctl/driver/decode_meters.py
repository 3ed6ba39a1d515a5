"""What a frame of a meter's protocol says, for `benchctl drivers decode`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchctl.core.errors import DeviceError, GarbageReplyError, NotANumberError
from benchctl.core.messages import words
from benchctl.driver import dlt645_frames as dlt645
from benchctl.driver import gfuve_frames as gfuve
from benchctl.driver import hdlc_frames as hdlc
from benchctl.driver import iec62056_frames as iec
from benchctl.driver import mbus_frames as mbus
from benchctl.driver import radian_frames as radian
from benchctl.driver import zera_frames as zera
from benchctl.driver.dlms_frames import access_name, data_of, parsed, text_of
from benchctl.driver.dlt645_items import item_of
from benchctl.driver.mbus_records import Record, more_follows, records_of

Fields = dict[str, Any]


_ONLY_1997 = frozenset({dlt645.READ[1997], dlt645.READ_ON[1997]})
"""Controls of reading that the edition of 2007 has not."""


def _dlt645(edition: int) -> Callable[[bytes], Fields]:
    def decode(data: bytes) -> Fields:
        frame = dlt645.decode(data)
        if edition == 2007 and frame.control & 0x3F in _ONLY_1997:
            return {"edition": 1997, **_dlt645(1997)(data)}
        fields: Fields = {"address": frame.address, "control": f"{frame.control:02X}"}
        fields["direction"] = "reply" if frame.control & dlt645.REPLY else "request"
        if frame.control & dlt645.ERROR and frame.control & dlt645.REPLY:
            error = dlt645.refusal(frame, edition)
            return fields | {"error": frame.data[:1].hex(), "meaning": words(error.message)}
        if frame.control == dlt645.READ_ADDRESS | dlt645.REPLY:
            return fields | {"told_address": frame.data[::-1].hex()}
        if frame.control & 0x1F not in (dlt645.READ[edition], dlt645.READ_ON[edition]):
            return fields | {"data": frame.data.hex(" ").upper()}
        return fields | _dlt645_data(frame, edition)

    return decode


def _dlt645_data(frame: dlt645.Frame, edition: int) -> Fields:
    """Return identification and value of a read request or its reply."""
    di = dlt645.identification(frame, edition)
    rest = frame.data[dlt645.DI_SIZE[edition] :]
    fields: Fields = {"di": di}
    if not frame.control & dlt645.REPLY:
        return fields | ({"part": rest[0]} if rest else {})
    item = item_of(di, edition)
    if item is None or len(rest) % item.length or frame.control & dlt645.MORE:
        more = bool(frame.control & dlt645.MORE)
        return fields | {"data": rest.hex(" ").upper(), "more_follows": more}
    told: list[Fields] = []
    for at in range(0, len(rest), item.length):
        try:
            value = dlt645.value(rest[at : at + item.length], item)
            time = {"time": value.time} if value.time else {}
            told.append({"value": value.value, "unit": value.unit, **time})
        except NotANumberError as error:
            told.append({"value": None, "unit": item.unit, "why": words(error.message)})
    return fields | (told[0] if len(told) == 1 else {"values": told})


def _mbus(data: bytes) -> Fields:
    frame = mbus.decode(data)
    if frame.control == mbus.ACK:
        return {"kind": "acknowledgement"}
    fields: Fields = {"control": f"{frame.control:02X}", "address": frame.address}
    if frame.ci is None:
        named = {mbus.RESET: "SND_NKE", 0x5B: "REQ_UD2", 0x7B: "REQ_UD2"}
        return {"kind": named.get(frame.control, "request"), **fields}
    fields["ci"] = f"{frame.ci:02X}"
    if frame.ci == mbus.SELECT and frame.address == mbus.SELECTED and len(frame.data) == 8:
        pattern = frame.data[3::-1] + frame.data[4:]
        return {"kind": "selection", **fields, "secondary": pattern.hex().upper()}
    try:
        head = mbus.head_of(frame)
    except DeviceError as error:
        return {"kind": "error", **fields, "meaning": words(error.message)}
    return {
        "kind": "RSP_UD",
        **fields,
        "number": head.number,
        "manufacturer": head.manufacturer,
        "version": head.version,
        "medium": f"{head.medium:02X}",
        "access": head.access,
        "status": f"{head.status:02X}",
        "secondary": mbus.secondary_of(head),
        "records": [_record(record) for record in records_of(frame)],
        "more_follows": more_follows(frame),
    }


def _record(record: Record) -> Fields:
    number = record.number
    value = record.text or None if number is None else float(number * record.step)
    place = {"storage": record.storage, "tariff": record.tariff, "device": record.device}
    told: Fields = {"quantity": record.quantity, "value": value, "unit": record.unit}
    told |= {name: n for name, n in place.items() if n}
    if record.function != "instantaneous":
        told["function"] = record.function
    return told | {n: v for n, v in (("extra", record.extra), ("raw", record.raw)) if v}


def _iec62056(data: bytes) -> Fields:
    if data[:1] == b"/" and not data.startswith(b"/?"):
        ident = iec.decode_ident(data)
        baud = iec.BAUDS.get(ident.baud)
        return {"kind": "identification", "maker": ident.maker, "id": ident.text} | {
            "baud_character": ident.baud,
            "baud": baud,
        }
    if data.startswith(b"/?") and data.endswith(b"!\r\n"):
        return {"kind": "request", "address": data[2:-3].decode("latin-1")}
    if data[:1] == iec.ACK and len(data) == 6 and data.endswith(iec.END):
        mode = {"0": "readout", "1": "programming"}.get(chr(data[3]), chr(data[3]))
        return {"kind": "option", "baud": iec.BAUDS.get(chr(data[2])), "mode": mode}
    if data in (iec.ACK, iec.NAK):
        return {"kind": "ACK" if data == iec.ACK else "NAK"}
    if data[:1] == iec.SOH:
        command, rest = iec.decode_command(data)
        return {"kind": "command", "command": command, "data": rest}
    if "!" in iec.decode_block(data):
        read = iec.decode_readout(data)
        return {"kind": "readout", "lines": {line.address: _iec_values(line) for line in read}}
    try:
        return {"kind": "answer", "values": iec.decode_values(data)}
    except DeviceError as error:
        return {"kind": "error", "meaning": words(error.message)}


def _iec_values(line: iec.Line) -> Any:
    """Return the value of a line of a readout with its unit, or all where it has several."""
    values: list[Fields] = [{"value": value, "unit": unit} for value, unit in line.values]
    return values[0] if len(values) == 1 else values


def _dlms(data: bytes) -> Fields:
    """Return what a frame says, of either kind: HDLC begins with a flag, TCP with a version."""
    return _wrapper(data) if data[:2] == b"\x00\x01" else _hdlc(data)


def _hdlc(data: bytes) -> Fields:
    frame = hdlc.decode(data)
    names = {hdlc.SNRM: "SNRM", hdlc.UA: "UA", hdlc.DISC: "DISC", hdlc.DM: "DM", hdlc.FRMR: "FRMR"}
    kind = names.get(frame.control, "I" if not frame.control & 1 else "RR")
    fields: Fields = {"kind": kind, "control": f"{frame.control:02X}"}
    fields |= {"destination": frame.destination.hex(), "source": frame.source.hex()}
    if kind in ("I", "RR"):
        fields["received"] = frame.control >> 5
    if kind == "UA":
        return fields | hdlc.parameters(frame.information)
    if kind != "I":
        return fields
    fields |= {"sent": frame.control >> 1 & 7, "segmented": frame.segmented}
    for head in (hdlc.LLC_REQUEST, hdlc.LLC_RESPONSE):
        if frame.information.startswith(head) and not frame.segmented:
            return fields | _apdu(frame.information[3:])
    return fields | {"information": frame.information.hex(" ").upper()}


def _wrapper(data: bytes) -> Fields:
    got = hdlc.unwrap(data)
    return {"source": got.source, "destination": got.destination, **_apdu(got.information)}


def _apdu(data: bytes) -> Fields:
    """Return what a DLMS message is and, for the answer to a GET, what it says."""
    message = parsed(data)
    fields: Fields = {"message": type(message).__name__, "apdu": data.hex(" ").upper()}
    if fields["message"] == "GetResponseNormal":
        value = data_of(message.data)
        plain = isinstance(value, int | float)
        fields["data"] = value if plain else text_of(value)
    elif hasattr(message, "error"):
        code = int(message.error)
        fields |= {"error": code, "meaning": access_name(code)}
    elif hasattr(message, "cosem_attribute"):
        what = message.cosem_attribute
        fields["obis"] = what.instance.to_string(".")
        fields["attribute"] = what.attribute
    return fields


def _radian(data: bytes) -> Fields:
    packet = radian.decode(data)
    fields: Fields = {"start": f"{packet.start:02X}", "type": f"{packet.type:02X}"}
    if packet.type != radian.INSTANTANEOUS or len(packet.data) != 4 * len(radian.METRICS):
        return fields | {"data": packet.data.hex(" ").upper()}
    return fields | {kind: radian.metrics(packet, kind) for kind in radian.FLOATS}


def _zera(data: bytes) -> Fields:
    last = data.rstrip(b"\r\n").rpartition(b"\r")[2].strip().decode("latin-1")
    if not last.endswith(zera.ACKNOWLEDGED):
        raise GarbageReplyError(zera.no_end("ACK"), wire=data)
    command = last.removesuffix(zera.ACKNOWLEDGED)
    return {"command": command, "values": zera.decode(data, command)}


def _gfuve(data: bytes) -> Fields:
    frame = gfuve.decode(data)
    fields: Fields = {"start": frame.start.decode(), "command": frame.command}
    if frame.command == gfuve.READ_ALL and len(frame.data) == gfuve.DATA_SIZE:
        return fields | {"values": gfuve.values(frame)}
    return fields | {"data": frame.data}


METER_DECODERS: Mapping[str, Callable[[bytes], Fields]] = {
    "dlt645": _dlt645(2007),
    "dlt645-1997": _dlt645(1997),
    "mbus": _mbus,
    "iec62056": _iec62056,
    "dlms": _dlms,
    "hdlc": _hdlc,
    "dlms-wrapper": _wrapper,
    "radian": _radian,
    "zera": _zera,
    "gfuve": _gfuve,
}
