"""Rounding in decimal, against GB/T 8170, ISO 80000-1, JJG 596, JCGM 100 and exact fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.metrology import decimal, format_value, reported, rounded_to_u

# GB/T 8170-2008, 3.2 and 3.3 (examples at daowen.com 12857750 and renrendoc 264382832)
GBT8170 = [
    ("12.1498", "0.1", "12.1"),
    ("12.1498", "1", "12"),
    ("1268", "100", "1300"),
    ("10.5002", "1", "11"),
    ("1.050", "0.1", "1.0"),
    ("0.35", "0.1", "0.4"),
    ("2500", "1000", "2000"),
    ("3500", "1000", "4000"),
    ("-0.0365", "0.001", "-0.036"),
    ("60.28", "0.5", "60.5"),
    ("832", "20", "840"),
]
# ISO 80000-1:2009, Annex B, rule A
ISO80000 = [
    ("12.223", "0.1", "12.2"),
    ("12.251", "0.1", "12.3"),
    ("12.275", "0.1", "12.3"),
    ("1225.1", "10", "1230"),
    ("12.25", "0.1", "12.2"),
    ("12.35", "0.1", "12.4"),
    ("1225.0", "10", "1220"),
    ("1235.0", "10", "1240"),
]
# JJG 596-2012: interval of class 0.5S 0.05, 0.2S 0.02, 1 0.1, 2 0.2
METERS = [
    ("0.025", "0.05", "0.00"),
    ("-0.075", "0.05", "-0.10"),
    ("0.03", "0.02", "0.04"),
    ("-0.05", "0.02", "-0.04"),
    ("0.449", "0.1", "0.4"),
    ("0.3", "0.2", "0.4"),
    ("0.050", "0.1", "0.0"),
    ("0.150", "0.1", "0.2"),
    ("0.250", "0.1", "0.2"),
    ("1.049", "0.1", "1.0"),
    ("1.051", "0.1", "1.1"),
    ("-1.05", "0.1", "-1.0"),
    ("0.1", "0.2", "0.0"),
    ("0.5", "0.2", "0.4"),
    ("2.09", "0.2", "2.0"),
    ("0.075", "0.05", "0.10"),
    ("0.526", "0.05", "0.55"),
    ("0.01", "0.02", "0.00"),
    ("0.211", "0.02", "0.22"),
]


@pytest.mark.parametrize(("value", "interval", "expected"), GBT8170 + ISO80000 + METERS)
def test_the_published_examples_come_out_digit_for_digit(value, interval, expected):
    assert reported(value, interval) == expected


@pytest.mark.parametrize(("value", "interval", "expected"), GBT8170 + ISO80000 + METERS)
def test_floats_round_like_the_decimals_that_they_print_as(value, interval, expected):
    assert Decimal(reported(float(value), float(interval))) == Decimal(expected)


def test_a_negative_value_that_rounds_to_zero_keeps_its_sign_only_on_request():
    assert reported("-0.049", "0.1") == "0.0"
    assert reported("-0.049", "0.1", zero_sign=True) == "-0.0"
    assert reported("0.049", "0.1", zero_sign=True) == "0.0"
    assert reported("0.0", "0.1", zero_sign=True) == "0.0"


def test_the_noise_of_binary_fractions_does_not_break_a_tie():
    assert 0.1 + 0.05 != 0.15
    assert reported(0.1 + 0.05, 0.1) == "0.2"
    assert reported((10.045 - 10) / 10 * 100, 0.1) == "0.4"  # 0.4499999999999922
    assert reported(100.1 - 100.0, 0.1) == "0.1"


@given(
    st.integers(-(10**9), 10**9),
    st.integers(0, 6),
    st.sampled_from([1, 2, 5, 10, 20, 50]),
    st.integers(0, 6),
)
def test_rounding_is_that_of_exact_fractions(digits, places, step, step_places):
    value = Decimal(digits).scaleb(-places)
    interval = Decimal(step).scaleb(-step_places)
    # Fraction's round is half to even and exact
    exact = round(Fraction(value) / Fraction(interval)) * Fraction(interval)
    text = reported(value, interval)
    assert Fraction(text) == exact
    assert text == reported(str(value), str(interval))
    assert len(text.partition(".")[2]) == step_places
    assert text.startswith("-") == (exact < 0)


@given(st.floats(-1e6, 1e6, allow_nan=False), st.sampled_from(["0.1", "0.05", "0.02", "1", "0.5"]))
def test_a_reported_value_is_at_most_half_an_interval_away_and_stays_when_rounded_again(x, d):
    text = reported(x, d)
    assert abs(Fraction(text) - Fraction(x)) <= Fraction(d) / 2 + Fraction(1, 10**6)
    assert reported(text, d) == text


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), "1.2.3", "NaN"])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(ValueError, match=r"cannot be rounded|not a number"):
        reported(bad, "0.1")


@pytest.mark.parametrize("interval", [0, -0.1, "0"])
def test_an_interval_must_be_positive(interval):
    with pytest.raises(ValueError, match="must be positive"):
        reported(1.0, interval)


# JCGM 100, 7.2.6 and EA-4/02, 6.4: U to two digits, y to its place
@pytest.mark.parametrize(
    ("y", "u", "expected"),
    [
        ("10.05762", "0.027", ("10.058", "0.027")),
        ("100.021472", "0.00079", ("100.02147", "0.00079")),
        ("50.000838", "0.0000925", ("50.000838", "0.000092")),
        ("0.30001", "0.0995", ("0.30", "0.10")),
        ("1234.5", "260", ("1230", "260")),
    ],
)
def test_value_and_uncertainty_share_their_last_place(y, u, expected):
    assert rounded_to_u(y, u) == expected
    assert rounded_to_u(float(y), float(u)) == expected


def test_an_uncertainty_of_zero_has_no_place():
    with pytest.raises(ValueError, match="must be positive"):
        rounded_to_u(1.0, 0.0)


@pytest.mark.parametrize(
    ("value", "unit", "u", "expected"),
    [
        (0.4149, "%", 0.12, "0.41 %"),
        (-2.5, "m³/h", None, "−2.5 m³/h"),
        (100.0512, "L", 0.012, "100.051 L"),
        (3.0, "1", None, "3"),
        (1e-7, "", None, "0.0000001"),
        (float("inf"), "s", None, "inf s"),
        (0.25, "%", 0.0, "0.25 %"),
    ],
)
def test_a_value_is_written_to_the_place_of_its_uncertainty(value, unit, u, expected):
    assert format_value(value, unit, u) == expected


def test_a_float_is_meant_to_twelve_digits():
    assert decimal((10.06 - 10) / 10 * 100) == Decimal("0.6")
    assert decimal(0.1 + 0.2) == Decimal("0.3")
    assert decimal(2.0000001) == Decimal("2.0000001")
    assert decimal("0.60000000000000000001") > Decimal("0.6")
