"""Tree heads: what a lab states and signs of its records; and anchors, which are kept elsewhere.

The statements of a lab are numbered from 1 and form one log for all its benches. Each names the
first `size` records of a run (their last hash, the root of a Merkle tree over their hashes), the
hash of the statement before, and the root of a Merkle tree over all statements before it. So one
statement, signed or kept elsewhere, fixes everything that was stated earlier.

An `Anchor` is the root over the statements 1 to n as one line of text, short enough for paper and
for a QR code: `head1:sha256:17:ab12...`.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from benchctl.verifier.hashing import HASHES, canonical_json, encoded

PURPOSE = b"benchctl-head-1\n"
"""What stands before a statement where it is signed: the key signs nothing else that looks so."""
MIRROR = "heads.jsonl"
"""The list of all statements beside the database, and of some in a pack."""
PACK_PURPOSE = b"benchctl-pack-1\n"

OPENED, GOING, CLOSED, ADDED, ADOPTED = "opened", "going", "closed", "added", "adopted"
"""What a statement says of a run: its first records, so far, its end, what was added to it later;
or that it was recorded before there were statements."""
KEY, NOTED = "key", "noted"
"""Statements of the lab: the key that signs from here on; anything else (`about`)."""
OF_RUN = (OPENED, GOING, CLOSED, ADDED, ADOPTED)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; `hash`, `root`, `tree` and `before` are hex.

    `hash` is that of the run's record number `size`, `root` that of the Merkle tree over the hashes
    of the records up to it, in the hash of `algorithm`. `tree` and `before` are in `tree_hash`: the
    root over the statements 1 to n-1, and the hash of statement n-1 ("" for the first). `key` is
    the id of the signing key, "" where it was not signed.
    """

    lab: str
    n: int
    what: str
    utc: str
    tree_hash: str
    tree: str
    before: str
    key: str
    run: str = ""
    bench: str = ""
    algorithm: str = ""
    size: int = 0
    hash: str = ""
    root: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    v: int = 1

    @property
    def text(self) -> str:
        """The statement as canonical JSON: what is signed and what the tree is made of."""
        return canonical_json(asdict(self))


def read_statement(text: str) -> Statement:
    """Return the statement that `Statement.text` wrote.

    Raises:
        ValueError: it is none, or not in canonical form.
    """
    data = json.loads(text)
    try:
        statement = Statement(**data)
    except TypeError as error:
        raise ValueError(text) from error
    if statement.v != 1 or statement.text != text or type(statement.n) is not int:
        raise ValueError(text)
    return statement


def signed_bytes(text: str) -> bytes:
    """Return what is signed of a statement."""
    return PURPOSE + encoded(text)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The root (hex) of the Merkle tree over the statements 1 to `n` of a lab."""

    tree_hash: str
    n: int
    root: str

    def __str__(self) -> str:
        return f"head1:{self.tree_hash}:{self.n}:{self.root}"


_ANCHOR = re.compile(rf"head1:({'|'.join(HASHES)}):([1-9]\d{{0,14}}):([0-9a-f]{{64}})")


def read_anchor(text: str) -> Anchor:
    """Return the anchor that a line of text says.

    Raises:
        ValueError: it says none.
    """
    found = _ANCHOR.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(text)
    return Anchor(found[1], int(found[2]), found[3])
