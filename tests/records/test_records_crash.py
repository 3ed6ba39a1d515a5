"""What is left when a process is killed or a disk is full: everything that was acknowledged."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest
from record_samples import clock, closed, opened, python

from benchctl.core.errors import RefusedError
from benchctl.core.events import RawBlock, RunMeasured
from benchctl.records import Lab, fold, open_undos, verify
from benchctl.records.locks import lock_file

WRITER = """
import sys
from pathlib import Path
from record_samples import clock, measured, opened, raw_block, undo
from benchctl.records import Lab
lab = Lab.open(Path(sys.argv[1]))
with lab.lock_bench("Line 2"):
    journal = lab.begin_run("Line 2", clock=clock())
    journal.emit(opened())
    journal.emit(undo())
    for n in range(100_000):
        journal.emit(raw_block(n, rows=200, series=f"s{n}"))
        journal.emit(measured("W-1", "Q3", n))
        print(n, flush=True)
"""


@pytest.mark.parametrize("after", [1, 40, 150])
def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path, after: int) -> None:
    writer = python(WRITER, tmp_path)
    assert writer.stdout is not None
    for _ in range(after):
        assert writer.stdout.readline()
    writer.send_signal(signal.SIGKILL)
    rest, errors = writer.communicate()
    acknowledged = after + rest.count("\n") - (not rest.endswith("\n") and bool(rest))
    assert errors == ""

    with Lab.open(tmp_path) as lab:
        run = lab.find_run()
        events = [stored.event for stored in lab.events(run)]
        results = [event for event in events if isinstance(event, RunMeasured)]
        assert [r.run for r in results] == list(range(len(results)))
        assert len(results) >= acknowledged
        for result in results:  # each after the readings that it rests on
            block = events[events.index(result) - 1]
            assert isinstance(block, RawBlock)
            assert lab.raw(run, f"s{result.run}").shape == (4, 200)
        assert verify(lab) == []

        assert lab.open_runs("Line 2") == [run]
        with lab.lock_bench("Line 2"):  # nobody holds it any more
            assert [undo.undo for undo in open_undos(lab.events(run))] == ["pump/speed"]
            lab.resume_journal(run, clock()).emit(closed("error", "not_measured"))
            following = lab.begin_run("Line 2", clock=clock())
            following.emit(opened())
        assert verify(lab) == []


FILLER = """
import json, resource, sys
from pathlib import Path
from record_samples import clock, measured, opened, raw_block
from benchctl.core.errors import RecordError
from benchctl.records import Lab, verify
lab = Lab.open(Path(sys.argv[1]))
journal = lab.begin_run("Line 2", clock=clock())
journal.emit(opened())
if sys.argv[2] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, 1 << 19))
told = []
acknowledged = 0
while len(told) < 3:
    try:
        journal.emit(raw_block(acknowledged, rows=500))
        journal.emit(measured("W-1", "Q3", acknowledged))
        acknowledged += 1
    except RecordError as error:
        told.append([error.message.id, error.exit_code])
kept = [s.event.run for s in lab.events(journal.run) if s.event.KIND == "run-measured"]
print(json.dumps({"told": told, "acknowledged": acknowledged, "kept": kept,
                  "problems": [str(p) for p in verify(lab)]}))
"""


def check_full_disk(process: subprocess.Popen[str], first: set[str]) -> None:
    out, err = process.communicate()
    assert process.returncode == 0, err
    found = json.loads(out)
    assert found["told"][0][0] in first
    assert found["told"][1:] == [["records.stopped", 5]] * 2
    assert found["acknowledged"] > 3
    assert found["kept"] == list(range(found["acknowledged"]))
    assert found["problems"] == []


def test_a_record_that_may_not_grow_stops_the_journal_and_keeps_what_it_has(
    tmp_path: Path,
) -> None:
    check_full_disk(python(FILLER, tmp_path, "limit"), {"records.io", "records.disk-full"})


def test_a_full_disk_stops_the_journal_and_keeps_what_it_has(tmp_path: Path) -> None:
    mount = f"mount -t tmpfs -o size=1m tmpfs {tmp_path}"
    private = ["unshare", "--mount", "sh", "-c"]
    if not shutil.which("unshare") or subprocess.run([*private, mount], check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    process = python(FILLER, tmp_path, "disk", before=[*private, f'{mount} && exec "$@"', "sh"])
    check_full_disk(process, {"records.disk-full"})


# one process per bench --------------------------------------------------------------------------

HOLDER = """
import sys
from pathlib import Path
from benchctl.core.clock import pause
from benchctl.records import Lab
with Lab.open(Path(sys.argv[1])).lock_bench("Line 2"):
    print("held", flush=True)
    pause(60)
"""


def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    holder = python(HOLDER, tmp_path)
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        with Lab.open(tmp_path) as lab:
            with pytest.raises(RefusedError) as caught, lab.lock_bench("Line 2"):
                pass
            assert caught.value.message.args["pid"] == holder.pid
            assert caught.value.message.args["since"].startswith("20")
            assert caught.value.exit_code == 3
            with lab.lock_bench("Line 3"):
                pass
            holder.kill()
            holder.wait()
            with lab.lock_bench("Line 2"):
                pass
    finally:
        holder.kill()
        holder.communicate()


def test_a_second_holder_in_the_same_process_is_refused(lab: Lab) -> None:
    with lab.lock_bench("Line 2"):
        with pytest.raises(RefusedError), lab.lock_bench("Line 2"):
            pass
        with pytest.raises(RefusedError), lab.lock_bench("Line 2"):  # nor did the refusal free it
            pass
    with lab.lock_bench("Line 2"):
        pass


def test_a_holder_that_has_not_yet_said_who_it_is_is_respected(lab: Lab) -> None:
    with lab.lock_bench("Line 2"):
        lock_file(lab.folder / "locks", "Line 2").write_text("")
        with pytest.raises(RefusedError, match="just been taken"), lab.lock_bench("Line 2"):
            pass


def test_the_same_instruments_are_one_bench_in_every_lab_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    there = ["serial:///dev/ttyUSB7", "modbus+tcp://192.0.2.1?unit=1", "manual:"]
    with Lab.open(tmp_path / "a") as one, Lab.open(tmp_path / "b") as two:
        with one.lock_bench("Line 2", there):
            with pytest.raises(RefusedError) as caught, two.lock_bench("Line two", there[::-1]):
                pass
            assert caught.value.message.args["pid"] == os.getpid()
            with two.lock_bench("Line 2", ["serial:///dev/ttyUSB8"]):
                pass
            with two.lock_bench("by hand", ["manual:"]), one.lock_bench("by hand", ["manual:"]):
                pass
        with two.lock_bench("Line two", there):
            pass


def test_a_lock_of_the_machine_ends_with_its_process(tmp_path: Path) -> None:
    program = HOLDER.replace('lock_bench("Line 2")', 'lock_bench("Line 2", ["serial:///dev/x"])')
    holder = python(program, tmp_path / "a")
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        with Lab.open(tmp_path / "b") as lab:
            with pytest.raises(RefusedError), lab.lock_bench("Line 3", ["serial:///dev/x"]):
                pass
            holder.kill()
            holder.wait()
            with lab.lock_bench("Line 3", ["serial:///dev/x"]):
                pass
    finally:
        holder.kill()
        holder.communicate()


def test_every_bench_has_a_lock_of_its_own_whatever_its_name(tmp_path: Path) -> None:
    names = ["a/b", "a:b", "../up", "水表检定台", "x" * 300, "", "con"]
    files = [lock_file(tmp_path, name) for name in names]
    assert len(set(files)) == len(names)
    assert all(file.parent == tmp_path and len(file.name.encode()) < 200 for file in files)


def test_a_run_that_was_cut_off_reads_as_an_error(tmp_path: Path) -> None:
    with Lab.open(tmp_path) as lab:
        journal = lab.begin_run("Line 2", clock=clock())
        journal.emit(opened())
        document = fold(lab.events(journal.run))
    assert (document["outcome"], document["verdict"]) == ("error", "not_measured")
