"""A line of CJ/T 188 meters, met with frames as they are printed in the standard."""

import pytest

from benchctl.core.clock import VirtualClock
from benchctl.simulation import Cjt188Meter, Cjt188Server, PtyPort, Wire

PUBLISHED = "FE FE FE FE 68 10 44 33 22 11 00 33 78 01 03 1F 90 00 80 16"
"""Request for the data of meter 78330011223344, printed with its checksum on cnblogs.com."""


def request(address, control=0x01, data=b"\x90\x1f\x01", kind=0x10):
    body = bytes([0x68, kind]) + bytes.fromhex(address)[::-1] + bytes([control, len(data)]) + data
    return b"\xfe\xfe" + body + bytes([sum(body) % 256, 0x16])


@pytest.fixture
def line(nothing_left_behind, wire):
    clock = VirtualClock()
    here = {"78330011223344": True, "26110000000102": True}
    meters = [
        Cjt188Meter("78330011223344", lambda t: 1234.5, lambda t: here["78330011223344"]),
        Cjt188Meter("26110000000102", lambda t: t, lambda t: here["26110000000102"]),
    ]
    with Cjt188Server(clock, PtyPort(), Wire(2400, bits=11, turnaround=0.04), meters) as server:
        client = wire(server.location)
        client.server, client.clock, client.here = server, clock, here
        yield client


def test_the_published_request_is_answered_with_the_register(line):
    reply = line.ask(bytes.fromhex(PUBLISHED), 37)
    assert reply[:2] == b"\xfe\xfe"
    body = reply[2:]
    assert body[:11] == bytes.fromhex("68 10 44332211003378 81 16")
    assert body[11:14] == bytes.fromhex("1F90 00")
    assert body[14:19] == bytes.fromhex("50 34 12 00 29")  # 001234.50 L, low byte first
    assert body[19:33] == bytes.fromhex("00000000 29") + bytes(9)
    assert len(body) == 35
    assert sum(body[:-2]) % 256 == body[-2]
    assert body[-1] == 0x16


def test_the_register_is_read_after_the_request_and_the_turnaround(line):
    asked = request("26110000000102")
    reply = line.ask(asked, 37)
    after = len(asked) * 11 / 2400 + 0.04
    assert reply[13:16] == b"\x90\x1f\x01"  # in the order, and with the number, of the question
    assert int(reply[16:20][::-1].hex()) == round(100 * after)
    assert line.clock.now() == pytest.approx(after + 37 * 11 / 2400)


def test_a_meter_that_is_not_there_is_silent(line):
    assert line.ask(request("26110000000199"), timeout=0.1) == b""
    line.here["26110000000102"] = False
    assert line.ask(request("26110000000102"), timeout=0.1) == b""


def test_the_wildcard_reaches_a_single_meter_and_garbles_two(line):
    both = line.ask(request("AA" * 7, 0x03, b"\x81\x0a\x00"), 18)
    body = both.lstrip(b"\xfe")
    assert sum(body[:-2]) % 256 != body[-2]
    line.here["26110000000102"] = False
    reply = line.ask(request("AA" * 7, 0x03, b"\x81\x0a\x00", kind=0xAA), 18)
    assert reply.lstrip(b"\xfe")[2:9] == bytes.fromhex("44332211003378")
    assert reply.lstrip(b"\xfe")[9] == 0x83


def test_an_unknown_request_gets_an_error_reply(line):
    reply = line.ask(request("78330011223344", 0x01, b"\xa0\x17\x00"), 18).lstrip(b"\xfe")
    assert reply[9] == 0xC1


def test_a_frame_behind_rubbish_is_found_and_a_spoilt_one_is_not_heard(line):
    asked = request("78330011223344")
    assert len(line.ask(b"\x68\x68\x00\xff" * 4 + asked, 37)) == 37
    spoilt = bytearray(asked)
    spoilt[-2] ^= 1
    assert line.ask(bytes(spoilt), timeout=0.4) == b""


def test_the_fault_checksum_spoils_the_checksum(line):
    line.server.trouble.set("checksum")
    body = line.ask(request("78330011223344"), 37).lstrip(b"\xfe")
    assert body[-1] == 0x16
    assert sum(body[:-2]) % 256 == body[-2] ^ 0x55


@pytest.mark.parametrize(
    ("text", "wire_bytes"),
    [
        ("26110000000101", "01 01 00 00 00 11 26"),
        ("W-0012", "12 00 00 00 00 00 00"),
        ("9926110000000101", "01 01 00 00 00 11 26"),
    ],
)
def test_an_address_is_its_last_fourteen_digits(text, wire_bytes):
    assert Cjt188Meter(text, lambda t: 0.0).on_the_wire == bytes.fromhex(wire_bytes)


def test_a_meter_without_digits_in_its_address_cannot_be_asked():
    assert Cjt188Meter("meter", lambda t: 0.0).on_the_wire == b""
