from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import pytest
from wire_peers import lines

from benchctl.core.clock import monotonic
from benchctl.core.errors import (
    DeviceError,
    GarbageReplyError,
    NoReplyError,
    NotANumberError,
    UsageError,
)
from benchctl.driver import (
    Action,
    Instrument,
    Reading,
    Scpi,
    Setting,
    SettingRefused,
    block,
    flag,
    text,
)

Make = Callable[..., Any]


class Dmm:
    """An instrument of the test: answers questions, takes settings, keeps an error queue."""

    def __init__(self) -> None:
        self.answers = {
            "*IDN?": "Keysight Technologies,34461A,MY53,A.02",
            "VOLT?": "+1.23456789E+00",
            "CURR?": "-2.5E-03",
            "*OPC?": "1",
            "NAME?": '"a;b"',
        }
        self.errors: list[str] = []
        self.taken: list[str] = []
        self.stuck = False

    def answer(self, line: bytes) -> Iterable[object]:
        message = line.decode().strip()
        self.taken.append(message)
        replies = []
        for part in message.split(";"):
            command = part.lstrip(":")
            if command == "SYST:ERR?":
                popped = self.errors.pop(0) if self.errors and not self.stuck else None
                replies.append(
                    popped or ('-350,"Queue overflow"' if self.stuck else '+0,"No error"')
                )
            elif command in self.answers:
                replies.append(self.answers[command])
            elif command.endswith("?") or command.startswith("BAD"):
                self.errors.append(f'-113,"Undefined header;{command}"')
            else:
                name, _, value = command.partition(" ")
                self.answers[f"{name}?"] = value
        if replies:
            yield (";".join(replies) + "\n").encode()

    def error(self) -> str:
        if self.stuck:
            return '-350,"Queue overflow"'
        return self.errors.pop(0) if self.errors else '+0,"No error"'


class Meter(Instrument):
    protocol = Scpi(compound=True)
    identity = "^Keysight Technologies,3446"
    voltage = Reading("VOLT?", unit="V")
    current = Reading("CURR", unit="A")
    label = Reading("NAME?", kind=text)
    range = Setting("VOLT:RANG", unit="V", choices=[0.1, 1, 10])
    autozero = Setting("ZERO", kind=flag)
    function = Setting("FUNC", kind=text, choices=["VOLT", "CURR"])
    unknown = Reading("FOO?", unit="V")
    bad = Action("BAD:THING")
    clear = Action("CLE")

    def make_safe(self) -> None:
        self.range = 10


@pytest.fixture
def dmm() -> Dmm:
    return Dmm()


@pytest.fixture
def meter(dmm: Dmm, tcp_peer: Make, connected: Make) -> Meter:
    peer = tcp_peer(dmm.answer, lines)
    meter: Meter = connected(Meter, f"TCPIP::127.0.0.1::{peer.port}::SOCKET?timeout=0.25")
    return meter


def test_identification_gives_the_serial_number(meter: Meter) -> None:
    identity = meter.connect()
    assert identity.serial == "MY53"
    assert "34461A" in identity.text


def test_another_model_is_refused(meter: Meter, dmm: Dmm) -> None:
    dmm.answers["*IDN?"] = "FLUKE,8846A,1,2"
    with pytest.raises(DeviceError, match="another model answers: `FLUKE,8846A,1,2`"):
        meter.connect()


def test_numbers_flags_and_text_are_read(meter: Meter, dmm: Dmm) -> None:
    assert meter.voltage == 1.23456789
    assert meter.current == -0.0025
    assert meter.label == "a;b"
    for said, value in (("1", True), ("ON", True), ("0", False), ("off", False)):
        dmm.answers["ZERO?"] = said
        assert meter.autozero is value


def test_several_questions_travel_in_one_message(meter: Meter, dmm: Dmm) -> None:
    assert meter.read("voltage", "label", "current") == (1.23456789, "a;b", -0.0025)
    assert dmm.taken == ["VOLT?;:NAME?;:CURR?"]


def test_an_instrument_that_knows_no_compound_messages_is_asked_one_by_one(
    dmm: Dmm, tcp_peer: Make, connected: Make
) -> None:
    class Simple(Instrument):
        protocol = Scpi(errors="")
        voltage = Reading("VOLT?", unit="V")
        current = Reading("CURR?", unit="A")

    peer = tcp_peer(dmm.answer, lines)
    simple = connected(Simple, f"TCPIP::127.0.0.1::{peer.port}::SOCKET")
    assert simple.read("current", "voltage") == (-0.0025, 1.23456789)
    assert dmm.taken == ["CURR?", "VOLT?"]


def test_too_few_answers_are_garbage(meter: Meter, dmm: Dmm) -> None:
    dmm.answers["VOLT?"] = "1.0"
    dmm.answers["NAME?"] = "x;y;z"
    with pytest.raises(GarbageReplyError, match="4 answers came to 2 questions"):
        meter.read("voltage", "label")


def test_a_setting_is_sent_and_the_error_queue_read(meter: Meter, dmm: Dmm) -> None:
    meter.range = 10
    meter.autozero = True
    assert dmm.taken == ["VOLT:RANG 10", "SYST:ERR?", "ZERO 1", "SYST:ERR?"]
    assert meter.range == 10.0


def test_a_value_that_is_no_choice_is_not_sent(meter: Meter, dmm: Dmm) -> None:
    with pytest.raises(SettingRefused, match=r"2\.0 V is none of 0\.1, 1, 10"):
        meter.range = 2.0
    assert dmm.taken == []


def test_a_setting_may_be_a_word(meter: Meter, dmm: Dmm) -> None:
    meter.function = "CURR"
    assert dmm.taken[0] == "FUNC CURR"
    assert meter.function == "CURR"
    with pytest.raises(SettingRefused, match="OHM"):
        meter.function = "OHM"


def test_an_error_of_the_instrument_is_told_in_its_words(meter: Meter, dmm: Dmm) -> None:
    with pytest.raises(DeviceError) as caught:
        meter.bad()
    assert "meter.bad: `BAD:THING` led to -113" in str(caught.value)
    assert "Undefined header" in str(caught.value)
    assert dmm.taken.count("BAD:THING") == 1
    assert dmm.errors == []


def test_an_error_queue_that_never_ends_is_given_up(meter: Meter, dmm: Dmm) -> None:
    dmm.stuck = True
    with pytest.raises(DeviceError, match="Queue overflow"):
        meter.clear()
    assert dmm.taken.count("SYST:ERR?") == 20


def test_errors_of_earlier_users_are_not_blamed_on_us(meter: Meter, dmm: Dmm) -> None:
    dmm.errors = ['-222,"Data out of range"', '-113,"Undefined header"']
    meter.connect()
    meter.range = 1


def test_a_question_that_the_instrument_does_not_know_is_explained(
    meter: Meter, dmm: Dmm, notes: Any
) -> None:
    with pytest.raises(DeviceError, match="Undefined header;FOO"):
        _ = meter.unknown
    assert dmm.taken.count("FOO?") == 2
    assert notes.what() == ["retry"]
    meter.range = 1  # the queue is empty again


@pytest.mark.parametrize(
    "reply", ["9.9E37", "+9.90000000E+37", "-9.9e37", "9.91E37", "NAN", "INF", "-INF", "----", "OL"]
)
def test_overload_is_never_a_value(meter: Meter, dmm: Dmm, reply: str) -> None:
    dmm.answers["VOLT?"] = reply
    with pytest.raises(NotANumberError) as caught:
        _ = meter.voltage
    assert caught.value.channel == "voltage"
    assert caught.value.wire == reply.encode()
    assert dmm.taken == ["VOLT?"]


@pytest.mark.parametrize("reply", ["", "1_0", "1,5", "0x10", "1.2.3", "1 V", "E5", "١"])
def test_what_is_no_number_is_garbage_and_asked_again(meter: Meter, dmm: Dmm, reply: str) -> None:
    dmm.answers["VOLT?"] = reply
    with pytest.raises(GarbageReplyError):
        _ = meter.voltage
    assert dmm.taken == ["VOLT?", "VOLT?"]


def test_a_header_that_is_repeated_is_taken_off(dmm: Dmm, tcp_peer: Make, connected: Make) -> None:
    # captured from a Druck PACE peer, shared/vectors/protocols.json
    class Pace(Instrument):
        protocol = Scpi(echo=True, errors=":SYST:ERR?", compound=True)
        pressure = Reading(":SENS1:PRES?", unit="mbar")
        state = Reading(":OUTP:STAT?", kind=flag)

    dmm.answers |= {
        "SENS1:PRES?": ":SENS1:PRES 34.685879429091955",
        "OUTP:STAT?": ":OUTP:STAT 1",
        "*IDN?": "*IDN GE Druck,PACE5000,10388796,DK0367  v02.02.14",
    }
    peer = tcp_peer(dmm.answer, lines)
    pace = connected(Pace, f"TCPIP::127.0.0.1::{peer.port}::SOCKET")
    assert pace.pressure == 34.685879429091955
    assert pace.read("state", "pressure") == (True, 34.685879429091955)
    assert pace.connect().serial == "10388796"


def test_completion_is_awaited_where_it_is_declared(
    dmm: Dmm, tcp_peer: Make, connected: Make
) -> None:
    class Waiting(Instrument):
        protocol = Scpi(opc=True)
        go = Action("GO")

        def make_safe(self) -> None:
            """Nothing."""

    peer = tcp_peer(dmm.answer, lines)
    waiting = connected(Waiting, f"TCPIP::127.0.0.1::{peer.port}::SOCKET")
    waiting.go()
    assert dmm.taken == ["GO", "*OPC?", "SYST:ERR?"]


def test_query_and_command_may_be_written_apart_and_filled_with_options(
    dmm: Dmm, tcp_peer: Make, connected: Make
) -> None:
    class Two(Instrument):
        protocol = Scpi(errors="")
        defaults: ClassVar = {"input": "1"}
        level = Setting(("LEV? (@{input})", "LEV {value},(@{input})"), unit="V")

        def make_safe(self) -> None:
            """Nothing."""

    peer = tcp_peer(dmm.answer, lines)
    address = f"TCPIP::127.0.0.1::{peer.port}::SOCKET"
    dmm.answers["LEV? (@2)"] = "0.5"
    two = connected(Two, address, {"input": "2"})
    two.level = 0.25
    assert two.level == 0.5
    assert dmm.taken == ["LEV 0.25,(@2)", "LEV? (@2)"]
    with pytest.raises(UsageError, match="input="):
        _ = connected(Two, address, {"input": "1);*RST"}).level


def test_a_binary_block_may_hold_line_feeds(dmm: Dmm, tcp_peer: Make, connected: Make) -> None:
    # TEST:ARB? of scpi-parser, shared/vectors/protocols.json, and 100 000 values
    class Scope(Instrument):
        protocol = Scpi(errors="")
        short = Reading("TEST:ARB?", kind=block)
        trace = Reading("TRAC?", kind=block)

    data = struct.pack("<1000d", *range(1000))

    def answer(line: bytes) -> Iterable[object]:
        yield b"#15he\nlo\n" if b"ARB" in line else b"#48000" + data + b"\n"

    peer = tcp_peer(answer, lines)
    scope = connected(Scope, f"TCPIP::127.0.0.1::{peer.port}::SOCKET?timeout=1")
    assert scope.short == b"he\nlo"
    assert scope.trace == data
    assert scope.read("short", "short") == (b"he\nlo", b"he\nlo")
    peer.answer = lambda _: [b"1.25\n"]
    with pytest.raises(GarbageReplyError, match="binary block was expected"):
        _ = scope.short


def test_an_answer_that_comes_late_is_not_the_next_one(
    dmm: Dmm, tcp_peer: Make, connected: Make, notes: Any
) -> None:
    late = [0.35]

    def answer(line: bytes) -> Iterable[object]:
        if late and line == b"CLE\n":
            return
        if late and line == b"SYST:ERR?\n":
            yield late.pop()
        yield from dmm.answer(line)

    peer = tcp_peer(answer, lines)
    meter = connected(Meter, f"TCPIP::127.0.0.1::{peer.port}::SOCKET?timeout=0.25")
    began = monotonic()
    with pytest.raises(NoReplyError):
        meter.clear()
    assert meter.voltage == 1.23456789
    assert "late-reply" in notes.what()
    assert monotonic() - began < 1.0


def test_bytes_that_are_no_text_are_garbage(tcp_peer: Make, connected: Make) -> None:
    peer = tcp_peer(lambda _: [b"\xff\xfe\x00\n"], lines)
    with pytest.raises(GarbageReplyError, match=r"no text \[wire: ff fe 00 0a"):
        _ = connected(Meter, f"TCPIP::127.0.0.1::{peer.port}::SOCKET?timeout=0.2").voltage
