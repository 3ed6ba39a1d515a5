"""Runs beyond the first: all again where they jump, more near a limit; what the record has."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from bench_process import environment
from reading_lab import ReadingLab, point

from benchctl.core.events import RunMeasured, RunsSetAside
from benchctl.engine import RunRequest, resume
from benchctl.engine.audit import Evidence, recompute, rejudge
from benchctl.language import Diagnostics
from benchctl.procedure import load_procedure
from benchctl.records import Lab

MID = ({"point": "mid", "pressure": 300},)
JUMP = "  runs: 2\n  jump: {over: 0.3, again: 3}"
REPEAT = ", {repeatability: 0.1 kPa}"
MORE = "  runs: 2\n  more: {when: 0.8 * mpe <= abs(mean) <= 1.2 * mpe, runs: 2}"


@pytest.fixture
def lab(tmp_path):
    return ReadingLab(tmp_path)


def ran(lab, **more):
    events = []
    report = lab.run(listeners=[lambda stored: events.append(stored.event)], **more)
    return report, events


def counting(found):
    return [r["error"] for r in found["runs"] if r["valid"]]


def counted(report):
    """Return the runs that count, of each unit."""
    return [counting(point(report, u["serial"], "mid")) for u in report.document["uuts"]]


def test_runs_that_jump_are_made_again_and_stay_in_the_record(lab):
    lab.setup = {"sigma": 1.5, "units": 8}
    lab.write("1 reading", points=MID, repeatability=REPEAT, more=JUMP)
    report, events = ran(lab)
    aside = [e for e in events if isinstance(e, RunsSetAside)]
    assert aside, "with this noise some pairs must jump"
    for uut in report.document["uuts"]:
        found = point(report, uut["serial"], "mid")
        times = sum(e.uut == uut["serial"] for e in aside)
        made = [e for e in events if isinstance(e, RunMeasured) and e.uut == uut["serial"]]
        assert len(found["runs"]) == len(made) == 2 * (1 + min(times, 3))
        kept = counting(found)
        if times > 3:
            assert (found["verdict"], kept) == ("not_measured", [])
            continue
        assert len(kept) == 2
        assert max(kept) - min(kept) <= 0.3
        assert found["error"] == pytest.approx(sum(kept) / 2)
        for n in range(times):  # each pair that was set aside did jump, and its values are there
            pair = [r["set_aside"]["error"] for r in found["runs"][2 * n : 2 * n + 2]]
            assert max(pair) - min(pair) > 0.3
    told = [i for i in report.document["incidents"] if i["kind"] == "set aside"]
    assert len(told) == len(aside)
    assert "more than 0.3 %; these runs do not count" in told[0]["text"]["text"]


def test_runs_that_jump_again_and_again_are_no_result_and_no_pass(lab):
    lab.setup = {"sigma": 3.0}
    lab.write(
        "1 reading",
        points=MID,
        repeatability=REPEAT,
        more="  runs: 2\n  jump: {over: 0.0001, again: 2}",
    )
    report, events = ran(lab)
    assert report.verdict == "not_measured"
    found = point(report, "G-1", "mid")
    assert found["verdict"] == "not_measured"
    assert "more than 0.0001 %" in found["why"]["text"]
    assert len(found["runs"]) == 6
    assert sum(isinstance(e, RunsSetAside) and e.uut == "G-1" for e in events) == 3


def test_near_the_limit_two_more_runs_follow_and_the_mean_of_four_counts(lab):
    lab.setup = {"errors": {"1": [8.7, 0.0], "2": [1.0, 0.0], "3": [-10.5, 0.0], "4": [30.0, 0.0]}}
    lab.write("1 reading", points=MID, repeatability=REPEAT, more=MORE)  # limits are 9.6 kPa
    report, _ = ran(lab)
    found = {s: point(report, s, "mid") for s in ("G-1", "G-2", "G-3", "G-4")}
    assert {s: len(p["runs"]) for s, p in found.items()} == {
        "G-1": 4, "G-2": 2, "G-3": 4, "G-4": 2
    }  # fmt: skip
    for entry in found.values():
        errors = counting(entry)
        assert entry["error"] == pytest.approx(sum(errors) / len(errors))
    assert [p["verdict"] for p in found.values()] == ["pass", "pass", "fail", "fail"]


def test_pulling_the_runs_apart_again_from_the_record_gives_the_same(lab):
    lab.setup = {"sigma": 1.5, "units": 8}
    lab.write(
        "1 reading", points=MID, repeatability=REPEAT, more=JUMP + MORE.removeprefix("  runs: 2")
    )
    report, events = ran(lab)
    assert any(isinstance(e, RunsSetAside) for e in events)
    with Lab.open(lab.path) as records:
        evidence = Evidence.read(records, report.run)
        assert all(not r.changed for r in rejudge(evidence))
        again = recompute(evidence)
        assert (again.differences, again.results) == ([], sum(map(len, counted(report))))


CHILD = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from reading_lab import ReadingLab
seen = []
def listen(stored):
    seen.extend([stored] if type(stored.event).__name__ == sys.argv[3] else [])
    if len(seen) == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)
ReadingLab(Path(sys.argv[1])).run(listeners=[listen])
"""


@pytest.mark.parametrize(("kind", "n"), [("RunsSetAside", 2), ("RunMeasured", 18)])
def test_a_run_that_is_cut_off_between_two_pairs_goes_on_with_what_was_set_aside(lab, kind, n):
    lab.setup = {"sigma": 1.5, "units": 8}
    lab.write("1 reading", points=MID, repeatability=REPEAT, more=JUMP)
    child = subprocess.run(
        [sys.executable, "-c", CHILD, lab.path, Path(__file__).parent, kind, str(n)],
        env=environment(lab.path),
        timeout=100,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL
    with Lab.open(lab.path, create=False) as records:
        run = records.find_run("latest")
    report = resume(run, RunRequest("", lab=lab.path, speed=""))
    assert report.outcome == "finished"
    with Lab.open(lab.path) as records:
        events = [s.event for s in records.events(run)]
        aside = [e for e in events if isinstance(e, RunsSetAside)]
        assert recompute(Evidence.read(records, run)).differences == []
    for uut in report.document["uuts"]:
        found = point(report, uut["serial"], "mid")
        numbers = [r["run"] for r in found["runs"]]
        assert len(numbers) == len(set(numbers))
        times = sum(e.uut == uut["serial"] for e in aside)
        assert len(counting(found)) == (2 if times <= 3 else 0)
        assert sum("set_aside" in r for r in found["runs"]) == 2 * times


@pytest.mark.parametrize(
    ("more", "mistake"),
    [
        ("  jump: {over: 0.3}", "jump-of-one"),
        ("  runs: 2\n  jump: {over: 0.3 * span}", "unit-misfit"),
        ("  runs: 2\n  jump: {over: accuracy_class - 2}", "not-positive"),
        ("  runs: 2\n  more: {when: mean, runs: 2}", "no-condition"),
        ("  runs: 2\n  more: {when: mean > span, runs: 2}", "cannot-compare"),
        ("  runs: 2\n  more: {when: abs(mean) > 2 * mpe, runs: 0}", "must-be-at-least"),
        (
            MORE + "\n  retest: {when: fail, runs: 1, pass: at least 2 of 3 inside}",
            "more-and-retest",
        ),
    ],
)
def test_what_cannot_be_is_told_when_the_file_is_read(lab, more, mistake):
    lab.write("1 reading", points=MID, repeatability=REPEAT, more=more)
    diagnostics = Diagnostics()
    assert load_procedure(lab.procedure, diagnostics) is None
    assert mistake in [d.message.id.rpartition(".")[2] for d in diagnostics.items]


def test_the_record_has_the_tables_beside_the_procedure(lab):
    lab.write("1 reading", points=MID, repeatability=REPEAT)
    text = lab.procedure.read_text()
    (lab.procedure.parent / "points.csv").write_text("point,pressure\nmid,300\nzero,0\n")
    at = text.index("points:\n"), text.index("each_point:\n")
    lab.procedure.write_text(text[: at[0]] + "points: {table: points.csv}\n" + text[at[1] :])
    report, _ = ran(lab)
    assert report.verdict == "pass"
    (lab.procedure.parent / "points.csv").unlink()  # the record needs no file any more
    with Lab.open(lab.path) as records:
        evidence = Evidence.read(records, report.run)
        assert evidence.procedure.point_names() == ("mid", "zero")
        assert evidence.procedure.sha256 == report.document["procedure"]["sha256"]
        assert [r.after for r in rejudge(evidence)] == ["pass"] * 8
    assert json.dumps(report.document)
