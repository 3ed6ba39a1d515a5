"""Platinum resistance thermometers by IEC 60751: resistance and temperature of the nominal curve.

    R = R0 (1 + A t + B t²)                     from 0 °C
    R = R0 (1 + A t + B t² + C (t - 100) t³)    below

    iec60751_resistance(100.0, 100.0)            # 138.5055 Ω
    iec60751_temperature(138.5055, 100.0)        # 100.0 °C

They take floats, complex numbers where the curve is analytic, and arrays.
"""

from __future__ import annotations

from typing import Any

A, B, C = 3.9083e-3, -5.775e-7, -4.183e-12
"""Coefficients in 1/°C, 1/°C² and 1/°C⁴ (IEC 60751:2008, 4.2)."""
LOWEST, HIGHEST = -200.0, 850.0
"""Temperatures in °C between which the curve is defined."""
_STEPS = 5
"""Newton steps below 0 °C: the start is 2.5 K off at most, the third step leaves 1e-12 K."""
_SLACK = 1e-3
"""°C by which a temperature may lie beyond the ends, for resistances have digits."""


def iec60751_resistance(t: Any, r0: Any) -> Any:
    """Return the resistance, in the unit of `r0`, at `t` °C of a sensor with `r0` at 0 °C.

    Raises:
        ValueError: the curve is not defined there.
    """
    _require(t)
    return r0 * (1.0 + A * t + B * t * t + _below(t) * C * (t - 100.0) * t**3)


def iec60751_temperature(r: Any, r0: Any) -> Any:
    """Return the temperature in °C at which a nominal sensor with `r0` at 0 °C has `r`.

    Raises:
        ValueError: the curve is not defined there.
    """
    w = r / r0
    root = A * A - 4.0 * B * (1.0 - w)
    if not _all(_real(root) > 0.0):
        raise ValueError(r)
    t = (root**0.5 - A) / (2.0 * B)
    below = _below(t)
    if _any(below):
        for _ in range(_STEPS):
            off = 1.0 + A * t + B * t * t + below * C * (t - 100.0) * t**3 - w
            slope = A + 2.0 * B * t + below * C * (4.0 * t - 300.0) * t * t
            t = t - off / slope
    _require(t)
    return t


def _require(t: Any) -> None:
    real = _real(t)
    if not (_all(real >= LOWEST - _SLACK) and _all(real <= HIGHEST + _SLACK)):
        raise ValueError(t)


def _below(t: Any) -> Any:
    """Return 1 below 0 °C and 0 from there on."""
    return (_real(t) < 0.0) * 1.0


def _real(x: Any) -> Any:
    return x.real if hasattr(x, "real") else x


def _all(condition: Any) -> bool:
    return bool(condition.all() if hasattr(condition, "all") else condition)


def _any(condition: Any) -> bool:
    return bool(condition.any() if hasattr(condition, "any") else condition)
