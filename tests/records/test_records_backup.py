"""Backups are opened and checked before they count, and restored only when they are whole."""

from __future__ import annotations

import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from record_samples import clock, opened, python, raw_block, whole_run

from benchctl.core.errors import RecordError, RefusedError, UsageError
from benchctl.records import Lab, public_key, verified
from benchctl.records.backup import backup, kept, look_at, restore


def made(lab: Lab, *runs: str) -> None:
    for run in runs:
        journal = lab.begin_run("Line 2", run, clock=clock())
        for event in whole_run():
            journal.emit(event)


def test_a_backup_of_a_lab_in_use_is_whole_and_restored(lab: Lab, tmp_path: Path) -> None:
    made(lab, "R1", "R2")
    journal = lab.begin_run("Line 2", "R3", clock=clock())
    journal.emit(opened())  # and goes on
    told = backup(lab, tmp_path / "copy", medium="usb disk", offline=True)
    assert (told.runs, told.medium, told.offline) == (3, "usb disk", True)
    journal.emit(raw_block(0))
    journal.flush()
    assert not (tmp_path / "copy/keys/signing.pem").exists()
    restored = restore(tmp_path / "copy", tmp_path / "new")
    assert (restored.runs, restored.problems) == (3, ())
    with Lab.open(tmp_path / "new") as new:
        assert new.document("R2") == lab.document("R2")
        assert len(new.raw("R1", "master")[0]) == 3
        made(new, "R4")  # a lab with another key: it says so
        found = [p.message.id for p in verified(new).problems]
    assert found == ["records.key-replaced"]


def test_a_backup_with_the_key_goes_on_as_the_same_lab(lab: Lab, tmp_path: Path) -> None:
    made(lab, "R1")
    backup(lab, tmp_path / "copy", with_key=True)
    restore(tmp_path / "copy", tmp_path / "new")
    key = tmp_path / "new/keys/signing.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with Lab.open(tmp_path / "new") as new:
        made(new, "R2")
        assert public_key(new) == public_key(lab)
        assert verified(new).problems == ()


WRITER = """
import sys
from pathlib import Path
from record_samples import clock, opened, raw_block, undo
from benchctl.records import Lab
with Lab.open(Path(sys.argv[1])) as lab:
    journal = lab.begin_run("Line 3", "W1", clock=clock())
    journal.emit(opened("W1"))
    print("began", flush=True)
    n = 0
    while True:
        journal.emit(raw_block(n))
        journal.emit(undo())
        n += 1
"""


def test_a_backup_beside_a_process_that_writes_is_whole(lab: Lab, tmp_path: Path) -> None:
    made(lab, "R1")
    writer = python(WRITER, lab.folder)
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "began\n"
        for n in range(3):
            backup(lab, tmp_path / f"copy{n}")
            assert look_at(tmp_path / f"copy{n}").problems == ()
    finally:
        writer.kill()
        writer.communicate()


def test_a_backup_that_somebody_changed_is_not_restored(lab: Lab, tmp_path: Path) -> None:
    made(lab, "R1")
    backup(lab, tmp_path / "copy")
    data = bytearray((tmp_path / "copy/lab.sqlite").read_bytes())
    at = data.index(b"100.52")
    data[at : at + 6] = b"100.11"
    (tmp_path / "copy/lab.sqlite").write_bytes(data)
    with pytest.raises(RefusedError, match="record 5 is not what was written"):
        restore(tmp_path / "copy", tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "copy/lab.sqlite").write_bytes(data[:5000])
    with pytest.raises(RecordError):
        restore(tmp_path / "copy", tmp_path / "new")


def test_nothing_is_overwritten(lab: Lab, tmp_path: Path) -> None:
    made(lab, "R1")
    backup(lab, tmp_path / "copy")
    with pytest.raises(UsageError, match="not empty"):
        backup(lab, tmp_path / "copy")
    with pytest.raises(UsageError, match="holds records already"):
        restore(tmp_path / "copy", lab.folder)
    with pytest.raises(UsageError, match="holds no backup"):
        restore(tmp_path, tmp_path / "new")


def test_a_full_disk_makes_no_backup_and_says_so(lab: Lab, tmp_path: Path) -> None:
    made(lab, *(f"R{n}" for n in range(4)))
    mount = f"mkdir -p {tmp_path}/small && mount -t tmpfs -o size=64k tmpfs {tmp_path}/small"
    private = ["unshare", "--mount", "sh", "-c"]
    if not shutil.which("unshare") or subprocess.run([*private, mount], check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    program = """
import sys
from pathlib import Path
from benchctl.core.errors import RecordError
from benchctl.records import Lab
from benchctl.records.backup import backup, kept
with Lab.open(Path(sys.argv[1])) as lab:
    try:
        backup(lab, Path(sys.argv[2]))
    except RecordError as error:
        print(error.exit_code, len(kept(lab).backups))
"""
    target = tmp_path / "small/copy"
    process = python(program, lab.folder, target, before=[*private, f'{mount} && exec "$@"', "sh"])
    out, err = process.communicate()
    assert out == "5 0\n", err


def test_copies_are_counted_against_what_the_lab_wants(lab: Lab, tmp_path: Path) -> None:
    made(lab, "R1")
    assert not kept(lab).enough
    backup(lab, tmp_path / "nas", medium="nas")
    made(lab, "R2", "R3")
    found = kept(lab)
    assert (found.copies, found.media, found.offline, found.since) == (2, 2, 0, 2)
    assert not found.enough
    backup(lab, tmp_path / "usb", medium="usb disk", offline=True)
    found = kept(lab)
    assert (found.copies, found.media, found.offline, found.since) == (3, 3, 1, 0)
    assert found.enough
