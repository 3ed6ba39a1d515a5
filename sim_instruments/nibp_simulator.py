"""A simulated blood-pressure simulator with the generic map of its driver."""

from __future__ import annotations

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory


def simulator(serial: str = "5003", model: str = "4701") -> SimulatedInstrument:
    """Return a simulator that holds a static pressure."""
    device = modbus_memory(
        holding={
            "mode": Held(0, "u16", 1, low=0, high=3),
            "setpoint": Held(1, "f32", 150.0, low=0.0, high=400.0),
            "systolic": Held(3, "u16", 120, low=20, high=300),
            "diastolic": Held(4, "u16", 80, low=10, high=250),
            "pulse_rate": Held(5, "u16", 75, low=20, high=300),
            "model": Held(1000, "u16", int(model), fixed=True),
            "serial": Held(1001, "u32", int(serial), fixed=True),
        },
        inputs={"pressure": Held(0, "f32", 150.125), "leak": Held(2, "f32", 1.75)},
    )
    return SimulatedInstrument(
        ModbusBus(Wire(9600, turnaround=0.01), {1: device.unit}),
        at="modbus+rtu://{location}?baud=9600&unit=1",
        shows=device.shows,
        inputs=device,
        units={
            "setpoint": "mmHg",
            "systolic": "mmHg",
            "diastolic": "mmHg",
            "pulse_rate": "1/min",
            "pressure": "mmHg",
            "leak": "mmHg/min",
        },
    )
