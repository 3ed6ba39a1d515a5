"""A simulated Fluke 5730A on its LAN port."""

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

LIMITS = {"V": (-1100.0, 1100.0), "A": (-2.2, 2.2), "OHM": (0.0, 100e6), "HZ": (0.0, 30e6)}
"""What each unit may be set to; which voltage goes with which frequency is not simulated."""
HIGH_VOLTAGE = 33.0
CALIBRATOR = Manners(errors="FAULT?", no_error="0", texts=False)


def simulator(serial: str = "2345678") -> SimulatedInstrument:
    """Return a calibrator as it is switched on: standby, 0 V."""
    value, unit, hertz, operating = 0.0, "V", 0.0, False

    def out(call: Call) -> None:
        nonlocal value, unit, hertz, operating
        new_value, new_unit, new_hertz = value, unit, hertz
        for argument in call.args:
            said = re.fullmatch(r"([-+\d.eE]+) ?(V|A|OHM|HZ)", argument.upper())
            if said is None:
                raise ScpiError(521)
            low, high = LIMITS[said[2]]
            if not low <= float(said[1]) <= high:
                raise ScpiError(506)
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
        return str(operating | high << 14 | 1 << 11 | 1 << 12)

    device = scpi_memory(
        f"FLUKE,5730A,{serial},1.07+1.00",
        commands={
            "OUT": out,
            "OUT?": lambda _: f"{value:.8E},{unit},{hertz:.4E}",
            "OPER": lambda _: switch(True),
            "STBY": lambda _: switch(False),
            "OPER?": lambda _: str(int(operating)),
            "ISR?": status,
            "REMOTE": lambda _: None,
            "EXPLAIN?": lambda call: f'"Fault {call.number():g}: over limit"',
        },
        manners=CALIBRATOR,
    )

    def sourced(of: str) -> float:
        return value if unit == of else 0.0

    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET?high_voltage=yes",
        shows=lambda: {
            "operate": operating,
            "frequency": hertz,
            "voltage": sourced("V"),
            "current": sourced("A"),
            "resistance": sourced("OHM"),
        },
        units={"frequency": "Hz", "voltage": "V", "current": "A", "resistance": "Ω"},
    )
