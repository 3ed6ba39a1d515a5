"""The validation report: what it says, and that nobody changes it unseen."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest

import benchctl
from benchctl.engine import RunRequest, software
from benchctl.faults import Agreement, Campaign, Trial, validation
from benchctl.faults.accuracy import _compare
from benchctl.records import Lab, document_problem, public_key, sign_document, verify
from benchctl.records.keys import FileSigner, make_key
from benchctl.verifier.signatures import public_key as key_of

ROOT = Path(benchctl.__file__).parents[1]
REQUEST = RunRequest("water-meter", simulate=True, uuts=("W-1",), points=("Q3",), seed=1)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    told = []
    campaign = Campaign(
        REQUEST, tmp_path_factory.mktemp("trials"), actions=1, events=0, cables=False, disk=False
    )
    found = validation(campaign, runs=2, by="Li Wei", told=told.append)
    assert [type(part) for part in told] == [Agreement] * 2 + [Trial] * 3
    return found


def test_a_report_says_what_was_validated_on_what_and_what_came_of_it(report):
    assert report["software"]["id"] == software()["id"]
    assert report["software"]["drivers"]
    assert report["system"]["libraries"]["numpy"]
    assert [a["seed"] for a in report["accuracy"]] == [1, 2]
    assert all(a["results"] == 1 and a["largest"] <= 2 for a in report["accuracy"])
    assert [t["fault"] for t in report["faults"]] == ["kill -9", "clock", "clock"]
    assert (report["wrong"], report["passed"], report["by"]) == (0, True, "Li Wei")


POINT = {"point": "Q3", "error": 0.5, "U": 0.1, "mpe": [-2.0, 2.0], "verdict": "pass"}


@pytest.mark.parametrize(
    ("changes", "true", "wrong"),
    [
        ({}, 0.45, []),
        ({}, 0.75, ["W-1 Q3: 0.5, really 0.75, U = 0.1"]),
        ({"verdict": "fail"}, 0.45, ["W-1 Q3: fail, really pass with 0.45"]),
        ({"error": 1.95, "verdict": "fail"}, 1.9, []),
        ({"mpe": None, "verdict": None}, 0.45, []),
    ],
)
def test_what_is_off_by_more_than_its_uncertainty_allows_is_wrong(changes, true, wrong):
    found = Agreement(1, "finished")
    _compare(found, "W-1", POINT | changes, true)
    assert found.wrong == wrong


def test_a_signed_report_is_whole_and_any_change_is_seen(report, tmp_path):
    with Lab.open(tmp_path / "lab") as lab:
        signed = sign_document(lab, report, "validation")
        own = key_of(public_key(lab))
        assert verify(lab) == []
    make_key(tmp_path / "other.pem")
    other = FileSigner(tmp_path / "other.pem").public
    assert document_problem(json.loads(json.dumps(signed)), [own]) is None
    assert document_problem(signed, [other]).id == "records.document-altered"
    changed = copy.deepcopy(signed)
    changed["accuracy"][0]["largest"] = 0.0
    assert document_problem(changed, []).id == "records.document-altered"
    assert document_problem(report, [own]).id == "records.document-unsigned"


def benchctl_records(folder, *argv):
    return subprocess.run(
        [sys.executable, "-m", "benchctl", "records", *map(str, argv)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin", "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=60,
    )


def test_a_report_of_other_software_and_one_that_was_altered_are_told(report, tmp_path):
    with Lab.open(tmp_path / "lab") as lab:
        signed = sign_document(lab, report, "validation")
        (tmp_path / "key.pem").write_text(public_key(lab))
        older = {**report, "software": {**report["software"], "id": "sha256:0"}}
        older = sign_document(lab, older, "validation")
    for name, document in (
        ("good", signed),
        ("older", older),
        ("altered", {**signed, "by": "Zhao"}),
        ("none", {"schema": "benchctl.result/1"}),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    good = benchctl_records(tmp_path, "validated", "good.json", "--key", "key.pem")
    assert good.returncode == 0, good.stderr
    assert "Li Wei" in good.stdout
    told = benchctl_records(tmp_path, "validated", "older.json", "--json")
    assert (told.returncode, json.loads(told.stdout)["same_software"]) == (1, False)
    assert benchctl_records(tmp_path, "validated", "altered.json").returncode == 1
    for argv in (["none.json"], ["good.json", "--key", "good.json"]):
        refused = benchctl_records(tmp_path, "validated", *argv)
        assert refused.returncode == 2
        assert "Traceback" not in refused.stderr
