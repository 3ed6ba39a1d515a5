"""A record that somebody changed, the triggers out of the way, is found out."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from record_samples import clock, closed, opened, raw_block, undo, whole_run

from benchctl.core.errors import RecordError, UsageError
from benchctl.records import Lab, verify

RUN = "R1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A lab with three runs of one bench, each of ten events, and one of another bench."""
    with Lab.open(tmp_path) as lab:
        for run, bench in (("R1", "Line 2"), ("R2", "Line 2"), ("O1", "Line 3"), ("R3", "Line 2")):
            journal = lab.begin_run(bench, run, clock=clock())
            for event in whole_run():
                journal.emit(event)
    return tmp_path


def tamper(folder: Path, *statements: str) -> None:
    """Do what somebody with the file and a database tool can do."""
    with sqlite3.connect(folder / "lab.sqlite") as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert database.execute(statement).rowcount != 0, statement
    database.close()


def found(folder: Path, run: str | None = None) -> list[tuple[str, int, str]]:
    with Lab.open(folder) as lab:
        problems = verify(lab, run)
        assert all(p.message for p in problems)
        return [(p.run, p.seq, p.message.id.removeprefix("records.")) for p in problems]


def test_an_untouched_record_is_whole(folder: Path) -> None:
    assert found(folder) == []
    assert found(folder, "R2") == []


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            "UPDATE records SET body = replace(body, '100.52', '100.11') WHERE run='R1' AND seq=5",
            ("R1", 5, "chain-broken"),
        ),
        ("UPDATE records SET kind = 'settled' WHERE run='R1' AND seq=7", ("R1", 7, "chain-broken")),
        ("UPDATE records SET t = t + 1 WHERE run='R1' AND seq=10", ("R1", 10, "chain-broken")),
        ("UPDATE records SET utc = '2025' WHERE run='R1' AND seq=1", ("R1", 1, "chain-broken")),
        (
            "UPDATE records SET body = CAST(body AS BLOB) WHERE run='R1' AND seq=5",
            ("R1", 5, "chain-broken"),
        ),
        ("DELETE FROM records WHERE run='R1' AND seq=5", ("R1", 5, "gap")),
        ("DELETE FROM records WHERE run='R1' AND seq=1", ("R1", 1, "gap")),
        (
            "INSERT INTO records SELECT run, 11, kind, version, utc, t, body, hash FROM records "
            "WHERE run='R1' AND seq=3",
            ("R1", 11, "chain-broken"),
        ),
        (
            "INSERT INTO records SELECT run, 0, kind, version, utc, t, body, hash FROM records "
            "WHERE run='R1' AND seq=3",
            ("R1", 0, "chain-broken"),
        ),
        ("UPDATE runs SET bench = 'Line 9' WHERE run='O1'", ("O1", 1, "chain-broken")),
        ("UPDATE runs SET algorithm = 'none' WHERE run='R1'", ("R1", 0, "unknown-algorithm")),
        ("UPDATE blobs SET data = x'00' WHERE run='R1'", ("R1", 4, "blob-changed")),
        ("DELETE FROM blobs WHERE run='R1'", ("R1", 4, "blob-missing")),
        ("INSERT INTO blobs VALUES ('R1', 2, x'00')", ("R1", 2, "blob-stray")),
        ("DELETE FROM runs WHERE run='O1'", ("O1", 1, "run-missing")),
        ("DELETE FROM records WHERE run='R1' AND seq=10", ("R1", 10, "end-gone")),
        ("DELETE FROM runs WHERE run='R2'", ("R3", 0, "previous-missing")),
    ],
)
def test_each_change_is_found_at_its_place(
    folder: Path, statement: str, problem: tuple[str, int, str]
) -> None:
    tamper(folder, statement)
    assert found(folder)[0] == problem


def test_swapped_records_are_found_at_the_first(folder: Path) -> None:
    tamper(
        folder,
        "UPDATE records SET seq = 99 WHERE run='R1' AND seq=6",
        "UPDATE records SET seq = 6 WHERE run='R1' AND seq=7",
        "UPDATE records SET seq = 7 WHERE run='R1' AND seq=99",
    )
    assert found(folder)[0] == ("R1", 6, "chain-broken")


def test_a_record_slipped_in_between_is_found(folder: Path) -> None:
    tamper(
        folder,
        "UPDATE records SET seq = seq + 100 WHERE run='R1' AND seq > 5",
        "UPDATE records SET seq = seq - 99 WHERE run='R1' AND seq > 100",
        "INSERT INTO records SELECT run, 6, kind, version, utc, t, body, hash FROM records "
        "WHERE run='R1' AND seq=5",
    )
    assert found(folder)[0] == ("R1", 6, "chain-broken")


def test_a_change_whose_own_hash_was_made_again_shows_in_the_next_record(folder: Path) -> None:
    from benchctl.records.canonical import chain

    with Lab.open(folder) as lab, lab.store.reading() as reader:
        before, changed = reader.record(RUN, 4), reader.record(RUN, 5)
    assert before is not None
    assert changed is not None
    object.__setattr__(changed, "body", changed.body.replace("100.52", "100.11"))
    tamper(
        folder,
        f"UPDATE records SET body = '{changed.body}', hash = '{chain(before.hash, changed)}' "
        "WHERE run='R1' AND seq=5",
    )
    assert found(folder) == [("R1", 6, "chain-broken")]


def test_one_changed_record_is_one_problem_and_other_runs_are_not_accused(folder: Path) -> None:
    tamper(folder, "UPDATE records SET body = '{}' WHERE run='R2' AND seq=6")
    assert found(folder) == [("R2", 6, "chain-broken")]
    assert found(folder, "R1") == []
    with pytest.raises(UsageError), Lab.open(folder) as lab:
        verify(lab, "R9")


def test_a_long_run_is_checked_to_its_end(tmp_path: Path) -> None:
    with Lab.open(tmp_path) as lab:
        journal = lab.begin_run("Line 2", RUN, clock=clock())
        for n in range(1200):
            journal.emit(raw_block(n))
        journal.emit(closed())
    assert found(tmp_path) == []
    tamper(tmp_path, "UPDATE records SET version = 2 WHERE seq = 1101")
    assert found(tmp_path) == [(RUN, 1101, "chain-broken")]


def test_runs_side_by_side_on_a_simulated_bench_are_each_whole(lab: Lab) -> None:
    first = lab.begin_run("sim", clock=clock())
    second = lab.begin_run("sim", clock=clock())
    for journal in (first, second, first):
        journal.emit(undo())
    assert verify(lab) == []


def test_a_run_that_goes_on_after_the_next_began_breaks_no_link(lab: Lab) -> None:
    first = lab.begin_run("Line 2", clock=clock())
    first.emit(opened())
    lab.begin_run("Line 2", clock=clock()).emit(opened())
    first.emit(undo())
    assert verify(lab) == []


# what is gone as a whole ------------------------------------------------------------------------


def gone(run: str, after: int = 0) -> list[str]:
    """Statements that take away a run, or its records beyond `after`."""
    where = f"run='{run}' AND seq > {after}"
    taken = [f"DELETE FROM blobs WHERE {where}"] if run[0] in "RO" and after < 4 else []
    taken.append(f"DELETE FROM records WHERE {where}")
    return taken if after else [*taken, f"DELETE FROM runs WHERE run='{run}'"]


@pytest.mark.parametrize("run", ["R1", "R3", "O1"])
def test_a_run_that_is_gone_as_a_whole_is_named(folder: Path, run: str) -> None:
    tamper(folder, *gone(run))
    assert (run, 0, "run-gone") in found(folder)


def test_the_end_of_the_newest_run_that_is_gone_is_named(folder: Path) -> None:
    tamper(folder, *gone("R3", after=8))
    assert found(folder) == [("R3", 10, "end-gone")]
    assert found(folder, "R3") == [("R3", 10, "end-gone")]
    assert found(folder, "R1") == []


def test_runs_side_by_side_are_chained_and_a_missing_one_is_named(lab: Lab) -> None:
    for run in ("S1", "S2", "S3"):
        journal = lab.begin_run("sim (in process)", run, clock=clock())
        for event in (opened(run), closed()):
            journal.emit(event)
    assert verify(lab) == []
    tamper(lab.folder, *gone("S2"))
    assert ("S2", 0, "run-gone") in found(lab.folder)
    assert ("S3", 0, "previous-missing") in found(lab.folder)


def test_a_run_that_goes_on_or_was_cut_off_is_no_problem(lab: Lab) -> None:
    lab.begin_run("Line 2", clock=clock()).emit(opened())
    assert verify(lab) == []


@pytest.mark.parametrize(
    ("cut", "problem"),
    [("first", "heads-changed"), ("middle", "heads-changed"), ("changed", "heads-differ")],
)
def test_a_list_of_heads_that_was_changed_is_found(folder: Path, cut: str, problem: str) -> None:
    path = folder / "heads.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    if cut == "changed":
        lines[2] = lines[2].replace("closed", "opened")
    else:
        del lines[0 if cut == "first" else 3]
    path.write_text("".join(lines))
    assert [problem for *_, problem in found(folder)] == [problem]
    path.unlink()
    assert [problem for *_, problem in found(folder)] == ["heads-missing"]


def test_a_head_that_was_cut_off_while_it_was_written_spoils_nothing(folder: Path) -> None:
    with (folder / "heads.jsonl").open("a") as file:
        file.write('{"n": 9, "run": "R')
    assert found(folder) == []
    with Lab.open(folder) as lab:
        journal = lab.begin_run("Line 2", "R4", clock=clock())
        for event in whole_run():
            journal.emit(event)
    assert found(folder) == []
    tamper(folder, *gone("R4"))
    assert found(folder) == [("R4", 0, "run-gone")]


# append-only ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records SET body = '{}'",
        "UPDATE runs SET bench = 'x'",
        "UPDATE blobs SET data = x'00'",
        "DELETE FROM records",
        "DELETE FROM runs",
        "DELETE FROM blobs",
        "INSERT OR REPLACE INTO records SELECT * FROM records WHERE seq = 3",
        "INSERT OR REPLACE INTO blobs SELECT * FROM blobs",
        "INSERT OR REPLACE INTO runs SELECT * FROM runs",
        "INSERT INTO records SELECT run, 99, kind, version, utc, t, body, hash FROM records "
        "WHERE seq = 3",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_written(
    folder: Path, statement: str
) -> None:
    with sqlite3.connect(folder / "lab.sqlite") as database:
        before = list(database.iterdump())
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(statement)
        database.rollback()
        assert list(database.iterdump()) == before
    database.close()


def test_damaged_raw_readings_and_bodies_are_never_read_as_something_else(folder: Path) -> None:
    tamper(
        folder,
        "UPDATE blobs SET data = x'00' WHERE run='R1'",
        "UPDATE records SET body = '[]' WHERE run='R2' AND seq=4",
    )
    with Lab.open(folder) as lab:
        with pytest.raises(RecordError, match="missing or cut short"):
            lab.raw("R1", "master")
        with pytest.raises(RecordError, match="record 4 cannot be read"):
            lab.raw("R2", "master")
    assert found(folder)[:2] == [("R1", 4, "blob-changed"), ("R2", 4, "chain-broken")]
