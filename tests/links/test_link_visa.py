from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyvisa_sim.highlevel import SimVisaLibrary

from benchctl.core.clock import RealClock, monotonic
from benchctl.core.errors import LinkError, NoReplyError
from benchctl.links import LinkFactory

BENCH = """
spec: "1.1"
devices:
  counter:
    eom:
      TCPIP INSTR: {q: "\\n", r: "\\n"}
      TCPIP SOCKET: {q: "\\n", r: "\\n"}
      GPIB INSTR: {q: "\\n", r: "\\n"}
    error: ERROR
    dialogues:
      - {q: "*IDN?", r: "SIM,COUNTER,42,1.0"}
      - {q: "A?", r: "1"}
      - {q: "B?", r: "2"}
resources:
  TCPIP0::counter::inst0::INSTR: {device: counter}
  TCPIP0::counter::5025::SOCKET: {device: counter}
  GPIB0::7::INSTR: {device: counter}
  GPIB0::8::INSTR: {device: counter}
"""


@pytest.fixture
def visa(tmp_path: Path, notes: Any) -> Iterator[LinkFactory]:
    file = tmp_path / "bench.yaml"
    file.write_text(BENCH)
    factory = LinkFactory(
        RealClock(),
        notes,
        visa_library=SimVisaLibrary(str(file)),
        locations={"sim.counter": "TCPIP0::counter::inst0::INSTR"},
    )
    yield factory
    factory.close()


@pytest.mark.parametrize(
    "address",
    ["visa:sim.counter", "GPIB0::7::INSTR", "TCPIP0::counter::5025::SOCKET"],
)
def test_a_visa_instrument_answers(visa: LinkFactory, address: str) -> None:
    link, _ = visa.open(address, "counter")
    with link.bus:
        link.drain()
        link.write(b"*IDN?\n")
        assert link.read_until(b"\n") == b"SIM,COUNTER,42,1.0\n"


def test_bytes_are_read_in_the_portions_that_are_asked_for(visa: LinkFactory) -> None:
    link, _ = visa.open("GPIB0::7::INSTR", "counter")
    link.write(b"*IDN?\n")
    assert link.read_exactly(4) == b"SIM,"
    assert link.read_until(b"\n") == b"COUNTER,42,1.0\n"


def test_an_unknown_resource_is_an_error_at_open(visa: LinkFactory) -> None:
    with pytest.raises(LinkError, match="GPIB0::9::INSTR cannot be opened"):
        visa.open("GPIB0::9::INSTR", "counter")


def test_a_question_without_answer_ends_at_the_deadline(visa: LinkFactory) -> None:
    link, _ = visa.open("visa:sim.counter?timeout=0.1", "counter")
    began = monotonic()
    link.drain()
    with pytest.raises(NoReplyError, match=r"no answer within 0\.1 s"):
        link.read_until(b"\n")
    assert monotonic() - began < 0.5


def test_a_late_reply_of_a_visa_instrument_is_dropped(visa: LinkFactory, notes: Any) -> None:
    link, _ = visa.open("visa:sim.counter?timeout=0.1", "counter")
    with pytest.raises(NoReplyError):
        link.read_until(b"\n")
    link.write(b"A?\n")  # its answer comes after the deadline of the failed read
    link.drain()
    link.write(b"B?\n")
    assert link.read_until(b"\n") == b"2\n"
    assert notes.what() == ["late-reply"]


def test_instruments_of_one_gpib_board_share_its_bus(visa: LinkFactory) -> None:
    seven, _ = visa.open("GPIB0::7::INSTR", "seven")
    eight, _ = visa.open("GPIB0::8::INSTR", "eight")
    lan, _ = visa.open("visa:sim.counter", "lan")
    assert seven.bus is eight.bus
    assert lan.bus is not seven.bus


def test_a_visa_instrument_can_be_opened_again(visa: LinkFactory) -> None:
    link, _ = visa.open("visa:sim.counter", "counter")
    link.reopen()
    link.write(b"B?\n")
    assert link.read_until(b"\n") == b"2\n"


def test_a_closed_visa_instrument_is_a_link_error(visa: LinkFactory) -> None:
    link, _ = visa.open("visa:sim.counter", "counter")
    link.close()
    with pytest.raises(LinkError):
        link.write(b"B?\n")


def test_a_message_longer_than_one_read_comes_whole_and_without_a_warning(
    visa: LinkFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchctl.links.visa.CHUNK", 4)
    link, _ = visa.open("GPIB0::7::INSTR", "counter")
    with link.bus:
        assert link.ask(b"*IDN?\n", b"\n") == b"SIM,COUNTER,42,1.0\n"
        link.write(b"*IDN?\n")
        assert link.read_exactly(4) == b"SIM,"
        assert link.read_until(b"\n") == b"COUNTER,42,1.0\n"


def test_a_late_reply_is_not_the_answer_to_the_next_question(visa: LinkFactory, notes: Any) -> None:
    link, _ = visa.open("GPIB0::7::INSTR", "counter")
    link.timeout = 0.02
    with link.bus:
        with pytest.raises(NoReplyError):
            link.ask(b"", b"\n")
        link.write(b"A?\n")  # what comes now counts as the late reply
        link.timeout = 0.5
        assert link.ask(b"B?\n", b"\n") == b"2\n"
    assert any("late-reply" in str(note) for note in notes.events)
