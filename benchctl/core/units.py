"""Units of the field: one table, dimensions as exponents, conversion computed once.

    flow = unit("m3/h")
    factor, offset = converter(unit("L/min"), flow)   # value_m3h = value_Lmin * factor + offset

A dimension is a tuple of exponents of (metre, kilogram, second, ampere, kelvin, mole, candela,
impulse). Impulses are kept apart, so that kWh/imp is not kWh. Angles, %, ‰ and revolutions are
plain numbers. Factors are exact fractions: 2500 L/h is exactly 2.5 m³/h.

A *reading* in °C converts with its offset (`converter`), a temperature *difference* with the factor
alone (`difference_factor`); inside a compound unit (Ω/°C) °C is always a difference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from benchctl.core.errors import BenchctlError
from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest
from benchctl.core.unit_table import (
    BASE,
    COMMON,
    DIMENSION_NAMES,
    PREFIXES,
    SPELLINGS,
    SYMBOLS,
    Dimension,
)

NUMBER: Dimension = (0,) * len(BASE)
"""The dimension of a plain number."""

LONGEST = 40
HIGHEST_POWER = 9


class UnitError(BenchctlError):
    """A unit is unknown, or does not fit where it stands."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: value in SI base units = value * factor + offset.

    `symbol` is the usual spelling (m³/h for "m3/h"); `scale` and `zero` are factor and offset as
    exact fractions.
    """

    symbol: str
    dimension: Dimension
    scale: Fraction
    zero: Fraction = field(default=Fraction(0))

    @property
    def factor(self) -> float:
        """Size of the unit in SI base units."""
        return float(self.scale)

    @property
    def offset(self) -> float:
        """SI value at the unit's zero: 273.15 for °C, else 0."""
        return float(self.zero)

    def __str__(self) -> str:
        return self.symbol


def unit(text: str, *, like: Unit | None = None) -> Unit:
    """Return the unit that `text` spells: "m3/h", "L/min", "degC", "kWh/imp", "%"; "" is "1".

    Args:
        text: Symbols with prefixes and powers, joined by `·`, `*`, a blank or `/`.
        like: A unit of the dimension that is wanted; suggestions are then of that dimension.

    Raises:
        UnitError: `text` is no unit; the hint says which one is probably meant.
    """
    try:
        return _parsed(text)
    except UnitError as error:
        raise UnitError(error.message, hint=error.hint or _suggestion(text, like)) from None


def same_dimension(a: Unit, b: Unit) -> bool:
    """Return whether values of the two units can be converted into each other."""
    return a.dimension == b.dimension


def converter(from_: Unit, to: Unit) -> tuple[float, float]:
    """Return (factor, offset) with: value in `to` = value in `from_` * factor + offset.

    Raises:
        UnitError: the dimensions differ.
    """
    _require_same(from_, to)
    return float(from_.scale / to.scale), float((from_.zero - to.zero) / to.scale)


def difference_factor(from_: Unit, to: Unit) -> float:
    """Return the factor for differences (drift, half-width, U): 1 °C of drift is 1 K.

    Raises:
        UnitError: the dimensions differ.
    """
    _require_same(from_, to)
    return float(from_.scale / to.scale)


def dimension_name(dimension: Dimension) -> Message:
    """Return what is measured in that dimension ("volume flow rate"), or its SI unit in words."""
    name = DIMENSION_NAMES.get(dimension)
    if name:
        return msg(f"units.{name}")
    powers = zip(BASE, dimension, strict=True)
    factors = [base if n == 1 else f"{base}{_raised(n)}" for base, n in powers if n]
    return msg("units.other-dimension", unit="·".join(factors))


def misfit(given: Unit, wanted: Unit) -> UnitError:
    """Return the error that says which kind of unit stands where another kind is wanted."""
    return UnitError(
        msg(
            "units.misfit",
            unit=given.symbol,
            kind=dimension_name(given.dimension),
            wanted=dimension_name(wanted.dimension),
        ),
        hint=msg("units.for-example", unit=wanted.symbol),
    )


def _require_same(a: Unit, b: Unit) -> None:
    if a.dimension != b.dimension:
        raise misfit(a, b)


# -- reading a unit's text ---------------------------------------------------------------------

_LETTERS = str.maketrans(
    {
        "μ": "µ",  # Greek mu to the micro sign
        "\u2126": "Ω",  # ohm sign to Greek omega
        "º": "°",
        "℃": "°C",
        "℉": "°F",
        "㎥": "m3",
        "⋅": "·",
        "∙": "·",
        "×": "·",
        "*": "·",
        "∕": "/",
        "⁄": "/",
        "−": "-",
        "⁻": "-",
        "'": "′",
        '"': "″",
        **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)),
        **{chr(0xFF01 + i): chr(0x21 + i) for i in range(94)},  # full-width forms
    }
)
_TOKEN = re.compile(
    r"\s*(?:(?P<op>[·/()])"
    r"|(?P<symbol>(?:mm|cm)H2O|[A-Za-zµΩ°%‰′″一-鿿]+)(?:\^?(?P<power>-?\d{1,2}))?"
    r"|(?P<one>1)(?![\d.]))"
)
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _raised(power: int) -> str:
    return str(power).translate(_RAISED)


@lru_cache(maxsize=512)
def _parsed(text: str) -> Unit:
    plain = " ".join(text.translate(_LETTERS).split())
    if not plain:
        return _BY_SYMBOL["1"]
    if len(plain) > LONGEST:
        raise UnitError(msg("units.too-long", unit=plain[:LONGEST] + "…"))
    whole = SPELLINGS.get(plain)
    return _Reader(text.strip(), whole or plain).read()


class _Reader:
    """Reads one unit from left to right."""

    def __init__(self, shown: str, text: str) -> None:
        self.shown = shown
        self.tokens = list(self._tokens(text))
        self.next = 0

    def read(self) -> Unit:
        found = self._product(closing=False)
        if self.next < len(self.tokens):
            raise self._unknown()
        return found

    def _tokens(self, text: str) -> Iterator[re.Match[str]]:
        place = 0
        while place < len(text):
            match = _TOKEN.match(text, place)
            if not match:
                raise self._unknown()
            place = match.end()
            yield match

    def _take(self, ops: str) -> str:
        """Return the operator that comes next if it is one of `ops`, else ""."""
        op = self.tokens[self.next]["op"] if self.next < len(self.tokens) else None
        if not op or op not in ops:
            return ""
        self.next += 1
        return op

    def _product(self, *, closing: bool) -> Unit:
        found = self._factor()
        divided = False
        while self.next < len(self.tokens) and self.tokens[self.next]["op"] != ")":
            op = self._take("·/") or "·"
            if op == "·" and divided:  # J/kg·K: people disagree whether K divides
                hint = msg("units.use-brackets")
                raise UnitError(msg("units.ambiguous", unit=self.shown), hint=hint)
            divided = divided or op == "/"
            found = _combined(found, op, self._factor())
        if closing and not self._take(")"):
            raise self._unknown()
        return found

    def _factor(self) -> Unit:
        if self._take("("):
            inner = self._product(closing=True)
            return Unit(f"({inner.symbol})", inner.dimension, inner.scale)
        if self.next >= len(self.tokens) or self.tokens[self.next]["op"]:
            raise self._unknown()
        token = self.tokens[self.next]
        self.next += 1
        if token["one"]:
            return _BY_SYMBOL["1"]
        found = _symbol(token["symbol"])
        if found is None:
            raise self._unknown()
        return found if token["power"] is None else self._power(found, int(token["power"]))

    def _power(self, found: Unit, power: int) -> Unit:
        if not 0 < abs(power) <= HIGHEST_POWER or found.zero:
            raise self._unknown()
        dimension = _exponents(found.dimension, NUMBER, lambda a, _: a * power)
        symbol = found.symbol if power == 1 else found.symbol + _raised(power)
        return Unit(symbol, dimension, found.scale**power)

    def _unknown(self) -> UnitError:
        return UnitError(msg("units.unknown", unit=self.shown))


def _combined(a: Unit, op: str, b: Unit) -> Unit:
    if op == "·":
        dimension = _exponents(a.dimension, b.dimension, lambda x, y: x + y)
        return Unit(f"{a.symbol}·{b.symbol}", dimension, a.scale * b.scale)
    dimension = _exponents(a.dimension, b.dimension, lambda x, y: x - y)
    return Unit(f"{a.symbol}/{b.symbol}", dimension, a.scale / b.scale)


def _exponents(a: Dimension, b: Dimension, each: Callable[[int, int], int]) -> Dimension:
    return tuple(each(x, y) for x, y in zip(a, b, strict=True))


@lru_cache(maxsize=512)
def _symbol(text: str) -> Unit | None:
    """Return the unit of one symbol, with or without a prefix."""
    if text in _BY_SYMBOL:
        return _BY_SYMBOL[text]
    if text in SPELLINGS:
        return _Reader(text, SPELLINGS[text]).read()
    for prefix, (shown, scale) in PREFIXES.items():
        rest = text.removeprefix(prefix)
        rest = SPELLINGS.get(rest, rest)
        if rest != text and rest in _PREFIXED and text.startswith(prefix):
            base = _BY_SYMBOL[rest]
            return Unit(shown + base.symbol, base.dimension, scale * base.scale)
    return None


def _suggestion(text: str, like: Unit | None) -> Message | None:
    wanted = [s for s in COMMON if like is None or _parsed(s).dimension == like.dimension]
    spelt = {s.translate(_LETTERS): s for s in wanted}
    found = closest(text.strip().translate(_LETTERS), spelt)
    if found:
        return msg("units.did-you-mean", unit=spelt[found])
    return msg("units.for-example", unit=like.symbol) if like else None


_BY_SYMBOL = {row.symbol: Unit(row.symbol, row.dimension, row.scale, row.zero) for row in SYMBOLS}
_PREFIXED = frozenset(row.symbol for row in SYMBOLS if row.prefixed)
