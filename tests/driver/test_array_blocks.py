"""Many numbers in one reply, over a real socket: nothing is lost, nothing is made up."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_peers import lines

from benchctl.core.errors import GarbageReplyError, NoReplyError, NotANumberError
from benchctl.driver import Instrument, Reading, Scpi, array

Make = Callable[..., Any]


class Scope(Instrument):
    protocol = Scpi(errors="")
    trace = Reading("TRAC?", unit="V", kind=array(">f4"), doc="A sweep.")
    counts = Reading("CNT?", unit="1", kind=array("<i2"), doc="Counts.")
    log = Reading("FETC?", unit="V", kind=array("ascii"), doc="Readings in memory.")
    level = Reading("LEV?", unit="V", doc="A plain number.")


@pytest.fixture
def scope(tcp_peer: Make, connected: Make) -> Callable[[dict[bytes, bytes]], Scope]:
    def make(answers: dict[bytes, bytes]) -> Scope:
        peer = tcp_peer(lambda line: [answers.get(line.split(b"?")[0], b"ACME,S,1,1\n")], lines)
        return connected(Scope, f"TCPIP::127.0.0.1::{peer.port}::SOCKET?timeout=0.3")

    return make


def block_of(data: bytes) -> bytes:
    n = str(len(data)).encode()
    return b"#" + str(len(n)).encode() + n + data + b"\n"


def test_a_large_binary_block_becomes_an_array_with_every_value(scope: Make) -> None:
    values = np.linspace(-5, 5, 100_000, dtype=">f4")
    seen = scope({b"TRAC": block_of(values.tobytes())}).trace
    assert seen.dtype == np.dtype(">f4")
    assert np.array_equal(seen, values)


def test_whole_numbers_keep_their_byte_order(scope: Make) -> None:
    seen = scope({b"CNT": block_of(struct.pack("<3h", -2, 300, 0x0A0A))}).counts
    assert seen.tolist() == [-2, 300, 0x0A0A]


def test_a_long_list_of_decimal_numbers_becomes_an_array(scope: Make) -> None:
    values = np.random.default_rng(1).normal(size=60_000)
    text = ",".join(repr(float(v)) for v in values).encode()
    assert len(text) > 1 << 20
    assert np.array_equal(scope({b"FETC": text + b"\n"}).log, values)


@pytest.mark.parametrize(
    "text", [b"1.0,2.0,", b"1.0,,2.0", b"1.0,x,2.0", b"", b"1.0 2.0", b"1_0,2.0", b"1.0,2.0;3.0"]
)
def test_a_list_with_something_else_in_it_is_garbage(scope: Make, text: bytes) -> None:
    with pytest.raises(GarbageReplyError):
        _ = scope({b"FETC": text + b"\n"}).log


@pytest.mark.parametrize("value", [9.9e37, -9.9e37, 9.91e37, float("nan"), float("inf")])
def test_an_overload_among_the_numbers_is_no_value(scope: Make, value: float) -> None:
    data = np.array([1.0, value, 2.0], dtype=">f4")
    with pytest.raises(NotANumberError):
        _ = scope({b"TRAC": block_of(data.tobytes())}).trace
    with pytest.raises(NotANumberError):
        _ = scope({b"FETC": f"1.0,{value},2.0\n".encode()}).log


def test_a_block_of_half_a_number_is_garbage(scope: Make) -> None:
    with pytest.raises(GarbageReplyError, match="7 bytes"):
        _ = scope({b"TRAC": block_of(b"1234567")}).trace


def test_a_block_that_breaks_off_is_no_reply_and_the_next_answer_is_right(scope: Make) -> None:
    device = scope({b"TRAC": b"#6400000" + bytes(1000), b"LEV": b"+1.5\n"})
    with pytest.raises(NoReplyError):
        _ = device.trace
    assert device.level == 1.5


@given(st.binary(max_size=30))
def test_no_text_is_a_number_unless_it_is_one(data: bytes) -> None:
    text = data.decode("latin-1")
    try:
        values = array("ascii")(text)
    except (GarbageReplyError, NotANumberError):
        return
    assert [float(part) for part in text.split(",")] == values.tolist()
