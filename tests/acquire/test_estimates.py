"""Estimates against JCGM 100, NIST StRD and simulated processes."""

import math

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.special import stdtrit

from benchctl.acquire import estimate
from benchctl.acquire.estimates import (
    ar1_inflation,
    autocorrelation,
    inflation,
    slope,
    sum_of_lags,
)

# JCGM 100, 4.4.3, Table 1
THERMOMETER = [
    96.9, 98.18, 98.25, 98.61, 99.03, 99.49, 99.56, 99.74, 99.89, 100.07,
    100.33, 100.42, 100.68, 100.95, 101.11, 101.2, 101.57, 101.84, 102.36, 102.72,
]  # fmt: skip

# NIST StRD univariate, Mavro
MAVRO = [
    2.0018, 2.0017, 2.0018, 2.0019, 2.0018, 2.0017, 2.0015, 2.0014, 2.0015, 2.0015,
    2.0017, 2.0018, 2.0018, 2.0019, 2.0019, 2.0021, 2.002, 2.0016, 2.0014, 2.0013,
    2.0013, 2.0015, 2.0015, 2.0016, 2.0015, 2.0014, 2.0013, 2.0014, 2.0015, 2.0014,
    2.0015, 2.0016, 2.0015, 2.0016, 2.0019, 2.002, 2.002, 2.0021, 2.0022, 2.0023,
    2.0024, 2.0025, 2.0027, 2.0026, 2.0026, 2.0026, 2.0027, 2.0026, 2.0025, 2.0024,
]  # fmt: skip


def even(x):
    return np.arange(len(x), dtype=float), np.asarray(x, dtype=float)


def ar1(rng, n, rho):
    """A stationary AR(1) series of unit variance."""
    noise = rng.normal(size=n) * math.sqrt(1 - rho**2)
    x = np.empty(n)
    x[0] = rng.normal()
    for i in range(1, n):
        x[i] = rho * x[i - 1] + noise[i]
    return x


def shuffled(x, seed=1):
    return np.random.default_rng(seed).permutation(np.asarray(x, dtype=float))


def test_gum_4_4_3_twenty_thermometer_readings():
    # the table is sorted; in the order of a measurement they are independent
    e = estimate(*even(shuffled(THERMOMETER)))
    assert e.n == 20
    assert e.mean == pytest.approx(100.145, abs=1e-10)
    assert e.s == pytest.approx(1.4888444830595444, rel=1e-12)
    assert e.n_eff == 20
    assert e.u == pytest.approx(0.33291574720466754, rel=1e-12)
    assert e.dof == 19


@pytest.mark.parametrize(
    ("x", "mean", "s", "rel"),
    [
        ([10000001.0, 10000003.0, 10000002.0], 10000002.0, 1.0, 1e-13),  # NumAcc1
        ([1000000.2] + 500 * [1000000.1, 1000000.3], 1000000.2, 0.1, 1e-7),  # NumAcc3
        ([10000000.2] + 500 * [10000000.1, 10000000.3], 10000000.2, 0.1, 1e-6),  # NumAcc4
        (MAVRO, 2.001856, 0.0004291234540030528, 1e-9),
    ],
    ids=["NumAcc1", "NumAcc3", "NumAcc4", "Mavro"],
)
def test_no_digit_is_lost_beside_a_large_offset(x, mean, s, rel):
    e = estimate(*even(x))
    assert e.mean == pytest.approx(mean, rel=1e-13)
    assert e.s == pytest.approx(s, rel=rel)


def test_mavro_is_inflated_as_zhang_has_it_and_at_least_as_ar1():
    """u/naive u = 2.4 by Zhang's rule (K = 3), 4.7 by AR(1), more once r_1 is corrected."""
    assert math.sqrt(sum_of_lags(np.asarray(MAVRO))) == pytest.approx(2.4159695517, rel=1e-9)
    e = estimate(*even(MAVRO))
    r = 0.9379891834382481  # StRD
    assert math.sqrt(ar1_inflation(50, r)) == pytest.approx(4.7, abs=0.05)
    assert e.n_eff == 2.0  # fifty readings that wander: hardly more than one
    assert e.u / (e.s / math.sqrt(50)) == pytest.approx(5.0)
    assert e.dof == 1.0


@pytest.mark.parametrize("seed", range(6))
def test_the_inflation_is_the_sum_of_the_significant_lags(seed):
    """Against the formula written out, up to the last significant lag or that of the first run."""
    x = ar1(np.random.default_rng(seed), 400, 0.8)
    n, y = x.size, x - x.mean()
    r = [float(np.dot(y[: n - k], y[k:]) / np.dot(y, y)) for k in range(n // 4 + 1)]
    significant = [
        k
        for k in range(1, n // 4 + 1)
        if abs(r[k]) > 1.96 * math.sqrt((1 + 2 * sum(v * v for v in r[1:k])) / n)
    ]
    run = max(k for k in significant if significant[:k] == list(range(1, k + 1)))
    assert run > 2
    sums = [
        1 + 2 * sum((1 - k / n) * r[k] for k in range(1, m + 1)) for m in (significant[-1], run)
    ]
    assert sum_of_lags(x) == pytest.approx(max(sums), rel=1e-12)
    assert inflation(x) >= sum_of_lags(x)


def test_a_chance_significant_late_lag_does_not_lower_the_inflation():
    """Long AR(1) series: the sum up to a chance lag is below that of the leading run."""
    found = set()
    for seed in range(20):
        x = ar1(np.random.default_rng(seed), 2000, 0.5)
        r = autocorrelation(x, 500)[1:]
        leading = int(np.argmin(np.abs(r) > 0.07))
        at_least = 1 + 2 * float(np.sum((1 - np.arange(1, leading + 1) / 2000) * r[:leading]))
        found.add(inflation(x) >= 0.9 * at_least > 2.0)
    assert found == {True}


@pytest.mark.parametrize("n", [5, 511, 512, 513, 3000])
def test_the_quick_and_the_plain_autocorrelation_agree(n):
    x = 1e6 + ar1(np.random.default_rng(n), n, 0.5)
    y = x - x.mean()
    lags = n // 4
    plain = [np.dot(y[: n - k], y[k:]) / np.dot(y, y) for k in range(lags + 1)]
    np.testing.assert_allclose(autocorrelation(x, lags), plain, rtol=0, atol=1e-9)


def test_strd_lag_one_coefficients():
    assert autocorrelation(np.asarray(MAVRO), 1)[1] == pytest.approx(0.9379891834382481, abs=1e-9)
    x = np.asarray([1000000.2] + 500 * [1000000.1, 1000000.3])
    assert autocorrelation(x, 1)[1] == pytest.approx(-0.999, abs=1e-6)


@pytest.mark.parametrize(("n", "rho", "expected"), [(4000, 0.5, 3.0), (8000, 0.9, 19.0)])
def test_long_correlated_series_get_the_known_inflation(n, rho, expected):
    """F of an AR(1) process tends to (1 + rho) / (1 - rho)."""
    rng = np.random.default_rng(7)
    series = [ar1(rng, n, rho) for _ in range(40)]
    assert np.mean([sum_of_lags(x) for x in series]) == pytest.approx(expected, rel=0.15)
    larger = np.mean([inflation(x) for x in series])  # of two estimates the larger one
    assert expected <= larger <= 1.25 * expected


@pytest.mark.parametrize("n", [50, 200])
@pytest.mark.parametrize(("rho", "least"), [(0.0, 0.93), (0.5, 0.92), (0.9, 0.88)])
def test_intervals_of_95_percent_keep_their_promise(n, rho, least):
    """In 4000 series of each kind; what ignoring the correlation would give is far below."""
    rng = np.random.default_rng(11)
    white = rng.normal(size=(4000, n + 200)) * math.sqrt(1 - rho**2)
    series = lfilter([1.0], [1.0, -rho], white)[:, 200:]
    hits = naive = 0
    for x in series:
        e = estimate(np.arange(n), x)
        hits += abs(e.mean) <= float(stdtrit(e.dof, 0.975)) * e.u
        naive += abs(e.mean) <= float(stdtrit(n - 1, 0.975)) * e.s / math.sqrt(n)
    assert hits / 4000 >= least
    assert hits / 4000 <= 0.99
    assert naive / 4000 < {0.0: 0.97, 0.5: 0.80, 0.9: 0.45}[rho]


def test_readings_that_compensate_each_other_are_given_no_credit():
    x = np.resize([0.1, -0.1], 100)
    assert inflation(x) == 1.0
    assert estimate(*even(x)).n_eff == 100


def test_readings_that_are_all_alike_have_no_spread_and_no_drift():
    e = estimate(*even([5.25] * 10))
    assert (e.mean, e.s, e.u, e.n_eff, e.drift, e.drift_u) == (5.25, 0.0, 0.0, 10.0, 0.0, 0.0)


def test_one_reading_says_nothing_about_its_uncertainty():
    e = estimate([3.0], [42.0])
    assert (e.n, e.mean, e.u, e.dof, e.drift_u) == (1, 42.0, math.inf, 0.0, math.inf)
    assert math.isnan(e.s)
    assert math.isnan(e.drift)
    assert (e.t_from, e.t_to) == (3.0, 3.0)


def test_two_readings_have_a_spread_and_a_slope_of_unknown_uncertainty():
    e = estimate([0.0, 2.0], [1.0, 4.0])
    assert e.s == pytest.approx(3 / math.sqrt(2))
    assert e.u == pytest.approx(1.5)
    assert e.dof == 1
    assert e.drift == 1.5
    assert math.isinf(e.drift_u)


@pytest.mark.parametrize(
    ("t", "x", "what"),
    [
        ([], [], "no readings"),
        ([0.0, 1.0], [1.0], "instants for"),
        ([0.0, 1.0], [1.0, math.nan], "not finite"),
        ([0.0, math.inf], [1.0, 2.0], "not finite"),
        ([[0.0]], [[1.0]], "instants for"),
    ],
)
def test_what_cannot_be_averaged_is_refused(t, x, what):
    with pytest.raises(ValueError, match=what):
        estimate(t, x)


def test_gum_h3_slope_of_a_thermometer_correction():
    """JCGM 100, H.3: correction over temperature."""
    t = [21.521, 22.012, 22.512, 23.003, 23.507, 23.999, 24.513, 25.002, 25.503, 26.01, 26.511]
    b = [-0.171, -0.169, -0.166, -0.159, -0.164, -0.165, -0.156, -0.157, -0.159, -0.161, -0.16]
    line = slope(np.asarray(t), np.asarray(b))
    assert line.b == pytest.approx(0.002182697739887278, rel=1e-9)
    assert line.u == pytest.approx(0.0006679387732278317, rel=1e-9)
    assert line.dof == 9


def test_instants_that_are_all_the_same_tell_no_slope():
    line = slope(np.ones(5), np.arange(5.0))
    assert math.isnan(line.b)
    assert math.isinf(line.u)


def test_the_slope_survives_a_large_offset_in_time_and_value():
    t = 1e6 + np.arange(50.0)
    line = slope(t, 1e8 + 0.001 * np.arange(50.0))
    assert line.b == pytest.approx(0.001, rel=1e-6)


def test_the_uncertainty_of_a_slope_covers_its_error_in_correlated_noise():
    rng = np.random.default_rng(5)
    t = np.arange(200.0)
    hits = 0
    for _ in range(200):
        line = slope(t, 0.01 * t + ar1(rng, 200, 0.5))
        hits += abs(line.b - 0.01) <= float(stdtrit(line.dof, 0.975)) * line.u
    assert hits / 200 > 0.85
