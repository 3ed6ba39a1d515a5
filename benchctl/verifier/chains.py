"""One run: the sequence of its records, their hashes, their raw readings, what was stated of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple

from benchctl.verifier import hashing, heads
from benchctl.verifier.findings import Finding, note, problem
from benchctl.verifier.hashing import Digest, digest_of, hash_name, header
from benchctl.verifier.heads import Statement
from benchctl.verifier.merkle import Peaks
from benchctl.verifier.sources import Record, Run, Source

RAW, CLOSED = "raw-block", "run-closed"
"""Kinds of records that the check looks into: raw readings, and the end of a run."""
WAITING = 4096
"""So many leaves are gathered before they are hashed together."""


def check_run(source: Source, row: Run, stated: Sequence[Statement]) -> Iterator[Finding]:
    """Give what is wrong with the records of a run; `stated` are the statements about it."""
    try:
        digest = digest_of(hash_name(row.algorithm))
    except hashing.UnknownHashError:
        yield problem("unknown-algorithm", row.run, algorithm=row.algorithm)
        return
    yield from _Chain(source, row, digest, stated).findings()


class _Chain:
    """The check of one run, record by record."""

    def __init__(
        self, source: Source, row: Run, digest: Digest, stated: Sequence[Statement]
    ) -> None:
        self.source = source
        self.row = row
        self.digest = digest
        self.peaks = Peaks(digest)
        self.stated: dict[int, list[Statement]] = {}
        for statement in stated:
            self.stated.setdefault(statement.size, []).append(statement)
        self.last_fit = 0
        self.closed_at = 0
        self.found: list[Finding] = []

    def findings(self) -> list[Finding]:
        """Return what is wrong, in order."""
        blobs = self.source.blob_seqs(self.row.run)
        count = self._walk(blobs)
        if not count:
            self._problem("no-records", 1)
        self.found += [problem("blob-stray", self.row.run, seq, seq=seq) for seq in sorted(blobs)]
        self._end(count)
        return self.found

    def _walk(self, blobs: set[int]) -> int:
        """Recompute hash after hash; return the number of the last record."""
        digest, run = self.digest, self.row.run
        sizes = frozenset(self.stated)
        expected, previous = 1, hashing.origin(digest, astuple(self.row))
        leaves: list[bytes] = []
        for record in self.source.records(run):
            seq, kind, version, utc, t, body, hash_ = record
            stands = _bytes_of(hash_)
            if seq == expected:
                try:
                    text = f"{header(run, seq, kind, version, utc, t)}\n{body}"
                    fits = digest(previous + text.encode()) == stands and type(body) is str
                except (TypeError, ValueError):
                    fits = False
                if not fits:
                    self._problem("chain-broken", seq, seq=seq)
            else:
                self._out_of_order(seq, expected)
            if kind == RAW:
                self._raw(record)
                blobs.discard(seq)
            elif kind == CLOSED:
                self.closed_at = seq
            leaves.append(digest(b"\x00" + stands))
            expected, previous = max(expected, seq + 1), stands
            if seq in sizes or len(leaves) >= WAITING:
                self.peaks.extend(leaves)
                leaves.clear()
                self._root_at(seq, hash_)
        return expected - 1

    def _out_of_order(self, seq: int, expected: int) -> None:
        if seq > expected:
            self._problem("gap", expected, first=expected, last=seq - 1)
        else:
            self._problem("chain-broken", seq, seq=seq)

    def _root_at(self, seq: int, hash_: str) -> None:
        """Compare what was stated of the first `seq` records with what they are."""
        for statement in self.stated.get(seq, ()):
            if (statement.root, statement.hash) == (self.peaks.root().hex(), hash_):
                self.last_fit = seq
            elif not self.found:  # else the place is known already, and closer
                place = {"first": self.last_fit + 1, "last": seq, "n": statement.n}
                self._problem("rewritten", seq, utc=statement.utc, **place)

    def _raw(self, record: Record) -> None:
        """Check the bytes of a block of raw readings against its record."""
        seq, body = record[0], record[5]
        data = self.source.blob(self.row.run, seq)
        try:
            expected = str(json.loads(body)["sha256"]).removeprefix("sha256:")
        except (TypeError, ValueError, KeyError):
            return  # the record itself is damaged, and the chain says so
        if data is None:
            self._problem("blob-missing", seq, seq=seq)
        elif hashlib.sha256(data).hexdigest() != expected:
            self._problem("blob-changed", seq, seq=seq)

    def _end(self, count: int) -> None:
        """Check that nothing is missing after the last record, and what nobody stated."""
        beyond = [s for size, of_size in self.stated.items() for s in of_size if size > count]
        if beyond:
            last = max(beyond, key=lambda s: s.size)
            self._problem("end-gone", last.size, seq=last.size, n=last.n, first=count + 1)
        if not self.stated:
            return
        covered = max(self.stated)
        over = any(s.what in (heads.CLOSED, heads.ADDED) for s in self.stated[covered])
        if count > covered and (over or self.closed_at > covered):
            self._problem("end-unstated", count, first=covered + 1, last=count)
        elif count > covered:
            place = {"first": covered + 1, "last": count}
            self.found.append(note("tail-unsigned", self.row.run, count, **place))

    def _problem(self, id_: str, at: int, /, **args: object) -> None:
        self.found.append(problem(id_, self.row.run, at, **args))


def _bytes_of(hash_: object) -> bytes:
    try:
        return bytes.fromhex(hash_)  # type: ignore[arg-type]  # what else stands there is no hash
    except (TypeError, ValueError):
        return b""
