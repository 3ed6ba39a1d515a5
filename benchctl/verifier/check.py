"""Is a record what was written? Every hash, signature and anchor again, from the first record on.

After a broken record the check goes on from the hash that stands there, so that one changed record
is one problem. `Report.unseen` says what this check, with the keys and anchors it was given, could
not have noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchctl.verifier.chains import check_run
from benchctl.verifier.findings import Finding, problem
from benchctl.verifier.heads import PACK_PURPOSE, Anchor, Statement
from benchctl.verifier.log import Log, read_log
from benchctl.verifier.signatures import PublicKey
from benchctl.verifier.sources import PackSource, Run, Source
from benchctl.verifier.stamps import check_stamps

__all__ = ["Finding", "Report", "check"]


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, over how many runs and statements; `unseen` names what cannot be seen."""

    findings: tuple[Finding, ...]
    runs: int
    heads: int
    unseen: tuple[str, ...]

    @property
    def problems(self) -> tuple[Finding, ...]:
        """What is wrong."""
        return tuple(f for f in self.findings if f.is_problem)


def check(
    source: Source,
    *,
    keys: Sequence[PublicKey] = (),
    anchors: Sequence[Anchor] = (),
    authorities: Sequence[bytes] = (),
    run: str | None = None,
) -> Report:
    """Check a record, or one run of it.

    Args:
        source: the record.
        keys: the lab's public keys, got elsewhere; without any those in the record are believed.
        anchors: tree heads that were kept elsewhere.
        authorities: certificates (PEM) of timestamp authorities that are trusted.
        run: only this run, by its whole id; the statements are checked all the same.

    Raises:
        SourceError: it cannot be read.
    """
    log = read_log(source, keys, anchors)
    stamped, stamps = check_stamps(source, log, authorities)
    findings = [*log.found, *stamps]
    rows = source.runs()
    if isinstance(source, PackSource):
        findings += _manifest(source, log)
    before: dict[str, str] = {}
    count = 0
    stated = _by_run(log)
    for row in rows:
        if run in (None, row.run):
            count += 1
            if source.whole:
                findings += _link(source, row, before.get(row.bench))
            if log.statements and row.run not in stated:
                findings.append(problem("run-unstated", row.run))
            findings += check_run(source, row, stated.get(row.run, []))
        before[row.bench] = row.run
    if run is None:
        findings += [problem("run-missing", r, seq, run=r) for r, seq in source.strays()]
    if source.whole:
        findings += _gone(log, {row.run for row in rows}, run)
    return Report(
        tuple(findings), count, len(log.statements), tuple(_unseen(log, keys, anchors, stamped))
    )


def _by_run(log: Log) -> dict[str, list[Statement]]:
    found: dict[str, list[Statement]] = {}
    for statement in (*log.statements, *log.gone):
        if statement.run:
            found.setdefault(statement.run, []).append(statement)
    return found


def _link(source: Source, row: Run, before: str | None) -> Iterator[Finding]:
    """Check that a run follows the run of its bench that began before it."""
    if row.previous_run is None or row.previous_seq is None:
        return  # the first of its bench: its own first hash says so
    if row.previous_run != before:
        yield problem("previous-missing", row.run, previous=row.previous_run)
        return
    last = source.record_hash(row.previous_run, row.previous_seq)
    if last is None or last != row.previous_hash:
        yield problem("link-broken", row.run, previous=row.previous_run, seq=row.previous_seq)


def _gone(log: Log, there: set[str], run: str | None) -> Iterator[Finding]:
    """Give the runs that were stated and are not there."""
    missing: set[str] = set()
    for statement in (*log.statements, *log.gone):
        name = statement.run
        if not name or name in there or name in missing or run not in (None, name):
            continue
        missing.add(name)
        yield problem("run-gone", name, run=name, n=statement.n)


def _manifest(pack: PackSource, log: Log) -> Iterator[Finding]:
    """Check the files of a pack against its list, and who signed the list."""
    files = pack.manifest.get("files", {})
    names = set(pack.files) - {"pack.json", "pack.sig"}
    for name in sorted(names | set(files)):
        if name not in files:
            yield problem("pack-added", pack.row.run, name=name)
        elif name not in names:
            yield problem("pack-removed", pack.row.run, name=name)
        elif hashlib.sha256(pack.files[name]).hexdigest() != files[name]:
            yield problem("pack-changed", pack.row.run, name=name)
    key_id, _, signature = pack.files.get("pack.sig", b"").decode("ascii", "replace").partition(":")
    known = log.keys.get(key_id)
    if known is None or not _signed(known[1], signature, pack.files["pack.json"]):
        yield problem("pack-unsigned", pack.row.run)


def _signed(key: PublicKey, signature: str, manifest: bytes) -> bool:
    try:
        return key.fits(bytes.fromhex(signature.strip()), PACK_PURPOSE + manifest)
    except ValueError:
        return False


def _unseen(
    log: Log, keys: Sequence[PublicKey], anchors: Sequence[Anchor], stamped: int
) -> Iterator[str]:
    """Give the ids of the sentences about what this check could not have noticed."""
    newest = max((a.n for a in anchors), default=stamped)
    if not newest:
        yield "unseen-anchor"
    elif newest < log.last:
        yield "unseen-since"
    if not keys:
        yield "unseen-key"
