"""As found, adjusted, as left: what is measured again, what stands, what decides."""

import pytest
from day import Day
from lab_folder import SERIALS
from test_resume import killed

from benchctl.cli.junit import junit_xml
from benchctl.core.events import ActionFinished, PointJudged, RunMeasured, UutAdjusted
from benchctl.engine import RunRequest, resume, truth
from benchctl.language import Diagnostics
from benchctl.procedure import load_procedure
from benchctl.records import Lab

pytestmark = pytest.mark.usefixtures("nothing_left_behind")

ADJUST = "adjust: {when: fail}\n"
SIGNS = """
same_sign:
  across: not same_sign(error) or any(abs(error) <= mpe / 2)
"""


def declare(lab, text, *replacements):
    path = lab.path / "procedures" / "quick.yaml"
    known = path.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in known
        known = known.replace(old, new)
    path.write_text(known + text, encoding="utf-8")
    return path


def entries(uut, occasion):
    return {p["point"]: p for p in uut["points"] if p["point"] and p["occasion"] == occasion}


def failing(lab, units=8):
    """Return the units that truly are outside a limit."""
    rows = [r for r in truth(lab.request("quick", units=units)) if r["point"]]
    bad = {r["serial"] for r in rows if abs(r["error"]) > (5 if r["point"] == "Q1" else 2) * 1.05}
    assert 0 < len(bad) < units
    return bad


def test_only_units_that_failed_are_adjusted_and_measured_again_as_left(lab):
    lab.write()
    declare(lab, ADJUST)
    bad = failing(lab)
    day = Day(lab)
    document = day.run(units=8)
    adjusted = {e.uut for e in day.of(UutAdjusted)}
    assert bad <= adjusted  # and who failed by a hair
    for uut in document["uuts"]:
        failed = any(p["verdict"] == "fail" for p in entries(uut, "as_found").values())
        assert failed == (uut["serial"] in adjusted)
    bad = adjusted
    for uut in document["uuts"]:
        found, left = entries(uut, "as_found"), entries(uut, "as_left")
        assert set(found) == {"Q3", "Q2", "Q1"}
        assert set(left) == (set(found) if uut["serial"] in bad else set())
        assert uut["verdict"] == "pass"
        if uut["serial"] in bad:
            assert "fail" in {p["verdict"] for p in found.values()}
            assert all(p["superseded"] for p in found.values())
            assert {p["verdict"] for p in left.values()} == {"pass"}
            worst = max(found, key=lambda p: abs(found[p]["error"]))
            assert abs(left[worst]["error"]) < 0.3 * abs(found[worst]["error"])
    assert document["verdict"] == "pass"
    assert "failure" not in junit_xml(document).replace('failures="', "")
    assert [i["uut"] for i in document["incidents"] if i["kind"] == "adjustment"] == sorted(bad)


def test_what_was_found_is_never_overwritten(lab):
    lab.write()
    plain = lab.run("quick", units=8).document
    declare(lab, ADJUST)
    document = lab.run("quick", units=8).document
    for before, after in zip(plain["uuts"], document["uuts"], strict=True):
        was, now = entries(before, "as_found"), entries(after, "as_found")
        for point in was:
            assert now[point]["error"] == was[point]["error"]
            assert now[point]["verdict"] == was[point]["verdict"]
            assert now[point]["runs"] == was[point]["runs"]


def test_runs_as_left_carry_their_occasion_and_come_after_the_adjustment(lab):
    lab.write()
    declare(lab, ADJUST)
    day = Day(lab)
    day.run(units=8)
    adjusted = {e.uut: e.t for e in day.of(UutAdjusted)}
    runs = [e for e in day.of(RunMeasured) if e.occasion == "as_left"]
    assert {e.uut for e in runs} == set(adjusted)
    assert all(e.window[0] > adjusted[e.uut] for e in runs)
    assert all("/as-left/" in e.action for e in runs)


def test_where_nobody_is_adjusted_nothing_is_measured_again(lab):
    lab.write(at_question="if 'adjust' in (prompt.about or {{}}): return Answer(False, 'Li')")
    declare(lab, ADJUST)
    day = Day(lab)
    document = day.run(units=8)
    assert day.of(UutAdjusted) == []
    assert {e.occasion for e in day.of(PointJudged)} == {"as_found"}
    assert document["verdict"] == "fail"
    again = [e for e in day.of(ActionFinished) if "/as-left/" in e.action]
    assert {e.outcome for e in again} == {"skipped"}


def test_an_adjusted_unit_that_is_not_measured_again_does_not_pass(lab):
    lab.write()
    declare(lab, ADJUST)
    bad = sorted(failing(lab))
    day = Day(lab)
    position = SERIALS.index(bad[0]) + 1
    day.at("load-1/as-left/Q3/set", 0.0, lambda: day.control.drop(position, "Li"))
    document = day.run(units=8)
    uut = document["uuts"][position - 1]
    assert uut["verdict"] == "not_measured"
    assert {p["verdict"] for p in entries(uut, "as_left").values()} == {"not_measured"}


def test_a_run_that_was_cut_off_after_the_adjustment_goes_on_as_left(lab):
    lab.write()
    declare(lab, ADJUST + SIGNS, ("appearance, error]", "appearance, error, same_sign]"))
    day = Day(lab)
    whole = day.run(units=8)
    cut = next(n for n, e in enumerate(day.events, 1) if "/as-left/Q2/settle" in str(e))
    run_id, _ = killed(lab, cut, units=8)
    document = resume(run_id, RunRequest("", lab=lab.path, speed="")).document
    assert [u["verdict"] for u in document["uuts"]] == [u["verdict"] for u in whole["uuts"]]
    for one, other in zip(document["uuts"], whole["uuts"], strict=True):
        assert entries(one, "as_found") == entries(other, "as_found")
        assert set(entries(one, "as_left")) == set(entries(other, "as_left"))
        assert entries(one, "as_left").get("Q3") == entries(other, "as_left").get("Q3")
    with Lab.open(lab.path) as records:
        adjusted = [s.event.uut for s in records.events(run_id, kind=UutAdjusted.KIND)]
    assert sorted(adjusted) == sorted({e.uut for e in day.of(UutAdjusted)})


def test_items_over_points_are_judged_at_both_occasions(lab):
    lab.write()
    declare(
        lab, ADJUST + SIGNS, ("items: [appearance, error]", "items: [appearance, error, same_sign]")
    )
    document = lab.run("quick", units=8).document
    for uut in document["uuts"]:
        signs = [p for p in uut["points"] if p["item"] == "same_sign"]
        occasions = ["as_found", "as_left"] if entries(uut, "as_left") else ["as_found"]
        assert [p["occasion"] or "as_found" for p in signs] == occasions
        assert signs[-1]["verdict"] == "pass"


def test_always_offers_every_unit(lab):
    lab.write()
    declare(lab, "adjust: {when: always, ask: Trim the works.}\n")
    document = lab.run("quick", units=2, points=("Q3",)).document
    for uut in document["uuts"]:
        assert entries(uut, "as_left")["Q3"]["verdict"] == "pass"


def test_adjusting_is_for_its_stages_only(lab):
    lab.write()
    declare(lab, "adjust: {when: always, stages: [after_repair]}\n")
    initial = lab.run("quick", units=1, points=("Q3",)).document
    repaired = lab.run("quick", units=1, points=("Q3",), stage="after_repair").document
    assert entries(initial["uuts"][0], "as_left") == {}
    assert "Q3" in entries(repaired["uuts"][0], "as_left")


# what applies to whom ---------------------------------------------------------------------------


def test_items_and_points_apply_by_the_features_of_a_unit(lab):
    lab.write()
    declare(
        lab,
        "",
        ("appearance:\n", "appearance:\n  when: accuracy_class == 1\n"),
        ("- {point: Q2,", "- {point: Q2, when: R > 100,"),
        ("- {point: Q1,", "- {point: Q1, stages: [in_service],"),
    )
    document = lab.run("quick", units=2, sets={"R": "100"}).document
    names = [p["point"] or p["item"] for p in document["uuts"][0]["points"]]
    assert names == ["Q3"]
    assert document["verdict"] == "pass"
    other = lab.run("quick", units=1, sets={"R": "160", "accuracy_class": "1"}, stage="in_service")
    names = [p["point"] or p["item"] for p in other.document["uuts"][0]["points"]]
    assert names == ["appearance", "Q3", "Q2", "Q1"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("- {point: Q2,", "- {point: Q2, when: R,", "E204"),
        ("- {point: Q2,", "- {point: Q2, stages: [initail],", "E301"),
        ("appearance:\n", "appearance:\n  when: acuracy_class == 1\n", "E301"),
        ("mounting:", "adjust: {when: sometimes}\nmounting:", "E103"),
        ("mounting:", "adjust: {stages: [repair]}\nmounting:", "E301"),
    ],
)
def test_mistakes_in_what_applies_are_found_when_it_is_read(lab, old, new, code):
    lab.write()
    if old == "mounting:":
        old, new = "items: [", new.replace("mounting:", "items: [")
    path = declare(lab, "", (old, new))
    diagnostics = Diagnostics()
    load_procedure(path, diagnostics)
    assert code in {d.code for d in diagnostics.items if d.severity == "error"}
