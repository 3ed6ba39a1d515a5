"""A lab's own instrument by the pages alone: dial thermometers in a bath slower than its dwell.

The bath's time constant is 2 min, and it is looked at for 60 s: it counts as steady while it still
moves. What is on its way to its target is not corrected, or it would be sent past it.
"""

import shutil
from pathlib import Path

import pytest

from benchctl.core.events import SettingWritten
from benchctl.engine import RunRequest, run, truth
from benchctl.engine.audit import Evidence
from benchctl.records import Lab

OWN = Path(__file__).parent / "dial_thermometer"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    lab = tmp_path_factory.mktemp("lab")
    shutil.copytree(OWN, lab, dirs_exist_ok=True)
    request = RunRequest("dial-thermometer", seed=4, lab=lab, simulate=True)
    return request, run(request)


def test_procedure_bench_and_plant_are_at_most_eighty_lines_of_yaml():
    files = [p for p in OWN.rglob("*") if p.is_file()]
    assert {p.suffix for p in files} == {".yaml"}
    assert sum(len(p.read_text(encoding="utf-8").splitlines()) for p in files) <= 80


def test_a_bath_that_is_on_its_way_is_waited_for_before_it_is_corrected(ran):
    _, report = ran
    with Lab.open(report.record.parent) as lab:
        settings = [s for _, s in Evidence.read(lab, report.run).kept.settings]
    asked = [s.value for s in settings if isinstance(s, SettingWritten) and s.channel == "setpoint"]
    declared_at = {0.0, 50.0, 100.0}
    assert asked[0] == 0.0
    assert all(min(abs(value - d) for d in declared_at) <= 0.25 for value in asked), asked
    for unit in report.document["uuts"]:
        for point in unit["points"]:
            for done in point.get("runs") or ():
                declared = {"up-0": 0.0, "up-50": 50.0, "up-100": 100.0, "down-50": 50.0}
                off = done["reference"] - declared[point["point"]]
                assert abs(off) <= 0.2, done


def test_every_thermometer_is_found_to_be_what_it_is(ran):
    request, report = ran
    assert report.outcome == "finished"
    true = {(t["serial"], t["point"]): t for t in truth(request) if t["point"]}
    sticking = "D004-4"
    for unit in report.document["uuts"]:
        for point in unit["points"]:
            if point["point"]:
                error = true[unit["serial"], point["point"]]["error"]
                assert abs(point["error"] - error) <= 0.1, (unit["serial"], point["point"])
            elif point["item"] == "hysteresis":
                assert (point["verdict"] == "fail") is (unit["serial"] == sticking)
    assert [u["verdict"] for u in report.document["uuts"]] == ["pass", "fail", "pass", "fail"]
