"""Von Neumann's ratio, filtered variances, Allan deviations: against simulation and definition."""

import math

import numpy as np
import pytest

from benchctl.acquire.allan import allan_deviation, modified_allan_deviation
from benchctl.acquire.estimates import ar1_inflation
from benchctl.acquire.steadiness import (
    QUANTILES,
    filtered_ratio,
    von_neumann_critical,
    von_neumann_ratio,
)


@pytest.mark.parametrize("n", [4, 9, 60, 500])
@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_white_noise_lies_below_the_critical_ratio_as_often_as_it_says(n, alpha):
    rng = np.random.default_rng(n)
    series = 40_000 if n < 100 else 5_000
    x = rng.normal(size=(series, n))
    steps = np.diff(x, axis=1)
    y = x - x.mean(axis=1, keepdims=True)
    ratio = (steps**2).sum(axis=1) / (y**2).sum(axis=1)
    share = float((ratio < von_neumann_critical(n, alpha)).mean())
    assert share == pytest.approx(alpha, abs=4.5 * math.sqrt(alpha / series))
    assert von_neumann_ratio(x[0] + 1e6) == pytest.approx(ratio[0], rel=1e-6)


def test_a_trend_makes_the_ratio_small_and_an_alternation_large():
    t = np.arange(20.0)
    assert von_neumann_ratio(t) < von_neumann_critical(20, 0.01)
    assert von_neumann_ratio((-1.0) ** t) > 3.5


@pytest.mark.parametrize("x", [[1.0, 2.0], [2.0] * 9])
def test_readings_that_have_no_ratio_are_refused(x):
    with pytest.raises(ValueError, match="not all alike"):
        von_neumann_ratio(np.array(x))
    with pytest.raises(ValueError, match="critical value"):
        von_neumann_critical(3)


@pytest.mark.parametrize("factors", QUANTILES)
def test_the_quantiles_of_the_filtered_ratio_are_those_of_white_noise(factors):
    x = np.random.default_rng(8).normal(size=400_000)
    settled = filtered_ratio(x, factors)[2000:]
    for p, quantile in QUANTILES[factors].items():
        assert float(np.quantile(settled, p)) == pytest.approx(quantile, abs=0.03)


def test_equal_readings_have_no_filtered_ratio():
    assert np.isnan(filtered_ratio(np.array([1.0, 1.0, 1.0]))).all()
    with pytest.raises(ValueError, match="two readings"):
        filtered_ratio(np.array([1.0]))


@pytest.mark.parametrize("m", [1, 3, 8])
def test_white_noise_averages_down_and_a_drift_does_not(m):
    y = np.random.default_rng(2).normal(size=40_000)
    for deviation in (
        allan_deviation(y, m),
        allan_deviation(y, m, overlapping=True),
    ):
        assert deviation == pytest.approx(1 / math.sqrt(m), rel=0.03)
    drift = 0.5 * np.arange(1000.0) + 1e7
    assert allan_deviation(drift, m, overlapping=True) == pytest.approx(
        0.5 * m / math.sqrt(2), rel=1e-6
    )
    assert modified_allan_deviation(drift, m) == pytest.approx(0.5 * m / math.sqrt(2), rel=1e-6)


def test_series_too_short_for_an_averaging_time_are_refused():
    y = np.arange(5.0)
    for deviation in (allan_deviation, modified_allan_deviation):
        with pytest.raises(ValueError, match="too few"):
            deviation(y, 3)
    with pytest.raises(ValueError, match="too few"):
        modified_allan_deviation(y[:4], 2)
    with pytest.raises(ValueError, match="too few"):
        allan_deviation(y, 0)


@pytest.mark.parametrize(("n", "rho"), [(1, 0.9), (7, -0.5), (40, 0.3)])
def test_the_closed_form_of_ar1_is_the_sum(n, rho):
    direct = 1 + 2 * sum((1 - k / n) * rho**k for k in range(1, n))
    assert ar1_inflation(n, rho) == pytest.approx(direct, rel=1e-12)


@pytest.mark.parametrize(("n", "rho"), [(0, 0.5), (5, 1.0), (5, -1.0)])
def test_no_stationary_process_no_inflation(n, rho):
    with pytest.raises(ValueError, match="rho"):
        ar1_inflation(n, rho)
