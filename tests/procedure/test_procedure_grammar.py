"""The small sentences: what they say, and the column where they go wrong."""

import pytest

from benchctl.core.units import unit
from benchctl.language import QuantityError
from benchctl.procedure.bounds import parse_bound
from benchctl.procedure.grammar import (
    Acceptance,
    GrammarError,
    Hold,
    Within,
    number_in,
    parse_acceptance,
    parse_hold,
    parse_ratio,
    parse_seconds,
    parse_until,
    parse_within,
)


def wrong(parse, text):
    with pytest.raises(GrammarError) as caught:
        parse(text)
    error = caught.value
    return error.message.id.rpartition(".")[2], text[error.start : error.end]


@pytest.mark.parametrize(
    ("text", "within", "dwell"),
    [
        ("within 2.5 % for 10 s", 0.025, 10.0),
        ("within 2.5% for 2 min", 0.025, 120.0),
        ("  within  3 ‰  for  0.5 h ", 0.003, 1800.0),
    ],
)
def test_settling_is_a_share_of_the_target_and_a_time(text, within, dwell):
    assert parse_within(text) == Within(pytest.approx(within), pytest.approx(dwell))


@pytest.mark.parametrize(
    ("text", "problem", "marked"),
    [
        ("withn 2.5 % for 10 s", "expected", "withn"),
        ("within for 10 s", "expected", "for"),
        ("within 2.5 % fr 10 s", "expected", "fr"),
        ("within 2.5 % for 10", "unit-missing", "10"),
        ("within 2.5 % for 10 L", "misfit", "10 L"),
        ("within 2.5 m³/h for 10 s", "misfit", "2.5 m³/h"),
        ("within 2.5 % for 10 s please", "left-over", "please"),
        ("within 2.5 % for", "ends-early", ""),
        ("within 2.5 %% for 10 s", "unknown", "2.5 %%"),
    ],
)
def test_a_settling_sentence_is_marked_where_it_goes_wrong(text, problem, marked):
    assert wrong(parse_within, text) == (problem, marked)


def test_a_hold_names_a_role_and_a_time():
    assert parse_hold("line_pressure for 1 min") == Hold("line_pressure", 60.0)
    assert wrong(parse_hold, "line_pressure during 60 s") == ("expected", "during")
    assert wrong(parse_hold, "60 s") == ("expected", "60")


def test_a_duration_is_in_seconds():
    assert parse_seconds("2 min") == 120.0
    assert wrong(parse_seconds, "2") == ("unit-missing", "2")


def test_totalising_goes_on_until_an_amount():
    until = parse_until("reference_volume >= 2 * test_volume")
    assert (until.role, until.amount.text, until.amount.start) == (
        "reference_volume",
        "2 * test_volume",
        20,
    )
    assert wrong(parse_until, "reference_volume > test_volume") == ("expected", "test_volume")
    assert wrong(parse_until, "reference_volume >=") == ("ends-early", "")


def test_a_retest_says_how_many_runs_must_be_inside():
    assert parse_acceptance("at least 2 of 3 inside and mean inside") == Acceptance(2, 3, True)
    assert parse_acceptance("at least 1 of 3 inside") == Acceptance(1, 3, False)
    assert wrong(parse_acceptance, "at least 4 of 3 inside") == ("more-than-all", "3")
    assert wrong(parse_acceptance, "at least 0 of 3 inside") == ("more-than-all", "3")
    assert wrong(parse_acceptance, "at least two of 3 inside") == ("expected", "two")
    assert wrong(parse_acceptance, "at least 2 of 3 inside or mean inside") == ("expected", "or")


@pytest.mark.parametrize(
    ("text", "value", "unit_text", "symmetric"),
    [
        ("±2 %", "2", "%", True),
        ("± 2.5%", "2.5", "%", True),
        ("+/-2 %", "2", "%", True),
        ("±(3 if accuracy_class == 1 else 5) %", "(3 if accuracy_class == 1 else 5)", "%", True),
        ("±(0.5 * (a + b)) g", "(0.5 * (a + b))", "g", True),
        ("±(0.5 * e)", "(0.5 * e)", None, True),
        ("±e", "e", None, True),
        ("-4 %", "-4", "%", False),
        ("-(1 + a) %", "-(1 + a)", "%", False),
        ("1", "1", None, False),
        ("0.5 * e", "0.5 * e", None, False),
        ("(a) * 2", "(a) * 2", None, False),
        ("3 if a < 2 else 4", "3 if a < 2 else 4", None, False),
    ],
)
def test_a_limit_is_an_expression_with_or_without_a_unit(text, value, unit_text, symmetric):
    bound = parse_bound(text)
    assert bound.value.text == value
    assert text[bound.value.start :].startswith(value)
    assert (bound.unit.text if bound.unit else None) == unit_text
    assert bound.symmetric is symmetric
    if bound.unit:
        assert text[bound.unit.start :] == unit_text


def test_an_expression_after_the_sign_needs_its_parentheses():
    assert wrong(parse_bound, "±0.5 * e g") == ("needs-parentheses", "0.5 * e g")
    assert wrong(parse_bound, "±e g") == ("needs-parentheses", "e g")
    assert wrong(parse_bound, "±(3 if a else 5 %") == ("open-parenthesis", "(")
    assert wrong(parse_bound, "±") == ("ends-early", "")


def test_a_ratio_is_a_fraction_a_number_or_a_share():
    assert parse_ratio("1/5") == pytest.approx(0.2)
    assert parse_ratio(" 1 / 3 ") == pytest.approx(1 / 3)
    assert parse_ratio("0.25") == 0.25
    assert parse_ratio("20 %") == pytest.approx(0.2)


@pytest.mark.parametrize("text", ["5/1", "1/0", "0", "-1/5", "120 %", "0/5"])
def test_a_ratio_lies_above_zero_and_is_at_most_one(text):
    assert wrong(parse_ratio, text) == ("ratio-range", text)


@pytest.mark.parametrize("text", ["one fifth", "1/2/3", "", "1/", "1:5"])
def test_what_is_no_ratio_is_said_to_be_none(text):
    with pytest.raises(GrammarError):
        parse_ratio(text)


def test_a_number_takes_the_declared_unit_and_a_quantity_is_converted():
    assert number_in("2.5", unit("m³/h")) == 2.5
    assert number_in("2500 L/h", unit("m³/h")) == pytest.approx(2.5)
    assert number_in("300 K", unit("°C")) == pytest.approx(26.85)
    with pytest.raises(QuantityError):
        number_in("2.5 kg", unit("m³/h"))
