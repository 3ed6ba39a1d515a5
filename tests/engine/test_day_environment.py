"""The environment leaves its limits in a run: what is void, waited for, made anew, given up."""

import re

import numpy as np
import pytest
from day import Day, found, right
from lab_folder import SERIALS, is_safe

from benchctl.core.events import (
    ActionFinished,
    EnvironmentSeen,
    RunMeasured,
    RunPaused,
    RunSuspended,
    SuspensionEnded,
)
from benchctl.engine import truth
from benchctl.records import Lab

pytestmark = pytest.mark.usefixtures("nothing_left_behind")

Q3 = "load-1/Q3"
SLOW_AND_WARM = """
if prompt.item == 'appearance':
    self.fault('warm_room', kelvin=60.0)
    return Answer(True, 'Li', after=120.0)
"""
SUSPEND = "suspend: {dwell: 120 s, at_most: 2 h}\n"


@pytest.fixture
def day(lab):
    lab.write()
    return Day(lab)


def declare(lab, text, procedure="quick"):
    """Let the lab's procedure wait as long as `text` says."""
    path = lab.path / "procedures" / f"{procedure}.yaml"
    known = path.read_text(encoding="utf-8")
    written, count = re.subn(r"^suspend: .*\n", text, known, flags=re.MULTILINE)
    assert count == 1
    path.write_text(written, encoding="utf-8")


def warm(day, kelvin=9.0):
    return lambda: day.bench.fault("warm_room", kelvin=kelvin)


def cool(day):
    return lambda: day.bench.fault("warm_room", on=False)


def room(document):
    (seen,) = (e for e in document["environment"] if e["quantity"] == "ambient_temperature")
    return seen


def test_the_disturbed_run_is_void_and_made_anew_once_the_room_was_back_for_the_dwell(day, lab):
    declare(lab, SUSPEND)
    day.at(f"{Q3}/run-1", 5.0, warm(day, 60.0))
    day.at("load-1/suspended-1", 60.0, cool(day))
    document = day.run(points=("Q3",))
    assert day.report.outcome == "finished"
    assert found(document, 1)["Q3"] == found(document, 2)["Q3"] == "pass"
    assert day.measured(1) == day.measured(2) == ["engine.void-environment", "counts"]
    (left,), (back,) = day.of(RunSuspended), day.of(SuspensionEnded)
    assert (left.action, left.quantity) == (f"{Q3}/run-1", "ambient_temperature")
    assert left.value > 25.0
    assert left.why["id"] == "engine.environment-left"
    course = [(a, how) for a, how in day.course() if a.startswith("load-1/") and "retest" not in a]
    assert course[-5:] == [
        (f"{Q3}/run-1", "interrupted"),
        ("load-1/suspended-1", "done"),
        (f"{Q3}/set", "done"),
        (f"{Q3}/settle", "done"),
        (f"{Q3}/run-1", "done"),
    ]
    again = [e for e in day.of(RunMeasured) if e.valid]
    assert min(e.window[0] for e in again) > back.t
    with Lab.open(lab.path) as records:
        t_before, _, value, flag = records.raw(day.report.run, "environment/ambient_temperature")
    inside = (value <= 25.0) & (flag == 0.0)
    assert back.t - max(t_before[~inside]) >= 120.0
    assert is_safe(lab.left)


def test_the_record_tells_the_suspension_and_what_was_measured_in(day, lab):
    declare(lab, SUSPEND)
    day.at(f"{Q3}/run-1", 5.0, warm(day, 60.0))
    day.at("load-1/suspended-1", 60.0, cool(day))
    document = day.run(points=("Q3",))
    (suspension,) = (i for i in document["incidents"] if i["kind"] == "suspension")
    (back,) = day.of(SuspensionEnded)
    assert suspension["seconds"] == back.seconds
    assert suspension["at"] == pytest.approx(back.t - back.seconds)
    assert re.match(
        r"suspended for 0:\d\d:\d\d: ambient_temperature is \d\d\.\d+ °C, outside 15 … 25 °C",
        suspension["text"]["text"],
    )
    seen = room(document)
    assert seen["max"] > 25.0 >= seen["undisturbed"]["max"]
    assert seen["undisturbed"]["n"] < seen["n"]
    assert seen["suspended"] == pytest.approx(back.seconds)
    assert 15.0 <= seen["before"] <= 25.0
    assert 15.0 <= seen["after"] <= 25.0


def test_all_readings_of_the_environment_are_in_the_record(day, lab):
    day.run(points=("Q3",))
    with Lab.open(lab.path) as records:
        for seen in day.of(EnvironmentSeen):
            rows = records.raw(day.report.run, f"environment/{seen.quantity}")
            assert rows.shape[1] == seen.n
            assert (rows[2].min(), rows[2].max()) == (seen.min, seen.max)
            assert rows[2][0] == seen.before
            assert rows[2][-1] == seen.after
            assert np.all(np.diff(rows[0]) > 0)
            assert seen.suspended == 0.0


def test_a_departure_between_two_readings_of_a_monitor_voids_the_run_that_just_ended(day):
    def end_of_run(event):
        return isinstance(event, ActionFinished) and event.action == f"{Q3}/settle"

    day.run(points=("Q3",))
    run = next(e for e in day.of(RunMeasured))
    settled = next(e.t for e in day.of(ActionFinished) if end_of_run(e))
    again = Day(day.lab)
    again.at(f"{Q3}/run-1", run.window[1] - settled - 1.0, warm(again, 4000.0))
    again.at("load-1/suspended-1", 1.0, cool(again))
    again.run(points=("Q3",))
    assert again.measured(1)[0] == "engine.void-environment"


def test_an_environment_that_does_not_come_back_ends_the_run_with_its_reason(lab):
    lab.write(at_start="self.fault('warm_room')")
    declare(lab, SUSPEND)
    day = Day(lab)
    document = day.run()
    assert (day.report.outcome, day.report.verdict, day.report.exit_code) == (
        "error",
        "not_measured",
        3,
    )
    assert document["reason"]["id"] == "engine.environment-stayed"
    assert document["reason"]["args"]["waited"] == "2 h"
    (suspension,) = (i for i in document["incidents"] if i["kind"] == "suspension")
    assert suspension["seconds"] is None
    assert suspension["text"]["text"].endswith("the run did not go on")
    assert room(document)["suspended"] >= 7200.0
    assert is_safe(lab.left)


def test_a_room_that_comes_and_goes_never_resumes_before_a_whole_dwell(day, lab):
    declare(lab, SUSPEND)
    day.at(f"{Q3}/run-1", 5.0, warm(day, 60.0))
    for again in range(4):
        day.at("load-1/suspended-1", 400.0 * again + 30.0, cool(day))
        day.at("load-1/suspended-1", 400.0 * again + 300.0, warm(day, 60.0))
    day.at("load-1/suspended-1", 1700.0, cool(day))
    document = day.run(points=("Q3",))
    assert found(document, 1)["Q3"] == "pass"
    with Lab.open(lab.path) as records:
        t, _, value, _ = records.raw(day.report.run, "environment/ambient_temperature")
    for back in day.of(SuspensionEnded):
        assert np.all(value[(t >= back.t - 119.0) & (t <= back.t)] <= 25.0)


def test_questions_to_a_person_go_on_while_the_room_is_too_warm(lab):
    lab.write(at_question=SLOW_AND_WARM)
    declare(lab, SUSPEND)
    day = Day(lab)
    day.at("load-1/suspended-1", 60.0, cool(day))
    document = day.run(points=("Q3",), units=3)
    assert [e.action for e in day.of(RunSuspended)] == [f"{Q3}/set"]
    assert [found(document, p)["appearance"] for p in (1, 2, 3)] == ["pass"] * 3
    assert [found(document, p)["Q3"] for p in (1, 2, 3)] == ["pass"] * 3


def test_a_person_may_pause_while_it_is_suspended(day, lab):
    declare(lab, SUSPEND)
    day.at(f"{Q3}/run-1", 5.0, warm(day, 60.0))
    day.at("load-1/suspended-1", 30.0, lambda: day.control.pause("Li", now=True))
    day.at("load-1/suspended-1", 60.0, cool(day))
    document = day.run(points=("Q3",))
    assert found(document, 1)["Q3"] == "pass"
    assert len(day.of(RunPaused)) == len(day.of(RunSuspended)) == len(day.of(SuspensionEnded)) == 1
    assert ("load-1/suspended-1", "interrupted") in day.course()
    assert day.measured(1) == ["engine.void-environment", "counts"]


def test_a_leak_is_seen_to_while_it_is_suspended(day, lab):
    declare(lab, SUSPEND)
    day.at(f"{Q3}/run-1", 5.0, warm(day, 60.0))
    day.at("load-1/suspended-1", 30.0, lambda: day.leak(2))
    day.at("load-1/suspended-1", 60.0, cool(day))
    document = day.run(points=("Q3",), units=3)
    assert found(document, 1)["Q3"] == found(document, 3)["Q3"] == "pass"
    assert document["uuts"][1]["verdict"] != "pass"
    assert ("load-1/leak-1/spool", "done") in day.course()


def test_a_suspension_changes_no_verdict(day, lab):
    declare(lab, SUSPEND)
    for point in ("Q3", "Q2", "Q1"):
        day.at(f"load-1/{point}/run-1", 5.0, warm(day, 60.0))
    for n in (1, 2, 3):
        day.at(f"load-1/suspended-{n}", 60.0, cool(day))
    document = day.run(units=4)
    known = truth(lab.request("quick", units=4))
    assert len(day.of(RunSuspended)) == 3
    assert [right(document, known, p) for p in (1, 2, 3, 4)] == [True] * 4
    assert {u["serial"] for u in document["uuts"]} == set(SERIALS[:4])


def test_in_real_time_a_monitor_interrupts_from_its_own_thread(lab):
    lab.write()
    declare(lab, "suspend: {dwell: 20 s, at_most: 1 h}\n")
    day = Day(lab)
    day.at(f"{Q3}/run-1", 5.0, warm(day, 400.0))
    day.at("load-1/suspended-1", 20.0, cool(day))
    day.run("quick", units=1, points=("Q3",), speed="25")
    assert day.report.outcome == "finished", day.report.document["reason"]
    assert day.measured(1) == ["engine.void-environment", "counts"]
