"""What the coverage allows: binomial where nothing is shared, whole groups where all is."""

import pytest
from scipy import stats

from benchctl.faults import Agreement, allowed, excesses
from benchctl.faults.accuracy import Group, _compare

TWO_SIDED = 2 * stats.norm.sf(2.0)
LINES = [
    {"input": "reference", "common": "standard", "share": 0.6},
    {"input": "reference", "common": "reading", "share": 0.1},
    {"input": "indication", "common": "", "share": 0.3},
]
POINT = {
    "point": "Q3",
    "error": 0.5,
    "U": 0.1,
    "mpe": [-1.0, 1.0],
    "verdict": "pass",
    "runs": [{"budget": LINES}],
}


@pytest.mark.parametrize("n", [1, 20, 500])
def test_what_shares_nothing_is_allowed_as_the_binomial_distribution_says(n):
    assert allowed([(n, 0.0)]) == stats.binom.ppf(0.999, n, TWO_SIDED)
    assert allowed([(n, 0.0)], sides=1) == stats.binom.ppf(0.999, n, TWO_SIDED / 2)
    assert allowed([(n, 0.0)] * 2) == stats.binom.ppf(0.999, 2 * n, TWO_SIDED)


def test_what_shares_everything_counts_as_one_draw_for_each_group():
    groups = stats.binom.ppf(0.999, 30, TWO_SIDED)
    assert allowed([(10, 1.0)] * 30) == 10 * groups
    half = allowed([(10, 0.5)] * 30)
    assert allowed([(10, 0.0)] * 30) < half < 10 * groups


def test_nothing_is_allowed_of_nothing():
    assert allowed([]) == allowed([(0, 0.3)]) == 0


@pytest.mark.parametrize(
    ("changes", "true", "near", "wrong"),
    [
        ({}, 0.5, 0, 0),  # far from the limit
        ({"error": 0.85}, 0.85, 1, 0),
        ({"error": 0.95}, 1.15, 1, 1),  # passed, and lies 1.5 U outside
        ({"error": 1.05, "verdict": "fail"}, 1.05, 0, 0),  # within U anything may be
        ({"error": 1.04}, 1.15, 0, 0),  # passed, for what is judged was rounded
        ({"accept": [-0.9, 0.9], "error": 0.92, "verdict": "fail"}, 0.75, 1, 1),
        ({"accept": [-0.9, 0.9], "error": 0.92, "verdict": "fail"}, 0.95, 0, 0),
    ],
)
def test_verdicts_near_where_results_are_accepted_are_counted(changes, true, near, wrong):
    found = Agreement(1, "finished")
    _compare(found, "W-1", POINT | changes, true)
    assert (found.near, found.near_wrong) == (near, wrong)
    assert found.groups == {"reference": Group(1, near, pytest.approx(0.7))}


def test_more_beyond_than_is_allowed_is_told():
    good, bad = Agreement(1, "finished"), Agreement(2, "finished")
    for n in range(20):
        independent = POINT | {"point": f"P{n}", "runs": [{"budget": LINES[2:]}]}
        _compare(good, "W-1", independent, 0.5 + 0.09 * (-1) ** n)
        _compare(bad, "W-1", independent, 0.5 + 0.11 * (n % 3 == 0))
    results, verdicts = excesses([good])
    assert (results.of, results.found, results.allowed) == (20, 0, 5)
    assert good.squares == pytest.approx(20 * 0.81)
    results, verdicts = excesses([bad])
    assert (results.found, results.allowed) == (7, 5)
    assert (verdicts.of, verdicts.found, verdicts.allowed) == (0, 0, 0)
