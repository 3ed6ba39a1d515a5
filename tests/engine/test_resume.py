"""A run that was cut off by kill -9 goes on: nothing acknowledged is lost, nothing is repeated."""

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from bench_process import environment

from benchctl.core.errors import RefusedError
from benchctl.core.events import RawBlock, RunMeasured, RunResumed
from benchctl.engine import RunRequest, resume
from benchctl.engine.audit import Evidence, recompute
from benchctl.records import Lab, verify

KILLED = Path(__file__).with_name("killed_run.py")


def killed(lab, n, procedure="quick", units=2, run=()):
    """Kill a run once its n-th event is acknowledged; return the run, and that event's number."""
    child = subprocess.run(
        [sys.executable, KILLED, lab.path, procedure, str(units), str(n), *run],
        stdout=subprocess.PIPE,
        env=environment(lab.path),
        timeout=60,
    )
    assert child.returncode == -signal.SIGKILL, child
    with Lab.open(lab.path, create=False) as records:
        run_id = records.find_run("latest")
        last = list(records.events(run_id))[-1].seq
        assert last >= int(child.stdout)
    return run_id, last


def going_on(lab, run_id, **more):
    return resume(run_id, RunRequest("", lab=lab.path, speed="", **more))


def counted(records, run_id):
    """How often each run of a unit at a point counts."""
    told = (s.event for s in records.events(run_id, kind=RunMeasured.KIND))
    return Counter((e.uut, e.point, e.run) for e in told if e.valid)


@pytest.fixture
def whole(lab):
    """The same run, never cut off, and how many events it has."""
    lab.write(gate=True)
    report = lab.run("whole")
    with Lab.open(lab.path) as records:
        return report.document, sum(1 for _ in records.events(report.run))


def assert_agrees(document, whole):
    """Verdicts are the same, and errors differ by no more than their uncertainties allow."""
    assert document["outcome"] == "finished"
    assert [u["verdict"] for u in document["uuts"]] == [u["verdict"] for u in whole["uuts"]]
    for one, other in zip(document["uuts"], whole["uuts"], strict=True):
        for mine, usual in zip(one["points"], other["points"], strict=True):
            assert (mine["item"], mine["point"]) == (usual["item"], usual["point"])
            assert mine["verdict"] == usual["verdict"]
            if mine["error"] is not None:
                allowed = 2.0 * (mine["U"] ** 2 + usual["U"] ** 2) ** 0.5
                assert abs(mine["error"] - usual["error"]) <= allowed


@pytest.mark.parametrize("share", [0.08, 0.3, 0.5, 0.62, 0.75, 0.9])
def test_a_killed_run_goes_on_and_comes_to_the_same_verdicts(lab, whole, share):
    usual, events = whole
    run_id, last = killed(lab, round(share * events), "whole")
    with Lab.open(lab.path) as records:
        before = [(s.seq, s.hash) for s in records.events(run_id)]
        counts_before = counted(records, run_id)
    report = going_on(lab, run_id)
    assert_agrees(report.document, usual)
    assert report.run == run_id
    with Lab.open(lab.path) as records:
        after = list(records.events(run_id))
        assert [(s.seq, s.hash) for s in after[:last]] == before
        assert verify(records, run_id) == []
        assert set(counted(records, run_id).values()) == {1}
        assert counts_before <= counted(records, run_id)
        assert after[last].t >= max(s.t for s in after[:last])
        names = [(s.event.series, s.event.first) for s in after if isinstance(s.event, RawBlock)]
        assert len(names) == len(set(names))
    (incident,) = [i for i in report.document["incidents"] if i["kind"] == "resume"]
    assert incident["changes"] == []


def test_the_environment_of_a_run_that_went_on_is_that_of_both_parts(lab):
    lab.write()
    report = lab.run("quick", units=2)
    usual = report.document
    with Lab.open(lab.path) as records:
        first = next(records.events(report.run, kind=RunMeasured.KIND)).seq
    run_id, _ = killed(lab, first + 4)
    with Lab.open(lab.path) as records:
        blocks = [
            s.event
            for s in records.events(run_id, kind=RawBlock.KIND)
            if s.event.action == "environment" and s.event.channels
        ]
        raw = {b.channels[0]: records.raw(run_id, b.series) for b in blocks}
    document = going_on(lab, run_id).document
    before = {e["quantity"]: e for e in usual["environment"]}
    assert raw.keys() == before.keys()
    for seen in document["environment"]:
        role = seen["quantity"]
        assert seen["before"] == raw[role][2][0] == before[role]["before"]
        assert seen["min"] <= raw[role][2].min()
        assert seen["max"] >= raw[role][2].max()
        assert seen["n"] > raw[role].shape[1] > 1
    with Lab.open(lab.path) as records:
        assert recompute(Evidence.read(records, run_id)).differences == []


def test_a_run_that_is_killed_again_and_again_comes_to_its_end(lab, whole):
    usual, events = whole
    run_id, _ = killed(lab, events // 3, "whole")
    for _ in range(3):
        killed(lab, 12, "whole", run=(run_id,))
    report = going_on(lab, run_id)
    assert_agrees(report.document, usual)
    assert [i["kind"] for i in report.document["incidents"]].count("resume") == 4


def test_it_is_not_gone_on_with_what_changed_unless_told_why(lab):
    lab.write()
    run_id, last = killed(lab, 30)
    bench = lab.path / "sim_instruments" / "lab_bench" / "bench.yaml"
    bench.write_text(bench.read_text(encoding="utf-8") + "# moved\n", encoding="utf-8")
    with pytest.raises(RefusedError, match="the bench file of"):
        going_on(lab, run_id)
    with Lab.open(lab.path) as records:
        assert len(list(records.events(run_id))) == last
    report = resume(run_id, RunRequest("", lab=lab.path, speed=""), because="a comment was added")
    assert report.document["outcome"] == "finished"
    (incident,) = [i for i in report.document["incidents"] if i["kind"] == "resume"]
    assert incident["because"] == "a comment was added"
    assert "bench file" in incident["changes"][0]["text"]


def test_a_run_of_which_other_steps_are_planned_now_never_goes_on(lab):
    lab.write()
    run_id, _ = killed(lab, 30)
    procedure = lab.path / "procedures" / "quick.yaml"
    text = procedure.read_text(encoding="utf-8")
    without = "".join(line for line in text.splitlines(True) if "  retest:" not in line)
    assert without != text
    procedure.write_text(without, encoding="utf-8")
    with pytest.raises(RefusedError, match="not what was planned"):
        resume(run_id, RunRequest("", lab=lab.path, speed=""), because="never mind")


def test_a_run_that_is_over_does_not_go_on(lab):
    lab.write()
    report = lab.run("quick", units=1)
    with pytest.raises(RefusedError):
        going_on(lab, report.run)


def test_another_person_who_goes_on_is_responsible_from_then_on(lab):
    lab.write()
    run_id, _ = killed(lab, 30)
    document = going_on(lab, run_id, operator="Wang Fang").document
    assert document["operators"][-1]["name"] == "Wang Fang"
    with Lab.open(lab.path) as records:
        (resumed,) = [s.event for s in records.events(run_id, kind=RunResumed.KIND)]
    assert resumed.by == "Wang Fang"
