"""Present values: what a run shows just now, for a screen in another process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchctl.core.clock import Deadline, VirtualClock, pause
from benchctl.core.events import ItemJudged, RunOpened, Watched
from benchctl.records import PresentValues, StoredEvent, goes_on, present_values
from benchctl.records.present import AT_LEAST, FOLDER

ROOT = Path(__file__).parents[2]
RUN = "01RUN"
OPENED = RunOpened(RUN, "", {}, {}, {}, "", "", "", True, 1, {})


def watched(flow=2.375, remaining=30.0):
    return Watched("load-1/Q3/run-1", 60.0, {"reference_flow": flow}, 0.5, remaining)


def told(event, t=60.0):
    return StoredEvent(0, RUN, "2026-01-01T00:00:00.000Z", t, event)


@pytest.fixture
def present(tmp_path):
    with PresentValues(tmp_path, RUN) as present:
        present(told(OPENED))
        yield present


def test_another_process_reads_what_was_told_last(present, tmp_path):
    present(told(watched(2.0)))
    pause(1.1 * AT_LEAST)
    present(told(watched(2.5), t=61.0))
    program = f"""
from pathlib import Path
from benchctl.records import present_values
print(present_values(Path({str(tmp_path)!r}), {RUN!r}).stored)
"""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    shown = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    ).stdout
    assert shown.strip() == str(told(watched(2.5), t=61.0))


def test_it_is_written_a_few_times_per_second_at_most(present, tmp_path):
    present(told(watched(1.0)))
    for _ in range(100):
        present(told(watched(9.0)))
    assert present_values(tmp_path, RUN).stored.event.values == {"reference_flow": 1.0}


def test_only_present_values_are_kept_here(present, tmp_path):
    present(told(ItemJudged("W-1", "tightness", "pass", {}, {})))
    assert present_values(tmp_path, RUN) is None


def test_a_value_that_is_no_number_comes_back_as_it_was(present, tmp_path):
    present(told(watched(remaining=float("inf"))))
    assert present_values(tmp_path, RUN).stored.event.remaining == float("inf")


def test_a_reader_in_the_middle_of_a_write_gets_nothing_rather_than_rubbish(present, tmp_path):
    present(told(watched(2.0)))
    path = tmp_path / FOLDER / f"{RUN}.bin"
    whole = path.read_bytes()
    length = whole.index(b"}}") if b"}}" in whole else 200
    for cut in range(0, length, 7):
        torn = whole[:cut] + bytes(1) + whole[cut + 1 :]
        if torn != whole:
            path.write_bytes(torn)
            assert present_values(tmp_path, RUN) is None
    path.write_bytes(whole[:5])
    assert present_values(tmp_path, RUN) is None


def test_a_run_that_ended_leaves_nothing_behind(tmp_path):
    with PresentValues(tmp_path, RUN) as present:
        present(told(OPENED))
        present(told(watched()))
        assert goes_on(tmp_path, RUN)
    assert not goes_on(tmp_path, RUN)
    assert present_values(tmp_path, RUN) is None
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_a_run_whose_process_was_killed_goes_on_no_more(tmp_path):
    program = f"""
import sys, time
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from benchctl.records import PresentValues
from test_records_present import OPENED, told, watched
present = PresentValues(Path({str(tmp_path)!r}), {RUN!r})
present(told(OPENED)); present(told(watched()))
print("ready", flush=True)
time.sleep(60)
"""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", program], env=env, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        assert goes_on(tmp_path, RUN)
        process.kill()
    assert not goes_on(tmp_path, RUN)
    assert present_values(tmp_path, RUN) is not None
    with PresentValues(tmp_path, "01NEXT") as present:
        present(told(OPENED))
        assert [p.stem for p in (tmp_path / FOLDER).iterdir()] == ["01NEXT"]


def test_other_runs_that_go_on_are_left_alone(present, tmp_path):
    present(told(watched()))
    with PresentValues(tmp_path, "01NEXT") as beside:
        beside(told(OPENED))
        assert goes_on(tmp_path, RUN)
        assert goes_on(tmp_path, "01NEXT")
    assert present_values(tmp_path, RUN) is not None


def test_a_journal_tells_it_while_the_run_goes_on(lab):
    journal = lab.begin_run("bench", clock=VirtualClock())
    with PresentValues(lab.folder, journal.run) as present:
        journal.listeners.append(present)
        journal.emit(OPENED)
        journal.emit(watched(1.5))
        deadline = Deadline(5.0)
        while present_values(lab.folder, journal.run) is None and not deadline.over:
            pause(0.01)
        stored = present_values(lab.folder, journal.run).stored
        assert (stored.seq, stored.run, stored.event) == (0, journal.run, watched(1.5))
    assert journal.listener_errors == []


def test_a_folder_that_may_not_be_made_ends_no_run(lab):
    (lab.folder / FOLDER).write_text("in the way")
    journal = lab.begin_run("bench", clock=VirtualClock())
    with PresentValues(lab.folder, journal.run) as present:
        journal.listeners.append(present)
        journal.emit(OPENED)
        journal.emit(watched())
    assert len(journal.listener_errors) == 1
