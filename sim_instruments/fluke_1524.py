"""A simulated Fluke 1524 with a Pt100 and a thermocouple."""

from __future__ import annotations

from benchctl.simulation import (
    Call,
    Fed,
    ScpiBus,
    ScpiError,
    SimulatedInstrument,
    Wire,
    scpi_memory,
)

TEMPERATURES = {1: 23.0147, 2: 231.87}
"""What the probes feel, in °C."""


def simulator(serial: str = "2187034", model: str = "1524") -> SimulatedInstrument:
    """Return a readout as it is switched on."""
    inputs = Fed({f"temperature_{n}": value for n, value in TEMPERATURES.items()})

    def fetch(call: Call) -> str:
        channel = int(call.number()) if call.args else 1
        if channel not in TEMPERATURES:
            raise ScpiError(-222)
        return f"{inputs[f'temperature_{channel}']:.4f}"

    device = scpi_memory(
        f"FLUKE,{model},{serial},1.11",
        {"UNIT:TEMPerature": "C"},
        commands={"FETCh?": fetch},
    )
    return SimulatedInstrument(
        ScpiBus(Wire(9600), device.instrument, medium="pty", end=b"\r"),
        at="serial://{location}?baud=9600&end=cr",
        shows=lambda: {
            **inputs,
            "temperature_unit": device["UNIT:TEMP"],
        },
        units={f"temperature_{n}": "°C" for n in TEMPERATURES},
        inputs=inputs,
    )
