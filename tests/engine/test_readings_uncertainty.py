"""What readings leave uncertain: the stated interval holds as often as it says, and no more."""

import math

import numpy as np
import pytest

from benchctl.acquire import estimate
from benchctl.engine.side_by_side import drift_u
from benchctl.metrology import coverage_factor, effective_dof

N = 20
T = np.arange(float(N))


def stated(y):
    """Return mean and U (95.45 %) of single results, by their scatter and their drift."""
    seen = estimate(T, y)
    drift = drift_u(seen)
    dof = effective_dof([(seen.u, seen.dof), (drift, math.inf)])
    return seen.mean, coverage_factor(dof, 0.9545) * math.hypot(seen.u, drift)


def test_of_readings_that_only_scatter_the_interval_holds_what_it_says():
    rng = np.random.default_rng(1)
    found = [stated(rng.normal(0.0, 1.0, N)) for _ in range(1500)]
    held = sum(abs(mean) <= U for mean, U in found) / len(found)
    assert 0.935 <= held <= 0.985  # the bound |b| + t u(b) would make it 1.0, and U twice as large
    plain = coverage_factor(N - 1, 0.9545) / math.sqrt(N)
    assert np.median([U for _, U in found]) <= 1.15 * plain


def test_what_a_steady_drift_leaves_is_found_through_the_scatter():
    rng = np.random.default_rng(2)
    per_s = 0.2
    squares = [drift_u(estimate(T, per_s * T + rng.normal(0.0, 0.5, N))) ** 2 for _ in range(800)]
    assert math.sqrt(np.mean(squares)) == pytest.approx(per_s * T[-1] / math.sqrt(12), rel=0.03)


def test_without_scatter_the_drift_is_all_of_it_and_two_readings_have_none():
    assert drift_u(estimate(T, 0.1 * T)) == pytest.approx(0.1 * T[-1] / math.sqrt(12))
    assert drift_u(estimate(T, np.full(N, 3.0))) == 0.0
    assert drift_u(estimate(T[:2], np.array([1.0, 2.0]))) == 0.0
