"""A simulated three-phase source and error calculator, with the generic map of its driver."""

from __future__ import annotations

import math
from typing import Any

from benchctl.simulation import Cell, Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory

POSITIONS = 48


def _error(position: int) -> float:
    """Return the error in % of the meter at a position."""
    return round(0.013 * position - 0.3175, 4)


def simulator(serial: str = "7001", model: str = "4703") -> SimulatedInstrument:
    """Return a source under load, a meter at every position."""

    def power(_t: float) -> float:
        watts = 0.0
        for n in (1, 2, 3):
            phase = math.cos(math.radians(device[f"phase_{n}"]))
            watts += device["on"] * device[f"voltage_{n}"] * device[f"current_{n}"] * phase
        return watts

    def load_current(_t: float) -> float:
        carried = [device[f"current_{n}"] for n in (1, 2, 3) if device[f"current_{n}"] > 0]
        return float(device["on"] * sum(carried) / max(1, len(carried)))

    def changed(name: str, value: Any) -> None:
        if name == "start" and value:
            device["start"] = False
        elif name in ("voltage", "current", "phase"):
            for n in (1, 2, 3):
                goes = n <= device["wiring"]
                if name == "current":
                    goes = goes and device["element"] in (0, n)
                device[f"{name}_{n}"] = value if goes else 0.0

    phases = [(n, 2 * (n - 1)) for n in (1, 2, 3)]
    device = modbus_memory(
        holding={
            **{f"voltage_{n}": Held(at, "f32", 220.0, low=0, high=300) for n, at in phases},
            **{f"current_{n}": Held(6 + at, "f32", 5.0, low=0, high=120) for n, at in phases},
            **{f"phase_{n}": Held(12 + at, "f32", 60.0, low=-180, high=180) for n, at in phases},
            "frequency": Held(18, "f32", 50.0, low=45, high=65),
            "constant": Held(20, "f32", 1200.0, low=1, high=1e6),
            "pulses": Held(22, "u16", 10, low=1, high=9999),
            "voltage": Held(24, "f32", 220.0, low=0, high=300),
            "current": Held(26, "f32", 5.0, low=0, high=120),
            "phase": Held(28, "f32", 60.0, low=-180, high=180),
            "wiring": Held(30, "u16", 3, low=1, high=3),
            "element": Held(31, "u16", 0, low=0, high=3),
            "model": Held(1000, "u16", int(model), fixed=True),
            "serial": Held(1001, "u32", int(serial), fixed=True),
        },
        inputs={
            "power": Cell(0, "f32", power),
            "load_current": Cell(2, "f32", load_current),
            **{f"error_{n}": Held(98 + 2 * n, "f32", _error(n)) for n in range(1, POSITIONS + 1)},
        },
        coils={"on": Held(0, "bit", True), "start": Held(1, "bit", False)},
        changed=changed,
    )

    def switched_off() -> None:
        device["on"] = False

    units = {
        f"{what}_{n}": unit
        for what, unit in (("voltage", "V"), ("current", "A"), ("phase", "°"))
        for n in (1, 2, 3)
    }
    units |= {f"error_{n}": "%" for n in range(1, POSITIONS + 1)}
    units |= {"voltage": "V", "current": "A", "phase": "°", "wiring": "1", "element": "1"}
    units |= {"load_current": "A"}
    units |= {"frequency": "Hz", "constant": "imp/kWh", "pulses": "imp", "power": "W"}
    return SimulatedInstrument(
        ModbusBus(Wire(), {1: device.unit}, medium="tcp", rtu=False),
        at="modbus+tcp://{location}?unit=1",
        shows=device.shows,
        inputs=device,
        rest=switched_off,
        units=units,
    )
