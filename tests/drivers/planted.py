"""A good driver with its simulator, and ways to spoil it."""

from __future__ import annotations

from pathlib import Path

DRIVER = '''"""ACME X100 power supply."""

from __future__ import annotations

from benchctl.driver import Action, Instrument, Modbus, Reading, Setting, flag, holding, send


class AcmeX100(Instrument):
    """ACME X100 supply with a Modbus interface.

    Bus: Modbus RTU, 9600 8N1.
    Reading: 20 ms.
    Safe: output off at 0 V.
    Document: none, it is invented.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus(order="ABCD", identity=holding(0), serial=holding(1, "u32"))
    identity = "^300$"

    measured = Reading(holding(10, "f32"), unit="V", doc="Voltage at the terminals.")
    current = Reading(holding(12, "i16", scale=0.01), unit="A", doc="Current that flows.")
    level = Setting(
        holding(20, "i16", scale=0.1), unit="V", low=0.0, high=60.0, safe=0.0, doc="Voltage."
    )
    mode = Setting(holding(21), unit="", choices=[1, 2, 5], doc="Mode of regulation.")
    output = Setting(holding(22, bit=0), kind=flag, safe=False, doc="Whether the output is on.")
    clear = Action(send(holding(23), 1), doc="Clear alarms.")

    def make_safe(self) -> None:
        """Switch the output off and set 0 V."""
        self.output = False
        self.level = 0.0
'''
SIMULATOR = '''"""A simulated ACME X100."""

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory


def simulator(serial: str = "70001", model: str = "300") -> SimulatedInstrument:
    device = modbus_memory(
        holding={
            "model": Held(0, "u16", int(model)),
            "serial": Held(1, "u32", int(serial)),
            "measured": Held(10, "f32", 12.5, fixed=True),
            "current": Held(12, "i16", 1.25, scale=0.01, fixed=True),
            "level": Held(20, "i16", 12.3, scale=0.1, low=0.0, high=60.0),
            "mode": Held(21, "u16", 2, low=1, high=5),
            "output": Held(22, "u16", 1),
            "clear": Held(23, "u16", 0),
        }
    )
    return SimulatedInstrument(
        ModbusBus(Wire(9600), {1: device.unit}),
        at="modbus+rtu://{location}?baud=9600&unit=1",
        shows=lambda: {**device.shows(), "output": bool(device["output"])},
        units={"measured": "V", "current": "A", "level": "V"},
    )
'''
LINE = '''"""ACME L1 thermometer."""

from __future__ import annotations

import re

from benchctl.core.errors import GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver import Action, Instrument, Line, Reading, Setting, number


class Acme(Line):
    """`T?` is answered `T 23.45 C`."""

    end = "\\r"
    who = "ID?"
    serial = "SN?"

    def parse(self, command, reply, unit):
        word, *rest = reply.split()
        if word != command.split()[0].rstrip("?"):
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        if unit and rest[1:] not in (["C"], ["KPA"]):
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        return rest[0]


class AcmeL1(Instrument):
    """ACME L1 thermometer.

    Bus: RS-232, 9600 8N1.
    Reading: 20 ms.
    Safe: nothing to do.
    Document: none, it is invented.
    Hardware: not yet seen on hardware.
    """

    protocol = Acme()
    identity = "^L1$"

    temperature = Reading("T?", unit="°C", doc="Temperature.")
    pressure = Reading("P?", unit="kPa", doc="Pressure.")
    mark = Action("MARK", doc="Set a mark.")

    def make_safe(self) -> None:
        """Nothing to do."""
'''
LINE_SIMULATOR = '''"""A simulated ACME L1."""

from benchctl.simulation import SimulatedInstrument, TextBus, Wire, line_memory


def simulator(serial: str = "S-17") -> SimulatedInstrument:
    device = line_memory(
        {"temperature": 23.45, "pressure": 101.3},
        {
            "ID?": "ID L1",
            "SN?": f"SN {serial}",
            "T?": "T {temperature:.2f} C",
            "P?": "P {pressure:.1f} KPA",
            "MARK": "MARK ok",
        },
        unknown="ERR",
    )
    return SimulatedInstrument(
        TextBus(Wire(9600), device, end=b"\\r"),
        at="serial://{location}?baud=9600",
        shows=device.shows,
        units={"temperature": "°C", "pressure": "kPa"},
    )
'''


def lab_with(folder: Path, name: str, driver: str, simulator: str) -> Path:
    """Write a driver and its simulator into a lab; return the driver's file."""
    for kind, text in (("drivers", driver), ("sim_instruments", simulator)):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        (folder / kind / f"{name}.py").write_text(text, encoding="utf-8")
    return folder / "drivers" / f"{name}.py"
