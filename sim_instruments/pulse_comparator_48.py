"""A simulated pulse comparator of 48 positions, with the generic map of its driver."""

from __future__ import annotations

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory

POSITIONS = range(1, 49)


def simulator() -> SimulatedInstrument:
    """Return a comparator that has counted for a while."""
    counts = {f"count_{n}": Held(6 * (n - 1), "u32", 70_000 * n + 3, fixed=True) for n in POSITIONS}
    latches = {
        f"latch_{n}": Held(6 * (n - 1) + 2, "u64", 5_000_000_000 * n + 17, fixed=True)
        for n in POSITIONS
    }
    clocks = {
        f"clock_{n}": Held(1000 + 4 * (n - 1), "f64", 1.0 + 0.02 * n, fixed=True) for n in POSITIONS
    }
    whole = {
        "total": Held(1400, "u64", 777_000_000_123, fixed=True),
        "timebase": Held(1404, "f64", 1.0 - 3e-9, fixed=True),
    }
    device = modbus_memory(inputs={**counts, **latches, **clocks, **whole})
    return SimulatedInstrument(
        ModbusBus(Wire(turnaround=0.002), {1: device.unit}, medium="tcp", rtu=False),
        at="modbus+tcp://{location}?unit=1",
        units={
            **dict.fromkeys([*counts, *latches, "total"], "imp"),
            **dict.fromkeys([*clocks, "timebase"], "s"),
        },
        shows=device.shows,
    )
