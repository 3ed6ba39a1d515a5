"""The water line as formulas: lines, pump, density; nothing here knows of seeds or of time.

Flow in the regulating lines is `capacity * shape(speed)`, the pump's head at no flow `HEAD *
speed**2` (affinity laws); the CSV files beside this module are the same curves as the bench's
makers measured them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

HEAD = 2.8
"""Pump pressure in MPa at full speed and no flow."""
REST = 0.02
"""Pressure in MPa that stands in the line when nothing runs."""


@dataclass(frozen=True, slots=True)
class Line:
    """A regulating line: largest flow in m³/h, time constant in s."""

    capacity: float
    tau: float


LINES = (Line(0.12, 4.0), Line(1.2, 2.5), Line(7.0, 1.5))


def shape(speed: float) -> float:
    """Return the share of a line's capacity that flows at a share of the pump's full speed."""
    return speed * (1.12 - 0.12 * speed)


def speed_for(share: float) -> float:
    """Return the share of full speed at which this share of a line's capacity flows."""
    return (1.12 - math.sqrt(1.12**2 - 0.48 * share)) / 0.24


def head(speed: float) -> float:
    """Return the pump's pressure in MPa at no flow."""
    return HEAD * speed * speed


def density(celsius: float, gauge: float = 0.0) -> float:
    """Return the density of air-free water in kg/m³, 0 to 100 °C, `gauge` MPa above 101.325 kPa.

    Kell, J. Chem. Eng. Data 20 (1975) 97: density at 101.325 kPa and isothermal compressibility.
    """
    t = celsius
    top = 999.83952 + t * (
        16.945176
        + t * (-7.9870401e-3 + t * (-46.170461e-6 + t * (105.56302e-9 - t * 280.54253e-12)))
    )
    free = top / (1.0 + 16.879850e-3 * t)
    return free * (1.0 + 10.0 * compressibility(t) * gauge) if gauge else free


def compressibility(celsius: float) -> float:
    """Return the isothermal compressibility of water in 1/bar (Kell, 1975)."""
    t = celsius
    top = 50.88496 + t * (
        0.6163813 + t * (1.459187e-3 + t * (20.08438e-6 + t * (-58.47727e-9 + t * 410.4110e-12)))
    )
    return 1e-6 * top / (1.0 + 19.67348e-3 * t)
