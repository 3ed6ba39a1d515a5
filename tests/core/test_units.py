"""Units: spellings, dimensions, exact conversion, suggestions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.core.catalog.en.units import TEXTS as EN
from benchctl.core.catalog.zh.units import TEXTS as ZH
from benchctl.core.suggest import closest
from benchctl.core.unit_table import COMMON, DIMENSION_NAMES, SYMBOLS
from benchctl.core.units import (
    UnitError,
    converter,
    difference_factor,
    dimension_name,
    same_dimension,
    unit,
)


@pytest.mark.parametrize(
    ("written", "symbol"),
    [
        ("m3/h", "m³/h"),
        ("m^3/h", "m³/h"),
        ("m³ / h", "m³/h"),
        ("㎥/h", "m³/h"),
        ("立方米/小时", "m³/h"),
        ("l/min", "L/min"),
        ("degC", "°C"),
        ("℃", "°C"),
        ("％", "%"),
        ("%RH", "%"),
        ("ohm", "Ω"),
        ("k\u2126", "kΩ"),
        ("uS/cm", "µS/cm"),
        ("\u03bcS/cm", "µS/cm"),
        ("pulses/L", "imp/L"),
        ("rpm", "r/min"),
        ("m s-1", "m·s⁻¹"),
        ("kW h", "kW·h"),
        ("", "1"),
    ],
)
def test_a_field_spelling_is_shown_in_the_usual_one(written, symbol):
    assert unit(written).symbol == symbol


@pytest.mark.parametrize(
    ("a", "b", "factor"),
    [
        ("L/h", "m³/h", 0.001),
        ("m³/h", "L/s", 1 / 3.6),
        ("kWh", "MJ", 3.6),
        ("bar", "kPa", 100.0),
        ("mmHg", "Pa", 133.322387415),
        ("psi", "Pa", 6894.757293168361),
        ("‰", "%", 0.1),
        ("ppm", "%", 1e-4),
        ("imp/kWh", "imp/MJ", 1 / 3.6),
        ("µS/cm", "mS/m", 0.1),
        ("g/mL", "kg/m³", 1000.0),
        ("r/min", "Hz", 1 / 60),
        ("cSt", "mm²/s", 1.0),
        ("W/(m·K)", "W/m/K", 1.0),
        ("d", "min", 1440.0),
    ],
)
def test_factors_between_units_of_the_field(a, b, factor):
    assert converter(unit(a), unit(b)) == (pytest.approx(factor, rel=1e-15), 0.0)


def test_litres_per_hour_become_cubic_metres_per_hour_without_a_rounding_error():
    factor, _ = converter(unit("L/h"), unit("m³/h"))
    assert factor == 0.001


@pytest.mark.parametrize(
    ("a", "b", "value", "expected"),
    [("°C", "K", 20, 293.15), ("°F", "°C", 212, 100), ("K", "°F", 273.15, 32), ("°C", "°C", 5, 5)],
)
def test_a_temperature_reading_converts_with_its_zero(a, b, value, expected):
    factor, offset = converter(unit(a), unit(b))
    assert value * factor + offset == pytest.approx(expected, abs=1e-12)


def test_a_temperature_difference_converts_without_the_zero():
    assert difference_factor(unit("°C"), unit("K")) == 1
    assert difference_factor(unit("°F"), unit("K")) == pytest.approx(5 / 9)
    assert unit("Ω/°C").zero == 0
    assert converter(unit("%/°C"), unit("%/K")) == (1, 0)


def test_dimensions_tell_flow_from_volume_and_pulses_from_plain_energy():
    assert same_dimension(unit("m³/h"), unit("L/s"))
    assert not same_dimension(unit("m³/h"), unit("L"))
    assert not same_dimension(unit("kWh/imp"), unit("kWh"))
    assert not same_dimension(unit("imp/s"), unit("Hz"))
    assert same_dimension(unit("W"), unit("V·A"))
    assert same_dimension(unit("Ω"), unit("V/A"))
    assert same_dimension(unit("F"), unit("C/V"))
    assert same_dimension(unit("H"), unit("V·s/A"))
    assert same_dimension(unit("S"), unit("1/Ω"))
    assert same_dimension(unit("N·m"), unit("J"))
    assert same_dimension(unit("T·m²"), unit("Wb"))


def test_conversion_between_dimensions_is_refused_with_both_named():
    with pytest.raises(UnitError) as caught:
        converter(unit("V"), unit("m³/h"))
    assert caught.value.exit_code == 2
    assert "voltage" in caught.value.words()
    assert "体积流量" in caught.value.words("zh")
    assert "m³/h" in caught.value.words("zh")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("m3/hour", "m³/h"), ("KWH", "kWh"), ("kpa", "kPa"), ("L/mn", "L/min"), ("Kg", "kg")],
)
def test_a_misspelt_unit_is_refused_with_the_one_that_was_meant(written, meant):
    with pytest.raises(UnitError) as caught:
        unit(written)
    assert f"`{meant}`" in str(caught.value)


def test_a_suggestion_is_of_the_dimension_that_is_wanted():
    with pytest.raises(UnitError, match="`mL`"):
        unit("mll", like=unit("L"))
    with pytest.raises(UnitError, match="`Ω`"):
        unit("xyz", like=unit("Ω"))


@pytest.mark.parametrize(
    "wrong",
    ["/h", "m//h", "(m", "m)", "m·", "m0", "m99", "m^", "5 V", "°C2", "kmin", "Q3", "e", "\0"],
)
def test_what_is_no_unit_is_refused(wrong):
    with pytest.raises(UnitError):
        unit(wrong)


def test_a_factor_after_a_division_must_say_which_side_it_is_on():
    with pytest.raises(UnitError, match="two ways"):
        unit("J/kg·K")
    assert unit("J/(kg·K)").dimension == unit("J/kg/K").dimension


def test_a_very_long_text_is_no_unit_and_is_not_repeated_at_length():
    with pytest.raises(UnitError) as caught:
        unit("m·" * 100_000)
    assert len(str(caught.value)) < 200


def test_every_suggested_unit_is_a_unit_in_its_own_spelling():
    assert [unit(symbol).symbol for symbol in COMMON] == list(COMMON)


def test_every_dimension_has_a_name_in_both_languages():
    assert EN.keys() == ZH.keys()
    assert set(DIMENSION_NAMES.values()) <= EN.keys()
    assert str(dimension_name(unit("m³/h").dimension)) == "volume flow rate"
    assert str(dimension_name(unit("kg/m²").dimension)) == "(m⁻²·kg)"


SYMBOL = st.sampled_from([row.symbol for row in SYMBOLS if row.symbol not in ("1", "°C", "°F")])
PREFIX = st.sampled_from(["", "m", "k", "µ", "M"])
PREFIXABLE = st.sampled_from([row.symbol for row in SYMBOLS if row.prefixed])


@given(SYMBOL, SYMBOL, st.sampled_from("·/"))
def test_a_compound_unit_has_the_product_or_quotient_of_factors(a, b, op):
    whole, left, right = unit(f"{a}{op}{b}"), unit(a), unit(b)
    assert whole.scale == (left.scale * right.scale if op == "·" else left.scale / right.scale)
    assert unit(whole.symbol) == whole


@given(PREFIX, PREFIXABLE)
def test_a_prefix_scales_and_keeps_the_dimension(prefix, symbol):
    size = {"": 1, "m": 1e-3, "k": 1e3, "µ": 1e-6, "M": 1e6}[prefix]
    prefixed = prefix + symbol
    if prefixed in {row.symbol for row in SYMBOLS}:  # m·in is no milli-inch: "min", "mol" ...
        return
    assert same_dimension(unit(prefixed), unit(symbol))
    assert unit(prefixed).factor == pytest.approx(size * unit(symbol).factor)


@given(st.text(max_size=60))
def test_any_text_is_a_unit_or_a_unit_error(text):
    try:
        found = unit(text)
    except UnitError as refusal:
        found = refusal
    if isinstance(found, UnitError):
        assert found.words("zh")
    else:
        assert unit(found.symbol).dimension == found.dimension


def test_the_closest_word_ignores_case_and_the_kind_of_dash():
    assert closest("Water_Metr", ["gas-meter", "water-meter"]) == "water-meter"
    assert closest("xyz", ["water-meter"]) is None
    assert closest("a" * 1000, ["a" * 999]) is None
