"""Pulses of the reference between pulses of a unit: what is counted, and how uncertain that is."""

import math

import numpy as np
import pytest

from benchctl.acquire import pulse_comparison
from benchctl.core.errors import NotMeasuredError


def counters(t, *, rate, reference, phase=0.3, late=0.7, ramp=0.0):
    """Return both counts at instants t: of a unit, and the reference's at its last pulse."""
    energy = t + ramp * t**2 / 2
    unit = np.floor(rate * energy + phase)
    at_last = np.maximum(0.0, (unit - phase) / rate)
    return unit, np.floor(reference * at_last + late)


def test_whole_pulses_of_the_unit_gate_the_reference():
    t = np.arange(0.0, 60.0, 0.9)
    found = pulse_comparison(t, *counters(t, rate=0.731, reference=2777.0))
    assert found.reference / found.pulses == pytest.approx(2777.0 / 0.731, abs=1.0 / found.pulses)
    assert found.pulses == round(found.pulses)
    assert found.notes == ()


def test_what_counting_leaves_is_triangular_over_a_pulse_either_way():
    rng = np.random.default_rng(1)
    t, off = np.arange(0.0, 40.0, 0.5), []
    for _ in range(3000):
        phase, late, rate = rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.8, 1.2)
        found = pulse_comparison(t, *counters(t, rate=rate, reference=50.3, phase=phase, late=late))
        off.append(found.reference - 50.3 * found.pulses / rate)
    assert np.std(off) == pytest.approx(found.u_reference, rel=0.05)
    assert np.abs(off).max() <= 1.0
    assert abs(np.mean(off)) < 0.03


def test_a_step_of_the_latch_scales_what_it_leaves():
    t = np.arange(0.0, 20.0)
    unit, latched = counters(t, rate=1.0, reference=100.0)
    assert pulse_comparison(t, unit, latched, step=5.0).u_reference == 5.0 / math.sqrt(6)


def test_a_pulse_from_before_the_run_does_not_count():
    t = np.arange(0.0, 10.0)
    unit = np.array([7, 7, 7, 8, 8, 9, 9, 10, 10, 10.0])
    latched = np.array([3, 3, 3, 500, 500, 600, 600, 700, 700, 700.0])  # 3 stems from yesterday
    found = pulse_comparison(t, unit, latched)
    assert (found.pulses, found.reference) == (2, 200)
    assert (found.t_start, found.t_stop) == (3.0, 7.0)


@pytest.mark.parametrize("unit", [[], [4.0], [4, 4, 4.0], [4, 4, 5.0]])
def test_less_than_two_pulses_are_nothing_yet(unit):
    unit = np.array(unit, dtype=float)
    assert pulse_comparison(np.arange(unit.size) * 1.0, unit, 10 * unit) is None


def test_enough_is_both_pulses_and_time():
    t = np.arange(0.0, 10.0)
    found = pulse_comparison(t, t.copy(), 100 * t)
    assert found.enough(8, 8.0)
    assert not found.enough(9, 8.0)
    assert not found.enough(8, 8.1)


def test_a_count_that_goes_back_or_a_reference_that_stands_is_not_measured():
    t = np.arange(0.0, 5.0)
    up = np.array([0, 1, 2, 3, 4.0])
    for unit, latched in ((np.array([0, 1, 2, 0, 1.0]), up), (up, np.array([9, 10, 11, 2, 3.0]))):
        with pytest.raises(NotMeasuredError, match="went back"):
            pulse_comparison(t, unit, latched)
    with pytest.raises(NotMeasuredError, match="no pulse"):
        pulse_comparison(t, up, np.full(5, 8.0))


def test_a_rate_that_changes_is_noted():
    t = np.arange(0.0, 200.0)
    steady = pulse_comparison(t, *counters(t, rate=2.3, reference=1000.0))
    ramp = pulse_comparison(t, *counters(t, rate=2.3, reference=1000.0, ramp=0.002))
    assert steady.notes == ()
    assert [n.id for n in ramp.notes] == ["acquire.rate-changed"]
