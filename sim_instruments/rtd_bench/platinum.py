"""A platinum sensor as it truly is: the Callendar-Van Dusen equation, with its own coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchctl.simulation import Noise, SimulatedUut, with_parameters

A, B, C = 3.9083e-3, -5.775e-7, -4.183e-12
USUAL = {"R0": 100.0, "tolerance_class": 1.0}
TOLERANCES = {0.0: (0.1, 0.0017), 1.0: (0.15, 0.002), 2.0: (0.3, 0.005), 3.0: (0.6, 0.01)}
"""a + b |t| in K, by the number of the class (AA, A, B, C); here only to draw sensors by."""
KINDS = ("good", "good", "good", "offset", "good", "slope", "good", "borderline", "good", "good")
PROBE_TAU = 25.0
"""Seconds by which a sensor in its tube follows the bath."""


def ohms(celsius: float, r0: float = 100.0, a: float = A) -> float:
    """Return the resistance at a temperature; `a` is the sensor's own first coefficient."""
    cold = C * (celsius - 100.0) * celsius**3 if celsius < 0.0 else 0.0
    return r0 * (1.0 + a * celsius + B * celsius * celsius + cold)


def nominal(resistance: float, r0: float) -> float:
    """Return the temperature at which a nominal sensor has a resistance, by bisection."""
    low, high = -200.0, 850.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if ohms(middle, r0) < resistance else (low, middle)
    return 0.5 * (low + high)


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor: its resistance at 0 °C in Ω, its first coefficient."""

    unit: SimulatedUut
    kind: str
    named: float
    """What R0 is said to be."""
    r0: float
    a: float

    def resistance(self, celsius: float) -> float:
        """Return its resistance in Ω."""
        return ohms(celsius, self.r0, self.a)

    def error(self, celsius: float) -> float:
        """Return by how many K it shows too much at a temperature."""
        return nominal(self.resistance(celsius), self.named) - celsius


def sensors(seed: int, units: Sequence[SimulatedUut]) -> tuple[Sensor, ...]:
    """Return the sensors of a batch, drawn from the seed."""
    return tuple(_sensor(seed, with_parameters(unit, **USUAL)) for unit in units)


def _sensor(seed: int, unit: SimulatedUut) -> Sensor:
    luck = Noise(seed, f"sensor {unit.serial}")
    kind = KINDS[(unit.position - 1) % len(KINDS)]
    at_0, rise = TOLERANCES[unit.parameters["tolerance_class"]]
    offset = luck.uniform("offset", -0.4, 0.4) * at_0
    slope = luck.uniform("slope", -0.4, 0.4) * rise
    if kind == "offset":
        offset = luck.uniform("sign", 1.6, 2.2) * at_0
    elif kind == "slope":
        offset, slope = 0.2 * at_0, -(1.5 * at_0 + 100.0 * rise) / 100.0
    elif kind == "borderline":
        offset, slope = luck.uniform("near", 0.97, 1.03) * at_0, 0.0
    named = unit.parameters["R0"]
    r0 = ohms(offset, named)
    # at 100 °C it is to show 100 °C + offset + 100 slope
    wanted = ohms(100.0 + offset + 100.0 * slope, named)
    return Sensor(unit, kind, named, r0, (wanted / r0 - 1.0 - B * 1e4) / 100.0)
