"""A simulated Micro Motion 2700: float32 in holding registers, order ABCD as option code 0 says."""

from __future__ import annotations

from typing import Any

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory


def simulator(serial: str = "14077123") -> SimulatedInstrument:
    """Return a transmitter whose totals count."""

    def changed(name: str, value: Any) -> None:
        if name == "reset" and value:
            device["mass_total"] = device["volume_total"] = 0.0
            device["reset"] = False

    device = modbus_memory(
        holding={
            "serial": Held(47, "u32", int(serial), fixed=True),
            "mass_flow": Held(246, "f32", 2495.5, fixed=True),
            "density": Held(248, "f32", 998.25, fixed=True),
            "temperature": Held(250, "f32", 20.5, fixed=True),
            "volume_flow": Held(252, "f32", 2.5, fixed=True),
            "mass_total": Held(258, "f32", 123.25, fixed=True),
            "volume_total": Held(260, "f32", 123.5, fixed=True),
            "byte_order": Held(520, "u16", 0),
        },
        coils={"totals": Held(1, "bit", True), "reset": Held(2, "bit", False)},
        changed=changed,
    )
    return SimulatedInstrument(
        ModbusBus(Wire(38400, turnaround=0.005), {1: device.unit}),
        at="modbus+rtu://{location}?baud=38400&unit=1",
        shows=device.shows,
        inputs=device,
        units={
            "mass_flow": "kg/h",
            "density": "kg/m³",
            "temperature": "°C",
            "volume_flow": "m³/h",
            "mass_total": "kg",
            "volume_total": "L",
        },
    )
