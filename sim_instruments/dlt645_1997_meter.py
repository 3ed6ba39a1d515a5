"""A simulated electricity meter with DL/T 645-1997."""

from __future__ import annotations

from benchctl.simulation import (
    Dlt645Meter,
    SimulatedInstrument,
    Wire,
    bcd_register,
    digits_register,
    dlt645_line,
)

NUMBERS = {
    "energy": ("9010", 4, 2, 1234.56),
    "energy_t1": ("9011", 4, 2, 1000.5),
    "energy_t2": ("9012", 4, 2, 234.06),
    "energy_reverse": ("9020", 4, 2, 3.21),
    "reactive_energy": ("9110", 4, 2, 88.8),
    "voltage_l1": ("B611", 2, 0, 221),
    "voltage_l2": ("B612", 2, 0, 219),
    "voltage_l3": ("B613", 2, 0, 220),
    "current_l1": ("B621", 2, 2, 5.01),
    "current_l2": ("B622", 2, 2, 4.99),
    "current_l3": ("B623", 2, 2, 5.10),
    "power": ("B630", 3, 4, 3.3125),
    "power_factor": ("B650", 2, 3, 0.999),
    "demand": ("A010", 3, 4, 4.5),
    "constant": ("C030", 3, 0, 1600),
}
"""Channel: identification, bytes, decimals, what it shows."""


UNITS = {
    **dict.fromkeys(
        (
            "energy",
            "energy_reverse",
            "energy_t1",
            "energy_t2",
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
    **dict.fromkeys(("power_factor",), "1"),
    **dict.fromkeys(("constant",), "imp/kWh"),
}
"""In which unit the manual gives each of them."""


def simulator(serial: str = "000000000003") -> SimulatedInstrument:
    """Return a meter with this address."""
    registers = {
        di: bcd_register(value, size, decimals) for di, size, decimals, value in NUMBERS.values()
    }
    registers["C032"] = digits_register(serial)
    tariffs = [registers[di] for di in ("9010", "9011", "9012")]
    registers["901F"] = lambda t: b"".join(register(t) for register in tariffs)
    meter = Dlt645Meter(serial, registers, edition=1997, most=8)
    return SimulatedInstrument(
        dlt645_line(Wire(1200, bits=11, turnaround=0.03), [meter]),
        at=f"serial://{{location}}?baud=1200&parity=E&address={serial}",
        units=UNITS,
        shows=lambda: {name: float(value) for name, (_, _, _, value) in NUMBERS.items()},
    )
