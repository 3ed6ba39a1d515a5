"""What follows from several points: values worked out by hand."""

import numpy as np
import pytest

from benchctl.metrology import across


def test_signs_are_the_same_only_if_no_value_lies_on_zero():
    assert across.same_sign([0.8, 1.2, 0.3])
    assert across.same_sign([-0.8, -1.2])
    assert not across.same_sign([0.8, 0.0])
    assert not across.same_sign([0.8, -0.1])


def test_a_weighted_mean_is_that_of_a_gas_meter():
    # EN 1359: weights Q/Qmax up to 0.7 Qmax; by hand (0.2·1 + 0.4·(-0.5) + 0.7·0.8) / 1.3
    assert across.weighted_mean([1.0, -0.5, 0.8], [0.2, 0.4, 0.7]) == pytest.approx(0.56 / 1.3)


@pytest.mark.parametrize("weights", [[0.0, 0.0], [1.0, -1.0]])
def test_weights_that_are_none_give_no_mean(weights):
    with pytest.raises(ValueError, match=r"\["):
        across.weighted_mean([1.0, 2.0], weights)


def test_nonlinearity_is_the_largest_distance_from_the_fitted_line():
    x = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    y = 0.3 * x + 1.0 + np.array([0.0, 0.0, 0.5, 0.0, 0.0])
    assert across.slope(y, x) == pytest.approx(0.3)
    assert across.nonlinearity(y, x) == pytest.approx(0.4)  # 0.5 minus its own share, 0.5 / 5


def test_hysteresis_compares_only_what_was_measured_at_one_place():
    assert across.hysteresis([1.0, 5.0, 1.2, 4.5], [10, 20, 10, 20]) == pytest.approx(0.5)
    with pytest.raises(ValueError, match=r"\["):
        across.hysteresis([1.0, 2.0], [10, 20])


def test_the_spread_at_each_place_is_held_against_the_limit_of_that_place():
    spread = across.spread_at([1.0, 5.0, 1.2, 4.5, 9.0], [10, 20, 10, 20, 30])
    assert spread == pytest.approx([0.2, 0.5, 0.2, 0.5, 0.0])
