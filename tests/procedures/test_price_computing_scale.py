"""Price-computing scales: published vectors through the file's own formulas, and a whole run.

Facts and ids (`scale-...`) are those of shared/vectors/flow-energy-mass.json; the turning point is
the example of R 76-1, the limits are those of the table of JJG 539 / R 76 for class III.
"""

import pytest

from benchctl.core.places import bundled
from benchctl.core.verdicts import Verdict
from benchctl.engine import RunRequest, prepare, run, truth
from benchctl.language import Diagnostics
from benchctl.metrology import judge_runs
from benchctl.procedure import load_procedure
from benchctl.procedure.across_values import across_env

E = 5.0


@pytest.fixture(scope="module")
def scale():
    diagnostics = Diagnostics()
    procedure = load_procedure(bundled("procedures") / "price-computing-scale.yaml", diagnostics)
    assert not diagnostics.failed
    return procedure


def resolved(scale, stage="initial", **parameters):
    values, problems = scale.parameters_from({})
    assert problems == []
    return scale.resolve(values | parameters, stage=stage)


def point_of(scale, name, stage="initial", **parameters):
    return next(p for p in resolved(scale, stage, **parameters).points if p.name == name)


def turned(scale, indication, added, load, zero_error=None):
    """Return the error at a turning point by the model of the file, at another load."""
    point = point_of(scale, "zero" if zero_error is None else "max")
    given = {**point.model.given, "point.load": load}
    values = {"indication": indication, "added_weights": added, "weight_factor": 1.0}
    if zero_error is not None:
        values["zero_error"] = zero_error
    steps = {**given, **values}
    model = point.model
    return float(model.result({**steps, **{s.name: s.value(steps) for s in model.steps}}))


# id: I, ΔL, L; I0, ΔL0, L0; E, E0, Ec; limit, verdict (all g, e = 5 g)
TURNS = {
    "scale-turn-1": (1000, 1.5, 1000, 0, 2.0, 0, 1.0, 0.5, 0.5, 2.5, "pass"),
    "scale-turn-2": (50, 2.0, 50, 50, 2.0, 50, 0.5, 0.5, 0.0, 2.5, "pass"),
    "scale-turn-4": (5010, 1.0, 5000, 0, 2.5, 0, 11.5, 0.0, 11.5, 5.0, "fail"),
}


@pytest.mark.parametrize("name", TURNS)
def test_the_turning_point_gives_error_zero_error_and_corrected_error(scale, name):
    shown, added, load, shown_0, added_0, load_0, error, zero, corrected, limit, verdict = TURNS[
        name
    ]
    found_zero = turned(scale, shown_0, added_0, load_0)
    assert found_zero == pytest.approx(zero)
    assert turned(scale, shown, added, load) == pytest.approx(error)
    found = turned(scale, shown, added, load, found_zero)
    assert found == pytest.approx(corrected)
    judged = judge_runs([found], (-limit, limit), rule=scale.decision.rule).judgement
    assert judged.verdict == verdict


# scale-mpe-15kg-...: load in g, limit at first verification and in service in g
MPE = [
    (100, 2.5, 5.0),
    (2505, 5.0, 10.0),
    (10000, 5.0, 10.0),
    (10005, 7.5, 15.0),
    (15000, 7.5, 15.0),
]


@pytest.mark.parametrize(("load", "initial", "in_service"), MPE)
def test_limits_in_scale_intervals_by_load(scale, load, initial, in_service):
    for stage, limit in (("initial", initial), ("in_service", in_service)):
        point = point_of(scale, "max", stage, max_load=float(max(load, 1000)))
        if load < 1000:
            point = point_of(scale, "up-min", stage)
        assert point.nominal == load
        assert point.mpe == (-limit, limit)


def test_limits_that_are_not_doubled_in_service(scale):
    for stage in ("initial", "in_service"):
        assert point_of(scale, "zero", stage).mpe == (-1.25, 1.25)
        assert point_of(scale, "tare-zero", stage).mpe == (-1.25, 1.25)
        assert point_of(scale, "step-max", stage).mpe == (5.0, 15.0)


def test_scale_ecc_1_the_corner_that_is_half_a_gram_beyond_fails(scale):
    names = ("centre", "left-front", "right-front", "right-rear", "left-rear")
    verdicts = [
        judge_runs([error], point_of(scale, name).mpe, rule=scale.decision.rule).judgement.verdict
        for name, error in zip(names, (0.5, 2.0, -3.5, 1.0, 5.5), strict=True)
    ]
    assert verdicts == [Verdict.PASS] * 4 + [Verdict.FAIL]
    assert {point_of(scale, name).nominal for name in names} == {5000.0}


@pytest.mark.parametrize(
    ("pressed", "share"), [((1.0, 3.5, -0.5), 4.0 / 7.5), ((0.0, 7.6, 0.0), 7.6 / 7.5)]
)
def test_scale_rep_1_the_range_of_three_weighings_against_the_limit(scale, pressed, share):
    of = resolved(scale)
    item = next(i for i in scale.items if i.name == "repeatability")
    points = [p for p in of.points if p.name in ("full-1", "full-2", "full-3")]
    results = {"error": list(pressed), "U": [0.1] * 3}
    env = points[0].env
    value = float(item.value(across_env(item.value, env, points, results, "initial")))
    assert value == pytest.approx(100 * share)
    assert bool(item.passes({**env, "value": value})) is (share <= 1)


def test_scale_disc_1_one_interval_more_passes_none_fails(scale):
    point = point_of(scale, "step-half")
    for after, verdict in ((7505.0, Verdict.PASS), (7500.0, Verdict.FAIL)):
        shown = {"indication": 7500.0, "indication_after": after, "weight_factor": 1.0}
        step = point.model(shown)
        assert judge_runs([step], point.mpe, rule=scale.decision.rule).judgement.verdict is verdict


def test_the_price_is_that_of_what_is_shown(scale):
    point = point_of(scale, "price-max")
    error = point.model(
        {**point.values, "indication": 15000.0, "price_shown": 149.85, "weight_factor": 1.0}
    )
    assert error == pytest.approx(0.0, abs=1e-9)


# a whole run -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    request = RunRequest(
        "price-computing-scale", lab=tmp_path_factory.mktemp("scales"), seed=7, operator="T"
    )
    return run(request), truth(request)


def test_the_run_finds_what_is_wrong_with_each_scale(report):
    document = report[0].document
    assert report[0].outcome == "finished"
    failed = {
        u["serial"][-1]: sorted({p["item"] for p in u["points"] if p["verdict"] == "fail"})
        for u in document["uuts"]
    }
    assert failed["1"] == []
    assert set(failed["2"]) == {"weighing", "repeated", "tare"}
    assert failed["3"] == ["eccentricity"]
    assert failed["4"] == ["discrimination"]
    assert failed["5"] == ["price"]


def test_no_verdict_is_wrong_that_the_truth_leaves_no_doubt_of(report):
    of_run, rows = report
    true = {(r["serial"], r["point"]): r["error"] for r in rows if r["point"]}
    beyond = checked = 0
    for uut in of_run.document["uuts"]:
        for point in uut["points"]:
            if point["point"] is None or point["quantity"] in ("step", "price_error"):
                continue
            error, U = true[uut["serial"], point["point"]], point["U"]
            checked += 1
            beyond += abs(point["error"] - error) > U
            low, high = point["mpe"]
            if min(abs(error - low), abs(error - high)) > 2 * U:
                assert (point["verdict"] == "pass") is (low <= error <= high)
    assert checked == 6 * 24
    assert beyond <= 0.05 * checked


def test_the_record_of_readings_by_eye_gives_the_same_again(report):
    from benchctl.engine.audit import Evidence, recompute
    from benchctl.records import Lab

    with Lab.open(report[0].record.parent) as lab:
        found = recompute(Evidence.read(lab, report[0].run))
    assert found.differences == []
    assert found.results == 6 * 30


def test_the_plan_tells_limits_uncertainty_and_what_the_weights_are_good_for(tmp_path):
    request = RunRequest("price-computing-scale", lab=tmp_path, seed=7, operator="T")
    plan = prepare(request).plan
    at_max = next(m for v in plan.visits for m in v.members if m.point == "max")
    assert at_max.mpe == (-7.5, 7.5)
    assert at_max.U_reference == pytest.approx(0.75)  # 15 kg of class M1
    u = (0.375**2 + 2 * (0.25**2 + 0.5**2 / 12)) ** 0.5  # weights, twice repeatability and 0.1 e
    assert pytest.approx(2 * u, rel=1e-4) == at_max.expected.U


def test_weights_of_a_class_that_is_not_good_enough_are_refused_with_the_arithmetic(tmp_path):
    from benchctl.engine.refusals import PlanRefusedError

    text = (bundled("sim_instruments") / "scale_bench" / "bench.yaml").read_text(encoding="utf-8")
    bench = tmp_path / "bench.yaml"
    bench.write_text(text.replace("U: 0.00005", "U: 0.0005"), encoding="utf-8")  # class M3
    with pytest.raises(PlanRefusedError) as refused:
        prepare(
            RunRequest("price-computing-scale", lab=tmp_path, bench=bench, seed=7, operator="T")
        )
    assert "U = 7.5 g, allowed 7.5 g × 0.333 = 2.5 g" in refused.value.words("en")
