"""How a quantity is written in the messages of this room."""

from __future__ import annotations

import math


def quantity(value: float, unit: str = "", digits: int = 4) -> str:
    """Return a value to `digits` significant digits, never in exponent form, with its unit."""
    if not math.isfinite(value):
        return f"{value} {unit}".rstrip()
    size = math.floor(math.log10(abs(value))) if value else 0
    decimals = min(max(0, digits - 1 - size), 12)
    return f"{value:.{decimals}f} {unit}".rstrip()
