"""A lab that may not be written can be listed, shown and checked; damage is told, not suffered."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from record_samples import ROOT, clock, opened, whole_run

from benchctl.records import Lab

ALONE = ["unshare", "--mount", "sh", "-c"]
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'


def benchctl(*args: str | Path, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, sys.executable, "-m", "benchctl", *map(str, args)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "COLUMNS": "100"},
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A lab with one whole run."""
    with Lab.open(tmp_path / "lab") as lab:
        journal = lab.begin_run("Line 2", "R1", clock=clock())
        for event in whole_run():
            journal.emit(event)
    return tmp_path / "lab"


def mounted(folder: Path) -> tuple[str, ...]:
    """What runs a command where the folder lies on a disk that may only be read."""
    before = (*ALONE, READ_ONLY, str(folder))
    if not shutil.which("unshare") or subprocess.run([*before, "true"], check=False).returncode:
        pytest.skip("this user may not mount a folder read-only")
    return before


def assert_readable(folder: Path, before: tuple[str, ...]) -> None:
    listed = benchctl("records", "list", "--lab", folder, "--json", before=before)
    assert [row["name"] for row in json.loads(listed.stdout)] == ["R1"], listed.stderr
    shown = benchctl("records", "show", "R1", "--lab", folder, "--json", before=before)
    assert json.loads(shown.stdout)["verdict"] == "pass"
    checked = benchctl("records", "verify", "--lab", folder, before=before)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_lab_on_a_read_only_disk_is_read_and_not_written(folder: Path) -> None:
    before = mounted(folder)
    assert_readable(folder, before)
    refused = benchctl("run", "water-meter", "--lab", folder, before=before)
    assert refused.returncode == 5
    assert "Give this user the right to write there" in refused.stderr


def test_commits_that_lie_beside_a_read_only_database_are_read_too(folder: Path) -> None:
    with Lab.open(folder) as lab:  # its connections keep the log from being cleared away
        lab.begin_run("Line 3", "R0", clock=clock()).emit(opened("R0"))
        copy = folder.with_name("copy")
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*-shm"))
    assert (copy / "lab.sqlite-wal").stat().st_size
    before = mounted(copy)
    listed = benchctl("records", "list", "--lab", copy, "--json", before=before)
    assert [row["name"] for row in json.loads(listed.stdout)] == ["R0", "R1"]
    assert benchctl("records", "verify", "--lab", copy, before=before).returncode == 0


@pytest.mark.parametrize("from_page", [0, 3])
def test_a_damaged_file_is_what_verify_was_asked_for(folder: Path, from_page: int) -> None:
    path = folder / "lab.sqlite"
    content = bytearray(path.read_bytes())
    begin = from_page * 4096
    content[begin:] = b"\xa5" * (len(content) - begin)
    path.write_bytes(content)
    done = benchctl("records", "verify", "--lab", folder)
    assert done.returncode == 1, done.stderr
    assert "damaged" in done.stdout
    done = benchctl("records", "verify", "--lab", folder, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["problems"]


def test_a_result_that_cannot_be_written_is_a_wrong_command_line(folder: Path) -> None:
    out = folder / "nowhere" / "r.json"
    assert benchctl("records", "export", "--lab", folder, "--out", out).returncode == 2
