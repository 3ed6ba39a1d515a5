"""Control charts: limits by hand, rules one by one, how rare a false alarm is, drift."""

import math

import numpy as np
import pytest

from benchctl.metrology import drift_of, ewma, individuals, interval

QUIET = [0.1, -0.1, 0.2, -0.2, 0.1, -0.1]


def test_limits_come_from_the_mean_moving_range_of_the_baseline():
    chart = individuals([10.0, 10.2, 10.1, 10.3, 10.2, 99.0], baseline=5)
    s = (0.2 + 0.1 + 0.2 + 0.1) / 4 / 1.128379167
    assert chart.centre == pytest.approx(10.16)
    assert chart.s == pytest.approx(s)
    assert chart.limits[0] == pytest.approx((10.16 - 3 * s, 10.16 + 3 * s))
    assert [(x.index, x.rule) for x in chart.signals] == [(5, "beyond-3s")]


@pytest.mark.parametrize(
    ("after", "rule"),
    [
        ([3.1], "beyond-3s"),
        ([2.1, 0.5, 2.1], "two-of-three-beyond-2s"),
        ([1.1, 1.2, -0.5, 1.1, 1.2], "four-of-five-beyond-1s"),
        ([0.3] * 8, "eight-on-one-side"),
    ],
)
def test_each_rule_finds_what_it_is_for_at_the_value_that_completes_it(after, rule):
    base = individuals(QUIET, baseline=6)
    for side in (1.0, -1.0):
        values = QUIET + [base.centre + side * base.s * a for a in (-0.5, *after)]
        found = individuals(values, baseline=6).signals
        assert [(s.index, s.rule) for s in found if s.rule == rule] == [(len(values) - 1, rule)]


def test_values_on_both_sides_complete_no_rule_of_one_side():
    base = individuals(QUIET, baseline=6)
    values = QUIET + [base.centre + base.s * a for a in (2.1, -2.1, 1.1, -1.1, 1.1, -1.1)]
    assert individuals(values, baseline=6).signals == ()


def test_fewer_than_five_values_give_no_chart():
    with pytest.raises(ValueError, match="4"):
        individuals([1.0, 2.0, 1.0, 2.0])


def test_the_weighted_mean_and_its_limits_are_those_of_the_formula():
    chart = ewma([1.0, 2.0, 0.0], 0.5, 0.3)
    z1 = 0.2 * 1.0 + 0.8 * 0.5
    z2 = 0.2 * 2.0 + 0.8 * z1
    assert chart.plotted[:2] == pytest.approx((z1, z2))
    away = 2.86 * 0.3 * math.sqrt(0.2 / 1.8 * (1 - 0.8**4))
    assert chart.limits[1] == pytest.approx((0.5 - away, 0.5 + away))


def test_a_false_alarm_of_the_weighted_mean_comes_every_370_values_or_so():
    rng = np.random.default_rng(5)
    lengths = []
    for _ in range(300):
        found = ewma(list(rng.normal(0.0, 1.0, 4000)), 0.0, 1.0).signals
        lengths.append(found[0].index + 1 if found else 4000)
    assert 310 < np.mean(lengths) < 440


def test_a_small_lasting_shift_is_found_by_the_weighted_mean_within_a_few_values():
    rng = np.random.default_rng(6)
    lengths = [ewma(list(rng.normal(1.0, 1.0, 500)), 0.0, 1.0).signals[0].index for _ in range(300)]
    assert np.mean(lengths) < 11


def test_a_drift_is_the_line_of_least_squares_with_its_uncertainty():
    days = [0.0, 10.0, 20.0, 30.0, 40.0]
    drift = drift_of(days, [0.0, 0.11, 0.19, 0.31, 0.39])
    slope, u = np.polyfit(days, [0.0, 0.11, 0.19, 0.31, 0.39], 1, cov=True)
    assert drift.slope == pytest.approx(slope[0])
    assert drift.u == pytest.approx(math.sqrt(u[0, 0]))
    assert drift.at_end == pytest.approx(np.polyval(slope, 40.0))
    assert drift_of([0.0, 1.0], [0.0, 1.0]) is None


def test_an_interval_ends_where_the_largest_drift_may_reach_the_limit():
    drift = drift_of([0.0, 10.0, 20.0, 30.0], [0.0, 0.1, 0.2, 0.3])  # exactly 0.01 per day
    assert interval(drift, 1.3, 0.2) == pytest.approx((1.3 - 0.2 - 0.3) / 0.01)
    assert interval(drift, 0.4, 0.2) == 0.0
    assert interval(drift, 1e6, 0.0) == 1826.0
