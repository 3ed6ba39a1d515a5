"""Items over several points: judged from the results of all of them, end to end."""

import pytest
from lab_folder import SERIALS

from benchctl.core.events import ItemJudged, PointJudged
from benchctl.core.verdicts import Verdict
from benchctl.engine import truth
from benchctl.language import Diagnostics
from benchctl.procedure import load_procedure

SIGNS = """
same_sign:
  title: {en: errors of one sign, zh: 示值误差符号}
  across: not same_sign(error) or any(abs(error) <= mpe / 2)
"""
MEAN = """
weighted_mean:
  value: weighted_mean(error, point.flow / Q3)
  unit: "%"
  across: abs(value) <= (0.2 if stage == "initial" else 50)
"""


def declare(lab, text, items):
    path = lab.path / "procedures" / "quick.yaml"
    known = path.read_text(encoding="utf-8")
    assert "items: [appearance, error]" in known
    known = known.replace("items: [appearance, error]", f"items: [appearance, error, {items}]")
    path.write_text(known + text, encoding="utf-8")
    return path


def judged(document, item):
    return {
        u["serial"]: next(p for p in u["points"] if p["item"] == item) for u in document["uuts"]
    }


def test_the_verdict_over_points_is_that_of_the_errors_that_were_measured(lab):
    lab.write()
    declare(lab, SIGNS + MEAN, "same_sign, weighted_mean")
    events = []
    report = lab.run("quick", units=8, on_event=lambda s: events.append(s.event))
    last = {(e.uut, e.point): e for e in events if isinstance(e, PointJudged)}
    signs, means = judged(report.document, "same_sign"), judged(report.document, "weighted_mean")
    seen = set()
    for serial in SERIALS:
        errors = {p: last[serial, p].error for p in ("Q3", "Q2", "Q1")}
        limits = {p: last[serial, p].mpe[1] for p in ("Q3", "Q2", "Q1")}
        one_side = len({e > 0 for e in errors.values()}) == 1
        good = not one_side or any(abs(errors[p]) <= limits[p] / 2 for p in errors)
        assert signs[serial]["verdict"] == (Verdict.PASS if good else Verdict.FAIL)
        flow = {"Q3": 0.95 * 2.5, "Q2": 1.05 * 0.04, "Q1": 1.05 * 0.025}
        mean = sum(errors[p] * flow[p] for p in errors) / sum(flow.values())
        assert means[serial]["observed"]["value"] == pytest.approx(mean, rel=1e-12)
        assert means[serial]["verdict"] == ("pass" if abs(mean) <= 0.2 else "fail")
        shared = sum(last[serial, p].U * flow[p] for p in errors) / sum(flow.values())
        assert means[serial]["observed"]["U_at_most"] == pytest.approx(shared, rel=1e-6)
        seen.add(means[serial]["verdict"])
    assert seen == {"pass", "fail"}
    failed = {s for s in SERIALS if "fail" in (signs[s]["verdict"], means[s]["verdict"])}
    verdicts = {u["serial"]: u["verdict"] for u in report.document["uuts"]}
    assert all(verdicts[s] == "fail" for s in failed)


def test_the_stage_may_change_what_is_asked_over_points(lab):
    lab.write()
    declare(lab, MEAN, "weighted_mean")
    report = lab.run("quick", units=4, stage="in_service")
    found = judged(report.document, "weighted_mean")
    assert {p["verdict"] for p in found.values()} == {"pass"}


def test_over_points_that_were_not_all_measured_nothing_is_judged(lab):
    lab.write()
    declare(lab, SIGNS, "same_sign")
    report = lab.run("quick", points=("Q3",))
    for point in judged(report.document, "same_sign").values():
        assert point["verdict"] == "not_measured"
        assert point["why"]["text"] == "points without a result: Q2, Q1"


def test_over_named_points_the_others_do_not_matter(lab):
    lab.write()
    declare(lab, SIGNS + "  over: [Q3]\n", "same_sign")
    report = lab.run("quick", points=("Q3",), units=8)
    error = {r["serial"]: r["error"] for r in _truth(lab)}
    for serial, point in judged(report.document, "same_sign").items():
        if abs(abs(error[serial]) - 1.0) > 0.1:
            assert point["verdict"] == ("pass" if abs(error[serial]) <= 1.0 else "fail")


def _truth(lab):
    return [r for r in truth(lab.request("quick", units=8)) if r["point"] == "Q3"]


def test_an_item_over_points_is_judged_once_after_the_retests(lab):
    lab.write()
    declare(lab, SIGNS, "same_sign")
    events = []
    lab.run("quick", units=8, on_event=lambda s: events.append(s.event))
    order = [type(e) for e in events if isinstance(e, ItemJudged | PointJudged)]
    items = [e for e in events if isinstance(e, ItemJudged) and e.item == "same_sign"]
    assert len(items) == 8
    assert all(kind is ItemJudged for kind in order[-8:])


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("across: all(error)", "E204", "condition"),
        ("across: error <= mpe", "E501", "value per point"),
        ("across: all(eror <= mpe)", "E301", "eror"),
        ("across: all(error <= Q3)", "E204", "m³/h"),
        ("across: hysteresis(error, point.flow) <= mpe.Q3", "E501", "has no value"),
        ("across: value <= 1", "E301", "value"),
        ("across: all(error <= mpe)\n  over: [Q9]", "E301", "Q9"),
        ("across: value <= 1\n  value: mean(error)", "E101", "unit"),
        ("across: value <= 1\n  value: mean(error)\n  unit: L", "E204", "%"),
        ("across: value <= 1\n  value: error\n  unit: '%'", "E501", "value per point"),
    ],
)
def test_a_mistake_in_an_item_over_points_is_found_when_it_is_read(lab, text, code, says):
    lab.write()
    path = declare(lab, f"over_points:\n  {text}\n", "over_points")
    diagnostics = Diagnostics()
    load_procedure(path, diagnostics)
    found = [d for d in diagnostics.items if d.severity == "error"]
    assert found
    assert {d.code for d in found} >= {code}
    assert says in " ".join(f"{d.message} {d.hint or ''}" for d in found)
