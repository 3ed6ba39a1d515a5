"""The register of issued certificates: what was given out, to whom it belongs, what replaces it.

    with alone_issuing(lab):
        register(lab, [Issuance(number="2026-00001", run=run, uut="W-1", kind="verification", ...)])
    for entry in issued(lab): ...

A row is never changed. It keeps what stood on the certificate and its DCC, so that a copy can be
made as it was, whatever was amended since. Each call states in the lab's signed log what it added
(`certificates`: the rows and the hash over theirs), so that an anchor fixes the register too.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import msg
from benchctl.records.amending import now_text
from benchctl.records.canonical import canonical
from benchctl.records.heads import HeadList
from benchctl.records.locks import bench_lock
from benchctl.records.tables import certificates
from benchctl.verifier.heads import NOTED, read_statement

if TYPE_CHECKING:
    from benchctl.records.lab import Lab

NOTE = "certificates"
"""What a statement is about that tells of issued certificates."""
_SAID = [certificates.c[n] for n in ("id", "number", "copy", "run", "uut", "utc", "text", "hash")]


@dataclass(frozen=True, slots=True)
class Issuance:
    """A certificate that is to be entered; `copy` 0 is the original, 1 the first duplicate.

    Several units stand on a collective certificate: `uuts`, with `uut` empty.
    """

    number: str
    run: str
    uut: str
    kind: str
    revision: int
    by: str
    file: str
    pdf_sha256: str
    dcc_sha256: str
    languages: tuple[str, ...]
    day: str
    """The day of the measurement, ISO 8601."""
    verdict: str | None
    client: str = ""
    valid_until: str = ""
    replaces: str = ""
    because: str = ""
    copy: int = 0
    uuts: tuple[str, ...] = ()
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the register; `at` is UTC, `replaced_by` the certificate that came in its place."""

    id: int
    at: str
    issued: Issuance
    replaced_by: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        said = asdict(self.issued)
        return {
            "name": self.issued.number,
            **said,
            "languages": list(said["languages"]),
            "uuts": list(said["uuts"]),
            "at": self.at,
            "replaced_by": self.replaced_by,
        }


@dataclass(frozen=True, slots=True)
class Kept:
    """What the register kept of a certificate: what stood on it, as JSON, and its DCC."""

    content: bytes
    dcc: bytes


@contextmanager
def alone_issuing(lab: Lab) -> Iterator[None]:
    """Issue while no other process of this lab does.

    Raises:
        RefusedError: another process is issuing.
    """
    with bench_lock(lab.folder / "locks", "certificates"):
        yield


def register(lab: Lab, made: Sequence[tuple[Issuance, Kept]]) -> None:
    """Enter certificates, all of them in one transaction with the statement that tells of them.

    Raises:
        RefusedError: one of them is in the register already.
        RecordError: they cannot be written.
    """
    if not made:
        return
    at = now_text()
    with lab.store.writing() as writer:
        last = int(writer.all(sa.select(sa.func.coalesce(sa.func.max(certificates.c.id), 0)))[0][0])
        hashes = []
        for n, (issuance, kept) in enumerate(made, last + 1):
            taken = sa.select(certificates.c.id).where(
                certificates.c.number == issuance.number, certificates.c.copy == issuance.copy
            )
            if writer.all(taken):
                raise RefusedError(msg("issuing.issued-already", number=issuance.number))
            row = _row(n, at, issuance, kept)
            hashes.append(row["hash"])
            writer.add(certificates, row)
        about = {"what": NOTE, "first": last + 1, "last": last + len(made), "root": _over(hashes)}
        lab.notary.state(writer, NOTED, about=about)
    HeadList(lab.path.parent).catch_up(lab.store)


def issued(lab: Lab, *, run: str = "", uut: str = "") -> list[Entry]:
    """Return the register in the order in which certificates were issued.

    Raises:
        RecordError: it cannot be read.
    """
    asked = sa.select(*_SAID).order_by(certificates.c.id)
    with lab.store.reading() as reader:
        rows = reader.all(asked)
    entries = [_entry(row) for row in rows]
    later = {e.issued.replaces: e.issued.number for e in entries if e.issued.replaces}
    return [
        Entry(e.id, e.at, e.issued, later.get(e.issued.number, ""))
        for e in entries
        if run in ("", e.issued.run) and (not uut or uut in (e.issued.uut, *e.issued.uuts))
    ]


def originals(lab: Lab) -> dict[str, Entry]:
    """Return what was issued, without its duplicates, by number."""
    return {e.issued.number: e for e in issued(lab) if not e.issued.copy}


def kept(lab: Lab, number: str, copy: int = 0) -> Kept:
    """Return what stood on a certificate.

    Raises:
        UsageError: it is not in the register.
    """
    asked = sa.select(certificates.c.content, certificates.c.dcc).where(
        certificates.c.number == number, certificates.c.copy == copy
    )
    with lab.store.reading() as reader:
        rows = reader.all(asked)
    if not rows:
        raise UsageError(msg("issuing.not-issued", number=number))
    return Kept(zlib.decompress(rows[0][0]), zlib.decompress(rows[0][1]))


def register_problems(lab: Lab) -> list[int]:
    """Return the rows that are not what was stated when they were entered, or that are gone.

    Raises:
        RecordError: the register cannot be read.
    """
    with lab.store.reading() as reader:
        rows = {row[0]: row for row in reader.all(sa.select(certificates))}
        heads = reader.heads(what=NOTED)
    wrong: set[int] = set()
    stated: set[int] = set()
    for head in heads:
        about = read_statement(head.text).about
        if about.get("what") != NOTE:
            continue
        span = range(int(about["first"]), int(about["last"]) + 1)
        stated.update(span)
        hashes = [_hash_of(rows[n]) if n in rows else "" for n in span]
        if _over(hashes) != about["root"]:
            altered = [
                n for n, h in zip(span, hashes, strict=True) if n not in rows or rows[n][9] != h
            ]
            wrong.update(altered or span)
    return sorted(wrong | (rows.keys() - stated))


def run_of_rows(lab: Lab, rows: Iterable[int]) -> dict[int, str]:
    """Return which run each of some rows of the register says it is about; none where it is gone.

    Raises:
        RecordError: the register cannot be read.
    """
    asked = sa.select(certificates.c.id, certificates.c.run).where(certificates.c.id.in_([*rows]))
    with lab.store.reading() as reader:
        return {int(row): str(run) for row, run in reader.all(asked)}


def _row(n: int, at: str, issuance: Issuance, about: Kept) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": n,
        "number": issuance.number,
        "copy": issuance.copy,
        "run": issuance.run,
        "uut": issuance.uut,
        "utc": at,
        "text": json.dumps(asdict(issuance), ensure_ascii=False, sort_keys=True),
        "content": zlib.compress(about.content, 9),
        "dcc": zlib.compress(about.dcc, 9),
    }
    return row | {"hash": _hash_of([*row.values()])}


def _hash_of(row: Sequence[Any]) -> str:
    """Return the hash over the columns of a row, the bytes by their own."""
    plain = [hashlib.sha256(v).hexdigest() if isinstance(v, bytes) else v for v in row[:9]]
    return hashlib.sha256(canonical({"certificate": plain}).encode()).hexdigest()


def _over(hashes: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _entry(row: Sequence[Any]) -> Entry:
    said = json.loads(row[6])
    said |= {"languages": tuple(said["languages"]), "uuts": tuple(said["uuts"])}
    return Entry(int(row[0]), str(row[5]), Issuance(**said))
