"""Items that are measured in their own right, in whole runs on a simulated manifold."""
# ruff: noqa: E501 - procedures as they are written

import pytest
from reading_lab import ReadingLab, point

from benchctl.core.events import ActionStarted, PlanResolved, PointJudged, RunMeasured
from benchctl.engine import prepare, truth
from benchctl.engine.audit import Evidence, recompute, rejudge, trace
from benchctl.records import Lab

ITEMS = """
items: [appearance, static, pump_off, scale, together]
appearance: {ask: fine?}
static:
  title: {en: static pressure, zh: 静态压力}
  measurand:
    offset: {unit: kPa, model: gauge_pressure - reference_pressure, report_to: 0.1}
    uncertainty: {gauge_pressure: [{resolution: gauge_pressure.resolution}], reference_pressure: [{certificate: true}]}
  limits: [{mpe: ±(LIMIT) kPa}]
  points: [{point: p0, pressure: 0}, {point: p300, pressure: 300}]
pump_off: {ask: pump off?, per: line}
scale:
  points: [{point: s500, pressure: 500}, {point: s600, pressure: span}]
together:
  of: static
  value: largest(offset) - static.p0 + static.p300 + scale.s500 * 0.01 * span
  unit: kPa
  across: value < 40
"""


class TwoItems(ReadingLab):
    """The lab with a procedure whose items are measured each by itself."""

    def write(self, limit="4", retest="", **more):
        super().write("10 readings", **more)
        text = self.procedure.read_text(encoding="utf-8")
        start, end = text.index("items: [error]"), text.index("each_point:")
        items = ITEMS.replace("LIMIT", limit)
        text = text[:start] + items.lstrip() + text[end:] + retest
        self.procedure.write_text(text, encoding="utf-8")
        return self


@pytest.fixture
def lab(tmp_path):
    return TwoItems(tmp_path)


def ran(lab, **more):
    events = []
    report = lab.run(listeners=[lambda stored: events.append(stored.event)], **more)
    return report, events


def kinds(events):
    """Return what was begun, without the load, in order; one of each action."""
    ids = [e.action.removeprefix("load-1/") for e in events if isinstance(e, ActionStarted)]
    return list(dict.fromkeys(ids))


def test_each_item_is_measured_in_its_place_with_its_own_measurand(lab):
    report, events = ran(lab.write())
    assert report.outcome == "finished"
    begun = kinds(events)
    order = ["appearance/G-1", "p0/run-1", "p300/run-1", "pump_off/G-1", "s500/run-1", "together"]
    assert [begun.index(a) for a in order] == sorted(begun.index(a) for a in order)
    found = {
        p["point"]: (p["item"], p["quantity"], p["unit"])
        for p in report.document["uuts"][0]["points"]
        if p["point"]
    }
    assert found == {
        "p0": ("static", "offset", "kPa"),
        "p300": ("static", "offset", "kPa"),
        "s500": ("scale", "error", "%"),
        "s600": ("scale", "error", "%"),
    }
    for row in truth(lab.request()):
        if row["point"] is None:
            continue
        error = row["error"] if row["quantity"] == "offset" else row["error"] / 6.0
        of_point = point(report, row["serial"], row["point"])
        assert (of_point["item"], of_point["unit"]) == (row["item"], row["unit"])
        assert of_point["error"] == pytest.approx(error, abs=1.3 * of_point["U"])


def test_limits_are_those_of_the_item_and_the_verdict_that_of_all_items(lab):
    report, _ = ran(lab.write(limit="2"))
    verdicts = {
        (u["serial"], p["point"]): p["verdict"]
        for u in report.document["uuts"]
        for p in u["points"]
        if p["point"]
    }
    failed = {key for key, verdict in verdicts.items() if verdict == "fail"}
    assert failed == {
        ("G-2", "p0"), ("G-2", "p300"), ("G-3", "p300"), ("G-3", "s500"), ("G-3", "s600"),
    }  # fmt: skip
    assert {u["serial"]: u["verdict"] for u in report.document["uuts"]} == {
        "G-1": "pass", "G-2": "fail", "G-3": "fail", "G-4": "pass",
    }  # fmt: skip
    assert point(report, "G-1", "p0")["mpe"] == [-2.0, 2.0]
    assert point(report, "G-1", "s600")["mpe"] == [-1.6, 1.6]


def test_a_formula_across_items_takes_results_by_the_names_of_the_items(lab):
    report, _ = ran(lab.write())
    uut = report.document["uuts"][0]
    judged = next(p for p in uut["points"] if p["item"] == "together")
    error = {p["point"]: p["error"] for p in uut["points"] if p["point"]}
    value = max(error["p0"], error["p300"]) - error["p0"] + error["p300"] + error["s500"] * 6.0
    assert judged["observed"]["value"] == pytest.approx(value, rel=1e-12)
    assert judged["observed"]["static"] == {"p0": error["p0"], "p300": error["p300"]}
    assert judged["observed"]["scale"] == {"s500": error["s500"]}
    U = {p["point"]: p["U"] for p in uut["points"] if p["point"]}
    larger = "p0" if error["p0"] > error["p300"] else "p300"
    most = {"p0": -1.0, "p300": 1.0, "s500": 6.0}
    most[larger] += 1.0
    bound = sum(abs(c) * U[p] for p, c in most.items())
    assert judged["observed"]["U_at_most"] == pytest.approx(bound, rel=1e-6)


def test_a_retest_looks_at_the_points_of_its_own_item(lab):
    """Two points of the other item fail, too; that is none of this item's business."""
    retest = "  retest: {when: fail, only_if: one point fails, runs: 2, pass: at least 2 of 3 inside and mean inside}\n"
    report, events = ran(lab.write(limit="2", retest=retest))
    again = {(e.uut, e.point) for e in events if isinstance(e, RunMeasured) and e.retest}
    assert again == {("G-3", "p300")}
    assert point(report, "G-3", "p300")["verdict"] == "fail"


def test_the_record_of_such_a_run_can_be_recomputed_judged_anew_and_traced(lab):
    report, events = ran(lab.write())
    with Lab.open(lab.path) as folder:
        evidence = Evidence.read(folder, report.run)
        again = recompute(evidence)
        assert again.differences == []
        assert again.results == sum(isinstance(e, RunMeasured) for e in events) == 16
        rejudged = {(r.uut, r.point): (r.before, r.after, r.unit) for r in rejudge(evidence)}
        judged = [e for e in events if isinstance(e, PointJudged)]
        assert rejudged == {(e.uut, e.point): (e.verdict, e.verdict, e.unit) for e in judged}
        assert trace(evidence, "G-1", "p0")["formula"]["quantity"] == "offset"
        assert trace(evidence, "G-1", "s600")["formula"]["unit"] == "%"


def test_the_plan_says_of_each_visit_whose_it_is(lab):
    plan = prepare(lab.write().request()).plan
    assert [(v.item, v.points) for v in plan.visits] == [
        ("static", ("p0",)), ("static", ("p300",)), ("scale", ("s500",)), ("scale", ("s600",)),
    ]  # fmt: skip
    first, *others = [p for u in plan.uuts for p in u.points if p.point == "p0"]
    assert all(p == first for p in others)
    assert (first.item, first.quantity, first.unit) == ("static", "offset", "kPa")
    assert plan.visits[0].as_json()["item"] == "static"


def test_a_procedure_with_one_measurand_is_planned_as_before(tmp_path):
    """Plans of records from before must be the same, so that a run that was cut off goes on."""
    plan = prepare(ReadingLab(tmp_path).write().request()).plan
    event = PlanResolved(plan.as_json())
    assert all("item" not in visit for visit in event.plan["visits"])
    assert {p["item"] for u in event.plan["uuts"] for p in u["points"]} == {"error of indication"}


def test_an_item_may_have_a_table_prompts_values_carried_and_runs_of_its_own(lab):
    """What the file does at every point is not what this item does."""
    own = """items: [settled, scale]
settled:
  measurand:
    offset: {unit: kPa, model: gauge_pressure - reference_pressure - at_zero, report_to: 0.1}
    carry: {at_zero: z0}
    uncertainty: {gauge_pressure: [{resolution: gauge_pressure.resolution}], reference_pressure: [{certificate: true}]}
  limits: [{mpe: ±50 kPa}]
  points: {columns: [point, pressure, knob], rows: [[z0, 0, "shut"], [z300, 300, "open"]]}
  each_point:
    set: {pressure_setpoint: pressure}
    settle: {reference_pressure: within 0.5 kPa for 10 s, timeout: 120 s}
    prompt: {ask: Turn the knob., show: [point.knob], per: line}
    read: {reference: reference_pressure, every: 1 s, how_many: 5 readings}
    runs: 2
    jump: {over: 40, again: 1}
"""
    lab.write()
    text = lab.procedure.read_text(encoding="utf-8")
    start, middle = text.index("items: ["), text.index("scale:")
    end = text.index("together:")
    after = text[text.index("each_point:") :]
    lab.procedure.write_text(text[:start] + own + text[middle:end] + after, encoding="utf-8")
    report, events = ran(lab)
    assert report.outcome == "finished"
    begun = kinds(events)
    assert [a for a in begun if "prompt" in a] == ["z0/prompt", "z300/prompt"]
    runs = {p: sum(isinstance(e, RunMeasured) and (e.uut, e.point) == ("G-1", p) for e in events)
            for p in ("z0", "z300", "s500")}  # fmt: skip
    assert runs == {"z0": 2, "z300": 2, "s500": 1}
    measured = [e for e in events if isinstance(e, RunMeasured) and e.uut == "G-1"]
    carried = {(e.point, c["source"]) for e in measured for c in e.budget}
    assert {p for p, source in carried if source == "carried"} == {"z300"}
    at_zero = point(report, "G-1", "z0")["error"]
    assert {e.inputs["at_zero"] for e in measured if e.point == "z0"} == {0.0}
    assert [e.inputs["at_zero"] for e in measured if e.point == "z300"] == pytest.approx(
        [at_zero] * 2
    )
    with Lab.open(lab.path) as folder:
        assert recompute(Evidence.read(folder, report.run)).differences == []
