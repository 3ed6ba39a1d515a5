"""A simulated two-channel Pt100 module: input registers 0 and 1 in 0.1 °C."""

from __future__ import annotations

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory


def simulator() -> SimulatedInstrument:
    """Return a module with one sensor above and one below zero."""
    device = modbus_memory(
        inputs={
            "temperature_1": Held(0, "i16", 20.5, scale=0.1),
            "temperature_2": Held(1, "i16", -3.5, scale=0.1),
        }
    )
    return SimulatedInstrument(
        ModbusBus(Wire(9600, turnaround=0.01), {1: device.unit}),
        at="modbus+rtu://{location}?baud=9600&unit=1",
        shows=device.shows,
        inputs=device,
        units={"temperature_1": "°C", "temperature_2": "°C"},
    )
