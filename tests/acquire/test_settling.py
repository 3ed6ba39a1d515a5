"""Settling: the equivalence test on block means, prediction, and waiting for it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.acquire import Until, sample, scheduler_for, settle, settled
from benchctl.acquire.prediction import extrapolate
from benchctl.core.clock import VirtualClock
from benchctl.core.messages import LANGUAGES, words
from benchctl.core.series import FAILED, Series


class Nobody:
    def ask(self, prompt, answered):
        raise AssertionError

    def withdraw(self, prompt):
        raise AssertionError


def times(rate, seconds):
    return np.arange(round(rate * seconds) + 1) / rate


def ar1(rng, n, rho):
    noise = rng.normal(size=n) * math.sqrt(1 - rho**2)
    x = np.empty(n)
    x[0] = rng.normal()
    for i in range(1, n):
        x[i] = rho * x[i - 1] + noise[i]
    return x


def plain_bound(t, x, t95=2.3533634348018233):
    """|b| T + t_{0.95, 3} s_b T on five block means of the last 10 s, written out."""
    began = t[-1] - 10.0
    t, x = t[t >= began] - began, x[t >= began]
    block = np.minimum((t / 2).astype(int), 4)
    tau = np.array([t[block == i].mean() for i in range(5)])
    m = np.array([x[block == i].mean() for i in range(5)])
    b, a = np.polyfit(tau, m, 1)
    s_b = math.sqrt(((m - a - b * tau) ** 2).sum() / 3 / ((tau - tau.mean()) ** 2).sum())
    return b, (abs(b) + t95 * s_b) * 10.0


def test_the_bound_is_that_of_the_formula():
    rng = np.random.default_rng(1)
    t = times(2, 30) + 0.25
    x = 100 + 0.02 * t + 0.1 * rng.normal(size=t.size)
    state = settled(t, x, limit=50.0, dwell=10.0)
    b, bound = plain_bound(t, x)
    assert state.drift == pytest.approx(b, rel=1e-9)
    assert state.bound == pytest.approx(bound, rel=1e-9)
    assert state.settled
    assert state.remaining == 0.0


def test_steady_readings_settle_as_soon_as_the_dwell_time_is_full():
    t = times(5, 10)
    x = 2.5 + 0.002 * np.random.default_rng(2).normal(size=t.size)
    assert settled(t, x, limit=0.05, dwell=10.0).settled
    short = settled(t[:-1], x[:-1], limit=0.05, dwell=10.0)
    assert not short.settled
    assert short.why.id == "acquire.settle-short"


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0, 5.0])
def test_a_short_dwell_works_at_every_rate_that_fills_five_blocks(rate):
    t = times(rate, 10)
    assert settled(t, 100 + 0.0 * t, limit=1.0, dwell=10.0).settled


def test_too_few_readings_for_five_blocks_are_not_enough():
    t = times(0.3, 30)
    state = settled(t, 0 * t, limit=1.0, dwell=10.0)
    assert not state.settled
    assert state.why.id == "acquire.settle-gaps"


def test_a_gap_in_the_readings_is_not_steadiness():
    t = times(5, 20)
    hole = (t < 13) | (t > 16)
    state = settled(t[hole], 0 * t[hole], limit=1.0, dwell=10.0)
    assert state.why.id == "acquire.settle-gaps"


@pytest.mark.parametrize("sign", [1, -1])
def test_a_drift_larger_than_the_limit_is_refused_and_a_smaller_one_accepted(sign):
    t = times(5, 30)
    assert not settled(t, sign * 0.12 * t, limit=1.0, dwell=10.0).settled
    state = settled(t, sign * 0.08 * t, limit=1.0, dwell=10.0)
    assert state.settled
    assert state.drift == pytest.approx(sign * 0.08)
    assert state.bound == pytest.approx(0.8)


def test_noise_that_hides_a_drift_is_not_steadiness():
    """That no drift is significant does not do: the bound must be small."""
    rng = np.random.default_rng(4)
    t = times(2, 10)
    quiet = sum(
        settled(t, 0.1 * rng.normal(size=t.size), limit=1.0, dwell=10.0).settled for _ in range(100)
    )
    noisy = sum(
        settled(t, 2.0 * rng.normal(size=t.size), limit=1.0, dwell=10.0).settled for _ in range(100)
    )
    assert quiet == 100
    assert noisy <= 2


def test_a_drift_beyond_the_limit_is_called_settled_in_at_most_5_percent():
    """The confidence of the bound, with white noise and a drift just above the limit."""
    rng = np.random.default_rng(6)
    t = times(5, 10)
    false = sum(
        settled(t, 0.101 * t + 0.3 * rng.normal(size=t.size), limit=1.0, dwell=10.0).settled
        for _ in range(1000)
    )
    assert false <= 60


def test_correlated_noise_widens_the_bound_beyond_what_the_blocks_show():
    rng = np.random.default_rng(8)
    t = times(5, 10)
    wider = {}
    for rho in (0.0, 0.9):
        series = [ar1(rng, t.size, rho) for _ in range(100)]
        factors = [
            settled(t, x, limit=1e9, dwell=10.0).bound / plain_bound(t, x)[1] for x in series
        ]
        assert min(factors) > 1 - 1e-9
        wider[rho] = np.median(factors)
    assert wider[0.0] == pytest.approx(1.0)
    assert wider[0.9] > 1.15


def test_off_the_target_is_not_settled_however_steady():
    t = times(5, 20)
    state = settled(t, 2.44 + 0 * t, limit=0.1, dwell=10.0, target=2.375, tolerance=0.025)
    assert not state.settled
    assert state.why.id == "acquire.settle-off"
    assert settled(t, 2.43 + 0 * t, limit=0.1, dwell=10.0, target=2.375, tolerance=0.025).settled


def test_one_wild_block_spoils_the_window_even_without_a_trend():
    t = times(5, 10)
    x = np.where((t > 4) & (t < 6), 1.5, 0.0)
    state = settled(t, x, limit=1.0, dwell=10.0)
    assert not state.settled
    assert abs(state.drift) < 0.05
    assert state.why.id == "acquire.settle-drifts"


def test_with_many_blocks_a_wild_one_is_seen_by_their_range():
    t = times(10, 10)
    x = np.where((t >= 5.0) & (t < 5.2), 1.5, 0.0)
    state = settled(t, x, limit=1.0, dwell=10.0, blocks=50)
    assert state.bound < 1.0
    assert not state.settled
    assert state.why.id == "acquire.settle-drifts"


def test_only_the_last_dwell_seconds_count():
    t = times(5, 60)
    x = np.where(t < 45, 10 * np.sin(t), 1.0)
    state = settled(t, x, limit=0.1, dwell=10.0)
    assert state.settled
    assert state.mean == 1.0


def test_wrong_arguments_are_refused():
    t = times(5, 20)
    with pytest.raises(ValueError, match="at least 5 blocks"):
        settled(t, t, limit=1.0, dwell=10.0, blocks=4)
    with pytest.raises(ValueError, match="positive"):
        settled(t, t, limit=0.0, dwell=10.0)
    with pytest.raises(ValueError, match="belong together"):
        settled(t, t, limit=1.0, dwell=10.0, target=1.0)
    with pytest.raises(ValueError, match="leaves no band"):
        settled(t, t, limit=1.0, dwell=10.0, target=0.0, tolerance=0.1)
    with pytest.raises(ValueError, match="not finite"):
        settled(t, t * math.nan, limit=1.0, dwell=10.0)


# prediction -------------------------------------------------------------------------------------


def test_aitken_finds_the_end_of_an_exponential():
    """Vector AITKEN."""
    found = extrapolate((22.0, 23.582900341776956, 24.33060951955471), 30.0)
    assert found == (pytest.approx(25.0, rel=1e-9), pytest.approx(40.0, rel=1e-9))


@pytest.mark.parametrize(
    ("y", "noise"),
    [
        ((0.0, 1.0, 2.5), 0.0),  # runs away
        ((0.0, 1.0, 0.5), 0.0),  # turns back
        ((0.0, 1.0, 2.0), 0.0),  # straight on
        ((0.0, 1.0, 1.5), 0.2),  # the second step is lost in noise
        ((0.0, 10.0, 19.9), 0.1),  # the end is anywhere
        ((1.0, 1.0, 1.0), 0.0),
    ],
)
def test_an_extrapolation_that_is_not_credible_is_refused(y, noise):
    assert extrapolate(y, 1.0, noise) is None


@given(st.floats(2.0, 60.0), st.floats(0.05, 3.0), st.sampled_from([-1, 1]), st.floats(6.0, 40.0))
def test_the_predicted_time_is_about_when_it_really_settles(tau, limit, sign, now):
    """On a noiseless exponential: the window [T - dwell, T] changes by `limit` at the end."""
    dwell = 10.0

    def at(seconds):
        t = times(5, seconds)
        return settled(t, sign * 10 * np.exp(-t / tau), limit=limit, dwell=dwell)

    state = at(now)
    if state.remaining is None or state.settled:
        return
    end = now + state.remaining
    assert at(end * 1.15 + 4.0).settled
    if 0.85 * end - 4.0 > max(now, dwell):
        assert not at(0.85 * end - 4.0).settled


def test_no_time_is_promised_when_the_end_lies_off_the_target():
    t = times(5, 12)
    x = 2.0 - np.exp(-t / 10)
    assert settled(t, x, limit=0.1, dwell=10.0).remaining > 0
    off = settled(t, x, limit=0.1, dwell=10.0, target=2.5, tolerance=0.02)
    assert off.remaining is None


# waiting ----------------------------------------------------------------------------------------


def line(clock, tau=8.0, final=2.4, noise=0.0, seed=0):
    """A flow that approaches `final` from 0 after the start, with noise."""
    rng = np.random.default_rng(seed)
    return lambda: (final * -math.expm1(-clock.now() / tau) + noise * rng.normal(),)


def wait(reader_of, *, timeout=120.0, stale=0, fails=(), **settings):
    clock = VirtualClock()
    scheduler = scheduler_for(clock, Nobody())
    series = Series("flow", ("flow",), ("m³/h",))
    for i in range(stale):  # readings at the old set-point, perfectly steady
        series.push(i - 100.0, i - 100.0, (2.4,))
    seen = []
    count = iter(range(10**6))
    reader = reader_of(clock)

    def flagged():
        while True:
            before = clock.now()
            if next(count) in fails:
                series.push(before, before, (math.nan,), FAILED)
            else:
                series.push(before, before, reader())
            yield Until(before + 0.5)

    scheduler.spawn(flagged(), bus="a", name="flow")
    options = {"target": 2.375, "tolerance": 0.025, "dwell": 10.0} | settings
    task = settle(series, "flow", clock, timeout=timeout, seen=seen.append, **options)
    return scheduler.run(task), seen


def test_settle_waits_until_the_flow_is_steady_at_the_target():
    outcome, seen = wait(lambda c: line(c, noise=0.003))
    assert outcome.settled
    assert outcome.mean == pytest.approx(2.37, abs=0.02)
    # 2.5 % of 2.375 is reached from below after 8 s * ln(2.4 / 0.084) = 27 s, and then 10 s long
    assert 25 < outcome.waited < 55
    assert outcome.half_width < 0.03
    assert [s.settled for s in seen] == [False] * (len(seen) - 1) + [True]
    predicted = [s.remaining for s in seen if s.remaining is not None]
    assert predicted
    assert predicted[-2] < predicted[0]


def test_readings_from_before_the_change_do_not_count():
    outcome, _ = wait(line, stale=100)
    assert outcome.waited > 25


def test_a_time_out_is_an_outcome_with_its_reason():
    outcome, seen = wait(lambda c: line(c, final=3.0), timeout=60.0)
    assert not outcome.settled
    assert outcome.waited == 60.0
    assert outcome.why.id == "acquire.settle-timeout"
    assert "2.998 m³/h lies outside 2.316 m³/h to 2.434 m³/h" in words(outcome.why)
    assert not any(s.settled for s in seen)


def test_no_reading_at_all_is_a_time_out_too():
    outcome, seen = wait(line, timeout=20.0, fails=range(1000))
    assert not outcome.settled
    assert math.isnan(outcome.mean)
    assert math.isinf(outcome.half_width)
    assert outcome.why.id == "acquire.settle-nothing"
    assert seen == []


def test_isolated_failed_reads_do_not_hinder():
    outcome, _ = wait(line, fails=range(3, 1000, 7))
    assert outcome.settled


def test_without_a_target_steadiness_alone_counts():
    outcome, _ = wait(
        lambda c: line(c, final=7.7), target=None, tolerance=None, limit=0.05, timeout=300.0
    )
    assert outcome.settled
    assert outcome.mean == pytest.approx(7.7, rel=0.02)


def test_settling_needs_something_to_hold_on_to():
    with pytest.raises(ValueError, match="needs a limit or a target"):
        wait(line, target=None, tolerance=None)


def test_settle_looks_at_a_real_sampler():
    clock = VirtualClock()
    scheduler = scheduler_for(clock, Nobody())
    series = Series("flow", ("total", "flow"), ("L", "m³/h"))
    flow = line(clock)
    task = sample(lambda: (0.0, *flow()), series, clock, period=0.2)
    scheduler.spawn(task, bus="a", name="flow")
    outcome = scheduler.run(
        settle(series, 1, clock, target=2.4, tolerance=0.025, dwell=10.0, timeout=120.0)
    )
    assert outcome.settled
    # an exponential is within 2.5 % after 3.69 tau; its first block mean must be, too
    assert outcome.waited == pytest.approx(8 * math.log(40) + 10, abs=3.0)


def test_every_reason_words_in_every_language():
    outcomes = [
        wait(line)[0],
        wait(line, timeout=5.0)[0],
        wait(lambda c: line(c, final=3.0), timeout=60.0)[0],
        wait(line, timeout=20.0, fails=range(1000))[0],
        wait(lambda c: line(c, noise=1.0), timeout=60.0, target=None, tolerance=None, limit=0.1)[0],
        wait(line, timeout=60.0, fails=set(range(1000)) - set(range(0, 1000, 9)))[0],
    ]
    for language in LANGUAGES:
        assert all(words(o.why, language) for o in outcomes)
    assert len({words(o.why) for o in outcomes}) == 6


def tail(t, tau):
    """From 0 to 1 over the 10 s of a window: a ramp, or the end of a first-order approach."""
    return t / 10.0 if tau is None else (1 - np.exp(-t / tau)) / (1 - math.exp(-10.0 / tau))


@pytest.mark.parametrize("tau", [None, 3.0, 10.0, 50.0], ids=lambda tau: f"tau={tau}")
@pytest.mark.parametrize("noise", [0.03, 0.1, 0.3])
@pytest.mark.parametrize("rate", [2, 10])
def test_what_still_moves_by_more_than_the_limit_is_called_stable_in_less_than_5_percent(
    tau, noise, rate
):
    """Ramps and first-order tails that move by 1.1 limits within the window."""
    rng = np.random.default_rng(17)
    t = times(rate, 10)
    y = 1.1 * tail(t, tau)
    false = sum(
        settled(t, y + noise * rng.normal(size=t.size), limit=1.0, dwell=10.0).settled
        for _ in range(800)
    )
    assert false / 800 < 0.05
