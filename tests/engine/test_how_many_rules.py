"""How many readings a point gets, by rules that the procedure declares and the record explains."""

import pytest
from reading_lab import ReadingLab, point

from benchctl.core.errors import UsageError
from benchctl.core.events import PointJudged, RunMeasured
from benchctl.engine import prepare
from benchctl.language import FileError

TEST = {"services": "services: [test]"}
WALD = "{sequential: 0.05 %, sigma: 0.05 %, risks: [2 %, 2 %], at_most: 60}"


@pytest.fixture
def lab(tmp_path):
    return ReadingLab(tmp_path)


def ran(lab, **more):
    events = []
    report = lab.run(listeners=[lambda stored: events.append(stored.event)], **more)
    assert report.outcome == "finished", report.document["reason"]
    return report, [e for e in events if isinstance(e, RunMeasured)]


def mistakes(lab):
    with pytest.raises(FileError) as error:
        prepare(lab.request())
    return [(d.code, d.message.id.partition(".")[2]) for d in error.value.diagnostics]


def test_readings_go_on_until_their_uncertainty_is_a_share_of_the_limit(lab):
    lab.setup = {"sigma": 0.3}
    lab.write("{until: u_A <= mpe / 200, at_least: 10, at_most: 300}")
    report, runs = ran(lab)
    for run in runs:
        assert run.readings["u"] <= 1.6 / 200
        assert 10 <= run.n < 300
        assert run.readings["why"]["id"] == "acquire.many-precise"
    assert len({r.n for r in runs}) > 1  # each unit as many as it needs
    assert "u_A = " in point(report, "G-1", "mid")["runs"][0]["readings"]["why"]["text"]


def test_the_bound_may_be_a_share_of_what_the_bench_leaves_uncertain(lab):
    lab.setup = {"sigma": 0.03, "reference": 0.0}
    lab.write("{until: u_A <= u_B / 2, at_most: 300}")
    _, runs = ran(lab)
    u_b = 0.01 / 6.0  # the certificate alone: the gauges have no step
    assert all(r.readings["u"] <= u_b / 2 for r in runs)
    assert any(r.readings["u"] > 0.3 * u_b for r in runs)


def test_a_precision_that_is_not_reached_is_flagged_and_stands_in_the_budget(lab):
    lab.setup = {"sigma": 3.0}
    lab.write("{until: u_A <= mpe / 200, at_least: 10, at_most: 15}")
    report, runs = ran(lab)
    assert {r.n for r in runs} == {15}
    run = point(report, "G-1", "mid")["runs"][0]
    assert "still more than" in run["notes"][0]["text"]
    assert run["u"] > 1.6 / 200


def test_the_spread_of_a_first_stage_says_how_many_there_are(lab):
    lab.setup = {"sigma": 0.3}
    lab.write("{two_stages: mpe / 50, first: 8, at_most: 200, confidence: 99 %}")
    _, runs = ran(lab)
    for run in runs:
        facts = run.readings
        assert run.n == max(8, facts["needed"])
        line = next(b for b in run.budget if b["source"] == "readings")
        assert line["u"] / 6.0 == pytest.approx(facts["s_first"] / run.n**0.5)
        assert line["dof"] == pytest.approx(facts["dof"])
        assert facts["why"]["args"]["confidence"] == "99 %"


def test_screening_gives_verdicts_and_no_value_anywhere(lab):
    lab.setup = {"sigma": 0.3, "errors": {"1": [1.2, 0.0], "2": [-15.0, 0.0]}}
    lab.write(WALD, **TEST)
    report, runs = ran(lab, service="test")
    found = {s: point(report, s, "mid") for s in ("G-1", "G-2", "G-3")}
    assert {s: p["verdict"] for s, p in found.items()} == {
        "G-1": "pass", "G-2": "fail", "G-3": "pass"
    }  # fmt: skip
    for p in found.values():
        valueless = ("error", "reported", "U", "k", "dof")
        assert [p[name] for name in valueless] == [None] * len(valueless)
        assert p["rule"] == "wald-screening/1"
        assert "log ratio" in p["why"]["text"]
        assert [p["runs"][0][n] for n in ("error", "indication", "reference", "u")] == [None] * 4
    assert all("s" not in r.readings and r.budget == () for r in runs)
    assert sum(r.n for r in runs) / len(runs) <= 0.5 * 17  # a fixed number at these risks


def test_screening_that_stays_undecided_is_judged_by_the_ordinary_rule(lab):
    lab.setup = {"sigma": 0.3, "errors": {"1": [9.2, 0.0], "2": [-9.9, 0.0]}}
    lab.write("{sequential: 0.001 %, sigma: 0.05 %, risks: [2 %, 2 %], at_most: 10}", **TEST)
    report, _ = ran(lab, service="test")
    inside, outside = point(report, "G-1", "mid"), point(report, "G-2", "mid")
    assert (inside["verdict"], outside["verdict"]) == ("pass", "fail")
    assert "undecided" in inside["why"]["text"]
    assert "simple-acceptance" in outside["why"]["text"]
    assert (inside["error"], inside["runs"][0]["n"]) == (None, 10)


def test_screening_takes_what_does_not_average_off_the_limits(lab):
    lab.setup = {"sigma": 0.05, "errors": {"1": [9.59, 0.0], "2": [9.0, 0.0]}}
    text = WALD.replace("0.05 %", "0.004 %", 1)
    lab.write(text, **TEST)
    bench = lab.path / "sim_instruments" / "manifold" / "bench.yaml"
    bench.write_text(bench.read_text().replace("U: 0.02 kPa", "U: 0.4 kPa"))
    report, _ = ran(lab, service="test")
    # 1.598 % lies inside ±1.6 %, but not by 1.645 times the 0.033 % of the reference
    assert point(report, "G-1", "mid")["verdict"] == "fail"
    assert point(report, "G-2", "mid")["verdict"] == "pass"


def test_a_planned_number_ends_early_where_the_verdict_cannot_change(lab):
    lab.setup = {"sigma": 0.6, "errors": {"1": [0.0, 0.0], "2": [9.55, 0.0], "3": [20.0, 0.0]}}
    lab.write("{planned: 40, at_least: 5, risk: 1 %}", **TEST)
    report, runs = ran(lab, service="test")
    n = {(r.uut, r.point): r.n for r in runs}
    assert n["G-1", "mid"] == n["G-3", "mid"] == 5
    assert n["G-2", "mid"] > 5
    assert point(report, "G-3", "mid")["verdict"] == "fail"
    assert point(report, "G-1", "mid")["rule"] == "early-stop/1"
    assert "of 40 readings" in point(report, "G-1", "mid")["why"]["text"]
    assert point(report, "G-1", "mid")["error"] is None


@pytest.mark.parametrize("rule", [WALD, "{planned: 40, risk: 1 %}"])
def test_a_rule_that_stops_early_is_refused_where_values_are_stated(lab, rule):
    lab.write(rule)
    assert mistakes(lab) == [("E305", "stops-early")]
    lab.write(rule, services="services: [test, calibration]")
    assert mistakes(lab) == [("E305", "stops-early")]
    lab.write(rule, **TEST)
    prepare(lab.request(service="test"))
    for service in ("verification", "calibration"):
        with pytest.raises(UsageError, match="it is for test only"):
            prepare(lab.request(service=service))


def test_a_standard_that_fills_the_limits_leaves_nothing_to_screen(lab):
    lab.write(WALD, **TEST)
    bench = lab.path / "sim_instruments" / "manifold" / "bench.yaml"
    bench.write_text(bench.read_text().replace("U: 0.02 kPa", "U: 15 kPa"))
    events = []
    lab.run(service="test", listeners=[lambda stored: events.append(stored.event)])
    judged = [e for e in events if isinstance(e, PointJudged)]
    assert {e.verdict for e in judged} == {"not_measured"}
    assert {e.why["args"]["problem"]["id"] for e in judged} == {"engine.no-room"}


@pytest.mark.parametrize(
    ("how_many", "code", "message"),
    [
        ("0 readings", "E206", "readings-range"),
        ("20", "E206", "unit-missing"),
        ("twenty readings", "E206", "expected"),
        ("-3 s", "E206", "not-positive"),
        ("20 kg", "E206", "misfit"),
        ("{}", "E106", "one-rule"),
        ("{until: u_A <= mpe / 10, planned: 20, risk: 1 %}", "E106", "one-rule"),
        ("{until: u_B <= mpe / 10}", "E206", "expected"),
        ("{until: u_A <= mpe * 1 / span}", "E204", "unit-misfit"),
        ("{until: u_A <= mpe / 10, at_least: 3}", "E105", "too-few"),
        ("{until: u_A <= mpe / 10, at_least: 30, at_most: 20}", "E105", "wrong-way-round"),
        ("{until: u_A <= mpe / 10, risk: 1 %}", "E106", "not-of-rule"),
        ("{until: u_A <= mpe - mpe}", "E501", "not-positive"),
        ("{two_stages: 0.1 kPa}", "E204", "misfit"),
        ("{two_stages: mpe / 10, confidence: 120 %}", "E206", "ratio-range"),
        ("{sequential: mpe / 10, at_most: 9}", "E101", "rule-needs"),
        ("{sequential: mpe / 10, sigma: 0.1 %, risks: [1 %], at_most: 9}", "E106", "two-risks"),
        ("{planned: 20}", "E101", "rule-needs"),
        ("{planned: 20, risk: 1 %, often: 3}", "E102", "unknown-key"),
    ],
)
def test_a_mistake_in_how_many_is_told_at_its_place(lab, how_many, code, message):
    lab.write(how_many, **TEST)
    found = mistakes(lab)
    assert [code] == [c for c, _ in found], found
    assert message in found[0][1], found


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"read": "indication: reference_pressure"}, "E305", "not-per-uut"),
        ({"read": "indication: gauge"}, "E301", "unknown-role"),
        ({"read": "order: there and back"}, "E305", "not-a-reader"),
        ({"read": "lag: 5"}, "E206", "unit-missing"),
        ({"read": "expect: {gauge_pressure: span * span}"}, "E204", "unit-misfit"),
        ({"every": "0 s"}, "E105", "not-positive"),
        ({"within": "0.5 K"}, "E206", "misfit"),
        ({"within": "0 kPa"}, "E306", "not-positive"),
        ({"settle": ", filter: 3 s"}, "E306", "settle-filter"),
        ({"how_many": "1 reading"}, "E306", "no-spread"),
        ({"more": "  totalise: {until: reference_pressure >= span}"}, "E106", "one-way"),
        ({"points": [{"point": "a", "pressure": 1, "stroke": "sideways"}]}, "E103", "one-of"),
    ],
)
def test_a_mistake_in_reading_is_told_at_its_place(lab, changes, code, message):
    lab.write(**changes)
    found = mistakes(lab)
    assert [code] == [c for c, _ in found], found
    assert message in found[0][1] or code == "E103", found


def test_a_look_as_long_as_the_filter_needs_is_fine(lab):
    lab.write(settle=", filter: 2 s")
    prepare(lab.request())


def test_screening_makes_one_run(lab):
    lab.write(WALD, more="  runs: 2", **TEST)
    assert mistakes(lab) == [("E305", "one-screening")]
