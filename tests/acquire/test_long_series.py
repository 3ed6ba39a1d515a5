"""A long series is looked at in blocks: the same mean and spread to the last digit, honest u."""

from __future__ import annotations

import numpy as np
import pytest

from benchctl.acquire import estimate
from benchctl.acquire.long_series import BLOCKS, LONG, blocks_of

N = LONG + 917
"""Not a whole number of blocks."""


def noise(rho: float, n: int, seed: int) -> np.ndarray:
    """AR(1) with standard deviation 1."""
    from scipy.signal import lfilter

    white = np.random.default_rng(seed).normal(size=n + 2000) * np.sqrt(1 - rho * rho)
    return lfilter([1.0], [1.0, -rho], white)[2000:]


@pytest.mark.parametrize("offset", [0.0, 1e6, -1e9])
@pytest.mark.parametrize("drift", [0.0, 1e3])
def test_mean_and_spread_are_those_of_all_readings(offset, drift):
    rng = np.random.default_rng(3)
    small = rng.normal(size=N) + drift * np.arange(N) / N
    e = estimate(np.arange(N), small + offset)
    exact = (small + offset).astype(np.float128)
    assert e.n == N
    assert e.mean == pytest.approx(float(exact.mean()), rel=4e-16, abs=1e-15)
    assert e.s == pytest.approx(float(exact.std(ddof=1)), rel=1e-12)


@pytest.mark.parametrize(
    ("rho", "share"),
    [(0.0, 0.93), (0.5, 0.93), (0.9, 0.93), (0.99, 0.92)],
)
def test_the_stated_interval_holds_the_mean_as_often_as_it_says(rho, share):
    from scipy.special import stdtrit

    inside = 0
    for seed in range(200):
        e = estimate(np.arange(N), noise(rho, N, seed))
        inside += abs(e.mean) <= float(stdtrit(e.dof, 0.975)) * e.u
    assert inside / 200 >= share - 0.04  # three standard deviations of 200 trials below


def test_the_effective_number_is_the_known_one_for_a_correlated_series():
    found = [estimate(np.arange(N), noise(0.9, N, seed)).n_eff for seed in range(30)]
    assert np.median(found) == pytest.approx(N * 0.1 / 1.9, rel=0.1)


def test_readings_that_compensate_each_other_get_no_credit():
    e = estimate(np.arange(N), np.resize([1.0, -1.0], N))
    assert e.n_eff == N
    assert e.u == pytest.approx(e.s / np.sqrt(N))


def test_a_drift_is_found_with_its_sign():
    e = estimate(np.arange(N) * 0.1, noise(0.5, N, 1) + 1e-3 * np.arange(N) * 0.1)
    assert abs(e.drift - 1e-3) <= 3 * e.drift_u < 1e-4
    assert e.n_eff < 100


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 1, 5000, N - 900, N - 1])
def test_what_is_not_finite_is_refused_wherever_it_stands(bad, place):
    x = np.zeros(N)
    x[place] = bad
    with pytest.raises(ValueError, match="not finite"):
        estimate(np.arange(N), x)


def test_every_block_has_as_many_readings_and_its_own_instant():
    blocks = blocks_of(np.arange(N, dtype=float), np.arange(N, dtype=float))
    assert blocks.means.size == BLOCKS
    assert np.array_equal(blocks.means, blocks.t)
    assert blocks.means[0] == (blocks.size - 1) / 2
    assert blocks.mean == (N - 1) / 2
