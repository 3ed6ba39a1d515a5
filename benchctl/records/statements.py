"""What the statements of a lab say to others: anchors, and the signature of a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchctl.records.rows import HeadRow
from benchctl.verifier.hashing import digest_of
from benchctl.verifier.heads import Anchor, read_statement
from benchctl.verifier.merkle import Peaks


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
