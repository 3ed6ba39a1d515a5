"""The simulated meters answer published requests with the published replies, byte for byte."""

import struct

import pytest

from benchctl.core.clock import VirtualClock
from benchctl.simulation import (
    DlmsMeter,
    Dlt645Meter,
    Iec62056Meter,
    MBusMeter,
    ServedInstrument,
    SimulatedInstrument,
    Wire,
    bcd_register,
    demand_register,
    dlt645_line,
    gfuve_data,
    gfuve_line,
    hdlc_line,
    iec62056_line,
    mbus_decimal,
    mbus_line,
    radian_line,
    wrapper_line,
)


@pytest.fixture
def line(nothing_left_behind, wire):
    """Serve a bus and open a raw wire to it."""
    served = []

    def start(bus):
        one = ServedInstrument(SimulatedInstrument(bus, "{location}", dict), VirtualClock())
        served.append(one.__enter__())
        return wire(one.address)

    yield start
    for one in served:
        one.__exit__(None, None, None)


def frame(text):
    return bytes.fromhex(text)


def without_wake(reply):
    return reply.lstrip(b"\xfe")


# "DLT645-2007报文解析": captures of the meter 000000000161
@pytest.mark.parametrize(
    ("identification", "register", "asked", "answered"),
    [
        (
            "02010100",
            bcd_register(100.1, 2, 1),
            "68 61 01 00 00 00 00 68 11 04 33 34 34 35 17 16",
            "68 61 01 00 00 00 00 68 91 06 33 34 34 35 34 43 10 16",
        ),
        (
            "00010000",
            bcd_register(lambda _: 0.26, 4, 2),
            "68 61 01 00 00 00 00 68 11 04 33 33 34 33 14 16",
            "68 61 01 00 00 00 00 68 91 08 33 33 34 33 59 33 33 33 8A 16",
        ),
    ],
)
def test_a_dlt645_meter_answers_as_captured(line, identification, register, asked, answered):
    client = line(dlt645_line(Wire(), [Dlt645Meter("161", {identification: register})]))
    noise = b"\x68\x00\x68" + b"\xfe" * 4
    reply = client.ask(noise + frame(asked), len(frame(answered)) + 4)
    assert without_wake(reply) == frame(answered)


def test_a_dlt645_meter_tells_its_demand_and_its_address_as_captured(line):
    demand = demand_register(lambda _: 7.8, 3, 4, "2601011200")
    client = line(dlt645_line(Wire(), [Dlt645Meter("123456781012", {"01010000": demand})]))
    asked = frame("68 12 10 78 56 34 12 68 11 04 33 33 34 34")
    asked += bytes([sum(asked) % 256, 0x16])
    answered = "68 12 10 78 56 34 12 68 91 0C 33 33 34 34 33 B3 3A 33 45 34 34 59 CA 16"
    assert without_wake(client.ask(asked, 28)) == frame(answered)
    anyone = frame("68 AA AA AA AA AA AA 68 13 00 DF 16")
    told = "68 12 10 78 56 34 12 68 93 06 45 43 AB 89 67 45 07 16"
    assert without_wake(client.ask(anyone, 22)) == frame(told)


def test_a_dlt645_meter_of_1997_answers_as_published(line):
    meter = Dlt645Meter("3", {"B611": bcd_register(100.0, 2, 0)}, edition=1997)
    client = line(dlt645_line(Wire(), [meter]))
    reply = client.ask(frame("68 03 00 00 00 00 00 68 01 02 44 E9 03 16"), 20)
    assert without_wake(reply) == frame("68 03 00 00 00 00 00 68 81 04 44 E9 33 34 EC 16")


def test_an_mbus_meter_answers_as_the_manual_s_frame(line):
    # libmbus test/test-frames/manual_frame7.hex, whose access number is 13
    published = frame(
        "68 15 15 68 08 02 72 78 56 34 12 24 40 01 07 13 00 00 00 0C 78 04 03 02 01 9D 16"
    )
    meter = MBusMeter("12345678", "PAD", (lambda _: mbus_decimal(0x78, 1020304),), primary=2)
    client = line(mbus_line(Wire(), [meter]))
    assert client.ask(frame("10 40 02 42 16")) == b"\xe5"
    for n in range(0x13):
        bit = 0x20 * (n % 2)
        asked = bytes([0x5B | bit, 2])
        reply = client.ask(b"\x10" + asked + bytes([sum(asked) % 256, 0x16]), len(published))
    assert reply == published
    assert client.ask(frame("10 5B 03 5E 16"), timeout=0.1) == b""  # another address


def test_the_frame_count_bit_asks_for_the_next_telegram_or_the_same(line):
    told = (lambda _: mbus_decimal(0x13, 1), lambda _: mbus_decimal(0x13, 2))
    client = line(mbus_line(Wire(), [MBusMeter("12345678", "PAD", told, primary=2)]))
    first, second = frame("10 7B 02 7D 16"), frame("10 5B 02 5D 16")
    one = client.ask(first, 28)
    assert one[-3] == 0x1F  # more follows
    assert client.ask(first, 28) == one
    assert client.ask(second, 27)[-6:-2] == frame("02 00 00 00")


def test_an_optical_meter_sends_the_published_block(line):
    registers = {"1.8.0": "000123.456*kWh", "2.8.0": "000000.000*kWh"}
    meter = Iec62056Meter("GRX", "12345678", lambda _: registers)
    client = line(iec62056_line(Wire(), meter, medium="tcp"))
    assert client.ask(b"/?!\r\n", 15) == b"/GRX512345678\r\n"
    block = client.ask(frame("06 30 35 30 0D 0A"), 51)
    assert block == frame(
        "02 31 2E 38 2E 30 28 30 30 30 31 32 33 2E 34 35 36 2A 6B 57 68 29 0D 0A 32 2E 38 2E 30 28"
        "30 30 30 30 30 30 2E 30 30 30 2A 6B 57 68 29 0D 0A 21 0D 0A 03 21"
    )


def test_an_hdlc_meter_agrees_as_captured_and_knows_who_is_not_connected(line):
    client = line(hdlc_line(Wire(), DlmsMeter({})))
    ua = frame(
        "7E A0 1E 21 03 73 C3 7A 81 80 12 05 01 80 06 01 80 07 04 00 00 00 01 08 04 00 00 00 01"
        "53 3B 7E"
    )
    assert client.ask(frame("7E A0 07 03 21 93 0F 01 7E"), len(ua)) == ua
    wrong = bytearray(frame("7E A0 07 03 21 93 0F 01 7E"))
    wrong[6] ^= 1
    assert client.ask(bytes(wrong), timeout=0.4) == b""
    assert client.ask(frame("7E A0 07 03 23 53 B3 F4 7E"), 9)[5] == 0x1F  # another client: DM


def test_a_wrapped_meter_refuses_as_captured(line):
    register = {(3, "1.0.1.8.0.255", 2): lambda _: b"\x11\x01"}
    client = line(wrapper_line(Wire(), DlmsMeter(register)))
    aarq = frame("601DA109060760857405080101BE10040E01000000065F1F0400001E1DFFFF")
    head = frame("0001 0010 0001") + len(aarq).to_bytes(2, "big")
    assert client.ask(head + aarq, 51)[8] == 0x61
    get = frame("0001 0010 0001 000D C001C1 0003 0100010800FF 02 00")
    assert client.ask(get, 13) == frame("00 01 00 01 00 10 00 05 C4 01 C1 01 03")
    assert client.ask(frame("0001 0010 0002 0001 60"), timeout=0.1) == b""  # another port


def test_a_radian_answers_the_captured_request(line):
    values = [120.0, -5.0, 0.0, 1.0, 0.5, 60.0, -1.0, -0.75, 3.0]
    client = line(radian_line(Wire(), lambda _: values))
    reply = client.ask(frame("A6 0D 00 08 00 24 00 00 00 14 FF FD 02 EF"), 42)
    assert reply[:4] == frame("AC 0D 00 24")
    assert sum(reply[:-2]).to_bytes(2, "big") == reply[-2:]
    # exponent, sign, fraction: 120 = 1.875 * 2^6; -5 = (-2 + 0.75) * 2^2
    assert reply[4:16] == frame("06 70 00 00  02 E0 00 00  80 00 00 00")
    assert reply[28:32] == frame("FF 80 00 00")  # -1 = -2 * 2^-1
    assert client.ask(frame("A6 32 00 00 00 D8"), 4) == frame("A3 32 00 D5")
    assert client.ask(frame("A6 32 00 00 00 D9"), timeout=0.1) == b""


def test_a_gfuve_answers_the_published_request(line):
    data = gfuve_data([1.0] * 28, (1, 2, 3), (4.0, 5.0, 6.0), 7, 8.0, 9, 10.0, 11.0)
    client = line(gfuve_line(Wire(), lambda _: data))
    reply = client.ask(b"$$00000068!!", 308)
    assert reply[:16] == b"##0001283F800000"
    assert reply[-8 - 4 : -4] == struct.pack(">f", 11.0).hex().upper().encode()
    assert int(reply[-4:-2], 16) == sum(reply[:-4]) % 256
    assert client.ask(b"$$00000069!!", timeout=0.1) == b""
