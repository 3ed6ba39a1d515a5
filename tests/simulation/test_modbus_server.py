"""Modbus servers, met with bytes of our own making."""

import struct

import pytest

from benchctl.core.clock import RealClock, VirtualClock, monotonic
from benchctl.simulation import Cell, Coil, ModbusServer, ModbusUnit, PtyPort, TcpPort, Wire


def crc(data):
    """CRC-16 of Modbus, bit by bit; low byte first."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
    return struct.pack("<H", value)


def rtu(unit, pdu):
    body = bytes([unit]) + pdu
    return body + crc(body)


def mbap(tid, unit, pdu):
    return struct.pack(">HHHB", tid, 0, len(pdu) + 1, unit) + pdu


class Device:
    """A few registers with memory."""

    def __init__(self):
        self.level = 20.0
        self.count = 7
        self.coils = [False] * 16
        self.heard = []

    def unit(self):
        def set_level(t, value):
            if not 0 <= value <= 100:
                raise ValueError(value)
            self.level = value

        def switch(n):
            def set_(t, on):
                self.coils[n] = on

            return set_

        return ModbusUnit(
            holding=[
                Cell(10, "f32", lambda t: self.level, set_level),
                Cell(12, "f32", lambda t: t, order="CDAB"),
                Cell(14, "u16", lambda t: self.count, lambda t, v: setattr(self, "count", v)),
                Cell(15, "i16", lambda t: -12.34, scale=0.1),
                Cell(16, "u32", lambda t: 70_000, order="DCBA"),
                Cell(18, "i16", lambda t: 1e9),
            ],
            inputs=[Cell(0, "i16", lambda t: 1)],
            coils=[Coil(n, lambda t, n=n: self.coils[n], switch(n)) for n in range(16)],
            discrete=[Coil(3, lambda t: True)],
            heard=self.heard.append,
        )


@pytest.fixture
def device():
    return Device()


@pytest.fixture(params=["rtu-pty", "rtu-tcp"])
def line(request, device, nothing_left_behind, wire):
    clock = VirtualClock()
    port = PtyPort("x") if request.param == "rtu-pty" else TcpPort()
    with ModbusServer(
        clock, port, Wire(9600, turnaround=0.01), {1: device.unit(), 5: ModbusUnit()}
    ) as server:
        client = wire(server.location)
        client.clock = clock
        client.server = server
        yield client


def test_a_float_is_read_in_the_order_of_its_cell(line):
    reply = line.ask(rtu(1, bytes.fromhex("03 000A 0004")), 13)
    assert reply == rtu(1, b"\x03\x08" + struct.pack(">f", 20.0) + reply[7:11])
    assert (
        reply[7:11] == struct.pack(">f", reading(line))[2:] + struct.pack(">f", reading(line))[:2]
    )


def reading(line):
    """Return the instant at which the plant was looked at: request and turnaround later."""
    return 8 * 10 / 9600 + 0.01


def test_wire_time_is_spent_around_the_reading(line):
    line.ask(rtu(1, bytes.fromhex("03 000C 0002")), 9)
    assert line.clock.now() == pytest.approx((8 + 9) * 10 / 9600 + 0.01)


def test_integers_are_scaled_and_kept_within_their_range(line):
    reply = line.ask(rtu(1, bytes.fromhex("03 000E 0005")), 15)
    assert struct.unpack(">H h", reply[3:7]) == (7, -123)
    assert reply[7:11] == struct.pack("<I", 70_000)
    assert struct.unpack(">h", reply[11:13]) == (32767,)


def test_a_float_is_written_with_function_16_and_a_word_with_6(line, device):
    request = rtu(1, bytes.fromhex("10 000A 0002 04") + struct.pack(">f", 55.5))
    assert line.ask(request, 8) == rtu(1, bytes.fromhex("10 000A 0002"))
    assert device.level == 55.5
    request = rtu(1, bytes.fromhex("06 000E 1234"))
    assert line.ask(request, 8) == request
    assert device.count == 0x1234


def test_coils_are_written_alone_and_together_and_read_back(line, device):
    on = rtu(1, bytes.fromhex("05 0002 FF00"))
    assert line.ask(on, 8) == on
    assert line.ask(rtu(1, bytes.fromhex("0F 0008 0003 01 05")), 8) == rtu(
        1, bytes.fromhex("0F 0008 0003")
    )
    assert [n for n, c in enumerate(device.coils) if c] == [2, 8, 10]
    assert line.ask(rtu(1, bytes.fromhex("01 0000 0010")), 7) == rtu(1, b"\x01\x02\x04\x05")
    assert line.ask(rtu(1, bytes.fromhex("02 0003 0001")), 6) == rtu(1, b"\x02\x01\x01")


@pytest.mark.parametrize(
    ("pdu", "code"),
    [
        ("03 0000 0001", 2),  # no such register
        ("03 000A 0001", 2),  # half a float
        ("03 0009 0003", 2),
        ("03 000A 0000", 3),  # no register at all
        ("03 000A 007E", 3),  # more than 125
        ("06 000A 0001", 2),  # half a float
        ("06 000F 0001", 2),  # read-only
        ("10 000A 0002 04 C2C80000", 3),  # -100: refused by the device
        ("10 000A 0002 03 000000", 3),  # byte count does not fit
        ("05 0002 0001", 3),  # neither on nor off
        ("05 0010 FF00", 2),
        ("04 0001 0001", 2),
        ("07", 1),  # a function that the device does not have
        ("41 0001", 1),
    ],
)
def test_what_cannot_be_done_is_answered_by_the_exception_of_the_standard(line, device, pdu, code):
    request = bytes.fromhex(pdu)
    assert line.ask(rtu(1, request), 5) == rtu(1, bytes([request[0] | 0x80, code]))
    assert device.level == 20.0


def test_a_unit_that_is_not_there_stays_silent_and_the_next_one_answers(line):
    assert line.ask(rtu(9, bytes.fromhex("03 000A 0002")), timeout=0.1) == b""
    assert line.ask(rtu(5, bytes.fromhex("03 000A 0002")), 5) == rtu(5, b"\x83\x02")
    assert len(line.ask(rtu(1, bytes.fromhex("03 000A 0002")), 9)) == 9


def test_a_broadcast_is_obeyed_by_all_and_answered_by_none(line, device):
    assert line.ask(rtu(0, bytes.fromhex("05 0001 FF00")), timeout=0.1) == b""
    line.ask(rtu(5, bytes.fromhex("03 0000 0001")), 5)
    assert device.coils[1]


def test_a_request_with_a_wrong_checksum_is_not_heard(line, device):
    spoilt = bytearray(rtu(1, bytes.fromhex("05 0001 FF00")))
    spoilt[-1] ^= 1
    assert line.ask(bytes(spoilt), timeout=0.1) == b""
    assert (device.coils[1], device.heard) == (False, [])


def test_a_request_may_dribble_in_and_one_that_broke_off_is_forgotten(line):
    request = rtu(1, bytes.fromhex("03 000A 0002"))
    for byte in request:
        line.send(bytes([byte]))
    assert len(line.receive(9)) == 9
    line.send(request[:5])
    assert line.receive(timeout=line.server.gap + 0.15) == b""
    assert len(line.ask(request, 9)) == 9


def test_only_valid_requests_feed_a_watchdog(line, device):
    line.ask(rtu(1, bytes.fromhex("03 000A 0002")), 9)
    line.ask(rtu(5, bytes.fromhex("03 000A 0002")), 5)
    assert device.heard == [pytest.approx(reading(line))]


def test_each_fault_spoils_the_reply_it_names(line):
    request = rtu(1, bytes.fromhex("03 000A 0002"))
    right = line.ask(request, 9)
    trouble = line.server.trouble
    trouble.set("silent", count=1)
    assert line.ask(request, timeout=0.1) == b""
    assert line.ask(request, 9) == right
    trouble.set("garbage", count=1)
    garbage = line.ask(request, 9)
    assert (len(garbage), garbage != right) == (9, True)
    trouble.set("truncated", count=1)
    assert line.ask(request, 9, timeout=0.1) == right[:4]
    trouble.set("checksum", count=2)
    for _ in range(2):
        spoilt = line.ask(request, 9)
        assert spoilt[:8] == right[:8]
        assert spoilt[8] != right[8]
    assert line.ask(request, 9) == right
    with pytest.raises(ValueError, match="purple"):
        trouble.set("purple")


def test_a_late_reply_comes_after_the_next_request(line):
    late = rtu(1, bytes.fromhex("03 000A 0002"))
    line.server.trouble.set("late", count=1, delay=0.3)
    assert line.ask(late, timeout=0.1) == b""
    request = rtu(1, bytes.fromhex("03 000E 0001"))
    line.send(request)
    both = line.receive(9 + 7, timeout=1.0)
    assert both == rtu(1, b"\x03\x04" + struct.pack(">f", 20.0)) + rtu(1, b"\x03\x02\x00\x07")


def test_a_server_ends_at_once_while_a_reply_is_late(line):
    line.server.trouble.set("late", delay=60.0)
    line.ask(rtu(1, bytes.fromhex("03 000A 0002")), timeout=0.1)
    line.server.unplug()
    assert not line.server.plugged


def test_an_unplugged_bus_breaks_its_clients_and_comes_back_where_it_was(line, wire):
    where = line.server.location
    request = rtu(1, bytes.fromhex("03 000A 0002"))
    assert len(line.ask(request, 9)) == 9
    line.server.unplug()
    began = monotonic()
    assert line.receive(timeout=5.0) == b""  # the end of the file, at once
    assert monotonic() - began < 1.0
    if line.socket is None:
        with pytest.raises(OSError, match="Input/output error"):
            line.send(request)
    with pytest.raises(OSError, match=r"refused|No such file"):
        wire(where)
    line.server.plug()
    line.server.plug()  # twice is once
    assert line.server.location == where
    assert len(wire(where).ask(request, 9)) == 9


@pytest.fixture
def network(device, nothing_left_behind, wire):
    clock = VirtualClock()
    units = {1: device.unit()}
    with ModbusServer(clock, TcpPort(), Wire(turnaround=0.002), units, rtu=False) as server:
        client = wire(server.location)
        client.server = server
        client.clock = clock
        yield client


def test_modbus_tcp_answers_with_the_transaction_that_asked(network):
    reply = network.ask(mbap(0x1234, 1, bytes.fromhex("03 000A 0002")), 13)
    assert reply == mbap(0x1234, 1, b"\x03\x04" + struct.pack(">f", 20.0))
    assert network.clock.now() == pytest.approx(0.002)


def test_modbus_tcp_answers_requests_that_came_together(network):
    two = mbap(1, 1, bytes.fromhex("03 000E 0001")) + mbap(2, 1, bytes.fromhex("03 000F 0001"))
    reply = network.ask(two, 22)
    assert reply == mbap(1, 1, b"\x03\x02\x00\x07") + mbap(2, 1, b"\x03\x02\xff\x85")


def test_a_gateway_says_that_a_unit_does_not_respond(network):
    assert network.ask(mbap(9, 7, bytes.fromhex("03 000A 0002")), 9) == mbap(9, 7, b"\x83\x0b")


@pytest.mark.parametrize(
    "noise", [b"GET / HTTP/1.1\r\n\r\n", bytes.fromhex("0001 0000 FFFF 01 03")]
)
def test_what_is_no_modbus_tcp_is_dropped(network, noise):
    assert network.ask(noise, timeout=0.1) == b""
    assert len(network.ask(mbap(1, 1, bytes.fromhex("03 000A 0002")), 13)) == 13


def test_several_clients_are_served_side_by_side(network, wire):
    other = wire(network.server.location)
    request = mbap(3, 1, bytes.fromhex("03 000E 0001"))
    network.send(request[:6])
    assert len(other.ask(request, 11)) == 11
    assert len(network.ask(request[6:], 11)) == 11
    other.socket.close()
    assert len(network.ask(request, 11)) == 11


def test_a_real_clock_paces_the_wire(device, wire, nothing_left_behind):
    clock = RealClock()
    with ModbusServer(clock, PtyPort(), Wire(2400, turnaround=0.01), {1: device.unit()}) as server:
        client = wire(server.location)
        began = clock.now()
        client.ask(rtu(1, bytes.fromhex("03 000A 0002")), 9)
        assert clock.now() - began >= (8 + 9) * 10 / 2400 + 0.01
