"""A PACE of gepace (sinstruments), a bath of lewis, and VXI-11 as python-vxi11 speaks it."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from peer_processes import PeerProcess

from benchctl.core.clock import Deadline, pause
from benchctl.core.errors import (
    DeviceError,
    GarbageReplyError,
    InstrumentError,
    LinkError,
    NoReplyError,
    NotANumberError,
)
from benchctl.core.places import bundled
from benchctl.driver import (
    Action,
    Instrument,
    Line,
    Reading,
    Scpi,
    Setting,
    array,
    ask,
    block,
    flag,
    text,
    word,
)
from benchctl.drivers import Shelf

Make = Callable[..., Any]
HERE = Path(__file__).parent


def interpreter(module: str) -> str:
    """Return the interpreter of the peers' environment if it has `module`."""
    python = os.environ.get("PEERS_PYTHON", "")
    if not python:
        pytest.skip("PEERS_PYTHON names no environment with the peers")
    found = subprocess.run(
        [python, "-W", "ignore", "-c", f"import {module}"], capture_output=True, check=False
    )
    if found.returncode:
        pytest.skip(f"{module} is not in the environment of PEERS_PYTHON")
    return python


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def listening(port: int) -> None:
    """Wait until somebody listens at a port."""
    deadline = Deadline(20.0)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            if deadline.over:
                raise
            pause(0.05)
        else:
            return


# --- gepace over sinstruments -------------------------------------------------------------------


class Pace(Instrument):
    """The words that gepace's PACE knows; it repeats the header of every question."""

    protocol = Scpi(errors="SYST:ERR?", echo=True, compound=True)
    identity = "Druck,PACE5000"
    pressure = Reading("SENS1:PRES?", unit="kPa")
    slew = Setting("SOUR1:PRES:SLEW", unit="kPa/s", low=0.001, high=100.0)
    mode = Setting("SOUR1:PRES:SLEW:MODE", kind=word("MAX", "LIN"))
    setpoint = Setting("SOUR1:PRES", unit="kPa", low=-100.0, high=700.0)
    control = Setting("OUTP1:STAT", kind=flag)
    date = Reading("SYST:DATE?", kind=text)
    unknown = Reading("SENS9:TEMP?", unit="°C")

    def make_safe(self) -> None:
        self.control = False


@pytest.fixture(params=["tcp", "serial"])
def pace(request: pytest.FixtureRequest, started: Make, connected: Make, tmp_path: Path) -> Any:
    python = interpreter("gepace.simulator, sinstruments")
    port, line = free_port(), tmp_path / "ttyPACE"
    config = tmp_path / "pace.yml"
    config.write_text(
        "devices:\n- class: Pace\n  name: pace\n  package: gepace.simulator\n  transports:\n"
        f"  - {{type: tcp, url: '127.0.0.1:{port}'}}\n  - {{type: serial, url: {line}}}\n"
    )
    started([python, "-W", "ignore", "-m", "sinstruments", "-c", str(config)])
    listening(port)
    if request.param == "tcp":
        return connected(Pace, f"TCPIP::127.0.0.1::{port}::SOCKET?timeout=1")
    return connected(Pace, f"serial://{line}?baud=9600&timeout=1")


def test_gepace_s_controller_is_identified_read_and_set(pace: Any) -> None:
    identity = pace.connect()
    assert (identity.serial, "PACE5000" in identity.text) == ("10388796", True)
    assert 34.567 <= pace.pressure < 35.567  # its value, and noise of up to 1 on it
    assert (pace.slew, pace.mode, pace.control) == (2.0, "LIN", False)
    pace.slew = 7.25
    pace.control = True
    pace.mode = "MAX"
    assert (pace.slew, pace.mode, pace.control) == (7.25, "MAX", True)
    pressure, slew, control = pace.read("pressure", "slew", "control")
    assert (34.567 <= pressure < 35.567, slew, control) == (True, 7.25, True)
    assert pace.date.count(",") == 2
    pace.make_safe()
    assert pace.control is False


def test_what_gepace_s_controller_does_not_know_is_no_value(pace: Any) -> None:
    with pytest.raises(GarbageReplyError, match="NACK"):
        _ = pace.unknown
    assert pace.slew == 2.0


def test_gepace_s_controller_is_no_other_model(pace: Any, connected: Make) -> None:
    class Other(Pace):
        identity = "Mensor"

    other = connected(Other, pace.link.address)
    with pytest.raises(DeviceError, match="another model answers"):
        other.connect()


# --- lewis' Julabo ------------------------------------------------------------------------------


class UpperCase(Line):
    """Julabo's commands as lewis' device wants them; it answers settings with an empty line."""

    name = "Julabo"
    end = "\r"
    reply_end = "\n"
    who = "VERSION"

    def parse(self, command: str, reply: str, unit: str) -> str:
        return reply


class Bath(Instrument):
    protocol = UpperCase()
    identity = "^JULABO FP50"
    temperature = Reading("IN_PV_00", unit="°C")
    setpoint = Setting(
        ask("IN_SP_00", write="OUT_SP_00 {value:.2f}"), unit="°C", low=0, high=200, resolution=0.01
    )
    on = Setting(ask("IN_MODE_05", write="OUT_MODE_05 {value}"), kind=flag)
    gain = Setting(ask("IN_PAR_06", write="OUT_PAR_06 {value:.1f}"), unit="K", low=0.1, high=99.9)
    status = Reading("STATUS", kind=text)
    unknown = Reading("IN_PV_99", unit="°C")

    def make_safe(self) -> None:
        self.on = False


@pytest.fixture
def bath_port(started: Make) -> int:
    python, port = interpreter("lewis.devices.julabo"), free_port()
    protocol = f"julabo-version-1: {{bind_address: 127.0.0.1, port: {port}}}"
    run = "import sys; from lewis.scripts.run import run_simulation; sys.exit(run_simulation())"
    started([python, "-W", "ignore", "-c", run, "-p", protocol, "julabo"])
    listening(port)
    return port


def test_lewis_bath_is_identified_read_and_set(bath_port: int, connected: Make) -> None:
    bath = connected(Bath, f"serial+tcp://127.0.0.1:{bath_port}?timeout=2")
    assert bath.connect().text == "JULABO FP50_MH Simulator, ISIS"
    assert (bath.temperature, bath.setpoint, bath.on) == (24.0, 24.0, False)
    assert bath.status == "Hello from the simulated Julabo"
    bath.setpoint = 55.5
    bath.gain = 12.5
    assert bath.read("setpoint", "gain", "on", "temperature") == (55.5, 12.5, False, 24.0)
    bath.on = True
    assert bath.on is True
    assert bath.setpoint == 55.5
    bath.make_safe()
    assert bath.on is False


def test_a_command_that_lewis_bath_does_not_know_is_a_silence(
    bath_port: int, connected: Make
) -> None:
    bath = connected(Bath, f"serial+tcp://127.0.0.1:{bath_port}?timeout=0.3")
    with pytest.raises(NoReplyError):
        _ = bath.unknown
    assert bath.setpoint == 24.0


@pytest.fixture
def our_julabo(bath_port: int, connected: Make) -> Any:
    """The bundled driver, whose commands only get the case that lewis' device insists on."""
    found: Any = Shelf([bundled("drivers")]).find("julabo_fp")

    class Upper(type(found.protocol)):  # type: ignore[misc]
        def addressed(self, command: str) -> str:
            return command.upper()

    class Ours(found):  # type: ignore[misc]
        protocol = Upper()

    return connected(Ours, f"serial+tcp://127.0.0.1:{bath_port}?timeout=2")


def test_our_julabo_sets_lewis_bath_and_brings_it_to_rest(our_julabo: Any) -> None:
    assert "FP50" in our_julabo.connect().text
    our_julabo.setpoint = 37.25
    our_julabo.on = True
    assert (our_julabo.setpoint, our_julabo.on) == (37.25, True)
    our_julabo.make_safe()
    assert our_julabo.on is False


def test_a_setting_that_lewis_bath_ignores_is_told(our_julabo: Any) -> None:
    with pytest.raises(DeviceError, match="150"):  # its own limit is 100 °C
        our_julabo.setpoint = 150.0
    assert our_julabo.setpoint == 24.0


# --- VXI-11 -------------------------------------------------------------------------------------


class Vxi(Instrument):
    protocol = Scpi(compound=True)
    identity = "^ACME,V11"
    level = Setting("VOLT", unit="V", low=-10, high=10)
    over = Reading("OVER?", unit="V")
    late = Reading("LATE?", unit="V")
    label = Reading("NAME?", kind=text)
    quoted = Reading("QUOTE?", kind=text)
    trace = Reading("TRAC?", unit="V", kind=array(">f4"))
    feeds = Reading("LF?", kind=block)
    unknown = Reading("FOO?", unit="V")
    bad = Action("BAD:THING")

    def make_safe(self) -> None:
        self.level = 0


@pytest.fixture
def vxi_server(started: Make) -> tuple[PeerProcess, str]:
    process = started([interpreter("vxi11"), "-W", "ignore", str(HERE / "vxi11_device.py")])
    return process, f"127.0.0.1,{process.ready()}"


@pytest.fixture
def vxi(vxi_server: tuple[PeerProcess, str], connected: Make) -> Any:
    return connected(Vxi, f"TCPIP::{vxi_server[1]}::inst1::INSTR?timeout=0.5")


def test_a_vxi_11_instrument_is_identified_read_and_set(vxi: Any) -> None:
    assert (vxi.connect().serial, vxi.level) == ("4711", 1.5)
    vxi.level = -2.25
    assert vxi.read("level", "label") == (-2.25, "a;b, c")


def test_a_quote_within_a_string_is_doubled_on_the_wire_only(vxi: Any) -> None:
    """IEEE 488.2, 8.7.8: string response data."""
    assert vxi.quoted == 'a;b, "c"'


def test_a_long_block_over_vxi_11_comes_whole_and_may_hold_line_feeds(vxi: Any) -> None:
    trace = vxi.trace
    assert np.array_equal(trace, np.arange(2000) / 8 - 100)
    assert bytes(vxi.feeds) == b"\n1\n2\n3"
    assert vxi.level == 1.5


def test_faults_of_a_vxi_11_instrument_are_named(vxi: Any) -> None:
    with pytest.raises(NotANumberError, match=r"9\.9"):
        _ = vxi.over
    with pytest.raises(DeviceError, match="Undefined header;BAD:THING"):
        vxi.bad()
    with pytest.raises(InstrumentError, match="Undefined header;FOO"):
        _ = vxi.unknown
    assert vxi.level == 1.5


def test_a_late_answer_over_vxi_11_is_not_the_answer_to_the_next_question(
    vxi: Any, notes: Any
) -> None:
    vxi.level = 3.0
    with pytest.raises(NoReplyError):
        _ = vxi.late
    vxi.level = 4.0
    assert (vxi.label, vxi.level) == ("a;b, c", 4.0)
    assert "late-reply" in notes.what()


class Ramping(Vxi):
    """Tells the end of a ramp by its status byte."""

    protocol = Scpi(srq=5.0)
    ramp = Setting(("VOLT?", "RAMP {value}"), unit="V", low=-10, high=10)


def test_the_end_of_a_ramp_is_seen_by_serial_polls_over_vxi_11(
    vxi_server: tuple[PeerProcess, str], connected: Make
) -> None:
    process, place = vxi_server
    source = connected(Ramping, f"TCPIP::{place}::inst1::INSTR?timeout=0.5")
    source.connect()
    source.ramp = 6.0
    assert source.level == 6.0
    heard = process.told()
    assert heard.count("polled") >= 4
    assert "got *OPC" in heard
    assert "got *STB?" not in heard


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_nobody_at_a_vxi_11_address_is_said_at_open(connected: Make) -> None:
    with pytest.raises(LinkError, match="cannot be opened"):
        connected(Vxi, f"TCPIP::127.0.0.1,{free_port()}::inst1::INSTR?timeout=0.5")
    gc.collect()  # pyvisa-py does not close what it could not open


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_vxi_11_server_that_has_no_such_instrument_is_said_at_open(
    vxi_server: tuple[PeerProcess, str], connected: Make
) -> None:
    try:
        connected(Vxi, f"TCPIP::{vxi_server[1]}::inst7::INSTR?timeout=0.5")
    except Exception as error:  # noqa: BLE001 - kept, its traceback would hold the socket open
        said = type(error).__name__
    gc.collect()
    assert said == "LinkError"
