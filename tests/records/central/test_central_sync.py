"""Benches bring their records to a central PostgreSQL, which recomputes everything it is given."""

from __future__ import annotations

import random
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from record_samples import clock, opened

from benchctl.core.clock import pause
from benchctl.core.errors import RecordError, RefusedError, UsageError
from benchctl.core.events import ItemJudged, LinkNoted, RawBlock, RunClosed
from benchctl.records import Lab
from benchctl.records.central import Central, CentralGoneError, ForkError, sync, tables

BLOCK = np.arange(30, dtype=np.float64).tobytes()


def measure(lab: Lab, bench: str, run: str, records: int = 10) -> None:
    """Record a run of so many events and more, closed."""
    journal = lab.begin_run(bench, run, clock=clock())
    journal.emit(opened(run))
    for n in range(records):
        journal.emit(LinkNoted("retry", '水泵 "A"\\', f"ch {n}\n", "\x07"))
        if n % 5 == 0:
            journal.emit(RawBlock(f"s{n}", "a", ("x",), ("L",), 0, 10, "", BLOCK))
    journal.emit(ItemJudged("W-1", "appearance", "pass", {"id": "no-run", "args": {}}, {}))
    journal.emit(RunClosed("finished", "pass", None, "2026-01-31T09:40:00.000Z"))


def rows(central: Central, table: sa.Table) -> list[tuple[object, ...]]:
    with central.transaction() as connection:
        return [tuple(row) for row in connection.execute(sa.select(table))]


def chains(central: Central) -> dict[str, list[str]]:
    """The hashes of every run, as the central database has them."""
    found: dict[str, list[str]] = {}
    records = tables.records
    asked = sa.select(records.c.run, records.c.hash).order_by(records.c.run, records.c.seq)
    with central.transaction() as connection:
        for run, hash_ in connection.execute(asked):
            found.setdefault(run, []).append(hash_)
    return found


def local_chains(lab: Lab) -> dict[str, list[str]]:
    return {i.run: [r.hash for r in lab.store.records(i.run)] for i in lab.runs(None)}


def test_what_a_bench_recorded_is_in_the_central_database_byte_for_byte(
    lab: Lab, central: Central
) -> None:
    measure(lab, '台架 "2"', "R1")
    measure(lab, '台架 "2"', "R2", records=1200)  # several pages
    done = sync(lab, central)
    assert (done.runs, done.left_out) == (2, 0)
    assert chains(central) == local_chains(lab)
    assert {bytes(row[2]) for row in rows(central, tables.blobs)} == {BLOCK}  # type: ignore[arg-type]
    with lab.store.reading() as reader:
        mine = [(h.n, h.run, h.what, h.text, h.signature) for h in reader.heads()]
    assert [tuple(row[1:]) for row in rows(central, tables.heads)] == mine


def test_a_second_call_brings_nothing_and_a_later_one_only_what_is_new(
    lab: Lab, central: Central
) -> None:
    measure(lab, "B", "R1")
    first = sync(lab, central)
    again = sync(lab, central)
    assert (again.runs, again.records, again.heads) == (0, 0, 0)
    journal = lab.begin_run("B", "R2", clock=clock())
    journal.emit(opened("R2"))
    open_run = sync(lab, central)
    assert (open_run.runs, open_run.records) == (1, 1)
    journal.emit(RunClosed("finished", "pass", None, "2026-01-31T09:40:00.000Z"))
    assert sync(lab, central).records == 1
    assert first.records + 2 == len(rows(central, tables.records))


def test_runs_of_benches_that_lived_in_their_process_stay_at_home(
    lab: Lab, central: Central
) -> None:
    measure(lab, "Demo (in process)", "R1")
    done = sync(lab, central)
    assert (done.runs, done.left_out) == (0, 1)
    assert rows(central, tables.runs) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE records SET body = replace(body, 'pass', 'fail') WHERE kind = 'item-judged'", ""),
        ("UPDATE blobs SET data = zeroblob(240)", ""),
        ("UPDATE records SET utc = '2027' WHERE seq = 3", ""),
        ("UPDATE records SET t = 1.5 WHERE seq = 4", ""),
        ("UPDATE runs SET bench = 'C'", ""),
    ],
)
def test_a_record_that_was_altered_before_it_came_is_refused_by_the_server(
    lab: Lab, central: Central, change: str, why: str
) -> None:
    measure(lab, "B", "R1")
    forge(lab.path, change)
    with pytest.raises(RefusedError, match="refuses"):
        sync(lab, central)
    assert rows(central, tables.heads) == []


def forge(path: Path, change: str) -> None:
    """Change a database as somebody does who knows how its triggers are taken off."""
    with sqlite3.connect(path) as database:
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute(change)
    database.close()


def test_a_bench_that_was_forked_is_refused(tmp_path: Path, central: Central) -> None:
    with Lab.open(tmp_path / "one") as lab:
        measure(lab, "B", "R1")
        sync(lab, central)
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    with Lab.open(tmp_path / "one") as lab:
        measure(lab, "B", "R2")
        sync(lab, central)
    with Lab.open(tmp_path / "two") as fork:
        measure(fork, "B", "R3")
        with pytest.raises(ForkError):
            sync(fork, central)
    assert set(chains(central)) == {"R1", "R2"}


def test_a_bench_whose_folder_was_set_back_is_told_so(tmp_path: Path, central: Central) -> None:
    with Lab.open(tmp_path / "lab") as lab:
        measure(lab, "B", "R1")
    shutil.copytree(tmp_path / "lab", tmp_path / "backup")
    with Lab.open(tmp_path / "lab") as lab:
        measure(lab, "B", "R2")
        sync(lab, central)
    with Lab.open(tmp_path / "backup") as lab, pytest.raises(ForkError, match="it has more"):
        sync(lab, central)


def test_two_labs_that_call_a_bench_by_one_name_are_told_so(
    tmp_path: Path, central: Central
) -> None:
    for name in ("one", "two"):
        with Lab.open(tmp_path / name) as lab:
            measure(lab, "B", f"R-{name}")
            if name == "one":
                sync(lab, central)
            else:
                with pytest.raises(ForkError, match="R-one"):
                    sync(lab, central)


def test_nobody_changes_what_is_there_not_even_its_keeper(lab: Lab, central: Central) -> None:
    measure(lab, "B", "R1")
    sync(lab, central)
    for change in ("UPDATE records SET body = ''", "DELETE FROM heads", "TRUNCATE blobs"):
        with pytest.raises(RefusedError, match="append-only"), central.transaction() as connection:
            connection.exec_driver_sql(change)


def test_a_login_writes_for_its_own_bench_only_and_a_reader_for_none(
    lab: Lab, central: Central, database: Callable[[str], str]
) -> None:
    measure(lab, "B", "R1")
    urls = {login: database(login) for login in ("bench_b", "bench_c", "reader", "nobody_yet")}
    central.grant("bench_b", role="bench", benches=["B"])
    central.grant("bench_c", role="bench", benches=["C"])
    central.grant("reader", role="reader")
    for login in ("bench_c", "reader", "nobody_yet"):
        with Central.open(urls[login]) as other, pytest.raises(RecordError, match="not allowed"):
            sync(lab, other)
    with Central.open(urls["bench_b"]) as own:
        assert sync(lab, own).runs == 1
        assert len(chains(own)) == 1
    with Central.open(urls["bench_c"]) as other:
        assert chains(other) == {}
    with Central.open(urls["reader"]) as reader:
        assert len(chains(reader)) == 1


def test_a_bench_goes_on_when_the_server_is_away(lab: Lab, tmp_path: Path) -> None:
    measure(lab, "B", "R1")
    with (
        Central.open(f"postgresql://keeper@/x?host={tmp_path}") as away,
        pytest.raises(CentralGoneError, match="cannot be reached"),
    ):
        sync(lab, away)
    measure(lab, "B", "R2")


@pytest.mark.parametrize("url", ["sqlite:///x", "nonsense", "mysql://a/b"])
def test_only_postgresql_is_a_central_database(url: str) -> None:
    with pytest.raises(UsageError, match="postgresql://"):
        Central.open(url)


def test_eight_benches_with_connections_that_break_converge_to_identical_chains(
    tmp_path: Path, central: Central, database: Callable[[str], str]
) -> None:
    """Eight benches of 1,000 records each; any backend may be killed at any moment."""
    url = database("keeper")
    over = threading.Event()
    broken: list[str] = []
    failed: list[Exception] = []

    def bench(n: int) -> None:
        try:
            with Lab.open(tmp_path / f"lab-{n}") as lab, Central.open(url) as mine:
                for run in range(5):
                    measure(lab, f"Line {n}", f"R{n}-{run}", records=165)
                    _stubborn(lab, mine, broken)
                _stubborn(lab, mine, broken)
        except Exception as error:  # noqa: BLE001 - told in the main thread
            failed.append(error)

    def breaker() -> None:
        chance = random.Random(5)
        kill = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND datname = current_database() ORDER BY random() LIMIT 1"
        )
        while not over.wait(chance.uniform(0.01, 0.08)):
            with central.transaction() as connection:
                connection.exec_driver_sql(kill)

    threads = [threading.Thread(target=bench, args=(n,)) for n in range(8)]
    breaking = threading.Thread(target=breaker)
    for thread in (*threads, breaking):
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    breaking.join()
    assert not failed
    assert broken, "no connection was ever broken"
    here: dict[str, list[str]] = {}
    for n in range(8):
        with Lab.open(tmp_path / f"lab-{n}") as lab:
            mine = local_chains(lab)
            assert sum(map(len, mine.values())) >= 1000
            here |= mine
    assert chains(central) == here
    assert len(rows(central, tables.blobs)) == 8 * 5 * 33


def _stubborn(lab: Lab, central: Central, broken: list[str]) -> None:
    """Sync until it went through."""
    for _ in range(200):
        try:
            sync(lab, central)
        except CentralGoneError as gone:
            broken.append(str(gone))
            pause(0.01)
        else:
            return
    raise AssertionError("never went through")
