"""A simulated Radian RD-20 at 120 V, 5 A and a power factor of 0.5, with TI floats."""

from __future__ import annotations

from benchctl.simulation import Fed, SimulatedInstrument, Wire, radian_line

VALUES = {
    "voltage": 120.125,
    "current": 5.0,
    "power": 300.3125,
    "apparent_power": 600.625,
    "reactive_power": -520.25,
    "frequency": 60.0625,
    "phase_angle": -60.0,
    "power_factor": 0.5,
}


UNITS = {
    **dict.fromkeys(("voltage",), "V"),
    **dict.fromkeys(("current",), "A"),
    **dict.fromkeys(("power",), "W"),
    **dict.fromkeys(("apparent_power",), "VA"),
    **dict.fromkeys(("reactive_power",), "var"),
    **dict.fromkeys(("frequency",), "Hz"),
    **dict.fromkeys(("phase_angle",), "°"),
    **dict.fromkeys(("power_factor",), "1"),
}
"""In which unit the manual gives each of them."""


def simulator() -> SimulatedInstrument:
    """Return a standard that shows these values."""
    inputs = Fed(VALUES)
    return SimulatedInstrument(
        radian_line(Wire(57600, turnaround=0.02), lambda _: [*inputs.values(), 0.0]),
        at="serial://{location}?baud=57600",
        units=UNITS,
        shows=lambda: dict(inputs),
        inputs=inputs,
    )
