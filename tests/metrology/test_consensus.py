"""What instruments side by side say together: findings, and how often they are none."""

import numpy as np
import pytest

from benchctl.metrology import common_shift, step


def test_a_shift_that_all_share_is_found_with_its_mean():
    shift = common_shift([0.9, 1.1, 1.0, 0.95, 1.05], 0.1)
    assert shift.value == pytest.approx(1.0)
    assert shift.n == 5
    assert 0.05 < shift.s < 0.12
    assert shift.p < 1e-4


def test_one_bad_unit_neither_makes_nor_hides_a_shift():
    assert common_shift([0.1, -0.1, 0.05, -0.05, 0.0, 30.0], 0.1) is None
    shift = common_shift([1.1, 0.9, 1.05, 0.95, 1.0, 1.0, -4.0], 0.1)
    assert shift.value == pytest.approx(1.0, abs=0.05)


def test_a_shift_within_the_uncertainty_of_the_reference_is_none():
    assert common_shift([0.09, 0.1, 0.1, 0.11, 0.1], 0.1) is None


def test_three_units_are_too_few_to_say_anything():
    assert common_shift([1.0, 1.0, 1.0], 0.0) is None
    assert step([1, 2, 3, 4], [0.0, 0.0, 1.0, 1.0]) is None


def test_a_step_lies_between_the_right_neighbours_whatever_the_order():
    found = step([6, 2, 3, 4, 5, 1], [-1.4, 0.0, 0.1, -1.4, -1.5, 0.1])
    assert (found.before, found.behind) == (3, 4)
    assert found.value == pytest.approx(-1.5, abs=0.01)


def test_student_s_t_is_that_of_two_means_with_a_common_variance():
    # t = 6 / (1 sqrt(2/3)) = 7.348 with 4 degrees of freedom: p = 0.001826 (tables), three places
    found = step([1, 2, 3, 4, 5, 6], [-1.0, 0.0, 1.0, 5.0, 6.0, 7.0])
    assert found is None
    found = step([1, 2, 3, 4, 5, 6], [-0.5, 0.0, 0.5, 5.5, 6.0, 6.5])
    assert found.p == pytest.approx(3 * 0.0001234, rel=0.02)  # t = 14.697


@pytest.mark.parametrize("n", [6, 12])
def test_where_there_is_nothing_a_finding_is_as_rare_as_it_says(n):
    rng = np.random.default_rng(11)
    looks = 4000
    drawn = rng.normal(0.0, 1.0, (looks, n))
    shifts = sum(common_shift(list(row), 0.0) is not None for row in drawn)
    steps = sum(step(range(n), list(row)) is not None for row in drawn)
    assert shifts <= 35  # expected 20, and 35 is exceeded in less than one of a thousand
    assert steps <= 35
