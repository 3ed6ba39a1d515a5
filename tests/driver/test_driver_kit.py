from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from modbus_device import Device
from wire_peers import tcp_frames

from benchctl.core.errors import UsageError
from benchctl.driver import (
    Action,
    DriverError,
    Instrument,
    Modbus,
    Reading,
    Scpi,
    Setting,
    SettingRefused,
    coil,
    describe,
    flag,
    holding,
    input_register,
    send,
    text,
    whole,
)

Make = Callable[..., Any]


class Pump(Instrument):
    """A pump.

    Bus: Modbus TCP.
    Safe: speed 0.
    """

    protocol = Modbus()
    speed = Setting(holding(0), unit="%", low=0, high=100, safe=0, doc="Speed.")
    gear = Setting(holding(1), unit="", choices=[1, 2, 3])
    on = Setting(coil(0), kind=flag, safe=False)
    flow = Reading(holding(2), unit="L/min", resolution=1.0)
    average = Setting(holding(3), unit="1", kind=whole, low=1, high=100)
    stop = Action(coil(1), doc="Stop at once.")

    def make_safe(self) -> None:
        self.speed = 0


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture
def pump(device: Device, tcp_peer: Make, connected: Make) -> Pump:
    peer = tcp_peer(device.tcp, tcp_frames)
    pump: Pump = connected(Pump, f"modbus+tcp://{peer.address}?timeout=0.5")
    return pump


def test_nothing_is_sent_before_somebody_asks(pump: Pump, device: Device) -> None:
    assert pump.name == "meter"
    assert device.requests == []


def test_channels_and_actions_are_known_by_name() -> None:
    assert list(Pump.channels) == ["speed", "gear", "on", "flow", "average"]
    assert list(Pump.actions) == ["stop"]
    assert Pump.flow.resolution == 1.0


def test_a_driver_may_build_on_another() -> None:
    class BigPump(Pump):
        pressure = Reading(holding(9), unit="MPa")

    assert list(BigPump.channels) == ["speed", "gear", "on", "flow", "average", "pressure"]
    assert "pressure" not in Pump.channels


def test_a_reading_cannot_be_assigned(pump: Pump) -> None:
    with pytest.raises(AttributeError, match=r"Pump\.flow can only be read"):
        pump.flow = 3.0  # type: ignore[assignment]
    with pytest.raises(SettingRefused, match="can only be read"):
        pump.write("flow", 3.0)
    with pytest.raises(AttributeError, match="is an action: call it"):
        pump.stop = True  # type: ignore[assignment]


def test_a_misspelt_channel_is_not_accepted_silently(pump: Pump) -> None:
    with pytest.raises(AttributeError, match="did you mean 'speed'"):
        pump.sped = 3.0  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="did you mean 'flow'"):
        _ = pump.flwo  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match=r"has no channel 'qqqq'$"):
        _ = pump.qqqq  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match="meter has no channel `flwo`") as caught:
        pump.reader("flwo")
    assert "did you mean `flow`?" in str(caught.value)
    with pytest.raises(UsageError, match="known: stop"):
        pump.act("explode")


def test_a_misspelt_option_of_an_address_is_not_accepted_silently(connected: Make) -> None:
    with pytest.raises(UsageError, match="knows no option `uint`") as caught:
        connected(Pump, "manual:", {"uint": "3"})
    assert "did you mean `unit`?" in str(caught.value)


@pytest.mark.parametrize(
    ("channel", "value", "says"),
    [
        ("speed", 101, "101 % lies outside 0 to 100 %"),
        ("speed", -0.1, "lies outside"),
        ("speed", float("nan"), "`nan` is no number of %"),
        ("speed", True, "`True` is no number of %"),
        ("speed", "5", "`5` is no number of %"),
        ("gear", 4, "none of 1, 2, 3"),
        ("speed", None, "`None` is no number of %"),
        ("average", 1.5, "`1.5` is no whole number"),
        ("average", 101, "101 lies outside 1 to 100$"),
        ("average", float("inf"), "`inf` is no whole number"),
        ("average", "3", "`3` is no whole number"),
        ("on", 0.5, "neither on nor off"),
        ("on", "yes", "neither on nor off"),
    ],
)
def test_what_a_channel_does_not_allow_is_refused_with_its_limits(
    pump: Pump, device: Device, channel: str, value: Any, says: str
) -> None:
    with pytest.raises(SettingRefused, match=says) as caught:
        pump.write(channel, value)
    assert f"meter.{channel}: " in str(caught.value)
    assert device.requests == []


def test_a_whole_number_may_come_as_a_float(pump: Pump, device: Device) -> None:
    pump.write("average", 12.0)
    assert device.words[3, 3] == 12
    assert type(pump.average) is int


def test_a_flag_takes_one_and_zero(pump: Pump, device: Device) -> None:
    pump.write("on", 1.0)
    assert device.bits[1, 0] is True
    pump.write("on", False)
    assert device.bits[1, 0] is False


def test_the_timeout_of_the_driver_holds_unless_the_address_names_one(
    device: Device, tcp_peer: Make, connected: Make
) -> None:
    class Slow(Instrument):
        protocol = Modbus()
        timeout = 7.0

    peer = tcp_peer(device.tcp, tcp_frames)
    assert connected(Slow, f"modbus+tcp://{peer.address}").link.timeout == 7.0
    assert connected(Slow, f"modbus+tcp://{peer.address}?timeout=2").link.timeout == 2.0


def test_what_can_be_set_needs_a_safe_state() -> None:
    with pytest.raises(DriverError, match=r"Careless can change its instrument.*make_safe"):

        class Careless(Instrument):
            protocol = Modbus()
            speed = Setting(holding(0), unit="%")

    with pytest.raises(DriverError, match="make_safe"):

        class Reckless(Instrument):
            protocol = Modbus()
            fire = Action(coil(0))


def test_a_number_has_a_unit_and_other_values_need_none() -> None:
    with pytest.raises(DriverError, match=r"Blind\.level is a number without a unit"):

        class Blind(Instrument):
            protocol = Scpi()
            level = Reading("LEV?")  # type: ignore[call-overload]  # what is refused

    class Seeing(Instrument):
        protocol = Scpi()
        ratio = Reading("RAT?", unit="1")
        state = Reading("STAT?", kind=whole)
        name_of_it = Reading("NAME?", kind=text)

    assert [c.unit for c in Seeing.channels.values()] == ["1", "", ""]


@pytest.mark.parametrize("name", ["link", "protocol", "read", "make_safe", "name", "options"])
def test_names_of_the_kit_are_no_channels(name: str) -> None:
    with pytest.raises(DriverError, match=f"cannot be called `{name}`"):
        type("Odd", (Instrument,), {"protocol": Modbus(), name: Reading(holding(0), unit="L")})


@pytest.mark.parametrize(
    ("protocol", "channel", "says"),
    [
        (Modbus(), Reading("VOLT?", unit="V"), "is no Modbus address"),
        (Modbus(), Setting(input_register(0), unit="V"), "can only be read"),
        (Modbus(), Reading(holding(0, "f16"), unit="V"), "'f16' is none of"),
        (Modbus(), Reading(holding(0, "f32", "ABDC"), unit="V"), "'ABDC' is none of"),
        (Modbus(), Reading(holding(70000), unit="V"), "no register number"),
        (Modbus(), Reading(holding(0, bit=16), kind=flag), "number 0 to 15"),
        (Modbus(), Reading(send(holding(0), 1), unit="V"), "only actions send"),
        (Modbus(), Action(holding(0)), "an action needs send"),
        (Scpi(), Reading(holding(0), unit="V"), "no SCPI header"),
        (Scpi(), Setting("VOLT?", unit="V"), "without a question mark"),
        (Scpi(), Setting(("VOLT?", "VOLT 1"), unit="V"), "command {value}"),
    ],
)
def test_a_wrong_address_is_found_when_the_driver_is_declared(
    protocol: Any, channel: Any, says: str
) -> None:
    body = {"protocol": protocol, "x": channel, "make_safe": lambda self: None}
    with pytest.raises(DriverError) as caught:
        type("Odd", (Instrument,), body)
    assert str(caught.value).startswith("Odd.x: ")
    assert says in str(caught.value)


def test_a_driver_says_what_it_is() -> None:
    told = describe(Pump)
    assert (told["class"], told["summary"]) == ("Pump", "A pump.")
    assert (told["bus"], told["safe"], told["hardware"]) == ("Modbus TCP.", "speed 0.", "")
    assert told["options"] == {"order": "", "timeout": "", "unit": ""}
    speed = told["channels"][0]
    assert speed["address"] == "holding 0 u16"
    assert (speed["unit"], speed["low"], speed["high"], speed["safe"]) == ("%", 0, 100, 0)
    assert told["actions"] == [{"name": "stop", "address": "coil 1", "doc": "Stop at once."}]


TYPED = """
from benchctl.driver import Instrument, Modbus, Reading, Setting, coil, flag, holding

class Pump(Instrument):
    protocol = Modbus()
    flow = Reading(holding(2), unit="L/min")
    speed = Setting(holding(0), unit="%", low=0, high=100)
    on = Setting(coil(0), kind=flag)

def use(pump: Pump) -> None:
    a: float = pump.flow
    b: bool = pump.on
    pump.speed = 50.0
    pump.on = True
    pump.flow = 3.0
    pump.on = "yes"
    c: str = pump.flow
"""


def test_channels_are_typed(tmp_path: Path) -> None:
    source = tmp_path / "typed.py"
    source.write_text(TYPED)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(source)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    wrong = [line.split(":")[1] for line in done.stdout.splitlines() if ": error:" in line]
    assert wrong == ["15", "16", "17"], done.stdout
