"""Every published or captured frame of a meter's protocol: taken apart, made again, refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import vectors

from benchctl.core.errors import GarbageReplyError
from benchctl.driver import cjt188_frames as cjt188
from benchctl.driver import decode_frame
from benchctl.driver import dlt645_frames as dlt645
from benchctl.driver import gfuve_frames as gfuve
from benchctl.driver import hdlc_frames as hdlc
from benchctl.driver import iec62056_frames as iec
from benchctl.driver import mbus_frames as mbus
from benchctl.driver import radian_frames as radian
from benchctl.driver.dlms_frames import access_error
from benchctl.driver.mbus_records import records_of

DECODER = {
    "DL/T 645-2007": "dlt645",
    "DL/T 645-1997": "dlt645-1997",
    "CJ/T 188-2004": "cjt188",
    "M-Bus EN 13757-2/-3": "mbus",
    "DLMS/COSEM HDLC (IEC 62056-46)": "hdlc",
    "DLMS/COSEM wrapper (IEC 62056-47)": "dlms-wrapper",
    "IEC 62056-21 mode C": "iec62056",
    "Radian RD": "radian",
    "GFUVE GF333B": "gfuve",
}
FRAMES = [v for v in vectors.ALL if v["protocol"] in DECODER and v.get("hex")]
SOUND = [v for v in FRAMES if not vectors.negative(v)]
SPOILT = [v for v in FRAMES if vectors.negative(v)]


def told(vector: dict[str, Any]) -> dict[str, Any]:
    return decode_frame(DECODER[vector["protocol"]], vectors.wire(vector))


def of(*protocols: str) -> list[dict[str, Any]]:
    return [v for v in SOUND if v["protocol"].startswith(protocols)]


def test_no_vector_of_these_protocols_is_left_out() -> None:
    assert {v["protocol"] for v in FRAMES} == set(DECODER)
    assert (len(SOUND), len(SPOILT)) == (33, 3)


@pytest.mark.parametrize("vector", SPOILT, ids=vectors.named)
def test_a_negative_vector_is_refused_for_its_checksum(vector: dict[str, Any]) -> None:
    assert vector["expect"] == {"error": "checksum"}
    with pytest.raises(GarbageReplyError, match="wrong checksum"):
        told(vector)


@pytest.mark.parametrize("vector", of("DL/T 645"), ids=vectors.named)
def test_a_dlt645_vector_says_what_it_must(vector: dict[str, Any]) -> None:
    expect, says = vector["expect"], told(vector)
    if vector["name"] == "address reply":
        assert says["told_address"] == says["address"] == expect["addr"]
        return
    if "addr" in expect:
        assert says["address"] == expect["addr"]
    if "ctrl" in expect:
        assert says["control"] == expect["ctrl"]
    if "di" in expect:
        assert says["di"] == expect["di"]
    if "value" in expect:
        assert says["value"] == float(expect["value"])
    if "unit" in expect:
        assert says["unit"] == expect["unit"]
    if "time" in expect:
        assert says["time"] == expect["time"]
    if "err" in expect:
        assert int(says["error"], 16) == expect["err"]


def _again(vector: dict[str, Any]) -> bytes:
    """Return the vector's frame, taken apart and made again by our codec."""
    wire = vectors.wire(vector)
    kinds: dict[str, Callable[[bytes], bytes]] = {
        "DL/T": lambda w: dlt645.encode(dlt645.decode(w)),
        "CJ/T": lambda w: cjt188.encode(cjt188.decode(w)),
        "M-Bu": lambda w: mbus.encode(mbus.decode(w)),
        "Radi": lambda w: radian.encode(radian.decode(w)),
        "GFUV": lambda w: gfuve.encode(gfuve.decode(w)),
    }
    if "HDLC" in vector["protocol"]:
        return hdlc.encode(hdlc.decode(wire))
    if "wrapper" in vector["protocol"]:
        return hdlc.wrap(hdlc.unwrap(wire))
    return kinds[vector["protocol"][:4]](wire)


@pytest.mark.parametrize(
    "vector", [v for v in SOUND if "62056-21" not in v["protocol"]], ids=vectors.named
)
def test_a_vector_is_made_again_byte_for_byte(vector: dict[str, Any]) -> None:
    assert _again(vector) == vectors.wire(vector).lstrip(b"\xfe")


def test_requests_are_the_published_ones() -> None:
    def frame(name: str) -> bytes:
        (found,) = [vectors.wire(v).lstrip(b"\xfe") for v in SOUND if v["name"].startswith(name)]
        return found

    assert dlt645.read_request("000000000161", "02010100", 2007) == frame("read phase A voltage")
    asks = dlt645.Frame(dlt645.ANYONE, dlt645.READ_ADDRESS)
    assert dlt645.encode(asks) == frame("read address (broadcast)")
    assert dlt645.read_request("000000000003", "B611", 1997) == frame("1997: read DI B611")
    assert mbus.reset(3) == frame("SND_NKE")
    assert mbus.request(254, toggle=False) == frame("REQ_UD2")
    client, server = hdlc.address(16), hdlc.address(1)
    assert hdlc.encode(hdlc.Frame(server, client, hdlc.SNRM)) == frame("SNRM")
    asks_all = radian.Packet(radian.PACKET, radian.INSTANTANEOUS, radian.ALL_METRICS)
    assert radian.encode(asks_all) == frame("read the instantaneous")
    assert gfuve.encode(gfuve.Frame(gfuve.ASKS, gfuve.READ_ALL)) == b"$$00000068!!"


def test_cjt188_says_the_published_address_and_identification() -> None:
    says = told(of("CJ/T 188")[0])
    assert says["address"] == "78330011223344"
    assert (says["meter_type"], says["control"], says["serial_number"]) == ("10", "01", 0)


@pytest.mark.parametrize(
    "vector", [v for v in of("M-Bus") if "RSP_UD v" in v["name"]], ids=vectors.named
)
def test_records_are_those_of_libmbus(vector: dict[str, Any]) -> None:
    says, expect = told(vector), vector["expect"]
    assert (says["number"], says["manufacturer"]) == (expect["id"], expect["manufacturer"])
    records = records_of(mbus.decode(vectors.wire(vector)))
    plain = [r for r in records if r.number is not None]
    numbers = [(r.unit, float(r.number * r.step)) for r in plain if r.number is not None]
    wanted = [
        ({"m^3": "m³", "": "1", "-": "bat. time"}.get(unit, unit), float(value))
        for unit, _, value in expect["records"]
        if value and "T" not in value
    ]
    assert numbers[: len(wanted)] == wanted
    times = [value.removesuffix(":00Z") for _, _, value in expect["records"] if "T" in value]
    assert [r.text for r in records if r.quantity == "date_time"][: len(times)] == times


@pytest.mark.parametrize(
    "vector",
    [
        v
        for v in of("M-Bus")
        if "libmbus test/test-frames/" in v["source"] and "RSP_UD v" not in v["name"]
    ],
    ids=vectors.named,
)
def test_what_the_library_does_not_read_is_read_here(vector: dict[str, Any]) -> None:
    says, expect = told(vector), vector["expect"]
    if "error" in expect:
        assert (says["kind"], says["meaning"]) == ("error", "the meter refuses (08): it is busy")
        return
    found = [[r["quantity"], r["value"], r["unit"], r.get("storage", 0)] for r in says["records"]]
    assert found[: len(expect["records"])] == expect["records"]
    assert says["number"] == expect["number"]
    assert says["more_follows"] is expect.get("more_follows", False)


def test_the_other_mbus_frames_are_named() -> None:
    kinds = [told(v)["kind"] for v in of("M-Bus")[:3]]
    assert kinds == ["SND_NKE", "acknowledgement", "REQ_UD2"]


def test_hdlc_vectors_say_what_they_must() -> None:
    snrm, ua, error, disc = [told(v) for v in of("DLMS/COSEM HDLC")]
    assert (snrm["kind"], disc["kind"], ua["kind"]) == ("SNRM", "DISC", "UA")
    assert (ua["max_tx"], ua["max_rx"], ua["window_tx"]) == (128, 128, 1)
    assert (error["error"], error["meaning"]) == (3, "read-write-denied")
    (wrapped,) = [told(v) for v in of("DLMS/COSEM wrapper")]
    assert (wrapped["source"], wrapped["destination"], wrapped["error"]) == (1, 16, 3)
    assert "read-write-denied" in str(access_error(3))


def test_iec62056_vectors_say_what_they_must() -> None:
    ident, option, readout = of("IEC 62056-21")
    assert told(ident) == {
        "kind": "identification",
        "maker": "GRX",
        "id": "12345678",
        "baud_character": "5",
        "baud": 9600,
    }
    assert iec.ident_message(iec.decode_ident(vectors.wire(ident))) == vectors.wire(ident)
    assert iec.option_message("5", iec.READOUT) == vectors.wire(option)
    assert told(option) == {"kind": "option", "baud": 9600, "mode": "readout"}
    assert told(readout)["lines"]["1.8.0"] == {"value": "000123.456", "unit": "kWh"}
    content = iec.decode_block(vectors.wire(readout))
    assert iec.block_message(content) == vectors.wire(readout)
    for at in range(len(vectors.wire(readout))):
        spoilt = bytearray(vectors.wire(readout))
        spoilt[at] ^= 0x04
        with pytest.raises(GarbageReplyError):
            iec.decode_readout(bytes(spoilt))


def checkless(vector: dict[str, Any]) -> bool:
    """Return whether a frame has no check: the DLMS wrapper, E5, the sign-on of IEC 62056-21."""
    name = vector["name"]
    return "wrapper" in vector["protocol"] or name == "ack" or name.startswith(("ACK o", "ident"))


@pytest.mark.parametrize("vector", [v for v in SOUND if not checkless(v)], ids=vectors.named)
def test_one_changed_byte_is_never_taken_for_a_frame(vector: dict[str, Any]) -> None:
    wire = vectors.wire(vector).lstrip(b"\xfe")
    decode = DECODER[vector["protocol"]]
    for at in range(len(wire)):
        for change in (0x01, 0x10, 0x55, 0x80):
            spoilt = wire[:at] + bytes([wire[at] ^ change]) + wire[at + 1 :]
            with pytest.raises(GarbageReplyError):
                decode_frame(decode, spoilt)
    for length in range(len(wire)):
        with pytest.raises(GarbageReplyError):
            decode_frame(decode, wire[:length])
