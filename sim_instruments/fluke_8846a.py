"""A simulated Fluke 8846A on its LAN port."""

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
FUNCTION = "[SENSe:]FUNCtion[:ON]"


def simulator(serial: str = "9412009") -> SimulatedInstrument:
    """Return a multimeter as it is switched on: in local, where it measures for nobody else."""
    inputs = Fed(INPUTS)
    remote = False

    def take_control(_: Call) -> None:
        nonlocal remote
        remote = True

    def read(_: Call) -> Timed:
        if not remote:
            raise ScpiError(550, "Command not allowed in local")
        return Timed(f"{inputs[device['FUNC']]:+.8E}", device["VOLT:NPLC"] / 50)

    device = scpi_memory(
        f"FLUKE,8846A,{serial},08/02/10-11:53",
        {FUNCTION: "VOLT:DC", RANGE: 10.0, NPLC: 10.0},
        choices={
            FUNCTION: list(INPUTS),
            RANGE: [0.1, 1.0, 10.0, 100.0, 1000.0],
            NPLC: [0.02, 0.2, 1.0, 10.0, 100.0],
        },
        commands={"SYSTem:REMote": take_control, "READ?": read},
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
        },
        inputs=Renamed(inputs, CHANNELS),
    )
