"""How values are rounded for display, as data: a rule of a standard is a row of a table.

    RULES["jjg-596"].round("0.449", class_interval("1"))       # '0.4'
    uncertainty_digits("0.0302"), rounded_up(...)

The arithmetic is that of `rounding`, in decimals; a value is judged unrounded or rounded as its
regulation says (JJG 596 judges the error rounded to a tenth of the class, JJF 1094 does not round).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

from benchctl.metrology.rounding import Number, decimal, reported, rounded_to_u


@dataclass(frozen=True, slots=True)
class RoundingRule:
    """How a value goes to a multiple of an interval.

    `half` says where a tie goes, to the even multiple or away from zero; `zero_sign` whether a
    negative value that becomes zero keeps its sign.
    """

    id: str
    source: str
    half: str = ROUND_HALF_EVEN
    zero_sign: bool = False

    def round(self, value: Number, interval: Number) -> str:
        """Return the value as a decimal string with the decimals of the interval.

        Raises:
            ValueError: the interval is not positive, or a number is not finite.
        """
        return reported(value, interval, zero_sign=self.zero_sign, half=self.half)


@dataclass(frozen=True, slots=True)
class URule:
    """How an uncertainty is written: its significant digits (0: as `uncertainty_digits` says).

    `up`: never smaller than it is.
    """

    id: str
    source: str
    digits: int
    up: bool = False

    def round(self, uncertainty: Number) -> str:
        """Return U as a decimal string.

        Raises:
            ValueError: it is not positive.
        """
        digits = self.digits or uncertainty_digits(uncertainty)
        if self.up:
            return rounded_up(uncertainty, digits)
        return rounded_to_u(uncertainty, uncertainty, digits)[1]


_TABLE = (
    RoundingRule("gb-t-8170", "GB/T 8170-2008, 3.2 and 3.3 (in part recalled)"),
    RoundingRule("iso-80000-a", "ISO 80000-1:2009, annex B, rule A"),
    RoundingRule("iso-80000-b", "ISO 80000-1:2009, annex B, rule B", half=ROUND_HALF_UP),
    RoundingRule("jjg-596", "JJG 596-2012: a tenth of the class", zero_sign=True),
)
RULES: Mapping[str, RoundingRule] = {rule.id: rule for rule in _TABLE}

_U_TABLE = (
    URule("two-digits", "JCGM 100:2008, 7.2.6", 2),
    URule("jjf-1059", "JJF 1059.1-2012, 5.3.8.1", 0),
    URule("jjf-1059-up", "JJF 1059.1-2012, 5.3.8.1 and 5.3.8.2", 0, up=True),
)
U_RULES: Mapping[str, URule] = {rule.id: rule for rule in _U_TABLE}


def aligned(value: Number, uncertainty: str, rule: RoundingRule) -> str:
    """Return a value rounded by `rule` to the last place of an uncertainty that is written.

    JCGM 100, 7.2.6; JJF 1059.1-2012 asks for the same (as excerpted).

    Raises:
        ValueError: a number is not finite.
    """
    exponent = decimal(uncertainty).as_tuple().exponent
    assert isinstance(exponent, int)
    return rule.round(value, Decimal(1).scaleb(min(exponent, 0)))


_CLASS = re.compile(r"([0-9]*\.?[0-9]+)\s*(?:[A-Z]|级)?")


def class_interval(accuracy_class: str) -> Decimal:
    """Return a tenth of an accuracy class, the interval of JJG 596: "0.5S" gives 0.05.

    Raises:
        ValueError: it is no class.
    """
    match = _CLASS.fullmatch(accuracy_class.strip())
    if match is None or not decimal(match[1]) > 0:
        raise ValueError(f"{accuracy_class!r} is no accuracy class")
    return (decimal(match[1]) / 10).normalize()


def uncertainty_digits(uncertainty: Number) -> int:
    """Return how many digits of U are stated: two where the first is 1 or 2, else one.

    JJF 1059.1-2012, 5.3.8.1 with its note: at most two; two where the first is small.

    Raises:
        ValueError: it is not positive.
    """
    u = decimal(uncertainty)
    if not u > 0:
        raise ValueError(f"an uncertainty must be positive, got {uncertainty}")
    first = Context(prec=2, rounding=ROUND_HALF_EVEN).plus(u).as_tuple().digits[0]
    return 2 if first <= 2 else 1


def rounded_up(uncertainty: Number, digits: int = 2) -> str:
    """Return U with `digits` significant digits, never smaller than it is (JJF 1059.1, 5.3.8.2).

    Raises:
        ValueError: it is not positive.
    """
    u = decimal(uncertainty)
    if not u > 0:
        raise ValueError(f"an uncertainty must be positive, got {uncertainty}")
    rounded = Context(prec=digits, rounding=ROUND_CEILING).plus(u)
    place = Decimal(1).scaleb(rounded.adjusted() - digits + 1)
    return format(rounded.quantize(place) if place < 1 else rounded, "f")
