"""A simulated load set for chargers, with the generic map of its driver."""

from __future__ import annotations

from typing import Any

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory


def simulator(serial: str = "6001", model: str = "4702") -> SimulatedInstrument:
    """Return a DC load under current."""

    def changed(name: str, value: Any) -> None:
        if name == "reset" and value:
            device["energy"], device["duration"], device["reset"] = 0.0, 0, False

    device = modbus_memory(
        holding={
            "kind": Held(0, "u16", 0, low=0, high=1),
            "current_setpoint": Held(1, "f32", 125.0, low=0.0, high=250.0),
            "voltage_limit": Held(3, "f32", 750.0, low=50.0, high=1000.0),
            "model": Held(1000, "u16", int(model), fixed=True),
            "serial": Held(1001, "u32", int(serial), fixed=True),
        },
        inputs={
            "voltage": Held(0, "f32", 399.5),
            "current": Held(2, "f32", 124.75),
            "power": Held(4, "f32", 49.837625),
            "energy": Held(6, "f64", 12.345678),
            "duration": Held(10, "u32", 892),
            "alarm": Held(12, "u16", 0x0004),
        },
        coils={"on": Held(0, "bit", True), "reset": Held(1, "bit", False)},
        changed=changed,
    )
    return SimulatedInstrument(
        ModbusBus(Wire(), {1: device.unit}, medium="tcp", rtu=False),
        at="modbus+tcp://{location}?unit=1",
        shows=device.shows,
        inputs=device,
        units={
            "current_setpoint": "A",
            "voltage_limit": "V",
            "voltage": "V",
            "current": "A",
            "power": "kW",
            "energy": "kWh",
            "duration": "s",
        },
    )
