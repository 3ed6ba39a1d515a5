"""A pause in a run: what is done anew, what is void, how long it may be."""

import threading

import pytest
from day import Day, found, right
from lab_folder import is_safe

from benchctl.core.events import PromptOpened, RawBlock, RunContinued, RunPaused, Settled
from benchctl.engine import truth

pytestmark = pytest.mark.usefixtures("nothing_left_behind")

Q3 = "load-1/Q3"
LUNCH = "if (prompt.about or {{}}).get('pause'): return Answer(True, 'Li', after={seconds})"


@pytest.fixture
def day(lab):
    lab.write()
    return Day(lab)


def pauses(document):
    return [i for i in document["incidents"] if i["kind"] == "pause"]


def test_a_pause_waits_for_the_end_of_the_action_and_settling_is_done_again(day, lab):
    day.at(f"{Q3}/settle", 1.0, lambda: day.control.pause("Li"))
    document = day.run(points=("Q3",))
    assert day.report.outcome == "finished"
    assert [(e.action, e.by) for e in day.of(RunPaused)] == [(f"{Q3}/run-1", "Li")]
    course = [(a, how) for a, how in day.course() if a.startswith(Q3) and "retest" not in a]
    assert course == [
        (f"{Q3}/set", "done"),
        (f"{Q3}/settle", "done"),
        (f"{Q3}/set", "done"),
        (f"{Q3}/settle", "done"),
        (f"{Q3}/run-1", "done"),
    ]
    paused, continued = day.of(RunPaused)[0], day.of(RunContinued)[0]
    settled = [e.t for e in day.of(Settled) if e.settled]
    assert settled[-1] > continued.t > paused.t > settled[0]
    assert day.measured(1) == day.measured(2) == ["counts"]
    (pause,) = pauses(document)
    assert (pause["by"], pause["seconds"]) == ("Li", pytest.approx(continued.t - paused.t))
    assert pause["text"]["text"].startswith("paused by Li for 0:00:")


def test_the_bench_is_at_rest_while_it_pauses(day):
    rest = []

    def look():
        rest.append((day.bench.state()["flow"], is_safe(day.bench.state())))

    day.at(f"{Q3}/run-1", 20.0, lambda: day.control.pause("Li", now=True))
    day.at(f"{Q3}/run-1", 20.9, look)
    day.run(points=("Q3",))
    assert len(day.of(RunPaused)) == 1
    ((flow, safe),) = rest
    assert safe
    assert flow < 2.0


def test_a_pause_now_voids_the_running_totals_and_they_are_made_anew(day, lab):
    day.at(f"{Q3}/run-1", 20.0, lambda: day.control.pause("Li", now=True))
    document = day.run(points=("Q3",))
    assert day.measured(1) == day.measured(2) == ["engine.void-pause", "counts"]
    assert (f"{Q3}/run-1", "interrupted") in day.course()
    runs = document["uuts"][0]["points"][-3]["runs"]
    assert [r["valid"] for r in runs] == [False, True]
    assert "pause" in runs[0]["problem"]["text"]
    assert found(document, 1)["Q3"] == "pass"
    assert is_safe(lab.left)


def test_readings_of_a_run_that_is_made_anew_are_kept_apart(day):
    day.at(f"{Q3}/run-1", 20.0, lambda: day.control.pause("Li", now=True))
    day.run(points=("Q3",))
    blocks = [b for b in day.of(RawBlock) if b.series.endswith("/reference")]
    assert [b.series for b in blocks] == [f"{Q3}/run-1/reference", f"{Q3}/run-1~2/reference"]
    assert [b.first for b in blocks] == [0, 0]


def test_a_pause_of_which_nobody_comes_back_in_time_ends_the_run(lab):
    lab.write(at_question=LUNCH.format(seconds=7201.0))
    day = Day(lab)
    day.at(f"{Q3}/settle", 1.0, lambda: day.control.pause("Li"))
    document = day.run(points=("Q3",))
    assert (day.report.outcome, day.report.exit_code) == ("error", 3)
    assert document["reason"]["text"] == "the run paused for longer than 2 h; begin it anew"
    assert day.of(RunContinued) == []
    assert [p["seconds"] for p in pauses(document)] == [None]
    assert document["verdict"] == "not_measured"
    assert is_safe(lab.left)


def test_a_lunch_break_within_the_limit_changes_no_verdict(lab):
    lab.write(at_question=LUNCH.format(seconds=7190.0))
    day = Day(lab)
    day.at("load-1/Q2/run-1", 10.0, lambda: day.control.pause("Li", now=True))
    document = day.run("quick", units=3)
    known = truth(lab.request("quick", units=3))
    assert [right(document, known, p) for p in (1, 2, 3)] == [True] * 3
    (pause,) = pauses(document)
    assert pause["seconds"] == pytest.approx(7190.0, abs=2.0)
    assert pause["text"]["text"] == "paused by Li for 1:59:50"


def test_a_pause_is_not_asked_for_twice_but_made_urgent(day):
    def thrice():
        day.control.pause("Li")
        day.control.pause("Li", now=True)
        day.control.pause("Li", now=True)

    day.at(f"{Q3}/run-1", 20.0, thrice)
    day.run(points=("Q3",))
    assert day.refused == ["engine.paused-already"]
    assert len(day.of(RunPaused)) == 1
    assert day.measured(1) == ["engine.void-pause", "counts"]


def test_a_question_that_is_open_when_somebody_pauses_now_is_asked_again(lab):
    lab.write()
    day = Day(lab)
    day.at("load-1/appearance/26110000070002", 0.5, lambda: day.control.pause("Li", now=True))
    document = day.run(points=("Q3",))
    asked = [e.uut for e in day.of(PromptOpened) if e.item == "appearance"]
    assert asked == ["26110000070001", "26110000070002", "26110000070002"]
    assert found(document, 2)["appearance"] == "pass"


def test_in_a_retest_only_the_run_that_was_cut_short_is_made_anew(lab):
    lab.write()
    failing = next(
        seed
        for seed in range(1, 40)
        if _failing(truth(lab.request("quick", units=8, seed=seed, points=("Q3",))))
    )
    day = Day(lab)
    day.at(f"{Q3}/retest", 90.0, lambda: day.control.pause("Li", now=True))
    document = day.run("quick", units=8, seed=failing, points=("Q3",))
    assert (f"{Q3}/retest", "interrupted") in day.course()
    (unit,) = (u for u in document["uuts"] if "retest" in {i["kind"] for i in _of(document, u)})
    runs = [r for p in unit["points"] if p["point"] == "Q3" for r in p["runs"]]
    assert [r["run"] for r in runs if r["valid"]] == [1, 2, 3]
    assert sum(not r["valid"] for r in runs) == 1


def _failing(known):
    """Whether exactly one unit is outside its limit at Q3 and nowhere else."""
    bad = [r for r in known if r["point"] == "Q3" and abs(r["error"]) > 2.2]
    return len(bad) == 1


def _of(document, unit):
    return [i for i in document["incidents"] if i["uut"] == unit["serial"]]


def test_in_real_time_a_pause_comes_from_another_thread_at_once(lab):
    lab.write()
    day = Day(lab)
    timers = []

    def press(seconds):
        timers.append(threading.Timer(seconds, day.control.pause, ["Li"], {"now": True}))
        timers[-1].start()

    day.at(f"{Q3}/run-1", 0.0, lambda: press(0.5))
    document = day.run("quick", units=1, points=("Q3",), speed="25")
    timers[0].join()
    assert day.report.outcome == "finished"
    assert day.measured(1) == ["engine.void-pause", "counts"]
    assert [i["kind"] for i in document["incidents"]] == ["pause"]
    assert is_safe(lab.left)
