"""A simulated module of 16 pulse inputs that count; unsigned, high word first."""

from __future__ import annotations

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory

COUNTS = {f"count_{n}": 70_000 * n + 3 for n in range(1, 17)}
"""More than one register holds, so that a swapped word is seen."""


def simulator() -> SimulatedInstrument:
    """Return a module that has counted for a while."""
    device = modbus_memory(
        inputs={
            name: Held(2 * (n - 1), "u32", COUNTS[name], fixed=True)
            for n, name in enumerate(COUNTS, 1)
        },
    )
    return SimulatedInstrument(
        ModbusBus(Wire(9600, turnaround=0.003), {1: device.unit}),
        at="modbus+rtu://{location}?baud=9600&parity=N&unit=1",
        units=dict.fromkeys(COUNTS, "1"),
        shows=device.shows,
        inputs=device,
    )
