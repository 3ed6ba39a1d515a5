"""Calibration lines, comparison scores, rounding rules beyond what the vectors ask."""

import math

import GTC
import numpy as np
import pytest

from benchctl.metrology.comparisons import (
    Grade,
    normalized_error,
    robust_mean,
    z_score,
    zeta_score,
)
from benchctl.metrology.regression import fit_line, fit_through_origin
from benchctl.metrology.rounding_rules import (
    RULES,
    class_interval,
    rounded_up,
    uncertainty_digits,
)

X = [1.0, 2.0, 4.0, 5.0, 9.0]
Y = [2.1, 3.9, 8.3, 9.8, 18.1]
U = [0.1, 0.2, 0.1, 0.3, 0.2]


def test_a_line_is_that_of_gtc():
    line, oracle = fit_line(X, Y), GTC.ta.line_fit(X, Y)
    a, b = oracle.a_b
    assert (line.a, line.b) == pytest.approx((a.x, b.x), rel=1e-12)
    assert (line.u_a, line.u_b, line.dof) == pytest.approx((a.u, b.u, a.df), rel=1e-9)
    assert line.r == pytest.approx(GTC.get_correlation(a, b), rel=1e-9)
    there = a + 7.0 * b
    assert (line.at(7.0).value, line.at(7.0).u) == pytest.approx((there.x, there.u), rel=1e-9)


def test_a_weighted_line_is_that_of_gtc():
    line, oracle = fit_line(X, Y, u=U), GTC.ta.line_fit_wls(X, Y, U)
    a, b = oracle.a_b
    assert (line.a, line.b) == pytest.approx((a.x, b.x), rel=1e-9)
    assert (line.u_a, line.u_b) == pytest.approx((a.u, b.u), rel=1e-9)
    assert math.isinf(line.dof)


def test_where_the_line_is_anchored_changes_nothing_that_it_predicts():
    near, far = fit_line(X, Y, x0=4.0), fit_line(X, Y, x0=-1000.0)
    assert near.at(3.0) == pytest.approx(far.at(3.0), rel=1e-9)
    assert fit_line(np.array(X) + 1e7, Y).at(1e7 + 3.0).value == pytest.approx(near.at(3.0).value)


def test_predictions_cover_the_true_line():
    rng = np.random.default_rng(6)
    hits = 0
    for _ in range(2000):
        y = 1 + 2 * np.array(X) + rng.normal(0, 0.2, 5)
        there = fit_line(X, y).at(6.0)
        hits += abs(there.value - 13) <= 3.182446 * there.u  # t at 95 %, 3 dof
    assert hits / 2000 == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(
    ("x", "y", "u"),
    [
        ([1, 2], [1, 2], None),
        ([1, 2, 3], [1, 2], None),
        ([1, 1, 1], [1, 2, 3], None),
        ([1, 2, math.nan], [1, 2, 3], None),
        ([1, 2, 3], [1, 2, 3], [1, 1, 0]),
    ],
)
def test_points_that_give_no_line_are_refused(x, y, u):
    with pytest.raises(ValueError, match=r"point|same x"):
        fit_line(x, y, u=u)
    with pytest.raises(ValueError, match="x = 0"):
        fit_through_origin([0, 0], [1, 2])


def test_scores_have_their_grades_at_their_bounds():
    assert normalized_error(1.0, 0.6, 0.0, 0.8).satisfactory
    assert normalized_error(1.0001, 0.6, 0.0, 0.8).grade is Grade.ACTION
    assert z_score(2.0, 0.0, 1.0).grade is Grade.ACCEPTABLE
    assert z_score(2.001, 0.0, 1.0).grade is Grade.WARNING
    assert z_score(-3.0, 0.0, 1.0).grade is Grade.ACTION
    assert z_score(5.0, 0.0, 3.0, 4.0).value == pytest.approx(1.0)
    for score in (lambda: zeta_score(1.0, 0.0, 0.0, 0.0), lambda: robust_mean([])):
        with pytest.raises(ValueError, match=r"deviation|no values"):
            score()


def test_a_robust_mean_hardly_minds_one_wild_value():
    good = [9.8, 9.9, 10.0, 10.1, 10.2, 10.05, 9.95]
    clean, wild = robust_mean(good), robust_mean([*good, 100.0])
    assert clean[0] == pytest.approx(10.0, abs=0.01)
    assert wild[0] == pytest.approx(10.0, abs=0.1)
    assert wild[1] < 0.4
    assert robust_mean([3.0]) == (3.0, 0.0)


def test_algorithm_a_is_consistent_for_normal_values():
    x = np.random.default_rng(1).normal(5.0, 2.0, 20_000).tolist()
    assert robust_mean(x) == pytest.approx((5.0, 2.0), abs=0.05)


@pytest.mark.parametrize(
    ("u", "digits"),
    [("0.0123", 2), ("0.0296", 1), ("0.0294", 2), ("0.0302", 1), ("9.7", 1), ("0.0996", 2)],
)
def test_one_digit_of_u_unless_the_first_is_small(u, digits):
    assert uncertainty_digits(u) == digits


@pytest.mark.parametrize(
    ("u", "digits", "text"),
    [("0.01201", 2, "0.013"), ("0.0120", 2, "0.012"), ("0.0996", 2, "0.10"), ("321", 1, "400")],
)
def test_an_uncertainty_may_be_rounded_up_but_never_down(u, digits, text):
    assert rounded_up(u, digits) == text


def test_zero_keeps_its_sign_only_where_the_rule_says_so():
    assert RULES["jjg-596"].round("-0.02", class_interval("0.5S")) == "-0.00"
    assert RULES["gb-t-8170"].round("-0.02", "0.05") == "0.00"


@pytest.mark.parametrize(
    ("text", "interval"), [("0.2S", "0.02"), ("1", "0.1"), ("2级", "0.2"), ("0.5", "0.05")]
)
def test_a_tenth_of_the_class(text, interval):
    assert str(class_interval(text)) == interval


@pytest.mark.parametrize("text", ["", "A", "0", "-1"])
def test_what_is_no_class_is_refused(text):
    with pytest.raises(ValueError, match=r"class|number"):
        class_interval(text)
    with pytest.raises(ValueError, match="positive"):
        uncertainty_digits("0")
    with pytest.raises(ValueError, match="positive"):
        rounded_up("-1")
