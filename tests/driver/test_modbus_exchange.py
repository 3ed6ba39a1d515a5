from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from modbus_device import Device
from wire_peers import HANG_UP, rtu_frames, tcp_frames

from benchctl.core.clock import monotonic
from benchctl.core.errors import (
    GarbageReplyError,
    LinkError,
    NoReplyError,
    NotANumberError,
    UsageError,
)
from benchctl.driver import (
    Action,
    BusyError,
    Instrument,
    Modbus,
    ModbusError,
    Reading,
    Setting,
    SettingRefused,
    coil,
    coils,
    discrete,
    flag,
    holding,
    input_register,
    send,
    switch,
    whole,
)

Make = Callable[..., Any]


class Meter(Instrument):
    protocol = Modbus()
    flow = Reading(holding(0, "f32"), unit="m³/h")
    total = Reading(holding(4, "f32"), unit="L")
    status = Reading(holding(20), kind=whole)
    alarm = Reading(holding(20, bit=3), kind=flag)
    door = Reading(discrete(3), kind=flag)
    temperature = Reading(input_register(0, "i16", scale=0.1), unit="°C")
    damping = Setting(holding(30, "f32"), unit="s", low=0.0, high=100.0)
    percent = Setting(holding(40, "i16", scale=1 / 200), unit="%", low=-100, high=200)
    valve = Setting(coil(2), kind=flag, safe=False)
    mode = Setting(holding(41, bit=4), kind=flag)
    run = Setting(
        switch(holding(20, bit=2), holding(50), on=(0x47E, 0x47F), off=(0x47E,)), kind=flag
    )
    reset = Action(coil(5))
    all_off = Action(send(coils(0, 10), False))
    acknowledge = Action(send(holding(50), 0x4FE, 0x47E))

    def make_safe(self) -> None:
        self.valve = False


@pytest.fixture(params=["rtu on a pty", "tcp"])
def device(request: pytest.FixtureRequest, tcp_peer: Make, pty_peer: Make) -> Any:
    """A device on each kind of line; `device.address` is where it is."""
    device = Device()
    if request.param == "tcp":
        device.peer = tcp_peer(device.tcp, tcp_frames)
        device.address = f"modbus+tcp://{device.peer.address}?timeout=0.25"
    else:
        device.peer = pty_peer(device.rtu, rtu_frames)
        device.address = f"modbus+rtu://{device.peer.path}?baud=38400&timeout=0.25"
    device.put(3, 0, struct.pack(">f", 2.5))
    device.put(3, 4, struct.pack(">f", 1234.5))
    device.words[3, 20] = 0b1100
    device.words[4, 0] = 0xFFFB
    device.bits[2, 3] = True
    return device


@pytest.fixture
def meter(device: Any, connected: Make) -> Meter:
    meter: Meter = connected(Meter, device.address)
    return meter


def test_every_kind_of_channel_is_read(meter: Meter) -> None:
    assert meter.flow == 2.5
    assert meter.total == 1234.5
    assert meter.status == 12
    assert meter.alarm is True
    assert meter.door is True
    assert meter.temperature == -0.5


def test_channels_that_lie_together_are_read_in_one_request(meter: Meter, device: Any) -> None:
    assert meter.read("total", "status", "flow", "alarm") == (1234.5, 12, 2.5, True)
    assert len(device.requests) <= 2


def test_channels_of_several_tables_come_in_the_order_that_was_asked(meter: Meter) -> None:
    assert meter.read("temperature", "flow", "door") == (-0.5, 2.5, True)


def test_a_compiled_reader_reads_what_is_there_now(meter: Meter, device: Any) -> None:
    read = meter.reader("flow")
    assert read() == (2.5,)
    device.put(3, 0, struct.pack(">f", 3.5))
    assert read() == (3.5,)


def test_a_setting_is_written_and_read_back(meter: Meter, device: Any) -> None:
    meter.damping = 2.5
    assert device.requests[-1] == (16, 30, 2)
    assert meter.damping == 2.5
    meter.percent = -50
    assert device.requests[-1] == (6, 40, 0x10000 - 10000)
    assert meter.percent == -50.0
    meter.valve = True
    assert device.requests[-1] == (5, 2, 0xFF00)
    assert meter.valve is True


def test_one_bit_of_a_word_is_changed_and_the_others_stay(meter: Meter, device: Any) -> None:
    device.words[3, 41] = 0b1000_0000_0000_0001
    meter.mode = True
    assert device.words[3, 41] == 0b1000_0000_0001_0001
    meter.mode = False
    assert device.words[3, 41] == 0b1000_0000_0000_0001


def test_a_switch_sends_its_words_in_order_and_reads_its_bit(meter: Meter, device: Any) -> None:
    meter.run = True
    meter.run = False
    written = [value for function, start, value in device.requests if (function, start) == (6, 50)]
    assert written == [0x47E, 0x47F, 0x47E]
    assert meter.run is True  # bit 2 of the status word, which this device does not change


def test_actions_switch_coils_and_send_words(meter: Meter, device: Any) -> None:
    device.bits.update({(1, n): True for n in range(10)})
    meter.all_off()
    assert not any(device.bits[1, n] for n in range(10))
    meter.reset()
    assert device.requests[-1] == (5, 5, 0xFF00)
    meter.acknowledge()
    assert device.requests[-2:] == [(6, 50, 0x4FE), (6, 50, 0x47E)]


def test_a_value_beyond_the_limits_is_refused_before_anything_is_sent(
    meter: Meter, device: Any
) -> None:
    for channel, value in (("damping", 100.1), ("damping", math.nan), ("percent", 180)):
        with pytest.raises(SettingRefused) as caught:
            meter.write(channel, value)
        assert caught.value.channel == channel
    assert device.requests == []


def test_connect_proves_that_the_unit_answers(meter: Meter, device: Any) -> None:
    identity = meter.connect()
    assert (identity.text, identity.serial) == ("Modbus unit 1", "")
    assert len(device.requests) == 1


def test_the_unit_is_an_option(device: Any, connected: Make) -> None:
    device.unit = 17
    assert connected(Meter, device.address, {"unit": "17"}).flow == 2.5


def test_a_unit_that_cannot_be_is_refused(device: Any, connected: Make) -> None:
    with pytest.raises(UsageError, match=r"unit=300 is none of 0\.\.255"):
        connected(Meter, device.address, {"unit": "300"})


def test_the_order_of_long_values_is_an_option(device: Any, connected: Make) -> None:
    device.put(3, 0, bytes.fromhex("00 00 41 48"))
    assert connected(Meter, device.address, {"order": "cdab"}).flow == 12.5
    with pytest.raises(UsageError, match="order=ACDB"):
        connected(Meter, device.address, {"order": "ACDB"})


def test_an_exception_is_named_and_not_tried_again(meter: Meter, device: Any) -> None:
    device.refuses = 2
    with pytest.raises(ModbusError) as caught:
        _ = meter.flow
    error = caught.value
    assert (error.code, error.instrument, error.channel) == (2, "meter", "flow")
    assert "meter.flow: answers with exception 2: it has no such register" in str(error)
    assert error.wire.hex(" ") in str(error)
    assert len(device.requests) == 1


def test_a_busy_device_is_asked_once_more(meter: Meter, device: Any, notes: Any) -> None:
    device.refuses = 6
    with pytest.raises(BusyError, match="it is busy"):
        _ = meter.flow
    assert len(device.requests) == 2
    assert notes.what() == ["retry"]


def test_holes_that_a_device_refuses_are_left_out_from_then_on(
    device: Any, connected: Make
) -> None:
    class Holed(Instrument):
        protocol = Modbus(gap=8)
        flow = Reading(holding(0, "f32"), unit="m³/h")
        total = Reading(holding(4, "f32"), unit="L")

    holed = connected(Holed, device.address)
    device.holes = {2, 3}
    read = holed.reader("flow", "total")
    assert read() == (2.5, 1234.5)
    assert device.requests == [(3, 0, 6), (3, 0, 2), (3, 4, 2)]
    assert read() == (2.5, 1234.5)
    assert len(device.requests) == 5


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 9.9e37, -9.91e37])
def test_what_is_no_number_is_never_a_value(meter: Meter, device: Any, value: float) -> None:
    device.put(3, 4, struct.pack(">f", value))
    with pytest.raises(NotANumberError) as caught:
        meter.read("flow", "total")
    assert caught.value.channel == "total"
    assert caught.value.wire
    assert len(device.requests) == 1


def test_a_silent_device_is_asked_twice_and_named(meter: Meter, device: Any, notes: Any) -> None:
    device.peer.answer = lambda _: []
    began = monotonic()
    with pytest.raises(NoReplyError, match=r"meter\.flow: .*no answer within 0\.25 s"):
        _ = meter.flow
    assert len(device.peer.received) == 2
    assert notes.what() == ["retry"]
    assert monotonic() - began < 1.5  # four deadlines: ask, await what is late, ask again


def test_a_device_that_failed_once_is_read_at_the_second_attempt(
    meter: Meter, device: Any, notes: Any
) -> None:
    right = device.peer.answer
    attempts = iter([lambda _: [], right])
    device.peer.answer = lambda frame: next(attempts)(frame)
    assert meter.flow == 2.5
    assert notes.what() == ["retry"]


def test_a_setting_is_sent_at_most_once_more(meter: Meter, device: Any) -> None:
    device.peer.answer = lambda _: []
    with pytest.raises(NoReplyError):
        meter.damping = 1.0
    assert len(device.peer.received) == 2


def test_an_action_is_never_sent_twice(meter: Meter, device: Any, notes: Any) -> None:
    device.peer.answer = lambda _: []
    with pytest.raises(NoReplyError) as caught:
        meter.reset()
    assert caught.value.channel == "reset"
    assert len(device.peer.received) == 1
    assert notes.what() == []


def test_a_dribbled_reply_is_read(meter: Meter, device: Any) -> None:
    right = device.peer.answer

    def dribble(frame: bytes) -> Iterable[object]:
        for byte in b"".join(right(frame)):
            yield bytes([byte])
            yield 0.002

    device.peer.answer = dribble
    assert meter.flow == 2.5


def test_a_truncated_reply_is_told_with_its_bytes(meter: Meter, device: Any) -> None:
    right = device.peer.answer
    device.peer.answer = lambda frame: [b"".join(right(frame))[:-3]]
    with pytest.raises(NoReplyError, match="broke off") as caught:
        _ = meter.flow
    assert len(caught.value.wire) >= 5


def test_a_duplicated_reply_does_not_answer_the_next_question(meter: Meter, device: Any) -> None:
    right = device.peer.answer
    device.peer.answer = lambda frame: [2 * b"".join(right(frame))]
    assert [meter.flow, meter.total, meter.flow] == [2.5, 1234.5, 2.5]


def test_a_late_reply_does_not_answer_the_next_question(
    meter: Meter, device: Any, notes: Any
) -> None:
    right = device.peer.answer
    late = [0.35]  # longer than the deadline of 0.25 s

    def answer(frame: bytes) -> Iterable[object]:
        reply = list(right(frame))
        if late:
            yield late.pop()
        yield from reply

    device.peer.answer = answer
    with pytest.raises(NoReplyError):
        meter.reset()  # is not tried again
    assert [meter.flow, meter.total] == [2.5, 1234.5]
    assert "late-reply" in notes.what()


def test_garbage_is_told_with_its_bytes(meter: Meter, device: Any) -> None:
    device.peer.answer = lambda _: [b"\xff\x00 garbage \x00\xff"]
    with pytest.raises(GarbageReplyError) as caught:
        _ = meter.flow
    assert b"garbage" in caught.value.wire
    assert "67 61 72 62" in str(caught.value)


def test_a_reply_of_another_length_is_garbage(meter: Meter, device: Any) -> None:
    device.reply = lambda pdu: bytes([3, 6, 0, 0, 0, 0, 0, 0])
    with pytest.raises(GarbageReplyError):
        _ = meter.flow


def test_a_confirmation_of_something_else_is_garbage(meter: Meter, device: Any) -> None:
    device.reply = lambda pdu: pdu[:3] + b"\x12\x34"
    with pytest.raises(GarbageReplyError, match="confirmed something else"):
        meter.percent = 10.0


def test_an_instrument_that_comes_back_is_opened_again(
    meter: Meter, device: Any, notes: Any, request: pytest.FixtureRequest
) -> None:
    meter.connect()
    assert meter.flow == 2.5
    if "pty" in request.node.name:
        device.peer.unplug()
        device.peer.plug()
    else:
        right = device.peer.answer
        device.peer.answer = lambda _: [HANG_UP]
        with pytest.raises(LinkError):
            meter.reset()
        device.peer.answer = right
    assert meter.flow == 2.5
    assert notes.what() == ["unplugged", "reconnect"]


def test_an_instrument_that_stays_away_is_an_error(
    meter: Meter, device: Any, request: pytest.FixtureRequest
) -> None:
    meter.connect()
    if "pty" in request.node.name:
        device.peer.unplug()
    else:
        device.peer.answer = lambda _: [HANG_UP]
    with pytest.raises(LinkError) as caught:
        _ = meter.flow
    assert caught.value.instrument == "meter"
