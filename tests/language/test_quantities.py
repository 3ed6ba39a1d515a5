"""Numbers with units as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.core.units import unit
from benchctl.language import (
    Diagnostics,
    QuantityError,
    Source,
    parse_document,
    parse_quantity,
    report_error,
    split_unit,
)


def refused(text, **options):
    with pytest.raises(QuantityError) as caught:
        parse_quantity(text, **options)
    assert caught.value.exit_code == 2
    assert caught.value.words("zh") != caught.value.words()
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value", "symbol"),
    [
        ("2.5 m³/h", 2.5, "m³/h"),
        ("2500 L/h", 2500, "L/h"),
        ("5%", 5, "%"),
        ("5 ％", 5, "%"),
        ("２．５　m3/h", 2.5, "m³/h"),
        ("−3 °C", -3, "°C"),
        ("+.5e1 kPa", 5, "kPa"),
        ("10℃", 10, "°C"),
        ("3", 3, "1"),
        (3, 3, "1"),
        (2.5, 2.5, "1"),
        ("12 min", 12, "min"),
    ],
)
def test_a_quantity_is_read_with_its_unit(text, value, symbol):
    quantity = parse_quantity(text)
    assert (quantity.value, quantity.unit.symbol) == (value, symbol)


def test_a_quantity_converts_exactly_where_the_factor_is_exact():
    flow = unit("m³/h")
    assert parse_quantity("2500 L/h", like=flow).to(flow) == 2.5
    assert parse_quantity("20 °C", like=unit("K")).to(unit("K")) == pytest.approx(293.15)
    assert parse_quantity("5 °C", like=unit("K")).to(unit("K"), difference=True) == 5


def test_a_bare_number_has_the_unit_that_is_wanted():
    assert str(parse_quantity("2.5", like=unit("m3/h"))) == "2.5 m³/h"
    assert str(parse_quantity(7)) == "7"
    assert "needs a unit" in refused("2.5", like=unit("L"), bare=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2,5 m³/h", "`2.5`"),
        ("1,000 L", "`1000` or `1.000`"),
        ("1 000 L", "`1000`"),
        ("1,000,000", "`1000000`"),
        ("1'000 L", "`1000`"),
        ("1.2.3", "not a number"),
        ("L", "not a number"),
        ("", "not a number"),
        ("±2 %", "not a number"),
        ("nan", "not a number"),
        ("inf L", "not a number"),
        ("1e999 L", "too large"),
        ("5 m3/hour", "`m³/h`"),
        ("5 V", "voltage"),
        (True, "not a number"),
        (float("nan"), "not a number"),
        ("9" * 1_000_000, "not a number"),
    ],
)
def test_what_is_no_quantity_is_refused_with_how_to_write_it(text, said):
    assert said in refused(text, like=unit("m³/h"))


@pytest.mark.parametrize(
    ("text", "before", "symbol"),
    [
        ("0.95 * Q3", "0.95 * Q3", ""),
        ("±(3 if accuracy_class == 1 else 5) %", "±(3 if accuracy_class == 1 else 5)", "%"),
        ("±2%", "±2", "%"),
        ("0.05 MPa", "0.05", "MPa"),
        ("1.6 * MAP", "1.6 * MAP", ""),
        ("1.6 * MAP MPa", "1.6 * MAP", "MPa"),
        ("2 * h", "2 * h", ""),
        ("2 * h h", "2 * h", "h"),
        ("a if b else h", "a if b else h", ""),
        ("not s", "not s", ""),
        ("max(a, s)", "max(a, s)", ""),
        ("max(a, s) s", "max(a, s)", "s"),
        ("(a ) s)", "(a ) s)", ""),
        ("h", "h", ""),
        ("%", "%", ""),
        ("", "", ""),
        ("2 1", "2 1", ""),
        ("x ％", "x", "％"),
        ("within 2.5 %", "within 2.5", "%"),
        ("60 s ", "60", "s"),
    ],
)
def test_the_unit_is_split_off_where_something_complete_stands_before(text, before, symbol):
    assert split_unit(text) == (before, symbol)


def test_a_wrong_quantity_in_a_file_is_told_at_its_scalar():
    diagnostics = Diagnostics()
    document = parse_document(Source("p.yaml", "drop: 0,05 MPa"), diagnostics)
    with pytest.raises(QuantityError) as caught:
        parse_quantity(document.text(("drop",)))
    report_error(caught.value, document, ("drop",), diagnostics)
    (item,) = diagnostics.items
    assert (item.code, item.span.column, item.span.end_column) == ("E202", 7, 15)


@given(st.floats(-1e12, 1e12), st.sampled_from(["m³/h", "L/min", "%", "°C", "kWh/imp"]))
def test_what_is_written_is_read_back(value, symbol):
    quantity = parse_quantity(f"{value!r} {symbol}")
    assert (quantity.value, quantity.unit) == (value, unit(symbol))


@given(st.text(max_size=30))
def test_any_text_is_a_quantity_or_a_quantity_error(text):
    before, symbol = split_unit(text)
    assert text.startswith(before)
    assert not symbol or unit(symbol)
    try:
        said = str(parse_quantity(text))
    except QuantityError as error:
        said = error.words("zh")
    assert said


@pytest.mark.parametrize(
    ("text", "value", "symbol"), [("7.85 1/L", 7.85, "1/L"), ("1.2e-3 1/K", 0.0012, "1/K")]
)
def test_a_unit_may_be_a_reciprocal(text, value, symbol):
    """As the record of a run has a price for each litre, and a coefficient of expansion."""
    found = parse_quantity(text)
    assert (found.value, found.unit.symbol) == (value, symbol)
    assert parse_quantity(str(found)) == found


@pytest.mark.parametrize("text", ["1 1/2", "3 4", "2 .5 m", "7 1/", "7.851/L"])
def test_two_numbers_are_no_quantity(text):
    with pytest.raises(QuantityError):
        parse_quantity(text)
