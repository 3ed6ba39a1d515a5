"""The Modbus facts of `protocol_vectors.json`: frames, checksums, float orders."""

from __future__ import annotations

import struct
from typing import Any

import pytest
import vectors

from benchctl.core.errors import GarbageReplyError
from benchctl.driver import decode_frame
from benchctl.driver.framing import crc_bytes

FIELDS = {
    "01 04 00 00 00 02 71 CB": {"unit": 1, "function": 4, "start": 0, "count": 2},
    "01 04 00 01 00 01 60 0A": {"unit": 1, "function": 4, "start": 1, "count": 1},
    "01 04 00 02 00 01 90 0A": {"unit": 1, "function": 4, "start": 2, "count": 1},
    "01 06 00 00 04 7E 0B 2A": {"unit": 1, "function": 6, "start": 0, "value": 0x047E},
    "01 06 00 00 04 7F CA EA": {"unit": 1, "function": 6, "start": 0, "value": 0x047F},
    "01 06 00 01 27 10 C2 36": {"unit": 1, "function": 6, "start": 1, "value": 10000},
    "01 84 02 C2 C1": {"unit": 1, "function": 4, "exception": 2},
}


def test_no_frame_is_left_out() -> None:
    assert {v["hex"] for v in vectors.of("Modbus RTU")} == set(FIELDS)


@pytest.mark.parametrize("vector", vectors.of("Modbus RTU"), ids=vectors.named)
def test_a_frame_decodes_and_no_other_has_its_checksum(vector: dict[str, Any]) -> None:
    frame = vectors.wire(vector)
    assert decode_frame("modbus-rtu", frame).items() >= FIELDS[vector["hex"]].items()
    assert frame[:-2] + crc_bytes(frame[:-2]) == frame
    for place in range(len(frame)):
        spoilt = bytearray(frame)
        spoilt[place] ^= 0x10
        with pytest.raises(GarbageReplyError):
            decode_frame("modbus-rtu", bytes(spoilt))


def test_the_float_is_what_the_order_table_says() -> None:
    (vector,) = vectors.of("Modbus float32")
    assert struct.unpack(">f", vectors.wire(vector)) == (vector["expect"]["float"],)
