"""A screened run that was cut off: a verdict without a value stands, nobody has a second chance."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from bench_process import environment
from reading_lab import ReadingLab

from benchctl.core.events import PointJudged, RunMeasured
from benchctl.engine import RunRequest, resume
from benchctl.records import Lab

WALD = "{sequential: 0.05 %, sigma: 0.05 %, risks: [2 %, 2 %], at_most: 60}"
CHILD = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from reading_lab import ReadingLab
from benchctl.core.events import PointJudged
seen = []
def listen(stored):
    seen.extend([stored] if isinstance(stored.event, PointJudged) else [])
    if len(seen) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
ReadingLab(Path(sys.argv[1])).run(service="test", listeners=[listen])
"""


def of_kind(lab, run, kind):
    with Lab.open(lab.path) as opened:
        return [stored.event for stored in opened.events(run, kind=kind.KIND)]


@pytest.mark.parametrize(
    "rule", [WALD, "{planned: 12, at_least: 5, risk: 1 %}"], ids=["sequential", "early"]
)
def test_who_was_judged_before_the_cut_is_not_measured_again(tmp_path, rule):
    lab = ReadingLab(tmp_path)
    lab.setup = {"errors": {"1": [1.2, 0.0], "2": [-30.0, 0.0], "3": [0.0, 0.02], "4": [0.3, 0.0]}}
    lab.write(rule, services="services: [test]", within="5 kPa")
    child = subprocess.run(
        [sys.executable, "-c", CHILD, lab.path, Path(__file__).parent],
        env=environment(lab.path),
        timeout=100,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL
    with Lab.open(lab.path, create=False) as records:
        run = records.find_run("latest")
    before = of_kind(lab, run, PointJudged)
    assert len(before) >= 2
    report = resume(run, RunRequest("", lab=lab.path, speed=""))
    assert report.outcome == "finished"
    after = of_kind(lab, run, PointJudged)
    assert after[: len(before)] == before
    places = [(e.uut, e.point) for e in after]
    assert len(places) == len(set(places)) == 8  # each was judged once
    judged = {(e.uut, e.point) for e in before}
    runs = [(e.uut, e.point) for e in of_kind(lab, run, RunMeasured) if e.valid]
    assert all(runs.count(place) == 1 for place in judged)
    verdicts = {u["serial"]: u["verdict"] for u in report.document["uuts"]}
    assert verdicts == {"G-1": "pass", "G-2": "fail", "G-3": "pass", "G-4": "pass"}
