"""Grubbs, generalised ESD and Dixon: suspects are named by the tests as published."""

import numpy as np
import pytest

from benchctl.acquire.outliers import (
    dixon,
    dixon_critical,
    grubbs,
    grubbs_critical,
    outliers,
)


@pytest.mark.parametrize(("alpha", "critical"), [(0.05, 2.290), (0.01, 2.482)])
def test_grubbs_of_ten_is_that_of_the_fact_sheet(alpha, critical):
    assert grubbs_critical(10, alpha) == pytest.approx(critical, abs=5e-4)


def test_grubbs_suspects_the_reading_furthest_from_the_mean():
    x = np.array([10.0, 10.1, 9.9, 10.0, 10.2, 14.0])
    found = grubbs(x)
    assert (found.at, found.suspected) == (5, True)
    assert not grubbs(x[:5]).suspected


def test_masked_outliers_are_found_one_behind_the_other_only_by_gesd():
    rng = np.random.default_rng(4)
    x = np.concatenate((rng.normal(0, 1, 18), [9.0, 9.2, 9.4]))
    assert outliers(x, most=5) == [18, 19, 20]
    assert outliers(x, most=1) == [] or outliers(x, most=1) == [20]


@pytest.mark.parametrize("n", [3, 4, 7])
def test_dixons_critical_value_is_exceeded_as_often_as_it_says(n):
    rng = np.random.default_rng(n)
    x = np.sort(rng.normal(size=(200_000, n)), axis=1)
    gap = np.maximum(x[:, 1] - x[:, 0], x[:, -1] - x[:, -2]) / (x[:, -1] - x[:, 0])
    for alpha in (0.05, 0.01):
        share = float((gap > dixon_critical(n, alpha)).mean())
        assert share == pytest.approx(alpha, abs=4 * (alpha / 200_000) ** 0.5)
    assert dixon(rng.permutation(x[0])) == pytest.approx(gap[0])


@pytest.mark.parametrize("x", [[1.0, 2.0], [3.0, 3.0, 3.0]])
def test_too_few_or_equal_readings_have_no_statistic(x):
    for test in (grubbs, dixon):
        with pytest.raises(ValueError, match="three readings"):
            test(np.array(x))


@pytest.mark.parametrize("n", [2, 31])
def test_dixon_is_for_few_readings(n):
    with pytest.raises(ValueError, match="3 to 30"):
        dixon_critical(n)
