"""Somebody changes a record: each way is found, or named among what cannot be seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from forgery import Forger, pem_of, record, stolen_key

from benchctl import records
from benchctl.records import Lab
from benchctl.verifier.check import Report

EDIT = "UPDATE records SET body = replace(body, '100.52', '100.11') WHERE run='R1' AND seq=5"


def ids(report: Report) -> set[str]:
    return {finding.id for finding in report.problems}


def places(report: Report) -> list[tuple[str, str, int]]:
    return [(finding.id, finding.run, finding.seq) for finding in report.problems]


def test_an_untouched_record_is_whole_and_says_what_it_was_checked_with(look) -> None:
    alone = look()
    assert alone.problems == ()
    assert alone.unseen == ("unseen-anchor", "unseen-key")
    assert (alone.runs, alone.heads) == (3, 7)
    kept = look(key=True, anchor=True)
    assert kept.problems == ()
    assert kept.unseen == ()
    assert "anchor-fits" in {finding.id for finding in kept.findings}


def test_an_edit_is_named_at_its_record(look, forge: Forger) -> None:
    forge(EDIT)
    assert places(look()) == [("chain-broken", "R1", 5)]


def test_an_edit_with_all_later_hashes_made_again_does_not_fit_the_statements(
    look, forge: Forger
) -> None:
    forge(EDIT)
    forge.rehash("R1")
    found = look()
    assert ("rewritten", "R1", 10) in places(found)
    (rewritten,) = (f for f in found.problems if f.id == "rewritten")
    assert (rewritten.args["first"], rewritten.args["last"]) == (2, 10)


def test_a_deleted_record_is_named(look, forge: Forger) -> None:
    forge("DELETE FROM records WHERE run='R2' AND seq=7")
    assert ("gap", "R2", 7) in places(look())


def test_an_inserted_record_is_named(look, forge: Forger) -> None:
    forge(
        "UPDATE records SET seq = seq + 100 WHERE run='R2' AND seq > 5",
        "UPDATE records SET seq = seq - 99 WHERE run='R2' AND seq > 100",
        "INSERT INTO records SELECT run, 6, kind, version, utc, t, body, hash FROM records "
        "WHERE run='R2' AND seq=5",
    )
    assert ("chain-broken", "R2", 6) in places(look())
    forge.rehash("R2")
    assert "rewritten" in ids(look())


def test_a_record_added_to_a_closed_run_is_named(look, forge: Forger) -> None:
    forge(
        "INSERT INTO records SELECT run, 11, kind, version, utc, t, body, hash FROM records "
        "WHERE run='R3' AND seq=7"
    )
    forge.rehash("R3")
    assert places(look()) == [("end-unstated", "R3", 11)]


def test_reordered_records_are_named(look, forge: Forger) -> None:
    forge(
        "UPDATE records SET seq = 99 WHERE run='R1' AND seq=6",
        "UPDATE records SET seq = 6 WHERE run='R1' AND seq=7",
        "UPDATE records SET seq = 7 WHERE run='R1' AND seq=99",
    )
    assert places(look())[0] == ("chain-broken", "R1", 6)


def test_a_run_slipped_in_has_no_statement(look, forge: Forger) -> None:
    forge(
        "INSERT INTO runs (run, bench, utc, algorithm) "
        "SELECT 'X1', 'Line 9', utc, algorithm FROM runs WHERE run='R1'",
        "INSERT INTO records SELECT 'X1', seq, kind, version, utc, t, body, hash FROM records "
        "WHERE run='R1' AND kind != 'raw-block' AND seq < 4",
    )
    forge.rehash("X1")
    assert places(look()) == [("run-unstated", "X1", 0)]


def cut_off(forge: Forger, run: str) -> None:
    forge(
        f"DELETE FROM blobs WHERE run='{run}'",
        f"DELETE FROM records WHERE run='{run}'",
        f"DELETE FROM runs WHERE run='{run}'",
    )


def test_a_run_that_is_gone_is_named(look, forge: Forger) -> None:
    cut_off(forge, "R3")
    assert places(look()) == [("run-gone", "R3", 0)]


def test_a_run_gone_with_its_statements_is_named_by_the_list_beside(look, forge: Forger) -> None:
    cut_off(forge, "R3")
    forge("DELETE FROM heads WHERE run='R3'")
    found = look()
    assert places(found) == [("heads-gone", "-", 0), ("run-gone", "R3", 0)]
    assert found.problems[0].args == {"first": 6, "last": 7}


def test_newest_records_cut_off_everywhere_are_seen_only_with_an_anchor(
    look, forge: Forger
) -> None:
    cut_off(forge, "R3")
    forge("DELETE FROM heads WHERE run='R3'")
    forge.list_as_database()
    without = look(key=True)
    assert without.problems == ()
    assert "unseen-anchor" in without.unseen
    (found,) = look(anchor=True).problems
    assert (found.id, found.args) == ("anchor-beyond", {"n": 7, "last": 5})


def test_a_rewrite_without_the_key_cannot_be_signed(look, forge: Forger) -> None:
    forge(EDIT)
    for run in ("R1", "R2", "R3"):
        forge.rehash(run)
    stranger = Ed25519PrivateKey.generate()
    forge.restate(stranger)
    assert "key-replaced" in ids(look()) or "head-key" in ids(look())


def test_a_rewrite_that_leaves_signatures_out_loses_every_signature(look, forge: Forger) -> None:
    rewritten_whole(forge)
    forge.restate(None)
    assert "head-signature" in ids(look())
    forge.restate(None, signer="")
    assert ids(look()) == {"heads-unsigned"}
    assert ids(look(key=True)) == {"heads-unsigned", "key-foreign"}


def rewritten_whole(forge: Forger) -> None:
    """Edit the oldest run and make all that follows fit: chains, links, everything."""
    forge(EDIT)
    for run, before in (("R1", None), ("R2", "R1"), ("R3", "R2")):
        if before:
            forge(
                f"UPDATE runs SET previous_hash = (SELECT hash FROM records WHERE run='{before}' "
                f"AND seq=10) WHERE run='{run}'"
            )
        forge.rehash(run)


def test_a_rewrite_with_swapped_keys_is_seen_with_the_public_key_or_an_anchor(
    look, forge: Forger
) -> None:
    rewritten_whole(forge)
    stranger = Ed25519PrivateKey.generate()
    forge.restate(stranger, public=pem_of(stranger))
    without = look()
    assert without.problems == ()
    assert without.unseen == ("unseen-anchor", "unseen-key")
    assert ids(look(key=True)) == {"key-foreign"}
    assert ids(look(anchor=True)) == {"anchor-differs"}


def test_a_rewrite_by_somebody_with_the_key_is_seen_only_with_an_anchor(
    look, folder: Path, forge: Forger
) -> None:
    rewritten_whole(forge)
    forge.restate(stolen_key(folder))
    without = look(key=True)
    assert without.problems == ()
    assert without.unseen == ("unseen-anchor",)
    assert ids(look(key=True, anchor=True)) == {"anchor-differs"}


def test_raw_readings_that_were_changed_or_taken_are_named(look, forge: Forger) -> None:
    forge("UPDATE blobs SET data = x'00' WHERE run='R1'", "DELETE FROM blobs WHERE run='R2'")
    assert places(look()) == [("blob-changed", "R1", 4), ("blob-missing", "R2", 4)]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM heads WHERE n = 3", {"heads-gap", "head-order"}),
        ("UPDATE heads SET signature = '00' WHERE n = 3", {"head-signature", "heads-differ"}),
        (
            "UPDATE heads SET text = replace(text, '\"size\":10', '\"size\":11') WHERE n = 3",
            {"head-signature", "heads-differ", "head-order", "end-gone"},
        ),
        ("UPDATE heads SET text = '{}' WHERE n = 7", {"head-damaged", "heads-differ"}),
        ("UPDATE heads SET text = ' ' || text WHERE n = 7", {"head-damaged", "heads-differ"}),
    ],
)
def test_a_statement_that_was_changed_or_taken_is_named(
    look, forge: Forger, statement: str, expected: set[str]
) -> None:
    forge(statement)
    assert expected <= ids(look())


def test_a_rotated_key_is_followed_in_both_directions(look, folder: Path) -> None:
    with Lab.open(folder) as lab:
        old = records.public_key(lab)
        records.rotate_key(lab)
        assert records.public_key(lab) != old
        record(lab, "R4")
        new = records.public_key(lab)
    assert look(key=True, anchor=True).problems == ()
    (folder.parent / "key.pem").write_text(new or "")
    assert look(key=True, anchor=True).problems == ()


def test_a_key_that_was_put_in_place_of_the_labs_is_told(look, folder: Path) -> None:
    (folder / "keys/signing.pem").unlink()
    with Lab.open(folder) as lab:
        record(lab, "R4")
        new = records.public_key(lab)
    assert ids(look(key=True)) == {"key-replaced"}
    (folder.parent / "key.pem").write_text(new or "")  # published since: its statements cover all
    assert look(key=True).problems == ()


def test_the_list_beside_the_database_is_healed_after_a_cut(look, folder: Path) -> None:
    path = folder / "heads.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]) + lines[-1][:20])
    assert look().problems == ()
    with Lab.open(folder) as lab:
        records.note(lab, "test")
    assert [json.loads(line)[0] for line in path.read_text().splitlines()] == list(range(1, 9))
    assert look().problems == ()
