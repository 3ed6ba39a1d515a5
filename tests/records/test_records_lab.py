from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from record_samples import START, clock, closed, opened, python, whole_run

from benchctl.core.errors import BenchctlError, RecordError, UsageError
from benchctl.records import Lab, user_data_folder, verify
from benchctl.records.ulid import ALPHABET, ulid

HOME = Path("/home/li")


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {}, HOME / ".local/share/benchctl"),
        ("linux", {"XDG_DATA_HOME": "/data"}, Path("/data/benchctl")),
        ("linux", {"XDG_DATA_HOME": "relative"}, HOME / ".local/share/benchctl"),
        ("darwin", {"XDG_DATA_HOME": "/data"}, HOME / "Library/Application Support/benchctl"),
        ("win32", {"LOCALAPPDATA": "/local"}, Path("/local/benchctl")),
        ("win32", {}, HOME / "AppData/Local/benchctl"),
    ],
)
def test_records_lie_where_the_platform_keeps_user_data(
    platform: str, environ: dict[str, str], expected: Path
) -> None:
    assert user_data_folder(environ, platform, HOME) == expected


def test_without_a_folder_the_users_own_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    with Lab.open() as lab:
        assert lab.path == tmp_path / "benchctl" / "lab.sqlite"
        assert lab.path.is_file()


def test_looking_does_not_make_a_lab(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="holds no records"):
        Lab.open(tmp_path / "typo", create=False)
    assert not (tmp_path / "typo").exists()


def test_many_may_open_a_new_lab_at_once(tmp_path: Path) -> None:
    ready = threading.Barrier(6)
    problems: list[BenchctlError] = []

    def work(number: int) -> None:
        ready.wait()
        try:
            with Lab.open(tmp_path / "lab") as lab:
                lab.begin_run(f"bench {number}", clock=clock()).emit(opened())
        except BenchctlError as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with Lab.open(tmp_path / "lab") as lab:
        assert len(lab.runs()) == 6
        assert verify(lab) == []


def test_committed_means_synchronised_and_readers_do_not_wait(lab: Lab) -> None:
    with lab.store.reading() as reader:
        ask = reader._connection.exec_driver_sql
        assert ask("PRAGMA journal_mode").scalar() == "wal"
        assert ask("PRAGMA synchronous").scalar() == 2
        assert ask("PRAGMA foreign_keys").scalar() == 1
        assert ask("PRAGMA busy_timeout").scalar() == 5000


# what can be wrong with a folder or its database ------------------------------------------------


def message_of(folder: Path) -> str:
    with pytest.raises(RecordError) as caught, Lab.open(folder) as lab:
        lab.begin_run("Line 2", clock=clock())
    assert caught.value.exit_code == 5
    assert str(folder) in caught.value.words("zh")
    return caught.value.message.id


def test_a_file_is_not_a_lab(tmp_path: Path) -> None:
    (tmp_path / "lab").write_text("")
    assert message_of(tmp_path / "lab") == "records.not-a-folder"
    assert message_of(tmp_path / "lab" / "deeper") == "records.not-a-folder"


def test_a_folder_is_not_a_database(tmp_path: Path) -> None:
    (tmp_path / "lab.sqlite").mkdir()
    assert message_of(tmp_path) == "records.cannot-open"


def test_bytes_that_are_no_database_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lab.sqlite").write_bytes(b"not a database at all " * 100)
    assert message_of(tmp_path) == "records.damaged"
    assert (tmp_path / "lab.sqlite").read_bytes() == b"not a database at all " * 100


def test_a_damaged_page_is_told_when_it_is_read(tmp_path: Path) -> None:
    with Lab.open(tmp_path) as lab:
        journal = lab.begin_run("Line 2", clock=clock())
        for _ in range(400):
            journal.emit(opened())
    content = bytearray((tmp_path / "lab.sqlite").read_bytes())
    whole = 64 * 4096  # what the tables are is still to be read
    content[whole:] = os.urandom(len(content) - whole)
    (tmp_path / "lab.sqlite").write_bytes(content)
    with Lab.open(tmp_path) as lab:
        (problem,) = verify(lab)
    assert problem.message.id in ("records.damage", "records.damaged")


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "lab.sqlite") as other:
        other.execute("CREATE TABLE cats (name)")
    other.close()
    assert message_of(tmp_path) == "records.foreign"


def test_a_record_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    Lab.open(tmp_path).close()
    with sqlite3.connect(tmp_path / "lab.sqlite") as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    other.close()
    assert message_of(tmp_path) == "records.newer"


def test_a_locked_database_is_waited_for_and_then_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchctl.records.store.BUSY_SECONDS", 0.1)
    Lab.open(tmp_path).close()
    other = sqlite3.connect(tmp_path / "lab.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert message_of(tmp_path) == "records.locked"
    other.close()
    with Lab.open(tmp_path) as lab:
        lab.begin_run("Line 2", clock=clock()).emit(opened())


READ_ONLY = """
import os, sys
from pathlib import Path
import benchctl.records.store, sqlalchemy.dialects.sqlite
from benchctl.core.clock import VirtualClock
from benchctl.core.errors import RecordError
from benchctl.records import Lab
if os.getuid() == 0:
    os.setuid(65534)
try:
    with Lab.open(Path(sys.argv[1])) as lab:
        lab.begin_run("Line 2", clock=VirtualClock())
except RecordError as error:
    print(error.message.id)
"""


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that another user can reach, which pytest's own cannot be."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for path in (folder, *folder.iterdir()):
            path.chmod(0o755)


def test_a_folder_that_may_not_be_written_is_told(public_folder: Path) -> None:
    empty, used = public_folder / "empty", public_folder / "used"
    empty.mkdir(mode=0o555)
    with Lab.open(used) as lab:
        lab.begin_run("Line 2", clock=clock()).emit(opened())
    (used / "lab.sqlite").chmod(0o444)
    used.chmod(0o555)
    for folder in (empty, used, empty / "below"):
        out, err = python(READ_ONLY, folder).communicate()
        assert out.strip() in ("records.read-only", "records.cannot-open"), err


# runs -------------------------------------------------------------------------------------------


def test_a_run_id_sorts_by_time_and_is_unlike_any_other() -> None:
    ids = [ulid(START) for _ in range(100)]
    assert len(set(ids)) == 100
    assert all(len(i) == 26 and set(i) <= set(ALPHABET) for i in ids)
    milliseconds = int(START.timestamp() * 1000)
    assert (
        sum(32**n * ALPHABET.index(c) for n, c in enumerate(reversed(ids[0][:10]))) == milliseconds
    )


def test_the_newest_run_comes_first_with_what_is_known_of_it(lab: Lab) -> None:
    done, cut = lab.begin_run("Line 2", clock=clock()), lab.begin_run("Line 3", clock=clock())
    for event in whole_run():
        done.emit(event)
    cut.emit(opened())
    newest, oldest = lab.runs()
    assert (newest.run, newest.bench, newest.outcome, newest.verdict) == (
        cut.run,
        "Line 3",
        None,
        None,
    )
    assert (oldest.outcome, oldest.verdict, oldest.events) == ("finished", "pass", 10)
    assert (oldest.procedure, oldest.operator, oldest.simulated) == ("water-meter", "Li", True)
    assert [info.run for info in lab.runs(1)] == [cut.run]
    assert [info.run for info in lab.runs(bench="Line 2")] == [done.run]
    assert lab.open_runs() == [cut.run]


def test_a_run_without_an_event_does_not_exist(lab: Lab) -> None:
    lab.begin_run("Line 2", clock=clock())
    assert lab.runs() == []
    with pytest.raises(UsageError, match="no run yet"):
        lab.find_run()


def test_a_run_is_found_by_the_beginning_of_its_id(lab: Lab) -> None:
    for name in ("01AB", "01AC", "01ACD"):
        lab.begin_run("Line 2", name, clock=clock()).emit(closed())
    assert lab.find_run() == lab.find_run("latest") == "01ACD"
    assert lab.find_run("01ab") == "01AB"
    assert lab.find_run("01AC") == "01AC"
    with pytest.raises(UsageError, match="more than one run: 01ACD, 01AC, 01AB"):
        lab.find_run("01A")
    with pytest.raises(UsageError, match="no run %"):
        lab.find_run("%")


def test_an_id_is_given_once(lab: Lab) -> None:
    lab.begin_run("Line 2", "R1", clock=clock()).emit(opened())
    with pytest.raises(RecordError, match="a run R1 already"):
        lab.begin_run("Line 2", "R1", clock=clock())


def test_an_event_of_a_newer_program_is_told(lab: Lab) -> None:
    lab.begin_run("Line 2", "R1", clock=clock()).emit(opened())
    with sqlite3.connect(lab.path) as other:
        other.execute(
            "INSERT INTO records SELECT run, 2, 'new-thing', 3, utc, t, body, hash FROM records"
        )
    other.close()
    with pytest.raises(RecordError, match="does not know events new-thing/3"):
        list(lab.events("R1"))
    assert [s.seq for s in lab.events("R1", kind="run-opened")] == [1]
