"""Units taken out, changes of operator, questions with reasons, mounting, and running again."""

import json

import pytest
from day import Day, found, right
from lab_folder import SERIALS, is_safe

from benchctl.core.errors import UsageError
from benchctl.core.events import (
    ItemJudged,
    OperatorChanged,
    PromptAnswered,
    PromptOpened,
    RawBlock,
    RunOpened,
    UutDropped,
)
from benchctl.core.messages import message_from_json, words
from benchctl.engine import RunRequest, run, truth
from benchctl.records.schema import ResultDocument

pytestmark = pytest.mark.usefixtures("nothing_left_behind")

Q3 = "load-1/Q3"


@pytest.fixture
def day(lab):
    lab.write()
    return Day(lab)


def verdicts(document):
    return [uut["verdict"] for uut in document["uuts"]]


# a unit is taken out ----------------------------------------------------------------------------


def test_a_unit_that_is_dropped_takes_no_further_part_and_the_others_do(day, lab):
    day.at(f"{Q3}/run-1", 60.0, lambda: day.control.drop(2, "Li", "glass broken"))
    document = day.run("quick", units=3)
    assert verdicts(document)[1] == "not_measured"
    assert found(document, 2) == {
        "appearance": "pass",
        **dict.fromkeys(("Q3", "Q2", "Q1"), "not_measured"),
    }
    (dropped,) = day.of(UutDropped)
    assert (dropped.uut, dropped.by) == (SERIALS[1], "Li")
    assert document["uuts"][1]["dropped"]["text"] == "taken out of the run by Li: glass broken"
    (incident,) = [i for i in document["incidents"] if i["kind"] == "drop"]
    assert (incident["uut"], incident["by"]) == (SERIALS[1], "Li")
    assert day.measured(1) == day.measured(3) == ["counts"]
    assert "interrupted" not in {how for _, how in day.course()}
    known = truth(lab.request("quick", units=3))
    assert [right(document, known, p) for p in (1, 3)] == [True, True]
    later = [b.series for b in day.of(RawBlock) if SERIALS[1] in b.series and "/Q2/" in b.series]
    assert later == []


def test_a_unit_that_is_dropped_after_all_was_measured_does_not_pass(day):
    day.at("load-1/Q1/retest", 1.0, lambda: day.control.drop(1, "Li"))
    document = day.run("quick", units=8, seed=7)
    assert found(document, 1)["Q1"] == "pass"
    assert verdicts(document)[0] == "not_measured"


def test_a_unit_may_be_dropped_before_it_is_mounted(day, lab):
    day.after(0.0, lambda: day.control.drop(1, "Li", "wrong size"))
    document = day.run("whole", units=2, points=("Q3",))
    assert lab.left["mounted"] == [2]
    assert set(found(document, 1).values()) == {"not_measured"}
    assert found(document, 2)["Q3"] == "pass"
    assert (f"load-1/appearance/{SERIALS[0]}", "skipped") in day.course()


def test_without_anybody_left_the_run_ends_without_water(day, lab):
    def all_out():
        for position in (1, 2):
            day.control.drop(position, "Li")

    day.at(f"load-1/appearance/{SERIALS[1]}", 0.5, all_out)
    document = day.run("whole", units=2)
    assert (day.report.outcome, document["verdict"]) == ("finished", "not_measured")
    assert lab.left["volume"] == 0.0
    assert {how for a, how in day.course() if "/Q" in a} == {"skipped"}


def test_a_unit_is_dropped_once_and_only_where_one_is(day):
    day.at(f"{Q3}/run-1", 10.0, lambda: day.control.drop(1, "Li"))
    day.at(f"{Q3}/run-1", 20.0, lambda: day.control.drop(1, "Li"))
    day.at(f"{Q3}/run-1", 30.0, lambda: day.control.drop(7, "Li"))
    day.run("quick", units=2, points=("Q3",))
    assert day.refused == ["engine.nobody-there"] * 2
    assert len(day.of(UutDropped)) == 1


def test_a_dropped_unit_that_is_in_the_line_still_may_leak(day, lab):
    day.at(f"{Q3}/run-1", 10.0, lambda: day.control.drop(1, "Li"))
    day.at(f"{Q3}/run-1", 30.0, lambda: day.leak(1))
    document = day.run("whole", units=3, points=("Q3",))
    assert verdicts(document)[0] == "fail"
    assert [found(document, p)["Q3"] for p in (2, 3)] == ["pass", "pass"]
    assert lab.left["mounted"] == [2, 3]


def test_a_meter_that_stands_still_stays_in_line_and_fails(lab):
    lab.write(at_start="self.fault('stuck_meter', position=2)")
    day = Day(lab)
    document = day.run("whole", units=3)
    assert verdicts(document) == ["pass", "fail", "pass"]
    assert day.of(UutDropped) == []
    assert lab.left["mounted"] == [1, 2, 3]


# another operator -------------------------------------------------------------------------------


def test_a_change_of_operator_is_in_the_record_from_then_on(lab):
    at = "if prompt.item: return Answer(True, 'Li', after=1.0)"
    lab.write(at_question=at)
    day = Day(lab)
    day.at(f"load-1/appearance/{SERIALS[0]}", 0.5, lambda: day.control.operator("  Wang  "))
    document = day.run("quick", points=("Q3",), operator="Li")
    (changed,) = day.of(OperatorChanged)
    assert (changed.name, changed.before) == ("Wang", "Li")
    items = {e.uut: e.observed["by"] for e in day.of(ItemJudged)}
    assert items == {SERIALS[0]: "Wang", SERIALS[1]: "Wang"}
    assert document["operator"] == "Li"
    assert document["operators"] == [
        {"name": "Li", "from": 0.0},
        {"name": "Wang", "from": changed.t},
    ]
    (incident,) = [i for i in document["incidents"] if i["kind"] == "operator"]
    assert incident["text"]["text"] == "Wang took over from Li"


def test_nobody_takes_over_without_a_name_or_from_himself(day):
    day.at(f"{Q3}/run-1", 10.0, lambda: day.control.operator(" "))
    day.at(f"{Q3}/run-1", 11.0, lambda: day.control.operator("Li"))
    day.run("quick", points=("Q3",), operator="Li")
    assert day.refused == ["engine.no-operator"]
    assert day.of(OperatorChanged) == []


def test_after_the_run_every_request_is_refused(day):
    day.run("quick", points=("Q3",))
    control = day.control
    for ask in (
        lambda: control.pause("Li"),
        lambda: control.leak(1, "Li"),
        lambda: control.drop(1, "Li"),
        lambda: control.operator("Li"),
    ):
        with pytest.raises(UsageError) as error:
            ask()
        assert error.value.message.id == "engine.run-over"


# questions --------------------------------------------------------------------------------------


def test_a_no_to_the_appearance_has_a_reason(lab):
    lab.write(at_start="self.fault('bad_marks', position=2)")
    day = Day(lab)
    document = day.run("quick", units=2, points=("Q3",))
    choices = [e for e in day.of(PromptOpened) if e.kind == "choice"]
    assert [(e.uut, e.item) for e in choices] == [(SERIALS[1], "appearance")]
    (judged,) = [e for e in day.of(ItemJudged) if e.uut == SERIALS[1]]
    assert (judged.verdict, judged.observed["reason"]) == ("fail", "nameplate")
    why = message_from_json(judged.why)
    assert words(why) == "simulated operator answered no: nameplate not as ordered"
    assert words(why, "zh") == "simulated operator 回答：否，原因：铭牌与委托不符"
    answered = {e.prompt: e.answer for e in day.of(PromptAnswered)}
    assert answered[choices[0].prompt] == "nameplate"
    assert found(document, 2)["appearance"] == "fail"


def test_a_reason_that_is_none_is_asked_for_again(lab):
    at = (
        "if prompt.kind == 'choice' and not hasattr(self, 'said'):\n"
        "    self.said = True\n"
        "    return Answer('because', 'Li')"
    )
    lab.write(at_start="self.fault('bad_marks', position=1)", at_question=at)
    day = Day(lab)
    day.run("quick", units=1, points=("Q3",))
    assert [e.answer for e in day.of(PromptAnswered) if isinstance(e.answer, str)] == [
        "because",
        "nameplate",
    ]
    (judged,) = day.of(ItemJudged)
    assert judged.observed["reason"] == "nameplate"


def test_what_was_ordered_stands_in_the_question(day):
    day.run("quick", units=1, points=("Q3",), sets={"Q3": "2.5", "R": "160"})
    (asked,) = [e for e in day.of(PromptOpened) if e.item == "appearance"]
    text = words(message_from_json(asked.question))
    assert text.endswith(
        "Ordered: Q3 = 2.5 m³/h, R = 160, accuracy_class = 2, scale_interval = 0.05 L"
    )
    assert "委托信息：Q3 = 2.5 m³/h" in words(message_from_json(asked.question), "zh")


# mounting ---------------------------------------------------------------------------------------


def test_what_is_not_in_order_after_mounting_is_put_right_and_asked_again(lab):
    at = (
        "if 'mounted' in (prompt.about or {}) and prompt.about['mounted'] == 2:\n"
        "    self.looks = getattr(self, 'looks', 0) + 1\n"
        "    return Answer(self.looks > 2, 'Li', after=1.0)"
    )
    lab.write(at_question=at)
    day = Day(lab)
    day.run("whole", units=1, points=("Q3",))
    looks = [e.question["id"] for e in day.of(PromptOpened)][1:6]
    assert looks == [
        "engine.question",
        "engine.question",
        "engine.put-right",
        "engine.put-right",
        "engine.question",
    ]
    assert day.report.outcome == "finished"


def test_a_line_that_nobody_puts_right_is_not_used(lab):
    at = "if 'mounted' in (prompt.about or {}): return Answer(False, 'Li', after=1.0)"
    lab.write(at_question=at)
    day = Day(lab)
    document = day.run("whole", units=1)
    assert (day.report.outcome, day.report.exit_code) == ("refused", 3)
    assert document["reason"]["id"] == "engine.not-confirmed"
    assert lab.left["volume"] == 0.0


def test_positions_that_stay_empty_get_a_spool_and_are_named(day, lab):
    batch = lab.path / "batch.csv"
    batch.write_text(f"serial,position\n{SERIALS[0]},2\n{SERIALS[1]},5\n")
    day.run("quick", uuts=(), batch=batch, points=("Q3",))
    text = words(message_from_json(day.of(PromptOpened)[0].question))
    assert text == (
        f"Put these meters into the line: 2: {SERIALS[0]}, 5: {SERIALS[1]}; "
        "spool pieces at 1, 3, 4, 6 … 12"
    )


def test_air_that_does_not_leave_the_line_leaves_venting_undone(lab):
    lab.write(at_question="if prompt.item == 'venting': return Answer(False, 'Li', after=1.0)")
    day = Day(lab)
    document = day.run("whole", units=1, points=("Q3",))
    assert len([e for e in day.of(PromptOpened) if e.item == "venting"]) == 3
    assert found(document, 1)["venting"] == "not_measured"
    assert is_safe(lab.left | {"selected": []})


# running again ----------------------------------------------------------------------------------


def test_the_units_that_did_not_pass_are_run_again_as_they_were_ordered(day, lab):
    batch = lab.path / "batch.csv"
    rows = "".join(f"{s},{n},{100 if n % 2 else 160},job {n}\n" for n, s in enumerate(SERIALS, 1))
    batch.write_text("serial,position,R,job\n" + rows)
    day.at(f"{Q3}/run-1", 10.0, lambda: day.control.drop(3, "Li"))
    first = day.run("quick", uuts=(), batch=batch)
    failed = [u for u in first["uuts"] if u["verdict"] != "pass"]
    assert {"fail", "not_measured"} <= {u["verdict"] for u in failed}
    request = RunRequest("quick", lab=lab.path, failed_of=first["run"][:20])
    events = []
    second = run(request, listeners=[lambda s: events.append(s.event)]).document
    assert second["follows"] == first["run"]
    assert (second["seed"], first["follows"]) == (first["seed"], None)
    for name in ("serial", "position", "parameters", "extra"):
        assert [u[name] for u in second["uuts"]] == [u[name] for u in failed]
    (opened,) = [e for e in events if isinstance(e, RunOpened)]
    assert opened.request["follows"] == first["run"]
    again = {u["serial"]: u["verdict"] for u in second["uuts"]}
    assert again[SERIALS[2]] == "pass"
    assert [again[u["serial"]] for u in failed if u["verdict"] == "fail"] == ["fail"] * (
        len(failed) - 1
    )
    assert lab.left["mounted"] == [u["position"] for u in failed]


def test_a_run_of_which_all_passed_is_not_run_again(lab):
    lab.write()
    report = lab.run("quick", units=1)
    assert report.verdict == "pass"
    with pytest.raises(UsageError) as error:
        run(RunRequest("quick", lab=lab.path, failed_of=report.run))
    assert error.value.message.id == "engine.none-failed"


def test_the_document_of_such_a_day_fits_its_schema(day, lab):
    day.at(f"{Q3}/run-1", 10.0, lambda: day.control.pause("Li", now=True))
    day.at("load-1/Q2/run-1", 10.0, lambda: day.control.drop(1, "Li"))
    day.at("load-1/Q2/run-1", 20.0, lambda: day.leak(2))
    day.at("load-1/Q2/run-1", 12.0, lambda: day.control.operator("Wang"))
    document = day.run("whole", units=4)
    assert [i["kind"] for i in document["incidents"]][:4] == ["pause", "drop", "operator", "leak"]
    times = [i["at"] for i in document["incidents"]]
    assert times == sorted(times)
    ResultDocument.model_validate_json(json.dumps(document), strict=True)
    assert document["titles"]["tightness"] == {"en": "tightness", "zh": "密封性"}
