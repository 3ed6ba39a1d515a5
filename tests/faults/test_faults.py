"""A sample of the campaign, and that a broken promise would be seen."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest

import benchctl
from benchctl.engine import RunRequest
from benchctl.faults import Campaign, Trial, markdown, run_campaign
from benchctl.faults.comparing import differences

ROOT = Path(benchctl.__file__).parents[1]


def request(**more):
    usual = {"simulate": True, "uuts": ("W-1", "W-2"), "points": ("Q3",), "seed": 1}
    return RunRequest("water-meter", **(usual | more))


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    told = []
    found = run_campaign(
        Campaign(request(), folder, actions=2, events=1, cables=False), told.append
    )
    assert found == told
    return found


def test_killed_runs_go_on_full_disks_and_stepped_clocks_break_no_promise(trials):
    assert {t.fault for t in trials} == {"kill -9", "disk full", "clock"}
    assert [t.broken for t in trials] == [[]] * len(trials)
    assert all(t.resumed for t in trials if t.fault == "kill -9")
    assert all(t.exit_code == 5 for t in trials if t.fault == "disk full")
    assert all(t.outcome == "finished" for t in trials if t.fault == "clock")


def test_the_page_has_a_row_for_each_trial_and_says_what_broke(trials):
    page = markdown(
        [*trials, Trial("kill -9", "12", broken=["2 acknowledged records are lost"])], "T"
    )
    assert f"{len(trials) + 1} trials, 1 with a promise" in page
    assert "| 2 acknowledged records are lost |" in page
    assert page.count("\n| ") == len(trials) + 2


POINT = {
    "item": "error of indication",
    "point": "Q3",
    "occasion": "as_found",
    "error": 0.5,
    "U": 0.1,
    "mpe": [-2.0, 2.0],
    "verdict": "pass",
}
DOCUMENT = {"uuts": [{"serial": "W-1", "points": [POINT]}]}


@pytest.mark.parametrize(
    ("changes", "true", "seen"),
    [
        ({}, 0.5, ""),
        ({"error": 0.7}, 0.5, ""),
        ({"error": 0.9}, 0.5, "unspoilt 0.5"),
        ({"verdict": "fail"}, 0.5, "clear by"),
        ({"verdict": "fail"}, 1.9, ""),
        ({"verdict": "not_measured", "error": None}, 0.5, ""),
        ({"point": "Q2"}, 0.5, "not in the unspoilt run"),
    ],
)
def test_what_differs_beyond_its_uncertainty_is_seen(changes, true, seen):
    spoilt = copy.deepcopy(DOCUMENT)
    spoilt["uuts"][0]["points"][0] |= changes
    truths = [{"serial": "W-1", "item": POINT["item"], "point": "Q3", "error": true}]
    found = list(differences(spoilt, DOCUMENT, truths))
    assert bool(found) == bool(seen)
    assert not seen or seen in found[0]


def test_a_served_bench_is_refused_and_so_is_a_run_that_does_not_go_through(tmp_path):
    argv = [sys.executable, "-m", "benchctl", "faults", "water-meter", "--simulate", "--json"]
    done = subprocess.run(
        [*argv, "--uut", "W-1", "--set", "Q3=999"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin", "HOME": str(tmp_path)},
        check=False,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert "999" in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout or json.loads(done.stdout) is None
