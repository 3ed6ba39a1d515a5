"""A simulated Keysight 34465A: one function at a time, steady inputs."""

from __future__ import annotations

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
    "FREQ": 50.00021,
}
"""What is at the terminals, in V, A, Ω and Hz."""
RANGES = {
    "ac_voltage": ("[SENSe:]VOLTage:AC:RANGe[:UPPer]", "V", [0.1, 1.0, 10.0, 100.0, 750.0]),
    "dc_current": (
        "[SENSe:]CURRent[:DC]:RANGe[:UPPer]",
        "A",
        [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0, 3.0],
    ),
    "ac_current": (
        "[SENSe:]CURRent:AC:RANGe[:UPPer]",
        "A",
        [1e-4, 1e-3, 0.01, 0.1, 1.0, 3.0],
    ),
    "resistance": ("[SENSe:]RESistance:RANGe[:UPPer]", "Ω", [10.0**n for n in range(2, 10)]),
    "resistance_4w": ("[SENSe:]FRESistance:RANGe[:UPPer]", "Ω", [10.0**n for n in range(2, 10)]),
}
"""Of each function but DC voltage: the header of its range, the unit, the ranges."""
CHANNELS = {
    "dc_voltage": "VOLT:DC",
    "ac_voltage": "VOLT:AC",
    "dc_current": "CURR:DC",
    "ac_current": "CURR:AC",
    "resistance": "RES",
    "resistance_4w": "FRES",
    "frequency": "FREQ",
}
"""What the driver calls them."""
RANGE, NPLC = "[SENSe:]VOLTage[:DC]:RANGe[:UPPer]", "[SENSe:]VOLTage[:DC]:NPLCycles"


def simulator(serial: str = "MY54500001") -> SimulatedInstrument:
    """Return a multimeter as it is switched on."""
    inputs = Fed(INPUTS)

    def ranged(call: Call) -> None:
        if call.number() > 1000.0:
            raise ScpiError(-222)
        device[RANGE] = next(r for r in (0.1, 1.0, 10.0, 100.0, 1000.0) if r >= call.number())
        device["VOLT:DC:RANG:AUTO"] = False  # the manual: a fixed range disables autoranging

    device = scpi_memory(
        f"Keysight Technologies,34465A,{serial},A.03.01-03.15-03.01-00.52-03-02",
        {
            "[SENSe:]FUNCtion[:ON]": "VOLT:DC",
            RANGE: 10.0,
            NPLC: 10.0,
            "[SENSe:]VOLTage[:DC]:ZERO:AUTO": True,
            "[SENSe:]VOLTage[:DC]:RANGe:AUTO": True,
            **{header: known[-1] for header, _, known in RANGES.values()},
        },
        choices={
            "[SENSe:]FUNCtion[:ON]": list(INPUTS),
            NPLC: [0.02, 0.2, 1.0, 10.0, 100.0],
            **{header: known for header, _, known in RANGES.values()},
        },
        commands={
            RANGE: ranged,
            "READ?": lambda _: Timed(f"{inputs[device['FUNC']]:+.8E}", device["VOLT:NPLC"] / 50),
        },
    )
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET",
        shows=lambda: {
            "dc_voltage": inputs["VOLT:DC"],
            "ac_voltage": inputs["VOLT:AC"],
            "dc_current": inputs["CURR:DC"],
            "ac_current": inputs["CURR:AC"],
            "resistance": inputs["RES"],
            "resistance_4w": inputs["FRES"],
            "frequency": inputs["FREQ"],
            "dc_voltage_range": device["VOLT:DC:RANG"],
            "dc_voltage_nplc": device["VOLT:DC:NPLC"],
            "dc_voltage_auto_zero": device["VOLT:DC:ZERO:AUTO"],
            "dc_voltage_autorange": device["VOLT:DC:RANG:AUTO"],
            **{f"{name}_range": device[header] for name, (header, _, _) in RANGES.items()},
        },
        units={
            "dc_voltage": "V",
            "ac_voltage": "V",
            "dc_current": "A",
            "ac_current": "A",
            "resistance": "Ω",
            "resistance_4w": "Ω",
            "frequency": "Hz",
            "dc_voltage_range": "V",
            "dc_voltage_nplc": "1",
            **{f"{name}_range": unit for name, (_, unit, _) in RANGES.items()},
        },
        inputs=Renamed(inputs, CHANNELS),
    )
