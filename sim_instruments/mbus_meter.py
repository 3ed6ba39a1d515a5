"""A simulated heat meter on a wired M-Bus, with two telegrams and a status."""

from __future__ import annotations

from benchctl.simulation import (
    MBusMeter,
    SimulatedInstrument,
    Wire,
    mbus_decimal,
    mbus_integer,
    mbus_line,
    mbus_real,
)

SHOWN = {
    "volume": 123456.0,
    "energy": 81920.5,
    "flow": 1.234,
    "power": 45.6,
    "flow_temperature": 95.25,
    "return_temperature": -3.5,
    "difference": 52.58,
    "due_volume": 120000.0,
    "status": 4,
}


def first(_: float) -> bytes:
    """Return the records of the first telegram."""
    volume = mbus_decimal(0x13, SHOWN["volume"], size=4)  # 10^-3 m³
    energy = mbus_integer(0x05, 10 * SHOWN["energy"])  # 100 Wh
    pulse = mbus_integer(0x9028, 100000)  # m³ per pulse: not a volume
    return pulse + volume + energy + mbus_decimal(0x3B, 1000 * SHOWN["flow"])


def second(_: float) -> bytes:
    """Return the records of the second telegram."""
    power = mbus_integer(0x2D, 10 * SHOWN["power"], size=2)  # 100 W
    warm = mbus_real(0x5B, SHOWN["flow_temperature"])
    cold = mbus_decimal(0x5E, 10 * SHOWN["return_temperature"], size=2)  # 0.1 °C, negative
    difference = mbus_integer(0x61, 100 * SHOWN["difference"])
    due = mbus_integer(0x16, SHOWN["due_volume"] / 1000, storage=1)  # m³
    peak = mbus_integer(0x3B, 9999, function=1)
    return power + warm + cold + difference + due + peak


UNITS = {
    **dict.fromkeys(
        (
            "volume",
            "due_volume",
        ),
        "L",
    ),
    **dict.fromkeys(("energy",), "kWh"),
    **dict.fromkeys(("flow",), "m³/h"),
    **dict.fromkeys(("power",), "kW"),
    **dict.fromkeys(
        (
            "flow_temperature",
            "return_temperature",
        ),
        "°C",
    ),
    **dict.fromkeys(("difference",), "K"),
}
"""In which unit the manual gives each of them."""


def simulator(serial: str = "12345678") -> SimulatedInstrument:
    """Return a meter with this identification, selected by it."""
    meter = MBusMeter(serial, "ACW", (first, second), primary=5, medium=4, status=4)
    return SimulatedInstrument(
        mbus_line(Wire(2400, bits=11, turnaround=0.02), [meter]),
        at=f"serial://{{location}}?baud=2400&parity=E&address={serial}",
        units=UNITS,
        shows=lambda: SHOWN,
    )
