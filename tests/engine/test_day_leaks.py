"""A leak in a run: whom it separates from the reference, how the others go on, who fails."""

import pytest
from day import Day, found, right
from lab_folder import SERIALS, is_safe

from benchctl.core.events import (
    ActionStarted,
    LeakReported,
    PromptOpened,
    SettingWritten,
    UndoRegistered,
    UutDropped,
)
from benchctl.engine import truth

pytestmark = pytest.mark.usefixtures("nothing_left_behind")

Q3 = "load-1/Q3"
WEIGHED = {"method": "gravimetric"}
MENDING = ["rest", "depressurise", "spool", "venting", "tightness"]


@pytest.fixture
def day(lab):
    lab.write()
    return Day(lab)


def mended(n=1, load="load-1"):
    return [f"{load}/leak-{n}/{step}" for step in MENDING]


def verdicts(document):
    return [uut["verdict"] for uut in document["uuts"]]


def known(lab, units, **more):
    return truth(lab.request("whole", units=units, **more))


def test_with_the_reference_before_the_meters_those_behind_the_leak_are_void(day, lab):
    day.at(f"{Q3}/run-1", 60.0, lambda: day.leak(3))
    document = day.run("whole", units=5)
    assert day.measured(1) == day.measured(2) == ["engine.void-cut-short", "counts"]
    assert day.measured(3) == ["engine.void-leak"]
    assert day.measured(4) == day.measured(5) == ["engine.void-leak", "counts"]
    (leak,) = day.of(LeakReported)
    assert (leak.uut, leak.position, leak.by) == (SERIALS[2], 3, "Li")
    assert leak.voided == SERIALS[2:5]
    assert verdicts(document)[2] == "fail"
    assert found(document, 3)["tightness"] == "fail"
    assert found(document, 3)["Q3"] == "not_measured"
    rows = known(lab, 5)
    assert [right(document, rows, p) for p in (1, 2, 4, 5)] == [True] * 4
    assert is_safe(lab.left)
    assert lab.left["mounted"] == [1, 2, 4, 5]


def test_with_the_reference_behind_the_meters_those_before_the_leak_are_void(day, lab):
    day.at(f"{Q3}/run-1", 120.0, lambda: day.leak(3))
    document = day.run("whole", units=5, sets=WEIGHED)
    (leak,) = day.of(LeakReported)
    assert leak.voided == SERIALS[:3]
    assert day.measured(1) == day.measured(2) == ["engine.void-leak", "counts"]
    assert day.measured(3) == ["engine.void-leak"]
    assert day.measured(4) == day.measured(5) == ["engine.void-cut-short", "counts"]
    assert verdicts(document)[2] == "fail"
    rows = known(lab, 5, sets=WEIGHED)
    assert [right(document, rows, p) for p in (1, 2, 4, 5)] == [True] * 4
    assert is_safe(lab.left)
    assert (lab.left["tank"]["diverted"], lab.left["tank"]["spilt"]) == (False, 0.0)


def test_a_leak_that_nobody_says_is_seen_in_the_errors_of_those_behind_it(lab):
    """The plant really loses water at a leak: otherwise the tests above would show nothing."""
    lab.write()
    day = Day(lab)
    day.at(f"{Q3}/set", 0.0, lambda: day.bench.fault("leak", position=2))
    document = day.run("quick", units=3, points=("Q3",))
    rows = known(lab, 3)
    off = []
    for position, uut in enumerate(document["uuts"], 1):
        error = next(p["error"] for p in uut["points"] if p["point"] == "Q3")
        true = next(r["error"] for r in rows if (r["position"], r["point"]) == (position, "Q3"))
        off.append(error - true)
    assert off[0] == pytest.approx(0.0, abs=0.3)
    assert off[1:] == pytest.approx([-3.0, -3.0], abs=0.3)


def test_the_line_is_at_rest_and_without_pressure_before_the_spool_is_fitted(day):
    seen = []
    day.at("load-1/leak-1/spool", 0.5, lambda: seen.append(day.bench.state()))
    day.at(f"{Q3}/run-1", 30.0, lambda: day.leak(2))
    day.run("whole", units=3, points=("Q3",))
    (state,) = seen
    assert state["drive"]["running"] is False
    assert state["valves"] == {"inlet": False, "outlet": False, "lines": []}
    assert state["pressure"] < 0.05
    steps = [a for a, how in day.course() if "leak-1" in a and how == "done"]
    assert steps == mended()
    course = [a for a, _ in day.course()]
    after = course[course.index("load-1/leak-1/tightness") + 1 :]
    assert after[:3] == [f"{Q3}/set", f"{Q3}/settle", f"{Q3}/run-1"]


def test_a_line_that_stays_under_pressure_is_not_opened(lab):
    lab.write(at_question="if 'depressurise' in (prompt.about or {}): return Answer(True, 'Li')")
    day = Day(lab)
    day.at("load-1/tightness", 30.0, lambda: day.control.leak(2, "Li"))
    document = day.run("whole", units=2, points=("Q3",))
    assert (day.report.outcome, day.report.exit_code) == ("error", 3)
    assert document["reason"]["id"] == "engine.still-pressed"
    assert "engine.fit-spool" not in {e.question["id"] for e in day.of(PromptOpened)}
    assert is_safe(lab.left)


def test_a_unit_whose_amount_has_passed_before_the_leak_counts(day, lab):
    """A smaller meter needs less water: at its part of a visit nothing is missing any more."""
    batch = lab.path / "batch.csv"
    batch.write_text(
        f"serial,position,scale_interval\n{SERIALS[0]},1,0.05\n{SERIALS[1]},2,1\n{SERIALS[2]},3,1\n"
    )
    day.at(f"{Q3}/run-1", 240.0, lambda: day.leak(3))
    document = day.run("whole", uuts=(), batch=batch, points=("Q3",))
    assert day.measured(1) == ["counts"]
    assert day.measured(2) == ["engine.void-cut-short", "counts"]
    assert day.measured(3) == ["engine.void-leak"]
    assert found(document, 1)["Q3"] == found(document, 2)["Q3"] == "pass"


def test_a_leak_that_the_tightness_test_finds_takes_the_same_way(day, lab):
    lab_leak = lambda: day.bench.fault("leak", position=2)  # noqa: E731
    day.at("load-1/tightness", 10.0, lab_leak)
    document = day.run("whole", units=3)
    assert [a for a, _ in day.course() if "leak-1" in a] == mended()
    assert verdicts(document)[1] == "fail"
    (leak,) = day.of(LeakReported)
    assert (leak.position, leak.by, leak.voided) == (2, "simulated operator", ())
    rows = known(lab, 3)
    assert [right(document, rows, p) for p in (1, 3)] == [True, True]
    tightness = [p for p in document["uuts"][1]["points"] if p["item"] == "tightness"]
    assert tightness[0]["why"]["id"] == "leaks"


def test_a_leak_that_is_told_during_the_tightness_test_takes_the_same_way(day, lab):
    day.at("load-1/tightness", 10.0, lambda: day.leak(2))
    document = day.run("whole", units=3)
    course = [c for c in day.course() if "tightness" in c[0]]
    assert course == [
        ("load-1/tightness", "interrupted"),
        ("load-1/leak-1/tightness", "done"),
        ("load-1/tightness", "done"),
    ]
    assert verdicts(document)[1] == "fail"
    assert found(document, 1)["tightness"] == found(document, 3)["tightness"] == "pass"


def test_two_leaks_at_once_are_mended_at_once(day, lab):
    def both():
        day.leak(2)
        day.leak(4)

    day.at(f"{Q3}/run-1", 40.0, both)
    document = day.run("whole", units=5)
    assert [(e.position, e.voided) for e in day.of(LeakReported)] == [
        (2, SERIALS[1:5]),
        (4, SERIALS[3:5]),
    ]
    assert [a for a, _ in day.course() if "leak-" in a] == mended()
    assert [verdicts(document)[n] for n in (1, 3)] == ["fail", "fail"]
    rows = known(lab, 5)
    assert [right(document, rows, p) for p in (1, 3, 5)] == [True] * 3
    assert lab.left["mounted"] == [1, 3, 5]


@pytest.mark.parametrize("step", MENDING)
def test_a_second_leak_while_the_first_is_mended_is_mended_next(day, lab, step):
    day.at(f"{Q3}/run-1", 40.0, lambda: day.leak(2))
    day.at(f"load-1/leak-1/{step}", 0.5, lambda: day.leak(3))
    document = day.run("whole", units=3, points=("Q3",))
    course = [a for a, how in day.course() if "leak-" in a and how == "done"]
    assert course[-5:] == mended(2)
    assert course[: len(course) - 5] == mended(1)[: len(course) - 5]
    assert [found(document, p)["tightness"] for p in (1, 2, 3)] == ["pass", "fail", "fail"]
    assert found(document, 1)["Q3"] == "pass"
    assert is_safe(lab.left)


def test_a_leak_of_the_only_unit_ends_the_water(day, lab):
    day.at(f"{Q3}/run-1", 40.0, lambda: day.leak(1))
    document = day.run("whole", units=1)
    assert (day.report.outcome, document["verdict"]) == ("finished", "fail")
    assert found(document, 1)["Q3"] == "not_measured"
    assert [a for a, _ in day.course() if "leak-1" in a] == mended()[:3]
    after = day.course()[[a for a, _ in day.course()].index("load-1/leak-1/spool") :]
    assert {how for a, how in after if a.startswith(("load-1/Q2", "load-1/Q1"))} == {"skipped"}
    assert is_safe(lab.left)


def test_a_leak_where_nobody_stands_is_refused_and_nothing_happens(day):
    def wrong():
        day.control.leak(9, "Li")

    day.at("load-1/appearance/" + SERIALS[0], 0.1, wrong)
    day.at(f"{Q3}/run-1", 30.0, lambda: day.leak(2))
    day.at("load-1/Q2/run-1", 1.0, lambda: day.control.leak(2, "Li"))
    day.after(1.0, lambda: day.control.leak(1, "Li"))
    document = day.run("whole", units=3)
    assert day.refused == ["engine.nobody-there"] * 3
    assert len(day.of(LeakReported)) == 1
    assert [i["kind"] for i in document["incidents"] if i["kind"] != "retest"] == ["leak"]


def test_the_record_says_who_leaked_and_what_it_cost(day):
    day.at(f"{Q3}/run-1", 30.0, lambda: day.leak(2))
    document = day.run("whole", units=3, points=("Q3",))
    (incident,) = document["incidents"]
    assert (incident["kind"], incident["by"], incident["uut"]) == ("leak", "Li", SERIALS[1])
    assert incident["voided"] == list(SERIALS[1:3])
    assert "position 2" in incident["text"]["text"]
    (dropped,) = day.of(UutDropped)
    assert (dropped.uut, dropped.by) == (SERIALS[1], "Li")
    assert document["uuts"][1]["dropped"]["text"] == "position 2 leaks"
    tightness = [p for p in document["uuts"][1]["points"] if p["item"] == "tightness"]
    assert tightness[0]["why"]["text"] == "Li saw this unit leak at position 2"


def test_a_pause_in_the_middle_of_mending_lets_the_rest_be_done_after_it(day, lab):
    day.at(f"{Q3}/run-1", 30.0, lambda: day.leak(2))
    day.at("load-1/leak-1/venting", 10.0, lambda: day.control.pause("Li", now=True))
    document = day.run("whole", units=3, points=("Q3",))
    assert [c for c in day.course() if c[0].endswith("leak-1/venting")] == [
        ("load-1/leak-1/venting", "interrupted"),
        ("load-1/leak-1/venting", "done"),
    ]
    assert [found(document, p)["Q3"] for p in (1, 2, 3)] == ["pass", "not_measured", "pass"]
    assert is_safe(lab.left)


@pytest.mark.parametrize("step", MENDING)
def test_a_stop_in_any_step_of_mending_leaves_the_bench_safe_and_the_leaker_failed(day, lab, step):
    day.at(f"{Q3}/run-1", 30.0, lambda: day.leak(2))
    day.at(f"load-1/leak-1/{step}", 0.3, lambda: day.scheduler.stop("a test"))
    document = day.run("whole", units=3, points=("Q3",))
    assert (day.report.outcome, day.report.exit_code) == ("aborted", 4)
    assert document["undone"] == document["made_safe"]["failed"] == []
    assert found(document, 2)["tightness"] == "fail"
    assert document["finished"] is not None
    assert verdicts(document) == ["not_measured", "fail", "not_measured"]
    assert is_safe(lab.left)


def test_a_stop_right_after_a_leak_was_told_still_fails_the_leaker(day, lab):
    def leak_and_stop():
        day.leak(2)
        day.scheduler.stop("a test")

    day.at(f"{Q3}/run-1", 30.0, leak_and_stop)
    document = day.run("whole", units=3, points=("Q3",))
    assert day.report.outcome == "aborted"
    assert verdicts(document) == ["not_measured", "fail", "not_measured"]
    assert found(document, 2)["tightness"] == "fail"
    assert is_safe(lab.left)


def test_whatever_is_energised_in_mending_has_its_way_back_in_the_record_before(day):
    day.at(f"{Q3}/run-1", 30.0, lambda: day.leak(2))
    day.run("whole", units=3, points=("Q3",))
    way_back = set()
    for event in day.events:
        if isinstance(event, UndoRegistered):
            way_back.add((event.instrument, event.channel))
        moves = isinstance(event, SettingWritten) and event.instrument in ("pump", "valves")
        if moves and event.value not in (False, 0, 0.0):
            assert (event.instrument, event.channel) in way_back
    assert any(e.action.endswith("leak-1/venting") for e in day.of(ActionStarted))


def two_loads(lab):
    """Write a batch of which the two large meters do not bear to be in line with the small ones."""
    batch = lab.path / "batch.csv"
    rows = enumerate(zip(SERIALS[:4], ("2.5", "2.5", "4.0", "4.0"), strict=True), 1)
    batch.write_text("serial,position,Q3\n" + "".join(f"{s},{n},{q}\n" for n, (s, q) in rows))
    return batch


def test_a_leak_in_a_later_load_is_that_loads_own(day, lab):
    day.at("load-2/Q3/run-1", 30.0, lambda: day.leak(3))
    document = day.run("whole", uuts=(), batch=two_loads(lab), points=("Q3",))
    loads = [u["load"] for u in document["uuts"]]
    assert loads == ["load-1", "load-1", "load-2", "load-2"]
    assert [a for a, _ in day.course() if "leak-" in a] == mended(load="load-2")
    assert [found(document, p)["Q3"] for p in (1, 2, 3, 4)] == [
        "pass",
        "pass",
        "not_measured",
        "pass",
    ]
    (leak,) = day.of(LeakReported)
    assert leak.voided == SERIALS[2:4]
    assert lab.left["mounted"] == [4]


def test_a_unit_of_a_load_that_left_the_line_leaks_no_more(day, lab):
    day.at("load-2/mount", 0.1, lambda: day.control.leak(1, "Li"))
    day.at("load-2/Q3/run-1", 1.0, lambda: day.control.leak(2, "Li"))
    day.run("whole", uuts=(), batch=two_loads(lab), points=("Q3",))
    assert day.refused == ["engine.nobody-there"] * 2
