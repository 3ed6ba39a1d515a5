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
from benchctl.core.events import RunMeasured, RunOpened
from benchctl.records import canonical
from benchctl.records.tables import (
    asset_files,
    assets,
    points_judged,
    records,
    runs,
    standards_used,
)

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
    bound = _bound(name, since, serial)
    among = bound.with_only_columns(standards_used.c.run).distinct().scalar_subquery()
    with store.reading() as reader:
        found: dict[str, _Run] = {}
        for run, utc, certificate, role in reader.all(bound):
            before = found[run].roles if run in found else ()
            found[run] = _Run(utc, certificate, (*before, role))
        opened = _opened(reader, among)
        inputs = _inputs(reader, among)
        return [
            Use(
                *(run, found[run].utc, *opened.get(run, ("", "", False))),
                *(found[run].certificate, found[run].roles),
                not inputs.get(run, frozenset()).isdisjoint(found[run].roles),
                *(uut, point, error, verdict),
            )
            for run, uut, point, error, verdict in _judged(reader, among)
        ]


def _bound(name: str, since: str, serial: str) -> sa.Select[Any]:
    """Return what asks for the runs of a standard, oldest first, with its roles."""
    used = standards_used
    which = used.c.name == name
    if serial:
        which = sa.or_(which, used.c.serial == serial)
    if since:
        which = sa.and_(which, runs.c.utc >= since)
    asked = sa.select(used.c.run, runs.c.utc, used.c.certificate, used.c.role)
    asked = asked.join(runs, runs.c.run == used.c.run).where(which)
    return asked.order_by(runs.c.number, used.c.seq)


def _opened(reader: Reader, among: sa.ScalarSelect[Any]) -> dict[str, tuple[str, str, bool]]:
    """Return procedure, service, and whether it was simulated, of each run."""
    first = sa.type_coerce(records.c.body, sa.JSON)
    asked = sa.select(
        records.c.run,
        first[("procedure", "name")].as_string(),
        first["service"].as_string(),
        first["simulated"].as_boolean(),
    ).where(records.c.run.in_(among), records.c.kind == RunOpened.KIND)
    return {row[0]: (row[1] or "", row[2] or "", bool(row[3])) for row in reader.all(asked)}


def _judged(reader: Reader, among: sa.ScalarSelect[Any]) -> Iterator[tuple[Any, ...]]:
    """Give the last word on each point of the runs: run, unit, point, error, verdict."""
    of = points_judged
    asked = sa.select(of.c.run, of.c.uut, of.c.point, of.c.error, of.c.verdict, of.c.occasion)
    asked = asked.join(runs, runs.c.run == of.c.run).where(of.c.run.in_(among))
    last: dict[tuple[str, str, str, str], tuple[Any, ...]] = {}
    for row in reader.all(asked.order_by(runs.c.number, of.c.seq)):
        last[row[0], row[1], row[2], row[5]] = row[:5]
    yield from last.values()


def _inputs(reader: Reader, among: sa.ScalarSelect[Any]) -> dict[str, frozenset[str]]:
    """Return the inputs of each run's measurand: those in the first budget that it has."""
    valid = sa.type_coerce(records.c.body, sa.JSON)["valid"].as_boolean()
    budgets = sa.select(records.c.run, sa.func.min(records.c.seq).label("seq"))
    budgets = budgets.where(
        records.c.run.in_(among), records.c.kind == RunMeasured.KIND, valid.is_(True)
    )
    first = budgets.group_by(records.c.run).subquery()
    asked = sa.select(records.c.run, records.c.body).join(
        first, sa.and_(first.c.run == records.c.run, first.c.seq == records.c.seq)
    )
    return {
        run: frozenset(line["input"] for line in json.loads(body)["budget"])
        for run, body in reader.all(asked)
    }


def _hash(before: str, entry: AssetEntry) -> str:
    said = canonical.canonical({k: v for k, v in asdict(entry).items() if k != "hash"}, "asset")
    return hashlib.sha256(f"{before}\n{said}".encode()).hexdigest()


def _add_file(writer: Writer, sha256: str, data: bytes) -> None:
    there = writer.all(sa.select(asset_files.c.sha256).where(asset_files.c.sha256 == sha256))
    if not there:
        values = {"sha256": sha256, "data": data}
        writer.add(asset_files, values)
