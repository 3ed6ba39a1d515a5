"""One walk over every bundled procedure: its file, its plan at every stage, a whole run."""

import re

import pytest

from benchctl.core.places import bundled
from benchctl.engine import RunRequest, prepare, run, truth
from benchctl.engine.audit import Evidence, recompute, rejudge
from benchctl.language import Diagnostics
from benchctl.procedure import AcrossItem, check_file, load_procedure
from benchctl.records import Lab

FILES = sorted(bundled("procedures").glob("*.yaml"))
SEED = 2


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture(scope="module")
def procedure(path):
    loaded = load_procedure(path, Diagnostics())
    assert loaded is not None
    return loaded


@pytest.fixture(scope="module")
def request_of(path, tmp_path_factory):
    """Give the request of a run on the procedure's own simulated bench."""
    lab = tmp_path_factory.mktemp("lab")
    return lambda **more: RunRequest(path.stem, seed=SEED, lab=lab, simulate=True, **more)


@pytest.fixture(scope="module")
def report(request_of):
    return run(request_of())


def test_there_are_procedures():
    assert FILES
    assert [p.name for p in bundled("procedures").iterdir() if p.suffix == ".yml"] == []


def test_the_file_has_no_mistake_and_the_name_of_its_procedure(path, procedure):
    assert check_file(path) == []
    assert procedure.name == path.stem


def test_it_names_its_standard_with_edition_and_its_title_in_both_languages(path, procedure):
    assert re.search(r"(19|20)\d\d", procedure.standard.edition)
    assert procedure.standard.title == f"{procedure.standard.name}-{procedure.standard.edition}"
    assert procedure.title.keys() >= {"en", "zh"}
    assert re.search(r"[\u4e00-\u9fff]", procedure.title["zh"])
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")


def test_it_can_be_used_for_a_verification(procedure):
    assert procedure.not_for("verification") is None


def test_its_simulated_bench_serves_it_at_every_stage(procedure, request_of):
    assert procedure.simulated_bench is not None
    for stage in procedure.stages_known():
        prepared = prepare(request_of(stage=stage))
        plan = prepared.plan
        assert prepared.simulated
        found = [v for v in plan.visits if v.occasion == "as_found"]
        judged = [(m.serial, m.point) for v in found for m in v.members]
        assert len(judged) == len(set(judged))
        assert {serial for serial, _ in judged} == {u.serial for u in plan.uuts}
        planned = {(u.serial, p.point) for u in plan.uuts for p in u.points}
        assert set(judged) == planned
        for member in (m for v in plan.visits for m in v.members):
            assert member.adequate
            low, high = member.mpe
            assert low < high
        assert plan.expected_s > 0


def test_a_whole_run_finishes_and_leaves_the_bench_safe(report):
    assert report.error is None
    assert report.outcome == "finished"
    assert report.exit_code in (0, 1)
    assert report.document["simulated"] is True
    assert report.document["made_safe"]["failed"] == []
    assert report.document["retries"] == 0


def test_every_item_and_point_of_every_unit_has_its_right_verdict(report, request_of, procedure):
    across = {item.name for item in procedure.items if isinstance(item, AcrossItem)}
    true = {(r["serial"], r["item"], r["point"]): r for r in truth(request_of())}
    seen = set()
    for unit in report.document["uuts"]:
        for point in unit["points"]:
            key = (unit["serial"], point["item"], point["point"])
            if point["occasion"] == "as_left":  # the truth is that of what was brought
                assert point["verdict"] in ("pass", "fail"), key
                continue
            if point["item"] in across:  # what it follows from is looked at here, it elsewhere
                assert point["verdict"] in ("pass", "fail"), key
                continue
            seen.add(key)
            if point["point"] is None:
                assert point["verdict"] == ("pass" if true[key]["good"] else "fail"), key
                continue
            error, (low, high) = true[key]["error"], point["mpe"]
            if min(abs(error - low), abs(error - high)) > 2 * point["U"]:
                assert point["verdict"] == ("pass" if low <= error <= high else "fail"), key
            assert abs(point["error"] - error) < 2 * point["U"], key
            assert point["why"]["text"]
    assert seen == true.keys()


def test_every_number_of_the_record_is_made_again_from_the_record_alone(report):
    with Lab.open(report.record.parent) as lab:
        evidence = Evidence.read(lab, report.run)
        found = recompute(evidence)
        changed = [r for r in rejudge(evidence) if r.before != r.after]
    assert found.differences == []
    assert found.results > 0
    assert changed == []


def test_good_and_bad_units_are_among_those_of_the_simulated_bench(report):
    verdicts = {unit["verdict"] for unit in report.document["uuts"]}
    assert verdicts == {"pass", "fail"}
