"""Energy meters by pulse comparison, in whole runs on a simulated bench of up to 48 positions."""

import math

import pytest
from energy_lab import POSITIONS, EnergyLab
from reading_lab import point

from benchctl.core.errors import RefusedError
from benchctl.core.events import RunMeasured
from benchctl.engine import prepare, truth
from benchctl.engine.refusals import PlanRefusedError
from benchctl.language import FileError


@pytest.fixture
def lab(tmp_path):
    return EnergyLab(tmp_path)


def ran(lab, **more):
    events = []
    report = lab.run(listeners=[lambda stored: events.append(stored.event)], **more)
    assert report.outcome == "finished", report.document["reason"]
    return report, [e for e in events if isinstance(e, RunMeasured)]


def test_forty_eight_meters_are_compared_at_once_and_judged_rightly(lab):
    lab.setup = {"units": POSITIONS, "errors": {"5": 1.4, "40": -1.2}}
    lab.write()
    report, runs = ran(lab, points=("In",))
    assert len(runs) == POSITIONS
    for row in truth(lab.request()):
        found = point(report, row["serial"], row["point"])
        if row["point"] == "In":
            assert found["error"] == pytest.approx(row["error"], abs=0.01)
            right = "fail" if row["serial"] in ("E-5", "E-40") else "pass"
            assert found["verdict"] == right
    spans = [r.window[1] - r.window[0] for r in runs]
    assert max(spans) < 25.0  # side by side: 10 pulses at 0.73 per s take one meter 14 s


def test_the_budget_has_the_reference_and_the_count_and_no_resolution(lab):
    lab.write()
    _, runs = ran(lab)
    sources = {b["input"]: b for b in runs[0].budget}
    assert sources["reference_pulses"]["source"] == "counting"
    assert sources["reference_pulses"]["u"] == pytest.approx(1 / math.sqrt(6))
    assert "meter_pulses" not in sources
    assert sources["reference_constant"]["contribution"] == pytest.approx(0.025, rel=0.02)
    assert runs[0].n == runs[0].indication >= 10


def test_a_standard_behind_the_latches_of_all_positions_is_the_reference(lab):
    lab.write(certified=True)
    assert prepare(lab.request()).plan.visits[0].members[0].U_reference == pytest.approx(0.08, 0.02)
    report, runs = ran(lab, points=("In",))
    line = next(b for b in runs[0].budget if b["source"] == "certificate")
    assert (line["input"], line["contribution"]) == (
        "reference_pulses", pytest.approx(0.04, rel=0.02)
    )  # fmt: skip
    assert {s["role"] for s in report.document["standards"]} == {"reference_pulses"}


def test_a_certificate_that_nothing_stands_behind_is_refused_for_a_role_of_each_unit_too(lab):
    lab.write()
    text = lab.procedure.read_text().replace(
        "reference_pulses: [{resolution: 1}", "reference_pulses: [{certificate: true}"
    )
    lab.procedure.write_text(text)
    with pytest.raises(PlanRefusedError, match="no certificate stands behind"):
        prepare(lab.request())


def test_each_meter_gives_its_pulses_and_no_less_time_than_wanted(lab):
    lab.write(pulses="3", at_least="30 s")
    _, runs = ran(lab)
    assert all(r.window[1] - r.window[0] >= 30.0 for r in runs)
    assert all(r.indication >= 3 for r in runs)


def test_a_meter_without_pulses_is_not_measured_and_holds_up_nobody(lab):
    lab.setup = {"dead": [2]}
    lab.write()
    report, _ = ran(lab, points=("In",))
    dead = point(report, "E-2", "In")
    assert dead["verdict"] == "not_measured"
    assert "0 of 10 pulses" in dead["why"]["text"]
    assert point(report, "E-3", "In")["verdict"] == "pass"


def test_two_runs_are_judged_by_their_mean(lab):
    lab.write(runs=2)
    report, runs = ran(lab, points=("In",))
    of_first = [r.error for r in runs if r.uut == "E-1"]
    assert len(of_first) == 2
    found = point(report, "E-1", "In")
    assert found["error"] == pytest.approx(sum(of_first) / 2)
    assert [r["run"] for r in found["runs"]] == [1, 2]


def test_the_plan_tells_the_time_by_the_rate_of_the_pulses(lab):
    lab.write()
    plan = prepare(lab.request()).plan
    assert [round(v.expected_s, 1) for v in plan.visits] == [13.6, 136.4]
    assert (plan.visits[0].amount, plan.visits[0].amount_unit) == (10.0, "imp")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("meter_pulses >= 10", "reference_power >= 10", [("E305", "not-per-uut")]),
        ("meter_pulses >= 10", "meter_pulse >= 10", [("E301", "unknown-role")]),
        ("meter_pulses >= 10", "meter_pulses >= 10 kg", [("E203", "expression-sign-missing")]),
        ("reference: reference_pulses", "reference: source_power", [("E305", "not-per-uut")]),
        ("at_least: 10 s", "at_least: 0 s", [("E105", "not-positive")]),
        ("rate: meter_constant * point.power", "rate: point.power", [("E204", "unit-misfit")]),
        ("meter_pulses >= 10", "meter_pulses >= 0", [("E501", "not-positive")]),
    ],
)
def test_a_mistake_is_told_at_its_place(lab, old, new, expected):
    lab.write()
    text = lab.procedure.read_text()
    assert old in text
    lab.procedure.write_text(text.replace(old, new))
    with pytest.raises(FileError) as error:
        prepare(lab.request())
    found = [(d.code, d.message.id.partition(".")[2]) for d in error.value.diagnostics]
    assert found == expected


def test_a_choice_that_cannot_be_measured_is_told_by_check_and_to_who_asks_for_it(lab):
    from benchctl.language import Diagnostics
    from benchctl.procedure import load_procedure

    lab.write()
    text = lab.procedure.read_text().replace(
        "parameters:\n", "parameters:\n  size: {choices: [1, 0], default: 1}\n"
    )
    lab.procedure.write_text(text.replace("meter_pulses >= 10", "meter_pulses >= 10 / size"))
    diagnostics = Diagnostics()
    load_procedure(lab.procedure, diagnostics)
    assert [d.code for d in diagnostics.items] == ["E501"]
    assert prepare(lab.request()).plan.visits  # nobody has that size
    with pytest.raises(RefusedError, match="until: division by zero"):
        prepare(lab.request(sets={"size": "0"}))
