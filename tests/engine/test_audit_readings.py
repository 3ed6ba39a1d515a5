"""Single readings are recomputed from their raw columns, and what was watched beside them."""

from dataclasses import replace

import pytest
from lab_folder import LabFolder
from reading_lab import ReadingLab

from benchctl.engine.audit import Evidence, recompute
from benchctl.records import Lab


@pytest.fixture(scope="module")
def gauges(tmp_path_factory):
    """The record of a run by single readings."""
    folder = ReadingLab(tmp_path_factory.mktemp("gauges"))
    folder.write()
    report = folder.run()
    assert report.outcome == "finished"
    with Lab.open(folder.path) as lab:
        yield lab, report.document["run"]


def told(evidence):
    return {d.what for d in recompute(evidence).differences}


def test_every_input_is_the_mean_of_the_recorded_readings(gauges):
    found = recompute(Evidence.read(*gauges))
    assert [str(d.message) for d in found.differences] == []
    assert found.unread == {}
    for what in ("input gauge_pressure", "input reference_pressure", "s of the readings"):
        assert found.compared[what] == found.results > 0


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda e: {"readings": {**e.readings, "n": e.readings["n"] - 1}}, "window"),
        (lambda e: {"readings": {**e.readings, "n": 10_000}}, "readings"),
        (lambda e: {"readings": {**e.readings, "s": e.readings["s"] * 1.01}}, "s of the readings"),
        (
            lambda e: {"inputs": {**e.inputs, "gauge_pressure": e.inputs["gauge_pressure"] + 0.1}},
            "input gauge_pressure",
        ),
        (
            lambda e: {
                "inputs": {**e.inputs, "reference_pressure": e.inputs["reference_pressure"] - 0.1}
            },
            "input reference_pressure",
        ),
    ],
    ids=["n", "more than there are", "s", "the unit's input", "the reference's input"],
)
def test_what_is_not_what_was_read_is_found(gauges, change, what):
    evidence = Evidence.read(*gauges)
    stored, event = evidence.kept.measured[0]
    evidence.kept.measured[0] = (stored, replace(event, **change(event)))
    assert what in told(evidence)


def test_a_mean_of_the_environment_that_was_never_read_is_found(tmp_path):
    folder = LabFolder(tmp_path)
    folder.write()
    report = folder.run("quick", units=2)
    with Lab.open(folder.path) as lab:
        evidence = Evidence.read(lab, report.document["run"])
        assert told(evidence) == set()
        stored, event = evidence.kept.measured[0]
        other = event.conditions | {"water_temperature": event.conditions["water_temperature"] + 1}
        evidence.kept.measured[0] = (stored, replace(event, conditions=other))
        assert told(evidence) == {"mean water_temperature"}
