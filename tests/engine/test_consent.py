"""Consent before anything is energised, standby between points, roles of units that are set."""

import pytest
from reading_lab import ReadingLab, point

from benchctl.core.errors import RefusedError
from benchctl.core.events import (
    MadeSafe,
    PromptAnswered,
    PromptOpened,
    SettingWritten,
    UndoRegistered,
)
from benchctl.core.ports import Answer
from benchctl.engine import prepare

POINTS = (
    {"point": "low", "pressure": 50},
    {"point": "high", "pressure": 300},
    {"point": "higher", "pressure": 500},
    {"point": "low-again", "pressure": 60},
    {"point": "high-again", "pressure": 400},
)
CONSENT = """
  consent:
    when: point.pressure > 100
    ask: {en: "More than 100 kPa: hands off?", zh: 压力将超过 100 kPa，可以加压吗？}
"""
STANDBY = "  after: {pressure_setpoint: 0}\n"


class Person:
    """Who answers consents as they are told to, in turn, and everything else with yes."""

    def __init__(self, *says):
        self.says = list(says)
        self.asked = []

    def ask(self, prompt, answered):
        if "consent" in (prompt.about or {}):
            self.asked.append(prompt)
            said = self.says.pop(0)
            if said is None:
                raise RefusedError(prompt.question)
            answered(Answer(said, "Li"))
        else:
            answered(Answer(True, "Li"))

    def withdraw(self, prompt):
        """Nothing is left open."""


@pytest.fixture
def lab(tmp_path):
    return ReadingLab(tmp_path, {"units": 2})


def ran(lab, person=None, **more):
    from benchctl.engine import run

    events = []
    by_hand = {"by_hand": True} if person else {}
    report = run(
        lab.request(**more, **by_hand),
        operator=person,
        listeners=[lambda stored: events.append(stored.event)],
    )
    return report, events


def pressures(events):
    """Return what the controller was set to, in order."""
    return [e.value for e in events if isinstance(e, SettingWritten) and e.channel == "setpoint"]


def test_points_that_follow_each_other_are_one_question_asked_before_anything_is_set(lab):
    lab.write("5 readings", points=POINTS, more=CONSENT)
    report, events = ran(lab)
    assert report.outcome == "finished"
    order = [
        e.question["args"]["ordered"] if isinstance(e, PromptOpened) else e.value
        for e in events
        if (isinstance(e, PromptOpened) and e.question["id"] == "engine.question-shown")
        or (
            isinstance(e, SettingWritten)
            and e.channel == "setpoint"
            and e.value in (50, 60, 300, 400, 500)
        )
    ]
    assert order == [50.0, "high, higher", 300.0, 500.0, 60.0, "high-again", 400.0]


def test_without_consent_the_points_are_not_measured_and_nothing_is_set(lab):
    lab.write("5 readings", points=POINTS, more=CONSENT)
    person = Person(False, True)
    report, events = ran(lab, person)
    assert [p.about["consent"] for p in person.asked] == [["high", "higher"], ["high-again"]]
    assert {300.0, 500.0}.isdisjoint(pressures(events))
    assert 400.0 in pressures(events)
    found = {p: point(report, "G-1", p) for p in ("low", "high", "higher", "high-again")}
    assert {n: f["verdict"] for n, f in found.items()} == {
        "low": "pass", "high": "not_measured", "higher": "not_measured", "high-again": "pass",
    }  # fmt: skip
    assert found["higher"]["why"]["text"].endswith("nobody agreed to it: Li said no")
    assert report.verdict == "not_measured"


def test_where_nobody_is_there_nobody_agrees(lab):
    lab.write("5 readings", points=POINTS, more=CONSENT)
    report, events = ran(lab, Person(None, None))
    assert report.outcome == "finished"
    assert max(pressures(events)) == 60.0
    answers = [e for e in events if isinstance(e, PromptAnswered) and e.answer is None]
    assert len(answers) == 2


def test_yes_answers_no_such_question(lab):
    """`--yes` answers confirmations that have a default; a consent is none."""
    lab.write("5 readings", points=POINTS, more=CONSENT)
    person = Person(True, True)
    ran(lab, person)
    assert {(p.kind, p.default) for p in person.asked} == {("yes_no", None)}


def test_a_point_that_is_left_is_left_in_standby_also_when_it_was_void(lab):
    lab.setup = lab.setup | {"tau": 3.0}
    lab.write("5 readings", points=POINTS[:2], more=STANDBY)
    report, events = ran(lab)
    assert report.outcome == "finished"
    assert pressures(events)[:4] == [50.0, 0.0, 300.0, 0.0]
    lab.write("5 readings", points=POINTS[:2], more=CONSENT + STANDBY)
    _, events = ran(lab, Person(False))
    assert pressures(events)[:3] == [50.0, 0.0, 0.0]
    undone = [e.undo for e in events if isinstance(e, UndoRegistered)]
    (safe,) = [e for e in events if isinstance(e, MadeSafe)]
    assert set(undone) <= set(safe.done)


def test_the_plan_says_where_a_person_is_asked_and_what_is_left(lab):
    lab.write("5 readings", points=POINTS[:2], more=CONSENT + STANDBY)
    visits = prepare(lab.request()).plan.as_json()["visits"]
    assert [v.get("consent") for v in visits] == [None, True]
    assert [v["after"] for v in visits] == [{"pressure_setpoint": 0.0}] * 2


RELAY = """
  gauge_relay: {switch: true, per: uut, settable: true}
"""


def test_a_role_of_each_unit_is_set_before_what_drives_it(lab):
    lab.write("5 readings", points=POINTS[:2])
    text = lab.procedure.read_text(encoding="utf-8")
    text = text.replace("needs:\n", "needs:" + RELAY, 1)
    text = text.replace(
        "set: {pressure_setpoint: pressure}",
        "set: {pressure_setpoint: pressure, gauge_relay: point.pressure > 100}",
    )
    text = text.replace("  read:\n", "  after: {gauge_relay: off}\n  read:\n")
    lab.procedure.write_text(text, encoding="utf-8")
    bench = lab.path / "sim_instruments" / "manifold" / "bench.yaml"
    relays = ", ".join(f"scanner.k{n}" for n in range(1, 9))
    bench.write_text(bench.read_text() + f"  gauge_relay: {{positions: [{relays}]}}\n")
    report, events = ran(lab)
    assert report.outcome == "finished"
    written = [(e.channel, e.value) for e in events if isinstance(e, SettingWritten)]
    assert written[:8] == [
        ("k1", False), ("k2", False), ("setpoint", 50.0), ("k1", False), ("k2", False),
        ("k1", True), ("k2", True), ("setpoint", 300.0),
    ]  # fmt: skip


def test_no_more_units_are_in_the_line_than_the_procedure_says(lab):
    lab.write("5 readings", points=POINTS[:1])
    text = lab.procedure.read_text(encoding="utf-8") + "line: {at_once: 1}\n"
    lab.procedure.write_text(text, encoding="utf-8")
    plan = prepare(lab.request()).plan
    assert [load.serials for load in plan.loads] == [("G-1",), ("G-2",)]
