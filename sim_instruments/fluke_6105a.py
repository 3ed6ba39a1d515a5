"""A simulated Fluke 6105A with three phases; amplitudes beyond the range are refused."""

from __future__ import annotations

import math

from benchctl.simulation import (
    Call,
    Handler,
    ScpiBus,
    ScpiError,
    SimulatedInstrument,
    Wire,
    scpi_memory,
)

RANGES = {
    "VOLT": (23.0, 45.0, 90.0, 180.0, 360.0, 650.0, 1008.0),
    "CURR": (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 21.0),
}
LONG = {"VOLT": "VOLTage", "CURR": "CURRent"}


def said(value: float) -> str:
    """Return a number as the manual prints them: 2.5E1."""
    figures, exponent = f"{value:.7E}".split("E")
    return f"{figures}E{int(exponent)}"


class Output:
    """Voltage or current of one phase."""

    def __init__(self, what: str, rms: float, degrees: float) -> None:
        self.what = what
        self.highest = RANGES[what][-1]
        self.rms = rms
        self.degrees = degrees
        self.enabled = True

    def set_range(self, call: Call) -> None:
        """Choose the smallest range that reaches the second number."""
        if call.number(0) > call.number(1) or call.number(1) > RANGES[self.what][-1]:
            raise ScpiError(-222)
        self.highest = next(r for r in RANGES[self.what] if r >= call.number(1))

    def set_harmonic(self, call: Call) -> None:
        """Set amplitude and angle of the fundamental."""
        if not 0.0 <= call.number(0) <= self.highest or not -180.0 <= call.number(1) <= 180.0:
            raise ScpiError(-222)
        self.rms, self.degrees = call.number(0), call.number(1)


def simulator(serial: str = "123456789") -> SimulatedInstrument:
    """Return a standard with 230 V and 5 A set and its outputs off."""
    angles = {1: 0.0, 2: -120.0, 3: 120.0}
    outputs = {
        (n, what): Output(what, (230.0 if what == "VOLT" else 5.0) + 0.1 * n, angles[n] + 0.5 * n)
        for n in (1, 2, 3)
        for what in RANGES
    }

    def watts(n: int) -> float:
        u, i = outputs[n, "VOLT"], outputs[n, "CURR"]
        return u.rms * i.rms * math.cos(math.radians(u.degrees - i.degrees + 10.0 * n))

    def of(what: str, act: str) -> Handler:
        def handle(call: Call) -> str | None:
            one = outputs[call.suffixes[0], what]
            match act:
                case "range":
                    one.set_range(call)
                case "range?":
                    return f"{said(0.0)},{said(one.highest)}"
                case "harmonic":
                    one.set_harmonic(call)
                case "harmonic?":
                    return f"{said(one.rms)},{said(one.degrees)}"
                case "state":
                    one.enabled = call.args[0].upper() in ("1", "ON")
                case "state?":
                    return str(int(one.enabled))
            return None

        return handle

    table: dict[str, Handler] = {}
    for short, word in LONG.items():
        for header, act in (
            ("RANGe", "range"),
            ("MHARmonics:HARMonic1", "harmonic"),
            ("STATe", "state"),
        ):
            table[f"SOURce:PHASe#:{word}:{header}"] = of(short, act)
            table[f"SOURce:PHASe#:{word}:{header}?"] = of(short, f"{act}?")
    table["SOURce:PHASe#:POWer:WATT?"] = lambda call: said(watts(call.suffixes[0]))
    device = scpi_memory(
        f"FLUKE,6105A,{serial},2.00",
        {"SOURce:FREQuency": 50.0, "OUTPut[:STATe]": False},
        limits={"SOURce:FREQuency": (16.0, 850.0)},
        commands=table,
    )

    def shows() -> dict[str, float | bool]:
        told: dict[str, float | bool] = {
            "frequency": device["SOUR:FREQ"],
            "output": device["OUTP"],
        }
        for (n, what), one in outputs.items():
            name = {"VOLT": "voltage", "CURR": "current"}[what]
            told |= {f"{name}_{n}": one.rms, f"{name}_angle_{n}": one.degrees}
            told |= {f"{name}_range_{n}": one.highest, f"{name}_on_{n}": one.enabled}
            told[f"power_{n}"] = watts(n)
        return told

    units = {"voltage": "V", "voltage_angle": "°", "voltage_range": "V", "power": "W"}
    units |= {"current": "A", "current_angle": "°", "current_range": "A"}
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET",
        shows=shows,
        units={f"{name}_{n}": unit for name, unit in units.items() for n in (1, 2, 3)}
        | {"frequency": "Hz"},
    )
