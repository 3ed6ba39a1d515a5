"""A simulated Watlow F4 in a climatic chamber, one decimal on both inputs."""

from __future__ import annotations

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory


def simulator(serial: str = "1204567") -> SimulatedInstrument:
    """Return a chamber that runs, near its set-points."""
    device = modbus_memory(
        holding={
            "model": Held(0, "u16", 5270, fixed=True),
            "serial": Held(1, "u32", int(serial), fixed=True),
            "temperature": Held(100, "i16", 39.8, scale=0.1, fixed=True),
            "humidity": Held(104, "i16", 74.6, scale=0.1, fixed=True),
            "temperature_setpoint": Held(300, "i16", 40.0, scale=0.1, low=-73.0, high=190.0),
            "humidity_setpoint": Held(319, "i16", 75.0, scale=0.1, low=0.0, high=100.0),
            "temperature_decimals": Held(606, "u16", 1),
            "humidity_decimals": Held(616, "u16", 1),
            "run": Held(2000, "u16", 1, low=0, high=1),
        }
    )
    return SimulatedInstrument(
        ModbusBus(Wire(9600, turnaround=0.015), {1: device.unit}),
        at="modbus+rtu://{location}?baud=9600&unit=1",
        shows=device.shows,
        inputs=device,
        units={
            "temperature": "°C",
            "humidity": "%",
            "temperature_setpoint": "°C",
            "humidity_setpoint": "%",
        },
    )
