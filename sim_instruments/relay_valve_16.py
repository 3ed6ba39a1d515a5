"""A simulated module of 16 relays, coils 0 to 15."""

from __future__ import annotations

from benchctl.simulation import Held, ModbusBus, SimulatedInstrument, Wire, modbus_memory


def simulator() -> SimulatedInstrument:
    """Return a module whose third relay is on."""
    device = modbus_memory(
        coils={f"k{n + 1}": Held(n, "bit", n == 2) for n in range(16)},
    )

    def all_off() -> None:
        for name in device.shows():
            device[name] = False

    return SimulatedInstrument(
        ModbusBus(Wire(9600, turnaround=0.005), {1: device.unit}),
        at="modbus+rtu://{location}?baud=9600&unit=1",
        shows=device.shows,
        inputs=device,
        rest=all_off,
    )
