"""A simulated HP 34401A on RS-232."""

from __future__ import annotations

from collections.abc import Callable

from benchctl.simulation import (
    Call,
    Fed,
    Renamed,
    ScpiBus,
    ScpiError,
    SimulatedInstrument,
    Timed,
    Wire,
    scpi_memory,
)

INPUTS = {
    "VOLT:DC": 1.2345678,
    "VOLT:AC": 0.70710678,
    "CURR:DC": -0.0123456,
    "CURR:AC": 0.0054321,
    "RES": 1000.123,
    "FRES": 100.0123,
}
"""What is at the terminals, in V, A and Ω."""
CHANNELS = {
    "dc_voltage": "VOLT:DC",
    "ac_voltage": "VOLT:AC",
    "dc_current": "CURR:DC",
    "ac_current": "CURR:AC",
    "resistance": "RES",
    "resistance_4w": "FRES",
}
"""What the driver calls them."""
RANGE, NPLC = "[SENSe:]VOLTage[:DC]:RANGe[:UPPer]", "[SENSe:]VOLTage[:DC]:NPLCycles"
FUNCTION = "[SENSe:]FUNCtion[:ON]"


RANGES = {
    "ac_voltage": ("[SENSe:]VOLTage:AC:RANGe[:UPPer]", "V", [0.1, 1.0, 10.0, 100.0, 750.0]),
    "dc_current": ("[SENSe:]CURRent[:DC]:RANGe[:UPPer]", "A", [0.01, 0.1, 1.0, 3.0]),
    "ac_current": ("[SENSe:]CURRent:AC:RANGe[:UPPer]", "A", [1.0, 3.0]),
    "resistance": ("[SENSe:]RESistance:RANGe[:UPPer]", "Ω", [10.0**n for n in range(2, 9)]),
    "resistance_4w": ("[SENSe:]FRESistance:RANGe[:UPPer]", "Ω", [10.0**n for n in range(2, 9)]),
}
"""Of each function but DC voltage: the header of its range, the unit, the ranges."""
RANGE_OF = {CHANNELS[name]: header for name, (header, _, _) in RANGES.items()} | {"VOLT:DC": RANGE}
"""By function, the header of its range."""


def simulator(
    serial: str = "0", senses: Callable[[str, float, float], float] | None = None
) -> SimulatedInstrument:
    """Return a multimeter as it is switched on: in local, where it measures for nobody else.

    `senses` gives what it shows in a function, on a range, at a bench time in s: V, A or Ω; then it
    is in remote, as on GPIB. Otherwise its inputs are steady, or what it is fed with.
    """
    inputs = Fed(INPUTS)
    remote = senses is not None

    def take_control(_: Call) -> None:
        nonlocal remote
        remote = True

    def read(call: Call) -> Timed:
        if not remote:
            raise ScpiError(550, "Command not allowed in local")
        of, integrated = device["FUNC"], device["VOLT:NPLC"] / 50
        value = inputs[of]
        if senses is not None:
            value = senses(of, device[RANGE_OF[of]], call.t + integrated / 2)
        return Timed(f"{value:+.8E}", integrated)

    device = scpi_memory(
        f"HEWLETT-PACKARD,34401A,{serial},11-5-2",
        {
            FUNCTION: "VOLT:DC",
            RANGE: 10.0,
            NPLC: 10.0,
            **{header: known[-1] for header, _, known in RANGES.values()},
        },
        choices={
            FUNCTION: list(INPUTS),
            RANGE: [0.1, 1.0, 10.0, 100.0, 1000.0],
            NPLC: [0.02, 0.2, 1.0, 10.0, 100.0],
            **{header: known for header, _, known in RANGES.values()},
        },
        commands={"SYSTem:REMote": take_control, "READ?": read},
    )
    return SimulatedInstrument(
        ScpiBus(Wire(9600), device.instrument, medium="pty"),
        at="serial://{location}?baud=9600",
        shows=lambda: {
            "dc_voltage": inputs["VOLT:DC"],
            "ac_voltage": inputs["VOLT:AC"],
            "dc_current": inputs["CURR:DC"],
            "ac_current": inputs["CURR:AC"],
            "resistance": inputs["RES"],
            "resistance_4w": inputs["FRES"],
            "dc_voltage_range": device["VOLT:DC:RANG"],
            "dc_voltage_nplc": device["VOLT:DC:NPLC"],
            **{f"{name}_range": device[header] for name, (header, _, _) in RANGES.items()},
        },
        units={
            "dc_voltage": "V",
            "ac_voltage": "V",
            "dc_current": "A",
            "ac_current": "A",
            "resistance": "Ω",
            "resistance_4w": "Ω",
            "dc_voltage_range": "V",
            "dc_voltage_nplc": "1",
            **{f"{name}_range": unit for name, (_, unit, _) in RANGES.items()},
        },
        inputs=Renamed(inputs, CHANNELS),
    )
