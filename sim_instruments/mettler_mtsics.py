"""A simulated Mettler-Toledo balance with MT-SICS, a weight at rest on it."""

from __future__ import annotations

from benchctl.simulation import Fed, MtSicsBalance, SimulatedInstrument, TextBus, Wire

LOAD = 1.234
"""What lies on it, in kg; little enough to be zeroed."""


def simulator(serial: str = "B622014785") -> SimulatedInstrument:
    """Return a balance of 150 kg that steps by 1 g."""
    inputs = Fed({"mass": LOAD})

    def load(t: float) -> float:
        inputs.t = t
        felt: float = inputs["mass"]
        return felt

    balance = MtSicsBalance("KCC150", serial, capacity=150.0, step=0.001, load=load)

    def display() -> float:
        said = balance.answer("SI", inputs.t)
        assert isinstance(said, str)
        return float(said.split()[2])

    return SimulatedInstrument(
        TextBus(Wire(9600, turnaround=0.01), balance),
        at="serial://{location}?baud=9600",
        shows=lambda: {"mass": display(), "mass_now": display()},
        units={"mass": "kg", "mass_now": "kg"},
        inputs=inputs,
    )
