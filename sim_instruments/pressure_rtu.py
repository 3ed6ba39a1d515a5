"""A simulated pressure transmitter: float32 in MPa from holding register 0."""

from __future__ import annotations

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory


def simulator() -> SimulatedInstrument:
    """Return a transmitter at 0.4 MPa."""
    device = modbus_memory(holding={"pressure": Held(0, "f32", 0.40625, fixed=True)})
    return SimulatedInstrument(
        ModbusBus(Wire(9600, turnaround=0.01), {1: device.unit}),
        at="modbus+rtu://{location}?baud=9600&unit=1",
        shows=device.shows,
        inputs=device,
        units={"pressure": "MPa"},
    )
