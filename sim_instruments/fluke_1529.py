"""A simulated Fluke 1529 with four probes, on RS-232; it takes one command at a time."""

from __future__ import annotations

from benchctl.simulation import (
    Call,
    Fed,
    Manners,
    ScpiBus,
    ScpiError,
    SimulatedInstrument,
    Wire,
    scpi_memory,
)

TEMPERATURES = {1: 25.0123, 2: -38.8344, 3: 99.9741, 4: 231.9281}
"""What the probes feel, in °C."""


def simulator(serial: str = "A12345") -> SimulatedInstrument:
    """Return a readout as it is switched on."""
    inputs = Fed({f"temperature_{n}": value for n, value in TEMPERATURES.items()})

    def fetch(call: Call) -> str:
        channel = int(call.number()) if call.args else 1
        if channel not in TEMPERATURES:
            raise ScpiError(-222)
        return f"{inputs[f'temperature_{channel}']:.4f}"

    device = scpi_memory(
        f"HART,1529,{serial},1.10",
        {"TRIGger:TIMer": 1.0, "UNIT:TEMPerature": "C"},
        limits={"TRIGger:TIMer": (0.1, 3600.0)},
        says={"TRIGger:TIMer": "{:.1f}"},
        commands={"FETCh?": fetch},
        manners=Manners(no_error='0,"No error"', compound=False),
    )
    return SimulatedInstrument(
        ScpiBus(Wire(9600), device.instrument, medium="pty"),
        at="serial://{location}?baud=9600",
        shows=lambda: {
            **inputs,
            "temperature_unit": device["UNIT:TEMP"],
            "period": device["TRIG:TIM"],
        },
        units={f"temperature_{n}": "°C" for n in TEMPERATURES} | {"period": "s"},
        inputs=inputs,
    )
