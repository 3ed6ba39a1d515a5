"""Pressure gauges: published limits and computed runs through the code that a run uses, and a run.

Facts and ids are those of shared/vectors/pressure-medical-temperature-electrical.json (domain
pressure_gauge); `pg-mpe-table` is the table of JJG 52 as two makers print it, the runs are
synthetic by that rule.
"""

import pytest

from benchctl.core.events import ActionFinished, PromptOpened
from benchctl.core.places import bundled
from benchctl.core.verdicts import Verdict
from benchctl.engine import RunRequest, prepare, run
from benchctl.language import Diagnostics
from benchctl.metrology import Input, judge_runs, propagate
from benchctl.procedure import load_procedure
from benchctl.procedure.across_values import across_env

SEED = 2


@pytest.fixture(scope="module")
def gauge():
    diagnostics = Diagnostics()
    procedure = load_procedure(bundled("procedures") / "pressure-gauge.yaml", diagnostics)
    assert not diagnostics.failed
    return procedure


def resolved(gauge, stage="initial", **parameters):
    values, problems = gauge.parameters_from({})
    assert problems == []
    return gauge.resolve(values | parameters, stage=stage)


def error_of(gauge, of, shown, reference):
    """Return the error in % of the span as a run computes and reports it."""
    point = of.points[0]
    inputs = [Input("gauge_pressure", shown), Input("reference_pressure", reference)]
    model = gauge.measurand.model.known_at(point.values | of.env)
    return propagate(model, inputs, unit=gauge.measurand.unit).value


# pg-mpe-table: class, span in MPa, limits in MPa at 90 % to 100 % and in the rest
TABLE = [
    (1.0, 0.6, 0.0096, 0.006),
    (1.0, 25.0, 0.4, 0.25),
    (1.6, 1.0, 0.025, 0.016),
    (1.6, 60.0, 1.5, 0.96),
    (2.5, 1.6, 0.064, 0.04),
    (2.5, 10.0, 0.4, 0.25),
    (4.0, 0.6, 0.024, 0.024),
    (4.0, 1.0, 0.04, 0.04),
]


@pytest.mark.parametrize(("accuracy_class", "span", "top", "rest"), TABLE)
def test_the_limits_of_the_top_decile_are_those_of_the_next_class(
    gauge, accuracy_class, span, top, rest
):
    of = resolved(gauge, accuracy_class=accuracy_class, upper_limit=span)
    for point in of.points:
        limit = point.mpe[1] * span / 100
        assert limit == pytest.approx(top if point.values["point.mark"] >= 90 else rest)
        assert point.mpe[0] == -point.mpe[1]


RISING = {40: (0.39, 0.40), 60: (0.79, 0.80), 80: (1.19, 1.20), 100: (1.60, 1.61)}
FALLING = {40: (0.40, 0.41), 60: (0.81, 0.81), 80: (1.21, 1.21), 100: (1.61, 1.61)}
# pg-run-pass and pg-run-top-decile have four marks of a scale of 1.6 MPa: 0.4, 0.8, 1.2, 1.6
AT = {40: 0.4, 60: 0.8, 80: 1.2, 100: 1.6}


def results_of(gauge, of, rising, falling):
    """Return the errors of a run of the vectors by the name of the point."""
    errors = {}
    for way, shown in (("up", rising), ("down", falling)):
        for mark, at in AT.items():
            before, after = shown[mark]
            errors[f"{way}-{mark}"] = error_of(gauge, of, before, at)
            errors[f"{way}-{mark}-tapped"] = error_of(gauge, of, after, at)
    return errors


def value_of(gauge, of, name, errors):
    """Return the value of an item over the points that were measured, and whether it passes."""
    item = next(i for i in gauge.items if i.name == name)
    points = [p for p in of.points if p.name in item.over and p.name in errors]
    results = {"error": [errors[p.name] for p in points], "U": [0.1] * len(points)}
    value = float(item.value(across_env(item.value, of.env, points, results, "initial")))
    return value, bool(item.passes({**of.env, "value": value}))


def verdicts_of(gauge, of, errors):
    points = {p.name: p for p in of.points}
    digits = [round(e, 2) for e in errors.values()]  # reported to 0.01 %, and judged so
    return {
        name: judge_runs([e], points[name].mpe, rule=gauge.decision.rule).judgement.verdict
        for name, e in zip(errors, digits, strict=True)
    }


def test_pg_run_pass_error_hysteresis_and_tapping_are_inside(gauge):
    of = resolved(gauge, upper_limit=1.6, division=0.05)
    errors = results_of(gauge, of, RISING, FALLING)
    assert errors["up-40-tapped"] == pytest.approx(0.0)
    assert errors["down-40-tapped"] * 1.6 / 100 == pytest.approx(0.01)
    assert set(verdicts_of(gauge, of, errors).values()) == {Verdict.PASS}
    hysteresis, passed = value_of(gauge, of, "hysteresis", errors)
    assert passed
    assert hysteresis == pytest.approx(100 * 0.6 / 1.6)  # 0.01 MPa of 0.0256, 0.625 % to tenths
    tapping, passed = value_of(gauge, of, "tapping", errors)
    assert passed
    assert tapping == pytest.approx(100 * 0.6 / 1.6)


def test_pg_run_top_decile_an_error_that_equals_the_wider_limit_is_inside(gauge):
    of = resolved(gauge, upper_limit=1.6, division=0.05)
    top = {"rising": {**RISING, 100: (1.63, 1.64)}, "falling": {**FALLING, 100: (1.64, 1.64)}}
    errors = results_of(gauge, of, **top)
    assert errors["up-100-tapped"] == pytest.approx(2.5)
    assert set(verdicts_of(gauge, of, errors).values()) == {Verdict.PASS}
    beyond = results_of(gauge, of, top["rising"], {**FALLING, 100: (1.65, 1.65)})
    found = verdicts_of(gauge, of, beyond)
    assert found["down-100"] is Verdict.FAIL


@pytest.mark.parametrize(("rule", "passes"), [("literal", True), ("strict", False)])
def test_hysteresis_in_the_top_decile_by_the_literal_limit_or_by_the_strict_one(
    gauge, rule, passes
):
    of = resolved(gauge, upper_limit=1.6, division=0.05, hysteresis_limit=rule)
    wide = {**FALLING, 100: (1.64, 1.64)}  # 0.03 MPa: 1.9 %, between 1.6 % and 2.5 %
    errors = results_of(gauge, of, RISING, wide)
    assert value_of(gauge, of, "hysteresis", errors)[1] is passes


def test_a_gauge_with_a_stop_pin_has_no_error_at_zero(gauge):
    names = {p.name for p in resolved(gauge, stop_pin="yes").points}
    assert not names & {"zero-up", "zero-down"}
    assert "zero_pin" in resolved(gauge).left_out
    assert "zero_pin" not in resolved(gauge, stop_pin="yes").left_out


def test_what_the_reference_is_uncertain_by_is_held_against_the_span_of_the_gauge(tmp_path):
    request = RunRequest(
        "pressure-gauge",
        lab=tmp_path,
        simulate=True,
        sets={"upper_limit": "0.06 MPa", "accuracy_class": "1", "division": "0.0001 MPa"},
    )
    fine = prepare(request).plan
    assert all(m.adequate for v in fine.visits for m in v.members)
    assert fine.visits[0].members[0].U_reference == pytest.approx(100 * 0.06 / 60, rel=1e-3)


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """Return the report of a run, and when each of its actions was over."""
    over = {}

    def note(event):
        if isinstance(event.event, ActionFinished):
            over[event.event.action] = event.event.t

    lab = tmp_path_factory.mktemp("lab")
    request = RunRequest("pressure-gauge", seed=SEED, lab=lab, simulate=True)
    return run(request, listeners=[note]), over


@pytest.fixture(scope="module")
def report(ended):
    return ended[0]


def items(report, position):
    unit = report.document["uuts"][position - 1]
    return {p["item"]: p for p in unit["points"] if p["point"] is None}


def test_hysteresis_and_a_sticking_pointer_fail_by_their_own_items_alone(report):
    hysteresis, sticking = items(report, 4), items(report, 5)
    assert {n for n, p in hysteresis.items() if p["verdict"] == "fail"} == {"hysteresis"}
    assert {n for n, p in sticking.items() if p["verdict"] == "fail"} == {"tapping"}
    for position in (4, 5):
        points = report.document["uuts"][position - 1]["points"]
        assert {p["verdict"] for p in points if p["point"]} == {"pass"}
        assert report.document["uuts"][position - 1]["verdict"] == "fail"
    assert [u["verdict"] for u in report.document["uuts"]][:3] == ["pass", "pass", "fail"]


def test_three_minutes_are_waited_at_the_upper_limit_before_the_pressure_falls(ended):
    over = ended[1]
    assert over["load-1/down-100/settle"] - over["load-1/up-100-tapped/run-1"] >= 180.0
    assert over["load-1/up-100/settle"] - over["load-1/up-80-tapped/run-1"] < 60.0


def test_a_person_who_reads_the_dials_comes_to_the_same_verdicts(report, tmp_path):
    batch = tmp_path / "batch.csv"
    rows = [f"P-{n},{n},person" for n in range(1, 7)]
    batch.write_text("\n".join(["serial,position,reading", *rows]) + "\n", encoding="utf-8")
    lab = tmp_path / "lab"
    read = run(RunRequest("pressure-gauge", seed=SEED, lab=lab, simulate=True, batch=batch))
    assert read.outcome == "finished"
    found = [u["verdict"] for u in read.document["uuts"]]
    assert found[:5] == ["pass", "pass", "fail", "fail", "fail"]


BY_HAND = {"source": "hand pump"}


def test_with_a_hand_pump_a_person_brings_the_pressure_there_and_the_verdicts_are_the_same(
    report, tmp_path
):
    events = []
    request = RunRequest("pressure-gauge", seed=SEED, lab=tmp_path, simulate=True, sets=BY_HAND)
    by_hand = run(request, listeners=[lambda stored: events.append(stored.event)])
    assert by_hand.outcome == "finished"
    asked = [e for e in events if isinstance(e, PromptOpened) and "hand pump" in str(e.question)]
    assert len(asked) == 22  # once at each point, and never again where it is right
    assert not any(e.uut for e in asked)
    found = [u["verdict"] for u in by_hand.document["uuts"]]
    assert found[:5] == [u["verdict"] for u in report.document["uuts"]][:5]
    for unit in by_hand.document["uuts"]:
        reference = [p for p in unit["points"] if p["point"] == "up-60"]
        assert abs(reference[0]["nominal"]["value"] - 0.15) < 1e-9
        assert reference[0]["nominal"]["unit"] == "MPa"


def test_a_person_who_stays_beside_the_pressure_is_asked_again_and_then_nothing_is_measured(
    tmp_path,
):
    mine = tmp_path / "sim_instruments" / "gauge_bench"
    mine.mkdir(parents=True)
    for file in (bundled("sim_instruments") / "gauge_bench").glob("*.yaml"):
        text = file.read_text(encoding="utf-8").replace("1000 * hand.p", "990 * hand.p")
        (mine / file.name).write_text(text, encoding="utf-8")
    events = []
    request = RunRequest(
        "pressure-gauge",
        seed=SEED,
        lab=tmp_path,
        simulate=True,
        sets=BY_HAND,
        points=("zero-up", "up-60"),
    )
    beside = run(request, listeners=[lambda stored: events.append(stored.event)])
    asked = [e for e in events if isinstance(e, PromptOpened) and "hand pump" in str(e.question)]
    assert len(asked) == 1 + 4  # nothing is off at zero; the first time, and three times again
    for unit in beside.document["uuts"]:
        verdicts = {p["point"]: p["verdict"] for p in unit["points"]}
        assert verdicts["zero-up"] == "pass"
        assert verdicts["up-60"] == "not_measured"


def test_no_leak_is_looked_for_between_gauges_on_a_manifold(report):
    kinds = {i["kind"] for i in report.document["incidents"]}
    assert "consensus step" not in kinds
