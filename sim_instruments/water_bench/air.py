"""The air of the room as formulas, for its buoyancy."""

from __future__ import annotations

import math

WEIGHTS = 8000.0
"""Density in kg/m³ of the weights that balances are adjusted with."""


def air_density(celsius: float, kilopascal: float, humidity: float) -> float:
    """Return the density of moist air in kg/m³; relative humidity in %.

    Dry air and vapour as ideal gases, saturation by Magnus' formula (WMO): within 5e-4.
    """
    kelvin = 273.15 + celsius
    vapour = humidity / 100.0 * 611.2 * math.exp(17.62 * celsius / (243.12 + celsius))
    return (1000.0 * kilopascal - vapour) / (287.058 * kelvin) + vapour / (461.495 * kelvin)


def buoyed(water: float, air: float) -> float:
    """Return reading / mass of water on a balance that weights adjusted; densities in kg/m³."""
    return (1.0 - air / water) / (1.0 - air / WEIGHTS)
