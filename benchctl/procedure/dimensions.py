"""What is known of a value without its number: dimension and possible unit sizes.

A `Dim` stands in an expression in the place of a named number and calculates like one. Multiplying
by a bare number that stands in the text may have been a conversion, so `1000 * Q3` may be m³/h or
L/h, and `100 * a / b` a ratio or %. Two quantities that are added or compared need the same
dimension and a unit size in common; a bare number goes with anything.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from benchctl.core.messages import Message, msg
from benchctl.core.units import Unit

_RATIOS = (1.0, 0.01)
"""Sizes of a computed ratio that may meet a bare number: as it is, and in %."""
_MOST_SIZES = 64
"""Beyond so many possible unit sizes any size is taken to fit."""


class DimError(TypeError):
    """Quantities that do not go together; whoever evaluates the expression knows the place."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True, eq=False)
class Dim:
    """What is known of a value without knowing the value; calculates like a number.

    `kind` is "quantity", "number" (a bare number of the text, `sizes` its possible values; with the
    symbol "1" it has a name and is no conversion), "text", "truth" or "unknown" (its declaration
    has a mistake of its own). Empty `sizes` fit any size.
    """

    kind: str
    dimension: tuple[Fraction, ...] = ()
    sizes: tuple[float, ...] = ()
    symbol: str = ""
    offset: float = 0.0
    texts: tuple[str, ...] = ()

    @property
    def primary(self) -> Dim:
        """The same without the unit sizes that only a conversion would have brought about."""
        return replace(self, sizes=self.sizes[:1])

    def like(self, other: Dim) -> bool:
        """Whether both are certainly in the same unit."""
        return (self.dimension, self.sizes) == (other.dimension, other.sizes)

    @property
    def pure(self) -> bool:
        """Whether it is a plain number or a ratio."""
        return self.kind in {"number", "unknown"} or not any(self.dimension)

    def __add__(self, other: object) -> Dim:
        return either(_number(self), _number(other), "procedure.cannot-add")

    def __radd__(self, other: object) -> Dim:
        return either(_number(other), _number(self), "procedure.cannot-add")

    def __sub__(self, other: object) -> Dim:
        a, b = _number(self), _number(other)
        both = either(a, b, "procedure.cannot-add")
        # the difference of two readings in °C has no zero
        return replace(both, offset=0.0) if a.offset and b.offset else both

    def __rsub__(self, other: object) -> Dim:
        return _number(other) - self

    def __mul__(self, other: object) -> Dim:
        return _product(_number(self), _number(other), 1)

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Dim:
        return _product(_number(self), _number(other), -1)

    def __rtruediv__(self, other: object) -> Dim:
        return _product(_number(other), _number(self), -1)

    def __pow__(self, other: object) -> Dim:
        base, exponent = _number(self), _number(other)
        if not exponent.pure:
            raise DimError(msg("procedure.exponent", unit=exponent.symbol))
        if base.pure:
            return replace(base, sizes=())
        if exponent.kind != "number" or exponent.symbol or len(exponent.sizes) != 1:
            raise DimError(msg("procedure.exponent-number", unit=base.symbol))
        return _raised(base, exponent.sizes[0])

    def __rpow__(self, other: object) -> Dim:
        return _number(other) ** self

    def __neg__(self) -> Dim:
        dim = _number(self)
        return replace(dim, sizes=tuple(-s for s in dim.sizes)) if dim.kind == "number" else dim

    def __pos__(self) -> Dim:
        return _number(self)

    def __abs__(self) -> Dim:
        return _number(self)

    def __round__(self, places: int = 0) -> Dim:
        return _number(self)

    def floor(self) -> Dim:
        """A rounded value keeps its unit."""
        return _number(self)

    ceil = floor

    def __lt__(self, other: object) -> Dim:
        either(dim_of(self), dim_of(other), "procedure.cannot-compare")
        return TRUTH

    __le__ = __gt__ = __ge__ = __lt__

    def __eq__(self, other: object) -> Any:
        return self < other

    def __ne__(self, other: object) -> Any:
        return self < other

    __hash__ = None  # type: ignore[assignment]  # it compares like a number of an expression

    def max(self, *others: object) -> Dim:
        """The greatest of several has the unit that all have."""
        greatest = _number(self)
        for other in others:
            greatest = either(greatest, _number(other), "procedure.cannot-compare")
        return greatest

    min = max

    def sqrt(self) -> Dim:
        """The square root halves the exponents."""
        dim = _number(self)
        return _raised(dim, 0.5) if dim.kind == "quantity" else NUMBER

    def exp(self) -> Dim:
        """A function that only plain numbers have."""
        if not _number(self).pure:
            raise DimError(msg("procedure.wants-number", unit=self.symbol))
        return NUMBER

    log = log10 = sin = cos = tan = asin = acos = atan = exp

    def sign(self) -> Dim:
        """The sign of a quantity is a plain number."""
        _number(self)
        return NUMBER


UNKNOWN = Dim("unknown")
NUMBER = Dim("number")
PLAIN = Dim("number", sizes=(1.0,), symbol="1")
"""A parameter without a unit: a class, a ratio of flows. It stands wherever a number may."""
TRUTH = Dim("truth")


def quantity_of(unit: Unit) -> Dim:
    """Return what is known of a value in `unit`."""
    dimension = tuple(Fraction(e) for e in unit.dimension)
    return Dim("quantity", dimension, (unit.factor,), unit.symbol or "1", unit.offset)


def text_of(choices: Sequence[str]) -> Dim:
    """Return what is known of a parameter that is one of these texts."""
    return Dim("text", texts=tuple(choices))


def dim_of(value: object) -> Dim:
    """Return what is known of a plain value of an expression."""
    if isinstance(value, Dim):
        return value
    if isinstance(value, bool):
        return TRUTH
    if isinstance(value, int | float):
        return Dim("number", sizes=(float(value),))
    return text_of((str(value),))


def _number(value: object) -> Dim:
    dim = dim_of(value)
    if dim.kind in {"text", "truth"}:
        raise DimError(msg("procedure.no-number"))
    return dim


def either(a: Dim, b: Dim, what: str) -> Dim:
    """Return what is known of a value that may be either of the two.

    Raises:
        DimError: nothing may be either; `what` is the message for two units.
    """
    kinds = {a.kind, b.kind}
    if "unknown" in kinds:
        return a if b.kind == "unknown" else b
    if kinds == {"number"}:
        return Dim("number", sizes=_bounded((*a.sizes, *b.sizes)), symbol=a.symbol or b.symbol)
    if kinds == {"number", "quantity"}:
        return _with_number(a if a.kind == "quantity" else b)
    if len(kinds) > 1:
        raise DimError(msg("procedure.different-kinds"))
    if a.kind == "text" and a.texts and b.texts and not set(a.texts) & set(b.texts):
        raise DimError(msg("procedure.never-equal", a=", ".join(a.texts), b=", ".join(b.texts)))
    return _same_quantity(a, b, what) if a.kind == "quantity" else a


def _with_number(dim: Dim) -> Dim:
    """Return a quantity that meets a bare number; a ratio of two units needs its conversion."""
    ratio = dim.symbol == "1" and dim.pure and dim.sizes
    if ratio and common_sizes(dim.sizes, _RATIOS) is None:
        raise DimError(msg("procedure.ratio-scale", factor=f"{dim.sizes[0]:g}"))
    return dim


def _same_quantity(a: Dim, b: Dim, what: str) -> Dim:
    sizes = common_sizes(a.sizes, b.sizes)
    zeros_differ = what == "procedure.cannot-compare" and bool(a.offset) != bool(b.offset)
    if a.dimension != b.dimension or (sizes is not None and zeros_differ):
        raise DimError(msg(what, a=a.symbol, b=b.symbol))
    if sizes is None:
        factor = f"{a.sizes[0] / b.sizes[0]:g}"
        raise DimError(msg("procedure.other-unit", a=a.symbol, b=b.symbol, factor=factor))
    return replace(a, sizes=sizes, offset=a.offset or b.offset)


def common_sizes(a: Sequence[float], b: Sequence[float]) -> tuple[float, ...] | None:
    """Return the unit sizes that both may have; None where there are none."""
    if not a or not b:
        return tuple(a or b)
    both = tuple(x for x in a if any(math.isclose(x, y, rel_tol=1e-9) for y in b))
    return both or None


def _product(a: Dim, b: Dim, sign: int) -> Dim:
    """Return what is known of a · b (`sign` 1) or a / b (`sign` -1)."""
    if "unknown" in {a.kind, b.kind}:
        return UNKNOWN
    if a.kind == b.kind == "number":
        values = _each(a.sizes, b.sizes, sign)
        return Dim("number", sizes=_bounded(values), symbol=a.symbol or b.symbol)
    if b.kind == "number":  # the value grows by the number, or the unit shrinks by it
        converted = _each(a.sizes, b.sizes, -sign)
        sizes = (*a.sizes, *converted) if b.sizes and a.sizes else ()
        return replace(a, sizes=_bounded(sizes))
    if a.kind == "number":
        inverse = b if sign > 0 else _raised(b, -1)
        sizes = (*inverse.sizes, *_each(inverse.sizes, a.sizes, -1)) if a.sizes else ()
        return replace(inverse, sizes=_bounded(sizes))
    dimension = tuple(x + sign * y for x, y in zip(a.dimension, b.dimension, strict=True))
    sizes = _each(a.sizes, b.sizes, sign) if a.sizes and b.sizes else ()
    return Dim("quantity", dimension, _bounded(sizes), _symbol(a, b, sign, dimension))


def _each(a: Sequence[float], b: Sequence[float], sign: int) -> tuple[float, ...]:
    if sign < 0:
        return tuple(x / y for x in a for y in b if y)
    return tuple(x * y for x in a for y in b)


def _bounded(sizes: Sequence[float]) -> tuple[float, ...]:
    """Return the sizes without repetition; none, which fits any, where they are too many."""
    unique = tuple(dict.fromkeys(sizes))
    sound = all(math.isfinite(size) and size for size in unique)
    return unique if sound and len(unique) <= _MOST_SIZES else ()


def _raised(base: Dim, exponent: float) -> Dim:
    power = Fraction(exponent).limit_denominator(12)
    symbol = f"1/{base.symbol}" if power == -1 else f"({base.symbol})^{power}"
    return Dim(
        "quantity",
        tuple(e * power for e in base.dimension),
        _bounded([abs(s) ** float(power) for s in base.sizes if s]),
        symbol if any(base.dimension) else "1",
    )


def _symbol(a: Dim, b: Dim, sign: int, dimension: Sequence[Fraction]) -> str:
    """Return how to call the unit of a product; a pure number is called 1."""
    if not any(dimension):
        return "1"
    if not any(b.dimension):
        return a.symbol
    if not any(a.dimension):
        return b.symbol if sign > 0 else f"1/{b.symbol}"
    return f"{a.symbol}{'·' if sign > 0 else '/'}{b.symbol}"
