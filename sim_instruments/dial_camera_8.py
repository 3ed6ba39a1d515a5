"""A simulated camera that reads eight dials; float32 in kPa."""

from __future__ import annotations

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory

DIALS = {f"dial_{n}": 12.5 * n + 1.0 for n in range(1, 9)}


def simulator() -> SimulatedInstrument:
    """Return a camera before eight gauges."""
    device = modbus_memory(
        inputs={name: Held(2 * n, "f32", DIALS[name], fixed=True) for n, name in enumerate(DIALS)},
    )
    return SimulatedInstrument(
        ModbusBus(Wire(turnaround=0.005), {1: device.unit}, medium="tcp", rtu=False),
        at="modbus+tcp://{location}?unit=1",
        units=dict.fromkeys(DIALS, "kPa"),
        shows=device.shows,
        inputs=device,
    )
