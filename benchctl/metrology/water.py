"""Density of water and air, buoyancy, and the volume that a weighed mass of water had.

For the gravimetric method. The formulae take complex numbers and arrays, too, so that sensitivities
can be found by complex step and distributions by Monte Carlo.

    water = water_density(22.1, 0.35)                     # at the meter: °C, MPa above 101 325 Pa
    volume = reference_volume(100.02, water, air_density(1005.0, 60, 24.0))
"""

from __future__ import annotations

import math
from typing import Any, TypeVar

X = TypeVar("X", float, complex)

_TANAKA = (-3.983035, 301.797, 522528.9, 69.34881, 999.974950)
"""a1 .. a5 (°C, °C, °C², °C, kg/m³): Tanaka et al., Metrologia 38 (2001) 301, eq. (1)."""

_COMPRESSIBILITY = (50.74e-5, -0.326e-5, 0.00416e-5)
"""k0, k1, k2 (1/MPa, per °C, per °C²): the same paper, eq. (5); 0.046 % per MPa at 20 °C."""

WEIGHTS_DENSITY = 8000.0
"""Conventional density of weights in kg/m³ (OIML D 28)."""


def water_density(t: X, pressure: X | float = 0.0) -> X:
    """Return the density in kg/m³ of air-free water (SMOW) at `t` °C and a gauge pressure in MPa.

    Tanaka et al. 2001, for 0 °C to 40 °C with U of about 0.001 kg/m³ at `pressure` 0, which is
    101 325 Pa; air-saturated water is lighter by 0.0046 kg/m³ at 0 °C and less above. Water at
    0.6 MPa is denser by 0.028 %, which a flow standard must correct and a class 2 meter need not.

    Raises:
        ValueError: the temperature is outside 0 °C to 40 °C.
    """
    _require_liquid(t)
    a1, a2, a3, a4, a5 = _TANAKA
    k0, k1, k2 = _COMPRESSIBILITY
    free = a5 * (1 - (t + a1) ** 2 * (t + a2) / (a3 * (t + a4)))
    density: X = free * (1 + (k0 + k1 * t + k2 * t**2) * pressure)
    return density


def _require_liquid(t: Any) -> None:
    """Refuse a temperature, or an array of them, at which Tanaka's formula does not hold."""
    celsius = getattr(t, "real", t)
    inside = (celsius >= 0) & (celsius <= 40)
    if not getattr(inside, "all", lambda: inside)():
        raise ValueError(f"Tanaka's formula holds from 0 °C to 40 °C, got {celsius} °C")


def air_density(pressure: X, humidity: X, t: X) -> X:
    """Return the density of moist air in kg/m³; pressure in hPa, relative humidity in %, `t` in °C.

    The approximation of the CIPM formula in OIML R 111-1, E.3: relative u of 2e-4 for 900 hPa to
    1100 hPa, 10 °C to 30 °C, below 80 %.
    """
    wet: X = 0.009 * humidity * math.e ** (0.061 * t)
    return (0.34848 * pressure - wet) / (273.15 + t)


def buoyancy_factor(water: X, air: X, weights: float = WEIGHTS_DENSITY) -> X:
    """Return mass of water / reading of a balance that was adjusted with weights; in kg/m³."""
    return (1 - air / weights) / (1 - air / water)


def reference_volume(reading: X, water: X, air: X, weights: float = WEIGHTS_DENSITY) -> X:
    """Return the volume in L of the water whose weighing gave `reading` in kg.

    `water` and `air` are the densities in kg/m³, that of the water at the meter.
    """
    return 1000 * reading * buoyancy_factor(water, air, weights) / water
