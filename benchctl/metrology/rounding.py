"""Rounding and writing of numbers, in decimal: what a display or a certificate shows.

A float is taken as the decimal that it prints as, at 12 significant digits: 0.1 + 0.2 is 0.3, and
(10.06 - 10) / 10 * 100 is 0.6, not 0.600000000000005. What is lost is far below anything that a
bench can tell apart, and a tie is a tie. Strings and Decimals are taken as they are.

    reported(0.35, "0.1")          # '0.4', half to even on the number of intervals (GB/T 8170)
    rounded_to_u(10.05762, 0.027)  # ('10.058', '0.027')
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal

Number = float | int | str | Decimal

_DIGITS = 12
"""Significant digits to which a float is meant."""

_PLAIN = Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN)

_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)


def decimal(value: Number) -> Decimal:
    """Return the decimal that is meant by a number.

    Raises:
        ValueError: it is NaN, infinite or no number.
    """
    if isinstance(value, str | Decimal):
        try:
            exact = Decimal(value)
        except ArithmeticError as error:
            raise ValueError(f"{value!r} is not a number") from error
    else:
        exact = _PLAIN.create_decimal(repr(float(value)))
    if not exact.is_finite():
        raise ValueError(f"{value} cannot be rounded")
    return exact


def reported(
    value: Number, interval: Number, *, zero_sign: bool = False, half: str = ROUND_HALF_EVEN
) -> str:
    """Return `value` rounded half to even to a multiple of `interval`, as a decimal string.

    The string has as many decimals as the interval. With `zero_sign` a negative value that rounds
    to zero keeps its sign ("-0.0"), as JJG 596 wants it for electricity meters. `half` is another
    rounding mode of `decimal` for a tie.

    Raises:
        ValueError: the interval is not positive, or a number is not finite.
    """
    step = decimal(interval)
    if not isinstance(interval, str | Decimal):
        step = step.normalize()
    if not step > 0:
        raise ValueError(f"the rounding interval must be positive, got {interval}")
    exact = decimal(value)
    count = _WIDE.divide(exact, step).quantize(Decimal(1), half, _WIDE)
    rounded = _WIDE.multiply(count, step)
    text = format(_fixed(abs(rounded), step), "f")
    negative = exact < 0 if zero_sign else rounded < 0
    return f"-{text}" if negative else text


def rounded_to_u(value: Number, uncertainty: Number, digits: int = 2) -> tuple[str, str]:
    """Return value and (expanded) uncertainty as strings: U to `digits`, the value to its place.

    JCGM 100, 7.2.6, half to even. U = 0.0995 becomes 0.10, and the value has two decimals.

    Raises:
        ValueError: the uncertainty is not positive, or a number is not finite.
    """
    u = decimal(uncertainty)
    if not u > 0:
        raise ValueError(f"an uncertainty must be positive, got {uncertainty}")
    u = Context(prec=digits, rounding=ROUND_HALF_EVEN).plus(u)
    place = Decimal(1).scaleb(u.adjusted() - digits + 1)
    return reported(decimal(value), place), format(_fixed(u, place), "f")


def format_value(value: float, unit: str = "", u: float | None = None) -> str:
    """Return a value with its unit for a sentence: "0.41 %", "−2.5 m³/h".

    To the place of the second digit of `u` where that is known and positive, else to six
    significant digits. The minus sign is U+2212.
    """
    if not math.isfinite(value):
        return with_unit(str(value), unit)
    if u is not None and math.isfinite(u) and u > 0:
        return with_unit(rounded_to_u(value, u)[0], unit)
    return with_unit(format(Decimal(f"{value:.6g}"), "f"), unit)


def with_unit(number: str, unit: str) -> str:
    """Return a number string with the unit behind it, its hyphen made a minus sign."""
    number = number.replace("-", "−")
    return number if unit in ("", "1") else f"{number} {unit}"


def _fixed(value: Decimal, step: Decimal) -> Decimal:
    """Return `value` with the decimals of `step` and no exponent above zero."""
    exponent = step.as_tuple().exponent
    places = min(0, exponent) if isinstance(exponent, int) else 0
    return value.quantize(Decimal(1).scaleb(places), ROUND_HALF_EVEN, _WIDE)
