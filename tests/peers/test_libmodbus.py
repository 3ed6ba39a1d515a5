"""Debian's libmodbus as a server, over TCP and over a serial line, well-behaved and not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from peer_processes import Cable, PeerProcess

from benchctl.core.errors import (
    GarbageReplyError,
    InstrumentError,
    LinkError,
    NoReplyError,
    NotANumberError,
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
)

Make = Callable[..., Any]
MISCHIEF = (
    "WRONG_UNIT",
    "SLOW",
    "SPLIT",
    "BAD_CHECK",
    "TRUNCATED",
    "SILENT",
    "NOISE",
    "WRONG_TAG",
    "TWICE",
    "HANG_UP",
    "OTHER_FUNCTION",
    "SHORTER",
    "BUSY_ONCE",
    "FOREIGN_FIRST",
)
"""Ways to misbehave, as `libmodbus_device.c` numbers them."""
TIMEOUT = 0.25
"""Shorter than the pause of SLOW (0.4 s)."""


def at(mischief: str) -> int:
    """Return the register at which the server misbehaves so; it holds its own number."""
    return 1000 + 4 * MISCHIEF.index(mischief)


class Device(Instrument):
    protocol = Modbus()
    plain = Reading(holding(50), unit="1")
    infinite = Reading(holding(30, "f32"), unit="L")
    bit_2 = Reading(holding(19, bit=2), kind=flag)
    bit_3 = Reading(holding(19, bit=3), kind=flag)
    bit_15 = Reading(holding(19, bit=15), kind=flag)
    whole_32 = Reading(holding(8, "i32"), unit="1")
    whole_64 = Reading(holding(10, "i64", "DCBA"), unit="1")
    scaled = Reading(holding(18, "i16", scale=0.1), unit="°C")
    input_7 = Reading(input_register(7), unit="1")
    input_9 = Reading(discrete(9), kind=flag)
    input_10 = Reading(discrete(10), kind=flag)
    coil_33 = Reading(coil(33), kind=flag)
    word = Setting(holding(60), unit="1", low=0, high=65535)
    real_abcd = Setting(holding(70, "f32", "ABCD"), unit="L")
    real_cdab = Setting(holding(72, "f32", "CDAB"), unit="L")
    real_badc = Setting(holding(74, "f32", "BADC"), unit="L")
    real_dcba = Setting(holding(76, "f32", "DCBA"), unit="L")
    long = Setting(holding(80, "i64", "ABCD"), unit="1")
    valve = Setting(coil(5), kind=flag)
    valves = Setting(coils(20, 11), kind=flag)
    missing = Reading(holding(5000), unit="1")
    missing_input = Reading(discrete(60000), kind=flag)
    silent = Setting(holding(at("SILENT")), unit="1")
    dose = Action(send(holding(at("SILENT")), 5))

    def make_safe(self) -> None:
        self.valve = False


def faulty(mischief: str, kind: str = "u16") -> type[Instrument]:
    class Faulty(Device):
        spoilt = Reading(holding(at(mischief), kind), unit="1")

    return Faulty


class Served:
    """The server, and its address."""

    def __init__(self, process: PeerProcess, scheme: str, address: str) -> None:
        self.process = process
        self.scheme = scheme
        self.address = address


@pytest.fixture(params=["tcp", "rtu"])
def served(request: pytest.FixtureRequest, libmodbus_device: str, started: Make) -> Served:
    if request.param == "tcp":
        process = started([libmodbus_device, "tcp"])
        address = f"modbus+tcp://127.0.0.1:{process.ready()}?unit=1&timeout={TIMEOUT}"
        return Served(process, "tcp", address)
    cable: Cable = request.getfixturevalue("cable")
    process = started([libmodbus_device, "rtu", str(cable.theirs)])
    process.ready()
    line = f"modbus+rtu://{cable.ours}?baud=19200&unit=1&timeout={TIMEOUT}"
    return Served(process, "rtu", line)


def test_numbers_arrive_as_libmodbus_put_them_there(served: Served, connected: Make) -> None:
    device = connected(Device, served.address)
    assert (device.plain, device.input_7) == (50.0, 7.0)
    assert (device.whole_32, device.scaled) == (-123456789.0, -23.7)
    assert device.read("plain", "whole_32", "scaled", "word") == (50.0, -123456789.0, -23.7, 60.0)


@pytest.mark.parametrize(("order", "start"), [("ABCD", 0), ("CDAB", 2), ("BADC", 4), ("DCBA", 6)])
def test_a_float_is_read_in_each_order_of_libmodbus(
    served: Served, connected: Make, order: str, start: int
) -> None:
    class Ordered(Instrument):
        protocol = Modbus()
        named = Reading(holding(start, "f32", order), unit="L")
        optional = Reading(holding(start, "f32"), unit="L")

    device = connected(Ordered, served.address, {"order": order})
    assert (device.named, device.optional) == (-12.375, -12.375)


@pytest.mark.parametrize(
    ("kind", "start", "value"), [("i64", 10, -1234567890123456), ("f64", 14, math.pi)]
)
def test_four_registers_are_one_value(
    served: Served, connected: Make, kind: str, start: int, value: float
) -> None:
    class Long(Instrument):
        protocol = Modbus()
        value = Reading(holding(start, kind), unit="1")

    assert connected(Long, served.address).value == value


@pytest.mark.parametrize("order", ["ABCD", "CDAB", "BADC", "DCBA"])
def test_libmodbus_understands_the_float_that_is_written(
    served: Served, connected: Make, order: str
) -> None:
    device = connected(Device, served.address)
    setattr(device, f"real_{order.lower()}", -1234.5)
    assert getattr(device, f"real_{order.lower()}") == -1234.5
    told = served.process.line("registers").split(" floats ")[1].split()
    understood = dict(zip(("ABCD", "CDAB", "BADC", "DCBA"), map(float, told), strict=True))
    assert understood[order] == -1234.5
    assert sum(value == -1234.5 for value in understood.values()) == 1


def test_libmodbus_understands_words_and_long_values(served: Served, connected: Make) -> None:
    device = connected(Device, served.address)
    device.word = 65535
    device.long = -(2**40)
    assert served.process.line("registers 60") == "registers 60 65535"
    assert served.process.line("registers 80").endswith(f"whole {-(2**40)}")
    assert (device.word, device.long) == (65535.0, -(2.0**40))


def test_bits_and_coils_are_read_and_written(served: Served, connected: Make) -> None:
    device = connected(Device, served.address)
    assert (device.bit_2, device.bit_3, device.bit_15) == (True, False, True)
    assert (device.input_9, device.input_10, device.coil_33) == (True, False, True)
    assert device.read("coil_33", "valve", "input_9") == (True, False, True)
    device.valve = True
    assert (device.valve, served.process.line("coils")) == (True, "coils 5 1")
    device.valves = True
    assert served.process.line("coils") == "coils 20" + 11 * " 1"
    device.valves = False
    assert served.process.line("coils") == "coils 20" + 11 * " 0"


def test_what_is_no_number_is_no_value(served: Served, connected: Make) -> None:
    device = connected(Device, served.address)
    with pytest.raises(NotANumberError, match="inf"):
        _ = device.infinite


def test_registers_that_are_not_there_are_refused_by_name(served: Served, connected: Make) -> None:
    device = connected(Device, served.address)
    for name in ("missing", "missing_input"):
        with pytest.raises(ModbusError, match="no such register") as caught:
            device.read(name)
        assert caught.value.code == 2
    assert device.plain == 50.0


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 6, 8, 10, 11])
def test_every_exception_of_libmodbus_is_named(served: Served, connected: Make, code: int) -> None:
    class Excepting(Device):
        refused = Setting(holding(1100 + code), unit="1")

    device = connected(Excepting, served.address)
    for exchange in (lambda: device.refused, lambda: setattr(device, "refused", 1)):
        with pytest.raises(ModbusError, match=f"exception {code}") as caught:
            exchange()
        assert caught.value.code == code
        assert isinstance(caught.value, BusyError) == (code in (5, 6, 11))
    assert device.plain == 50.0


def test_a_reply_in_single_bytes_is_a_reply(served: Served, connected: Make) -> None:
    assert connected(faulty("SPLIT"), served.address).spoilt == at("SPLIT")


def test_a_device_that_was_busy_is_asked_again(served: Served, connected: Make, notes: Any) -> None:
    assert connected(faulty("BUSY_ONCE"), served.address).spoilt == at("BUSY_ONCE")
    assert notes.what() == ["retry"]


def test_a_foreign_reply_before_the_right_one_is_dropped(
    served: Served, connected: Make, notes: Any
) -> None:
    assert connected(faulty("FOREIGN_FIRST"), served.address).spoilt == at("FOREIGN_FIRST")
    assert "late-reply" in notes.what()


def test_a_reply_that_comes_twice_is_not_the_answer_to_the_next_question(
    served: Served, connected: Make
) -> None:
    device = connected(faulty("TWICE"), served.address)
    for _ in range(3):
        assert device.spoilt == at("TWICE")
        assert device.plain == 50.0


@pytest.mark.parametrize(
    ("mischief", "error"),
    [
        ("WRONG_UNIT", GarbageReplyError),
        ("SLOW", (NoReplyError, GarbageReplyError)),
        ("SILENT", NoReplyError),
        ("TRUNCATED", NoReplyError),
        ("NOISE", GarbageReplyError),
        ("OTHER_FUNCTION", GarbageReplyError),
        ("SHORTER", GarbageReplyError),
        ("BAD_CHECK", GarbageReplyError),
    ],
)
def test_a_fault_is_named_and_the_next_reading_is_right(
    served: Served, connected: Make, mischief: str, error: Any
) -> None:
    kind = "u32" if mischief == "SHORTER" else "u16"
    device = connected(faulty(mischief, kind), served.address)
    with pytest.raises(error) as caught:
        _ = device.spoilt
    assert (caught.value.instrument, caught.value.channel) == ("meter", "spoilt")
    for _ in range(3):
        assert device.read("plain", "whole_32") == (50.0, -123456789.0)


def test_a_late_reply_of_the_unit_itself_is_not_called_another_s(
    libmodbus_device: str, started: Make, connected: Make
) -> None:
    port = started([libmodbus_device, "tcp"]).ready()
    device = connected(faulty("SLOW"), f"modbus+tcp://127.0.0.1:{port}?timeout={TIMEOUT}")
    with pytest.raises(InstrumentError) as caught:
        _ = device.spoilt
    assert "only others answered" not in str(caught.value)


def test_a_reply_with_another_transaction_id_is_never_taken(
    libmodbus_device: str, started: Make, connected: Make
) -> None:
    port = started([libmodbus_device, "tcp"]).ready()
    device = connected(faulty("WRONG_TAG"), f"modbus+tcp://127.0.0.1:{port}?timeout={TIMEOUT}")
    with pytest.raises((GarbageReplyError, NoReplyError)):
        _ = device.spoilt
    assert device.plain == 50.0


def test_a_connection_that_is_hung_up_is_said_and_opened_again(
    libmodbus_device: str, started: Make, connected: Make
) -> None:
    port = started([libmodbus_device, "tcp"]).ready()
    device = connected(faulty("HANG_UP"), f"modbus+tcp://127.0.0.1:{port}?timeout={TIMEOUT}")
    assert device.plain == 50.0
    with pytest.raises(LinkError):
        _ = device.spoilt
    assert device.plain == 50.0


def test_a_setting_that_is_not_confirmed_is_tried_once_more_and_an_action_never(
    served: Served, connected: Make
) -> None:
    device = connected(Device, served.address)
    for sent, times in ((lambda: setattr(device, "silent", 5), 2), (lambda: device.dose(), 1)):
        with pytest.raises(NoReplyError):
            sent()
        assert device.plain == 50.0
        told = [one for one in served.process.told() if one.startswith("mischief")]
        assert told == times * [f"mischief {at('SILENT')}"]


@pytest.mark.parametrize("times", [1, 2])
def test_a_late_reply_is_never_the_answer_to_another_question(
    served: Served, connected: Make, times: int
) -> None:
    """Over RTU the late reply looks exactly like the right one: the same length, no number."""
    device = connected(faulty("SLOW"), served.address)
    values = set()
    for name in times * ["spoilt"] + 6 * ["plain"]:
        try:
            values.add((name, device.read(name)[0]))
        except (NoReplyError, GarbageReplyError):
            values.add((name, None))
    assert values - {("spoilt", None), ("plain", None), ("spoilt", 1004.0)} == {("plain", 50.0)}


def test_a_value_beyond_the_limit_sends_nothing(served: Served, connected: Make) -> None:
    device = connected(Device, served.address)
    with pytest.raises(SettingRefused):
        device.word = 65536
    assert device.word == 60.0
    assert served.process.told() == []


def test_another_unit_on_the_serial_line_does_not_answer(
    libmodbus_device: str, started: Make, cable: Cable, connected: Make
) -> None:
    started([libmodbus_device, "rtu", str(cable.theirs)]).ready()
    device = connected(Device, f"modbus+rtu://{cable.ours}?baud=19200&unit=2&timeout=0.1")
    with pytest.raises(NoReplyError):
        _ = device.plain
