"""What the delicate SCPI models send, byte for byte, against answers out of their manuals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest
from wire_peers import TcpPeer, lines

from benchctl.core.clock import RealClock
from benchctl.core.errors import DeviceError, GarbageReplyError, NotANumberError
from benchctl.core.ports import NullSink
from benchctl.driver import SettingRefused
from benchctl.drivers import Shelf
from benchctl.links import LinkFactory

Talk = Callable[..., tuple[Any, "Script"]]


class Script:
    """An instrument that answers what it is told to, in order where an answer is a list."""

    def __init__(self, answers: Mapping[str, str | list[str]], end: str) -> None:
        self.answers = {ask: list(a) if isinstance(a, list) else a for ask, a in answers.items()}
        self.taken: list[bytes] = []
        self._end = end

    def answer(self, line: bytes) -> Iterable[object]:
        self.taken.append(line)
        said = self.answers.get(line.decode("ascii").strip())
        if isinstance(said, list):
            said = said.pop(0) if len(said) > 1 else said[0]
        if said is not None:
            yield f"{said}{self._end}".encode("ascii")

    def told(self) -> list[str]:
        """Return what came in since the last time."""
        taken, self.taken = self.taken, []
        assert all(line.endswith(b"\n") and b"\r" not in line for line in taken)
        return [line[:-1].decode("ascii") for line in taken]


@pytest.fixture
def talk(shelf: Shelf, served: Callable[..., TcpPeer]) -> Iterator[Talk]:
    """Open a bundled driver on a script."""
    factory = LinkFactory(RealClock(), NullSink())

    def make(
        name: str, answers: Mapping[str, str | list[str]], options: str = "", end: str = "\n"
    ) -> tuple[Any, Script]:
        script = Script(answers, end)
        peer = served(script.answer, lines)
        address = f"TCPIP::127.0.0.1::{peer.port}::SOCKET?timeout=0.5{options}"
        link, given = factory.open(address, name)
        return shelf.find(name)(link, given, name=name), script

    yield make
    factory.close()


# -- Fluke 5522A -------------------------------------------------------------------------------

FLUKE = {"ERR?": '0,"No Error"', "*OPC?": "1", "OPER?": "0"}
SETTLED, OPERATING, REMOTE = 1 << 12, 1, 1 << 11


def out(value: str, unit: str, hertz: str = "0.00E+00") -> str:
    return f"{value},{unit},0E+00,0,{hertz}"


def test_the_calibrator_sources_only_after_an_operate_of_its_own(talk: Talk) -> None:
    fluke, script = talk("fluke_5522a", FLUKE | {"OUT?": out("1.000000E+01", "V")}, end="\r\n")
    fluke.voltage = 10
    assert script.told() == ["OUT 10 V", "*OPC?", "ERR?"]
    fluke.operate = True
    assert script.told() == ["OUT?", "OPER", "*OPC?", "ERR?"]
    fluke.frequency = 1000
    fluke.current = -0.5
    fluke.resistance = 1e6
    assert [line for line in script.told() if line.startswith(("OUT", "OPER", "STBY"))] == [
        "OUT 1000 HZ",
        "OUT -0.5 A",
        "OUT 1000000 OHM",
    ]


def test_the_calibrator_s_questions_are_joined_without_colons(talk: Talk) -> None:
    # 5522A Operators Manual, table 5-10: OUT 10V, 100HZ; FUNC? is one message
    both = {"OUT?;OPER?": f"{out('1.000000E+01', 'V', '1.00E+02')};1"}
    fluke, script = talk("fluke_5522a", FLUKE | both)
    assert fluke.read("voltage", "frequency", "current", "operate") == (10.0, 100.0, 0.0, True)
    assert script.told() == ["OUT?;OPER?"]


def test_more_than_33_volts_are_refused_unless_the_bench_allows_them(talk: Talk) -> None:
    fluke, script = talk("fluke_5522a", FLUKE | {"OUT?": out("1.000000E+02", "V")})
    with pytest.raises(DeviceError, match=r"100 V is dangerous to touch.*\n.*high_voltage=yes"):
        fluke.voltage = 100
    with pytest.raises(DeviceError, match=r"-33\.5 V is dangerous"):
        fluke.voltage = -33.5
    assert script.told() == []
    with pytest.raises(DeviceError, match="100 V is dangerous"):
        fluke.operate = True  # set by hand at the front panel
    assert script.told() == ["OUT?"]
    fluke.make_safe()
    assert script.told()[0] == "STBY"


def test_a_bench_built_for_it_gets_its_high_voltage_and_no_more(talk: Talk) -> None:
    fluke, script = talk("fluke_5522a", FLUKE, "&high_voltage=yes")
    fluke.voltage = 1000
    fluke.operate = True
    assert script.told() == ["OUT 1000 V", "*OPC?", "ERR?", "OPER", "*OPC?", "ERR?"]
    with pytest.raises(SettingRefused):
        fluke.voltage = 1021
    assert script.told() == []


def test_a_sample_of_the_calibrator_tells_standby_and_settling(talk: Talk) -> None:
    states = [str(word | REMOTE) for word in (SETTLED, OPERATING, SETTLED | OPERATING)]
    fluke, script = talk("fluke_5522a", {"OUT?": out("1.0E+01", "V"), "ISR?": states})
    samples = [fluke.sample("voltage") for _ in states]
    assert [(s.value, s.stable) for s in samples] == [(10.0, False), (10.0, False), (10.0, True)]
    assert script.told()[:2] == ["ISR?", "OUT?"]


def test_the_calibrator_is_brought_to_0_v_even_if_standby_fails(talk: Talk) -> None:
    fluke, script = talk("fluke_5522a", FLUKE | {"ERR?": ['1201,"Fault"', '0,"No Error"']})
    with pytest.raises(DeviceError, match="`STBY` led to 1201"):
        fluke.make_safe()
    told = [line for line in script.told() if line not in ("*OPC?", "ERR?")]
    assert told == ["STBY", "OUT 0 V", "OUT 0 HZ"]


def test_voltage_beside_a_current_leaves_the_other_as_it_is(talk: Talk) -> None:
    power = {"OUT?": "1.000000E+01,V,5.000000E-01,A,6.00E+01"}
    fluke, script = talk("fluke_5522a", FLUKE | power | {"PHASE?": "60.00"})
    assert fluke.read("voltage", "current", "resistance") == (10.0, 0.5, 0.0)
    script.told()
    fluke.dual_voltage = 20
    assert script.told() == ["OUT?", "OUT 20 V,5.000000E-01 A,6.00E+01 HZ", "*OPC?", "ERR?"]
    fluke.dual_current = 1.25
    assert script.told()[1] == "OUT 1.000000E+01 V,1.25 A,6.00E+01 HZ"
    fluke.phase = -30
    assert (script.told()[0], fluke.phase) == ("PHASE -30 DEG", 60.0)
    with pytest.raises(DeviceError, match="34 V is dangerous to touch"):
        fluke.dual_voltage = 34


def test_a_voltage_alone_becomes_power_with_a_current_of_its_own(talk: Talk) -> None:
    fluke, script = talk("fluke_5522a", FLUKE | {"OUT?": out("1.000000E+01", "V")})
    fluke.dual_current = 1
    assert script.told()[1] == "OUT 1.000000E+01 V,1 A,0.00E+00 HZ"


@pytest.mark.parametrize(
    "answer", ["1.0E+01,V,0E+00,0", "x.0E+01,A,0E+00,0,0E+00", "1.0E+01,F,0E+00,0,0E+00", "1.0"]
)
def test_a_broken_answer_of_the_calibrator_is_no_output_at_all(talk: Talk, answer: str) -> None:
    fluke, _ = talk("fluke_5522a", {"OUT?": answer})
    with pytest.raises(GarbageReplyError):
        _ = fluke.voltage


def test_the_5730a_explains_its_faults(talk: Talk) -> None:
    # 5700A/5720A Series II Operators Manual, table 5-2: EXPLAIN? 725
    answers = {"*OPC?": "1", "FAULT?": ["725", "0"], "EXPLAIN? 725": '"ILLEGAL LIMIT SETTING"'}
    fluke, script = talk("fluke_5730a", answers)
    with pytest.raises(DeviceError, match='`OUT 1 V` led to 725 "ILLEGAL LIMIT SETTING"'):
        fluke.voltage = 1
    assert script.told() == ["OUT 1 V", "*OPC?", "FAULT?", "EXPLAIN? 725", "FAULT?"]


# -- pressure controllers ----------------------------------------------------------------------

PACE = {
    "*IDN?": "*IDN GE Druck,PACE5000,10388796,DK0367  v02.02.14",
    ":SYST:ERR?": ':SYST:ERR 0,"No error"',
    ":UNIT:PRES?": ":UNIT:PRES KPA",
}


def test_the_pace_is_set_by_slew_set_point_and_control(talk: Talk) -> None:
    pace, script = talk("druck_pace5000", PACE)
    assert pace.connect().serial == "10388796"
    assert script.told() == ["*IDN?", ":SYST:ERR?", ":UNIT:PRES?"]
    pace.slew_mode = "LIN"
    pace.slew = 2.5
    pace.setpoint = 100
    pace.control = True
    assert [line for line in script.told() if line != ":SYST:ERR?"] == [
        ":SOUR:PRES:SLEW:MODE LIN",
        ":SOUR:PRES:SLEW 2.5",
        ":SOUR:PRES 100",
        ":OUTP:STAT 1",
    ]


def test_the_pace_says_itself_whether_it_is_within_its_limits(talk: Talk) -> None:
    # the pressure: captured from a PACE peer, shared/vectors/protocols.json
    answers = {
        ":SENS:PRES?": ":SENS1:PRES 34.685879429091955",
        ":SENS:PRES:INL?": [f":SENS:PRES:INL 34.6858, {state}" for state in (0, 1)],
    }
    pace, script = talk("druck_pace5000", PACE | answers)
    first, second = pace.sample("pressure"), pace.sample("pressure")
    assert (first.value, first.stable) == (34.685879429091955, False)
    assert (second.value, second.stable, second.status) == (34.685879429091955, True, "1")
    assert script.told() == [":SENS:PRES:INL?", ":SENS:PRES?"] * 2


def test_an_answer_of_the_pace_to_another_question_is_refused(talk: Talk) -> None:
    pace, _ = talk("druck_pace5000", PACE | {":SENS:PRES?": ":SOUR:PRES 100.0"})
    with pytest.raises(GarbageReplyError, match="belongs to `:SOUR:PRES`, asked was `SENS:PRES`"):
        _ = pace.pressure
    pace, _ = talk("druck_pace5000", PACE | {":SOUR:PRES?": ":SOUR:PRES:SLEW 2.5"})
    with pytest.raises(GarbageReplyError):
        _ = pace.setpoint
    pace, _ = talk("druck_pace5000", PACE | {":SOUR:PRES?": ":SOUR:PRES:LEV:IMM:AMPL 100.0"})
    assert pace.setpoint == 100.0


def test_the_pace_lets_the_pressure_out_even_if_its_control_cannot_be_switched(talk: Talk) -> None:
    failing = {":SYST:ERR?": [':SYST:ERR -200,"Execution error"', ':SYST:ERR 0,"No error"']}
    pace, script = talk("druck_pace5000", PACE | failing)
    with pytest.raises(DeviceError, match="-200"):
        pace.make_safe()
    told = [line for line in script.told() if line != ":SYST:ERR?"]
    assert told == [":OUTP:STAT 0", ":SOUR:PRES:LEV:IMM:AMPL:VENT 1"]


def test_a_controller_that_shows_another_unit_is_refused(talk: Talk) -> None:
    pace, _ = talk("druck_pace5000", PACE | {":UNIT:PRES?": ":UNIT:PRES PSI"})
    with pytest.raises(DeviceError, match="shows PSI; the driver reads KPA"):
        pace.connect()


MENSOR = {
    "ID?": " MENSOR,CPC6050,610123,V1.02.03",
    "Error?": " No Errors",
    "Units?": " kPa",
    "Chan?": " A",
    "A?": " +1.01325E+02",
    "AS?": [" NO", " YES"],
}


def test_the_mensor_tells_whether_it_is_stable(talk: Talk) -> None:
    # CPC6050 Operating Instructions, p. 73 and 74: <sp>+n.nn<cr><lf>, <sp>{YES or NO}<cr><lf>
    mensor, script = talk("mensor_cpc6050", MENSOR, end="\r\n")
    assert mensor.connect().serial == "610123"
    script.told()
    samples = [mensor.sample("pressure") for _ in range(2)]
    assert [(s.value, s.stable, s.status) for s in samples] == [
        (101.325, False, "NO"),
        (101.325, True, "YES"),
    ]
    assert script.told() == ["AS?", "A?", "AS?", "A?"]
    mensor.setpoint = 250
    mensor.mode = "CONTROL"
    assert script.told() == ["Setpt 250", "Error?", "Mode CONTROL", "Error?"]
    mensor.make_safe()
    assert script.told() == ["Mode VENT", "Error?"]


def test_an_answer_with_the_error_flag_is_not_used_and_the_errors_are_told(talk: Talk) -> None:
    errors = ["EValue out of range", "EUnknown command", " No Errors"]
    answers = {"A?": ["E+1.01325E+02", " +1.01325E+02"], "Error?": errors}
    mensor, script = talk("mensor_cpc6050", MENSOR | answers, end="\r\n")
    with pytest.raises(DeviceError, match=r"`A\?` led to Value out of range; Unknown command"):
        _ = mensor.pressure
    assert script.told() == ["A?", "Error?", "Error?", "Error?"]
    assert mensor.pressure == 101.325


def test_an_answer_without_the_leading_blank_is_garbage(talk: Talk) -> None:
    mensor, _ = talk("mensor_cpc6050", MENSOR | {"A?": "+1.01325E+02"})
    with pytest.raises(GarbageReplyError):
        _ = mensor.pressure


def test_what_an_earlier_user_did_wrong_does_not_keep_the_mensor_from_being_found(
    talk: Talk,
) -> None:
    answers = {"ID?": "EMENSOR,CPC6050,610123,V1", "Error?": ["EOld", " No Errors"]}
    mensor, _ = talk("mensor_cpc6050", MENSOR | answers, end="\r\n")
    assert mensor.connect().serial == "610123"


def test_a_mensor_that_controls_another_channel_is_refused(talk: Talk) -> None:
    mensor, _ = talk("mensor_cpc6050", MENSOR | {"Chan?": " B"})
    with pytest.raises(DeviceError, match="channel B is the active one; the address says A"):
        mensor.connect()


def test_the_6270a_is_stable_when_it_no_longer_settles(talk: Talk) -> None:
    answers = {"MEAS:PRES?": "99.98", "STAT:OPER:COND?": ["2", "16"], "SYST:ERR?": '0,"No error"'}
    fluke, script = talk("fluke_6270a", answers)
    assert [fluke.sample("pressure").stable for _ in range(2)] == [False, True]
    script.told()
    fluke.make_safe()
    assert script.told() == ["OUTP:PRES:MODE VENT", "SYST:ERR?"]


# -- many channels in one message --------------------------------------------------------------


def test_a_scan_asks_for_exactly_the_channels_that_are_read(talk: Talk) -> None:
    answers = {
        "ROUT:SCAN (@103);:READ?": "+2.33123000E+01",
        "ROUT:SCAN (@101,103,205);:READ?": "+2.11E+01,+2.33E+01,+4.55E+01",
        "ROUT:SCAN (@101,103);:READ?": "+2.11E+01",
        "ROUT:SCAN (@101,102);:READ?": "+2.11E+01,+9.90000000E+37",
    }
    scanner, script = talk("fluke_1586a", answers)
    assert scanner.ch_103 == 23.3123
    assert scanner.read("ch_205", "ch_101", "ch_103") == (45.5, 21.1, 23.3)
    assert script.told() == ["ROUT:SCAN (@103);:READ?", "ROUT:SCAN (@101,103,205);:READ?"]
    with pytest.raises(GarbageReplyError, match="1 values came instead of 2"):
        scanner.read("ch_101", "ch_103")
    with pytest.raises(NotANumberError) as broken:
        scanner.read("ch_101", "ch_102")
    assert broken.value.channel == "ch_102"


def test_the_outputs_of_the_supply_are_asked_by_one_list_and_set_one_by_one(talk: Talk) -> None:
    answers = {
        "MEAS:VOLT? (@1,2,3)": "+5.0E+00,+1.2E+01,+3.3E+00",
        "MEAS:CURR? (@2)": "+1.2E-01",
        "OUTP? (@1,3)": "0,1",
        "SYST:ERR?": '+0,"No error"',
    }
    supply, script = talk("keysight_e36312a", answers)
    voltages = supply.read("measured_voltage_3", "measured_voltage_1", "measured_voltage_2")
    assert voltages == (3.3, 5.0, 12.0)
    assert supply.read("measured_current_2", "output_3", "output_1") == (0.12, True, False)
    assert script.told() == ["MEAS:VOLT? (@1,2,3)", "MEAS:CURR? (@2)", "OUTP? (@1,3)"]
    supply.voltage_2 = 24
    supply.output_2 = True
    assert script.told() == ["VOLT 24,(@2)", "SYST:ERR?", "OUTP 1,(@2)", "SYST:ERR?"]
    with pytest.raises(SettingRefused):
        supply.voltage_1 = 6.2
    supply.make_safe()
    told = [line for line in script.told() if line != "SYST:ERR?"]
    assert told == ["OUTP 0,(@1)", "OUTP 0,(@2)", "OUTP 0,(@3)"]


def test_all_outputs_are_switched_off_even_if_the_first_does_not_obey(talk: Talk) -> None:
    for name, said in (("keysight_e36312a", "OUTP 0,(@{})"), ("rigol_dp832", ":OUTP CH{},OFF")):
        failing = ['-200,"Execution error"', '0,"No error"']
        supply, script = talk(name, {"SYST:ERR?": failing, ":SYST:ERR?": list(failing)})
        with pytest.raises(DeviceError):
            supply.make_safe()
        told = [line for line in script.told() if "ERR" not in line]
        assert told == [said.format(n) for n in (1, 2, 3)]


def test_voltage_current_and_power_of_the_rigol_are_of_one_moment(talk: Talk) -> None:
    supply, script = talk("rigol_dp832", {":MEAS:ALL? CH2": "12.0007,0.1200,1.440"})
    names = ("measured_power_2", "measured_voltage_2", "measured_current_2")
    assert supply.read(*names) == (1.44, 12.0007, 0.12)
    assert script.told() == [":MEAS:ALL? CH2"]


def test_the_power_meter_is_told_which_values_it_is_to_answer(talk: Talk) -> None:
    items = [f"{what},{n}" for n in (1, 2, 3) for what in "UIP"]
    items += ["P,SIGMA", "LAMBDA,SIGMA", "FU,1"]
    asked = ":NUM:FORM ASC;:NUM:NORM:NUM 12;"
    asked += "".join(f":NUM:NORM:ITEM{n} {what};" for n, what in enumerate(items, 1))
    asked += ":NUM:NORM:VAL?"
    values = "230.1E+00,5.01E+00,1.1E+03,NAN,0.0E+00,INF,229.9E+00,1.0E+00,2E+02"
    values += ",1.3E+03,0.95E+00,50.01E+00"
    answers = {asked: values, ":INP:VOLT:RANG?": ":INP:VOLT:RANG 300.0E+00"}
    meter, script = talk("yokogawa_wt300", answers)
    assert meter.read("power", "voltage_1", "frequency") == (1300.0, 230.1, 50.01)
    assert script.told() == [asked]
    with pytest.raises(NotANumberError, match="NAN"):
        _ = meter.voltage_2
    with pytest.raises(NotANumberError, match="INF"):
        _ = meter.power_2
    assert meter.voltage_range == 300.0


def test_the_power_meter_s_energy_is_an_item_of_its_own(talk: Talk) -> None:
    energy = ":NUM:FORM ASC;:NUM:NORM:NUM 1;:NUM:NORM:ITEM1 WH,SIGMA;:NUM:NORM:VAL?"
    meter, script = talk("yokogawa_wt300", {energy: "12.5E+00", ":STAT:ERR?": '0,"NO ERROR"'})
    meter.start_energy()
    assert meter.energy == 12.5
    assert script.told() == [":INTEG:STAR", ":STAT:ERR?", energy]


def test_amplitude_and_angle_of_the_power_standard_are_sent_together(talk: Talk) -> None:
    # 6100B/6105A Users Manual, p. 5-36: numbers are answered as 2.5E1,9.0E1
    answers = {
        "SOUR:PHAS2:CURR:MHAR:HARM1?": "5.0E0,-1.2E2",
        "SOUR:PHAS1:VOLT:RANG?": "0.0E0,3.6E2",
        "SOUR:PHAS2:POW:WATT?": "1.15E3",
        "SYST:ERR?": '0,"No error"',
        "*OPC?": "1",
    }
    standard, script = talk("fluke_6105a", answers)
    assert standard.read("current_2", "current_angle_2", "power_2") == (5.0, -120.0, 1150.0)
    assert script.told() == ["SOUR:PHAS2:CURR:MHAR:HARM1?", "SOUR:PHAS2:POW:WATT?"]
    standard.current_angle_2 = -60
    standard.current_2 = 2.5
    assert [line for line in script.told() if line not in ("*OPC?", "SYST:ERR?")] == [
        "SOUR:PHAS2:CURR:MHAR:HARM1?",
        "SOUR:PHAS2:CURR:MHAR:HARM1 5.0E0,-60",
        "SOUR:PHAS2:CURR:MHAR:HARM1?",
        "SOUR:PHAS2:CURR:MHAR:HARM1 2.5,-1.2E2",
    ]
    assert standard.voltage_range_1 == 360.0
    script.told()
    standard.voltage_range_1 = 360
    standard.current_range_1 = 5.0
    standard.output = True
    assert [line for line in script.told() if line not in ("*OPC?", "SYST:ERR?")] == [
        "SOUR:PHAS1:VOLT:RANG 0,360",
        "SOUR:PHAS1:CURR:RANG 0.5,5",
        "OUTP:STAT 1",
    ]


# -- meters and readouts -----------------------------------------------------------------------


def test_the_1529_is_asked_one_thing_at_a_time(talk: Talk) -> None:
    # 1529 Technical Guide, section 7.3.2: no compound commands; p. 87: FETC? 1
    answers = {f"FETC? {n}": f"{20 + n}.0123" for n in range(1, 5)}
    readout, script = talk("fluke_1529", answers)
    assert readout.read("temperature_1", "temperature_4") == (21.0123, 24.0123)
    assert script.told() == ["FETC? 1", "FETC? 4"]


def test_a_multimeter_selects_its_function_in_the_message_that_reads(talk: Talk) -> None:
    for name, asked in (
        ("keysight_34465a", 'FUNC "RES";:READ?'),
        ("hp_34401a", 'FUNC "RES";:READ?'),
        ("fluke_8846a", 'FUNC "RES";:READ?'),
        ("keithley_dmm6500", ':ROUT:OPEN:ALL;:SENS:FUNC "RES";:READ?'),
        (
            "keithley_2000",
            ":INIT:CONT OFF;:FORM:ELEM READ;:ROUT:OPEN:ALL;:SENS:FUNC 'RES';:READ?",
        ),
    ):
        meter, script = talk(name, {asked: ["+1.00012345E+03", "+9.90000000E+37"]})
        assert meter.resistance == 1000.12345
        with pytest.raises(NotANumberError):
            _ = meter.resistance
        assert script.told() == [asked] * 2


def test_a_position_of_the_scanner_card_is_closed_in_the_message_that_reads(talk: Talk) -> None:
    asked = ':SENS:FUNC "VOLT:DC",(@7);:ROUT:CLOS (@7);:READ?'
    meter, _ = talk("keithley_dmm6500", {asked: "7.00012"})
    assert meter.position_7 == 7.00012


def test_the_source_keeps_voltage_and_current_apart(talk: Talk) -> None:
    answers = {":SOUR:FUNC?;:SOUR:LEV?": "CURR;+5.00000E-03", ":SYST:ERR?": '+0,"No error"'}
    source, script = talk("yokogawa_gs200", answers)
    assert (source.voltage, source.current) == (0.0, 0.005)
    script.told()
    source.voltage = 1.5
    source.output = True
    assert script.told() == [
        ":SOUR:FUNC VOLT;:SOUR:LEV:AUTO 1.5",
        ":SYST:ERR?",
        ":OUTP 1",
        ":SYST:ERR?",
    ]


def test_the_counter_measures_once_with_the_time_of_its_address(talk: Talk) -> None:
    answers = {
        ":INIT:CONT OFF;:CONF:FREQ (@2);:ACQ:APER 0.5;:READ?": "1.2500000E4",
        ":INIT:CONT OFF;:CONF:TOT:TIM 0.5,(@2);:READ?": "6.25E3",
    }
    counter, _ = talk("pendulum_cnt91", answers, "&gate=0.5&input=2")
    assert counter.read("frequency", "pulses") == (12500.0, 6250.0)


def test_a_bench_meter_that_needs_it_is_taken_under_control_again_after_an_interruption(
    shelf: Shelf, served: Callable[..., TcpPeer]
) -> None:
    answers = {
        "*IDN?": "FLUKE,8846A,9412009,1",
        "SYST:ERR?": '+0,"No error"',
        'FUNC "VOLT:DC";:READ?': "+1.5E+00",
    }
    script = Script(answers, "\r\n")
    peer = served(script.answer, lines)
    factory = LinkFactory(RealClock(), NullSink())
    link, given = factory.open(f"TCPIP::127.0.0.1::{peer.port}::SOCKET?timeout=0.5", "dmm")
    meter: Any = shelf.find("fluke_8846a")(link, given, name="dmm")
    meter.connect()
    assert script.told() == ["SYST:REM", "*IDN?", "SYST:ERR?"]
    link.close()
    assert meter.dc_voltage == 1.5
    assert script.told()[:2] == ["SYST:REM", "*IDN?"]
    factory.close()


def test_a_line_of_the_dpi_620_is_checked(shelf: Shelf, served: Callable[..., TcpPeer]) -> None:
    # the sum of all characters up to the colon, modulo 100: DPI 740 User Manual K0200, chapter 6
    replies = [b"!IV0= 1013.250:85\r\n", b"!IV0= 1013.250:84\r\n", b"!PV0= 1013.250:92\r\n"]
    taken: list[bytes] = []

    def answer(line: bytes) -> Iterable[object]:
        taken.append(line)
        yield replies[min(len(taken), len(replies)) - 1]

    peer = served(answer, lines)
    factory = LinkFactory(RealClock(), NullSink())
    link, given = factory.open(f"serial+tcp://{peer.address}?timeout=0.5", "dpi")
    calibrator: Any = shelf.find("druck_dpi620")(link, given, name="dpi")
    assert calibrator.pressure == 1013.25
    assert taken == [b"#IV0?:%02d\r\n" % (sum(b"#IV0?:") % 100)]
    with pytest.raises(GarbageReplyError, match="belongs to `PV0`"):
        _ = calibrator.pressure  # a wrong check, then the answer to another question
    factory.close()
