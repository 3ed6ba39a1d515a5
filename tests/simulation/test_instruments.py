"""Simulated instruments: found by name, served on a real wire, and what their memories hold."""

from __future__ import annotations

import pytest
from pymodbus.client import ModbusTcpClient

from benchctl.core.clock import VirtualClock
from benchctl.core.errors import UsageError
from benchctl.core.places import bundled
from benchctl.simulation import (
    Held,
    Manners,
    ModbusBus,
    ScpiBus,
    ServedInstrument,
    SimulatedInstrument,
    TextBus,
    Timed,
    Wire,
    find_bench,
    find_simulator,
    line_memory,
    list_benches,
    modbus_memory,
    scpi_memory,
)

NAMES = sorted(path.stem for path in bundled("drivers").glob("*.py") if path.stem != "manual")


@pytest.mark.parametrize("name", NAMES)
def test_every_bundled_driver_has_a_simulated_instrument_that_can_be_served(name):
    make = find_simulator(name)
    assert make is not None, f"sim_instruments/{name}.py is missing"
    with ServedInstrument(make(), VirtualClock()) as served:
        assert "{" not in served.address
        assert served.instrument.shows()


def test_simulated_instruments_are_no_benches(tmp_path):
    assert "water_bench" in {info.name for info in list_benches()}
    assert not {info.name for info in list_benches()} & set(NAMES)
    with pytest.raises(UsageError) as unknown:
        find_bench("relay_valve_16")
    assert "relay_valve_16" not in unknown.value.words().partition("known are")[2]
    assert find_simulator("water_bench") is None
    assert find_simulator("nothing") is None


def test_a_simulator_that_cannot_be_loaded_says_why(tmp_path):
    home = tmp_path / "sim_instruments"
    home.mkdir()
    (home / "bad.py").write_text("def simulator():\n    return 1\n\nx = 1 / 0\n")
    with pytest.raises(UsageError, match="ZeroDivisionError"):
        find_simulator("bad", tmp_path)


def supply():
    return scpi_memory(
        "ACME,PS2,S1,1.0",
        {"[SOURce:]VOLTage": {1: 1.5, 2: 2.5}, "OUTPut#[:STATe]": {1: False, 2: True}, "MODE": "A"},
        {"MEASure:CURRent?": lambda: 0.125},
        limits={"[SOURce:]VOLTage": (0.0, 30.0)},
        choices={"MODE": ["A", "B"]},
        says={"MEASure:CURRent?": "{:.4f} A"},
    )


def ask(device, message):
    return device.instrument.execute(message, 0.0)[0]


def test_a_scpi_memory_holds_what_it_is_set_to():
    device = supply()
    assert ask(device, "VOLT? (@2)") == "+2.50000000E+00"
    assert ask(device, "SOUR:VOLTAGE 12,(@2);VOLT? (@2);:OUTP2?") == "+1.20000000E+01;1"
    assert (device["VOLT", 1], device["VOLT", 2]) == (1.5, 12.0)
    ask(device, "OUTP2:STAT OFF")
    assert device["OUTP2"] is False
    ask(device, 'MODE "B"')
    assert device["MODE"] == "B"
    assert ask(device, "MEAS:CURR?") == "0.1250 A"
    device["OUTP", 1] = True
    assert ask(device, "OUTP1?") == "1"
    ask(device, "*RST")
    assert (device["VOLT", 2], device["OUTP", 2], device["MODE"]) == (2.5, True, "A")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("VOLT 31,(@1)", "-222"),
        ("VOLT 1,(@3)", "-222"),
        ("VOLT", "-109"),
        ("OUTP1 MAYBE", "-224"),
        ("MODE C", "-224"),
        ("NOTHING 1", "-113"),
    ],
)
def test_a_scpi_memory_queues_an_error_for_what_it_does_not_take(message, code):
    device = supply()
    before = dict(device._now)
    assert ask(device, message) is None
    assert ask(device, "SYST:ERR?").startswith(f"{code},")
    assert device._now == before


def test_a_scpi_memory_may_repeat_the_header_as_druck_does():
    device = scpi_memory("D,P,1,1", {}, {"SENSe[:PRESsure]?": 34.75}, echo=True)
    assert ask(device, ":SENS:PRES?") == ":SENS +3.47500000E+01"


def test_a_modbus_memory_is_what_its_registers_hold():
    seen = []
    device = modbus_memory(
        holding={
            "setpoint": Held(100, "f32", 20.0, low=-40.0, high=180.0, order="CDAB"),
            "version": Held(102, "u64", 2**40, fixed=True),
        },
        inputs={"temperature": Held(1, "i16", -3.5, scale=0.1)},
        coils={"on": Held(0, "bit", False)},
        discrete={"alarm": Held(0, "bit", True)},
        changed=lambda name, value: seen.append((name, value)),
    )
    bus = ModbusBus(Wire(), {1: device.unit}, medium="tcp", rtu=False)
    instrument = SimulatedInstrument(bus, "modbus+tcp://{location}?unit=1", device.shows)
    with ServedInstrument(instrument, VirtualClock()) as served:
        host, _, port = served.met_at("{location}").rpartition(":")
        assert served.address == f"modbus+tcp://{host}:{port}?unit=1"
        client = ModbusTcpClient(host, port=int(port))
        assert client.read_input_registers(1, count=1).registers == [0x10000 - 35]
        assert client.read_holding_registers(100, count=2).registers == [0, 0x41A0]
        assert client.read_holding_registers(102, count=4).registers == [0, 256, 0, 0]
        assert not client.write_registers(100, [0, 0x4220]).isError()
        assert client.write_registers(100, [0, 0x4420]).exception_code == 3
        assert client.write_registers(102, [0] * 4).exception_code == 2
        client.write_coil(0, True)
        assert client.read_discrete_inputs(0, count=1).bits[0]
        client.close()
    assert device.shows() == {
        "setpoint": 40.0,
        "version": 2**40,
        "temperature": -3.5,
        "on": True,
        "alarm": True,
    }
    assert seen == [("setpoint", 40.0), ("on", True)]
    with pytest.raises(KeyError):
        device["setpiont"] = 1.0


def test_a_line_memory_answers_as_its_table_says():
    device = line_memory(
        {"setpoint": 25.0, "on": False, "name": "A"},
        {
            "in_sp_00": "{setpoint:.2f}",
            "out_sp_00 {setpoint}": None,
            "mode {on}": "OK",
            "mode?": "{on}",
            "name {name}": lambda device, t: f"{device['name']} at {t:g}",
            "slow": Timed("{setpoint}", 2.0),
        },
        limits={"setpoint": (-95.0, 300.0)},
        refused="-10",
        unknown="-08",
    )
    assert device.answer("in_sp_00", 0.0) == "25.00"
    assert device.answer("out_sp_00 -1.5e1", 0.0) is None
    assert device["setpoint"] == -15.0
    assert device.answer("out_sp_00 301", 0.0) == "-10"
    assert device.answer("out_sp_00 warm", 0.0) == "-08"
    assert device["setpoint"] == -15.0
    assert device.answer("mode 1", 0.0) == "OK"
    assert device.answer("mode?", 0.0) == "1"
    assert device.answer("name two words", 3.0) == "two words at 3"
    assert device.answer("slow", 0.0) == Timed("-15.0", 2.0)
    assert device.shows() == {"setpoint": -15.0, "on": True, "name": "two words"}


def test_another_instrument_is_put_behind_the_same_address(wire):
    def make(serial):
        device = scpi_memory(f"ACME,X,{serial},1")
        return SimulatedInstrument(
            ScpiBus(Wire(), device.instrument), "TCPIP::{host}::{port}::SOCKET", dict
        )

    with ServedInstrument(make("A"), VirtualClock()) as served:
        address = served.address
        assert wire(served.met_at("{location}")).ask(b"*IDN?\n", 10) == b"ACME,X,A,1\n"
        served.replace(make("B"))
        assert served.address == address
        assert wire(served.met_at("{location}")).ask(b"*IDN?\n", 10) == b"ACME,X,B,1\n"


def test_a_device_may_end_its_answers_otherwise_than_its_commands(wire):
    device = line_memory({}, {"PRES": "101.325"})
    bus = TextBus(Wire(), device, medium="tcp", end=b"\r", reply_end=b"\r\n>")
    with ServedInstrument(
        SimulatedInstrument(bus, "serial+tcp://{location}", dict), VirtualClock()
    ) as served:
        assert wire(served.met_at("{location}")).ask(b"PRES\r", 10) == b"101.325\r\n>"


def test_a_scpi_memory_talks_in_the_manners_of_its_maker():
    def asked(message, **manners):
        device = scpi_memory("A,B,C,D", {"LEVel": 1.5}, manners=Manners(**manners))
        return [ask(device, part) for part in message.split("|")]

    assert asked(":LEV?|*IDN?", echo=True) == [":LEV +1.50000000E+00", "*IDN A,B,C,D"]
    assert asked("LEV?|FOO|LEV?|ERROR?|ERROR?", flag="E", errors="ERROR?", no_error="none") == [
        " +1.50000000E+00",
        None,
        "E+1.50000000E+00",
        ' -113,"Undefined header"',
        " none",
    ]
    assert asked("LEV?;LEV?|SYST:ERR?", compound=False) == [None, '-103,"Invalid separator"']
    assert asked("FOO|FAULT?|FAULT?|SYST:ERR?", errors="FAULT?", no_error="0", texts=False) == [
        None,
        "-113",
        "0",
        None,
    ]
