"""The same seed gives the same run: every reading, every number, every sentence."""

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from benchctl.core.events import RawBlock
from benchctl.engine import RunRequest, run

SOURCE = Path(__file__).parents[2] / "benchmarks" / "determinism.py"
SERIALS = ("26110000030001", "26110000030002", "26110000030003", "26110000030005")
UNITS = [option for serial in SERIALS for option in ("--uut", serial)]


def loaded(name):
    spec = spec_from_file_location(name, SOURCE)
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


bench = loaded("determinism_benchmark")


def test_the_same_seed_gives_the_same_document_while_another_process_keeps_a_core_busy(tmp_path):
    documents = []
    with bench.busy_core():
        for n in range(3):
            lab = tmp_path / str(n)
            lab.mkdir()
            documents.append(bench.document_of(lab, 3, UNITS))
    assert documents[1] == documents[0]
    assert documents[2] == documents[0]
    found = json.loads(documents[0])
    assert found["outcome"] == "finished"
    assert found["retries"] == 0
    assert [len([p for p in u["points"] if p["point"]]) for u in found["uuts"]] == [3] * 4


@pytest.fixture(scope="module")
def run_of(tmp_path_factory):
    """Give document and raw readings of a short run of a seed."""

    def short(seed):
        raw = []

        def listen(stored):
            if isinstance(stored.event, RawBlock):
                raw.append((stored.event.series, stored.event.rows, stored.event.sha256))

        lab = tmp_path_factory.mktemp("lab")
        request = RunRequest("water-meter", seed=seed, lab=lab, uuts=SERIALS[:2], points=("Q3",))
        return run(request, listeners=[listen]).document, raw

    return short


def test_every_raw_reading_is_the_same_and_taken_at_the_same_instant(run_of):
    first, second = run_of(5)[1], run_of(5)[1]
    assert len(first) > 4
    assert second == first


def test_another_seed_gives_other_readings_and_other_errors(run_of):
    (one, raw_one), (other, raw_other) = run_of(5), run_of(6)
    assert [series for series, _, _ in raw_one] != []
    flowing = [  # the master's zero is the same whoever looks at it
        {digest for series, _, digest in raw if not series.startswith("gate/master_zero/")}
        for raw in (raw_one, raw_other)
    ]
    assert not flowing[0] & flowing[1]
    assert errors(one) != errors(other)
    assert len(set(errors(one))) == len(errors(one)) == 2


def errors(document):
    points = [p for u in document["uuts"] for p in u["points"]]
    return [p["error"] for p in points if p["error"] is not None]


def test_what_is_dropped_before_comparing_is_only_what_names_and_dates_a_run(run_of):
    document, _ = run_of(5)
    normal = bench.normalise(document)
    changed = {key for key in document if normal[key] != json.loads(json.dumps(document[key]))}
    assert changed == {"run", "started", "finished", "standards", "log"}
    assert normal["log"] == document["log"] | {"root": None, "head": None, "signature": None}
    assert [s["due"] for s in normal["standards"]] == [205, 205]
    document["uuts"][0]["points"][-1]["error"] = 0.5
    assert bench.normalise(document) != normal
