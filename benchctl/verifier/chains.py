"""One run: the sequence of its records, their hashes, their raw readings, what was stated of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple

from benchctl.verifier import hashing, heads
from benchctl.verifier.findings import Finding, note, problem
from benchctl.verifier.hashing import Digest, digest_of, hash_name, header, plain
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
        self.before: dict[tuple[str, int], str] = {}
        self.begin = f'["{row.run}",'
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
        run, sizes, fits = self.row.run, frozenset(self.stated), self._fits
        expected, previous = 1, hashing.origin(self.digest, astuple(self.row))
        leaves: list[bytes] = []
        for record in self.source.records(run):
            seq, kind, hash_ = record[0], record[1], record[6]
            try:
                stands = bytes.fromhex(hash_)
            except (TypeError, ValueError):  # what stands there is no hash
                stands = b""
            if seq != expected:
                self._out_of_order(seq, expected)
            elif not fits(record, previous, stands):
                self._problem("chain-broken", seq, seq=seq)
            if kind == RAW:
                self._raw(record)
                blobs.discard(seq)
            elif kind == CLOSED:
                self.closed_at = seq
            leaves.append(stands)
            expected, previous = seq + 1 if seq >= expected else expected, stands
            if seq in sizes or len(leaves) >= WAITING:
                self._grow(leaves)
                self._root_at(seq, hash_)
        return expected - 1

    def _grow(self, hashes: list[bytes]) -> None:
        """Let the tree grow by records, given by their hashes."""
        digest = self.digest
        self.peaks.extend([digest(b"\x00" + hash_) for hash_ in hashes])
        hashes.clear()

    def _fits(self, record: Record, previous: bytes, stands: bytes) -> bool:
        """Return whether a record's hash is the one that follows the hash before."""
        seq, kind, version, utc, t, body, _ = record
        try:
            before = self.before[kind, version]
        except (KeyError, TypeError):
            before = self._before(kind, version)
        try:
            if before and type(t) is float and t - t == 0.0 and plain(utc):
                head = f'{self.begin}{seq}{before}"{utc}",{t!r}]\n'
            else:
                head = f"{header(self.row.run, seq, kind, version, utc, t)}\n"
            return self.digest(previous + (head + body).encode()) == stands
        except (TypeError, ValueError, AttributeError):
            return False

    def _before(self, kind: str, version: int) -> str:
        """Return what stands between number and time of a record's header, "" if not plain."""
        known = type(kind) is str and type(version) is int and plain(kind) and plain(self.row.run)
        text = f',"{kind}",{version},' if known else ""
        if known:
            self.before[kind, version] = text
        return text

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
