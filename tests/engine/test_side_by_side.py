"""Points measured by reading gauges beside a reference, in whole runs on a simulated manifold."""

import math

import pytest
from reading_lab import ReadingLab, point

from benchctl.core.events import (
    ActionStarted,
    PromptOpened,
    RawBlock,
    RunMeasured,
    RunPaused,
    SettingWritten,
    UutDropped,
)
from benchctl.engine import prepare, run, truth
from benchctl.language import Diagnostics, Source
from benchctl.procedure import load_procedure


@pytest.fixture
def lab(tmp_path):
    return ReadingLab(tmp_path)


def ran(lab, **more):
    """Return the report of a run and its events."""
    events = []
    report = lab.run(listeners=[lambda stored: events.append(stored.event)], **more)
    return report, events


def measured(events, serial="G-1", name="mid"):
    return next(
        e for e in events if isinstance(e, RunMeasured) and (e.uut, e.point) == (serial, name)
    )


def line(event, source):
    """Return a line of a run's budget, None without one."""
    return next((b for b in event.budget if b["source"] == source), None)


def test_gauges_are_read_beside_the_reference_and_judged_rightly(lab):
    lab.write("20 readings")
    report, events = ran(lab)
    assert (report.outcome, report.verdict) == ("finished", "pass")
    for row in truth(lab.request()):
        found = point(report, row["serial"], row["point"])
        error = row["error"] / 6.0  # kPa of a span of 600 kPa, in %
        assert found["error"] == pytest.approx(error, abs=1.3 * found["U"])
    run = point(report, "G-1", "mid")["runs"][0]
    assert run["n"] == run["readings"]["n"] == 20
    assert run["readings"]["why"]["text"] == "20 readings, as the procedure says"
    assert run["indication"] - run["reference"] == pytest.approx(6.0 * run["error"])
    sources = {(b["input"], b["source"]) for b in measured(events).budget}
    assert sources >= {("gauge_pressure", "readings"), ("reference_pressure", "certificate")}


def test_the_uncertainty_of_the_readings_is_that_of_their_mean(lab):
    lab.setup = {"sigma": 0.3, "reference": 0.0, "ripple": 0.0}
    lab.write("25 readings")
    _, events = ran(lab)
    readings = line(measured(events), "readings")
    assert readings["distribution"] == "t"
    assert readings["u"] == pytest.approx(0.3 / 5.0, rel=0.6)
    assert readings["dof"] == pytest.approx(measured(events).readings["n_eff"] - 1)


def test_what_all_gauges_and_the_reference_see_alike_is_no_uncertainty_of_the_comparison(lab):
    lab.setup = {"sigma": 0.001, "reference": 0.001, "ripple": 0.1}
    lab.write("30 readings", within="2 kPa")
    _, events = ran(lab)
    found = measured(events)
    assert line(found, "readings")["u"] < 0.01  # of a ripple of 0.1 kPa
    assert found.error == pytest.approx(0.2, abs=0.002)


def test_a_gauge_that_drifts_has_a_line_in_its_budget_and_a_flag(lab):
    lab.setup = {"drift": 0.02, "sigma": 0.01}
    lab.write("30 readings")
    report, events = ran(lab)
    found = measured(events)
    half = 0.02 * 29.0 / 2
    assert line(found, "drift")["u"] == pytest.approx(half / math.sqrt(3), rel=0.1)
    assert line(found, "drift")["distribution"] == "rectangular"
    texts = [n["text"] for n in point(report, "G-1", "mid")["runs"][0]["notes"]]
    assert any("more than they scatter" in text for text in texts)
    assert found.u > line(found, "drift")["contribution"]


def test_a_gauge_that_only_scatters_is_flagged_for_nothing(lab):
    lab.write("30 readings")
    report, _ = ran(lab)
    assert [point(report, f"G-{n}", "mid")["runs"][0]["notes"] for n in (1, 2, 3, 4)] == [[]] * 4


def test_what_follows_late_counts_the_drift_of_the_reference_for_its_lag(lab):
    lab.setup = {"ramp": 0.01, "lag": 5.0, "sigma": 0.005, "ripple": 0.0}
    lab.write("30 readings", within="5 kPa", read="lag: 5 s", settle=", soak: 40 s")
    _, events = ran(lab)
    found = measured(events)
    lag = line(found, "lag")
    assert lag["input"] == "reference_pressure"
    assert lag["u"] == pytest.approx(0.01 * 5.0 / math.sqrt(3), rel=0.1)
    assert found.error == pytest.approx(0.2, abs=found.U)


def test_a_time_takes_the_readings_of_that_time(lab):
    lab.write("30 s", every="2 s")
    _, events = ran(lab)
    found = measured(events)
    assert found.n == 16
    assert found.window[1] - found.window[0] == pytest.approx(30.0, abs=0.1)


def test_gauges_behind_one_reader_are_read_there_and_back(lab):
    lab.setup = {"ramp": 0.01, "sigma": 0.002, "ripple": 0.0, "reference": 0.0}
    lab.write("10 readings", within="5 kPa", every="10 s", way="scanner",
              read="order: there and back\nswitch: 1 s")  # fmt: skip
    report, events = ran(lab)
    assert report.outcome == "finished"
    on = set()
    for event in events:
        if isinstance(event, SettingWritten) and event.instrument == "scanner":
            (on.add if event.value else on.discard)(event.channel)
            assert len(on) <= 1
    for serial, error in (("G-1", 0.2), ("G-2", -0.45), ("G-3", 1.0)):
        found = measured(events, serial)
        assert found.error == pytest.approx(error, abs=max(found.U, 0.01))
    middles = {sum(measured(events, f"G-{n}").window) / 2 for n in (1, 2, 3, 4)}
    assert max(middles) - min(middles) < 1.5  # each unit's readings lie around the same instant


def test_strokes_are_gone_through_in_order_and_never_share_a_set_point(lab):
    points = [
        {"point": f"{stroke}-{p}", "pressure": p, "stroke": stroke}
        for stroke, ps in (("up", (0, 300, 600)), ("down", (300, 0)))
        for p in ps
    ]
    lab.write("5 readings", points=points)
    plan = prepare(lab.request()).plan
    assert [v.points for v in plan.visits] == [(p["point"],) for p in points]
    assert all(len(v.members) == 4 for v in plan.visits)
    report, _ = ran(lab)
    assert [p["point"] for p in report.document["uuts"][0]["points"]] == [
        p["point"] for p in points
    ]
    top = point(report, "G-3", "up-600")
    assert (top["verdict"], top["error"]) == ("fail", pytest.approx(2.0, abs=0.02))
    assert point(report, "G-1", "down-300")["verdict"] == "pass"


def test_a_soak_is_waited_for_at_its_point(lab):
    points = [{"point": "zero", "pressure": 0}, {"point": "top", "pressure": 600, "soak": "3 min"}]
    lab.write("5 readings", points=points, settle=", soak: 20 s")
    _, events = ran(lab)
    spans = {name: measured(events, name=name).window[0] for name in ("zero", "top")}
    plan = prepare(lab.request()).plan
    assert [v.soak for v in plan.visits] == [20.0, 180.0]
    assert spans["top"] - spans["zero"] > 180.0


def test_settling_may_be_nothing_but_waiting(lab):
    lab.write("5 readings")
    text = lab.procedure.read_text()
    settle = next(row for row in text.splitlines() if row.startswith("  settle:"))
    lab.procedure.write_text(text.replace(settle, "  settle: {soak: 60 s}"))
    report, events = ran(lab)
    assert (report.outcome, report.verdict) == ("finished", "pass")
    assert measured(events).error == pytest.approx(0.2, abs=0.02)


def test_a_gauge_that_dies_is_dropped_and_holds_up_nobody(lab):
    lab.setup = {"dead": [2], "dies": 95.0}
    lab.write("20 readings")
    report, events = ran(lab)
    assert [e.uut for e in events if isinstance(e, UutDropped)] == ["G-2"]
    assert point(report, "G-2", "mid")["verdict"] == "not_measured"
    assert point(report, "G-3", "mid")["verdict"] == "pass"


def test_a_person_reads_each_gauge_as_often_as_the_rule_says(lab):
    lab.setup = {"units": 2, "step": 0.5}
    lab.write("3 readings", way="person")
    text = lab.procedure.read_text().replace("gauge_pressure.resolution", "0.5 kPa")
    lab.procedure.write_text(text)
    report, events = ran(lab)
    asked = [e for e in events if isinstance(e, PromptOpened) and e.kind == "number"]
    assert [e.uut for e in asked] == ["G-1", "G-2"] * 6
    assert point(report, "G-1", "mid")["error"] == pytest.approx(0.2, abs=0.1)
    assert measured(events).n == 3
    assert line(measured(events), "resolution")["u"] == pytest.approx(0.5 / math.sqrt(12))


def test_a_dial_near_its_limit_is_read_a_second_time(lab):
    lab.setup = {"units": 2, "step": 0.5, "sigma": 0.0, "ripple": 0.0, "errors": {"1": [9.5, 0.0]}}
    lab.write("2 readings", way="person", points=[{"point": "mid", "pressure": 300}])
    text = lab.procedure.read_text().replace("gauge_pressure.resolution", "0.5 kPa")
    lab.procedure.write_text(text)
    _, events = ran(lab)
    asked = [(e.uut, e.question["id"].rpartition(".")[2]) for e in events
             if isinstance(e, PromptOpened) and e.kind == "number"]  # fmt: skip
    assert [s for s, _ in asked] == ["G-1", "G-1", "G-2"] * 2  # 9.5 of 9.6 kPa are allowed
    assert asked[1][1] == asked[4][1] == "reading-second"
    assert measured(events).n == 2


def test_one_reading_has_the_repeatability_that_is_declared(lab):
    lab.write("1 reading", repeatability=", {repeatability: 0.06 kPa}")
    _, events = ran(lab)
    found = measured(events)
    assert found.n == 1
    assert line(found, "readings") is None
    assert line(found, "repeatability")["u"] == 0.06


def test_the_plan_tells_the_time_and_what_the_reference_is_good_for(lab):
    lab.write("20 readings", every="3 s")
    plan = prepare(lab.request()).plan
    visit = plan.visits[1].as_json()
    assert (visit["amount"], visit["amount_unit"]) == (60.0, "s")
    assert visit["members"][0]["U_reference"] == pytest.approx(0.02 / 6.0)
    assert [a.kind for a in plan.actions if a.visit == plan.visits[1].id] == [
        "set",
        "settle",
        "measure",
    ]


def test_a_reference_that_is_not_good_enough_is_refused_by_the_span_of_each_gauge(lab):
    lab.write("20 readings")
    prepare(lab.request(sets={"span": "600"}))
    from benchctl.engine.refusals import PlanRefusedError

    with pytest.raises(PlanRefusedError) as refused:
        prepare(lab.request(sets={"span": "4", "accuracy_class": "0.1"}))
    assert "0.5 %" in str(refused.value.message)


def test_a_calibration_states_values_and_no_verdict(lab):
    lab.write("20 readings")
    report, _ = ran(lab, service="calibration")
    found = point(report, "G-1", "mid")
    assert (found["verdict"], found["mpe"]) == (None, None)
    assert found["error"] == pytest.approx(0.2, abs=0.01)


def test_a_pause_voids_the_readings_and_they_are_taken_anew(lab):
    lab.write("20 readings")
    events, held = [], {}

    def told(stored):
        events.append(stored.event)
        begins = isinstance(stored.event, ActionStarted) and stored.event.kind == "measure"
        if begins and not any(isinstance(e, RunPaused) for e in events):
            held["control"].pause("Li", now=True)

    report = run(lab.request(), listeners=[told], on_control=lambda c: held.update(control=c))
    assert report.outcome == "finished"
    of_first = [
        e for e in events if isinstance(e, RunMeasured) and (e.uut, e.point) == ("G-1", "zero")
    ]
    assert [e.valid for e in of_first] == [False, True]
    assert of_first[0].problem["id"] == "engine.void-pause"
    assert point(report, "G-1", "zero")["verdict"] == "pass"


def test_the_same_seed_gives_the_same_readings(lab):
    lab.write("{until: u_A <= mpe / 1000, at_most: 60}", way="scanner",
              read="order: there and back\nswitch: 1 s", every="4 s")  # fmt: skip
    hashes, points = [], []
    for _ in range(2):
        report, events = ran(lab)
        hashes.append([e.sha256 for e in events if isinstance(e, RawBlock)])
        points.append([u["points"] for u in report.document["uuts"]])
    assert hashes[0] == hashes[1]
    assert points[0] == points[1]


def test_threads_on_real_buses_read_the_same_errors(lab):
    lab.write("30 readings")
    report, events = ran(lab, speed="60")
    assert report.outcome == "finished"
    for serial, error in (("G-1", 0.2), ("G-2", -0.45), ("G-3", 1.0)):
        found = measured(events, serial)
        assert found.n == 30
        assert found.error == pytest.approx(error, abs=2 * found.U)


def test_units_of_which_the_model_has_no_value_are_not_measured_and_the_run_goes_on(lab):
    lab.setup = {"step": 1000.0}  # the gauges show 0 at this pressure
    lab.write("5 readings", points=[{"point": "mid", "pressure": 300}])
    text = lab.procedure.read_text()
    new = "100 * (gauge_pressure - reference_pressure) / (span - 600 + gauge_pressure)"
    lab.procedure.write_text(
        text.replace("100 * (gauge_pressure - reference_pressure) / span", new)
    )
    report, _ = ran(lab)
    assert report.outcome == "finished"
    assert {u["verdict"] for u in report.document["uuts"]} == {"not_measured"}


def test_limits_that_only_one_standard_could_serve_are_refused_for_that_unit_alone(lab, tmp_path):
    lab.setup = {"units": 2}
    rule = "{sequential: 0.05 %, sigma: 0.05 %, risks: [2 %, 2 %], at_most: 20}"
    lab.write(rule, services="services: [test]")
    batch = tmp_path / "batch.csv"
    batch.write_text("serial,position,span\nG-1,1,600\nG-2,2,1\n")
    report, _ = ran(lab, service="test", batch=batch)
    assert point(report, "G-1", "mid")["verdict"] == "pass"
    assert point(report, "G-2", "mid")["why"]["args"]["problem"]["id"] == "engine.no-room"


def test_the_reference_may_follow_from_what_is_read(lab):
    lab.write("20 readings")
    text = lab.procedure.read_text()
    text = text.replace(
        "measurand:\n",
        "measurand:\n  where: {at_gauge: {unit: kPa, value: reference_pressure - 0.6}}\n",
    )
    text = text.replace("(gauge_pressure - reference_pressure)", "(gauge_pressure - at_gauge)")
    text = text.replace("reference: reference_pressure", "reference: at_gauge")
    lab.procedure.write_text(text)
    report, events = ran(lab)
    found = measured(events)
    assert found.error == pytest.approx(0.3, abs=0.01)  # 0.6 kPa more, of 600 kPa
    assert found.reference == pytest.approx(299.4, abs=0.5)
    assert report.outcome == "finished"


TRANSMITTER = """
procedure: transmitters
title: Transmitters
standard: {name: JJG 882}
simulated_bench: manifold
parameters:
  span: {unit: kPa, default: 600}
  zero: {unit: mA, default: 4}
  width: {unit: mA, default: 16}
needs:
  pressure_setpoint: {unit: kPa, settable: true}
  reference_pressure: {unit: kPa}
  loop_current: {unit: mA, per: uut}
measurand:
  error: {unit: "%", model: 100 * ((loop_current - zero) / width - reference_pressure / span)}
  uncertainty:
    loop_current: [{resolution: 0.001 mA}]
    reference_pressure: [{certificate: true}]
limits: [{mpe: ±0.5 %}]
stages: {initial: mpe}
decision: {rule: simple acceptance}
items: [error]
points: [{point: mid, pressure: 300}]
each_point:
  set: {pressure_setpoint: pressure}
  settle: {reference_pressure: within 0.5 kPa for 10 s, timeout: 60 s}
  read: {reference: reference_pressure, how_many: 10 readings}
"""


def test_what_a_unit_of_another_kind_shows_is_said_for_the_plan(tmp_path):
    def loaded(text):
        diagnostics = Diagnostics()
        procedure = load_procedure(Source("transmitters.yaml", text), diagnostics)
        return procedure, [d.message.id for d in diagnostics.items]

    assert loaded(TRANSMITTER) == (None, ["procedure.no-expect"])
    expected = "expect: {loop_current: zero + width * point.pressure / span}"
    procedure, mistakes = loaded(TRANSMITTER.replace("10 readings", f"10 readings, {expected}"))
    assert mistakes == []
    (at,) = procedure.resolve({"span": 600.0, "zero": 4.0, "width": 16.0}, stage="initial").points
    assert at.expect == {"loop_current": 12.0, "reference_pressure": 300.0}


def test_what_was_read_is_kept_as_it_was_heard(lab):
    lab.write("5 readings")
    _, events = ran(lab)
    blocks = {e.series for e in events if isinstance(e, RawBlock)}
    for series in ("reference/reference_pressure", "meter/G-1"):
        name = f"load-1/mid/run-1/{series}"
        assert name in blocks
        assert any(b.startswith(f"{name}/") for b in blocks)
