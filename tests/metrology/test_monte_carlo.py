"""Distributions drawn, propagated and summed up as JCGM 101 says."""

import math

import numpy as np
import pytest
from scipy import stats

from benchctl.core.errors import NotMeasuredError, UsageError
from benchctl.language import parse_expression
from benchctl.metrology import (
    Component,
    Correlation,
    Input,
    arcsine,
    ctrap,
    normal,
    propagate,
    rectangular,
    trapezoid,
    triangular,
)
from benchctl.metrology.drawing import Sampler
from benchctl.metrology.monte_carlo import (
    coverage_interval,
    interval_ranks,
    monte_carlo,
    numerical_tolerance,
    validates,
)

N = 200_000


def drawn(*inputs, correlations=(), n=N, seed=1):
    rng = np.random.Generator(np.random.PCG64(seed))
    return Sampler(inputs, correlations).draw(rng, n)


@pytest.mark.parametrize(
    ("component", "cdf"),
    [
        (normal("x", 0.5), stats.norm(3, 0.5)),
        (normal("x", 0.5, 4), stats.t(4, 3, 0.5)),
        (Component("x", 0.5, "normal", 4.0), stats.t(4, 3, 0.5)),
        (rectangular("x", 0.5), stats.uniform(2.5, 1)),
        (triangular("x", 0.5), stats.triang(0.5, 2.5, 1)),
        (arcsine("x", 0.5), stats.arcsine(2.5, 1)),
        (trapezoid("x", 0.5, 0.4), stats.trapezoid(0.3, 0.7, 2.5, 1)),
    ],
)
def test_each_distribution_is_drawn_as_it_is_defined(component, cdf):
    x = drawn(Input("x", 3.0, (component,)))["x"]
    assert stats.kstest(x, cdf.cdf).pvalue > 1e-3


def test_limits_that_are_uncertain_widen_the_rectangle():
    """JCGM 101, 6.4.3: u^2 = a^2/3 + d^2/9; 9.5.2: 50 dof are a relative 0.1 of the half-width."""
    x = drawn(Input("x", 0.0, (ctrap("x", 1.0, 0.5),)), n=1_000_000)["x"]
    assert x.std() == pytest.approx(math.sqrt(1 / 3 + 0.25 / 9), rel=2e-3)
    assert 1.4 < np.abs(x).max() <= 1.5
    doubtful = drawn(Input("x", 0.0, (rectangular("x", 1.0, 50),)), n=1_000_000)["x"]
    assert 1.09 < np.abs(doubtful).max() <= 1.1


def test_several_sources_of_one_input_add():
    x = drawn(Input("x", 1.0, (normal("a", 0.3), rectangular("b", 0.4 * math.sqrt(3)))))["x"]
    assert x.std() == pytest.approx(0.5, rel=5e-3)
    assert drawn(Input("x", 1.0))["x"] == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (normal("x", 0.2), normal("y", 3.0)),
        (rectangular("x", 1.0), rectangular("y", 2.0)),
        (rectangular("x", 1.0), normal("y", 2.0)),
        (arcsine("x", 1.0), triangular("y", 2.0)),
        (trapezoid("x", 1.0, 0.3), normal("y", 2.0, 9)),
    ],
)
@pytest.mark.parametrize("r", [-0.7, 0.8])
def test_correlated_inputs_have_the_coefficient_and_keep_their_distributions(one, other, r):
    inputs = (Input("x", 1.0, (one,)), Input("y", 5.0, (other,)))
    found = drawn(*inputs, correlations=(Correlation("x", "y", r),))
    x, y = found["x"], found["y"]
    assert np.corrcoef(x, y)[0, 1] == pytest.approx(r, abs=0.01)
    alone = drawn(*inputs, seed=2)
    assert stats.ks_2samp(x, alone["x"]).pvalue > 1e-3
    assert stats.ks_2samp(y, alone["y"]).pvalue > 1e-3


def test_inputs_that_were_read_together_are_jointly_t():
    inputs = [Input(n, 0.0, (normal("readings", u, 4),)) for n, u in (("x", 1.0), ("y", 2.0))]
    found = drawn(*inputs, correlations=(Correlation("x", "y", -0.9, observed=True),))
    together = found["x"] / 1.0 + found["y"] / 2.0
    assert stats.kstest(together / math.sqrt(2 - 1.8), stats.t(4).cdf).pvalue > 1e-3


def test_a_full_correlation_is_one_quantity():
    inputs = [Input(n, 0.0, (normal("u", 0.1),)) for n in "xy"]
    found = drawn(*inputs, correlations=(Correlation("x", "y", 1.0),))
    assert found["x"] == pytest.approx(found["y"], abs=1e-12)


@pytest.mark.parametrize(
    ("one", "other", "r", "id_"),
    [
        (ctrap("x", 1.0, 0.1), normal("y", 1.0), 0.5, "metrology.cannot-correlate"),
        (rectangular("x", 1.0, 8), normal("y", 1.0), 0.5, "metrology.cannot-correlate"),
        (rectangular("x", 1.0), normal("y", 1.0, 2), 0.5, "metrology.too-few-dof"),
        (arcsine("x", 1.0), normal("y", 1.0), 0.99, "metrology.impossible-r"),
        (Component("x", 1.0, "cauchy"), normal("y", 1.0), 0.5, "metrology.no-distribution"),
    ],
)
def test_what_cannot_be_correlated_is_refused(one, other, r, id_):
    inputs = (Input("x", 1.0, (one,)), Input("y", 5.0, (other,)))
    with pytest.raises(UsageError) as caught:
        Sampler(inputs, (Correlation("x", "y", r),))
    assert caught.value.message.id == id_


def test_the_same_seed_gives_the_same_numbers_and_another_does_not():
    inputs = [Input("x", 2.0, (normal("u", 0.1),))]
    square = parse_expression("x ** 2")
    one, same, other = (monte_carlo(square, inputs, seed=s) for s in (1, 1, 2))
    assert one == same
    assert one.value != other.value
    assert one.stable
    assert (one.trials % 10_000, one.seed) == (0, 1)


def test_the_tolerance_decides_how_many_trials_there_are():
    inputs = [Input("x", 2.0, (normal("u", 0.012),))]
    f = parse_expression("x")
    coarse, fine = (monte_carlo(f, inputs, seed=1, fraction=s) for s in (1.0, 0.2))
    assert coarse.tolerance == 0.0005
    assert fine.tolerance == pytest.approx(0.0001)
    assert coarse.trials < fine.trials < 10_000_000
    assert fine.low == pytest.approx(2 - 2 * 0.012, abs=2e-4)


@pytest.mark.parametrize(("u", "digits", "delta"), [(0.0996, 2, 0.005), (9.96, 1, 5.0)])
def test_a_u_that_rounds_up_takes_its_tolerance_along(u, digits, delta):
    assert numerical_tolerance(u, digits) == pytest.approx(delta)


def test_the_shortest_interval_of_an_exponential_begins_at_its_beginning():
    x = np.sort(np.random.default_rng(1).exponential(size=100_000))
    low, high = coverage_interval(x, 0.95, "shortest")
    assert low == pytest.approx(0.0, abs=0.01)
    assert high == pytest.approx(-math.log(0.05), rel=0.03)
    assert coverage_interval(x, 0.95)[0] == pytest.approx(-math.log(0.975), rel=0.05)


def test_ranks_are_not_moved_by_binary_fractions():
    for trials in (100, 1000, 10_000, 1_000_000):
        for percent in (50, 70, 95, 99):
            q, r, last = interval_ranks(trials, percent / 100)
            assert q == percent * trials // 100
            assert last == r + q
            assert 1 <= r <= last <= trials
    with pytest.raises(ValueError, match="no interval"):
        interval_ranks(10, 0.95)


def test_first_order_is_validated_where_it_holds_and_not_where_it_does_not():
    linear, curved = parse_expression("x + y"), parse_expression("x ** 2 + y ** 2")
    inputs = [Input(n, 0.0, (normal("u", 0.005),)) for n in "xy"]
    for f, agrees in ((linear, True), (curved, False)):
        found = monte_carlo(f, inputs, seed=1, digits=1, fraction=0.2)
        assert validates(propagate(f, inputs, unit="1"), found) is agrees


def test_three_readings_have_no_deviation_and_the_interval_stands():
    """The mean of three readings is t with 2 dof: median, 68.27 % interval, quantiles."""
    inputs = [Input("x", 5.0, (normal("readings", 0.1, 2),))]
    found = monte_carlo(parse_expression("x"), inputs, p=0.95, seed=1, trials=1_000_000)
    assert found.heavy == ("x",)
    assert found.value == pytest.approx(5.0, abs=1e-3)
    assert found.u == pytest.approx(
        0.1 * stats.t(2).ppf((1 + math.erf(math.sqrt(0.5))) / 2), rel=0.01
    )
    assert found.high == pytest.approx(5 + 0.1 * stats.t(2).ppf(0.975), abs=5e-3)


def test_trials_in_which_the_model_has_no_value_are_not_dropped():
    inputs = [Input("x", 0.1, (normal("u", 0.1),))]
    with pytest.raises(NotMeasuredError, match="no value"):
        monte_carlo(lambda v: np.sqrt(v["x"]), inputs, seed=1)


def test_a_model_that_ignores_its_inputs_has_no_spread():
    found = monte_carlo(lambda _: 3.0, [Input("x", 0.1, (normal("u", 0.1),))], seed=1)
    assert (found.value, found.u, found.low, found.high) == (3.0, 0.0, 3.0, 3.0)
