"""Two stages, sequential decisions, drift-free differences, interpolated pulses."""

import numpy as np
import pytest

from benchctl.acquire.comparing import (
    abba,
    double_chronometry,
    edge_interpolation,
    interpolated_pulses,
)
from benchctl.acquire.sequential import Wald, stein


def test_steins_two_stages_keep_the_coverage_whatever_the_spread():
    rng = np.random.default_rng(3)
    for sigma in (0.3, 3.0):
        hits = 0
        for _ in range(1500):
            first = rng.normal(0, sigma, 5)
            plan = stein(first.tolist(), 0.5, 0.95)
            rest = rng.normal(0, sigma, plan.n - 5)
            hits += abs(np.concatenate((first, rest)).mean()) <= 0.5
        assert hits / 1500 >= 0.935


def test_a_first_stage_that_is_precise_enough_needs_no_second():
    assert stein([1.0, 1.001, 0.999], 5.0).n == 3
    for readings, half_width in (([1.0], 0.1), ([1.0, 2.0], 0.0)):
        with pytest.raises(ValueError, match="readings"):
            stein(readings, half_width)


TEST = Wald(limit=0.4, half_zone=0.05, sigma=0.06, alpha=0.02, beta=0.02)


@pytest.mark.parametrize(("mean", "wrong"), [(0.35, "fail"), (0.45, "pass")])
def test_walds_risks_are_kept(mean, wrong):
    rng = np.random.default_rng(9)
    found = [TEST.test(rng.normal(mean, 0.06, 200).tolist()) for _ in range(2000)]
    assert all(f.decision for f in found)
    assert sum(f.decision == wrong for f in found) / 2000 <= 0.02


def test_readings_that_decide_nothing_leave_it_open():
    found = TEST.test([0.4, 0.4, 0.41])
    assert (found.decision, found.n) == (None, 3)
    assert TEST.test([]).decision is None


def test_the_expected_number_is_largest_at_the_limit_and_goes_over_smoothly():
    assert TEST.expected_n(0.4) == pytest.approx(5.452655483802919)
    assert TEST.expected_n(0.4 + 1e-9) == pytest.approx(TEST.expected_n(0.4), rel=1e-4)
    assert TEST.expected_n(0.45) == pytest.approx(TEST.expected_n(0.35))
    assert TEST.expected_n(0.3) < TEST.expected_n(0.35) < TEST.expected_n(0.4)


def test_a_linear_drift_leaves_no_trace_and_a_quadratic_one_what_is_said():
    t = np.array([-1.5, -0.5, 0.5, 1.5])
    level = np.array([0.0, 7.0, 7.0, 0.0])
    found = abba(*(level + 5 + 0.3 * t))
    assert found.value == pytest.approx(7.0)
    assert found.drift == pytest.approx(0.3)
    assert abba(*(level + 0.1 * t**2)).value == pytest.approx(7.0 - 2 * 0.1)


def test_both_ways_to_count_parts_of_a_pulse_agree_at_a_steady_rate():
    edges = np.arange(100) * 0.1 + 0.03
    gate = (0.512, 7.781)
    expected = (gate[1] - gate[0]) / 0.1
    assert edge_interpolation(edges, gate) == pytest.approx(expected)
    assert double_chronometry(edges, gate) == pytest.approx(expected)


def test_gates_outside_the_edges_and_no_pulses_are_refused():
    edges = [0.1, 0.2, 0.3]
    with pytest.raises(ValueError, match="between edges"):
        edge_interpolation(edges, (0.0, 0.25))
    with pytest.raises(ValueError, match="follows"):
        double_chronometry(edges, (0.15, 0.35))
    with pytest.raises(ValueError, match="0 pulses"):
        interpolated_pulses(0, 1.0, 1.0)
