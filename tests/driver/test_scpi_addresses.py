"""The kit's SCPI addresses and dialects, over real sockets and terminals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import pytest
from wire_peers import lines

from benchctl.core.clock import Deadline, pause
from benchctl.core.errors import DeviceError, GarbageReplyError, NoReplyError, UsageError
from benchctl.driver import (
    Action,
    DriverError,
    EventStatus,
    Instrument,
    Reading,
    Scpi,
    Setting,
    SettingRefused,
    StatusByte,
    bit,
    commands,
    describe,
    flag,
    item,
    listed,
    parsed,
    part,
    settled,
    word,
)

Make = Callable[..., Any]


class Table:
    """An instrument that answers out of a table, with its own end of line."""

    def __init__(self, answers: dict[str, str], end: str = "\n") -> None:
        self.answers = answers
        self.taken: list[bytes] = []
        self._end = end

    def answer(self, line: bytes) -> Iterable[object]:
        self.taken.append(line)
        said = self.answers.get(line.decode("ascii").strip())
        if said is not None:
            yield f"{said}{self._end}".encode("ascii")


class Quiet(Instrument):
    """What can be set needs a safe state; here there is nothing to do."""

    def make_safe(self) -> None:
        """Nothing."""


def heard(table: Any, count: int) -> list[bytes]:
    """Return what the table took, once so many came: what is not answered may be on its way."""
    deadline = Deadline(5.0)
    while len(table.taken) < count and not deadline.over:
        pause(0.005)
    return list(table.taken)


@pytest.fixture
def at_table(tcp_peer: Make, connected: Make) -> Make:
    def make(cls: type[Instrument], answers: dict[str, str], **more: Any) -> tuple[Any, Table]:
        table = Table(answers)
        peer = tcp_peer(table.answer, lines)
        address = f"TCPIP::127.0.0.1::{peer.port}::SOCKET?timeout=0.25"
        return connected(cls, address, more), table

    return make


class Many(Quiet):
    protocol = Scpi(errors="", compound=True)
    defaults: ClassVar = {"slot": "1"}
    first = Reading(item("VAL? {slot}", 1, of=3), unit="V")
    third = Reading(item("VAL? {slot}", 3), unit="A")
    label = Reading(item("VAL? {slot}", 2, of=3), kind=word("ON AIR", "off, idle"))
    larger = Reading(parsed("VAL? {slot}", lambda v: max(v[0], v[2])), unit="V")
    other = Reading("OTHER", unit="V")


def test_what_the_same_query_answers_is_asked_once(at_table: Make) -> None:
    many, table = at_table(
        Many, {"VAL? 1": '1.5,"off, idle",3.5', "VAL? 1;:OTHER?": '1,"ON AIR",3;7'}
    )
    assert many.read("third", "label", "first", "larger") == (3.5, "off, idle", 1.5, 3.5)
    assert table.taken == [b"VAL? 1\n"]
    assert many.read("third", "other", "label") == (3.0, 7.0, "ON AIR")
    assert table.taken[1:] == [b"VAL? 1;:OTHER?\n"]


@pytest.mark.parametrize("answer", ["1.5,off", "1.5,ON AIR,2,3", "", "1.5,busy,3"])
def test_another_number_of_values_or_an_unknown_word_is_garbage(
    at_table: Make, answer: str
) -> None:
    many, _ = at_table(Many, {"VAL? 1": answer})
    with pytest.raises(GarbageReplyError):
        _ = many.label


class Lists(Quiet):
    protocol = Scpi(errors="")
    a = Reading(listed("MEAS? (@{list})", 101), unit="V")
    b = Reading(listed("MEAS? (@{list})", 205), unit="V")
    c = Setting((listed("LEV? (@{list})", 3), "LEV {value},(@3)"), unit="V", low=0, high=1)


def test_channels_of_a_list_are_asked_together_in_ascending_order(at_table: Make) -> None:
    lists, table = at_table(
        Lists, {"MEAS? (@101,205)": "1,2", "MEAS? (@205)": "2", "LEV? (@3)": "0.5"}
    )
    assert lists.read("b", "a") == (2.0, 1.0)
    assert lists.read("b", "c") == (2.0, 0.5)
    lists.c = 1
    assert heard(table, 4) == [
        b"MEAS? (@101,205)\n",
        b"MEAS? (@205)\n",
        b"LEV? (@3)\n",
        b"LEV 1,(@3)\n",
    ]


class Pairs(Quiet):
    protocol = Scpi(errors="")
    amplitude = Setting(part("HARM1", 1, of=2), unit="V", low=0, high=300)
    angle = Setting(part("HARM1", 2, of=2), unit="°", low=-180, high=180)
    on = Setting(commands("OPER?", {True: "OPER", False: "STBY"}), kind=flag)


def test_values_that_are_set_together_keep_the_others(at_table: Make) -> None:
    pairs, table = at_table(Pairs, {"HARM1?": "2.3E2,-1.2E2"})
    pairs.angle = 30
    assert pairs.read("angle", "amplitude") == (-120.0, 230.0)
    assert table.taken == [b"HARM1?\n", b"HARM1 2.3E2,30\n", b"HARM1?\n"]


def test_a_value_is_not_set_where_the_others_are_not_known(at_table: Make) -> None:
    pairs, table = at_table(Pairs, {"HARM1?": "2.3E2"})
    with pytest.raises(GarbageReplyError, match="1 values came instead of 2"):
        pairs.angle = 30
    assert set(table.taken) == {b"HARM1?\n"}


def test_a_value_may_have_a_command_of_its_own(at_table: Make) -> None:
    pairs, table = at_table(Pairs, {"OPER?": "1"})
    pairs.on = True
    pairs.on = False
    assert pairs.on is True
    assert table.taken == [b"OPER\n", b"STBY\n", b"OPER?\n"]


class Source(Quiet):
    protocol = Scpi(errors="")
    level = Setting(
        settled(("OUT?", "OUT {value} V"), by="ISR?", stable=bit(12)), unit="V", low=0, high=9
    )
    pressure = Reading(
        settled(item("INL?", 1, of=2), by=item("INL?", 2, of=2), stable=flag), unit="kPa"
    )
    plain = Reading("OUT?", unit="V")


def test_a_sample_tells_what_the_instrument_says_about_its_value(at_table: Make) -> None:
    source, table = at_table(Source, {"OUT?": "5.0", "ISR?": "4097", "INL?": "101.3, 0"})
    level, pressure, plain = (source.sample(n) for n in ("level", "pressure", "plain"))
    assert (level.value, level.stable, level.status) == (5.0, True, "4097")
    assert (pressure.value, pressure.stable, pressure.status) == (101.3, False, "0")
    assert (plain.value, plain.stable) == (5.0, None)
    assert table.taken == [b"ISR?\n", b"OUT?\n", b"INL?\n", b"OUT?\n"]
    source.level = 2.5
    assert (source.level, source.pressure) == (5.0, 101.3)
    assert table.taken[4:] == [b"OUT 2.5 V\n", b"OUT?\n", b"INL?\n"]


def test_a_word_is_known_in_any_case_and_in_other_spellings(at_table: Make) -> None:
    class Mode(Quiet):
        protocol = Scpi(errors="")
        mode = Setting("MODE", kind=word("CONTROL", "VENT", spelt={"CONT": "CONTROL"}))

    mode, table = at_table(Mode, {"MODE?": "Cont"})
    assert mode.mode == "CONTROL"
    mode.mode = "VENT"
    with pytest.raises(SettingRefused, match="none of CONTROL, VENT"):
        mode.mode = "MEASURE"
    with pytest.raises(SettingRefused):
        mode.mode = 1.0
    assert heard(table, 2) == [b"MODE?\n", b"MODE VENT\n"]
    channel = describe(Mode)["channels"][0]
    assert (channel["kind"], channel["choices"]) == ("text", ["CONTROL", "VENT"])


def test_the_event_register_names_its_errors(at_table: Make) -> None:
    class Old(Quiet):
        protocol = Scpi(errors="*ESR?")
        go = Action("GO")

    old, table = at_table(Old, {"*ESR?": "48"})
    with pytest.raises(DeviceError, match=r"`GO` led to \*ESR 48: EXE CME"):
        old.go()
    table.answers["*ESR?"] = "129"  # power on, operation complete
    old.go()
    assert table.taken == [b"GO\n", b"*ESR?\n"] * 2
    # *CLS;*ESE 32;*SRE 32;NOPE, *STB? of scpi-parser: 100, shared/vectors/protocols.json
    assert StatusByte(100) == StatusByte.ESB | StatusByte.EAV | StatusByte.MSS
    assert EventStatus(32).faults == "CME"


def test_bits_of_a_status_word_are_flags(at_table: Make) -> None:
    class Status(Quiet):
        protocol = Scpi(errors="")
        high = Reading("ISR?", kind=bit(7))
        idle = Reading("ISR?", kind=bit(1, clear=True))

    status, _ = at_table(Status, {"ISR?": "128"})
    assert status.read("high", "idle") == (True, True)
    assert describe(Status)["channels"][0]["kind"] == "flag"


def test_a_serial_port_may_end_its_lines_otherwise(pty_peer: Make, connected: Make) -> None:
    class Port(Quiet):
        protocol = Scpi(remote="SYST:REM")
        value = Reading("READ?", unit="V")

    table = Table({"*IDN?": "A,B,C,D", "SYST:ERR?": "0", "READ?": "1.5"}, end="\r")

    def split(data: bytes) -> tuple[list[bytes], bytes]:
        *whole, rest = data.split(b"\r")
        return [line + b"\r" for line in whole], rest

    peer = pty_peer(table.answer, split)
    port = connected(Port, f"serial://{peer.path}?baud=9600&timeout=0.5&end=cr")
    assert port.connect().serial == "C"
    assert port.value == 1.5
    assert table.taken == [b"SYST:REM\r", b"*IDN?\r", b"SYST:ERR?\r", b"READ?\r"]
    with pytest.raises(UsageError, match="end=NUL is none of LF, CR, CRLF"):
        connected(Port, f"serial://{peer.path}?baud=9600&end=nul")


def test_a_query_may_be_given_more_time_than_others(tcp_peer: Make, connected: Make) -> None:
    class Slow(Quiet):
        protocol = Scpi(errors="", patience={"SLOW?": 5.0})
        slow = Reading("SLOW?", unit="V")
        other = Reading("OTHER?", unit="V")

    def late(line: bytes) -> Iterable[object]:
        if line == b"SLOW?\n":
            yield 0.3
            yield b"1.5\n"

    peer = tcp_peer(late, lines)
    slow = connected(Slow, f"TCPIP::127.0.0.1::{peer.port}::SOCKET?timeout=0.1")
    assert slow.slow == 1.5
    assert slow.link.timeout == 0.1
    with pytest.raises(NoReplyError):
        _ = slow.other


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Setting("VOLT?", unit="V"), "asks"),
        (lambda: Setting(listed("VOLT?", 1), unit="V"), "no place for a {list}"),
        (lambda: Setting(item("VOLT?", 1), unit="V"), "is not"),
        (lambda: Setting(("VOLT", "VOLT {value}"), unit="V"), "does not ask"),
        (lambda: Setting(commands("X?", {True: "Y?"}), kind=flag), "asks"),
        (lambda: Setting(part("X", 3, of=2), unit="V"), "does not exist"),
        (lambda: Reading(item("VOLT", 1), unit="V"), "no SCPI header or query"),
        (lambda: Action("GO?"), "asks"),
        (lambda: Action(""), "no command"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused_when_the_class_is_made(
    make: Callable[[], Any], said: str
) -> None:
    with pytest.raises(DriverError) as refused:
        type("Bad", (Quiet,), {"protocol": Scpi(), "x": make()})
    assert said in str(refused.value)


def test_a_flagged_answer_that_does_not_come_is_still_a_silence(at_table: Make) -> None:
    class Flagged(Quiet):
        protocol = Scpi(errors="Error?", flagged="E", tree=False)
        value = Reading("A?", unit="V")

    flagged, _ = at_table(Flagged, {"Error?": " No Errors"})
    with pytest.raises(NoReplyError):
        _ = flagged.value
