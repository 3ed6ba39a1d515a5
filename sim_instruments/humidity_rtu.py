"""A simulated XY-MD02: input registers 1 and 2 in 0.1 °C and 0.1 %."""

from __future__ import annotations

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory


def simulator() -> SimulatedInstrument:
    """Return a sensor in a cool, humid room."""
    device = modbus_memory(
        inputs={
            "temperature": Held(1, "i16", 18.3, scale=0.1),
            "humidity": Held(2, "i16", 64.7, scale=0.1),
        }
    )
    return SimulatedInstrument(
        ModbusBus(Wire(9600, turnaround=0.01), {1: device.unit}),
        at="modbus+rtu://{location}?baud=9600&unit=1",
        shows=device.shows,
        inputs=device,
        units={"temperature": "°C", "humidity": "%"},
    )
