"""A simulated Eastron SDM630, after its table of input registers."""

from __future__ import annotations

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory

VALUES = {
    "voltage_1": (0x00, 230.12, "V"),
    "voltage_2": (0x02, 229.75, "V"),
    "voltage_3": (0x04, 231.04, "V"),
    "current_1": (0x06, 5.012, "A"),
    "current_2": (0x08, 4.987, "A"),
    "current_3": (0x0A, 5.103, "A"),
    "power_1": (0x0C, 1150.5, "W"),
    "power_2": (0x0E, 1140.25, "W"),
    "power_3": (0x10, 1175.0, "W"),
    "power": (0x34, 3465.75, "W"),
    "reactive_power": (0x3C, 120.5, "var"),
    "power_factor": (0x3E, 0.9994, "1"),
    "frequency": (0x46, 49.98, "Hz"),
    "energy_import": (0x48, 1234.567, "kWh"),
    "energy_export": (0x4A, 12.5, "kWh"),
    "energy_total": (0x156, 1247.067, "kWh"),
}


def simulator(serial: str = "20412345") -> SimulatedInstrument:
    """Return a meter under load; what is not wired reads as zero, as the real one does."""
    known = {address for address, _, _ in VALUES.values()}
    rest = [a for a in range(0, 0x50, 2) if a not in known]
    device = modbus_memory(
        inputs={
            **{name: Held(at, "f32", value) for name, (at, value, _) in VALUES.items()},
            **{f"other_{at:02x}": Held(at, "f32", 0.0) for at in rest},
        },
        holding={"serial": Held(0xFC00, "u32", int(serial), fixed=True)},
    )
    return SimulatedInstrument(
        ModbusBus(Wire(9600, turnaround=0.02), {1: device.unit}),
        at="modbus+rtu://{location}?baud=9600&unit=1",
        shows=device.shows,
        inputs=device,
        units={name: unit for name, (_, _, unit) in VALUES.items()},
    )
