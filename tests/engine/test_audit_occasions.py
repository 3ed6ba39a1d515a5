"""What was found and what was left are two results, each recomputed, judged, traced by itself."""

import pytest
from lab_folder import LabFolder

from benchctl.engine.audit import Evidence, recompute, rejudge, trace, units_of
from benchctl.records import Lab


@pytest.fixture(scope="module")
def adjusted(tmp_path_factory):
    """A lab with a finished run of eight units of which some were adjusted, and its document."""
    folder = LabFolder(tmp_path_factory.mktemp("adjusted"))
    folder.write()
    path = folder.path / "procedures" / "quick.yaml"
    path.write_text(path.read_text("utf-8") + "adjust: {when: fail}\n", encoding="utf-8")
    report = folder.run("quick", units=8)
    assert report.outcome == "finished"
    with Lab.open(folder.path) as lab:
        yield Evidence.read(lab, report.document["run"]), report.document


def stood(document, occasion):
    return {
        (u["serial"], p["point"]): p
        for u in document["uuts"]
        for p in u["points"]
        if p["point"] and p["occasion"] == occasion
    }


def test_nothing_of_a_run_with_adjusted_units_differs_from_its_record(adjusted):
    evidence, document = adjusted
    assert stood(document, "as_left")
    found = recompute(evidence)
    assert [str(d.message) for d in found.differences] == []
    both = len(stood(document, "as_found")) + len(stood(document, "as_left"))
    assert found.compared["verdict"] == both


def test_the_same_rule_changes_nothing_on_either_occasion(adjusted):
    evidence, document = adjusted
    again = rejudge(evidence)
    assert [r for r in again if r.changed] == []
    for occasion in ("as_found", "as_left"):
        values = {(r.uut, r.point): r.value for r in again if r.occasion == occasion}
        assert values == {k: p["error"] for k, p in stood(document, occasion).items()}


def test_a_unit_s_verdict_is_that_of_what_was_left(adjusted):
    evidence, document = adjusted
    was = {u["serial"]: u["verdict"] for u in document["uuts"]}
    assert {u.serial: u.before for u in units_of(evidence, rejudge(evidence))} == was
    assert {u.serial: u.after for u in units_of(evidence, rejudge(evidence))} == was


def test_a_traced_point_is_that_of_the_last_occasion_unless_asked_otherwise(adjusted):
    evidence, document = adjusted
    (serial, point), left = next(iter(stood(document, "as_left").items()))
    found = stood(document, "as_found")[serial, point]
    for occasion, printed in (("", left), ("as_left", left), ("as_found", found)):
        told = trace(evidence, serial, point, occasion=occasion)
        numbers = {n["name"]: n["value"] for n in told["numbers"]}
        assert numbers["error"] == printed["error"], occasion
        assert len(told["runs"]) == len(printed["runs"])
