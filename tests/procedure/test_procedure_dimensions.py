"""Units are checked without numbers: what may be added, compared, and stand where."""

import pytest

from benchctl.core.units import unit
from benchctl.language import ExpressionError, parse_expression
from benchctl.procedure.dimensions import PLAIN, TRUTH, quantity_of, text_of
from benchctl.procedure.unit_check import dimension_of, fits

KNOWN = {
    "Q3": quantity_of(unit("m³/h")),
    "Q2": quantity_of(unit("m³/h")),
    "slow": quantity_of(unit("L/h")),
    "V": quantity_of(unit("L")),
    "V3": quantity_of(unit("m³")),
    "R": PLAIN,
    "share": quantity_of(unit("1")),
    "T": quantity_of(unit("°C")),
    "dT": quantity_of(unit("K")),
    "rate": quantity_of(unit("Hz")),
    "t": quantity_of(unit("s")),
    "kind": text_of(["wet", "dry"]),
    "point.flow": quantity_of(unit("m³/h")),
}


def dim(text):
    return dimension_of(parse_expression(text), KNOWN)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("0.95 * Q3", "m³/h"),
        ("Q3 / R", "m³/h"),
        ("1000 * Q3", "L/h"),
        ("Q3 * 1000", "L/h"),
        ("Q3 / 1000", "m³/h"),
        ("V / t * 3.6", "m³/h"),
        ("100 * (V - V) / V", "%"),
        ("100 * V / (1000 * V3) * R", "%"),
        ("Q3 if kind == 'wet' else 2.5", "m³/h"),
        ("max(Q3, Q2, 1)", "m³/h"),
        ("(400 if R == 1 else 200) * max(V, 0.1)", "L"),
        ("sqrt(V * V)", "L"),
        ("V ** 3 / V ** 2", "L"),
        ("abs(-Q3) + round(Q2)", "m³/h"),
        ("T - 5", "°C"),
        ("T - T", "K"),
        ("exp(V / V) * V", "L"),
        ("42", "m³/h"),
        ("R", "%"),
        ("R - 1", "%"),
        ("100 * share", "%"),
    ],
)
def test_a_value_fits_the_unit_it_is_in_or_was_converted_to(text, where):
    assert fits(dim(text), unit(where))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Q3", "L/h"),
        ("V / t", "m³/h"),
        ("(V - V) / V", "%"),
        ("V / V3", "1"),
        ("Q3 * R", "L"),
        ("Q3 * R", "L/h"),
        ("share", "%"),
        ("2 * Q3 * Q2", "m³/h"),
        ("kind", "1"),
        ("Q3 > Q2", "1"),
    ],
)
def test_a_value_in_another_unit_does_not_fit(text, where):
    assert not fits(dim(text), unit(where))


@pytest.mark.parametrize(
    "text",
    [
        "Q3 < Q2",
        "1.6 * Q3 <= point.flow",
        "T > 30",
        "1000 * Q3 < slow",
        "abs(3.6 * rate * V / Q3 - 1) <= 0.1",
        "kind == 'dry' and R >= 100 or not Q3 > 2",
        "0 < Q3 < 5",
    ],
)
def test_conditions_of_like_things_are_conditions(text):
    assert dim(text).kind == TRUTH.kind


@pytest.mark.parametrize(
    ("text", "problem", "marked"),
    [
        ("Q3 + V", "cannot-add", "Q3 + V"),
        ("1 + (V - T)", "cannot-add", "V - T"),
        ("Q3 < V", "cannot-compare", "Q3 < V"),
        ("0.95 * Q3 < slow", "other-unit", "0.95 * Q3 < slow"),
        ("V + V3", "other-unit", "V + V3"),
        ("max(V, V3)", "other-unit", "max(V, V3)"),
        ("T > dT", "cannot-compare", "T > dT"),
        ("2 * kind", "no-number", "2 * kind"),
        ("Q3 == kind", "different-kinds", "Q3 == kind"),
        ("kind == 'wett'", "never-equal", "kind == 'wett'"),
        ("2 ** Q3", "exponent", "2 ** Q3"),
        ("Q3 ** R", "exponent-number", "Q3 ** R"),
        ("Q3 ** (2 * R)", "exponent-number", "Q3 ** (2 * R)"),
        ("exp(V)", "wants-number", "exp(V)"),
        ("V / V3 - 1", "ratio-scale", "V / V3 - 1"),
        ("rate * V / Q3 < 1.1", "ratio-scale", "rate * V / Q3 < 1.1"),
        ("(Q3 > 2) + 1", "no-number", "(Q3 > 2) + 1"),
    ],
)
def test_what_does_not_go_together_is_marked(text, problem, marked):
    with pytest.raises(ExpressionError) as caught:
        dim(text)
    error = caught.value
    assert error.message.id == f"procedure.{problem}"
    assert text[error.column - 1 : error.end_column - 1].strip("()") == marked.strip("()")


def test_both_sides_of_a_choice_are_looked_at():
    with pytest.raises(ExpressionError) as caught:
        dim("Q3 if R > 1 else V")
    assert caught.value.message.id == "procedure.cannot-choose"


def test_a_name_that_is_not_known_fits_everywhere():
    assert fits(dim("3 * somebody + Q3"), unit("m³/h"))
    assert fits(dim("somebody * V"), unit("K"))
