"""How many readings are enough, and what each rule keeps of what it states."""

import math

import numpy as np
import pytest

from benchctl.acquire import Count, Early, Precise, Screening, Span, Stages, estimate


def at(n, every=1.0):
    return np.arange(n) * every


def until_enough(rule, t, y):
    """Return the look with which a rule ends, reading by reading, or at the looks that it takes."""
    steps = (*rule.looks, rule.planned) if isinstance(rule, Early) else range(1, y.size + 1)
    for n in steps:
        look = rule.look(t[:n], y[:n])
        if look.enough:
            return look
    raise AssertionError("never enough")


def test_a_count_takes_so_many_and_a_time_what_lies_in_it():
    y = np.zeros(50)
    assert until_enough(Count(7), at(50), y).n == 7
    assert until_enough(Span(30.0), at(50, 2.0), y).n == 16
    assert Span(30.0).look(at(0), y[:0]).n == 0
    late = Span(30.0).look(at(50, 4.0)[:9], y[:9])  # the ninth comes at 32 s and does not count
    assert (late.enough, late.n) == (True, 8)


def test_precision_is_reached_and_its_interval_holds_what_it_says():
    rng = np.random.default_rng(5)
    rule, hits = Precise(target=0.1, at_least=10, at_most=1000), 0
    for _ in range(400):
        y = rng.normal(0.0, 0.5, 200)
        look = until_enough(rule, at(200), y)
        found = estimate(at(look.n), y[: look.n])
        assert found.u <= 0.1
        assert look.n >= 10
        hits += abs(found.mean) <= 2.0 * 0.1
    assert hits / 400 >= 0.93


def test_precision_that_is_not_reached_is_said():
    y = np.random.default_rng(1).normal(0.0, 1.0, 30)
    look = until_enough(Precise(target=0.01, at_least=10, at_most=20, unit="K"), at(30), y)
    assert (look.n, look.short) == (20, True)
    assert "still more than 0.01000 K" in str(look.why)
    assert look.notes == (look.why,)


def test_correlated_readings_take_longer_to_be_precise():
    rng = np.random.default_rng(2)
    white = rng.normal(0.0, 0.3, 3000)
    slow = np.empty(3000)
    slow[0] = 0.0
    for i in range(1, 3000):
        slow[i] = 0.9 * slow[i - 1] + math.sqrt(1 - 0.81) * white[i]
    rule = Precise(target=0.04, at_least=20, at_most=3000)
    assert until_enough(rule, at(3000), slow).n > 2 * until_enough(rule, at(3000), white).n


@pytest.mark.parametrize("sigma", [0.2, 2.0])
def test_two_stages_keep_the_half_width_whatever_the_spread(sigma):
    rng = np.random.default_rng(7)
    rule, hits = Stages(half_width=0.5, first=8, at_most=2000), 0
    for _ in range(500):
        y = rng.normal(0.0, sigma, 600)
        n = rule.look(at(8), y[:8]).wanted
        look = rule.look(at(n), y[:n])
        assert (look.enough, look.n, look.short) == (True, n, False)
        hits += abs(np.mean(y[:n])) <= 0.5
    assert hits / 500 >= 0.93


def test_two_stages_state_the_spread_of_the_first():
    y = np.random.default_rng(3).normal(0.0, 1.0, 400)
    rule = Stages(half_width=0.2, first=10, at_most=400)
    wanted = rule.look(at(10), y[:10]).wanted
    look = rule.look(at(400), y)
    s = estimate(at(10), y[:10])
    assert look.n == wanted > 10
    assert look.u == pytest.approx((s.u * math.sqrt(10 / wanted), s.dof))


def test_two_stages_that_would_need_too_many_say_so():
    y = np.random.default_rng(3).normal(0.0, 1.0, 40)
    look = until_enough(Stages(half_width=0.01, first=10, at_most=20), at(40), y)
    assert (look.n, look.short) == (20, True)


SCREEN = Screening((-1.0, 1.0), half_zone=0.1, sigma=0.12, risks=(0.02, 0.02), at_most=200)


@pytest.mark.parametrize(
    ("mean", "right"), [(0.9, "pass"), (-0.9, "pass"), (1.1, "fail"), (-1.1, "fail"), (0.0, "pass")]
)
def test_screening_keeps_its_risks_at_both_limits(mean, right):
    rng = np.random.default_rng(11)
    found = [until_enough(SCREEN, at(200), rng.normal(mean, 0.12, 200)) for _ in range(600)]
    assert sum(f.decision != right for f in found) / 600 <= 0.02


def test_screening_that_decides_nothing_is_left_open():
    rule = Screening((-1.0, 1.0), half_zone=0.01, sigma=0.5, risks=(0.02, 0.02), at_most=5)
    look = until_enough(rule, at(9), np.full(9, 1.0))
    assert (look.decision, look.n, look.short) == (None, 5, True)
    assert "undecided" in str(look.why)


def fixed_n(half_zone, sigma, risk):
    """Return how many readings a test of fixed size needs for these two risks (Neyman-Pearson)."""
    from scipy.special import ndtri

    return math.ceil((float(ndtri(1 - risk)) * sigma / half_zone) ** 2)


def test_a_verdict_far_from_the_limit_needs_half_of_a_fixed_number_at_equal_risk():
    rng = np.random.default_rng(13)
    mean_n = np.mean(
        [until_enough(SCREEN, at(60), rng.normal(0.7, 0.12, 60)).n for _ in range(400)]
    )
    assert mean_n <= 0.5 * fixed_n(0.1, 0.12, 0.02)


EARLY = Early((-1.0, 1.0), planned=40, at_least=5, risk=0.02)


@pytest.mark.parametrize("mean", [0.0, 0.8, 0.95, 1.0, 1.05, 1.3])
def test_ending_early_changes_the_verdict_no_more_often_than_stated(mean):
    rng = np.random.default_rng(17)
    changed = 0
    for _ in range(700):
        y = rng.normal(mean, 0.3, 40)
        look = until_enough(EARLY, at(40), y)
        changed += (look.decision == "pass") != (abs(np.mean(y)) <= 1.0)
    assert changed / 700 <= 0.02


def test_far_from_the_limit_it_ends_early_and_near_it_reads_on():
    rng = np.random.default_rng(19)
    far = [until_enough(EARLY, at(40), rng.normal(0.0, 0.3, 40)).n for _ in range(200)]
    near = [until_enough(EARLY, at(40), rng.normal(0.98, 0.3, 40)).n for _ in range(200)]
    assert np.mean(far) <= 0.5 * EARLY.planned
    assert np.mean(near) > 0.7 * EARLY.planned


def test_readings_without_any_scatter_decide_at_the_first_look():
    look = until_enough(EARLY, at(40), np.full(40, 0.5))
    assert (look.n, look.decision) == (5, "pass")
