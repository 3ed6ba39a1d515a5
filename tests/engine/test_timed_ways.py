"""What is looked at for a time, through a run on a simulated bench: counts, waits, rates."""

import math

import pytest
from ways_lab import WaysLab, point

COUNT = """
measurand:
  creep: {unit: imp, model: pulses}
  uncertainty: {pulses: [{half_width: 0}]}
limits: [{mpe: [-1, 1.5]}]
stages: {initial: mpe}
decision: {rule: simple acceptance}
items: [creep]
points: [{point: creep, load: 0}]
each_point:
  count: {of: pulses, for: 10 min, at_most: 1, every: 1 s}
"""
WAIT = """
measurand:
  start: {unit: s, model: waited}
  uncertainty: {}
limits: [{mpe: [-1, 30]}]
stages: {initial: mpe}
decision: {rule: simple acceptance}
items: [start]
points: [{point: start, load: 0}]
each_point:
  wait: {for: pulses >= 1, at_most: 60 s, every: 0.5 s}
"""
RATE = """
measurand:
  leak: {unit: kPa/min, model: 60 * -change / elapsed}
  uncertainty: {}
limits: [{mpe: [-10, 0.8]}]
stages: {initial: mpe}
decision: {rule: simple acceptance}
items: [leak]
points: [{point: shut, pressure: 300, open: 0}]
each_point:
  set: {pressure_setpoint: pressure, release: open == 1}
  rate: {of: line_pressure, over: 60 s, every: 0.5 s}
"""
EMPTY = """
measurand:
  exhaust: {unit: s, model: waited}
  uncertainty: {}
limits: [{mpe: [0, 10]}]
stages: {initial: mpe}
decision: {rule: simple acceptance}
items: [exhaust]
points: [{point: exhaust, pressure: 260, open: 1}]
each_point:
  set: {pressure_setpoint: pressure, release: open == 1}
  wait: {for: line_pressure <= 15, after: line_pressure <= 200, at_most: 20 s, every: 0.1 s}
"""


@pytest.fixture
def lab(tmp_path):
    return WaysLab(tmp_path)


def test_a_meter_that_creeps_is_seen_before_the_time_is_over(lab):
    lab.setup = {"pulse_every": {"1": 100.0, "2": 5000.0}}
    report = lab.write(COUNT, "pulses").run()
    creeps, still = point(report, "U-1", "creep"), point(report, "U-2", "creep")
    assert (creeps["verdict"], creeps["error"]) == ("fail", 2.0)
    assert (still["verdict"], still["error"]) == ("pass", 0.0)
    lasted = [r["window"][1] - r["window"][0] for r in (creeps["runs"][0], still["runs"][0])]
    assert lasted[0] < 210
    assert lasted[1] == pytest.approx(600, abs=1.5)


def test_the_time_to_the_first_pulse_is_waited_for(lab):
    lab.setup = {"pulse_every": {"1": 24.0, "2": 25.0}}
    report = lab.write(WAIT, "pulses").run()
    found = point(report, "U-1", "start")
    began = found["runs"][0]["window"][0]
    assert found["verdict"] == "pass"
    assert found["error"] == pytest.approx(24.0 * math.ceil(began / 24.0) - began, abs=0.26)
    assert found["U"] == pytest.approx(2 * 0.5 / math.sqrt(12), rel=0.05)


def test_what_never_happens_fails_and_is_no_error(lab):
    lab.setup = {"pulse_every": {"1": 24.0}}
    report = lab.write(WAIT, "pulses").run()
    found = point(report, "U-2", "start")
    assert (found["verdict"], found["error"]) == ("fail", 60.0)
    assert "had not happened" in str(found["runs"][0]["notes"])
    assert report.outcome == "finished"
    assert point(report, "U-1", "start")["verdict"] == "pass"


def test_a_leak_is_told_by_a_straight_line_with_the_uncertainty_of_the_fit(lab):
    lab.setup = {"leak": 0.7 / 60, "noise": 0.05, "units": 1}
    report = lab.write(RATE, "pressure_setpoint", "line_pressure", "release").run()
    found = point(report, "U-1", "shut")
    assert found["error"] == pytest.approx(0.7, abs=2 * found["U"])
    # slope of n readings over T with scatter s: u = s sqrt(12/n) / T
    assert found["U"] == pytest.approx(2 * 0.05 * math.sqrt(12 / 121), rel=0.4)
    assert found["verdict"] == "pass"


def test_emptying_is_timed_from_one_pressure_to_another(lab):
    lab.setup = {"empties": 3.0, "units": 1}
    report = lab.write(EMPTY, "pressure_setpoint", "line_pressure", "release").run()
    found = point(report, "U-1", "exhaust")
    assert found["error"] == pytest.approx(3.0 * math.log(200 / 15), abs=0.02)


def test_what_began_before_it_was_looked_at_is_not_measured(lab):
    """Else what is over already would seem to have taken no time at all."""
    lab.setup = {"empties": 3.0, "units": 1}
    text = EMPTY.replace("after: line_pressure <= 200", "after: line_pressure <= 300")
    report = lab.write(text, "pressure_setpoint", "line_pressure", "release").run()
    found = point(report, "U-1", "exhaust")
    assert found["verdict"] == "not_measured"
    assert "had begun" in str(found["why"])


def test_a_rate_may_begin_at_a_value(lab):
    lab.setup = {"empties": 30.0, "units": 1}
    text = RATE.replace("open: 0", "open: 1").replace("[-10, 0.8]", "[-10, 1000]")
    text = text.replace("over: 60 s", "after: line_pressure <= 200, over: 3 s")
    report = lab.write(text, "pressure_setpoint", "line_pressure", "release").run()
    found = point(report, "U-1", "shut")
    assert found["error"] == pytest.approx(60 * 200 * (1 - math.exp(-0.1)) / 3.0, rel=0.02)


@pytest.mark.parametrize("body", [COUNT, WAIT, RATE, EMPTY])
def test_the_record_gives_the_same_counts_times_and_changes_again(lab, body):
    from benchctl.engine.audit import Evidence, recompute
    from benchctl.records import Lab

    lab.setup = {"pulse_every": {"1": 100.0, "2": 24.0}, "leak": 0.01, "noise": 0.05}
    roles = ("pressure_setpoint", "line_pressure", "release") if "set:" in body else ("pulses",)
    report = lab.write(body, *roles).run()
    with Lab.open(lab.path) as opened:
        found = recompute(Evidence.read(opened, report.run))
    assert found.differences == []
    assert found.results == 2
    assert sum(n for what, n in found.compared.items() if what.startswith("input")) >= 2


def test_a_wait_that_the_limits_would_outlast_is_refused(lab):
    from benchctl.language import Diagnostics
    from benchctl.procedure import load_procedure

    lab.write(WAIT.replace("at_most: 60 s", "at_most: 20 s"), "pulses")
    diagnostics = Diagnostics()
    load_procedure(lab.procedure, diagnostics)
    assert [d.message.id for d in diagnostics.items] == ["procedure.wait-short"]


def test_how_long_is_looked_may_follow_from_the_point(lab):
    lab.setup = {"pulse_every": {"1": 5000.0, "2": 5000.0}}
    spans = "for: 2 * point.time, at_most: 1, every: point.time / 60"
    text = COUNT.replace("load: 0}", "load: 0, time: 120}")
    text = text.replace("for: 10 min, at_most: 1, every: 1 s", spans)
    assert text.count("point.time") == 2
    report = lab.write(text, "pulses").run()
    (made,) = point(report, "U-1", "creep")["runs"]
    assert made["window"][1] - made["window"][0] == pytest.approx(240, abs=2.5)
    assert made["readings"]["n"] == pytest.approx(121, abs=1)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("for: 10 min", "for: 0 * time", "procedure.unknown-name"),
        ("for: 10 min", "for: 0 * point.time", "procedure.not-positive"),
        ("every: 1 s", "every: 0 s", "procedure.not-positive"),
        ("for: 10 min", "for: 10 kg", "units.misfit"),
    ],
)
def test_a_time_that_is_none_is_told(lab, old, new, expected):
    from benchctl.language import Diagnostics
    from benchctl.procedure import load_procedure

    text = COUNT.replace("load: 0}", "load: 0, time: 120}").replace(old, new)
    lab.write(text, "pulses")
    diagnostics = Diagnostics()
    load_procedure(lab.procedure, diagnostics)
    assert [d.message.id for d in diagnostics.items] == [expected]
