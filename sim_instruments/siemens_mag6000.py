"""A simulated Siemens MAG 6000 (product code 24; a MASS 6000 has 25)."""

from __future__ import annotations

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory


def simulator(model: str = "24") -> SimulatedInstrument:
    """Return a meter with 2.5 m³/h of water flowing through it."""
    device = modbus_memory(
        holding={
            "maker": Held(600, "u16", 0x2A, fixed=True),
            "running": Held(601, "u16", 0xFF, fixed=True),
            "product": Held(602, "u16", int(model), fixed=True),
            "volume_flow": Held(3002, "f32", 2.5 / 3600.0, fixed=True),
            "volume_total": Held(3014, "f64", 70123.456789, fixed=True),
            "volume_total_2": Held(3018, "f64", 0.5, fixed=True),
        }
    )
    return SimulatedInstrument(
        ModbusBus(Wire(9600, bits=11, turnaround=0.01), {1: device.unit}),
        at="modbus+rtu://{location}?baud=9600&parity=E&unit=1",
        shows=device.shows,
        inputs=device,
        units={"volume_flow": "m³/s", "volume_total": "m³", "volume_total_2": "m³"},
    )
