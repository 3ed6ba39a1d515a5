"""`benchctl records` from outside: a real run, its proof, its signatures, its copies."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchctl.records import Lab
from benchctl.records.backup import backup, restore

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lab with one simulated run; its key and anchor are beside it."""
    folder = tmp_path_factory.mktemp("proof")
    done = benchctl("run", "water-meter", "--lab", folder / "lab", "--quiet", "--operator", "Li")
    assert done.returncode in (0, 1), done.stderr
    for name, command in (("key.pem", ("key", "export")), ("anchor", ("anchor",))):
        told = benchctl("records", *command, "--lab", folder / "lab")
        assert told.returncode == 0, told.stderr
        (folder / name).write_text(told.stdout)
    return folder


@pytest.fixture
def lab(base: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    with Lab.open(base / "lab") as records:
        backup(records, tmp_path / "copy", with_key=True)
    restore(tmp_path / "copy", tmp_path / "lab")
    return tmp_path / "lab"


def benchctl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BENCHCTL_")}
    return subprocess.run(
        [sys.executable, "-m", "benchctl", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env=environment,
        stdin=subprocess.DEVNULL,
    )


def told(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stderr
    return " ".join((done.stdout + done.stderr).split())


def test_a_record_is_verified_with_key_and_anchor(base: Path, lab: Path) -> None:
    kept = ("--key", base / "key.pem", "--anchor", base / "anchor")
    good = benchctl("records", "verify", "--lab", lab, *kept, "--json")
    assert good.returncode == 0, told(good)
    document = json.loads(good.stdout)
    assert (document["runs"], document["problems"], document["unseen"]) == (1, [], [])
    with sqlite3.connect(lab / "lab.sqlite") as database:
        database.execute("DROP TRIGGER records_no_update")
        database.execute("UPDATE records SET body = '{}' WHERE seq = 20")
    database.close()
    bad = benchctl("records", "verify", "--lab", lab, *kept, "--lang", "zh")
    assert bad.returncode == 1
    assert "记录 20 不是当时写入的内容" in told(bad)


@pytest.mark.parametrize(
    "wrong",
    [
        ["--key", "anchor"],
        ["--key", "nowhere.pem"],
        ["--anchor", "head1:sha256:x"],
        ["--anchor", "nowhere"],
        ["--tsa-ca", "key.pem"],
    ],
)
def test_what_is_no_key_or_anchor_is_refused_in_a_sentence(base: Path, wrong: list[str]) -> None:
    option, name = wrong
    value = base / name if (base / name).exists() else name
    done = benchctl("records", "verify", "--lab", base / "lab", option, value)
    assert done.returncode == 2
    assert name in told(done)


def test_a_pack_travels_and_is_verified_by_the_verifier_alone(base: Path, tmp_path: Path) -> None:
    pack, alone = tmp_path / "pack.zip", tmp_path / "verifier.pyz"
    made = benchctl("records", "export", "--lab", base / "lab", "--pack", pack, "--verifier", alone)
    assert made.returncode == 0, told(made)
    assert benchctl("records", "verify", pack, "--key", base / "key.pem").returncode == 0
    kept = ["--key", base / "key.pem", "--anchor", base / "anchor"]
    done = subprocess.run(
        [sys.executable, "-I", alone, pack, *kept],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 problem(s)" in done.stdout


def test_an_exported_result_that_was_altered_is_found(base: Path, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    benchctl("records", "export", "--lab", base / "lab", "--out", path)
    again = ("records", "verify", "--lab", base / "lab", "--document", path)
    assert benchctl(*again).returncode == 0
    document = json.loads(path.read_text())
    document["uuts"][2]["verdict"] = "pass"
    path.write_text(json.dumps(document))
    found = benchctl(*again)
    serial = document["uuts"][2]["serial"]
    assert found.returncode == 1
    assert f"uuts[{serial}].verdict" in told(found)


def test_a_run_is_checked_approved_numbered_amended_and_shown(lab: Path) -> None:
    def records(*arguments: str) -> subprocess.CompletedProcess[str]:
        return benchctl("records", *arguments, "--lab", lab)

    (waiting,) = json.loads(records("review", "--json").stdout)
    run = waiting["run"]
    assert waiting["operator"] == "Li"
    own = records("review", run, "--by", "Li")
    assert (own.returncode, "measured this run" in told(own)) == (3, True)
    assert records("review", run, "--by", "Wang", "--note", "readings seen").returncode == 0
    assert "Wang" in told(records("approve"))
    assert records("approve", run, "--by", "Zhao").returncode == 0
    assert "nothing waits" in told(records("approve"))
    numbers = json.loads(records("number", run, "--json", "--by", "Zhao").stdout)
    assert numbers[0]["number"].endswith("00001")
    uut = numbers[0]["uut"]
    nothing = records("amend", run, "--because", "x", "--by", "Qian")
    assert nothing.returncode == 2
    wrong = records(
        "amend", run, "--because", "x", "--by", "Qian", "--answer", f"{uut}:appearance=ok"
    )
    assert (wrong.returncode, "no verdict" in told(wrong)) == (2, True)
    amended = records(
        "amend", run, "--because", "glass cracked", "--by", "Qian",
        "--answer", f"{uut}:appearance=fail", "--fact", f"{uut}:owner=Harbour",
    )  # fmt: skip
    assert amended.returncode == 0, told(amended)
    first, second = json.loads(records("history", run, "--json").stdout)
    assert (first["revision"], second["by"]) == (0, "Qian")
    assert f"uuts[{uut}].verdict" in second["changed"]
    shown = told(records("show", run))
    assert "glass cracked" in shown
    assert "signed by Wang" in shown
    (again,) = json.loads(records("number", run, "--uut", uut, "--json", "--by", "Zhao").stdout)
    assert again["replaces"] == numbers[0]["number"]
    assert json.loads(records("review", "--json").stdout)[0]["since"] == ["glass cracked"]
    assert records("return", run, "--by", "Zhao", "--because", "photograph?").returncode == 0
    assert records("verify").returncode == 0


def test_the_key_is_rotated_and_copies_are_made_restored_and_counted(
    base: Path, lab: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "usb"
    made = benchctl("records", "backup", copy, "--medium", "usb", "--offline", "--lab", lab)
    assert made.returncode == 0, told(made)
    restored = benchctl("records", "restore", copy, "--into", tmp_path / "new")
    assert (restored.returncode, "1 runs restored" in told(restored)) == (0, True)
    assert benchctl("records", "key", "rotate", "--lab", lab).returncode == 0
    kept = ("--key", base / "key.pem", "--anchor", base / "anchor")
    assert benchctl("records", "verify", "--lab", lab, *kept).returncode == 0
    (lab / "records.yaml").write_text("retention: {offline: 2}")
    few = benchctl("records", "copies", "--lab", lab, "--json")
    assert (few.returncode, json.loads(few.stdout)["enough"]) == (1, False)


def test_stamp_wants_one_way(base: Path) -> None:
    done = benchctl("records", "stamp", "--lab", base / "lab")
    assert (done.returncode, "name one way" in told(done)) == (2, True)
    silent = benchctl("records", "stamp", "--lab", base / "lab", "--tsa", "http://127.0.0.1:9/")
    assert (silent.returncode, "does not answer" in told(silent)) == (3, True)
