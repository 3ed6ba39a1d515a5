"""What `benchctl drivers new` writes, by protocol; `@NAME@`, `@CLASS@`, `@TITLE@` are filled in.

Each is a small, whole driver that passes its check, to be changed line by line after a data sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchctl.workshop import templates_meters, templates_yaml

_SCPI = '''"""@TITLE@."""

from __future__ import annotations

from benchctl.driver import Instrument, Reading, Scpi, Setting, flag


class @CLASS@(Instrument):
    """@TITLE@: what it is and what it is used for.

    Bus: LAN (raw socket 5025), USB or GPIB; through VISA.
    Reading: how long one takes.
    Safe: the highest range, so that nothing left connected can overload the input.
    Document: title, edition and page of the manual; from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi()
    identity = r"^ACME,@TITLE@,"

    voltage = Reading("READ?", unit="V", doc="DC voltage at the terminals.")
    range = Setting("VOLT:RANG", unit="V", choices=[0.1, 1, 10, 100], safe=100, doc="Range.")
    level = Setting("TRIG:LEV", unit="V", low=-10, high=10, doc="Level of the trigger.")
    autozero = Setting("VOLT:ZERO:AUTO", kind=flag, doc="Whether zero is measured each time.")

    def make_safe(self) -> None:
        """Select the highest range."""
        self.range = 100
'''
_SCPI_SIM = '''"""A simulated @TITLE@: what its manual says, independent of the driver."""

from __future__ import annotations

from benchctl.simulation import ScpiBus, SimulatedInstrument, Wire, scpi_memory


def simulator(serial: str = "SIM0001") -> SimulatedInstrument:
    """Return an instrument as it is switched on, with 1.25 V at its terminals."""
    device = scpi_memory(
        f"ACME,@TITLE@,{serial},1.0",
        {"VOLTage:RANGe": 10.0, "TRIGger:LEVel": 0.5, "VOLTage:ZERO:AUTO": True},
        {"READ?": 1.25},
        choices={"VOLTage:RANGe": [0.1, 1, 10, 100]},
        limits={"TRIGger:LEVel": (-10, 10)},
    )
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET",
        shows=lambda: {
            "voltage": device["READ?"],
            "range": device["VOLT:RANG"],
            "level": device["TRIG:LEV"],
            "autozero": device["VOLT:ZERO:AUTO"],
        },
        units={"voltage": "V", "range": "V", "level": "V"},
    )
'''
_MODBUS = '''"""@TITLE@."""

from __future__ import annotations

from benchctl.driver import (
    Instrument,
    Modbus,
    Reading,
    Setting,
    coil,
    flag,
    holding,
    input_register,
)


class @CLASS@(Instrument):
    """@TITLE@: what it is and what it is used for.

    Bus: Modbus RTU on RS-485, 9600 8N1, or Modbus TCP; option `unit`.
    Reading: one exchange for all channels, 20 ms at 9600 baud.
    Safe: heating off, at 20 °C.
    Document: title, edition and page of the manual; from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus(order="ABCD", serial=holding(0, "u32"))

    temperature = Reading(
        input_register(0, "i16", scale=0.1), unit="°C", resolution=0.1, doc="Temperature."
    )
    pressure = Reading(input_register(2, "f32"), unit="kPa", doc="Pressure.")
    setpoint = Setting(
        holding(2, "i16", scale=0.1), unit="°C", low=-20, high=120, safe=20, doc="Set-point."
    )
    heating = Setting(coil(0), kind=flag, safe=False, doc="Whether it heats.")

    def make_safe(self) -> None:
        """Switch the heating off and go to 20 °C."""
        self.heating = False
        self.setpoint = 20
'''
_MODBUS_SIM = '''"""A simulated @TITLE@: what its manual says, independent of the driver."""

from __future__ import annotations

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory


def simulator(serial: str = "1000001") -> SimulatedInstrument:
    """Return an instrument as it is switched on."""
    device = modbus_memory(
        inputs={
            "temperature": Held(0, "i16", 23.4, scale=0.1),
            "pressure": Held(2, "f32", 101.25),
        },
        holding={
            "serial": Held(0, "u32", int(serial), fixed=True),
            "setpoint": Held(2, "i16", 40.0, scale=0.1, low=-20, high=120),
        },
        coils={"heating": Held(0, "bit", True)},
    )
    return SimulatedInstrument(
        ModbusBus(Wire(9600), {1: device.unit}),
        at="modbus+rtu://{location}?baud=9600&unit=1",
        shows=device.shows,
        units={"temperature": "°C", "pressure": "kPa", "setpoint": "°C"},
    )
'''
_LINE = '''"""@TITLE@, and the lines it speaks."""

from __future__ import annotations

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver import Instrument, Line, Reading, Setting, number


class @CLASS@Lines(Line):
    """`T` is answered `T 23.45 C`, `S 40` is answered `S OK`, a wrong command `E 1`."""

    name = "@TITLE@ lines"
    who = "ID"
    serial = "SN"

    def parse(self, command: str, reply: str, unit: str) -> float | str:
        """Return the number in a reply, or its text where no number is wanted."""
        word, _, said = reply.partition(" ")
        if word == "E":
            raise DeviceError(msg("driver.said", text=reply[:80]))
        if word != command.split()[0]:
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        if not unit:
            return said
        value, _, told = said.partition(" ")
        if told != "C":
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        return number(value)


class @CLASS@(Instrument):
    """@TITLE@: what it is and what it is used for.

    Bus: RS-232, 9600 8N1, lines end with CR LF.
    Reading: 20 ms at 9600 baud.
    Safe: 20 °C.
    Document: title, edition and page of the manual; from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = @CLASS@Lines()
    identity = "^@TITLE@$"

    temperature = Reading("T", unit="°C", doc="Temperature.")
    setpoint = Setting("S", unit="°C", low=-20, high=120, safe=20, doc="Set-point.")

    def make_safe(self) -> None:
        """Go to 20 °C."""
        self.setpoint = 20
'''
_LINE_SIM = '''"""A simulated @TITLE@: what its manual says, independent of the driver."""

from __future__ import annotations

from benchctl.simulation import SimulatedInstrument, TextBus, Wire, line_memory


def simulator(serial: str = "SIM0001") -> SimulatedInstrument:
    """Return an instrument as it is switched on."""
    device = line_memory(
        {"temperature": 23.45, "setpoint": 40.0},
        {
            "ID": "ID @TITLE@",
            "SN": f"SN {serial}",
            "T": "T {temperature:.2f} C",
            "S": "S {setpoint:.2f} C",
            "S {setpoint}": "S OK",
        },
        limits={"setpoint": (-20, 120)},
        refused="E 2",
        unknown="E 1",
    )
    return SimulatedInstrument(
        TextBus(Wire(9600), device),
        at="serial://{location}?baud=9600",
        shows=device.shows,
        units={"temperature": "°C", "setpoint": "°C"},
    )
'''
_CJT188 = '''"""@TITLE@."""

from __future__ import annotations

from benchctl.driver import CjT188, Instrument, Reading, whole


class @CLASS@(Instrument):
    """@TITLE@: a water meter after CJ/T 188-2004.

    Bus: RS-485 or M-Bus, 2400 8E1; option `address`.
    Reading: 0.3 s at 2400 baud.
    Safe: nothing to do, it only measures.
    Document: CJ/T 188-2004 and the sheet of the meter; from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = CjT188()
    timeout = 1.5

    volume = Reading("volume", unit="L", resolution=0.01, doc="Volume so far.")
    status = Reading("status", kind=whole, doc="Status word.")
'''
_CJT188_SIM = '''"""A simulated @TITLE@ on a line of its own."""

from __future__ import annotations

from benchctl.simulation import Cjt188Bus, Cjt188Meter, SimulatedInstrument, Wire


def simulator(serial: str = "11223344556677") -> SimulatedInstrument:
    """Return a meter with this address."""
    meter = Cjt188Meter(serial, lambda _: 123.45, status=lambda _: 4)
    return SimulatedInstrument(
        Cjt188Bus(Wire(2400, bits=11), [meter]),
        at=f"serial://{{location}}?baud=2400&parity=E&address={serial}",
        shows=lambda: {"volume": 123.45, "status": 4},
        units={"volume": "L"},
    )
'''
TEST = '''"""@TITLE@ does what it declares."""

from pathlib import Path

from benchctl.workshop import check_file


def test_@NAME@_does_what_it_declares() -> None:
    report = check_file(Path(__file__).parents[1] / "drivers" / "@NAME@@SUFFIX@")
    assert [(step.name, step.channel, str(step.what)) for step in report.failed] == []
'''


@dataclass(frozen=True, slots=True)
class Template:
    """A driver and its simulated instrument."""

    driver: str
    simulator: str
    suffix: str = ".py"


TEMPLATES: Mapping[str, Template] = {
    "scpi": Template(_SCPI, _SCPI_SIM),
    "modbus": Template(_MODBUS, _MODBUS_SIM),
    "line": Template(_LINE, _LINE_SIM),
    "cjt188": Template(_CJT188, _CJT188_SIM),
    "dlt645": Template(templates_meters.DLT645, templates_meters.DLT645_SIM),
    "mbus": Template(templates_meters.MBUS, templates_meters.MBUS_SIM),
    "iec62056": Template(templates_meters.IEC62056, templates_meters.IEC62056_SIM),
    "dlms": Template(templates_meters.DLMS, templates_meters.DLMS_SIM),
    "yaml-scpi": Template(templates_yaml.SCPI, _SCPI_SIM, ".yaml"),
    "yaml-modbus": Template(templates_yaml.MODBUS, _MODBUS_SIM, ".yaml"),
    "yaml-line": Template(templates_yaml.LINE, _LINE_SIM, ".yaml"),
}
"""By the name that `--protocol` takes."""
