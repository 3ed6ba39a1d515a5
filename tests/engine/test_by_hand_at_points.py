"""What a person does and reads at a point: prompts, further readings, what is carried, slips."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from bench_process import environment
from ways_lab import WaysLab, point

from benchctl.engine import RunRequest, resume
from benchctl.records import Lab

SCALE = """
parameters:
  e: {unit: g, default: 1}
measurand:
  error: {unit: g, model: indication + 0.5 * e - added - point.load - zero_error}
  carry: {zero_error: zero}
  where: {weights: {unit: g, value: point.load}}
  uncertainty:
    indication: [{half_width: 0}, {repeatability: 0.02}]
    added: [{resolution: 0.1 * e}]
limits: [{mpe: ±0.5 g}]
stages: {initial: mpe}
decision: {rule: simple acceptance}
items: [error]
points:
  - {point: zero, load: 0 * e, place: "centre"}
  - {point: min, load: 20 * e, place: "centre"}
  - {point: corner, load: 500 * e, place: {en: left front, zh: 左前}}
each_point:
  prompt:
    ask: {en: "Put the weights on, take all others off:", zh: 放上砝码，取下其他砝码：}
    show: [point.load, point.place]
  plausible: {indication: [point.load - 20 * e, point.load + 20 * e], added: [0 * e, 2 * e]}
  settle: {soak: 3 s}
  read: {indication: indication, reference: weights, how_many: 1 reading}
"""
ROLES = ("indication", "added")


@pytest.fixture
def lab(tmp_path):
    return WaysLab(tmp_path)


def test_the_turning_point_is_read_by_a_person_and_the_zero_is_carried(lab):
    lab.setup = {"errors": {"U-1": 0.2, "U-2": -0.8}}
    report = lab.write(SCALE, *ROLES).run()
    for serial, true in (("U-1", 0.2), ("U-2", -0.8)):
        assert point(report, serial, "zero")["error"] == pytest.approx(true, abs=0.051)
        assert point(report, serial, "corner")["error"] == pytest.approx(0.0, abs=0.101)
    at_zero = point(report, "U-1", "zero")
    corner = point(report, "U-1", "corner")["runs"][0]
    lines = {line["input"]: line for line in corner["budget"]}
    assert lines["zero_error"]["source"] == "carried"
    assert lines["zero_error"]["u"] == pytest.approx(at_zero["U"] / at_zero["k"])
    assert (point(report, "U-2", "zero")["verdict"], point(report, "U-2", "min")["verdict"]) == (
        "fail",
        "pass",
    )


def test_what_the_zero_was_not_measured_for_is_not_measured_either(lab):
    lab.setup = {"refused": [[["U-1"], "zero"]]}
    report = lab.write(SCALE, *ROLES).run()
    assert point(report, "U-1", "zero")["verdict"] == "not_measured"
    assert point(report, "U-1", "min")["verdict"] == "not_measured"
    assert "zero" in str(point(report, "U-1", "min")["why"])
    assert point(report, "U-2", "min")["verdict"] == "pass"


def test_a_prompt_says_load_and_place_in_both_languages(lab):
    prompts = []
    lab.write(SCALE, *ROLES)

    def listen(stored):
        event = stored.event
        if type(event).__name__ == "PromptOpened" and event.kind == "confirm":
            prompts.append(event.question)

    lab.run(listeners=[listen])
    from benchctl.core.messages import message_from_json, words

    assert prompts
    said = [(words(message_from_json(p), "en"), words(message_from_json(p), "zh")) for p in prompts]
    assert any("load = 500 g, left front" in en and "左前" in zh for en, zh in said)


def test_the_record_of_readings_by_a_person_gives_the_same_results_again(lab):
    from benchctl.engine.audit import Evidence, recompute
    from benchctl.records import Lab

    lab.setup = {"errors": {"U-1": 0.2}}
    report = lab.write(SCALE, *ROLES).run()
    with Lab.open(lab.path) as opened:
        found = recompute(Evidence.read(opened, report.run))
    assert found.differences == []
    assert found.results == 6
    assert not found.unread
    assert found.compared["carried zero_error"] == 6


def test_mistyped_readings_are_caught(lab):
    lab.setup = {"errors": {"U-1": 0.2, "U-2": -0.3}, "slips": 0.4}
    entries = []

    def listen(stored):
        event = stored.event
        if type(event).__name__ == "PromptAnswered" and not isinstance(event.answer, bool):
            entries.append(event.answer)

    lab.write(SCALE, *ROLES)
    for seed in (1, 2, 3):
        report = lab.run(listeners=[listen], seed=seed)
        for serial, true in (("U-1", 0.2), ("U-2", -0.3)):
            assert point(report, serial, "zero")["error"] == pytest.approx(true, abs=0.051)
            for name in ("min", "corner"):
                assert point(report, serial, name)["error"] == pytest.approx(0.0, abs=0.101)
    assert len(entries) > 3 * 12 + 4  # some were asked for again


def test_a_temperature_of_each_unit_is_read_along(lab):
    body = """
parameters: {usual_warmth: {unit: °C, default: 20}, nominal: {unit: kPa, default: 100}}
measurand:
  error: {unit: "%", model: 100 * (line_pressure / nominal - 1 + 0.02 * warmth / usual_warmth)}
  uncertainty: {line_pressure: [{half_width: 0.1}], warmth: [{half_width: 0.1}]}
limits: [{mpe: ±5 %}]
stages: {initial: mpe}
decision: {rule: simple acceptance}
items: [error]
points: [{point: one, pressure: 100, open: 0}]
each_point:
  set: {pressure_setpoint: pressure, release: open == 1}
  rate: {of: line_pressure, over: 20 s}
"""
    lab.write(body, "pressure_setpoint", "line_pressure", "release", "warmth")
    report = lab.run()
    found = [point(report, f"U-{n}", "one")["error"] for n in (1, 2)]
    assert found == pytest.approx([2 * 21 / 20, 2 * 22 / 20])


def test_a_picture_that_is_not_there_is_told_with_its_place(lab):
    from benchctl.language import Diagnostics
    from benchctl.procedure import load_procedure

    lab.write(SCALE, *ROLES)
    (lab.path / "procedures" / "added.svg").unlink()
    diagnostics = Diagnostics()
    load_procedure(lab.procedure, diagnostics)
    (found,) = diagnostics.items
    assert found.message.id == "procedure.picture-missing"
    assert found.span.line == 1 + next(
        n for n, line in enumerate(lab.procedure.read_text().splitlines()) if "added.svg" in line
    )


def test_after_a_pause_the_weights_are_asked_for_again(lab):
    from benchctl.engine import run

    controls, asked, course = [], [], []

    def listen(stored):
        event = stored.event
        match type(event).__name__:
            case "PromptOpened" if event.kind == "confirm" and event.uut == "U-1":
                asked.append(event.question["args"])
            case "ActionStarted":
                course.append(event.action)
                if event.action == "load-1/min/run-1" and len(controls) == 1:
                    controls.pop().pause("Li", now=True)

    lab.write(SCALE, *ROLES)
    report = run(lab.request(), listeners=[listen], on_control=controls.append)
    assert report.outcome == "finished"
    at_min = [a for a in course if a.startswith("load-1/min")]
    once = [f"load-1/min/{step}" for step in ("set", "prompt", "settle", "run-1")]
    assert at_min == [*once, *once]
    assert len([q for q in asked if "20 g" in str(q)]) == 2
    assert point(report, "U-1", "min")["verdict"] == "pass"


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from ways_lab import WaysLab
from benchctl.engine import run

def listen(stored):
    if getattr(stored.event, "action", "") == "load-1/corner/settle":
        os.kill(os.getpid(), signal.SIGKILL)

run(WaysLab(Path(sys.argv[2])).request(), listeners=[listen])
"""


def test_a_run_that_was_killed_asks_for_the_weights_again_and_carries_the_zero(lab):
    """What stood on the scales when the power went off nobody knows."""
    lab.setup = {"errors": {"U-1": 0.2}}
    lab.write(SCALE, *ROLES)
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(lab.path)],
        env=environment(lab.path),
        timeout=60,
    )
    assert child.returncode == -signal.SIGKILL
    with Lab.open(lab.path, create=False) as records:
        run_id = records.find_run("latest")
    asked = []

    def listen(stored):
        event = stored.event
        if type(event).__name__ == "PromptOpened" and event.kind == "confirm":
            asked.append(str(event.question["args"]))

    report = resume(run_id, RunRequest("", lab=lab.path, speed=""), listeners=[listen])
    assert report.outcome == "finished"
    assert len([q for q in asked if "500 g" in q]) == 2
    assert not [q for q in asked if "load = 20 g" in q]
    assert point(report, "U-1", "zero")["error"] == pytest.approx(0.2, abs=0.051)
    assert point(report, "U-1", "corner")["error"] == pytest.approx(0.0, abs=0.101)
