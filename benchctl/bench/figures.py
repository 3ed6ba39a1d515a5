"""Figures of certificates as a file writes them: numbers with what they are in, ranges, laws."""

from __future__ import annotations

import math
import re
from typing import Protocol

from benchctl.bench.certificate import Terms
from benchctl.bench.certificate_model import LawPart
from benchctl.bench.laws import VALUE, Law
from benchctl.core.errors import BenchctlError
from benchctl.core.messages import Message, msg
from benchctl.core.units import Unit, UnitError, difference_factor, same_dimension, unit
from benchctl.language import ExpressionError, QuantityError, parse_quantity

Place = tuple[str | int, ...]
Figure = tuple[float, Terms, bool]
"""A number, what it is in, and whether the file says which of the two meanings of % it has."""
Ends = tuple[float, float, Unit]
"""A range: its ends in a unit."""

_MEANING = re.compile(r"(.*?)\s*(pp|of (?:the )?(?:value|reading))")
"""A figure with what it means: percentage points, or a share of the value."""
_RANGE = re.compile(r"(\S+)\s*\.\.\s*(\S.*)")


class Pen(Protocol):
    """What notes mistakes of a file."""

    def wrong(
        self, code: str, message: Message, place: Place, *, hint: Message | None = None
    ) -> None:
        """Report a mistake at a place."""


class Figures:
    """Reads figures; what is wrong is noted, and `noted` says that something was."""

    def __init__(self, pen: Pen) -> None:
        self.pen = pen
        self.noted = False

    def wrong(self, code: str, message: Message, place: Place, hint: Message | None = None) -> None:
        """Note a mistake."""
        self.noted = True
        self.pen.wrong(code, message, place, hint=hint)

    def range(self, text: str, place: Place) -> Ends | None:
        """Return the ends of a range, None where it is none."""
        match = _RANGE.fullmatch(text.strip())
        try:
            if match is None:
                raise QuantityError(msg("bench.no-range", text=text[:40]))
            top = parse_quantity(match[2], bare=False)
            bottom = parse_quantity(match[1], like=top.unit)
            low, high = bottom.to(top.unit), top.value
        except (QuantityError, UnitError) as error:
            self.wrong("E202", error.message, place, error.hint)
            return None
        if not low < high:
            turned = msg("bench.range-turned", low=f"{low:g}", high=f"{high:g} {top.unit}")
            self.wrong("E202", turned, place)
            return None
        return low, high, top.unit

    def figure(
        self, text: str, place: Place, *, positive: bool = False, like: Figure | None = None
    ) -> Figure | None:
        """Return a number with what it is in, in the unit of `like` where that is given."""
        stated = _MEANING.fullmatch(text.strip())
        number, meaning = (stated[1], stated[2]) if stated else (text, "")
        try:
            found = parse_quantity(f"{number} %" if meaning == "pp" else number, bare=False)
        except QuantityError as error:
            self.wrong("E202", error.message, place, error.hint)
            return None
        if positive and not found.value > 0:
            self.wrong("E105", msg("bench.not-positive", text=text), place)
            return None
        terms = terms_of(found.unit, meaning)
        value = found.to(terms.unit, difference=True)
        if like is None:
            return value, terms, bool(meaning)
        fits = like[1].relative == terms.relative and same_dimension(like[1].unit, terms.unit)
        if not fits:
            mixed = msg("bench.mixed-terms", one=_shown(like[1]), other=_shown(terms))
            self.wrong("E204", mixed, place)
            return None
        return value * difference_factor(terms.unit, like[1].unit), like[1], like[2]

    def law(self, part: LawPart, place: Place) -> tuple[Law | None, Terms | None]:
        """Return a law with what it gives in, None for what is wrong of the two."""
        terms = self._unit_of_law(part, (*place, "unit"))
        if (part.equation is None) == (part.polynomial is None):
            self.wrong("E106", msg("bench.law-one"), place)
            return None, terms
        if part.polynomial is not None:
            if not part.polynomial or not all(math.isfinite(c) for c in part.polynomial):
                self.wrong("E105", msg("bench.no-coefficients"), (*place, "polynomial"))
                return None, terms
            return Law.polynomial(part.polynomial), terms
        assert part.equation is not None
        here: Place = (*place, "equation")
        try:
            law = Law.equation(part.equation)
        except ExpressionError as error:
            self.wrong("E203", error.message, here, error.hint)
            return None, terms
        if strange := sorted(law.names - {VALUE}):
            unknown = msg("bench.law-name", name=strange[0], value=VALUE)
            self.wrong("E301", unknown, here)
            return None, terms
        return law, terms

    def _unit_of_law(self, part: LawPart, place: Place) -> Terms | None:
        if part.unit.strip() == "pp":
            return Terms(unit("%"), relative=False)
        try:
            return terms_of(unit(part.unit), "")
        except UnitError as error:
            self.wrong("E201", error.message, place, error.hint)
            return None

    def over(self, law: Law, ends: Ends, place: Place) -> tuple[float, ...]:
        """Return what a law gives over a range; it must have a value everywhere."""
        try:
            return law.over(ends[0], ends[1])
        except (BenchctlError, ArithmeticError) as error:
            why = error.message if isinstance(error, BenchctlError) else str(error)
            self.wrong("E203", msg("bench.law-nowhere", why=why), place)
            return ()


def terms_of(of: Unit, meaning: str) -> Terms:
    """Return what a figure in a unit is in: a share of the value where the unit is one."""
    percent = unit("%")
    if meaning == "pp":
        return Terms(percent, relative=False)
    if same_dimension(of, percent):
        return Terms(percent, relative=True)
    return Terms(of, relative=False)


def _shown(terms: Terms) -> str:
    return "% of value" if terms.relative else terms.unit.symbol
