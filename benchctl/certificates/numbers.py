"""Numbers as a certificate prints them: a true minus, no digits beyond what is known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

MOST_DECIMALS = 9


def printed(text: str | None) -> str:
    """Return a decimal text with a typographic minus, "/" where there is none."""
    return "/" if text is None else text.replace("-", "−")


def fixed(value: float, decimals: int) -> str:
    """Return a value with so many decimals, rounded half to even in decimal arithmetic."""
    step = Decimal(1).scaleb(-decimals)
    return f"{Decimal(repr(value)).quantize(step, ROUND_HALF_EVEN):f}"


def short(value: float, digits: int = 6) -> str:
    """Return a value with at most so many significant digits."""
    text = f"{value:.{digits}g}"
    return f"{Decimal(text):f}" if "e" in text else text


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def figure(value: float | None, digits: int = 3) -> str:
    """Return a value with a few digits, as `4.86×10⁻⁵` where it is very small or large."""
    if value is None:
        return "/"
    mantissa, _, power = f"{value:.{digits}g}".partition("e")
    if power:
        mantissa += "×10" + str(int(power)).translate(_RAISED)
    return printed(mantissa)


def quantity(value: float, unit: str) -> str:
    """Return a value with its unit; as `50 mV`, `100 MΩ` where it would have many zeros."""
    prefix = ""
    if value and unit in _PREFIXED and not 0.1 <= abs(value) < 10_000:
        fitting = [p for p, factor in _PREFIXES.items() if abs(value) >= factor * (1 - 1e-9)]
        prefix = fitting[0] if fitting else ""
        value /= _PREFIXES[prefix]
    sign = "" if unit in ("", "1") else f" {prefix}{unit}"
    return printed(short(value)) + sign


_PREFIXED = ("V", "A", "Ω", "Hz", "F", "H", "W")
_PREFIXES = {"G": 1e9, "M": 1e6, "k": 1e3, "": 1.0, "m": 1e-3, "µ": 1e-6, "n": 1e-9}


def decimals_of(text: str | None) -> int:
    """Return how many decimals a decimal text has."""
    return len(text.partition(".")[2]) if text else 0


def limits(pair: Sequence[float | None] | None) -> str:
    """Return limits as `±2.0`, `−1 … 3`, `≤ 3`; "/" where none are stated."""
    if pair is None:
        return "/"
    low, high = pair
    if low is None or high is None:
        one = high if low is None else low
        return "/" if one is None else f"{'≤' if low is None else '≥'} {printed(short(one))}"
    if low == -high:
        return f"±{short(high)}"
    return printed(f"{short(low)} … {short(high)}")


def input_decimals(point: Mapping[str, Any], value: float) -> int:
    """Return the decimals of a reading so that it resolves what is reported of its error."""
    digits = max(decimals_of(point.get("reported_U")), decimals_of(point.get("reported")))
    step = 10.0**-digits
    if point.get("unit") == "%":
        step *= abs(value) / 100
    if step <= 0:
        return digits
    return min(MOST_DECIMALS, max(0, math.ceil(-math.log10(step))))
