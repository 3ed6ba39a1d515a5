"""What plants are made of: responses, noise, totals, curves, the timeline."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.simulation import (
    ErrorCurve,
    Noise,
    Register,
    Response,
    Ripple,
    Table,
    Timeline,
    Totaliser,
    pulses,
    read_table,
    steady,
)


def quadrature(function, start, end, n=4001):
    """Simpson's rule, as an integral that shares nothing with the closed form."""
    x = np.linspace(start, end, n)
    y = np.array([function(v) for v in x])
    weights = np.ones(n)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    return float((weights * y).sum() * (x[1] - x[0]) / 3.0)


@given(
    start=st.floats(-5, 5),
    target=st.floats(-5, 5),
    tau=st.floats(0.2, 10),
    surge=st.floats(0, 0.5),
    seconds=st.floats(0.1, 40),
)
def test_the_integral_of_a_response_is_that_of_its_values(start, target, tau, surge, seconds):
    response = Response(3.0, start, target, tau, surge)
    expected = quadrature(response.at, 3.0, 3.0 + seconds)
    assert response.integral(3.0 + seconds) == pytest.approx(expected, abs=2e-6 * (1 + seconds))


def test_a_response_begins_where_it_was_and_ends_at_its_target():
    response = Response(10.0, 0.2, 1.0, 2.0, surge=0.08)
    assert response.at(10.0) == 0.2
    assert response.at(-5.0) == 0.2
    assert response.integral(9.0) == 0.0
    assert response.at(100.0) == pytest.approx(1.0, abs=1e-9)
    assert 1.01 < max(response.at(10.0 + 0.1 * n) for n in range(100)) < 1.03  # the surge
    assert steady(4.0).at(1e6) == 4.0


def test_noise_depends_on_seed_channel_and_instant_and_on_nothing_else():
    first, again = Noise(7, "flow"), Noise(7, "flow")
    forward = [first.gauss(0.1 * n) for n in range(50)]
    backward = [again.gauss(0.1 * n) for n in reversed(range(50))]
    assert forward == backward[::-1]
    assert Noise(8, "flow").gauss(0.1) != first.gauss(0.1)
    assert Noise(7, "pressure").gauss(0.1) != first.gauss(0.1)
    assert first.gauss(0.1) != first.gauss(math.nextafter(0.1, 1.0))


def test_white_noise_is_normally_distributed_and_uncorrelated():
    values = np.array([Noise(3, "x").gauss(0.01 * n, 2.0) for n in range(4000)])
    assert abs(values.mean()) < 4 * 2.0 / math.sqrt(4000)
    assert values.std() == pytest.approx(2.0, rel=0.05)
    assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 0.07
    assert np.mean(np.abs(values) < 2.0) == pytest.approx(0.683, abs=0.03)
    uniform = [Noise(3, "x").uniform(n, 2.0, 4.0) for n in range(1000)]
    assert 2.0 <= min(uniform) < 2.02
    assert 3.98 < max(uniform) < 4.0


def test_a_ripple_is_smooth_and_exactly_integrable():
    ripple = Ripple(5, "flow", rms=0.003, periods=(10.0, 60.0))
    assert ripple.integral(2.0, 400.0) == pytest.approx(quadrature(ripple.at, 2.0, 400.0), abs=1e-9)
    values = np.array([ripple.at(0.5 * n) for n in range(100_00)])
    assert np.sqrt((values**2).mean()) == pytest.approx(0.003, rel=0.02)
    assert np.abs(np.diff(values)).max() < 0.003 * 2 * math.pi / 10.0
    assert Ripple(6, "flow", rms=0.003, periods=(10.0, 60.0)).at(1.0) != ripple.at(1.0)


def test_a_totaliser_keeps_what_it_has_when_its_gain_changes():
    total = Totaliser(10.0, 1.01).carried(100.0, 0.0)
    assert total.at(50.0) == pytest.approx(111.0)
    assert total.carried(50.0, 2.0).at(1.0) == pytest.approx(113.0)


def test_a_register_shows_whole_steps_and_runs_over():
    register = Register(start=99.95, scale_interval=0.05, capacity=100.0)
    assert register.shows(0.0) == pytest.approx(99.95)
    assert register.shows(0.0499) == pytest.approx(99.95)
    assert register.shows(0.05) == pytest.approx(0.0, abs=1e-9)
    assert Register(0.0, 0.1).shows(0.3) == pytest.approx(0.3)  # not 0.2: 3 * 0.1 > 0.3
    assert pulses(0.3, 0.1) == 3


@given(
    st.lists(st.floats(-5, 5), min_size=2, max_size=6),
    st.floats(1e-3, 20),
)
def test_an_error_curve_meets_its_knots_and_stays_between_them(errors, flow):
    knots = [(0.02 * 2.0**n, e) for n, e in enumerate(errors)]
    curve = ErrorCurve(knots)
    for q, e in knots:
        assert curve(q) == pytest.approx(e, abs=1e-9)
    value = curve(flow)
    for (q1, e1), (q2, e2) in pairwise(knots):
        if q1 <= flow <= q2:
            assert min(e1, e2) - 1e-9 <= value <= max(e1, e2) + 1e-9
    assert curve(1e-9) == errors[0]
    assert curve(0.0) == errors[0]
    assert curve(1e9) == errors[-1]


def test_an_error_curve_has_no_kinks():
    curve = ErrorCurve([(0.02, 1.0), (0.04, -2.0), (0.3, 0.5), (2.5, 0.8)])
    x = np.linspace(math.log(0.01), math.log(5.0), 20_001)
    slope = np.diff([curve(math.exp(v)) for v in x]) / (x[1] - x[0])
    assert np.abs(np.diff(slope)).max() < 0.02


def test_a_table_is_straight_between_its_points(tmp_path):
    path = tmp_path / "curve.csv"
    path.write_text("m³/h,%\n0,0\n1.0,50\n2.0,80\n", encoding="utf-8")
    table = read_table(path)
    assert table(0.5) == 25.0
    assert table(1.5) == 65.0
    assert (table(-1.0), table(9.0)) == (0.0, 80.0)
    assert Table([(1.0, 2.0), (0.0, 4.0)])(0.5) == 3.0


def add(state, t, change):
    return (*state, (t, change))


def test_a_timeline_answers_for_any_instant_in_any_order():
    line = Timeline((), add)
    line.put(10.0, "b")
    line.put(20.0, "c")
    assert line.at(25.0) == ((10.0, "b"), (20.0, "c"))
    assert line.at(10.0) == ((10.0, "b"),)
    assert line.at(9.9) == ()
    line.put(5.0, "a")  # a task whose instant is earlier
    assert line.at(25.0) == ((5.0, "a"), (10.0, "b"), (20.0, "c"))
    assert line.at(7.0) == ((5.0, "a"),)


def test_what_is_scheduled_can_be_put_off_until_it_has_happened():
    line = Timeline((), add)
    line.schedule("trip", 0.0, 5.0, "trip")
    line.schedule("trip", 4.0, 9.0, "trip")
    assert line.due("trip", 4.0) == 9.0
    assert line.at(8.0) == ()
    assert line.at(9.0) == ((9.0, "trip"),)
    line.schedule("trip", 10.0, 15.0, "trip")  # at 10 the first one has happened
    assert line.at(20.0) == ((9.0, "trip"), (15.0, "trip"))
    line.cancel("trip", 12.0)
    assert line.at(20.0) == ((9.0, "trip"),)
    assert line.due("trip", 12.0) is None


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 9)), max_size=12), st.randoms())
def test_a_timeline_is_a_function_of_its_changes_not_of_when_they_were_told(changes, random):
    unique = list(dict(changes).items())
    told = Timeline((), add)
    for t, change in sorted(unique):
        told.put(t, change)
    mixed = Timeline((), add)
    random.shuffle(unique)
    for t, change in unique:
        mixed.put(t, change)
        mixed.at(random.uniform(0, 100))
    assert told.at(1000.0) == mixed.at(1000.0)
