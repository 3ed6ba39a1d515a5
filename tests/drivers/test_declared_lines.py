"""YAML drivers of text commands: echo, prompt, pauses, proof, stability, several values, words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.driver import Instrument
from benchctl.driver.declared import load_declared
from benchctl.language import FileError
from benchctl.simulation.shelf import load_simulator
from benchctl.workshop import check_file
from benchctl.workshop.rig import Rig

DRYER = r"""summary: ACME D7, a dew point generator with a console.
bus: RS-232, 9600 8N1; it repeats what it hears and prompts with `>`.
reading: 50 ms.
safe: the heater off.
document: manual D7, p. 12.
protocol:
  line:
    {end: "\r", reply_end: "\r\n", echo: true, prompt: ">", pause: 0.01, who: ID, serial: SN,
     said: '\w+ (.+)', error: 'ERR.*', acknowledged: false, proven: true, patience: {PV: 2}}
identity: ^ACME D7$

readings:
  dew_point: {at: PV, reply: 'TD (\S+) C RH (\S+) %', unit: °C, doc: Dew point.}
  humidity: {at: PV, reply: 'TD \S+ C RH (?P<value>\S+) %', unit: "%", doc: Relative humidity.}
settings:
  setpoint: {at: {ask: SP, set: "SP={value:.2f}"}, reply: 'SP (\S+)', unit: °C, low: -40,
             high: 20, resolution: 0.01, doc: Goal.}
  heater: {at: {ask: HT, set: {true: "HT ON [A]", false: HT OFF}}, reply: 'HT ([01])', kind: flag,
           safe: false, doc: Whether it heats.}
"""
DRYER_SIM = r'''"""A simulated ACME D7."""

from benchctl.simulation import LineMemory, SimulatedInstrument, TextBus, Wire, line_memory


class Console(LineMemory):
    """Repeats what it hears, answers, prompts."""

    def answer(self, line, t):
        said = super().answer(line, t)
        return f"{line}\r\n{said}" if said else line


def simulator(serial="0042", model="ACME D7"):
    values = {"td": -12.5, "rh": 17.25, "sp": -10.0, "ht": True}
    device = line_memory(
        values,
        {
            "ID": f"ID {model}",
            "SN": f"SN {serial}",
            "PV": "TD {td:.2f} C RH {rh:.2f} %",
            "SP": "SP {sp:.2f}",
            "SP={sp}": None,
            "HT": "HT {ht:d}",
            "HT ON [A]": set_heater(True),
            "HT OFF": set_heater(False),
        },
        limits={"sp": (-40.0, 20.0)},
        unknown="ERR 1",
    )
    device.__class__ = Console
    return SimulatedInstrument(
        TextBus(Wire(9600), device, end=b"\r", reply_end=b"\r\n>"),
        at="serial://{location}?baud=9600",
        shows=lambda: {
            "dew_point": device["td"],
            "humidity": device["rh"],
            "setpoint": device["sp"],
            "heater": device["ht"],
        },
        units={"dew_point": "°C", "humidity": "%", "setpoint": "°C"},
    )


def set_heater(on):
    def carried_out(device, _t):
        device["ht"] = on

    return carried_out
'''
BALANCE = r"""summary: ACME B2, a balance.
bus: RS-232, 9600 8N1.
reading: 0.1 s, or until it is stable.
safe: nothing to do, it only weighs.
document: manual B2, p. 3.
protocol: {line: {who: I, said: 'I (.+)', error: 'E\d'}}
identity: ^ACME B2$

readings:
  mass_now:
    at: W
    reply: '(?P<unstable>\?)? *(?P<value>\S+) (?P<unit>k?g) (?P<status>\w*)'
    unit: g
    doc: Weight at once.
  mass: {at: W, wait: 30, reply: '(?P<unstable>\?)? *(?P<value>\S+) (?P<unit>k?g) \w*', unit: g,
         doc: Stable weight.}
"""
BALANCE_SIM = r'''"""A simulated ACME B2, which comes to rest after ten questions."""

from benchctl.simulation import SimulatedInstrument, TextBus, Wire, line_memory

ASKED = {"times": 0, "unit": "g"}


def weight(device, _t):
    ASKED["times"] += 1
    moving = "?" if ASKED["times"] % 10 else ""
    return f"{moving} {device['w']:.3f} {ASKED['unit']} net"


def simulator():
    device = line_memory({"w": 123.456}, {"I": "I ACME B2", "W": weight})
    return SimulatedInstrument(
        TextBus(Wire(9600), device),
        at="serial://{location}?baud=9600",
        shows=lambda: {"mass_now": device["w"], "mass": device["w"]},
        units={"mass_now": "g", "mass": "g"},
    )
'''


@pytest.fixture
def lab(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """Return a function that writes a driver with its simulator and returns the driver's path."""

    def write(name: str, driver: str, simulator: str) -> Path:
        for folder in ("drivers", "sim_instruments"):
            (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / "sim_instruments" / f"{name}.py").write_text(simulator, encoding="utf-8")
        path = tmp_path / "drivers" / f"{name}.yaml"
        path.write_text(driver, encoding="utf-8")
        return path

    return write


@pytest.fixture
def rig(lab: Any) -> Iterator[Callable[[str, str, str], Rig]]:
    opened: list[Rig] = []

    def open_(name: str, driver: str, simulator: str) -> Rig:
        path = lab(name, driver, simulator)
        sim = load_simulator(path.parents[1] / "sim_instruments" / f"{name}.py")
        made = Rig(load_declared(path), sim, name).__enter__()
        opened.append(made)
        made.instrument.connect()
        return made

    yield open_
    for one in opened:
        one.__exit__(None, None, None)


def failures(path: Path) -> list[str]:
    return [f"{s.name} {s.channel}: {s.what}" for s in check_file(path).failed]


@pytest.mark.parametrize(
    ("name", "driver", "simulator"),
    [("acme_d7", DRYER, DRYER_SIM), ("acme_b2", BALANCE, BALANCE_SIM)],
)
def test_a_console_and_a_balance_pass_the_check(
    lab: Any, name: str, driver: str, simulator: str
) -> None:
    assert failures(lab(name, driver, simulator)) == []


def test_values_of_one_answer_are_asked_for_once(rig: Any) -> None:
    made = rig("acme_d7", DRYER, DRYER_SIM)
    before = len(made.tap.sent)
    assert made.instrument.read("dew_point", "humidity") == (-12.5, 17.25)
    assert made.tap.sent[before:] == [b"PV\r"]


def test_a_setting_is_written_as_the_template_says_and_read_back(rig: Any) -> None:
    made = rig("acme_d7", DRYER, DRYER_SIM)
    before = len(made.tap.sent)
    made.instrument.setpoint = -12.345678
    assert made.tap.sent[before] == b"SP=-12.35\r"


def test_a_setting_that_is_not_taken_is_an_error(rig: Any) -> None:
    deaf = DRYER_SIM.replace('"SP={sp}": None', '"SP={_}": None')
    made = rig("acme_d7", DRYER, deaf.replace('"ht": True}', '"ht": True, "_": 0.0}'))
    with pytest.raises(DeviceError, match="setpoint"):
        made.instrument.setpoint = -20


def test_a_balance_tells_whether_it_is_at_rest_and_is_waited_for(rig: Any) -> None:
    made = rig("acme_b2", BALANCE, BALANCE_SIM)
    sample = made.instrument.sample("mass_now")
    assert (sample.value, sample.stable, sample.status) == (123.456, False, "net")
    before = len(made.tap.sent)
    sample = made.instrument.sample("mass")
    assert (sample.value, sample.stable) == (123.456, True)
    assert len(made.tap.sent) - before > 1


def test_a_balance_that_shows_another_unit_is_not_read(rig: Any) -> None:
    made = rig("acme_b2", BALANCE, BALANCE_SIM.replace('"unit": "g"', '"unit": "kg"'))
    with pytest.raises(DeviceError, match="kg"):
        _ = made.instrument.mass_now


def test_a_reply_that_is_of_another_form_is_garbage(rig: Any) -> None:
    made = rig("acme_d7", DRYER, DRYER_SIM.replace("TD {td:.2f} C RH", "TD {td:.2f} F RH"))
    with pytest.raises(GarbageReplyError):
        _ = made.instrument.dew_point


WRONG = {
    "a group that is none": (r"(?P<value>\S+) %", r"(?P<valeu>\S+) %", "did you mean `value`?"),
    "a command without value": ("SP={value:.2f}", "SP={val}", "has no {value}"),
    "a setting that cannot be set": (
        '{ask: SP, set: "SP={value:.2f}"}',
        "{ask: SP}",
        "a setting needs both commands",
    ),
    "an item of a line": (
        '{ask: SP, set: "SP={value:.2f}"}',
        '{ask: SP, set: "SP={value:.2f}", item: 2}',
        "`item` is for SCPI",
    ),
    "a value without command": ('true: "HT ON [A]", ', "", "there is no command for true"),
    "a pause of minutes": ("pause: 0.01", "pause: 600", "pause"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_at_its_place(tmp_path: Path, name: str) -> None:
    old, new, says = WRONG[name]
    assert old in DRYER
    path = tmp_path / "acme_d7.yaml"
    path.write_text(DRYER.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FileError) as caught:
        load_declared(path)
    assert says in caught.value.words()


SOURCE = r"""summary: ACME S3, a source whose meter takes its time.
bus: LAN, raw socket.
reading: 3 s.
safe: output off.
document: manual S3, p. 8.
protocol: {scpi: {srq: 20, patience: {"*ESR?": 1}}}
identity: ^ACME,S3,

readings:
  voltage: {at: {start: INIT, ask: "FETC?", item: 1, of: 2}, unit: V, doc: Voltage.}
  current: {at: {start: INIT, ask: "FETC?", item: 2, of: 2}, unit: A, doc: Current.}
settings:
  output: {at: {ask: "OUTP?", set: {true: OUTP ON, false: OUTP OFF}}, kind: flag, safe: false,
           doc: Output.}
"""
SOURCE_SIM = r'''"""A simulated ACME S3."""

from benchctl.simulation import Overlapped, ScpiBus, SimulatedInstrument, Wire, scpi_memory


def simulator(serial="S3-7"):
    begun = {}

    def fetch(call):
        return "1.5,0.25" if call.t >= begun.get("until", 1e9) else "9.91E37,9.91E37"

    def begin(call):
        begun["until"] = call.t + 3.0
        return Overlapped(3.0)

    device = scpi_memory(
        f"ACME,S3,{serial},1.0",
        {"OUTPut[:STATe]": True},
        {},
        commands={"INITiate": begin, "FETCh?": fetch},
    )
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET",
        shows=lambda: {"voltage": 1.5, "current": 0.25, "output": device["OUTP"]},
        units={"voltage": "V", "current": "A"},
    )
'''


def test_a_scpi_instrument_is_waited_for_by_service_request(lab: Any, rig: Any) -> None:
    assert failures(lab("acme_s3", SOURCE, SOURCE_SIM)) == []
    made = rig("acme_s3", SOURCE, SOURCE_SIM)
    before = len(made.tap.sent)
    assert made.instrument.read("voltage", "current") == (1.5, 0.25)
    assert made.tap.sent[before:].count(b"INIT\n") == 1
    assert isinstance(made.instrument, Instrument)
