"""A simulated Keithley DMM6500 with a scanner card."""

from __future__ import annotations

from benchctl.simulation import (
    Call,
    Fed,
    Renamed,
    ScpiBus,
    SimulatedInstrument,
    Timed,
    Wire,
    scpi_memory,
)

INPUTS = {
    "VOLT:DC": 1.2345678,
    "VOLT:AC": 0.70710678,
    "CURR:DC": -0.0123456,
    "RES": 1000.123,
    "FRES": 100.0123,
}
"""What is at the input, in V, A and Ω, while no position of the card is closed."""
CHANNELS = {
    "dc_voltage": "VOLT:DC",
    "ac_voltage": "VOLT:AC",
    "dc_current": "CURR:DC",
    "resistance": "RES",
    "resistance_4w": "FRES",
}
"""What the driver calls them."""
RANGE, NPLC = "[SENSe:]VOLTage[:DC]:RANGe[:UPPer]", "[SENSe:]VOLTage[:DC]:NPLCycles"
FUNCTION = "[SENSe:]FUNCtion[:ON]"


def at_position(number: int) -> float:
    """Return the voltage at a position of the scanner card, in V."""
    return 0.1 * number + 0.00001


def simulator(serial: str = "04340543") -> SimulatedInstrument:
    """Return a multimeter with a scanner card, as it is switched on."""
    inputs = Fed(INPUTS)
    closed = 0

    def close(call: Call) -> None:
        nonlocal closed
        closed = int(call.args[0].strip("(@)"))

    def open_all(_: Call) -> None:
        nonlocal closed
        closed = 0

    def read(_: Call) -> Timed:
        value = at_position(closed) if closed else inputs[device["FUNC"]]
        return Timed(f"{value:.9E}", device["VOLT:NPLC"] / 50)

    device = scpi_memory(
        f"KEITHLEY INSTRUMENTS,MODEL DMM6500,{serial},1.7.12b",
        {FUNCTION: "VOLT:DC", RANGE: 1000.0, NPLC: 1.0},
        choices={FUNCTION: list(INPUTS), RANGE: [0.1, 1.0, 10.0, 100.0, 1000.0]},
        limits={NPLC: (0.0005, 12.0)},
        commands={"ROUTe:CLOSe": close, "ROUTe:OPEN:ALL": open_all, "READ?": read},
    )
    positions = {f"position_{n}": at_position(n) for n in range(1, 11)}
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET",
        shows=lambda: (
            positions
            | {
                "dc_voltage": inputs["VOLT:DC"],
                "ac_voltage": inputs["VOLT:AC"],
                "dc_current": inputs["CURR:DC"],
                "resistance": inputs["RES"],
                "resistance_4w": inputs["FRES"],
                "dc_voltage_range": device["VOLT:DC:RANG"],
                "dc_voltage_nplc": device["VOLT:DC:NPLC"],
            }
        ),
        units=dict.fromkeys(positions, "V")
        | {
            "dc_voltage": "V",
            "ac_voltage": "V",
            "dc_current": "A",
            "resistance": "Ω",
            "resistance_4w": "Ω",
            "dc_voltage_range": "V",
            "dc_voltage_nplc": "1",
        },
        inputs=Renamed(inputs, CHANNELS),
    )
