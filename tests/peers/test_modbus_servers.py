"""Two more Modbus servers that nobody here wrote: npm's modbus-serial and pymodbus.

Both hold the same registers, each put there in its own way, over TCP and over a serial line.
"""

from __future__ import annotations

import math
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from peer_processes import Cable, PeerProcess

from benchctl.core.errors import NoReplyError
from benchctl.driver import (
    BusyError,
    Instrument,
    Modbus,
    ModbusError,
    Reading,
    Setting,
    coil,
    coils,
    discrete,
    flag,
    holding,
    input_register,
)

Make = Callable[..., Any]
HERE = Path(__file__).parent
ORDERS = ("ABCD", "CDAB", "BADC", "DCBA")


class Device(Instrument):
    protocol = Modbus()
    float_abcd = Reading(holding(0, "f32", "ABCD"), unit="L")
    float_cdab = Reading(holding(2, "f32", "CDAB"), unit="L")
    float_badc = Reading(holding(4, "f32", "BADC"), unit="L")
    float_dcba = Reading(holding(6, "f32", "DCBA"), unit="L")
    whole_32 = Reading(holding(8, "i32"), unit="1")
    whole_64 = Reading(holding(10, "i64"), unit="1")
    double = Reading(holding(14, "f64"), unit="1")
    scaled = Reading(holding(18, "i16", scale=0.1), unit="°C")
    bit_2 = Reading(holding(19, bit=2), kind=flag)
    bit_15 = Setting(holding(19, bit=15), kind=flag)
    far = Reading(holding(120), unit="1")
    input_7 = Reading(input_register(7), unit="1")
    late = Reading(input_register(140), unit="1")
    coil_33 = Reading(coil(33), kind=flag)
    input_33 = Reading(discrete(33), kind=flag)
    input_34 = Reading(discrete(34), kind=flag)
    valve = Setting(coil(5), kind=flag)
    valves = Setting(coils(20, 11), kind=flag)
    word = Setting(holding(60), unit="1", low=0, high=65535)
    set_abcd = Setting(holding(70, "f32", "ABCD"), unit="L")
    set_cdab = Setting(holding(72, "f32", "CDAB"), unit="L")
    set_badc = Setting(holding(74, "f32", "BADC"), unit="L")
    set_dcba = Setting(holding(76, "f32", "DCBA"), unit="L")
    missing = Reading(holding(500), unit="1")

    def make_safe(self) -> None:
        self.valve = False


def command_of(peer: str) -> list[str]:
    if peer == "pymodbus":
        return [sys.executable, str(HERE / "pymodbus_device.py")]
    node, folder = shutil.which("node"), os.environ.get("PEERS_NODE", "")
    if node is None:
        pytest.skip("node is not there")
    if not (Path(folder) / "node_modules" / "modbus-serial").is_dir():
        pytest.skip("PEERS_NODE names no folder with npm's modbus-serial")
    return [node, str(HERE / "modbus_serial_device.js"), folder]


@pytest.fixture(params=["modbus-serial tcp", "modbus-serial rtu", "pymodbus tcp", "pymodbus rtu"])
def process(request: pytest.FixtureRequest, started: Make) -> tuple[PeerProcess, str]:
    """The server, and its address without the unit."""
    peer, line = request.param.split()
    command = command_of(peer)
    if line == "tcp":
        process = started([*command, "tcp"])
        return process, f"modbus+tcp://127.0.0.1:{process.ready()}?"
    cable: Cable = request.getfixturevalue("cable")
    process = started([*command, "rtu", str(cable.theirs)])
    process.ready()
    return process, f"modbus+rtu://{cable.ours}?baud=19200&"


@pytest.fixture
def device(process: tuple[PeerProcess, str], connected: Make) -> Any:
    return connected(Device, f"{process[1]}unit=1&timeout=1")


def test_every_kind_of_value_is_read_as_it_was_put_there(device: Any) -> None:
    floats = [f"float_{order.lower()}" for order in ORDERS]
    assert device.read(*floats) == 4 * (-12.375,)
    assert [device.read(name)[0] for name in floats] == 4 * [-12.375]
    assert device.read("whole_32", "double", "scaled") == (-123456789.0, math.pi, -23.7)
    assert device.whole_64 == -1234567890123456.0
    assert device.read("far", "input_7", "double", "bit_2") == (120.0, 7.0, math.pi, True)


def test_bits_and_coils_are_read_and_written(device: Any, process: tuple[PeerProcess, str]) -> None:
    assert (device.bit_2, device.bit_15) == (True, True)
    assert device.read("coil_33", "input_33", "input_34", "valve") == (True, False, True, False)
    device.valve = True
    assert (device.valve, process[0].line("coil")) == (True, "coil 5 true")
    device.valves = True
    assert [process[0].line("coil") for _ in range(11)] == [
        f"coil {20 + i} true" for i in range(11)
    ]
    device.bit_15 = False
    assert process[0].line("register") == "register 19 4"
    assert (device.bit_2, device.bit_15) == (True, False)


def test_what_is_written_is_there_as_the_server_understands_it(
    device: Any, process: tuple[PeerProcess, str]
) -> None:
    device.word = 65535
    assert process[0].line("register") == "register 60 65535"
    words = {  # -1234.5 is C49A 5000
        "ABCD": (0xC49A, 0x5000),
        "CDAB": (0x5000, 0xC49A),
        "BADC": (0x9AC4, 0x0050),
        "DCBA": (0x0050, 0x9AC4),
    }
    for start, order in zip((70, 72, 74, 76), ORDERS, strict=True):
        setattr(device, f"set_{order.lower()}", -1234.5)
        told = [process[0].line("register") for _ in range(2)]
        first, second = words[order]
        assert told == [f"register {start} {first}", f"register {start + 1} {second}"]
        assert getattr(device, f"set_{order.lower()}") == -1234.5


def test_an_answer_that_takes_its_time_is_awaited(device: Any) -> None:
    assert [device.late, device.input_7, device.late] == [140.0, 7.0, 140.0]


def test_what_is_not_there_is_refused_by_name(device: Any) -> None:
    with pytest.raises(ModbusError, match="no such register"):
        _ = device.missing
    assert device.far == 120.0


@pytest.mark.parametrize("code", [1, 2, 3, 4, 6, 10, 11])
def test_every_exception_is_named(
    process: tuple[PeerProcess, str], connected: Make, code: int
) -> None:
    class Excepting(Device):
        refused = Setting(holding(150 + code), unit="1")

    device = connected(Excepting, f"{process[1]}unit=1&timeout=1")
    for exchange in (lambda: device.refused, lambda: setattr(device, "refused", 1)):
        with pytest.raises(ModbusError, match=f"exception {code}") as caught:
            exchange()
        assert caught.value.code == code
        assert isinstance(caught.value, BusyError) == (code in (6, 11))
    assert device.far == 120.0


def test_another_unit_is_never_answered_by_a_value(
    process: tuple[PeerProcess, str], connected: Make
) -> None:
    device = connected(Device, f"{process[1]}unit=9&timeout=0.1")
    with pytest.raises((NoReplyError, ModbusError)):
        _ = device.far
