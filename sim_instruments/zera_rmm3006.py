"""A simulated ZERA RMM3006 on a three-phase load."""

from __future__ import annotations

from typing import Any

from benchctl.simulation import Fed, SimulatedInstrument, TextBus, Wire, ZeraMeter

NAMES = {
    "U1": ("voltage_l1", 230.012),
    "U2": ("voltage_l2", 229.874),
    "U3": ("voltage_l3", 231.455),
    "I1": ("current_l1", 5.00123),
    "I2": ("current_l2", 4.98765),
    "I3": ("current_l3", 5.10001),
    "P1": ("power_l1", 1150.34),
    "P2": ("power_l2", 1146.53),
    "P3": ("power_l3", 1180.42),
    "P": ("power", 3477.29),
    "Q": ("reactive_power", -12.5),
    "S": ("apparent_power", 3477.31),
    "F": ("frequency", 50.0012),
}
RANGES = {
    "UB": ["480", "240", "120", "60"],
    "IB": [
        *("200", "100", "50", "20", "10", "5", "2", "1"),
        *("0.5", "0.2", "0.1", "50m", "20m", "10m", "5m"),
    ],
}


UNITS = {
    **dict.fromkeys(
        (
            "voltage_l1",
            "voltage_l2",
            "voltage_l3",
            "voltage_range",
        ),
        "V",
    ),
    **dict.fromkeys(
        (
            "current_l1",
            "current_l2",
            "current_l3",
            "current_range",
        ),
        "A",
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
    **dict.fromkeys(("apparent_power",), "VA"),
    **dict.fromkeys(("frequency",), "Hz"),
}
"""In which unit the manual gives each of them."""


def simulator() -> SimulatedInstrument:
    """Return a meter that is switched on in its highest ranges."""
    inputs = Fed(dict(NAMES.values()))
    meter = ZeraMeter(
        lambda _: {name: f"{inputs[channel]}" for name, (channel, _) in NAMES.items()}, RANGES
    )

    def held(name: str) -> float:
        text = RANGES[name][meter.chosen[name]]
        return float(text[:-1]) / 1000 if text.endswith("m") else float(text)

    def shows() -> dict[str, Any]:
        return {**inputs, "voltage_range": held("UB"), "current_range": held("IB")}

    return SimulatedInstrument(
        TextBus(Wire(9600, turnaround=0.01), meter, end=b"\r"),
        at="serial://{location}?baud=9600",
        units=UNITS,
        shows=shows,
        inputs=inputs,
    )
