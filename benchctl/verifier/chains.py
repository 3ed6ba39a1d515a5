"""One run: the sequence of its records, their hashes, their raw readings, what was stated of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from itertools import islice

from benchctl.verifier import hashing, heads
from benchctl.verifier.findings import Finding, note, problem
from benchctl.verifier.hashing import Digest, digest_of, hash_name, header, plain
from benchctl.verifier.heads import Statement
from benchctl.verifier.merkle import Peaks
from benchctl.verifier.sources import Record, Run, Source

RAW, CLOSED = "raw-block", "run-closed"
"""Kinds of records that the check looks into: raw readings, and the end of a run."""
PAGE = 4096
"""So many records are hashed together."""


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
        self.sizes = frozenset(self.stated)
        self.blobs = source.blob_seqs(row.run)
        self.begin = f'["{row.run}",'
        self.expected, self.previous = 1, hashing.origin(digest, astuple(row))
        self.waiting: list[bytes] = []
        """Hashes of records that are not in the tree yet."""
        self.hashes: dict[int, str] = {}
        """The hash at each size that something was stated of, until it is compared."""
        self.last_fit = 0
        self.closed_at = 0
        self.found: list[Finding] = []

    def findings(self) -> list[Finding]:
        """Return what is wrong, in order."""
        records = self.source.records(self.row.run)
        while page := list(islice(records, PAGE)):
            if not self._all_fit(page):
                for record in page:
                    self._take(record)
            self._look_into(page)
        count = self.expected - 1
        self._grow(count)
        if not count:
            self._problem("no-records", 1)
        for seq in sorted(self.blobs):
            self._problem("blob-stray", seq, seq=seq)
        self._end(count)
        return self.found

    def _all_fit(self, page: list[Record]) -> bool:
        """Take a page of records at once if each fits; else take none.

        What is hashed before a record is the hash that stands there, so that all can be hashed
        side by side: much faster than `_take`, which finds out what is wrong.
        """
        seqs, kinds, versions, times, instants, bodies, hashes = zip(*page, strict=True)
        first = self.expected
        begins = {kind: self._begin(*kind) for kind in set(zip(kinds, versions, strict=True))}
        if (
            seqs != tuple(range(first, first + len(page)))
            or not all(begins.values())
            or {type(part) for column in (times, bodies, hashes) for part in column} != {str}
            or {type(t) for t in instants} != {float}
            or not plain("".join(times))
        ):
            return False
        try:
            stands = [bytes.fromhex(text) for text in hashes]
        except ValueError:
            return False
        digest, run = self.digest, self.begin
        texts = [
            f'{run}{seq}{begins[kind, version]}"{utc}",{t!r}]\n{body}'.encode()
            for seq, kind, version, utc, t, body, _ in page
        ]
        before = [self.previous, *stands[:-1]]
        if [digest(b + text) for b, text in zip(before, texts, strict=True)] != stands:
            return False
        self.waiting += stands
        self.expected, self.previous = first + len(page), stands[-1]
        for seq in self.sizes.intersection(seqs):
            self.hashes[seq] = hashes[seq - first]
        return True

    def _take(self, record: Record) -> None:
        """Take one record, and say what is wrong with it."""
        seq, kind, version, utc, t, body, hash_ = record
        try:
            stands = bytes.fromhex(hash_)
        except (TypeError, ValueError):  # what stands there is no hash
            stands = b""
        if seq != self.expected:
            self._out_of_order(seq, self.expected)
        else:
            try:
                text = f"{header(self.row.run, seq, kind, version, utc, t)}\n{body}"
                fits = type(body) is str and self.digest(self.previous + text.encode()) == stands
            except (TypeError, ValueError, AttributeError):
                fits = False
            if not fits:
                self._problem("chain-broken", seq, seq=seq)
        self.waiting.append(stands)
        self.previous = stands
        self.expected = max(self.expected, seq + 1)
        if seq in self.sizes:
            self.hashes[seq] = hash_

    def _begin(self, kind: str, version: int) -> str:
        """Return what stands between number and time of a header, "" where that is not plain."""
        known = type(kind) is str and type(version) is int and plain(kind) and plain(self.row.run)
        return f',"{kind}",{version},' if known else ""

    def _look_into(self, page: list[Record]) -> None:
        """Check the raw readings of a page, and compare with the statements."""
        for record in page:
            if record[1] == RAW:
                self._raw(record)
                self.blobs.discard(record[0])
            elif record[1] == CLOSED:
                self.closed_at = record[0]
        for size in sorted(self.hashes):
            self._grow(size)
            self._root_at(size, self.hashes.pop(size))

    def _grow(self, size: int) -> None:
        """Let the tree grow to `size` records, or to what there is."""
        digest, count = self.digest, max(0, size - self.peaks.size)
        self.peaks.extend([digest(b"\x00" + hash_) for hash_ in self.waiting[:count]])
        del self.waiting[:count]

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
