"""The register of standards in the lab's database, and which run used which standard.

    with Lab.open(folder) as lab:
        store = AssetStore(lab.store)          # a core.assets.StandardsStore

Each entry's hash covers the entry and all before it, so that a change shows.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from benchctl.core.assets import AssetEntry
from benchctl.core.events import PointJudged, RunMeasured, RunOpened
from benchctl.records import canonical
from benchctl.records.tables import asset_files, assets, records, runs, standards_used

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchctl.records.sql import Reader, Writer
    from benchctl.records.store import Store

_RENAMED = {"by": "entered_by"}
_COLUMNS = [assets.c[_RENAMED.get(name, name)] for name in AssetEntry.__dataclass_fields__]


class AssetStore:
    """The register as the database keeps it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def entries(self, name: str | None = None) -> list[AssetEntry]:
        """Return the entries of an asset, or all, in the order in which they were made.

        Raises:
            RecordError: they cannot be read.
        """
        asked = sa.select(*_COLUMNS).order_by(assets.c.number)
        if name is not None:
            asked = asked.where(assets.c.name == name)
        with self._store.reading() as reader:
            return [AssetEntry(*row) for row in reader.all(asked)]

    def enter(self, entry: AssetEntry, file: bytes | None = None) -> AssetEntry:
        """Add an entry, with the certificate's file; return it as it is kept.

        Raises:
            RecordError: it could not be kept.
        """
        with self._store.writing() as writer:
            last = writer.all(
                sa.select(assets.c.number, assets.c.hash).order_by(assets.c.number.desc()).limit(1)
            )
            number, before = (int(last[0][0]), str(last[0][1])) if last else (0, "")
            kept = replace(entry, number=number + 1, hash="")
            kept = replace(kept, hash=_hash(before, kept))
            if file is not None:
                _add_file(writer, kept.file_sha256, file)
            values = {_RENAMED.get(k, k): v for k, v in asdict(kept).items()}
            writer.add(assets, values)
        return kept

    def file(self, sha256: str) -> bytes | None:
        """Return a certificate's file, None where there is none of that sha256."""
        asked = sa.select(asset_files.c.data).where(asset_files.c.sha256 == sha256)
        with self._store.reading() as reader:
            found = reader.all(asked)
        return bytes(found[0][0]) if found else None

    def damaged(self) -> list[AssetEntry]:
        """Return the entries whose hash is not that of what they say, and of all before them.

        Raises:
            RecordError: they cannot be read.
        """
        found, before = [], ""
        for entry in self.entries():
            if entry.hash != _hash(before, replace(entry, hash="")):
                found.append(entry)
            before = entry.hash
        return found


@dataclass(frozen=True, slots=True)
class Use:
    """A unit's point that was judged while a standard stood behind `roles` of the run.

    `direct`: one of them is an input of the measurand; else it was only watched, as a flow is.
    """

    run: str
    utc: str
    procedure: str
    service: str
    simulated: bool
    certificate: str
    roles: tuple[str, ...]
    direct: bool
    uut: str
    point: str
    error: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class _Run:
    """What a run says of itself and of the standard in it."""

    utc: str
    certificate: str
    roles: tuple[str, ...]


def uses(store: Store, name: str, *, since: str = "", serial: str = "") -> list[Use]:
    """Return every point that was judged with a standard, oldest run first.

    Args:
        store: the lab's database.
        name: the standard's name in the register.
        since: runs that began at or after this ISO date or time, UTC.
        serial: besides the name, runs in which a standard of this serial number stood.

    Raises:
        RecordError: the database cannot be read.
    """
    used = standards_used
    which = used.c.name == name
    if serial:
        which = sa.or_(which, used.c.serial == serial)
    if since:
        which = sa.and_(which, runs.c.utc >= since)
    bound = sa.select(used.c.run, runs.c.utc, used.c.certificate, used.c.role)
    bound = bound.join(runs, runs.c.run == used.c.run).where(which)
    with store.reading() as reader:
        found: dict[str, _Run] = {}
        for run, utc, certificate, role in reader.all(bound.order_by(runs.c.number, used.c.seq)):
            before = found[run].roles if run in found else ()
            found[run] = _Run(utc, certificate, (*before, role))
        return [use for run, facts in found.items() for use in _uses_of(reader, run, facts)]


def _uses_of(reader: Reader, run: str, facts: _Run) -> Iterator[Use]:
    opened = _bodies(reader, run, RunOpened.KIND, limit=1)
    first = opened[0] if opened else {}
    inputs = _inputs(reader, run)
    judged = {(b["uut"], b["point"]): b for b in _bodies(reader, run, PointJudged.KIND)}
    for (uut, point), body in judged.items():
        yield Use(
            run=run,
            utc=facts.utc,
            procedure=str(first.get("procedure", {}).get("name", "")),
            service=str(first.get("service", "")),
            simulated=bool(first.get("simulated")),
            certificate=facts.certificate,
            roles=facts.roles,
            direct=not inputs.isdisjoint(facts.roles),
            uut=uut,
            point=point,
            error=body["error"],
            verdict=str(body["verdict"]),
        )


def _bodies(reader: Reader, run: str, kind: str, limit: int | None = None) -> list[dict[str, Any]]:
    asked = sa.select(records.c.body).where(records.c.run == run, records.c.kind == kind)
    found = reader.all(asked.order_by(records.c.seq).limit(limit))
    return [json.loads(row[0]) for row in found]


def _inputs(reader: Reader, run: str) -> frozenset[str]:
    """Return the inputs of the run's measurand: those of the budget of a run that is valid."""
    for limit in (1, None):
        for body in _bodies(reader, run, RunMeasured.KIND, limit):
            if body["valid"]:
                return frozenset(line["input"] for line in body["budget"])
    return frozenset()


def _hash(before: str, entry: AssetEntry) -> str:
    said = canonical.canonical({k: v for k, v in asdict(entry).items() if k != "hash"}, "asset")
    return hashlib.sha256(f"{before}\n{said}".encode()).hexdigest()


def _add_file(writer: Writer, sha256: str, data: bytes) -> None:
    there = writer.all(sa.select(asset_files.c.sha256).where(asset_files.c.sha256 == sha256))
    if not there:
        values = {"sha256": sha256, "data": data}
        writer.add(asset_files, values)
