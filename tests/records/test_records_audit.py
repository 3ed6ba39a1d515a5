"""What happens to the record itself is in the record: clock, disk, signing key, settings."""

from __future__ import annotations

import hashlib
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from record_samples import clock, closed, opened, undo, whole_run

from benchctl import records
from benchctl.core import clock as time
from benchctl.core.errors import RecordError
from benchctl.core.events import AuditNoted
from benchctl.records import Lab, audit, notary, verified, verify
from benchctl.verifier.heads import read_statement


def noted(lab: Lab, run: str) -> list[str]:
    events = [s.event for s in lab.events(run, kind=AuditNoted.KIND)]
    return [e.what for e in events if isinstance(e, AuditNoted)]


def statements(lab: Lab) -> list[tuple[str, int, bool]]:
    with lab.store.reading() as reader:
        rows = reader.heads()
    return [(row.what, read_statement(row.text).size, bool(row.signature)) for row in rows]


# the clock --------------------------------------------------------------------------------------


def test_a_clock_that_is_set_during_a_run_is_in_its_record(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "LOOK_EVERY", 0.0)
    journal = lab.begin_run("Line 2", "R1", clock=clock())
    journal.emit(opened())
    monkeypatch.setattr(audit, "utc_now", lambda: time.utc_now() - timedelta(hours=1))
    for _ in range(3):
        journal.emit(undo())
    journal.emit(closed())
    assert noted(lab, "R1") == ["clock-step"]
    (note,) = lab.document("R1")["notes"]
    assert note["args"]["seconds"] == "-3600"
    assert [s.seq for s in lab.events("R1")] == [1, 2, 3, 4, 5, 6]
    assert verify(lab) == []


def test_a_clock_that_was_set_back_before_a_run_is_in_its_record(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as tomorrow:
        tomorrow.setattr(notary, "utc_now", lambda: time.utc_now() + timedelta(days=1))
        journal = lab.begin_run("Line 2", "R1", clock=clock())
        for event in whole_run():
            journal.emit(event)
    journal = lab.begin_run("Line 2", "R2", clock=clock())
    for event in whole_run():
        journal.emit(event)
    assert (noted(lab, "R1"), noted(lab, "R2")) == ([], ["clock-step"])
    (note,) = lab.document("R2")["notes"]
    assert 86390 <= int(note["args"]["seconds"]) <= 86400
    assert lab.find_run() == "R2"  # the order is that of the records, not of the clock
    assert verify(lab) == []


# the disk ---------------------------------------------------------------------------------------


def test_a_disk_that_is_low_is_noted_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(audit, "LOW", 1 << 62)
    journal = lab.begin_run("Line 2", "R1", clock=clock())
    for event in whole_run():
        journal.emit(event)
    assert noted(lab, "R1") == ["disk-low"]


# the signing key --------------------------------------------------------------------------------


def test_the_key_is_made_on_first_use_for_its_owner_only(lab: Lab) -> None:
    assert not (lab.folder / "keys").exists()
    lab.begin_run("Line 2", "R1", clock=clock()).emit(opened())
    assert stat.S_IMODE((lab.folder / "keys/signing.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((lab.folder / "keys").stat().st_mode) == 0o700
    assert statements(lab) == [("key", 0, True), ("opened", 1, True)]
    assert (records.public_key(lab) or "").startswith("-----BEGIN PUBLIC KEY-----")


def test_a_run_goes_on_without_the_key_and_says_so(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", "R1", clock=clock())
    journal.emit(opened())
    (lab.folder / "keys/signing.pem").chmod(0o644)
    with Lab.open(lab.folder) as other:
        journal = other.begin_run("Line 2", "R2", clock=clock())
        for event in whole_run():
            journal.emit(event)
        assert noted(other, "R2") == ["signing-failed"]
        (note,) = other.document("R2")["notes"]
        assert "0644" in str(note["text"])
        found = verified(other)
        assert [p.message.id for p in found.problems] == ["records.heads-unsigned"]
        with pytest.raises(RecordError) as caught:
            records.rotate_key(other)
        assert caught.value.message.id == "records.key-open"
    (lab.folder / "keys/signing.pem").chmod(0o600)
    with Lab.open(lab.folder) as healed:
        healed.begin_run("Line 2", "R3", clock=clock()).emit(opened())
        found = verified(healed)
    assert found.problems == ()
    unsigned = [n for n in found.notes if n.message.id == "records.head-unsigned"]
    assert [n.run for n in unsigned] == ["R2", "R2"]


def test_a_long_run_is_stated_every_so_many_records(lab: Lab) -> None:
    (lab.folder / "records.yaml").write_text("heads: {records: 10, seconds: 3600}")
    with Lab.open(lab.folder) as lab:
        journal = lab.begin_run("Line 2", "R1", clock=clock())
        journal.emit(opened())
        for _ in range(25):
            journal.emit(undo())
        journal.emit(closed())
        told = [(what, size) for what, size, _ in statements(lab) if what != "noted"]
        assert told[1:] == [("opened", 1), ("going", 11), ("going", 21), ("closed", 27)]
        assert verify(lab) == []


def test_a_long_run_is_stated_every_so_many_seconds(lab: Lab) -> None:
    (lab.folder / "records.yaml").write_text("heads: {seconds: 0.001}")
    with Lab.open(lab.folder) as lab:
        journal = lab.begin_run("Line 2", "R1", clock=clock())
        for event in (opened(), undo(), undo()):
            journal.emit(event)
            time.pause(0.002)
        told = [what for what, *_ in statements(lab)]
        assert told == ["key", "opened", "noted", "going", "going"]


# the settings -----------------------------------------------------------------------------------


def test_settings_that_were_changed_are_in_the_next_run_with_what_was_and_what_is(
    lab: Lab,
) -> None:
    def run(name: str) -> list[str]:
        with Lab.open(lab.folder) as again:
            journal = again.begin_run("Line 2", name, clock=clock())
            for event in whole_run():
                journal.emit(event)
            assert verify(again) == []
            return [str(note["text"]) for note in again.document(name)["notes"]]

    assert run("R1") == []
    (lab.folder / "records.yaml").write_text("review: {checked: true}\nheads: {records: 7}")
    (note,) = run("R2")
    assert "every_records: 1000 → 7; review.checked: no → yes" in note
    assert run("R3") == []
    (lab.folder / "records.yaml").unlink()
    (note,) = run("R4")
    assert "review.checked: yes → no" in note
    assert noted(lab, "R4") == ["settings"]


def test_settings_that_a_run_met_when_it_went_on_are_in_its_record(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", "R1", clock=clock())
    journal.emit(opened())
    (lab.folder / "records.yaml").write_text("hash: sm3")
    with Lab.open(lab.folder) as again:
        journal = again.resume_journal("R1", clock())
        journal.emit(undo())
        journal.emit(closed())
        assert noted(again, "R1") == ["settings"]
        assert verify(again) == []


SIGNER = """
import sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
key = load_pem_private_key(open(sys.argv[1], "rb").read(), None)
sys.stdout.buffer.write(key.sign(sys.stdin.buffer.read()))
"""


@pytest.mark.parametrize("honest", [True, False])
def test_a_program_signs_for_the_lab(lab: Lab, tmp_path: Path, honest: bool) -> None:
    import json
    import sys

    from benchctl.records.keys import FileSigner, make_key

    for name in ("lab.pem", "other.pem"):
        make_key(tmp_path / name)
    public = FileSigner(tmp_path / "lab.pem").public
    (lab.folder / "lab-key.pem").write_text(public.pem)
    (tmp_path / "sign.py").write_text(SIGNER)
    signs = tmp_path / ("lab.pem" if honest else "other.pem")
    command = [sys.executable, str(tmp_path / "sign.py"), str(signs)]
    (lab.folder / "records.yaml").write_text(
        f"signer: {{command: {json.dumps(command)}, public: lab-key.pem}}"
    )
    with Lab.open(lab.folder) as lab:
        journal = lab.begin_run("Line 2", "R1", clock=clock())
        for event in whole_run():
            journal.emit(event)
        found = verified(lab, keys=[public])
    assert not (lab.folder / "keys/signing.pem").exists()
    if honest:
        assert found.problems == ()
    else:
        assert {p.message.id for p in found.problems} == {
            "records.heads-unsigned",
            "records.key-foreign",
        }


# the hash ---------------------------------------------------------------------------------------


def test_runs_are_chained_with_sm3_where_the_lab_says_so(lab: Lab) -> None:
    journal = lab.begin_run("Line 2", "R1", clock=clock())
    for event in whole_run():
        journal.emit(event)
    (lab.folder / "records.yaml").write_text("hash: sm3")
    with Lab.open(lab.folder) as lab:
        if "sm3" not in hashlib.algorithms_available:
            with pytest.raises(RecordError, match="no sm3"):
                lab.begin_run("Line 2", "R2", clock=clock())
            return
        journal = lab.begin_run("Line 2", "R2", clock=clock())
        for event in whole_run():
            journal.emit(event)
        log = lab.document("R2")["log"]
        assert (log["algorithm"], log["root"][:4], log["head"][:4]) == (
            "sm3/json-1",
            "sm3:",
            "sm3:",
        )
        assert lab.document("R1")["log"]["algorithm"] == "sha256/json-1"
        assert verify(lab) == []


def test_a_lab_from_before_statements_is_taken_over(lab: Lab) -> None:
    for run in ("R1", "R2"):
        journal = lab.begin_run("Line 2", run, clock=clock())
        for event in whole_run():
            journal.emit(event)
    with lab.store.writing() as writer:  # as it was: no statements, another list
        for statement in ("DROP TRIGGER heads_no_delete", "DELETE FROM heads"):
            writer._connection.exec_driver_sql(statement)
    (lab.folder / "heads.jsonl").write_text('{"n": 1, "run": "R1"}\n')
    journal = lab.begin_run("Line 2", "R3", clock=clock())
    for event in whole_run():
        journal.emit(event)
    assert [what for what, *_ in statements(lab)] == [
        "key",
        "adopted",
        "adopted",
        "opened",
        "closed",
    ]
    assert (lab.folder / "heads-before.jsonl").exists()
    assert verify(lab) == []
