"""A simulated GFUVE GF333B on a three-phase load."""

from __future__ import annotations

from benchctl.simulation import SimulatedInstrument, Wire, gfuve_data, gfuve_line

MEASURED = (
    *(230.125, 229.75, 231.5, 398.25, 399.5, 400.75),
    *(5.0, 4.875, 5.125),
    *(30.5, 31.25, 29.75, 30.25),
    *(0.0, 120.25, 240.5, 30.5, 151.25, 270.25),
    *(991.5, 957.25, 1030.75, 2979.5),
    *(584.0, 581.5, 589.25, 1754.75),
    50.03125,
)
"""The 28 floats in their order, in numbers that a float holds exactly."""
ERROR, ENERGY = -0.25, 12.5


UNITS = {
    **dict.fromkeys(
        (
            "voltage_l1",
            "voltage_l2",
            "voltage_l3",
            "voltage_l12",
        ),
        "V",
    ),
    **dict.fromkeys(
        (
            "current_l1",
            "current_l2",
            "current_l3",
        ),
        "A",
    ),
    **dict.fromkeys(
        (
            "phase_angle_l1",
            "phase_angle_l2",
            "phase_angle_l3",
        ),
        "°",
    ),
    **dict.fromkeys(
        (
            "power_l1",
            "power_l2",
            "power_l3",
            "power",
        ),
        "W",
    ),
    **dict.fromkeys(("reactive_power",), "var"),
    **dict.fromkeys(("frequency",), "Hz"),
    **dict.fromkeys(("energy",), "kWh"),
    **dict.fromkeys(("error",), "%"),
}
"""In which unit the manual gives each of them."""


def simulator() -> SimulatedInstrument:
    """Return a meter that counts the pulses of a meter under test."""
    data = gfuve_data(
        MEASURED, (0x0001, 0x0004, 0x0002), (ENERGY, 6.25, 14.0), 60000, 18000.0, 3, ERROR, 6400.0
    )
    names = {
        **{f"voltage_l{n + 1}": MEASURED[n] for n in range(3)},
        "voltage_l12": MEASURED[3],
        **{f"current_l{n + 1}": MEASURED[6 + n] for n in range(3)},
        **{f"phase_angle_l{n + 1}": MEASURED[9 + n] for n in range(3)},
        **{f"power_l{n + 1}": MEASURED[19 + n] for n in range(3)},
        "power": MEASURED[22],
        "reactive_power": MEASURED[26],
        "frequency": MEASURED[27],
    }
    return SimulatedInstrument(
        gfuve_line(Wire(9600, turnaround=0.05), lambda _: data),
        at="serial://{location}?baud=9600",
        units=UNITS,
        shows=lambda: {**names, "energy": ENERGY, "error": ERROR, "status": 2},
    )
