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
    outputs, hertz, phase, operating = {"V": 0.0}, 0.0, 0.0, False

    def out(call: Call) -> None:
        """Set what is given: one amplitude is a single output, voltage and current are both."""
        nonlocal outputs, hertz, operating
        given: dict[str, float] = {}
        new_hertz = hertz
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
                given[said[2]] = float(said[1])
        if len(given) > 1 and list(given) != ["V", "A"]:
            raise ScpiError(524, "Can't mix those output types")
        if abs(given.get("V", 0.0)) > HIGH_VOLTAGE >= abs(outputs.get("V", 0.0)):
            operating = False  # the manual: it goes to standby, and OPER must be given again
        outputs, hertz = given or outputs, new_hertz

    def told(_: Call) -> str:
        (unit, value), *second = outputs.items()
        other, beside = second[0] if second else ("0", 0.0)
        return f"{value:.6E},{unit},{beside:.6E},{other},{hertz:.2E}"

    def shift(call: Call) -> None:
        nonlocal phase
        said = re.fullmatch(r"([-+\d.eE]+) ?DEG", call.args[0].upper())
        if said is None or abs(float(said[1])) > 180:
            raise ScpiError(500, "Over/under limit")
        phase = float(said[1])

    def switch(on: bool) -> None:
        nonlocal operating
        operating = on

    def status(_: Call) -> str:
        high = abs(outputs.get("V", 0.0)) > HIGH_VOLTAGE
        return str(operating | high << 7 | 1 << 11 | 1 << 12)

    device = scpi_memory(
        f"FLUKE,5522A,{serial},2.61+1.3+2.0+*",
        commands={
            "OUT": out,
            "OUT?": told,
            "PHASE": shift,
            "PHASE?": lambda _: f"{phase:.2f}",
            "OPER": lambda _: switch(True),
            "STBY": lambda _: switch(False),
            "OPER?": lambda _: str(int(operating)),
            "ISR?": status,
            "REMOTE": lambda _: None,
        },
        manners=CALIBRATOR,
    )

    return SimulatedInstrument(
        ScpiBus(Wire(9600), device.instrument, medium="pty"),
        at="serial://{location}?baud=9600&high_voltage=yes",
        shows=lambda: {
            "operate": operating,
            "frequency": hertz,
            "phase": phase,
            "voltage": outputs.get("V", 0.0),
            "current": outputs.get("A", 0.0),
            "ac_voltage": outputs.get("V", 0.0),
            "ac_current": outputs.get("A", 0.0),
            "resistance": outputs.get("OHM", 0.0),
            "dual_voltage": outputs.get("V", 0.0),
            "dual_current": outputs.get("A", 0.0),
        },
        units={
            "frequency": "Hz",
            "phase": "°",
            **dict.fromkeys(("voltage", "dual_voltage", "ac_voltage"), "V"),
            **dict.fromkeys(("current", "dual_current", "ac_current"), "A"),
            "resistance": "Ω",
        },
    )
