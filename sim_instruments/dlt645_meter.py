"""A simulated three-phase electricity meter with DL/T 645-2007, two of its values negative."""

from __future__ import annotations

from benchctl.simulation import (
    Dlt645Meter,
    SimulatedInstrument,
    Wire,
    bcd_register,
    demand_register,
    digits_register,
    dlt645_line,
)

NUMBERS = {
    "energy": ("00010000", 4, 2, 31415.92),
    "energy_t1": ("00010100", 4, 2, 1000.01),
    "energy_t2": ("00010200", 4, 2, 2000.02),
    "energy_t3": ("00010300", 4, 2, 3000.03),
    "energy_t4": ("00010400", 4, 2, 25415.86),
    "energy_reverse": ("00020000", 4, 2, 12.34),
    "reactive_energy": ("00030000", 4, 2, -77.25),
    "voltage_l1": ("02010100", 2, 1, 230.1),
    "voltage_l2": ("02010200", 2, 1, 229.8),
    "voltage_l3": ("02010300", 2, 1, 231.4),
    "current_l1": ("02020100", 3, 3, 5.012),
    "current_l2": ("02020200", 3, 3, -4.987),
    "current_l3": ("02020300", 3, 3, 5.105),
    "power": ("02030000", 3, 4, 3.4567),
    "reactive_power": ("02040000", 3, 4, -0.1234),
    "power_factor": ("02060000", 2, 3, 0.987),
    "frequency": ("02800002", 2, 2, 50.01),
    "constant": ("04000409", 3, 0, 6400),
}
"""Channel: identification, bytes, decimals, what it shows."""


UNITS = {
    **dict.fromkeys(
        (
            "energy",
            "energy_reverse",
            "energy_t1",
            "energy_t2",
            "energy_t3",
            "energy_t4",
        ),
        "kWh",
    ),
    **dict.fromkeys(("reactive_energy",), "kvar·h"),
    **dict.fromkeys(
        (
            "voltage_l1",
            "voltage_l2",
            "voltage_l3",
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
            "power",
            "demand",
        ),
        "kW",
    ),
    **dict.fromkeys(("reactive_power",), "kvar"),
    **dict.fromkeys(("power_factor",), "1"),
    **dict.fromkeys(("frequency",), "Hz"),
    **dict.fromkeys(("constant",), "imp/kWh"),
}
"""In which unit the manual gives each of them."""


def simulator(serial: str = "000000000161") -> SimulatedInstrument:
    """Return a meter with this address."""
    registers = {
        di: bcd_register(value, size, decimals, signed=value < 0)
        for di, size, decimals, value in NUMBERS.values()
    }
    registers["01010000"] = demand_register(7.8, 3, 4, "2601011200")
    registers |= {"04000101": digits_register("26013106"), "04000102": digits_register("093015")}
    registers["04000402"] = digits_register(serial)
    # most=20: the tariffs do not fit into one frame
    meter = Dlt645Meter(serial, registers, most=20)
    texts = {"demand_time": "2026-01-01 12:00", "date": "26013106", "time": "093015"}
    numbers = {name: float(value) for name, (_, _, _, value) in NUMBERS.items()}
    return SimulatedInstrument(
        dlt645_line(Wire(2400, bits=11, turnaround=0.03), [meter]),
        at=f"serial://{{location}}?baud=2400&parity=E&address={serial}",
        units=UNITS,
        shows=lambda: {**numbers, "demand": 7.8, **texts},
    )
