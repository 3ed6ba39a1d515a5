"""What whole runs say of the meters, against what the plant's meters really are.

The statistics are those of the campaign `benchmarks/truth.py`, here on a few seeds.
"""

import sys
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from benchctl.engine import RunRequest

SOURCE = Path(__file__).parents[2] / "benchmarks" / "truth.py"


def loaded(name):
    spec = spec_from_file_location(name, SOURCE)
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


campaign = loaded("truth_campaign")


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """Three seeds of twelve meters of one kind; there are retests in each."""
    found = campaign.Found()
    lab = tmp_path_factory.mktemp("lab")
    for seed in (1, 2, 3):
        found.add(campaign.observed(RunRequest("water-meter", seed=seed, lab=lab)))
    return found


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """One seed of meters of three sizes, both classes, several ranges and scale intervals."""
    lab = tmp_path_factory.mktemp("lab")
    meters = [campaign.MIXED[n] for n in (2, 4, 6, 7, 8, 9)]
    assert [len({meter[i] for meter in meters}) for i in range(4)] == [3, 4, 2, 3]
    batch = campaign.write_mixed(lab / "mixed.csv", meters)
    return campaign.observed(RunRequest("water-meter", seed=4, lab=lab, batch=batch))


@pytest.fixture(scope="module", params=["usual", "mixed"])
def found(request):
    return request.getfixturevalue(request.param)


def test_every_declared_point_has_a_value_on_its_whole_test_volume(usual, mixed):
    assert len(usual.points) == 3 * 12 * 3
    assert len(mixed.points) == 6 * 3
    assert usual.missing + mixed.missing == []
    assert usual.short + mixed.short == []


def test_no_verdict_is_wrong_farther_than_2_u_from_the_limit(found):
    assert campaign.wrong_beyond(found, 2.0) == []


def test_farther_than_u_there_are_no_more_wrong_verdicts_than_the_coverage_allows(found):
    assert len(campaign.wrong_beyond(found, 1.0)) <= campaign.allowed_beyond(found, 1.0)


def test_the_mean_deviation_of_each_seed_is_within_its_own_uncertainty(found):
    means = [campaign.mean_over_u(of_seed) for of_seed in campaign.by_seed(found.runs)]
    assert max(map(abs, means)) <= 3.3


def test_all_deviations_spread_as_the_stated_uncertainty_says(usual, mixed):
    both = campaign.Found(points=usual.points + mixed.points)
    for p in mixed.points:  # seeds of their own
        assert p.seed not in {q.seed for q in usual.points}
    runs = campaign.spreads(replace_runs(both, usual.runs + mixed.runs))
    # what is common to a seed is half of the variance: the three seeds of twelve meters leave the
    # ratio uncertain by about 0.3, so that chance alone rarely brings it beyond a factor of two
    assert 1 / 2 <= runs["all deviations"].ratio <= 2


def test_what_a_run_adds_of_its_own_spreads_as_stated_at_every_point(usual):
    spreads = campaign.spreads(usual)
    for point in ("Q3", "Q2", "Q1"):
        of_point = [s for name, s in spreads.items() if name.startswith(f"within a visit, {point}")]
        dof = sum(s.dof for s in of_point)
        ratio = (sum(s.squares for s in of_point) / sum(s.expected for s in of_point)) ** 0.5
        assert dof > 30
        assert 1 / 1.3 <= ratio <= 1.3


def test_the_budget_says_what_is_common_to_a_seed_and_to_a_visit(usual):
    for d in usual.runs:
        reference = 1 + abs(d.value) / 100 + 0.12  # a meter's own error scales it, 12 % at most
        assert 0.05 / reference <= d.certificate <= 0.05 * reference
        assert 0.03 / reference <= d.repeatability <= 0.03 * reference
    gates = {(d.point, d.gate) for d in usual.runs}
    assert ("Q3", "triangular") in gates  # two readings
    assert {gate for point, gate in gates if point != "Q3"} == {"triangular", "trapezoid"}


# the statistics themselves ------------------------------------------------------------------------


def drawn(*, seeds=20, visits=3, meters=12, certificate=1.0, repeatability=1.0, own=1.0, bias=0.0):
    """Return a campaign whose true parts are these multiples of the stated 0.05, 0.03, 0.08 %."""
    random = np.random.default_rng(12)
    found = campaign.Found()
    u = float(np.hypot(np.hypot(0.05, 0.03), 0.08))
    for seed in range(seeds):
        common = bias + random.normal(0, 0.05 * certificate)
        for visit in range(visits):
            repeat = random.normal(0, 0.03 * repeatability)
            for meter in range(meters):
                value = common + repeat + random.normal(0, 0.08 * own)
                place = (seed, str(meter), str(visit))
                found.runs.append(
                    campaign.Deviation(
                        seed,
                        str(visit),
                        str(meter),
                        str(visit),
                        value,
                        value,
                        0.05,
                        0.03,
                        0.08,
                        "edges",
                    )
                )
                verdict = "pass" if 1.7 + value <= 2.0 else "fail"
                found.points.append(
                    campaign.Decided(*place, 1.7, 1.7 + value, u, (-2.0, 2.0), verdict)
                )
    return found


def test_stated_uncertainties_that_are_right_are_found_right():
    lines, broken = campaign.told(drawn())
    assert not broken, lines


@pytest.mark.parametrize(
    ("wrong", "part"),
    [
        ({"own": 1.5}, "within a visit, 0, edges"),
        ({"own": 0.6}, "within a visit, 0, edges"),
        ({"repeatability": 3.0}, "between the visits of a seed"),
        ({"certificate": 2.0, "seeds": 50}, "between the seeds"),
        ({"certificate": 0.2, "seeds": 50}, "between the seeds"),
    ],
)
def test_a_part_that_is_stated_wrong_is_found_by_its_own_spread(wrong, part):
    found = drawn(**wrong)
    assert not 1 / 1.3 <= campaign.spreads(found)[part].ratio <= 1.3
    assert campaign.told(found)[1]


def test_a_reference_that_is_off_by_more_than_its_certificate_is_found_by_the_means():
    found = drawn(bias=0.25, seeds=5)
    assert max(abs(campaign.mean_over_u(s)) for s in campaign.by_seed(found.runs)) > 3.3
    assert campaign.told(found)[1]


def test_wrong_verdicts_come_in_clusters_so_more_are_allowed_than_if_they_were_independent():
    found = drawn(seeds=10, own=0.1)
    for d in found.runs:
        assert d.own == 0.08
    clustered = [replace(d, certificate=0.08, own=0.05) for d in found.runs]
    independent = [replace(d, certificate=0.0, repeatability=0.0, own=0.0986) for d in found.runs]
    allowed = [
        campaign.allowed_beyond(replace_runs(found, runs), 1.0) for runs in (clustered, independent)
    ]
    assert allowed[0] > 2 * max(allowed[1], 1)  # a retest helps only against what is not common


def test_the_bound_does_not_depend_on_which_points_the_campaign_happened_to_retest():
    found = drawn(seeds=10)
    retested = [replace(d, weight=1 / 3) for d in found.runs]
    assert campaign.allowed_beyond(found, 1.0) == campaign.allowed_beyond(
        replace_runs(found, retested), 1.0
    )


def test_a_wrong_verdict_is_counted_by_its_distance_from_the_limit():
    found = drawn(seeds=1, visits=1, meters=1)
    u = found.points[0].u
    found.points = [replace(found.points[0], true=2.0 + 5 * u, verdict="pass")]
    assert len(campaign.wrong_beyond(found, 2.0)) == 1
    assert campaign.told(found)[1]
    found.points = [replace(found.points[0], true=2.0 + 1.5 * u, verdict="pass")]
    assert campaign.wrong_beyond(found, 1.0) == []
    assert found.points[0].wrong


def replace_runs(found, runs):
    return campaign.Found(runs=list(runs), points=list(found.points))
