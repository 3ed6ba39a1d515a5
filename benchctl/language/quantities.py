"""Numbers with a unit as people write them: "2.5 m³/h", "0.03 %", "±(3 if x > 1 else 5) %".

parse_quantity("2500 L/h", like=unit("m³/h")).to(unit("m³/h"))      # 2.5
split_unit("0.95 * Q3")                                             # ("0.95 * Q3", "")
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from benchctl.core.errors import BenchctlError
from benchctl.core.messages import Message, msg
from benchctl.core.units import Unit, UnitError, converter, difference_factor, misfit, unit
from benchctl.language.source import short

LONGEST = 100

PLAIN_FORMS = {chr(0xFF01 + i): chr(0x21 + i) for i in range(94)} | {"\u3000": " ", "−": "-"}
"""Full-width forms and the typographic minus, which Chinese keyboards and word processors make."""

_FORMS = str.maketrans(PLAIN_FORMS)
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_COMMA = re.compile(r"([-+]?[0-9]+),([0-9]+)")
_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}([ ,'\u00a0\u2009\u202f][0-9]{3})+(?![0-9])")
_RECIPROCAL = re.compile(r"\s+1/[^\W\d]")
"""A unit that begins with a number: 1/K."""
_GLUED = "%‰℃"
_OPEN_END = re.compile(r"(?:^|[\s(])(?:if|else|and|or|not)$|[^\w).%‰'\"]$")


class QuantityError(BenchctlError):
    """A text is no number with a unit, or has a unit of another dimension than is wanted."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a unit."""

    value: float
    unit: Unit

    def to(self, other: Unit, *, difference: bool = False) -> float:
        """Return the value in another unit; of a `difference`, °C and K are the same.

        Raises:
            UnitError: the dimensions differ.
        """
        if difference:
            return self.value * difference_factor(self.unit, other)
        factor, offset = converter(self.unit, other)
        return self.value * factor + offset

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}" if self.unit.symbol != "1" else f"{self.value:g}"


def parse_quantity(
    given: str | int | float, *, like: Unit | None = None, bare: bool = True
) -> Quantity:
    """Return the quantity that a text or a plain number gives.

    Args:
        given: "2.5 m³/h", "5%", 2.5. Full-width characters are taken for their plain forms.
        like: The unit that a bare number has (else "1"); another unit must be of its dimension.
        bare: Whether a number without a unit is accepted.

    Raises:
        QuantityError: there is no number, no such unit, or it is of another dimension; the hint
            says how to write it.
    """
    text = str(given).translate(_FORMS).strip()
    match = _NUMBER.match(text) if len(text) <= LONGEST and not isinstance(given, bool) else None
    rest = text[match.end() :].strip() if match else ""
    numeric = rest[:1] in tuple("0123456789.,")
    if match and numeric and _RECIPROCAL.match(text, match.end()):
        numeric = False
    if not match or numeric or (rest and text[match.end()] in "'_"):
        hint = number_hint(text) or _example(like)
        raise QuantityError(msg("language.not-a-quantity", text=short(text)), hint=hint)
    value = float(match[0])
    if not math.isfinite(value):
        raise QuantityError(msg("language.number-too-large", text=short(text)))
    if not rest:
        if not bare:
            raise QuantityError(msg("language.unit-missing", text=text), hint=_example(like))
        return Quantity(value, like or unit("1"))
    try:
        found = unit(rest, like=like)
    except UnitError as error:
        raise QuantityError(error.message, hint=error.hint) from error
    if like and found.dimension != like.dimension:
        wrong = misfit(found, like)
        raise QuantityError(wrong.message, hint=wrong.hint)
    return Quantity(value, found)


def split_unit(text: str) -> tuple[str, str]:
    """Return what stands before the unit, and the unit, "" where the text ends without one.

    The unit is what follows the last blank if it is a unit and something complete stands before:
    in "2 * h" the h is a name. Of the text before nothing is cut off at the left.
    """
    text = text.rstrip()
    before, _, last = text.rpartition(" ")
    if text and text[-1].translate(_FORMS) in _GLUED and len(last) > 1:
        before, last = text[:-1], text[-1]
    before = before.rstrip()
    if not before or _OPEN_END.search(before) or last[0] in "0123456789(":
        return text, ""
    try:
        unit(last)
    except UnitError:
        return text, ""
    return before, last


def number_hint(text: str) -> Message | None:
    """Return how to write a number that was written in another custom, None where it is fine."""
    plain = text.translate(_FORMS).strip()
    thousands = _THOUSANDS.match(plain)
    comma = _COMMA.match(plain)
    joined = re.sub("[^-+0-9]", "", thousands[0]) if thousands else ""
    if comma and comma[0] == (thousands and thousands[0]):  # 1,000
        return msg("language.comma-unclear", one=joined, other=f"{comma[1]}.{comma[2]}")
    if thousands:
        return msg("language.no-thousands", number=joined)
    if comma:
        return msg("language.decimal-point", number=f"{comma[1]}.{comma[2]}")
    if plain != text.strip() and _NUMBER.fullmatch(plain):
        return msg("language.plain-digits", number=plain)
    if _NUMBER.match(plain) and split_unit(plain)[1]:
        return msg("language.number-without-unit", number=split_unit(plain)[0])
    return None


def _example(like: Unit | None) -> Message:
    symbol = like.symbol if like else "m³/h"
    return msg("language.quantity-example", example=f"2.5 {symbol}" if symbol != "1" else "2.5")
