"""A simulated water meter on a CJ/T 188 line, in its test mode: litres with two decimals."""

from __future__ import annotations

from benchctl.simulation import Cjt188Bus, Cjt188Meter, SimulatedInstrument, Wire

VOLUME, STATUS, STEP = 123.45, 0x0004, 0.01


def simulator(serial: str = "78330011223344") -> SimulatedInstrument:
    """Return a meter with this address, whose battery is low."""
    meter = Cjt188Meter(serial, lambda _: VOLUME, status=lambda _: STATUS)
    return SimulatedInstrument(
        Cjt188Bus(Wire(2400, bits=11, turnaround=0.02), [meter]),
        at=f"serial://{{location}}?baud=2400&parity=E&address={serial}",
        shows=lambda: {"volume": VOLUME, "status": STATUS, "step": STEP},
        units={"volume": "L", "step": "L"},
    )
