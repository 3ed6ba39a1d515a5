"""Units read by register, by pulses and by a person, in whole runs on the simulated bench."""

import shutil

import pytest
from lab_folder import SERIALS

from benchctl.core.events import ItemJudged, PromptAnswered, PromptOpened, RunMeasured, UutDropped
from benchctl.engine import RunRequest, prepare, run, truth
from benchctl.language import FileError

AT_REST = {"method": "gravimetric"}
BY_HAND = AT_REST | {"reading": "person"}


class Told(list):
    """The events of a run."""

    def __call__(self, stored):
        self.append(stored.event)

    def of(self, *kinds):
        return [e for e in self if isinstance(e, kinds)]

    def dialogue(self, serial):
        """(why it was asked, what was typed) of every reading of a unit, in order."""
        asked = {
            e.prompt: e.question["id"].removeprefix("engine.reading-")
            for e in self.of(PromptOpened)
            if e.uut == serial and e.kind == "number"
        }
        return [
            ("-" if asked[e.prompt].startswith("driver.") else asked[e.prompt], e.answer)
            for e in self.of(PromptAnswered)
            if e.prompt in asked
        ]

    def reasons(self, serial):
        return [why for why, _ in self.dialogue(serial)]


def scripted(lies):
    """Code of a lab's operator who reads right but for some entries: {(position, entry): lie}."""
    return f"""
if prompt.kind == "number":
    lies = {lies!r}
    self.entries = getattr(self, "entries", {{}})
    n = self.entries[prompt.position] = self.entries.get(prompt.position, 0) + 1
    right = super().answer(prompt).value
    lie = lies.get((prompt.position, n), "v")
    text = f"{{right:.2f}}"
    typed = eval(lie, {{"v": right, "text": text, "self": self}})
    return replace(super().answer(prompt), value=float(typed), after=1.0)
"""


def by_hand(lab, lies=None, *, points=("Q3",), units=2, at_start="", sets=BY_HAND, **more):
    told = Told()
    lab.write(at_start=at_start, at_question=scripted(lies or {}))
    report = lab.run("quick", sets=sets, points=points, units=units, on_event=told, **more)
    return told, report


def verdict(report, n, point="Q3"):
    return next(p for p in report.document["uuts"][n]["points"] if p["point"] == point)


# what is the same in all ways -------------------------------------------------------------------


def test_units_of_one_line_are_read_in_three_ways_with_the_right_verdicts(tmp_path):
    batch = tmp_path / "batch.csv"
    ways = ("register", "pulse", "person", "")
    rows = [f"26110000010{n:03d},{ways[n % 4]}" for n in range(1, 13)]
    batch.write_text("serial,reading\n" + "\n".join(rows) + "\n")
    request = RunRequest(
        "water-meter", batch=batch, lab=tmp_path, seed=1, sets=AT_REST, points=("Q3", "Q2")
    )
    told = Told()
    document = run(request, listeners=[told]).document
    true = {(t["serial"], t["point"]): t["error"] for t in truth(request) if t["error"] is not None}
    seen = set()
    for uut in document["uuts"]:
        seen.add(uut["extra"]["reading"] if "extra" in uut else "")
        for point in uut["points"]:
            if point["quantity"] is None or point["point"] == "Q1":
                continue
            error = true[uut["serial"], point["point"]]
            assert point["error"] == pytest.approx(error, abs=2 * point["U"])
            if abs(abs(error) - 2.0) > point["U"]:
                assert point["verdict"] == ("pass" if abs(error) <= 2.0 else "fail")
    people = {e.uut for e in told.of(PromptOpened) if e.kind == "number"}
    assert people == {f"26110000010{n:03d}" for n in (2, 6, 10)}
    budgets = {
        e.uut: next(
            b["u"] for b in e.budget if b["source"] == "resolution" and "meter" in b["input"]
        )
        for e in told.of(RunMeasured)
    }
    by_pulse, by_register = budgets["26110000010001"], budgets["26110000010003"]
    assert by_pulse == pytest.approx(2 * by_register, rel=0.01)  # 0.1 L per pulse, 0.05 L steps


def test_pulses_gate_a_flying_start(lab):
    told = Told()
    lab.write()
    sets = {"reading": "pulse"}
    report = lab.run("quick", sets=sets, points=("Q3",), units=2, on_event=told)
    assert report.outcome == "finished"
    for n in (0, 1):
        assert verdict(report, n)["error"] == pytest.approx(
            next(t["error"] for t in truth(lab.request("quick", sets=sets))
                 if (t["serial"], t["point"]) == (SERIALS[n], "Q3")), abs=0.35
        )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("serial,reading\n1,pulses\n", "bench.no-way", "pulse"),
        ("serial,Reading\n1,pulse\n", "bench.column-near", "reading"),
    ],
)
def test_a_wrong_column_or_way_is_refused(tmp_path, text, message, hint):
    batch = tmp_path / "batch.csv"
    batch.write_text(text)
    with pytest.raises(FileError) as error:
        prepare(RunRequest("water-meter", batch=batch, lab=tmp_path))
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.message.id == message
    assert diagnostic.hint.args["name"] == hint
    assert (diagnostic.span.line, diagnostic.span.column) == (2, 3)


# what a person types ----------------------------------------------------------------------------


def test_a_person_who_reads_right_is_asked_once_for_each_reading(lab):
    told, report = by_hand(lab)
    assert told.reasons(SERIALS[0]) == ["-", "-"]
    assert report.document["outcome"] == "finished"
    start, end = (typed for _, typed in told.dialogue(SERIALS[0]))
    (found,) = [e for e in told.of(RunMeasured) if e.uut == SERIALS[0]]
    assert found.indication == pytest.approx(end - start)


def test_a_mistyped_reading_is_asked_again_until_two_agree(lab):
    told, report = by_hand(lab, {(1, 2): "v + 1000"})
    assert told.reasons(SERIALS[0]) == ["-", "-", "unusual", "differ"]
    typed = [value for _, value in told.dialogue(SERIALS[0])]
    (found,) = [e for e in told.of(RunMeasured) if e.uut == SERIALS[0]]
    assert found.indication == pytest.approx(typed[3] - typed[0])
    assert typed[1] == pytest.approx(typed[2] + 1000)
    assert verdict(report, 0)["verdict"] == "pass"
    assert told.reasons(SERIALS[1]) == ["-", "-"]


def test_swapped_digits_are_told_as_such(lab):
    told, report = by_hand(lab, {(1, 2): "text[1] + text[0] + text[2:]"})
    assert told.reasons(SERIALS[0]) == ["-", "-", "swapped", "differ"]
    assert verdict(report, 0)["verdict"] == "pass"


def test_swapped_digits_of_the_start_reading_leave_the_run_unmeasured(lab):
    told, report = by_hand(lab, {(1, 1): "text[1] + text[0] + text[2:]"})
    assert told.reasons(SERIALS[0]) == ["-", "-", "unusual"]
    found = verdict(report, 0)
    assert found["verdict"] == "not_measured"
    assert "typed once" in found["why"]["text"]
    assert verdict(report, 1)["verdict"] == "pass"


def test_three_entries_of_which_no_two_agree_are_not_measured_and_the_unit_stays(lab):
    lies = {(1, 2): "v + 1000", (1, 3): "v + 2000", (1, 4): "v + 3000"}
    told, report = by_hand(lab, lies, points=("Q3", "Q2"))
    assert told.reasons(SERIALS[0])[:4] == ["-", "-", "unusual", "differ"]
    found = verdict(report, 0)
    assert found["verdict"] == "not_measured"
    for typed in [value for _, value in told.dialogue(SERIALS[0])][1:4]:
        assert f"{typed:.10g}" in found["why"]["text"]
    assert verdict(report, 0, "Q2")["verdict"] == "pass"
    assert not told.of(UutDropped)
    assert report.exit_code == 1


def test_a_meter_that_stands_still_is_confirmed_and_fails(lab):
    told, report = by_hand(lab, at_start='self.fault("stuck_meter", True, position=2)')
    assert told.reasons(SERIALS[1])[:3] == ["-", "-", "unusual"]
    found = verdict(report, 1)
    assert (found["verdict"], found["error"]) == ("fail", pytest.approx(-100.0))
    assert verdict(report, 0)["verdict"] == "pass"


def test_a_start_reading_below_the_last_end_is_asked_again(lab):
    told, _ = by_hand(lab, {(1, 3): "v - 1000"}, points=("Q3", "Q2"))
    assert told.reasons(SERIALS[0]) == ["-", "-", "-", "unusual", "differ", "-"]


def test_a_result_near_a_limit_needs_a_second_entry(lab):
    _, report = by_hand(lab)
    error, percent = verdict(report, 0)["error"], verdict(report, 0)["runs"][0]["reference"] / 100
    told = again(lab, f"round(v + {(2.0 - error) * percent}, 2)")
    assert told.reasons(SERIALS[0])[:3] == ["-", "-", "second"]
    told = again(lab, f"round(v + {(1.9 - error) * percent}, 2)")
    assert told.reasons(SERIALS[0])[:3] == ["-", "-"]


def again(lab, lie):
    """Return what happens once more with an operator who tells this lie at every end reading."""
    shutil.rmtree(lab.path)
    lab.path.mkdir()
    return by_hand(lab, {(1, 2): lie, (1, 3): lie})[0]


def test_nothing_that_is_asked_tells_what_is_expected(lab):
    lies = {(1, 2): "v + 1000", (2, 2): "text[1] + text[0] + text[2:]"}
    told, _ = by_hand(lab, lies)
    asked = [e for e in told.of(PromptOpened) if e.kind == "number"]
    assert len(asked) == 8
    for prompt in asked:
        question = prompt.question
        if question["id"].startswith("engine.reading-"):
            assert question["args"].keys() == {"question"}
            question = question["args"]["question"]
        assert question["args"].keys() == {"what", "unit", "uut", "position"}


def test_a_person_reads_a_flying_start_too(lab):
    sets = {"reading": "person"}
    told, report = by_hand(lab, {(1, 2): "v + 1000"}, sets=sets)
    assert told.reasons(SERIALS[0]) == ["-", "-", "unusual", "differ"]
    assert told.reasons(SERIALS[1]) == ["-", "-"]
    assert verdict(report, 0)["verdict"] in ("pass", "fail")
    assert not told.of(UutDropped)
    assert all(e.verdict == "pass" for e in told.of(ItemJudged))
