"""Weights against a standard on one comparator, A B B A, in whole runs."""

import math

import numpy as np
import pytest
from mass_lab import BY_PERSON, MassLab
from reading_lab import point

from benchctl.acquire import drift_free
from benchctl.acquire.comparing import abba
from benchctl.core.events import PromptOpened, RunMeasured, SettingWritten
from benchctl.engine import prepare
from benchctl.language import FileError


@pytest.fixture
def lab(tmp_path):
    return MassLab(tmp_path)


def ran(lab, **more):
    events = []
    report = lab.run(listeners=[lambda stored: events.append(stored.event)], **more)
    assert report.outcome == "finished", report.document["reason"]
    return report, events


def measured(events, serial="M-1"):
    return next(e for e in events if isinstance(e, RunMeasured) and e.uut == serial)


def test_a_drift_of_the_comparator_leaves_no_trace_in_the_difference(lab):
    lab.setup = {"drift": 0.02}  # 0.02 mg/s: between two readings more than the limit is wide
    lab.write()
    text = lab.procedure.read_text(encoding="utf-8")
    assert "within 0.1 mg for 5 s" in text  # the drift alone is as much in 5 s
    lab.procedure.write_text(text.replace("within 0.1 mg", "within 0.5 mg"), encoding="utf-8")
    report, events = ran(lab)
    first, second = point(report, "M-1", "100g"), point(report, "M-2", "100g")
    assert (first["verdict"], first["error"]) == ("pass", pytest.approx(0.95, abs=first["U"]))
    assert (second["verdict"], second["error"]) == ("fail", pytest.approx(-2.2, abs=second["U"]))
    assert measured(events).readings["drift"] == pytest.approx(0.02, abs=0.002)
    assert first["U"] < 0.08


def test_the_sequences_give_the_uncertainty_of_their_mean(lab):
    lab.setup = {"sigma": 0.05}
    lab.write()
    report, events = ran(lab)
    found = measured(events)
    differences = found.readings["differences"]
    assert len(differences) == 3
    line = next(b for b in found.budget if b["source"] == "readings")
    assert line["u"] == pytest.approx(np.std(differences, ddof=1) / math.sqrt(3))
    assert (line["dof"], line["input"]) == (2.0, "comparator")
    assert found.n == 12
    why = point(report, "M-1", "100g")["runs"][0]["readings"]["why"]["text"]
    assert why == "3 sequences of reference and unit, 12 readings in all"


def test_a_person_is_asked_only_when_something_has_to_be_exchanged(lab):
    lab.write()
    _, events = ran(lab)
    assert lab.asked == ["A", "B", "A", "B", "A", "B", "A"] + ["B", "A"] * 3
    questions = [e.question["id"] for e in events if isinstance(e, PromptOpened)]
    assert questions.count("engine.put-unit") == 6


def test_the_words_of_the_procedure_are_what_the_person_reads(lab):
    lab.write(BY_PERSON + "    put: {A: {en: Standard on!, zh: 放标准!}}\n")
    _, events = ran(lab)
    asked = [e.question for e in events if isinstance(e, PromptOpened)]
    assert any("Standard on!" in str(q) for q in asked)


def test_a_turntable_exchanges_by_itself_and_is_undone(lab):
    lab.write("    sequence: A B A\n    cycles: 2\n    wait: 20 s\n    exchange: turntable\n")
    report, events = ran(lab, uuts=("M-1",))
    turns = [e.value for e in events if isinstance(e, SettingWritten) and e.channel == "turntable"]
    assert turns[:4] == [False, True, False, True]
    assert turns[-1] is False
    assert point(report, "M-1", "100g")["error"] == pytest.approx(0.95, abs=0.05)


def test_a_comparator_that_never_rests_is_not_measured(lab):
    lab.setup = {"sigma": 2.0}
    lab.write()
    report, _ = ran(lab)
    found = point(report, "M-1", "100g")
    assert found["verdict"] == "not_measured"
    assert "did not come to rest" in found["why"]["text"]


def test_the_plan_knows_the_exchanges_and_what_the_standard_is_good_for(lab):
    lab.write()
    plan = prepare(lab.request()).plan
    (visit,) = plan.visits
    assert visit.expected_s == pytest.approx(2 * 12 * 25.0)
    assert visit.members[0].U_reference == pytest.approx(0.05, rel=0.01)
    assert visit.setpoint == 100.0


def test_least_squares_is_abba_where_readings_are_even_and_right_where_they_are_not():
    y = np.array([1.0, 4.2, 4.3, 1.5])
    on_b = np.array([0.0, 1.0, 1.0, 0.0])
    even = drift_free(np.arange(4.0), on_b, y)
    assert even.value == pytest.approx(abba(*y).value)
    assert even.drift == pytest.approx(abba(*y).drift)
    t = np.array([0.0, 7.0, 31.0, 38.5])
    uneven = drift_free(t, on_b, 2.5 + 0.3 * t + 4.0 * on_b)
    assert uneven.value == pytest.approx(4.0)
    assert uneven.drift == pytest.approx(0.3)
    assert abba(*(2.5 + 0.3 * t + 4.0 * on_b)).value != pytest.approx(4.0, abs=0.01)
    with pytest.raises(ValueError, match="drift"):
        drift_free(np.arange(2.0), np.array([0.0, 1.0]), np.array([1.0, 2.0]))


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("A B B A", "A A A", "E206", "no-sequence"),
        ("A B B A", "B A A B", "E206", "no-sequence"),
        ("A B B A", "A C A", "E206", "no-sequence"),
        ("read: comparator\n", "read: turntable\n", "E305", "not-for-all"),
        ("within 0.1 mg", "within 0.1 V", "E206", "misfit"),
        ("timeout: 60 s", "timeout: 3 s", "E105", "not-positive"),
        ("cycles: 3", "cycles: 0", "E105", "at-least"),
        ("wait: 5 s", "exchange: comparator", "E305", "not-settable"),
        ("cycles: 3", "cycles: 1", "E306", "no-spread"),
        ("each_point:\n", "each_point:\n  settle: {comparator: within 1 % for 5 s, timeout: 9 s}\n",
         "E101", "settles-where"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(lab, old, new, code, message):
    lab.write()
    text = lab.procedure.read_text()
    assert old in text
    lab.procedure.write_text(text.replace(old, new))
    with pytest.raises(FileError) as error:
        prepare(lab.request())
    found = [(d.code, d.message.id.partition(".")[2]) for d in error.value.diagnostics]
    assert [c for c, _ in found] == [code], found
    assert message in found[0][1]


def test_one_sequence_has_the_repeatability_that_is_declared(lab):
    lab.write(
        BY_PERSON.replace("cycles: 3", "cycles: 1"), repeatability=", {repeatability: 0.01 mg}"
    )
    report, events = ran(lab)
    assert {b["source"] for b in measured(events).budget} == {
        "resolution", "repeatability", "certificate"
    }  # fmt: skip
    assert point(report, "M-1", "100g")["verdict"] == "pass"
