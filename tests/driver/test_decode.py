"""What `drivers decode` says of a frame where people need not know which kind it is."""

from __future__ import annotations

from typing import Any

import pytest

from benchctl.core.errors import GarbageReplyError
from benchctl.driver import decode_frame


@pytest.mark.parametrize(
    ("frame", "framing", "kind"),
    [
        ("01 04 00 00 00 02 71 CB", "rtu", "request"),  # by chance also a head with a length
        ("00 01 00 00 00 06 01 04 00 00 00 02", "tcp", "request"),
        ("00 01 00 00 00 07 01 04 04 41 48 00 00", "tcp", "reply"),
    ],
)
def test_modbus_frames_are_told_apart_by_crc_and_head(frame: str, framing: str, kind: str) -> None:
    told = decode_frame("Modbus", bytes.fromhex(frame))
    assert (told["framing"], told["unit"], told["kind"]) == (framing, 1, kind)


def test_a_modbus_frame_with_a_wrong_crc_is_refused_for_it() -> None:
    with pytest.raises(GarbageReplyError, match="71 cb"):
        decode_frame("modbus", bytes.fromhex("01 04 00 00 00 02 71 CC"))


@pytest.mark.parametrize("name", ["dlms", "DLMS/COSEM", "cosem"])
def test_dlms_is_taken_from_either_wire(name: str) -> None:
    wrapped = decode_frame(name, bytes.fromhex("00 01 00 01 00 10 00 05 C4 01 C1 01 03"))
    framed = decode_frame(
        name, bytes.fromhex("7E A0 11 23 03 52 09 4D E6 E7 00 C4 01 C1 01 03 73 82 7E")
    )
    assert wrapped["error"] == framed["error"] == 3


def test_a_frame_of_the_edition_of_1997_is_recognised() -> None:
    frame = bytes.fromhex("68 03 00 00 00 00 00 68 81 04 44 E9 33 34 EC 16")
    assert decode_frame("dlt645", frame) == {"edition": 1997} | decode_frame("dlt645-1997", frame)
    assert decode_frame("DL/T 645", frame)["value"] == 100.0


@pytest.mark.parametrize(
    ("reply", "fields"),
    [
        (b"+1.25E+00\n", {"value": 1.25}),
        (b":SENS1:PRES 34.5\r\n", {"header": ":SENS1:PRES", "value": 34.5}),
        (b"*STB 68\n", {"header": "*STB", "value": 68.0}),
        (
            b'-113,"Undefined header;FOO:BAR 1"\n',
            {"code": -113, "meaning": "Undefined header;FOO:BAR 1"},
        ),
        (b"1;ON;0.5\n", {"answers": [{"value": 1.0}, {"value": "ON"}, {"value": 0.5}]}),
        (
            b"KEITHLEY INSTRUMENTS INC.,MODEL 2001,4301578,B17",
            {"values": ["KEITHLEY INSTRUMENTS INC.", "MODEL 2001", 4301578.0, "B17"]},
        ),
        (b"#15he\nlo\n", {"block": "68 65 0A 6C 6F"}),
    ],
)
def test_a_scpi_reply_is_read_aloud(reply: bytes, fields: dict[str, Any]) -> None:
    assert decode_frame("scpi", reply) == fields


def test_an_overload_is_told_and_no_number() -> None:
    assert "overload" in decode_frame("SCPI", b"9.91E37\n")["value"]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (b"#15he", "tells 5 bytes of data, 2 are there"),
        (b"#15hello!", "tells 5 bytes of data, 6 are there"),
        (b"#X", "binary block"),
        (b"#9", "binary block"),
        (b'0,"No err\n', "no text"),
        (b"1.2\x003\n", "no text"),
        (b"\xb0C\n", "no text"),
        (b"\n", "no text"),
    ],
)
def test_a_spoilt_scpi_reply_is_refused(reply: bytes, why: str) -> None:
    with pytest.raises(GarbageReplyError, match=why):
        decode_frame("scpi", reply)
