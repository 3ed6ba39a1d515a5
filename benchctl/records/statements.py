"""The statements of a lab: made by hand, and what they say to others.

Anchors are to be kept elsewhere, the public key is to be published.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchctl.records.heads import HeadList
from benchctl.records.rows import HeadRow
from benchctl.verifier.hashing import digest_of
from benchctl.verifier.heads import NOTED, Anchor, read_statement
from benchctl.verifier.merkle import Peaks

if TYPE_CHECKING:
    from benchctl.records.lab import Lab


def anchor_of(row: HeadRow) -> Anchor:
    """Return what is to be kept elsewhere of a statement: it fixes all up to this one."""
    statement = read_statement(row.text)
    digest = digest_of(statement.tree_hash)
    peaks = Peaks(digest, row.n, [bytes.fromhex(peak) for peak in row.peaks.split(",")])
    return Anchor(statement.tree_hash, row.n, peaks.root().hex())


def signature_of(rows: Sequence[HeadRow]) -> dict[str, Any] | None:
    """Return the last of a run's statements as its document shows it, None without any."""
    if not rows:
        return None
    last = rows[-1]
    statement = read_statement(last.text)
    return {
        "n": last.n,
        "utc": statement.utc,
        "key": statement.key,
        "value": last.signature,
        "anchor": str(anchor_of(last)),
    }


def anchor(lab: Lab, run: str | None = None) -> Anchor | None:
    """Return what is to be kept elsewhere: of a run's last statement, or of the lab's."""
    with lab.store.reading() as reader:
        if run is None:
            last = reader.last_head()
        else:
            rows = reader.heads(run=run)
            last = rows[-1] if rows else None
    return None if last is None else anchor_of(last)


def public_key(lab: Lab) -> str | None:
    """Return the PEM text of the key that signs now, None before anything was signed."""
    with lab.store.reading() as reader:
        return lab.notary.public_pem(reader)


def rotate_key(lab: Lab) -> str:
    """Hand over to a new signing key; return its id. The old key signs the handover.

    Raises:
        RecordError: the present key cannot be used, or the lab not be written.
    """
    with lab.store.writing() as writer:
        key = lab.notary.rotate(writer)
    lab.notary.complete_rotation(key)
    HeadList(lab.path.parent).catch_up(lab.store)
    return key


def note(lab: Lab, what: str, **about: Any) -> None:
    """State something of the lab itself (a backup, an anchor) in its signed log.

    Raises:
        RecordError: the lab cannot be written.
    """
    with lab.store.writing() as writer:
        lab.notary.state(writer, NOTED, about={"what": what, **about})
    HeadList(lab.path.parent).catch_up(lab.store)
