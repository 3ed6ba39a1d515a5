"""Instruments that speak in lines: real ptys, replies as their manuals print them.

Facts of the makers' documents are quoted with their place; see also shared/vectors/protocols.json.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from modbus_device import Device
from wire_peers import PtyPeer, TcpPeer

from benchctl.core.clock import RealClock, VirtualClock, monotonic
from benchctl.core.errors import (
    DeviceError,
    GarbageReplyError,
    InstrumentError,
    NoReplyError,
    NotANumberError,
    UsageError,
)
from benchctl.core.messages import words
from benchctl.core.ports import NullSink
from benchctl.driver import (
    Action,
    BusyError,
    DriverError,
    Instrument,
    Line,
    Reading,
    Setting,
    ask,
    describe,
)
from benchctl.drivers import Shelf
from benchctl.links import LinkFactory
from benchctl.simulation import PtyPort, TextServer, Timed, VaisalaTransmitter, Wire

Make = Callable[..., Any]


class Peer:
    """An instrument on a pty that answers from a table; a list is one reply per question."""

    def __init__(self, path: Path, end: str, reply_end: str) -> None:
        self.replies: dict[str, Any] = {}
        self.asked: list[str] = []
        self._end, self._reply_end = end, reply_end
        self.pty = PtyPeer(self._answer, self._split, path)

    def _split(self, data: bytes) -> tuple[list[bytes], bytes]:
        *done, rest = data.split(self._end.encode())
        return done, rest

    def _answer(self, line: bytes) -> Iterable[object]:
        command = line.decode("latin-1")
        self.asked.append(command)
        said = self.replies.get(command)
        if isinstance(said, list):
            said = said.pop(0) if len(said) > 1 else said[0]
        if said is not None:
            yield (said + self._reply_end).encode("latin-1")


@pytest.fixture
def met(shelf: Shelf, tmp_path: Path) -> Iterator[Make]:
    """Meet a bundled driver on a scripted pty: `met(name, replies, end, reply_end, options)`."""
    factory = LinkFactory(RealClock(), NullSink())
    peers: list[Peer] = []

    def make(
        name: str,
        replies: dict[str, Any],
        end: str = "\r\n",
        reply_end: str = "\r\n",
        options: str = "timeout=0.3",
    ) -> tuple[Any, Peer]:
        peer = Peer(tmp_path / f"tty{len(peers)}", end, reply_end)
        peers.append(peer)
        peer.replies |= replies
        link, given = factory.open(f"serial://{peer.pty.path}?{options}", name)
        return shelf.find(name)(link, given, name=name), peer

    yield make
    factory.close()
    for peer in peers:
        peer.pty.close()


@pytest.fixture
def simulated(shelf: Shelf) -> Iterator[Make]:
    """Put a bundled driver on a device of the simulation: `simulated(name, device, ...)`."""
    clock = VirtualClock()
    factory = LinkFactory(clock, NullSink())
    servers: list[TextServer] = []

    def make(
        name: str, device: Any, end: bytes = b"\r", reply_end: bytes | None = b"", options: str = ""
    ) -> Any:
        wire = Wire(9600, turnaround=0.01)
        server = TextServer(clock, PtyPort(), wire, device, end=end, reply_end=reply_end)
        server.plug()
        servers.append(server)
        link, given = factory.open(f"serial://{server.location}?timeout=2{options}", name)
        return shelf.find(name)(link, given, name=name)

    yield make
    factory.close()
    for server in servers:
        server.close()


# -- Rotronic: a checksum at the end, several values in one answer -------------------------------

PROBE = (  # an answer of a real probe, kept in public code that reads one (id 30238372801)
    "{F00rdd 001; 42.47;%rh;000;+; 23.31;°C;000;-;nc;---.- ;°C;000; ;001;V1.4-1;0060257484;"
    "HygroClip 2 ;000;R"
)
SECOND = (  # another one, likewise (id 17510930512)
    "{F00rdd 001; 41.18;%rh;000;-; 21.83;°C;000;=;nc;---.- ;°C;000; ;001;V2.0-2;0061114634;"
    "HC2         ;000;4"
)


def sealed(reply: str) -> str:
    """Return an answer with the checksum that its text has now."""
    return reply[:-1] + chr(sum(reply[:-1].encode("latin-1")) % 64 + 32)


@pytest.mark.parametrize(("reply", "values"), [(PROBE, (42.47, 23.31)), (SECOND, (41.18, 21.83))])
def test_humidity_and_temperature_of_a_probe_come_in_one_answer(
    met: Make, reply: str, values: tuple[float, float]
) -> None:
    probe, peer = met("rotronic_hc2", {"{F00RDD}": reply}, "\r", "\r")
    assert probe.read("humidity", "temperature") == values
    assert peer.asked == ["{F00RDD}"]


def test_a_probe_says_who_it_is_and_the_trend_of_its_values(met: Make) -> None:
    probe, _ = met("rotronic_hc2", {"{F00RDD}": PROBE}, "\r", "\r")
    identity = probe.connect()
    assert (identity.text, identity.serial) == ("HygroClip 2", "0060257484")
    assert probe.sample("temperature").status == "-"


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (PROBE[:-1] + "S", GarbageReplyError),
        (PROBE.replace("23.31", "23.32"), GarbageReplyError),
        (sealed(PROBE.replace("{F00", "{F01")), GarbageReplyError),
        (sealed(PROBE.replace("°C", "°F")), DeviceError),
        (sealed(PROBE.replace("42.47", "---.--")), NotANumberError),
        (sealed(PROBE.replace("42.47", "142.47")), NotANumberError),
        # Campbell HC2S3 manual, app. C, as it is printed: its checksum is not that of its text
        (
            "{F00rdd 001; 4.45;%RH;000;=; 20.07;°C;000;=;nc;---.-;°C;000; ;001;V1.7-1;0060568338;"
            "HC2-S3 ;000;4",
            GarbageReplyError,
        ),
    ],
)
def test_a_probe_s_answer_that_is_not_sound_is_no_value(
    met: Make, reply: str, error: type[InstrumentError]
) -> None:
    probe, _ = met("rotronic_hc2", {"{F00RDD}": reply}, "\r", "\r")
    with pytest.raises(error) as caught:
        _ = probe.humidity
    for language in ("en", "zh"):
        assert "{driver" not in words(caught.value.message, language)


def test_the_checksum_is_the_one_of_the_maker_s_own_example() -> None:
    frame = b"{M03RDD 0027.50;0023.76;0029.31;0022.77;#M"  # HygroFlex manual IN-E-HyFlex-V4, p. 54
    assert sum(frame[:-1]) % 64 + 32 == frame[-1]


def test_a_probe_on_a_shared_line_is_asked_by_its_address(met: Make) -> None:
    reply = sealed(PROBE.replace("{F00", "{F12"))
    probe, peer = met("rotronic_hc2", {"{F12RDD}": reply}, "\r", "\r", "address=12&timeout=0.3")
    assert probe.temperature == 23.31
    assert (peer.asked, probe.bus_address) == (["{F12RDD}"], "12")
    with pytest.raises(UsageError, match="address=64"):
        met("rotronic_hc2", {}, "\r", "\r", "address=64")


# -- balances: status and stability inside the answer ---------------------------------------------


@pytest.mark.parametrize(
    ("reply", "kilograms", "stable"),
    [
        ("G     +   100.00 kg ", 100.0, True),  # vectors: 22 characters
        ("N     +   123.56 g  ", 0.12356, True),  # GC803S manual, p. 57
        ("+   123.5[6] g  ", 0.12356, True),  # the same: a digit that is not verified
        ("-     0.02 g  ", -0.00002, True),
        ("G     +   123.56    ", 0.12356, False),
        ("+   123.56", 0.12356, False),
    ],
)
def test_a_sartorius_weight_without_unit_is_not_stable(
    met: Make, reply: str, kilograms: float, stable: bool
) -> None:
    unit = "kg" if "kg" in reply else "g"
    balance, _ = met("sartorius_sbi", {"\x1bP": reply}, options=f"unit={unit}&timeout=0.3")
    sample = balance.sample("mass_now")
    assert (sample.value, sample.stable) == (pytest.approx(kilograms, rel=1e-12), stable)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("Stat          H     ", NotANumberError),
        ("Stat          L     ", NotANumberError),
        ("Stat     ERR 101    ", DeviceError),  # Master series manual, p. 79
        ("Stat        OFF     ", DeviceError),
        ("G     +   100.00 lb ", DeviceError),
        ("G     +   100.00 kg ", DeviceError),  # its address says g
        ("G     +   100,00 g  ", GarbageReplyError),
        ("G     +   1 0.00 g  ", GarbageReplyError),
        ("", GarbageReplyError),
    ],
)
def test_what_is_no_sartorius_weight_is_never_a_value(
    met: Make, reply: str, error: type[InstrumentError]
) -> None:
    balance, _ = met("sartorius_sbi", {"\x1bP": reply}, options="unit=g&timeout=0.3")
    with pytest.raises(error):
        _ = balance.mass_now


def test_a_weight_in_motion_has_no_unit_unless_the_address_tells_it(met: Make) -> None:
    balance, peer = met("sartorius_sbi", {"\x1bP": "G     +   123.56    "})
    with pytest.raises(BusyError):
        _ = balance.mass_now
    assert peer.asked == ["\x1bP", "\x1bP"]


class Settling:
    """A balance whose load comes to rest at bench time 5 s."""

    def answer(self, line: str, t: float) -> str:
        return f"G     +   {50.0 + min(t, 5.0):6.2f} {'g' if t >= 5.0 else ' '}  "


def test_a_stable_weight_is_waited_for_in_bench_time(simulated: Make) -> None:
    balance = simulated("sartorius_sbi", Settling(), b"\r\n", None, "&unit=g")
    assert balance.sample("mass_now").stable is False
    settled = balance.sample("mass")
    assert (settled.value, settled.stable) == (0.055, True)
    assert settled.t == pytest.approx(5.0, abs=0.2)


class Restless:
    """A balance that never comes to rest."""

    def answer(self, line: str, t: float) -> str:
        return "G     +    50.00    "


def test_a_weight_that_does_not_come_to_rest_is_given_up(simulated: Make) -> None:
    balance = simulated("sartorius_sbi", Restless(), b"\r\n", None, "&unit=g")
    with pytest.raises(BusyError, match="did not come to rest within 40 s"):
        _ = balance.mass


@pytest.mark.parametrize(
    ("reply", "kilograms", "stable"),
    [
        ("     192.21 g", 0.19221, True),  # OHAUS RS232 interface manual, p. EN-3
        ("       0.01 g ?", 0.00001, False),  # the same
        ("      -1.50 kg", -1.5, True),
        ("     192.21 g   N", 0.19221, True),
    ],
)
def test_an_ohaus_weight_with_a_question_mark_is_not_stable(
    met: Make, reply: str, kilograms: float, stable: bool
) -> None:
    balance, _ = met("ohaus_explorer", {"IP": reply})
    sample = balance.sample("mass_now")
    assert (sample.value, sample.stable) == (pytest.approx(kilograms, rel=1e-12), stable)


@pytest.mark.parametrize(
    ("command", "reply", "error"),
    [
        ("SP", "ES", BusyError),  # Explorer service manual, p. 73: not at rest within 40 s
        ("SP", "     192.21 g ?", GarbageReplyError),
        ("IP", "ES", DeviceError),
        ("IP", "Err 8.3", NotANumberError),
        ("IP", "Err 8.4", NotANumberError),
        ("IP", "     192.21 lb", DeviceError),
        ("IP", "     192.21", GarbageReplyError),
        ("IP", "OK!", GarbageReplyError),
    ],
)
def test_what_is_no_ohaus_weight_is_never_a_value(
    met: Make, command: str, reply: str, error: type[InstrumentError]
) -> None:
    balance, _ = met("ohaus_explorer", {command: reply})
    with pytest.raises(error):
        balance.read({"SP": "mass", "IP": "mass_now"}[command])


def test_an_ohaus_that_prints_by_itself_is_hushed_and_confirms_what_it_does(met: Make) -> None:
    known = {"0P": "   1.00 g\r\n   1.00 g\r\nOK!", "PV": "EX6202", "PSN": "B4", "T": "OK!"}
    balance, peer = met("ohaus_explorer", known | {"Z": "ES"})
    assert balance.connect().serial == "B4"
    balance.tare()
    with pytest.raises(DeviceError, match=r"ohaus_explorer\.zero"):
        balance.zero()
    assert peer.asked == ["0P", "PV", "PSN", "T", "Z"]


# -- Vaisala: prompt, echo, a format that is set, POLL mode ---------------------------------------


def barometer(**given: Any) -> VaisalaTransmitter:
    quantities = {"P": (1013.25, "hPa"), "P3H": (-0.42, "hPa")}
    return VaisalaTransmitter("PTB330 / 1.01", "A1234567", quantities, **given)


@pytest.mark.parametrize("echo", [True, False])
def test_a_barometer_is_read_with_its_echo_on_or_off(simulated: Make, echo: bool) -> None:
    device = barometer()
    device.echo = echo
    driver = simulated("vaisala_ptb330", device)
    identity = driver.connect()
    assert (identity.text, identity.serial) == ("PTB330 / 1.01", "A1234567")
    assert driver.read("pressure_now", "tendency") == (1013.25, -0.42)
    assert driver.sample("pressure_now").stable is True


def test_a_barometer_that_was_left_sending_is_stopped(simulated: Make) -> None:
    device = barometer()
    device.running = True
    driver = simulated("vaisala_ptb330", device)
    assert driver.connect().serial == "A1234567"
    assert driver.pressure_now == 1013.25


def test_the_stability_of_a_barometer_is_its_own_word(simulated: Make) -> None:
    device = barometer(stable=False)
    driver = simulated("vaisala_ptb330", device)
    driver.connect()
    assert driver.sample("pressure_now").stable is False
    with pytest.raises(BusyError, match="within 60 s"):
        _ = driver.pressure
    device.stable = True
    assert driver.pressure == 1013.25


def test_a_barometer_in_another_unit_or_without_a_value_gives_none(simulated: Make) -> None:
    device = barometer()
    driver = simulated("vaisala_ptb330", device)
    driver.connect()
    device.quantities["P"] = (760.0, "mmHg")
    with pytest.raises(DeviceError, match="answers in `mmHg`; the driver reads hPa"):
        _ = driver.pressure_now
    device.quantities["P"] = (None, "hPa")
    with pytest.raises(NotANumberError):
        _ = driver.pressure_now


def test_a_format_that_somebody_changed_is_not_read(simulated: Make) -> None:
    device = barometer()
    driver = simulated("vaisala_ptb330", device)
    driver.connect()
    device.form = '"P=" 6.1 P " " U6 #r #n'
    with pytest.raises(GarbageReplyError):
        _ = driver.pressure_now


class Shared:
    """Transmitters on one RS-485 line; `said` is what went over it."""

    def __init__(self, *devices: VaisalaTransmitter) -> None:
        self.devices, self.said = devices, []  # type: ignore[var-annotated]

    def answer(self, line: str, t: float) -> str | None:
        self.said.append(line)
        answers = [a for d in self.devices if (a := d.answer(line, t)) is not None]
        return "".join(answers) or None


def test_one_of_several_on_a_line_is_opened_set_up_and_closed(simulated: Make) -> None:
    line = Shared(barometer(address=1), barometer(address=7))
    line.devices[1].quantities["P"] = (998.5, "hPa")
    driver = simulated("vaisala_ptb330", line, options="&address=7")
    assert driver.connect().serial == "A1234567"
    assert driver.bus_address == "7"
    opened = ["s", "open 7", line.said[2], "?", "?", "close"]
    assert line.said == opened
    assert line.said[2].startswith('form "M;" 4.2 P')
    assert driver.pressure_now == 998.5
    assert line.said[6:] == ["send 7"]
    assert line.devices[0].form == barometer().form


# -- Julabo: settings are not answered, and commands need a pause ---------------------------------


def test_a_bath_is_read_as_it_was_seen_to_answer(met: Make) -> None:
    # vectors: captured from the simulator of lewis; a real bath says nothing to out_
    bath, peer = met("julabo_fp", {"in_pv_00": "24.0", "in_sp_00": "55.5"}, "\r", "\r\n")
    assert bath.temperature == 24.0
    bath.setpoint = 55.5
    assert peer.asked == ["in_pv_00", "out_sp_00 55.50", "in_sp_00"]


def test_a_bath_that_ignores_a_setting_is_found_out(met: Make) -> None:
    bath, peer = met("julabo_fp", {"in_sp_00": "25.0", "in_mode_05": "0"}, "\r", "\r\n")
    with pytest.raises(DeviceError, match=r"set to 55\.5 °C but tells 25\.0 °C") as caught:
        bath.setpoint = 55.5
    assert "remote control" in caught.value.words()
    assert peer.asked == ["out_sp_00 55.50", "in_sp_00"]
    with pytest.raises(DeviceError, match=r"julabo_fp\.on"):
        bath.on = True


def test_an_error_status_and_a_missing_sensor_are_no_values(met: Make) -> None:
    known = {"status": "-14 TOO HIGH", "in_pv_02": "---.--"}
    bath, _ = met("julabo_fp", known, "\r", "\r\n")
    with pytest.raises(DeviceError, match="TOO HIGH"):
        _ = bath.status
    with pytest.raises(NotANumberError):
        _ = bath.external


def test_a_bath_behind_a_gateway_gets_its_pause_between_commands(
    shelf: Shelf, served: Callable[..., TcpPeer]
) -> None:
    came: list[float] = []

    def answer(line: bytes) -> Iterable[object]:
        came.append(monotonic())
        yield b"25.00\r\n"

    peer = served(answer, lambda data: ([data], b""))
    factory = LinkFactory(RealClock(), NullSink())
    link, options = factory.open(f"serial+tcp://{peer.address}?timeout=5", "bath")
    bath: Any = shelf.find("julabo_fp")(link, options, name="bath")
    assert bath.read("temperature", "setpoint") == (25.0, 25.0)
    factory.close()
    assert came[1] - came[0] >= 0.24  # what the manual asks for, but for the way to the peer


# -- Hart: labels, duplex, read back --------------------------------------------------------------


@pytest.mark.parametrize("echo", ["", "fetch?\r\n"])
def test_a_thermometer_answers_as_its_manual_prints_it(met: Make, echo: str) -> None:
    # Fluke 1521 user's guide, rev. 571203, p. 41
    known = {"fetch?": f"{echo}t: 25.587 C", "min": "min: -14.653 C", "max": "max: 416.781 C"}
    readout, _ = met("fluke_1521", known, "\r", "\r\n")
    assert readout.read("temperature", "minimum", "maximum") == (25.587, -14.653, 416.781)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("t: 77.123 F", DeviceError),
        ("t: 109.735 O", DeviceError),
        ("max: 25.587 C", GarbageReplyError),
        ("t: 25.5x7 C", GarbageReplyError),
        ("t: ---.--- C", NotANumberError),
    ],
)
def test_what_is_no_temperature_in_celsius_is_refused(
    met: Make, reply: str, error: type[InstrumentError]
) -> None:
    readout, _ = met("fluke_1521", {"fetch?": reply}, "\r", "\r\n")
    with pytest.raises(error):
        _ = readout.temperature


def test_a_bath_that_is_made_safe_goes_to_room_temperature(met: Make) -> None:
    # answers after Fluke 7381 manual, p. 45
    known = {"s": "set: 25.00 C", "c": "cu: 120 C, in", "po": "po: 1"}
    bath, peer = met("fluke_7341", known, "\r", "\r\n")
    assert bath.read("cutout", "heater") == (120.0, 1.0)
    assert bath.sample("cutout").status == "in"
    bath.make_safe()
    assert peer.asked[-2:] == ["s=25.00", "s"]


# -- Watson-Marlow: everything is repeated, one answer has all ------------------------------------


def test_a_pump_tells_all_in_one_answer_behind_its_echo(met: Make) -> None:
    # Watson-Marlow 323 manual, p. 27: "323Du 110 CW 1 !"
    pump, peer = met("watson_marlow_323", {"1RS": "1RS\r323Du 110 CW 1 !"}, "\r", "")
    assert pump.read("model", "speed", "direction", "run") == ("323Du", 110.0, "CW", True)
    assert peer.asked == ["1RS"]


def test_a_pump_that_repeats_late_is_understood(met: Make) -> None:
    pump, peer = met("watson_marlow_323", {"1RS": "1ST\r1RS\r323Du 110 CW 0 !"}, "\r", "")
    pump.make_safe()
    assert peer.asked == ["1ST", "1RS"]


def test_a_pump_that_goes_on_is_not_safe(met: Make) -> None:
    pump, _ = met("watson_marlow_323", {"1RS": "1RS\r323Du 110 CW 1 !"}, "\r", "")
    with pytest.raises(DeviceError, match="did not take it"):
        pump.make_safe()


# -- RPM4: ready, pressure, rate and air in one answer --------------------------------------------

READY = "R,2306.265 kPaa,0.011 kPa/s,97.000 kPa a"  # RPM4 manual, p. 98


def test_a_pressure_monitor_tells_four_things_at_once(met: Make) -> None:
    monitor, peer = met("dhi_rpm4", {"PRR?": READY})
    assert monitor.read("pressure_now", "rate", "air") == (2306.265, 0.011, 97.0)
    assert peer.asked == ["PRR?"]
    sample = monitor.sample("pressure_now")
    assert (sample.stable, sample.status) == (True, "R")


def test_a_pressure_is_waited_for_until_it_is_ready(met: Make) -> None:
    monitor, peer = met("dhi_rpm4", {"PRR?": [READY.replace("R,", "NR,")] * 3 + [READY]})
    assert monitor.sample("pressure_now").stable is False
    assert monitor.sample("pressure").stable is True
    assert peer.asked == ["PRR?"] * 4


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("UL,2306.265 kPaa,0.011 kPa/s", NotANumberError),
        ("OP,2306.265 kPaa,0.011 kPa/s", NotANumberError),
        ("ER,2306.265 kPaa,0.011 kPa/s", DeviceError),
        ("R,334.496 psia,0.001 psi/s", DeviceError),
        ("ERR# 4", DeviceError),
        ("R", GarbageReplyError),
        ("X,2306.265 kPaa,0.011 kPa/s", GarbageReplyError),
    ],
)
def test_what_is_no_pressure_is_never_a_value(
    met: Make, reply: str, error: type[InstrumentError]
) -> None:
    monitor, _ = met("dhi_rpm4", {"PRR?": reply})
    with pytest.raises(error):
        _ = monitor.pressure_now


def test_a_monitor_without_barometer_has_no_air_pressure(met: Make) -> None:
    monitor, _ = met("dhi_rpm4", {"PRR?": "R,2306.265 kPaa,0.011 kPa/s"})  # the same page
    assert monitor.pressure_now == 2306.265
    with pytest.raises(GarbageReplyError, match=r"dhi_rpm4\.air"):
        _ = monitor.air


def test_settings_of_a_monitor_are_confirmed_by_its_answer(met: Make) -> None:
    known = {"SS% 0.100": "0.10 %", "SS%?": "0.10 %", "UNIT kPag": "ERR# 6"}
    monitor, _ = met("dhi_rpm4", known)
    monitor.stability = 0.1
    assert monitor.stability == 0.1
    with pytest.raises(DeviceError, match="ERR# 6"):
        monitor.mode = "g"


# -- the rest -------------------------------------------------------------------------------------


def test_a_density_is_read_with_its_temperature_and_a_busy_meter_says_so(met: Make) -> None:
    known = {"getrawdata": "0.998203;20.01;20.00;17", "start": "measurement already started"}
    meter, peer = met("anton_paar_dma4500", known, "\r", "\r")
    assert meter.read("density", "temperature", "sample_number") == (0.998203, 20.01, 17.0)
    assert peer.asked == ["getrawdata"]
    with pytest.raises(BusyError, match="already started"):
        meter.start()


@pytest.mark.parametrize(("end", "option"), [("\0", "nul"), ("\r", "cr"), ("\n", "lf")])
def test_a_gauge_ends_its_answers_as_its_address_says(met: Make, end: str, option: str) -> None:
    known = {"003:R:MRMD:": "003:F:MRMD:100.023:kPa"}
    gauge, _ = met("additel_pressure", known, "\r", end, f"address=3&end={option}&timeout=0.3")
    assert gauge.pressure == 100.023


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("003:E:MRMD:1018", DeviceError),  # ADT681 manual, p. 39: this instruction does not exist
        ("003:F:MRMD:14.507:psi", DeviceError),
        ("004:F:MRMD:100.023:kPa", GarbageReplyError),
        ("003:F:MRMD:100,023:kPa", GarbageReplyError),
    ],
)
def test_a_gauge_s_error_unit_and_neighbour_are_no_pressure(
    met: Make, reply: str, error: type[InstrumentError]
) -> None:
    gauge, _ = met("additel_pressure", {"003:R:MRMD:": reply}, "\r", "\0", "address=3&timeout=0.3")
    with pytest.raises(error):
        _ = gauge.pressure


def test_a_breath_simulator_stops_the_blow_first_and_the_heater_even_if_that_fails(
    met: Make,
) -> None:
    simulator, peer = met("breath_simulator", {"STOP": "ERR 9", "HEAT 0": "OK"})
    with pytest.raises(DeviceError, match="ERR 9"):
        simulator.make_safe()
    assert peer.asked == ["STOP", "HEAT 0"]


@pytest.mark.parametrize(
    ("name", "writes"),
    [
        ("meter_test_source", [(5, 0), *((16, at) for at in (0, 2, 4, 6, 8, 10, 24, 26))]),
        ("ev_load_set", [(16, 1), (5, 0)]),
        ("nibp_simulator", [(6, 0), (16, 1)]),
        ("humidity_chamber", [(6, 2000)]),
    ],
)
def test_a_source_is_made_safe_in_this_order_even_if_every_step_fails(
    opened: Callable[..., tuple[Any, Device]], name: str, writes: list[tuple[int, int]]
) -> None:
    source, device = opened(name)
    source.make_safe()
    assert [request[:2] for request in device.requests] == writes
    device.requests.clear()
    device.refuses = 4
    with pytest.raises(InstrumentError):
        source.make_safe()
    assert [request[:2] for request in device.requests] == writes


def test_a_chamber_with_other_decimals_is_refused(
    opened: Callable[..., tuple[Any, Device]],
) -> None:
    chamber, device = opened("humidity_chamber")
    device.words |= {(3, 606): 1, (3, 616): 0}
    with pytest.raises(DeviceError, match="one decimal"):
        chamber.connect()
    device.words[3, 616] = 1
    chamber.connect()


def test_an_error_that_was_not_measured_is_no_value(
    opened: Callable[..., tuple[Any, Device]],
) -> None:
    source, device = opened("meter_test_source")
    device.put(4, 100, bytes.fromhex("3DCCCCCD 7FC00000"))
    assert source.error_1 == pytest.approx(0.1, rel=1e-6)
    with pytest.raises(NotANumberError, match="error_2"):
        _ = source.error_2


# -- the kit --------------------------------------------------------------------------------------


class Plain(Line):
    """A protocol whose replies are values."""

    def parse(self, command: str, reply: str, unit: str) -> Any:
        return reply.split(",")


@pytest.mark.parametrize(
    "channel",
    [
        Reading(ask(""), unit="V"),
        Reading(ask("U°"), unit="V"),
        Reading(5, unit="V"),
        Setting(ask("U?", write="U 5"), unit="V", low=0.0, high=1.0),
        Action(ask("U?")),
    ],
)
def test_an_address_that_is_none_is_refused_when_the_driver_is_made(channel: Any) -> None:
    with pytest.raises(DriverError):
        type(
            "Wrong",
            (Instrument,),
            {"protocol": Plain(), "channel": channel, "make_safe": lambda self: None},
        )


def test_a_field_that_is_not_in_the_answer_is_garbage(met: Make, tmp_path: Path) -> None:
    class Pair(Instrument):
        protocol = Plain()
        first = Reading(ask("?", 0), unit="V")
        third = Reading(ask("?", 2), unit="V")

    peer = Peer(tmp_path / "pair", "\r\n", "\r\n")
    peer.replies["?"] = "1.5,2.5"
    factory = LinkFactory(RealClock(), NullSink())
    link, options = factory.open(f"serial://{peer.pty.path}?timeout=0.3", "pair")
    pair = Pair(link, options, name="pair")
    assert pair.first == 1.5
    with pytest.raises(GarbageReplyError, match=r"pair\.third"):
        _ = pair.third
    factory.close()
    peer.pty.close()


def test_a_device_that_only_repeats_what_it_hears_has_not_answered(met: Make) -> None:
    readout, _ = met("fluke_1521", {"fetch?": "fetch?"}, "\r", "\r\n", "timeout=0.15")
    with pytest.raises(NoReplyError):
        _ = readout.temperature


def test_what_cannot_be_printed_is_shown_as_it_is_written(shelf: Shelf) -> None:
    told = describe(shelf.find("sartorius_sbi"))
    assert [c["address"] for c in told["channels"]] == [r"\x1bP", r"\x1bP"]
    pump = describe(shelf.find("watson_marlow_323"))["channels"]
    assert [c["address"] for c in pump][:2] == ["1RS[3] ← 1GO, 1ST", "1RS[1] ← 1SP{value:.0f}"]


def test_a_reply_that_takes_its_time_is_waited_for_where_the_device_waits(simulated: Make) -> None:
    class Patient:
        def answer(self, line: str, t: float) -> Timed:
            return Timed("     192.21 g", 30.0)

    balance = simulated("ohaus_explorer", Patient(), b"\r\n", None)
    assert balance.mass == pytest.approx(0.19221)
