"""Decision rules: inclusive limits, exact decimals, retests, adequacy of the reference."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.core.errors import UsageError
from benchctl.core.messages import LANGUAGES, words
from benchctl.core.verdicts import Verdict
from benchctl.metrology import (
    Retest,
    inside,
    judge,
    judge_runs,
    limits_text,
    reference_adequate,
    value_text,
)

TWO = (-2.0, 2.0)
RETEST = Retest(runs=2, at_least_inside=2, of=3, mean_inside=True)


@pytest.mark.parametrize(
    ("value", "passes"),
    [
        (2.0, True),
        (-2.0, True),
        (2.0000001, False),
        (-2.0000001, False),
        (0.0, True),
        (math.nextafter(2.0, 3.0), True),  # one unit in the last place is not a measurement
        (1.9999999, True),
    ],
)
def test_a_value_on_the_limit_is_inside_and_one_above_is_not(value, passes):
    assert judge(value, TWO).verdict is (Verdict.PASS if passes else Verdict.FAIL)


def test_binary_fractions_do_not_fail_a_meter():
    error = (10.06 - 10) / 10 * 100
    assert error > 0.6  # trap 5 of the fact sheet: 0.600000000000005
    assert judge(error, (-0.6, 0.6)).verdict is Verdict.PASS
    assert judge(0.3, (-1.0, 3 * 0.1)).verdict is Verdict.PASS
    assert judge(0.1 + 0.2, (-1.0, 0.3)).verdict is Verdict.PASS


def test_limits_may_be_asymmetric():
    taxi = (-4.0, 1.0)
    assert judge(-3.9, taxi).verdict is Verdict.PASS
    assert judge(1.1, taxi).verdict is Verdict.FAIL
    assert judge(-4.1, taxi).verdict is Verdict.FAIL


# JCGM 106, 8.2.3 and ILAC-G8 4.2.1 (w = 0): closed acceptance interval
@pytest.mark.parametrize(
    ("e", "e_max", "passes"),
    [
        (1.5, 1.5, True),
        (-1.5001, 1.5, False),
        (0.79, 1.0, True),
        (0.85, 1.0, True),
        (1.05, 1.0, False),
    ],
)
def test_simple_acceptance_is_that_of_jcgm_106(e, e_max, passes):
    judgement = judge(e, (-e_max, e_max), U=0.3, k=2.0)
    assert judgement.verdict is (Verdict.PASS if passes else Verdict.FAIL)
    assert judgement.accept == judgement.mpe == (-e_max, e_max)
    assert judgement.rule == "simple-acceptance/1"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_no_value_is_not_measured_and_never_a_pass(value):
    judgement = judge(value, TWO)
    assert judgement.verdict is Verdict.NOT_MEASURED
    assert judgement.why.id == "not-measured"


def test_an_unknown_rule_is_refused_by_name():
    with pytest.raises(UsageError, match=r"'guess'.*simple-acceptance"):
        judge(1.0, TWO, rule="guess")


def test_limits_the_wrong_way_round_are_refused():
    with pytest.raises(ValueError, match="wrong way round"):
        judge(0.0, (2.0, -2.0))


def test_the_sentence_of_the_contract():
    adequate, reference = reference_adequate(0.10, 2.0, 1 / 5)
    assert adequate
    why = judge(0.41, TWO, U=0.12, reference=reference).why
    assert why.id == "inside"
    assert words(why) == (
        "0.41 % lies within ±2.0 %; the reference's U = 0.10 % is at most one fifth of the limit"
        " 2.0 % (0.40 %)"
    )
    assert words(why, "zh").startswith("0.41 % 未超出 ±2.0 %；标准器")


@given(
    st.floats(-3, 3, allow_nan=False),
    st.sampled_from([TWO, (-0.5, 0.5), (-4.0, 1.0), (-0.02, 0.02)]),
    st.sampled_from([None, 0.12, 0.003, 1.4]),
)
def test_the_number_in_the_sentence_is_on_the_side_of_the_verdict(value, mpe, u):
    text = value_text(value, mpe, "%", u)
    shown = float(text.removesuffix(" %").replace("−", "-"))
    assert inside(shown, mpe) == inside(value, mpe)
    assert abs(shown - value) <= 0.5 * max(1, u or 0)


def test_enough_digits_are_shown_to_see_why_it_failed():
    assert value_text(2.0000001, TWO, "%") == "2.0000001 %"
    assert value_text(2.004, TWO, "%", 0.12) == "2.004 %"
    assert value_text(1.996, TWO, "%", 0.12) == "2.00 %"
    assert value_text(-0.001, TWO, "%") == "0.00 %"


@pytest.mark.parametrize(
    ("mpe", "text"),
    [
        (TWO, "±2.0 %"),
        ((-4.0, 1.0), "−4 … +1 %"),
        ((-0.5, 0.25), "−0.5 … +0.25 %"),
        ((-0.3, 3 * 0.1), "±0.3 %"),
        ((0.0, 2.0), "0 … +2 %"),
    ],
)
def test_limits_are_written_as_the_field_writes_them(mpe, text):
    assert limits_text(mpe) == text


# retests ----------------------------------------------------------------------------------------


# vectors water-retest-2 and -4: R 49-2 style acceptance, 2 of 3 inside and the mean inside
@pytest.mark.parametrize(
    ("errors", "value", "verdict", "why"),
    [
        ([1.4], 1.4, Verdict.PASS, "inside"),
        ([2.3, 2.1, 1.5], 1.9667, Verdict.FAIL, "outside-after-retest"),
        ([2.3], 2.3, Verdict.FAIL, "outside"),
        ([2.3, 1.8, 1.7], 1.9333, Verdict.PASS, "inside-after-retest"),
        ([2.2, 1.9, 1.9], 2.0, Verdict.PASS, "inside-after-retest"),
        ([9.0, 0.1, 0.1], 3.0667, Verdict.FAIL, "outside-after-retest"),
        ([2.3, 2.4], 2.35, Verdict.FAIL, "outside-after-retest"),
        ([2.3, 1.9], None, Verdict.NOT_MEASURED, "retest-incomplete"),
        ([2.3, None, 1.9], None, Verdict.NOT_MEASURED, "retest-incomplete"),
        ([2.3, 2.4, float("nan")], 2.35, Verdict.FAIL, "outside-after-retest"),
        ([None], None, Verdict.NOT_MEASURED, "not-measured"),
        ([], None, Verdict.NOT_MEASURED, "not-measured"),
        ([-2.5, -1.0, -1.0], -1.5, Verdict.PASS, "inside-after-retest"),
    ],
)
def test_runs_are_judged_by_the_retest_rule(errors, value, verdict, why):
    judged, judgement = judge_runs(errors, TWO, retest=RETEST)
    assert judgement.verdict is verdict
    assert judgement.why.id == why
    assert judged == (None if value is None else pytest.approx(value, abs=5e-5))


def test_a_first_run_inside_is_the_result_whatever_came_after():
    value, judgement = judge_runs([1.9, 2.5, 2.5], TWO, retest=RETEST)
    assert (value, judgement.verdict) == (1.9, Verdict.PASS)


def test_the_mean_counts_only_where_the_rule_says_so():
    errors = [9.0, 0.1, 0.1]
    lenient = Retest(2, 2, 3, mean_inside=False)
    assert judge_runs(errors, TWO, retest=lenient).judgement.verdict is Verdict.PASS
    assert judge_runs(errors, TWO, retest=RETEST).judgement.verdict is Verdict.FAIL


def test_without_a_retest_rule_one_run_decides_and_more_are_a_mistake():
    assert judge_runs([2.1], TWO).judgement.verdict is Verdict.FAIL
    with pytest.raises(ValueError, match="at most 1"):
        judge_runs([2.1, 1.0], TWO)
    with pytest.raises(ValueError, match="at most 3"):
        judge_runs([2.1] * 4, TWO, retest=RETEST)


@given(st.lists(st.floats(-4, 4, allow_nan=False), min_size=1, max_size=3))
def test_no_retest_ever_passes_with_fewer_than_two_of_three_inside(errors):
    _, judgement = judge_runs(errors, TWO, retest=RETEST)
    n = sum(inside(e, TWO) for e in errors)
    if judgement.verdict is Verdict.PASS:
        assert inside(errors[0], TWO) or n >= 2
    elif judgement.verdict is Verdict.NOT_MEASURED:
        assert len(errors) == 2


def test_the_runs_carry_the_reference_into_the_sentence():
    _, judgement = judge_runs([0.4], TWO, U_reference=0.3, ratio=1 / 3, mpe_initial=1.0)
    assert "at most one third of the limit 1.0 %" in words(judgement.why)


# the reference ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("U", "limit", "ratio", "adequate"),
    [
        (0.4, 2.0, 1 / 5, True),
        (0.4001, 2.0, 1 / 5, False),
        (0.1 + 0.2, 0.9, 1 / 3, True),
        (0.5, 1.5, 1 / 3, True),  # JCGM 106, 8.2.3: C_m = 3
        (0.5001, 1.5, 1 / 3, False),
        (0.0, 1.0, 1 / 5, True),
    ],
)
def test_the_reference_must_take_no_more_than_its_share(U, limit, ratio, adequate):
    found, message = reference_adequate(U, limit, ratio)
    assert found is adequate
    assert message.id == ("reference-adequate" if adequate else "reference-inadequate")


def test_the_arithmetic_is_shown_with_digits_that_prove_it():
    assert words(reference_adequate(0.4004, 2.0, 0.2)[1]) == (
        "the reference's U = 0.4004 % is more than one fifth of the limit 2.0 % (0.40 %)"
    )
    assert words(reference_adequate(0.2, 2.0, 0.15)[1]) == (
        "the reference's U = 0.20 % is at most 0.15 of the limit 2.0 % (0.30 %)"
    )


def test_every_sentence_words_in_every_language():
    whys = [
        *(judge_runs(e, TWO, retest=RETEST).judgement.why for e in ([1.0], [3.0], [3.0, 1.0])),
        *(judge_runs(e, TWO, retest=RETEST).judgement.why for e in ([3.0] * 3, [2.1, 1.0, 1.0])),
        judge(None, TWO).why,
        *(reference_adequate(0.3, 1.0, 1 / n)[1] for n in (2, 3, 4, 5, 7, 10)),
    ]
    for language in LANGUAGES:
        texts = [words(why, language) for why in whys]
        assert all(texts)
        assert not any("{" in t for t in texts)
