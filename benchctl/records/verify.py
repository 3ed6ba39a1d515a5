"""Is the record what was written? Recompute every hash and name the first place that differs.

For each run: its row and its link to the bench's run before, the sequence of its records, each
record's hash from the one before, each block of raw readings against the sha256 in its record.
After a broken record the check goes on from the hash that stands there, so that one changed record
is one problem. That the newest runs or records are gone shows against the list of heads beside the
database (`heads`). What it cannot see: both files rewritten with new hashes; that takes a head that
was signed or kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchctl.core.errors import RecordError, UsageError
from benchctl.core.events import RawBlock
from benchctl.core.messages import Message, msg
from benchctl.records import canonical
from benchctl.records.heads import CLOSED, Heads
from benchctl.records.rows import RecordRow, RunRow

if TYPE_CHECKING:
    from benchctl.records.lab import Lab
    from benchctl.records.store import Store

ANYTHING = -(1 << 62)
"""Before any `seq`: a record with an impossible number is to be found too."""
MOST_SENTENCES = 5
"""Of what the database says of a damaged file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the record is not what was written; `seq` 0 is the run's own row."""

    run: str
    seq: int
    message: Message


def verify(lab: Lab, run: str | None = None) -> list[Problem]:
    """Check one run, or the whole database, and return what is wrong in it, in order.

    A file that the database refuses to read on is a problem that names what is damaged.

    Raises:
        UsageError: there is no such run.
        RecordError: the database cannot be read.
    """
    try:
        return _problems(lab, run)
    except RecordError as error:
        if error.message.id != "records.damaged":
            raise
        return [Problem(run or "-", 0, _damage(lab.store, error))]


def _damage(store: Store, error: RecordError) -> Message:
    """Return what is wrong with a file that the database refuses to read on."""
    try:
        with store.reading() as reader:
            seen = reader.damage(MOST_SENTENCES)
    except RecordError:
        seen = []
    path = str(store.path)
    return msg("records.damage", path=path, seen="; ".join(seen)) if seen else error.message


def _problems(lab: Lab, run: str | None) -> list[Problem]:
    with lab.store.reading() as reader:
        rows = reader.runs()
        strays = reader.strays() if run is None else []
    before: dict[str, str] = {}
    problems: list[Problem] = []
    found = False
    for row in rows:
        if run is None or row.run == run:
            found = True
            problems.extend(_link(lab.store, row, before.get(row.bench)))
            problems.extend(_chain(lab.store, row))
        before[row.bench] = row.run
    if run is not None and not found:
        raise UsageError(msg("records.no-run", run=run))
    problems.extend(Problem(r, seq, msg("records.run-missing", run=r)) for r, seq in strays)
    problems.extend(_heads(lab, rows, run))
    return problems


def _heads(lab: Lab, rows: list[RunRow], run: str | None) -> Iterator[Problem]:
    """Check that the database holds at least what the list of heads says."""
    listing = Heads(lab.store.path.parent)
    try:
        heads = listing.read()
    except RecordError as error:
        yield Problem("-", 0, error.message)
        return
    if heads is None:
        if rows:
            yield Problem("-", 0, msg("records.heads-missing", path=str(listing.path)))
        return
    there = {row.run for row in rows}
    missing: set[str] = set()
    for head in heads:
        if run not in (None, head.run) or head.run in missing:
            continue
        with lab.store.reading() as reader:
            record = reader.record(head.run, head.seq)
        if head.run not in there:
            missing.add(head.run)
            yield Problem(head.run, 0, msg("records.run-gone", run=head.run, n=head.n))
        elif record is None and head.what == CLOSED:
            yield Problem(head.run, head.seq, msg("records.end-gone", seq=head.seq))
        elif record is not None and record.hash != head.hash:
            yield Problem(head.run, head.seq, msg("records.head-differs", seq=head.seq))


def _link(store: Store, row: RunRow, before: str | None) -> Iterator[Problem]:
    """Check that a run follows the run of its bench that began before it."""
    if row.previous_run is None or row.previous_seq is None:
        return  # the first of its bench: its own first hash says so
    if row.previous_run != before:
        yield Problem(row.run, 0, msg("records.previous-missing", previous=row.previous_run))
        return
    with store.reading() as reader:
        last = reader.record(row.previous_run, row.previous_seq)
    if last is None or last.hash != row.previous_hash:
        where = {"previous": row.previous_run, "seq": row.previous_seq}
        yield Problem(row.run, 0, msg("records.link-broken", **where))


def _chain(store: Store, row: RunRow) -> Iterator[Problem]:
    if row.algorithm != canonical.ALGORITHM:
        yield Problem(row.run, 0, msg("records.unknown-algorithm", algorithm=row.algorithm))
        return
    with store.reading() as reader:
        blobs = reader.blob_seqs(row.run)
    expected, previous = 1, canonical.origin(row)
    for record in store.records(row.run, after=ANYTHING):
        if record.seq > expected:
            yield Problem(row.run, expected, _gap(expected, record.seq - 1))
        elif record.seq < expected or not _follows(record, previous):
            yield Problem(row.run, record.seq, msg("records.chain-broken", seq=record.seq))
        if record.kind == RawBlock.KIND:
            yield from _blob(store, record)
            blobs.discard(record.seq)
        expected, previous = max(expected, record.seq + 1), record.hash
    if expected == 1:
        yield Problem(row.run, 1, msg("records.no-records"))
    yield from (Problem(row.run, seq, msg("records.blob-stray", seq=seq)) for seq in sorted(blobs))


def _follows(record: RecordRow, previous: str) -> bool:
    try:
        return canonical.chain(previous, record) == record.hash
    except (TypeError, ValueError):  # the hash before is no hash
        return False


def _blob(store: Store, record: RecordRow) -> Iterator[Problem]:
    """Check the bytes of a block of raw readings against its record."""
    with store.reading() as reader:
        data = reader.blob(record.run, record.seq)
    try:
        expected = str(json.loads(record.body)["sha256"]).removeprefix("sha256:")
    except (TypeError, ValueError, KeyError):
        return  # the record itself is damaged, and the chain says so
    if data is None:
        yield Problem(record.run, record.seq, msg("records.blob-missing", seq=record.seq))
    elif hashlib.sha256(data).hexdigest() != expected:
        yield Problem(record.run, record.seq, msg("records.blob-changed", seq=record.seq))


def _gap(first: int, last: int) -> Message:
    return msg("records.gap", first=first, last=last)
