"""A role through a calibration that is known as a formula or a polynomial of the channel's value.

    weir = formula_curve("0.0134 * x ** 2.5", "mm", "m³/h", "20 .. 300")
    weir.to_role(100.0), weir.to_channel(1340.0)

`x` is the channel's value in the unit `from`. Within its range the formula rises or falls
everywhere, so that it can be read both ways. Nothing is extrapolated.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from benchctl.bench.curves import CurveError, beyond
from benchctl.core.errors import BenchctlError
from benchctl.core.messages import msg
from benchctl.core.units import Unit, UnitError, unit
from benchctl.language import ExpressionError, parse_expression

LOOKS = 1000
"""Places of the range at which a formula is tried when it is read."""
HALVINGS = 200
"""Steps of a search for the channel's value; a double has fewer bits."""
NAME = "x"
"""What the channel's value is called."""
_RANGE = re.compile(r"(\S+)\s*\.\.\s*(\S+)")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class FormulaCurve:
    """A formula over a range `low`..`high` of the channel's value.

    `steepest` is its largest slope anywhere, without its sign.
    """

    name: str
    role_unit: Unit
    channel_unit: Unit
    low: float
    high: float
    _value: Callable[[float], float] = field(compare=False, repr=False)
    steepest: float

    def to_role(self, value: float) -> float:
        """Return the role's value for a channel's value, each in the formula's unit.

        Raises:
            RefusedError: the value lies outside the range.
        """
        if not self.low <= value <= self.high:
            raise beyond(self.name, value, self.low, self.high, self.channel_unit)
        return self._value(value)

    def to_channel(self, value: float) -> float:
        """Return the channel's value for a role's value, found by halving.

        Raises:
            RefusedError: the formula gives no such value within its range.
        """
        low, high = self.low, self.high
        at_low, at_high = self._value(low), self._value(high)
        if not min(at_low, at_high) <= value <= max(at_low, at_high):
            bottom, top = sorted((at_low, at_high))
            raise beyond(self.name, value, bottom, top, self.role_unit)
        rises = at_low < at_high
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            if not low < middle < high:
                break
            if (self._value(middle) < value) == rises:
                low = middle
            else:
                high = middle
        return min((low, high), key=lambda x: abs(self._value(x) - value))

    def slope(self, value: float) -> float:
        """Return by how much the role changes per unit of the channel, at a channel's value.

        Raises:
            RefusedError: the value lies outside the range.
        """
        self.to_role(value)
        step = (self.high - self.low) / LOOKS
        before, after = max(self.low, value - step / 2), min(self.high, value + step / 2)
        return (self._value(after) - self._value(before)) / (after - before)

    @property
    def ends(self) -> tuple[float, float]:
        """The channel's values between which it holds."""
        return self.low, self.high


def formula_curve(text: str, from_: str, to: str, within: str) -> FormulaCurve:
    """Return the calibration that a formula of `x` gives.

    Args:
        text: `0.0134 * x ** 2.5`.
        from_: Unit of the channel's value.
        to: Unit of the formula's value.
        within: Range of the channel's value, `20 .. 300`, in the unit `from_`.

    Raises:
        CurveError: something of it cannot be understood, or the formula turns within its range.
    """
    shown = _short(text)
    try:
        formula = parse_expression(text)
    except ExpressionError as error:
        raise _wrong(shown, error) from error
    if formula.names != {NAME}:
        raise CurveError(msg("bench.curve-of-x", curve=shown))

    def value(x: float) -> float:
        return float(formula({NAME: x}))

    return _looked_at(shown, value, from_, to, within)


def polynomial_curve(
    coefficients: Sequence[float], from_: str, to: str, within: str
) -> FormulaCurve:
    """Return the calibration a0 + a1 x + a2 x² + ...; else as `formula_curve`.

    Raises:
        CurveError: something of it cannot be understood, or it turns within its range.
    """
    falling = tuple(reversed(coefficients))

    def value(x: float) -> float:
        found = 0.0
        for coefficient in falling:
            found = found * x + coefficient
        return found

    shown = " + ".join(
        f"{a:g}" + ("" if n == 0 else " x" if n == 1 else f" x^{n}")
        for n, a in enumerate(coefficients)
    )
    return _looked_at(_short(shown), value, from_, to, within)


def _looked_at(
    name: str, value: Callable[[float], float], from_: str, to: str, within: str
) -> FormulaCurve:
    """Return the calibration, once it is known to go one way over all of its range."""
    try:
        units = unit(from_), unit(to)
    except UnitError as error:
        raise _wrong(name, error) from error
    low, high = _range(name, within)
    before: float | None = None
    rises: bool | None = None
    for x in _places(low, high):
        try:
            y = value(x)
        except (BenchctlError, OverflowError, TypeError) as error:  # a root, a pole: no value
            raise CurveError(msg("bench.curve-no-value", curve=name, x=f"{x:g}")) from error
        if not math.isfinite(y):
            raise CurveError(msg("bench.curve-no-value", curve=name, x=f"{x:g}"))
        if before is not None:
            if y == before or rises not in (None, y > before):
                raise CurveError(msg("bench.curve-turns", curve=name, x=f"{x:g} {from_}".strip()))
            rises = y > before
        before = y
    places = _places(low, high)
    pieces = ((value(b) - value(a)) / (b - a) for a, b in pairwise(places))
    return FormulaCurve(name, units[1], units[0], low, high, value, max(map(abs, pieces)))


def _range(name: str, within: str) -> tuple[float, float]:
    found = _RANGE.fullmatch(within.strip())
    try:
        if found is None:
            raise ValueError(within)
        low, high = float(found[1]), float(found[2])
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(within)
    except ValueError as error:
        raise CurveError(msg("bench.curve-range", curve=name, text=_short(within))) from error
    return low, high


def _places(low: float, high: float) -> list[float]:
    return [low + (high - low) * n / LOOKS for n in range(LOOKS)] + [high]


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _wrong(name: str, error: BenchctlError) -> CurveError:
    return CurveError(msg("bench.curve-wrong", curve=name, what=error.message))
