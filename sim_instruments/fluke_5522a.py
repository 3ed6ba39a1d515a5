"""A simulated Fluke 5522A on RS-232."""

from __future__ import annotations

import re

from benchctl.simulation import (
    Call,
    Manners,
    ScpiBus,
    ScpiError,
    SimulatedInstrument,
    Wire,
    scpi_memory,
)

LIMITS = {"V": (-1020.0, 1020.0), "A": (-20.5, 20.5), "OHM": (0.0, 1.1e9), "HZ": (0.0, 2e6)}
"""What each unit may be set to; which voltage goes with which frequency is not simulated."""
HIGH_VOLTAGE = 33.0
CALIBRATOR = Manners(errors="ERR?", no_error='0,"No Error"')


def simulator(serial: str = "1234567") -> SimulatedInstrument:
    """Return a calibrator as it is switched on: standby, 0 V."""
    value, unit, hertz, operating = 0.0, "V", 0.0, False

    def out(call: Call) -> None:
        nonlocal value, unit, hertz, operating
        new_value, new_unit, new_hertz = value, unit, hertz
        for argument in call.args:
            said = re.fullmatch(r"([-+\d.eE]+) ?(V|A|OHM|HZ)", argument.upper())
            if said is None:
                raise ScpiError(1517, "Invalid value for parameter")
            low, high = LIMITS[said[2]]
            if not low <= float(said[1]) <= high:
                raise ScpiError(500, "Over/under limit")
            if said[2] == "HZ":
                new_hertz = float(said[1])
            else:
                new_value, new_unit = float(said[1]), said[2]
        rises = new_unit == "V" and abs(new_value) > HIGH_VOLTAGE
        if rises and not (unit == "V" and abs(value) > HIGH_VOLTAGE):
            operating = False  # the manual: it goes to standby, and OPER must be given again
        value, unit, hertz = new_value, new_unit, new_hertz

    def switch(on: bool) -> None:
        nonlocal operating
        operating = on

    def status(_: Call) -> str:
        high = unit == "V" and abs(value) > HIGH_VOLTAGE
        return str(operating | high << 7 | 1 << 11 | 1 << 12)

    device = scpi_memory(
        f"FLUKE,5522A,{serial},2.61+1.3+2.0+*",
        commands={
            "OUT": out,
            "OUT?": lambda _: f"{value:.6E},{unit},0E+00,0,{hertz:.2E}",
            "OPER": lambda _: switch(True),
            "STBY": lambda _: switch(False),
            "OPER?": lambda _: str(int(operating)),
            "ISR?": status,
            "REMOTE": lambda _: None,
        },
        manners=CALIBRATOR,
    )

    def sourced(of: str) -> float:
        return value if unit == of else 0.0

    return SimulatedInstrument(
        ScpiBus(Wire(9600), device.instrument, medium="pty"),
        at="serial://{location}?baud=9600&high_voltage=yes",
        shows=lambda: {
            "operate": operating,
            "frequency": hertz,
            "voltage": sourced("V"),
            "current": sourced("A"),
            "resistance": sourced("OHM"),
        },
        units={"frequency": "Hz", "voltage": "V", "current": "A", "resistance": "Ω"},
    )
