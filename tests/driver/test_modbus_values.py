from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modbus_device import crc

from benchctl.core.errors import GarbageReplyError
from benchctl.driver import DriverError, Instrument, Modbus, Reading, text
from benchctl.driver.framing import crc16, crc_bytes
from benchctl.driver.registers import (
    CODES,
    ORDERS,
    Register,
    encode,
    fetcher,
    holding,
    input_register,
)

# 12.5 as four published orders (manualshive Promass F 100 p48: 1-0-3-2 ... ), derived
TWELVE_AND_A_HALF = {
    "ABCD": "41 48 00 00",
    "CDAB": "00 00 41 48",
    "BADC": "48 41 00 00",
    "DCBA": "00 00 48 41",
}


@pytest.mark.parametrize("order", ORDERS)
def test_a_float_arrives_in_each_of_four_orders(order: str) -> None:
    register = holding(0, "f32", order)
    data = bytes.fromhex(TWELVE_AND_A_HALF[order])
    assert fetcher(register, 0)(data) == 12.5
    assert encode(register, 12.5) == data


@given(
    st.sampled_from(sorted(CODES)),
    st.sampled_from(ORDERS),
    st.integers(0, 3),
    st.data(),
)
def test_what_is_encoded_is_read_again(
    kind: str, order: str, words_before: int, data: st.DataObject
) -> None:
    size = struct.calcsize(CODES[kind])
    if kind in ("f32", "f64"):
        value: float = data.draw(st.floats(width=8 * size, allow_nan=False))
    elif kind.startswith("u"):
        value = data.draw(st.integers(0, 2 ** (8 * size) - 1))
    else:
        value = data.draw(st.integers(-(2 ** (8 * size - 1)), 2 ** (8 * size - 1) - 1))
    register = Register(3, 0, kind, order)
    if abs(value) >= 2**53 and kind.endswith("64") and kind != "f64":
        value = round(value / 2048) * 2048 if abs(value) < 2 ** (8 * size - 2) else 0
    packed = bytes(2 * words_before) + encode(register, value)
    assert fetcher(register, 2 * words_before)(packed) == value


def test_words_of_a_double_come_low_word_first_in_cdab() -> None:
    data = struct.pack(">d", math.pi)
    words = [data[i : i + 2] for i in (0, 2, 4, 6)]
    assert fetcher(holding(0, "f64", "CDAB"), 0)(b"".join(reversed(words))) == math.pi


def test_a_scaled_register_gives_the_figure_that_is_shown() -> None:
    tenths = fetcher(input_register(1, "i16", scale=0.1), 0)
    assert [tenths(struct.pack(">h", raw)) for raw in (237, -5, 0)] == [23.7, -0.5, 0.0]
    percent = holding(1, "i16", scale=1 / 200)
    assert fetcher(percent, 0)(struct.pack(">h", 20000)) == 100.0
    assert encode(percent, 50.0) == struct.pack(">h", 10000)


def test_a_bit_of_a_word_is_a_flag() -> None:
    word = struct.pack(">H", 0b1000_0000_0000_0100)
    assert [fetcher(holding(3, bit=n), 0)(word) for n in (2, 3, 15)] == [True, False, True]


def test_a_value_that_does_not_fit_is_refused() -> None:
    with pytest.raises(OverflowError):
        encode(holding(0, "u16"), 65536)
    with pytest.raises(OverflowError):
        encode(holding(0, "u16"), -1)
    with pytest.raises(OverflowError):
        encode(holding(0, "f32"), 1e39)


# shared/vectors/protocols.json, Modbus RTU: published and computed frames with their CRC
FRAMES = [
    "01 04 00 00 00 02 71 CB",
    "01 04 00 01 00 01 60 0A",
    "01 04 00 02 00 01 90 0A",
    "01 06 00 00 04 7E 0B 2A",
    "01 06 00 00 04 7F CA EA",
    "01 06 00 01 27 10 C2 36",
    "01 84 02 C2 C1",
]


@pytest.mark.parametrize("text", FRAMES)
def test_the_checksum_of_published_frames_is_ours(text: str) -> None:
    frame = bytes.fromhex(text)
    assert crc_bytes(frame[:-2]) == frame[-2:]
    assert crc16(frame) == 0


@given(st.binary(max_size=300))
def test_the_checksum_is_that_of_the_bitwise_rule(data: bytes) -> None:
    assert crc_bytes(data) == crc(data)


TEXT_BLOCKS = {"ABCD": b"..W-17 x\0\xff", "CDAB": b"..W-17 x\0\xff", "BADC": b"..-W71x \xff\0"}


@pytest.mark.parametrize("order", TEXT_BLOCKS)
def test_text_in_registers_ends_at_its_first_nul_and_swaps_within_words_only(order: str) -> None:
    register = holding(1, "text:4", order)
    assert register.words == 4
    assert fetcher(register, 2)(TEXT_BLOCKS[order]) == "W-17 x"
    sent = encode(register, "W-17 x")
    assert fetcher(register, 0)(sent) == "W-17 x"
    assert len(sent) == 8
    with pytest.raises(OverflowError):
        encode(register, "123456789")


def test_what_is_no_text_is_garbage() -> None:
    with pytest.raises(GarbageReplyError):
        fetcher(holding(0, "text:2"), 0)(b"A\x01BC")


@pytest.mark.parametrize("kind", ["text:", "text:0", "text:61", "text:x"])
def test_a_text_without_a_sensible_length_is_a_mistake_of_the_driver(kind: str) -> None:
    parts = {"protocol": Modbus(), "plate": Reading(holding(0, kind), kind=text)}
    with pytest.raises(DriverError, match="text:8"):
        type("Bad", (Instrument,), parts)
