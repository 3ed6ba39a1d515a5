"""A simulated Keysight E36312A with a resistor at each output; the third one is on."""

from __future__ import annotations

from collections.abc import Callable

from benchctl.simulation import (
    Call,
    Handler,
    ScpiBus,
    ScpiError,
    SimulatedInstrument,
    Wire,
    scpi_memory,
)

OHMS = {1: 10.0, 2: 100.0, 3: 47.0}
VOLTS = {1: 6.18, 2: 25.75, 3: 25.75}
AMPERES = {1: 5.15, 2: 1.03, 3: 1.03}
IDLE = {1: 0.0012, 2: -0.0021, 3: 0.0003}
"""What the meter shows at an output that is off, in V."""


def channels(call: Call) -> list[int]:
    """Return the outputs that a command is for: "(@1,3)" or "(@1:3)"."""
    text = next((a for a in call.args if a.startswith("(@")), "(@1)").strip("(@)")
    found: list[int] = []
    for piece in text.split(","):
        first, _, last = piece.partition(":")
        found += range(int(first), int(last or first) + 1)
    if not set(found) <= {1, 2, 3}:
        raise ScpiError(-222)
    return sorted(found)


def simulator(serial: str = "MY59001234") -> SimulatedInstrument:
    """Return a supply with 5 V, 12 V and 3.3 V set."""
    volts, limits = {1: 5.0, 2: 12.0, 3: 3.3}, {1: 1.0, 2: 0.5, 3: 0.2}
    on = {1: 0.0, 2: 0.0, 3: 1.0}

    def ampere(n: int) -> float:
        return min(volts[n] / OHMS[n], limits[n]) if on[n] else IDLE[n] / OHMS[n]

    def volt(n: int) -> float:
        return ampere(n) * OHMS[n]

    def keep(held: dict[int, float], most: dict[int, float]) -> Handler:
        def take(call: Call) -> None:
            words = {"ON": 1.0, "OFF": 0.0}
            value = words.get(call.args[0].upper())
            value = call.number() if value is None else value
            for n in channels(call):
                if not 0.0 <= value <= most[n]:
                    raise ScpiError(-222)
                held[n] = value

        return take

    def tell(value: Callable[[int], float], form: str = "+.8E") -> Handler:
        return lambda call: ",".join(format(value(n), form) for n in channels(call))

    device = scpi_memory(
        f"Keysight Technologies,E36312A,{serial},1.0.4-1.0.0-1.02",
        commands={
            "[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]": keep(volts, VOLTS),
            "[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]?": tell(volts.__getitem__),
            "[SOURce:]CURRent[:LEVel][:IMMediate][:AMPLitude]": keep(limits, AMPERES),
            "[SOURce:]CURRent[:LEVel][:IMMediate][:AMPLitude]?": tell(limits.__getitem__),
            "OUTPut[:STATe]": keep(on, {1: 1.0, 2: 1.0, 3: 1.0}),
            "OUTPut[:STATe]?": tell(on.__getitem__, ".0f"),
            "MEASure[:SCALar]:VOLTage[:DC]?": tell(volt),
            "MEASure[:SCALar]:CURRent[:DC]?": tell(ampere),
        },
    )

    def shows() -> dict[str, float | bool]:
        told: dict[str, float | bool] = {}
        for n in (1, 2, 3):
            told |= {f"voltage_{n}": volts[n], f"current_limit_{n}": limits[n]}
            told |= {f"output_{n}": bool(on[n])}
            told |= {f"measured_voltage_{n}": volt(n), f"measured_current_{n}": ampere(n)}
        return told

    units = {"voltage": "V", "current_limit": "A", "measured_voltage": "V", "measured_current": "A"}
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET",
        shows=shows,
        units={f"{name}_{n}": unit for name, unit in units.items() for n in (1, 2, 3)},
    )
