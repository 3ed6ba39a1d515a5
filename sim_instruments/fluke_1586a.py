"""A simulated Fluke 1586A with two modules."""

from __future__ import annotations

from benchctl.simulation import (
    Call,
    Fed,
    ScpiBus,
    ScpiError,
    SimulatedInstrument,
    Timed,
    Wire,
    scpi_memory,
)

TEMPERATURES = {
    module * 100 + n: 20.0 * module + 1.1 * n + 0.0123 for module in (1, 2) for n in range(1, 11)
}
"""What the sensors feel, in °C."""
EACH = 0.01
"""Seconds per channel."""


def simulator(serial: str = "29430016") -> SimulatedInstrument:
    """Return a scanner as it is switched on: no channel in its scan."""
    scan: list[int] = []
    inputs = Fed({f"ch_{n}": value for n, value in TEMPERATURES.items()})

    def choose(call: Call) -> None:
        numbers = call.args[0].strip("(@)").split(",")
        chosen = [int(number) for number in numbers]
        if not set(chosen) <= set(TEMPERATURES):
            raise ScpiError(-222)
        scan[:] = sorted(chosen)

    def read(_: Call) -> Timed:
        if not scan:
            raise ScpiError(-221, "Settings conflict")
        told = ",".join(f"{inputs[f'ch_{channel}']:+.8E}" for channel in scan)
        return Timed(told, EACH * len(scan))

    device = scpi_memory(
        f"FLUKE,1586A,{serial},1.20",
        {"UNIT:TEMPerature": "C"},
        commands={"ROUTe:SCAN": choose, "READ?": read},
    )
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET",
        shows=lambda: {
            **inputs,
            "temperature_unit": device["UNIT:TEMP"],
        },
        units={f"ch_{n}": "°C" for n in TEMPERATURES},
        inputs=inputs,
    )
