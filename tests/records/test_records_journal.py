from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import numpy as np
import pytest
from record_samples import (
    clock,
    closed,
    measured,
    opened,
    raw_block,
    undo,
    whole_run,
)

from benchctl.core.errors import RecordError, RefusedError, UsageError
from benchctl.core.events import KINDS, AuditNoted, LinkNoted, RawBlock, SettingWritten, Watched
from benchctl.records import Lab, StoredEvent, verify
from benchctl.records.durability import Keeping, keeping

RETRY = LinkNoted("retry", "pump", "speed", "")
WATCHED = Watched("a1", 1.0, {"flow": 2.5}, 0.5, 10.0)


def on_disk(lab: Lab, run: str) -> list[str]:
    """Return the kinds that another connection sees."""
    with Lab.open(lab.folder) as other:
        return [stored.event.KIND for stored in other.events(run)]


def test_a_durable_event_is_on_the_disk_when_emit_returns(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", clock=clock())
    journal.emit(opened())
    assert on_disk(lab, journal.run) == ["run-opened"]


def test_raw_readings_wait_for_the_result_that_rests_on_them(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", clock=clock())
    journal.emit(raw_block(0))
    journal.emit(RETRY)
    assert on_disk(lab, journal.run) == []
    journal.emit(measured("W-1", "Q3"))
    assert on_disk(lab, journal.run) == ["raw-block", "link-noted", "run-measured"]


def test_what_waits_is_committed_by_flush(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", clock=clock())
    journal.emit(RETRY)
    journal.flush()
    assert on_disk(lab, journal.run) == ["link-noted"]


@pytest.mark.parametrize(
    ("limit", "value"),
    [("GATHERED_EVENTS", 3), ("GATHERED_BYTES", 200), ("GATHERED_SECONDS", 0.0)],
)
def test_nothing_waits_without_end(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, limit: str, value: float
) -> None:
    monkeypatch.setattr(f"benchctl.records.durability.{limit}", value)
    journal = lab.begin_run("Line 2", clock=clock())
    for first in range(3):
        journal.emit(raw_block(first))
    assert on_disk(lab, journal.run)[:1] == ["raw-block"]


def test_only_raw_readings_settings_and_notes_may_wait() -> None:
    assert [kind.KIND for kind in KINDS.values() if keeping(bare(kind)) is Keeping.GROUPED] == [
        LinkNoted.KIND,
        SettingWritten.KIND,
        RawBlock.KIND,
        AuditNoted.KIND,
    ]
    assert keeping(WATCHED) is Keeping.SHOWN


def bare(kind: type) -> object:
    return object.__new__(kind)


def test_values_for_the_screen_are_shown_and_not_kept(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", clock=clock())
    shown: list[StoredEvent] = []
    journal.listeners.append(shown.append)
    journal.emit(opened())
    journal.emit(WATCHED)
    assert [(s.seq, s.event.KIND) for s in shown] == [(1, "run-opened"), (0, "watched")]
    assert on_disk(lab, journal.run) == ["run-opened"]


def test_listeners_hear_what_was_committed_in_order(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", clock=clock())
    heard: list[StoredEvent] = []
    journal.listeners.append(heard.append)
    for event in whole_run():
        before = len(heard)
        journal.emit(event)
        assert all(s.event.KIND in on_disk(lab, journal.run) for s in heard[before:])
    assert [s.seq for s in heard] == list(range(1, 11))
    kept = list(lab.events(journal.run))
    assert [s.hash for s in heard] == [s.hash for s in kept]


def test_a_listener_that_fails_breaks_nothing_and_is_reported_once(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", clock=clock())
    heard: list[StoredEvent] = []

    def broken(stored: StoredEvent) -> None:
        raise ValueError(stored.seq)

    journal.listeners.extend([broken, heard.append])
    journal.emit(opened())
    journal.emit(undo())
    assert len(heard) == 2
    assert [(listener, str(error)) for listener, error in journal.listener_errors] == [
        (broken, "1")
    ]


def test_a_listener_may_emit(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", clock=clock())
    heard: list[str] = []

    def answer(stored: StoredEvent) -> None:
        if stored.event.KIND == "run-opened":
            journal.emit(undo())

    journal.listeners.extend([answer, lambda stored: heard.append(stored.event.KIND)])
    journal.emit(opened())
    assert heard == ["run-opened", "undo-registered"]


def test_threads_may_emit_together(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", clock=clock())
    heard: list[int] = []
    journal.listeners.append(lambda stored: heard.append(stored.seq))

    def work(name: int) -> None:
        for n in range(20):
            journal.emit(raw_block(n, series=f"s{name}"))
            journal.emit(measured(f"W-{name}", "Q3", n))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == list(range(1, 201))
    assert verify(lab) == []
    for name in range(5):
        of_one = [s.event.run for s in lab.events(journal.run) if belongs(s, f"W-{name}")]
        assert of_one == list(range(20))


def belongs(stored: StoredEvent, uut: str) -> bool:
    return stored.event.KIND == "run-measured" and stored.event.uut == uut


def test_time_is_that_of_the_bench(lab: Lab) -> None:
    time = clock()
    journal = lab.begin_run("Line 2", clock=time)
    time.sleep(61.25)
    journal.emit(opened())
    (stored,) = lab.events(journal.run)
    assert (stored.t, stored.utc) == (61.25, "2026-01-31T09:01:01.250Z")


def test_a_closed_run_takes_nothing_more(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", clock=clock())
    for event in whole_run():
        journal.emit(event)
    with pytest.raises(RecordError, match="is closed"):
        journal.emit(RETRY)
    with pytest.raises(RefusedError, match="is closed"):
        lab.resume_journal(journal.run, clock())


def test_a_run_that_was_cut_off_goes_on_in_its_own_record(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", clock=clock())
    journal.emit(opened())
    assert lab.open_runs("Line 2") == [journal.run]
    assert lab.open_runs("Line 3") == []
    with Lab.open(lab.folder) as later:
        later.resume_journal(journal.run, clock()).emit(closed("error", "not_measured"))
        assert [s.seq for s in later.events(journal.run)] == [1, 2]
        assert later.open_runs("Line 2") == []
        assert verify(later) == []
    with pytest.raises(UsageError, match="no run R9"):
        lab.resume_journal("R9", clock())


def test_two_journals_of_one_run_cannot_both_write(lab: Lab) -> None:
    first = lab.begin_run("Line 2", clock=clock())
    first.emit(opened())
    second = lab.resume_journal(first.run, clock())
    second.emit(undo())
    with pytest.raises(RecordError, match="follow one another"):
        first.emit(undo())
    assert verify(lab) == []


def test_a_failed_write_ends_the_journal_for_good(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import text

    journal = lab.begin_run("Line 2", clock=clock())
    heard: list[int] = []
    journal.listeners.append(lambda stored: heard.append(stored.seq))
    journal.emit(opened())
    with lab.store.writing() as writer:
        refuse = "CREATE TRIGGER full BEFORE INSERT ON records BEGIN SELECT RAISE(ABORT, 'no'); END"
        writer.apply(lambda connection: connection.execute(text(refuse)) and None)
    with pytest.raises(RecordError):
        journal.emit(undo())
    with lab.store.writing() as writer:
        writer.apply(lambda connection: connection.execute(text("DROP TRIGGER full")) and None)
    with pytest.raises(RecordError, match="takes nothing more") as again:
        journal.emit(RETRY)
    assert again.value.exit_code == 5
    assert journal.failure is not None
    assert heard == [1]
    assert [s.seq for s in lab.events(journal.run)] == [1]


def test_an_event_that_cannot_be_kept_is_refused_and_the_record_goes_on(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", clock=clock())
    with pytest.raises(RecordError, match="not plain data"):
        journal.emit(dataclasses.replace(opened(), request={"path": Path("x")}))
    journal.emit(opened())
    assert on_disk(lab, journal.run) == ["run-opened"]


def test_raw_readings_come_back_as_they_went_in(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", clock=clock())
    journal.emit(raw_block(0))
    journal.emit(raw_block(0, series="other"))
    journal.emit(raw_block(3))
    journal.flush()
    expected = np.hstack([np.arange(12.0).reshape(4, 3), np.arange(3.0, 15.0).reshape(4, 3)])
    assert np.array_equal(lab.raw(journal.run, "master"), expected)
    with pytest.raises(UsageError, match="no raw readings nothing"):
        lab.raw(journal.run, "nothing")


def test_raw_readings_whose_checksum_differs_are_refused(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", clock=clock())
    with pytest.raises(RecordError, match="does not match"):
        journal.emit(dataclasses.replace(raw_block(0), sha256="00" * 32))


def test_raw_readings_without_a_checksum_get_theirs(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", clock=clock())
    journal.emit(dataclasses.replace(raw_block(0), sha256=""))
    journal.flush()
    (stored,) = lab.events(journal.run)
    assert stored.event.sha256 == raw_block(0).sha256
