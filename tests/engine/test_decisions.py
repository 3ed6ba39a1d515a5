"""Runs judged by the rules that procedures name: parameters, methods, rounding, and the record."""

import math

import pytest

from benchctl.core.errors import RefusedError
from benchctl.core.events import PointJudged, RunMeasured
from benchctl.core.messages import message_from_json, words
from benchctl.engine import prepare
from benchctl.metrology import inside
from benchctl.metrology.risk import zone_of_probability
from benchctl.records import result_schema

QUANTITY = (
    'error: {unit: "%", model: 100 * (meter_volume - reference_volume) / reference_volume,'
    " report_to: 0.1, uncertainty: gum}"
)


def edited(lab, *changes):
    path = lab.path / "procedures" / "quick.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def decided_by(decision):
    return ("  rule: simple acceptance\n", "".join(f"  {line}\n" for line in decision))


def outcome(lab, decision, *changes, units=2, **more):
    lab.write()
    edited(lab, decided_by(decision), *changes)
    events = []
    report = lab.run("quick", units=units, on_event=lambda s: events.append(s.event), **more)
    assert report.outcome == "finished"
    judged = [e for e in events if isinstance(e, PointJudged)]
    measured = [e for e in events if isinstance(e, RunMeasured)]
    return report.document, judged, measured


def test_the_parameters_of_a_rule_decide_and_are_in_the_record(lab):
    document, judged, _ = outcome(lab, ["rule: jcgm-106", "p: 0.99"], service="test")
    assert len(judged) == 6
    for e in judged:
        assert (e.rule, e.rule_version) == ("jcgm-106/1:p=0.99", "1")
        assert e.accept == pytest.approx(zone_of_probability(e.mpe, e.U / e.k, 0.99))
        assert (e.verdict == "pass") == inside(e.error, e.accept)
        assert (e.verdict == "pass") == (e.p_conform >= 0.99)
        assert e.specific_risk == pytest.approx(
            e.p_conform if e.verdict == "fail" else 1 - e.p_conform, abs=1e-12
        )
        assert e.tur == pytest.approx((e.mpe[1] - e.mpe[0]) / (4 * e.U / e.k))
    point = document["uuts"][0]["points"][-1]
    assert point["rule"] == "jcgm-106/1:p=0.99"
    assert point["p_conform"] == judged[-2].p_conform or point["p_conform"] is not None


def test_an_uncertainty_that_is_too_large_is_its_own_answer(lab):
    _, judged, _ = outcome(lab, ["rule: simple acceptance", "ratio: 1/50"], service="test")
    for e in judged:
        assert (e.verdict, e.statement) == ("indeterminate", "uncertainty_too_large")
        assert e.why["id"] == "uncertainty-too-large"
        most = {"Q1": "0.10 %", "Q2": "0.040 %", "Q3": "0.040 %"}[e.point]  # 5 % / 50, 2 % / 50
        assert f"({most})" in words(message_from_json(e.why))


def test_in_a_verification_such_a_point_is_not_measured_for_pass_and_fail_are_all_it_knows(lab):
    # the reference alone would be good enough for 3/50 of ±2 %, the whole result is not
    document, judged, _ = outcome(lab, ["rule: simple acceptance", "ratio: 3/50"])
    for e in judged:
        if 0.06 * e.mpe[1] >= e.U:
            assert e.verdict == e.statement == "pass"
        else:
            assert (e.verdict, e.statement) == ("not_measured", "uncertainty_too_large")
    assert {e.verdict for e in judged} == {"pass", "not_measured"}
    assert document["verdict"] == "not_measured"


def test_a_verification_that_no_rule_could_decide_is_refused_before_it_starts(lab):
    lab.write()
    edited(lab, decided_by(["rule: simple acceptance", "ratio: 1/20"]))
    with pytest.raises(RefusedError) as refused:
        prepare(lab.request("quick"))
    said = [words(r.message) for r in refused.value.refusals]
    assert len(said) == 4  # two units at Q2 and Q3; at Q1 a fine register could do
    assert "the uncertainty U = 0.12 % is too large for ±2.0 %" in said[0]
    assert "at most 0.05 of the limit is allowed (0.10 %)" in said[0]
    plan = prepare(lab.request("quick", service="test")).plan  # a test may, and says so
    members = [m for v in plan.visits for m in v.members]
    assert sum(m.expected.problem is not None for m in members) == 6
    assert {m.point for m in members if not m.expected.hopeless} == {"Q1"}


def test_a_plan_expects_no_smaller_u_than_the_run_then_has(lab):
    lab.write()
    plan = prepare(lab.request("quick")).plan
    expected = {(m.serial, m.point): m.expected for v in plan.visits for m in v.members}
    report = lab.run("quick")
    for unit in report.document["uuts"]:
        for p in (p for p in unit["points"] if p["point"]):
            e = expected[unit["serial"], p["point"]]
            assert p["U_reference"] * 0.95 < p["U"] < e.U * 1.05
            assert p["tur"] > e.tur / 1.05
            if p["point"] == "Q3":  # gated by readings: the whole interval counts
                assert p["U"] == pytest.approx(e.U, rel=0.05)
            assert (p["rule"], tuple(p["accept"])) == (e.rule, e.accept)


def test_where_u_counts_and_is_small_enough_the_sentence_says_so(lab):
    _, judged, _ = outcome(
        lab, ["rule: simple acceptance", "ratio: 1/4"], ("  requires:", "  note:"), service="test"
    )
    assert {e.rule for e in judged} == {"simple-acceptance/1:ratio=0.25"}
    for e in judged:
        assert "U = 0.12 % is at most one quarter of the limit (" in words(message_from_json(e.why))


def test_conditional_statements_are_kept_beside_the_verdict(lab):
    rule = ["rule: ilac-g8-non-binary", "r: 3"]
    _, judged, _ = outcome(lab, rule, service="test", units=8, seed=3)
    assert {e.statement for e in judged} >= {"pass", "conditional_pass"}
    for e in judged:
        if e.statement == "conditional_pass":
            assert e.verdict == "indeterminate"
            assert inside(e.error, e.mpe)
            assert not inside(e.error, e.accept)


def test_a_regulation_that_judges_what_is_shown_has_its_rounding_in_the_procedure(lab):
    rounded = QUANTITY.replace("report_to: 0.1", "report_to: accuracy_class, rounding: jjg-596")
    _, judged, _ = outcome(
        lab, ["rule: simple acceptance", "judged_on: rounded"], (QUANTITY, rounded), units=8
    )
    for e in judged:
        assert (e.judged_on, e.rounding) == ("rounded", "jjg-596")
        assert float(e.reported) % 2 == 0  # steps of the class, 2 %
        assert (e.verdict == "pass") == (abs(float(e.reported)) <= e.mpe[1])
    assert any(abs(e.error) > e.mpe[1] and e.verdict == "pass" for e in judged)
    assert any(e.reported == "-0" for e in judged)  # JJG 596 keeps the sign of zero


@pytest.mark.parametrize(("method", "other"), [("gum", "monte-carlo"), ("monte-carlo", "gum")])
def test_the_method_is_the_procedures_and_the_other_one_is_the_check(lab, method, other):
    named = QUANTITY.replace(
        "report_to: 0.1, uncertainty: gum", f"report_U: jjf-1059, uncertainty: {method}"
    )
    document, judged, measured = outcome(lab, ["rule: simple acceptance"], (QUANTITY, named))
    assert {e.method for e in judged} == {e.method for e in measured} == {method}
    last = {(e.uut, e.point, e.run): e for e in measured}
    for e in judged:
        check = e.check
        assert check["method"] == other
        of = last[check["of"]["uut"], check["of"]["point"], check["of"]["run"]]
        assert check["stated"] == pytest.approx([of.error - of.U, of.error + of.U], abs=0.02 * of.U)
        assert check["u"] == pytest.approx(of.u, rel=0.02)
        ends = zip(check["interval"], check["stated"], strict=True)
        assert check["agrees"] == all(abs(a - b) <= check["tolerance"] for a, b in ends)
        # without `report_to` the value goes to the last place of U, of one or two digits
        digits = e.reported_U.lstrip("0.")
        assert len(digits) == (2 if digits[0] in "12" else 1)
        assert len(e.reported.partition(".")[2]) == len(e.reported_U.partition(".")[2])
    assert all(m.seed is not None for m in measured) == (method == "monte-carlo")
    assert document["uuts"][0]["points"][-1]["check"]["method"] == other
    assert "check" in str(result_schema())


def test_budgets_that_are_alike_are_checked_once(lab):
    _, judged, _ = outcome(lab, ["rule: simple acceptance"], units=8)
    at_q3 = [e.check["of"] for e in judged if e.point == "Q3"]
    assert at_q3 == [at_q3[0]] * 8


def test_every_line_of_a_budget_says_with_which_results_it_is_common(lab):
    _, _, measured = outcome(lab, ["rule: simple acceptance"])
    for e in measured:
        common = {(line["input"], line["source"]): line["common"] for line in e.budget}
        assert common["reference_volume", "certificate"] == "standard"
        assert common["reference_volume", "repeatability"] == "reading"
        assert common["meter_volume", "resolution"] == ""
        assert math.isclose(e.u, math.hypot(*(line["contribution"] for line in e.budget)))
        assert e.inputs == {"meter_volume": e.indication, "reference_volume": e.reference}


def test_the_u_of_a_mean_after_a_retest_keeps_the_error_of_the_standard_in_full(lab):
    narrow = ("±(1 if accuracy_class == 1 else 2) %", "±0.1 %")
    _, judged, measured = outcome(
        lab, ["rule: simple acceptance"], narrow, ("  requires:", "  note:"),
        ("only_if: one point fails, ", ""), service="test",
    )  # fmt: skip
    last = {(e.uut, e.point): e for e in judged}
    again = [e for e in last.values() if e.error is not None and "retest" in e.why["id"]]
    assert again
    for e in again:
        runs = [m for m in measured if (m.uut, m.point) == (e.uut, e.point)]
        assert len(runs) == 3
        parts = [{(x["source"], x["common"]): x["contribution"] for x in m.budget} for m in runs]
        own = [
            math.hypot(*(c for (_, common), c in p.items() if common != "standard")) for p in parts
        ]
        common = sum(p["certificate", "standard"] for p in parts) / 3
        assert pytest.approx(2 * math.hypot(common, *(o / 3 for o in own))) == e.U
        assert 2 * common < e.U < runs[-1].U
        assert e.error == pytest.approx(sum(m.error for m in runs) / 3)
