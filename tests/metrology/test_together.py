"""Results that share their reference's error: averaged, subtracted, compared."""

import math

import GTC
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.metrology.together import (
    combined,
    correlation_of,
    covariance,
    difference_of,
    mean_of,
)


def line(source, u, common="", *, c=1.0, dof=None, name="reference"):
    return {"input": name, "source": source, "u": u, "sensitivity": c, "dof": dof, "common": common}


def result(own, *, certificate=0.05, repeatability=0.03, c=-1.0):
    return [
        line("resolution", own, name="meter"),
        line("certificate", certificate, "standard", c=c),
        line("repeatability", repeatability, "reading", c=c),
    ]


def test_averaging_runs_against_one_standard_makes_its_error_no_smaller():
    found = mean_of([result(0.04)] * 100)
    assert found.common == pytest.approx(0.05)
    assert found.u == pytest.approx(math.sqrt(0.05**2 + (0.04**2 + 0.03**2) / 100))
    assert found.u > 0.05
    assert (found.k, found.U) == (2.0, 2 * found.u)


def test_units_of_one_run_share_the_readings_of_the_reference_too():
    found = mean_of([result(0.04)] * 100, same_reading=True)
    assert found.u == pytest.approx(math.sqrt(0.05**2 + 0.03**2 + 0.04**2 / 100))


def test_in_the_difference_of_two_units_of_a_line_the_reference_cancels():
    found = difference_of(result(0.04), result(0.03), same_reading=True)
    assert found.u == pytest.approx(0.05)
    assert found.common == pytest.approx(0.0)
    apart = difference_of(result(0.04), result(0.03))
    assert apart.u == pytest.approx(math.sqrt(0.04**2 + 0.03**2 + 2 * 0.03**2))


def test_the_mean_of_one_result_is_that_result():
    assert mean_of([result(0.04)]).u == pytest.approx(math.sqrt(0.04**2 + 0.05**2 + 0.03**2))
    with pytest.raises(ValueError, match="no results"):
        mean_of([])


def test_a_common_line_of_few_degrees_of_freedom_counts_once():
    budget = [line("certificate", 1.0, "standard", dof=4.0)]
    found = mean_of([budget] * 5)
    assert (found.u, found.dof) == (1.0, 4.0)
    own = mean_of([[line("s", 1.0, dof=4.0)]] * 5)
    assert (own.u, own.dof) == (pytest.approx(1 / math.sqrt(5)), pytest.approx(20.0))


sizes = st.floats(0.001, 1.0)


@given(st.lists(st.tuples(sizes, sizes, sizes), min_size=2, max_size=6), st.booleans(), st.data())
def test_the_sums_are_those_of_gtc_with_one_object_for_what_is_common(parts, same_reading, data):
    weights = [data.draw(st.floats(-2, 2)) for _ in parts]
    certificate, reading = GTC.ureal(0, 1), GTC.ureal(0, 1)
    total = GTC.constant(0.0)
    budgets = []
    for weight, (own, cert, rep) in zip(weights, parts, strict=True):
        budgets.append(result(own, certificate=cert, repeatability=rep))
        shared = reading if same_reading else GTC.ureal(0, 1)
        total += weight * (own * GTC.ureal(0, 1) - cert * certificate - rep * shared)
    found = combined(budgets, weights, same_reading=same_reading)
    assert found.u == pytest.approx(GTC.uncertainty(total), rel=1e-9, abs=1e-12)


def test_the_correlation_of_two_meters_is_the_share_of_what_they_share():
    one, other = result(0.0), result(0.0)
    assert correlation_of(one, other, same_reading=True) == pytest.approx(1.0)
    u = 0.04**2 + 0.05**2 + 0.03**2
    assert correlation_of(result(0.04), result(0.04)) == pytest.approx(0.05**2 / u)
    assert covariance(result(0.04), [line("resolution", 0.1, name="meter")]) == 0.0
