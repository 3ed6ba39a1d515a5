"""Charts of subgroups: the factors of the standards, the rules, false alarms, what lies between."""

import math

import numpy as np
import pytest

from benchctl.metrology import subgroups
from benchctl.metrology.subgroups import SPREAD, c4


@pytest.mark.parametrize(
    ("n", "factor"), [(2, 0.7979), (3, 0.8862), (5, 0.9400), (10, 0.9727), (25, 0.9896)]
)
def test_c4_is_that_of_the_tables(n, factor):
    assert c4(n) == pytest.approx(factor, abs=5e-5)


@pytest.mark.parametrize(
    ("n", "a3", "b3", "b4"),
    [(2, 2.659, 0.0, 3.267), (5, 1.427, 0.0, 2.089), (10, 0.975, 0.284, 1.716)],
)
def test_limits_of_equal_subgroups_are_those_of_the_factors_a3_b3_b4(n, a3, b3, b4):
    rng = np.random.default_rng(n)
    groups = rng.normal(5.0, 0.2, (20, n)).tolist()
    chart = subgroups(groups, baseline=20)
    mean_s = np.mean([np.std(g, ddof=1) for g in groups])
    assert chart.means.centre == pytest.approx(np.mean(groups))
    low, high = chart.means.limits[0]
    assert (high - low) / 2 / mean_s == pytest.approx(a3, abs=6e-4)
    low, high = chart.spreads.limits[0]
    assert (low / mean_s, high / mean_s) == pytest.approx((b3, b4), abs=6e-4)


def test_a_subgroup_beyond_its_limits_is_told_and_its_size_counts():
    quiet = [[0.1, -0.1, 0.1, -0.1]] * 10
    s = 0.2 / math.sqrt(3) / c4(4)
    inside, outside = 2.9 * s / 2, 3.1 * s / 2
    found = subgroups([*quiet, [inside] * 4, [outside] * 4, [inside], [outside]], baseline=10)
    beyond = [x.index for x in found.means.signals if x.rule == "beyond-3s"]
    assert beyond == [11]
    assert found.spread_of == tuple(range(12))  # single values have no spread
    assert [x.index for x in found.spreads.signals] == []


def test_a_spread_that_widens_is_told_though_the_mean_stays():
    quiet = [[0.1, -0.1, 0.1, -0.1]] * 10
    found = subgroups([*quiet, [0.4, -0.4, 0.4, -0.4]], baseline=10)
    assert [(x.index, x.rule) for x in found.spreads.signals] == [(10, SPREAD)]
    assert found.means.signals == ()


def test_runs_of_one_side_are_found_among_means():
    quiet = [[0.1, -0.1], [-0.1, 0.1]] * 5
    found = subgroups([*quiet, *[[0.12, -0.1]] * 8], baseline=10)
    assert ("eight-on-one-side", 17) in [(x.rule, x.index) for x in found.means.signals]


def test_one_mean_in_370_lies_beyond_by_chance():
    rng = np.random.default_rng(11)
    base = rng.normal(0.0, 1.0, (4000, 4)).tolist()
    found = subgroups([*base, *rng.normal(0.0, 1.0, (20000, 4)).tolist()], baseline=4000)
    alarms = sum(x.rule == "beyond-3s" and x.index >= 4000 for x in found.means.signals)
    assert 30 <= alarms <= 82  # 54 expected, 99.98 % of Poisson


def test_what_lies_between_subgroups_is_told_apart_from_what_lies_within():
    rng = np.random.default_rng(4)
    days = rng.normal(0.0, 0.5, (2000, 1))
    chart = subgroups((days + rng.normal(0.0, 0.1, (2000, 3))).tolist(), baseline=2000)
    assert chart.means.s == pytest.approx(0.1, rel=0.05)
    assert chart.between == pytest.approx(0.5, rel=0.05)
    same = subgroups([[1.0, 2.0], [2.0, 1.0]] * 5, baseline=10)
    assert same.between == 0.0


def test_a_small_shift_is_found_by_the_weighted_means():
    rng = np.random.default_rng(9)
    base = rng.normal(0.0, 1.0, (200, 4)).tolist()
    shifted = rng.normal(0.5, 1.0, (40, 4)).tolist()  # one s of the mean
    found = subgroups([*base, *shifted], baseline=200).weighted.signals
    assert 200 <= next(x.index for x in found if x.index >= 200) < 220


@pytest.mark.parametrize(
    "groups",
    [[], [[1.0, 2.0]] * 4, [[1.0]] * 9, [[1.0, 2.0], [1.0], [1.0], [1.0], [1.0]], [[]] * 5],
)
def test_too_few_values_give_no_chart(groups):
    with pytest.raises(ValueError, match=str(len(groups))):
        subgroups(groups)
