"""Flying start and weighing agree on the same meters, and both with the truth.

The statistics are those of the campaign `benchmarks/methods.py`, here on a few seeds.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "benchmarks" / "methods.py"


def loaded():
    spec = spec_from_file_location("methods_campaign", SOURCE)
    module = module_from_spec(spec)
    sys.modules["methods_campaign"] = module
    spec.loader.exec_module(module)
    return module


campaign = loaded()


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    lab = tmp_path_factory.mktemp("lab")
    found = campaign.Found()
    for seed in (1, 2):
        of_seed = campaign.observed(seed, lab)
        found.missing += of_seed.missing
        for method, runs in of_seed.runs.items():
            found.runs[method] += runs
    return found


def test_every_meter_has_a_value_at_every_point_by_both_methods(found):
    assert found.missing == []
    assert len(found.pairs()) == 2 * 12 * 3


def test_the_methods_agree_within_their_uncertainties(found):
    between, flying, weighed = campaign.shares(found)
    assert between.inside, str(between)
    assert flying.inside, str(flying)
    assert weighed.inside, str(weighed)


def test_a_wrong_figure_of_the_dip_pipe_would_be_seen(found):
    spoilt = campaign.Found()
    spoilt.runs["flying"] = found.runs["flying"]
    spoilt.runs["gravimetric"] = [
        campaign.One(o.seed, o.serial, o.point, o.error + 0.29, o.true, o.U, o.parts)
        for o in found.runs["gravimetric"]
    ]
    between, _, weighed = campaign.shares(spoilt)  # 0.9971 left out
    assert not between.inside
    assert not weighed.inside


def test_the_weighing_is_the_better_reference_where_much_water_is_weighed(found):
    at_q3 = {m: [o.U for o in found.runs[m] if o.point == "Q3"] for m in campaign.METHODS}
    assert max(at_q3["gravimetric"]) < min(at_q3["flying"])
