"""Standard deviations from ranges: the table, and what regulations make of it."""

import math

import numpy as np
import pytest

from benchctl.metrology.ranges import (
    MEAN_RANGE,
    deviation_of_runs,
    padded,
    range_deviation,
    spread_of_runs,
)


def phi(x):
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


@pytest.mark.parametrize("n", MEAN_RANGE)
def test_the_table_is_the_mean_range_of_normal_values(n):
    """The integral of 1 - F^n - (1 - F)^n is the mean range in standard deviations."""
    step = 0.001
    steps = np.arange(-8.0, 8.0, step)
    mean = sum(1.0 - phi(x) ** n - (1.0 - phi(x)) ** n for x in steps) * step
    assert MEAN_RANGE[n] == pytest.approx(mean, abs=0.0051)


def test_the_factors_of_three_and_five_runs_are_those_that_regulations_print():
    assert (MEAN_RANGE[3], MEAN_RANGE[5]) == (1.69, 2.33)


def test_just_above_three_after_dividing_is_above_three():
    """Half a digit decides: a range of 7 over 2.33 is 3.004, and 3.004 > 3."""
    (found,) = range_deviation([[120.0, 127.0, 121.0, 125.0, 122.0]])
    assert found > 3
    assert f"{found:.3f}" == "3.004"


def test_points_may_have_different_numbers_of_runs():
    runs = padded([[1.0, 2.0, 4.0], [5.0, 5.5]])
    assert spread_of_runs(runs).tolist() == [3.0, 0.5]
    assert range_deviation(runs) == pytest.approx([3.0 / 1.69, 0.5 / 1.13])
    assert deviation_of_runs(runs) == pytest.approx([math.sqrt(7.0 / 3.0), math.sqrt(0.125)])


@pytest.mark.parametrize("function", [range_deviation, deviation_of_runs])
def test_one_run_has_no_deviation(function):
    with pytest.raises(ValueError, match=r"1\.0"):
        function([[1.0]])


def test_more_runs_than_the_table_has_are_refused():
    with pytest.raises(ValueError, match=r"0\.0"):
        range_deviation([[0.0] * 11])
