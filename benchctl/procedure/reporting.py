"""Reads how a result is evaluated and written: the method, and how value and U are rounded."""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.core.units import Unit
from benchctl.language import Expression, QuantityError, parse_expression, parse_quantity
from benchctl.metrology.rounding_rules import RULES, U_RULES
from benchctl.procedure.declared import Reporting
from benchctl.procedure.grammar import number_in
from benchctl.procedure.model_measuring import QuantityPart
from benchctl.procedure.names import Names
from benchctl.procedure.reading import Path, Reader


def read_reporting(
    reader: Reader, names: Names, part: QuantityPart, path: Path, unit: Unit | None
) -> Reporting:
    """Return how a measurand is written; mistakes are reported."""
    rounding = part.rounding or "gb-t-8170"
    if rounding not in RULES:
        message = msg("procedure.unknown-rounding", rule=rounding)
        reader.unknown_name(rounding, RULES, message, (*path, "rounding"))
    of_u = part.report_U or "two-digits"
    if of_u not in U_RULES:
        message = msg("procedure.unknown-rounding", rule=of_u)
        reader.unknown_name(of_u, U_RULES, message, (*path, "report_U"))
    step = None
    if part.report_to is not None and unit is not None:
        step = _step(reader, names, part.report_to, (*path, "report_to"), unit)
    return Reporting(step, rounding, of_u)


def _step(reader: Reader, names: Names, text: str, path: Path, unit: Unit) -> Expression | None:
    """Return the step that values are rounded to: a quantity, or an expression of parameters."""
    try:
        parse_quantity(text)
    except QuantityError:
        return reader.expression(text, path, names.at_point(), to=unit)
    try:
        step = number_in(text, unit)
    except QuantityError as error:
        reader.wrong("E202", error.message, path, hint=error.hint)
        return None
    if not step > 0:
        reader.wrong("E105", msg("procedure.not-positive", value=text), path)
        return None
    return parse_expression(repr(step))
