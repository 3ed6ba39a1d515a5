"""The morning gate: checks pass and fail, a failed one refuses the run, a passed gate holds."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from bench_process import ServedBench
from lab_folder import SERIALS, is_safe

from benchctl.bench import load_bench
from benchctl.core.clock import VirtualClock
from benchctl.core.events import (
    ActionFinished,
    ActionStarted,
    GateChecked,
    GateClosed,
    PromptAnswered,
    PromptOpened,
    RawBlock,
    SettingWritten,
    UndoRegistered,
)
from benchctl.core.places import bundled
from benchctl.engine import GateFailedError, RunRequest, run_gate
from benchctl.engine.gate_state import is_due
from benchctl.language import Diagnostics
from benchctl.records import Lab, verify

CHECKS = ["master_zero", "check_weight", "check_meter"]


class Told(list):
    """The events of a run."""

    def __call__(self, stored):
        self.append(stored.event)

    def of(self, *kinds):
        return [e for e in self if isinstance(e, kinds)]

    @property
    def checked(self):
        return {e.check: e for e in self.of(GateChecked)}


def ran(lab, **more):
    told = Told()
    lab.write(gate=True, **more)
    return told, lab.run("quick", points=("Q3",), units=1, on_event=told)


def gate_alone(lab, **more):
    told = Told()
    lab.write(gate=True, **more)
    bench = lab.path / "sim_instruments" / "lab_bench" / "bench.yaml"
    request = RunRequest("gate", bench, lab=lab.path, seed=7)
    return told, run_gate(request, listeners=[told])


# in a run ---------------------------------------------------------------------------------------


def test_a_run_begins_with_the_checks_of_the_gate(lab):
    told, report = ran(lab)
    assert report.outcome == "finished"
    started = [(e.action, e.kind) for e in told.of(ActionStarted)]
    assert started[:4] == [*((f"gate/{c}", "gate") for c in CHECKS), ("load-1/mount", "mount")]
    assert [e.check for e in told.of(GateChecked)] == CHECKS
    assert all(e.passed for e in told.of(GateChecked))
    (closed,) = told.of(GateClosed)
    assert (closed.passed, closed.bench) == (True, "Simulated water line DN 15-20")
    zero, weight, meter = told.checked.values()
    assert (zero.value, zero.unit, zero.within) == (0.0, "m³/h", 0.0001)
    assert weight.value == pytest.approx(20.0, abs=0.01)
    assert abs(meter.value) < 0.5
    assert meter.unit == "%"
    raw = {b.series for b in told.of(RawBlock) if b.action.startswith("gate/")}
    assert {s.partition("/")[2].partition("/")[2] for s in raw} >= {
        "master.volume_flow", "check.volume_flow", "balance.mass/before", "balance.mass/after"
    }  # fmt: skip


def test_the_plan_lists_the_checks_with_their_titles(lab):
    from benchctl.engine import prepare

    plan = prepare(lab.write(gate=True).request("quick")).plan.as_json()
    gates = [a for a in plan["actions"] if a["kind"] == "gate"]
    assert [a["id"] for a in gates] == [f"gate/{c}" for c in CHECKS]
    assert all(a["conditional"] and a["expected_s"] > 0 for a in gates)
    assert plan["titles"]["master_zero"] == {"en": "zero of the master", "zh": "标准表零点"}


def test_every_way_back_of_the_gate_is_in_the_record_before_anything_is_moved(lab):
    told, _ = ran(lab)
    known = set()
    for event in told:
        if isinstance(event, UndoRegistered):
            known.add((event.instrument, event.channel))
        if isinstance(event, SettingWritten) and event.value not in (False, 0, 0.0):
            assert (event.instrument, event.channel) in known


def test_nothing_flows_while_the_zero_is_looked_at_whoever_left_the_pump_on(lab):
    left_on = """
plant = self.plant
plant.change(0.0, lambda i: replace(i, valves=(True, True, False, False, True) + (False,) * 11))
plant.drive(0.0, lambda d: replace(d, control=0x047F, running=True, reference=0.5))
"""
    told, report = ran(lab, at_start=left_on)
    assert told.checked["master_zero"].passed
    assert report.outcome == "finished"


@pytest.mark.parametrize(
    ("trouble", "check", "value"),
    [
        ('self.fault("drifting_zero", True)', "master_zero", 0.0005),
        ('self.fault("maladjusted_balance", True)', "check_weight", 20.02),
        ('self.fault("fouled_check_meter", True)', "check_meter", -1.0),
        ('self.fault("air", True)', "check_meter", -1.5),
    ],
)
def test_a_check_that_fails_refuses_the_run_and_leaves_the_bench_safe(lab, trouble, check, value):
    told, report = ran(lab, at_start=trouble)
    assert [e.check for e in told.of(GateChecked)] == CHECKS  # all are made
    assert [e.check for e in told.of(GateChecked) if not e.passed] == [check]
    found = told.checked[check]
    assert found.value == pytest.approx(value, abs=0.5 * found.within + abs(value) * 0.2)
    assert told.of(GateClosed)[0].passed is False
    assert (report.exit_code, report.outcome, report.document["outcome"]) == (
        3,
        "refused",
        "refused",
    )
    assert isinstance(report.error, GateFailedError)
    assert not any(e.action.startswith("load-1") for e in told.of(ActionStarted))
    assert is_safe(lab.left)
    assert lab.left["check_weight"] is False
    assert report.document["uuts"][0]["verdict"] == "not_measured"
    with Lab.open(lab.path, create=False) as records:
        assert verify(records, report.run) == []
        reason = records.document(report.run, "zh")["reason"]["text"]
    assert "开工核查未通过" in reason


def test_the_reason_names_every_check_that_failed_by_its_title(lab):
    trouble = 'self.fault("drifting_zero", True); self.fault("maladjusted_balance", True)'
    _, report = ran(lab, at_start=trouble)
    text = report.document["reason"]["text"]
    assert "zero of the master; check weight on the balance" in text
    assert "check meter" not in text


def test_the_check_weight_is_put_on_and_taken_off_again(lab):
    told, _ = ran(lab)
    asked = [e for e in told.of(PromptOpened) if e.item == "check_weight"]
    assert [e.question["args"]["zh"][:4] for e in asked] == ["请将 2", "请将核查"]
    assert [e.kind for e in asked] == ["confirm", "confirm"]
    assert len([e for e in told.of(PromptAnswered) if e.answer is True]) >= 2


def test_a_weight_that_stays_on_the_balance_fails_the_check(lab):
    forgets = """
if (prompt.about or {}).get("on") is False:
    from benchctl.core.ports import Answer
    return Answer(True, "forgetful", after=1.0)
"""
    told, report = ran(lab, at_question=forgets)
    found = told.checked["check_weight"]
    assert (found.passed, found.value, found.why["id"]) == (False, None, "engine.gate-not-undone")
    assert report.exit_code == 3
    asked = [e for e in told.of(PromptOpened) if e.item == "check_weight"]
    assert len(asked) == 4


def test_a_person_who_says_no_fails_the_check(lab):
    declines = """
if (prompt.about or {}).get("gate"):
    from benchctl.core.ports import Answer
    return Answer(False, "busy", after=1.0)
"""
    told, report = ran(lab, at_question=declines)
    assert told.checked["check_weight"].why["id"] == "engine.gate-declined"
    assert (report.exit_code, report.outcome) == (3, "refused")


def test_a_restless_balance_is_waited_for_then_fails_the_check(lab):
    told, report = ran(lab, at_start='self.fault("restless_balance", True, kg=0.5)')
    found = told.checked["check_weight"]
    assert (found.passed, found.value, found.why["id"]) == (False, None, "engine.gate-unread")
    assert report.outcome == "refused"
    assert told.checked["check_meter"].passed


def test_water_that_the_tank_still_holds_is_let_off_before_the_weight_is_put_on(lab):
    full = """
plant = self.plant
plant.change(0.0, lambda i: replace(i, diverted=True, valves=(True, True, False, False, True, True) + (False,) * 10))
plant.drive(0.1, lambda d: replace(d, control=0x047F, running=True, reference=0.9))
plant.drive(2.0, lambda d: d)
plant.drive(6.0, lambda d: replace(d, control=0, running=False))
self.clock.sleep(20.0)
"""  # noqa: E501
    told, report = ran(lab, at_start=full)
    assert told.checked["check_weight"].passed
    assert report.outcome == "finished", report.error


# how long it holds ------------------------------------------------------------------------------


def gate_of(text=None):
    path = bundled("sim_instruments") / "water_bench" / "bench.yaml"
    file = load_bench(path, Diagnostics())
    return file.gate


def closed(at, *, passed=True, sha256=None):
    gate = gate_of()
    return GateClosed("bench", sha256 or gate.sha256, passed, at.isoformat())


def test_a_gate_holds_for_its_time_and_for_what_it_says():
    gate, clock = gate_of(), VirtualClock()
    now = clock.utc()
    assert is_due(gate, None, clock)
    assert not is_due(None, None, clock)
    assert not is_due(gate, closed(now - timedelta(hours=15.9)), clock)
    assert is_due(gate, closed(now - timedelta(hours=16.1)), clock)
    assert is_due(gate, closed(now - timedelta(hours=1), passed=False), clock)
    assert is_due(gate, closed(now - timedelta(hours=1), sha256="another"), clock)
    assert not is_due(gate, closed(now + timedelta(minutes=1)), clock)  # a bench at speed 12
    assert is_due(gate, closed(now + timedelta(days=1)), clock)  # the clock was set back
    naive = now.astimezone(UTC).replace(tzinfo=None) - timedelta(hours=1)
    assert not is_due(gate, closed(naive), clock)


def test_the_last_gate_of_a_bench_is_found_among_its_runs(tmp_path):
    at = datetime(2026, 1, 5, 8, tzinfo=UTC)
    with Lab.open(tmp_path) as records:
        assert records.last_gate("A") is None
        for bench, passed in (("A", True), ("B", True), ("A", False)):
            journal = records.begin_run(bench, clock=VirtualClock())
            journal.emit(GateClosed(bench, "abc", passed, at.isoformat()))
        assert records.last_gate("A").passed is False
        assert records.last_gate("B").passed is True
        assert records.last_gate("C") is None


# by itself --------------------------------------------------------------------------------------


def test_the_gate_alone_is_recorded_and_safe(lab):
    told, report = gate_alone(lab)
    assert report.error is None
    assert report.outcome == "finished"
    assert list(told.checked) == CHECKS
    assert is_safe(lab.left)
    assert report.document["procedure"]["name"] == "gate"
    assert report.document["uuts"] == []
    with Lab.open(lab.path, create=False) as records:
        assert verify(records, report.run) == []


def test_the_gate_alone_tells_what_failed(lab):
    _, report = gate_alone(lab, at_start='self.fault("fouled_check_meter", True)')
    assert isinstance(report.error, GateFailedError)
    assert report.outcome == "refused"
    assert is_safe(lab.left)


# on a bench that stays --------------------------------------------------------------------------


@pytest.fixture
def guarded(lab):
    """The lab's bench, with its gate, in a process of its own."""
    lab.write(gate=True)
    served = ServedBench(lab.path)
    yield served
    served.close()


def outcomes(lab):
    """What became of the gate's actions in the last run."""
    with Lab.open(lab.path, create=False) as records:
        events = [s.event for s in records.events(records.find_run())]
    done = [
        e.outcome for e in events if isinstance(e, ActionFinished) and e.action.startswith("gate/")
    ]
    return done, [e.passed for e in events if isinstance(e, GateClosed)]


def test_a_passed_gate_holds_for_the_runs_of_the_day_on_a_served_bench(guarded, lab):
    bench = guarded
    gate = bench.done("bench", "gate", "--bench", bench.bench_file, "--speed", bench.rate, "--json")
    assert gate.code == 0, gate.shown
    assert [c["check"] for c in json.loads(gate.shown[gate.shown.index("{") :])["checks"]] == CHECKS
    assert bench.state()["check_weight"] is False
    process = bench.run("quick", "--points", "Q3", "--yes")
    bench.wait_for(lambda s: s["drive"]["running"])
    process.signal(2)
    assert process.finish().code == 4
    assert outcomes(lab) == (["skipped"] * 3, [])
    text = bench.bench_file.read_text(encoding="utf-8")
    bench.bench_file.write_text(text.replace("valid_for: 16 h", "valid_for: 8 h"), encoding="utf-8")
    bench.say("fault drifting_zero on")
    ended = bench.run("quick", "--points", "Q3", "--yes").finish()
    assert (ended.code, ended.document["outcome"]) == (3, "refused")
    assert outcomes(lab)[1] == [False]
    assert is_safe(bench.state())


def test_a_person_reads_the_dials_of_a_served_bench_where_it_is(guarded):
    bench = guarded
    from benchctl.core.messages import msg
    from benchctl.core.ports import Prompt
    from benchctl.simulation import Hands

    hands = Hands(bench.about["hands"])
    prompt = Prompt(
        "", "number", msg("driver.quantity-volume"), uut=SERIALS[0], position=1, unit="L"
    )
    shown = hands.answer(prompt)
    assert shown.by == "simulated operator"
    assert shown.value > 0
    weight = Prompt(
        "", "confirm", msg("driver.quantity-mass"), about={"gate": "check_weight", "on": True}
    )
    assert hands.answer(weight).value is True
    assert bench.state()["check_weight"] is True
