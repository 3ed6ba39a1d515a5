"""Waiting until something has settled: it is looked at again and again, and seldom in vain."""

import math
from statistics import median

import numpy as np
import pytest

from benchctl.acquire import Until, scheduler_for, settle, settled
from benchctl.acquire.repeated import confidence_of_a_look, surely_at_most
from benchctl.core.clock import VirtualClock
from benchctl.core.series import Series

DWELL = 10.0
EVERY = 0.5
LIMIT = 1.0


class Nobody:
    def ask(self, prompt, answered):
        raise AssertionError

    def withdraw(self, prompt):
        raise AssertionError


def waited(truth, noise, seed, *, timeout=50.0, rho=0.0):
    """Wait for what moves as `truth` says; return the outcome and what it really moved by."""
    clock = VirtualClock()
    scheduler = scheduler_for(clock, Nobody())
    series = Series("flow", ("flow",), ("m³/h",))
    rng = np.random.default_rng(seed)

    def sampler():
        level = rng.normal()
        while True:
            now = clock.now()
            series.push(now, now, (truth(now) + noise * level,))
            level = rho * level + math.sqrt(1 - rho**2) * rng.normal()
            yield Until(now + EVERY)

    scheduler.spawn(sampler(), bus="a", name="flow")
    outcome = scheduler.run(
        settle(
            series,
            0,
            clock,
            target=None,
            tolerance=None,
            limit=LIMIT,
            dwell=DWELL,
            timeout=timeout,
            poll=EVERY,
        )
    )
    return outcome, abs(truth(outcome.waited) - truth(outcome.waited - DWELL))


def ramp(times_the_limit):
    return lambda t: times_the_limit * LIMIT * t / DWELL


def tail(tau):
    return lambda t: 10 * LIMIT * math.exp(-t / tau)


def false_ones(truth, noise, runs, **more):
    found = (waited(truth, noise, seed, **more) for seed in range(runs))
    return sum(o.settled and moved > LIMIT for o, moved in found)


@pytest.mark.parametrize("noise", [0.15, 0.4])
@pytest.mark.parametrize("slope", [1.05, 1.2])
def test_a_noisy_ramp_just_beyond_the_limit_is_called_stable_in_less_than_5_percent(slope, noise):
    """Of the whole wait, with all its looks: a single one at 95 % is fooled in up to 80 %."""
    assert false_ones(ramp(slope), noise, 100) < 5


@pytest.mark.parametrize("noise", [0.15, 0.4])
@pytest.mark.parametrize("tau", [3.0, 30.0])
def test_a_first_order_tail_is_called_stable_too_early_in_less_than_5_percent(tau, noise):
    assert false_ones(tail(tau), noise, 60, timeout=120.0) < 3


def test_noise_that_is_correlated_from_reading_to_reading_fools_it_seldom_too():
    assert false_ones(ramp(1.1), 0.2, 60, rho=0.5) <= 3


def test_a_longer_time_out_means_more_looks_and_no_more_mistakes():
    assert false_ones(ramp(1.05), 0.3, 40, timeout=200.0) < 3


@pytest.mark.parametrize(
    ("tau", "noise", "more"), [(3.0, 0.05, 1.15), (30.0, 0.05, 1.15), (3.0, 0.2, 1.25)]
)
def test_being_sure_costs_little_time(tau, noise, more):
    """Against the first look at 95 % that is not fooled."""
    truth = tail(tau)
    took = median(waited(truth, noise, seed, timeout=120.0)[0].waited for seed in range(15))
    assert took <= more * median(first_true_look(truth, noise, seed) for seed in range(15))


def first_true_look(truth, noise, seed):
    rng = np.random.default_rng(seed)
    t = np.arange(241) * EVERY
    x = np.array([truth(at) for at in t]) + noise * rng.normal(size=t.size)
    for end in range(round(DWELL / EVERY), t.size):
        now = t[end]
        still = abs(truth(now) - truth(now - DWELL)) > LIMIT
        if not still and settled(t[: end + 1], x[: end + 1], limit=LIMIT, dwell=DWELL).settled:
            return now
    raise AssertionError


def test_large_noise_is_waited_out_by_a_longer_window():
    """One dwell time cannot tell; several can, where one look only asked for luck before."""
    outcome, _ = waited(lambda t: 5.0, 0.4, 1, timeout=120.0)
    assert outcome.settled
    assert DWELL < outcome.waited <= 4 * DWELL + 5.0


def test_the_change_is_that_of_the_dwell_time_also_from_a_longer_window():
    t = np.arange(101) * EVERY
    change = surely_at_most(t, 0.03 * t, DWELL, 0.999)
    assert change == pytest.approx(0.3)
    assert math.isinf(surely_at_most(t[:19], t[:19], DWELL, 0.999))


def test_more_time_for_looks_asks_for_surer_ones():
    sure = [confidence_of_a_look(DWELL, timeout) for timeout in (5.0, 10.0, 50.0, 500.0)]
    assert sure[0] == sure[1] == pytest.approx(0.997)
    assert sure[2] == pytest.approx(0.9994)
    assert sure[3] == pytest.approx(0.99994)
