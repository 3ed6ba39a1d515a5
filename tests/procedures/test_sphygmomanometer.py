"""Sphygmomanometers: printed limits through the file's own formulas, and whole runs.

Limits are those of section 2 of shared/reference/standards-pressure-medical-temperature-electrical.md
(JJG 692-2010, JJG 270-2008, OIML R 16-2); the range of five over 2.33 is that of JJG 1163.
"""
# ruff: noqa: E501 - the source is named in one line

import pytest

from benchctl.core.places import bundled
from benchctl.engine import RunRequest, prepare, run, truth
from benchctl.language import Diagnostics
from benchctl.metrology import judge_runs
from benchctl.procedure import load_procedure
from benchctl.procedure.across_values import across_env


@pytest.fixture(scope="module")
def whole():
    diagnostics = Diagnostics()
    procedure = load_procedure(bundled("procedures") / "sphygmomanometer.yaml", diagnostics)
    assert not diagnostics.failed
    return procedure


def resolved(whole, stage="initial", **parameters):
    values, problems = whole.parameters_from(parameters)
    assert problems == []
    procedure = whole.of(values)
    return procedure, procedure.resolve(values, stage=stage)


def point_of(whole, name, stage="initial", **parameters):
    return next(p for p in resolved(whole, stage, **parameters)[1].points if p.name == name)


def verdict(whole, name, value, stage="initial", **parameters):
    point = point_of(whole, name, stage, **parameters)
    return judge_runs([value], point.mpe, rule="simple acceptance").judgement.verdict


def repeatability(whole, systolic, **parameters):
    """Return S of five blood pressures and whether it passes, by the formulas of the file."""
    procedure, of = resolved(whole, **parameters)
    item = next(i for i in procedure.items if i.name == "repeatability")
    points = [p for p in of.points if p.item == "blood_pressure"]
    results = {"systolic": systolic, "U": [0.1] * 5}
    env = points[0].env
    value = float(item.value(across_env(item.value, env, points, results, "initial")))
    return value, bool(item.passes({**env, "value": value}))


def test_3_004_is_more_than_3_after_dividing_by_2_33(whole):
    value, passes = repeatability(whole, [150, 153, 157, 152, 151], repeat_limit=3)
    assert value == pytest.approx(3.004, abs=5e-4)
    assert not passes
    assert round(value) == 3  # which would have passed
    assert repeatability(whole, [150, 153, 156, 152, 151], repeat_limit=3)[1]


def test_leak_and_range_belong_to_the_first_verification_and_deflation_to_auscultation(whole):
    def items(stage, auscultatory):
        of = resolved(whole, stage, auscultatory=auscultatory)[1]
        return list(dict.fromkeys(p.item for p in of.points))

    assert items("initial", "no") == ["static_pressure", "range", "leak", "blood_pressure"]
    assert items("in_service", "no") == ["static_pressure", "blood_pressure"]
    assert items("in_service", "yes") == ["static_pressure", "deflation", "blood_pressure"]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    request = RunRequest(
        "sphygmomanometer", lab=tmp_path_factory.mktemp("nibp"), seed=7, operator="T",
        sets={"auscultatory": "yes"},
    )  # fmt: skip
    return run(request), truth(request)


def test_the_run_finds_what_is_wrong_with_each_unit(report):
    document = report[0].document
    assert report[0].outcome == "finished"
    failed = {
        u["serial"][-1]: {p["item"] for p in u["points"] if p["verdict"] == "fail"}
        for u in document["uuts"]
    }
    assert failed["1"] == set()
    assert failed["2"] == {"static_pressure", "range"}
    assert failed["3"] == {"leak"}
    assert failed["4"] == {"repeatability"}
    assert failed["5"] == {"deflation"}


def test_no_verdict_is_wrong_that_the_truth_leaves_no_doubt_of(report):
    of_run, rows = report
    true = {(r["serial"], r["point"]): r["error"] for r in rows if r["point"]}
    beyond = checked = 0
    for uut in of_run.document["uuts"]:
        for point in uut["points"]:
            if point["point"] is None:
                continue
            error, U = true[uut["serial"], point["point"]], point["U"]
            checked += 1
            beyond += abs(point["error"] - error) > U
            low, high = point["mpe"]
            if min(abs(error - low), abs(error - high)) > 2 * U:
                assert (point["verdict"] == "pass") is (low <= error <= high)
    assert checked == 6 * 19
    assert beyond <= 0.05 * checked


def test_the_record_of_rates_and_readings_gives_the_same_again(report, tmp_path):
    from benchctl.engine.audit import Evidence, recompute
    from benchctl.records import Lab

    with Lab.open(report[0].record.parent) as lab:
        found = recompute(Evidence.read(lab, report[0].run))
    assert found.differences == []
    assert found.results == 6 * 19


def test_a_reference_that_is_not_good_enough_is_refused_with_the_arithmetic(tmp_path):
    from benchctl.engine.refusals import PlanRefusedError

    text = (bundled("sim_instruments") / "nibp_bench" / "bench.yaml").read_text(encoding="utf-8")
    bench = tmp_path / "bench.yaml"
    bench.write_text(text.replace("U: 0.03 kPa", "U: 0.15 kPa"), encoding="utf-8")
    with pytest.raises(PlanRefusedError) as refused:
        prepare(RunRequest("sphygmomanometer", lab=tmp_path, bench=bench, seed=7, operator="T"))
    assert "U = 1.13 mmHg, allowed 3 mmHg × 0.25 = 0.75 mmHg" in refused.value.words("en")
