"""The statements: what is asked of the database and what is added to it. Nothing is ever changed.

A `Reader` or `Writer` lives within one transaction of the store.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from benchctl.core.events import MadeSafe, PointJudged, RunClosed, RunOpened, StandardBound
from benchctl.records import tables
from benchctl.records.rows import HeadRow, RecordRow, RunInfo, RunRow
from benchctl.records.tables import (
    blobs,
    heads,
    numbers,
    points_judged,
    records,
    runs,
    stamps,
    standards_used,
)

_AT_ONCE = 400
"""Runs that are named in one question."""
_RUN = [runs.c[name] for name in RunRow.__dataclass_fields__]
_RECORD = [records.c[name] for name in RecordRow.__dataclass_fields__]
_HEAD = [heads.c[name] for name in HeadRow.__dataclass_fields__]


def _body_of(kind: str) -> sa.ScalarSelect[str]:
    """Return the body of a run's last record of a kind, as a column of `runs`."""
    return (
        sa.select(records.c.body)
        .where(records.c.run == runs.c.run, records.c.kind == kind)
        .order_by(records.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )


def _unsafe() -> sa.ColumnElement[bool]:
    """Return whether the last time that a run's bench was made safe something failed."""
    return _body_of(MadeSafe.KIND).not_like('%"failed":[]%')


class Reader:
    """What the database holds, in one consistent state."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def all(self, asked: sa.Select[Any]) -> list[Any]:
        """Return every row of what is asked."""
        return list(self._connection.execute(asked))

    def revision(self) -> str | None:
        """Return the revision that the tables are at, None where nothing says so."""
        if not sa.inspect(self._connection).has_table("alembic_version"):
            return None
        found = self._connection.execute(sa.select(tables.version.c.version_num)).scalar()
        return None if found is None else str(found)

    def is_empty(self) -> bool:
        """Return whether there is no table at all."""
        return not sa.inspect(self._connection).get_table_names()

    def run(self, run: str) -> RunRow | None:
        """Return a run, None where there is none of that id."""
        found = self._connection.execute(sa.select(*_RUN).where(runs.c.run == run)).first()
        return None if found is None else RunRow(*found)

    def runs(self) -> list[RunRow]:
        """Return all runs in the order in which they began."""
        found = self._connection.execute(sa.select(*_RUN).order_by(runs.c.number))
        return [RunRow(*row) for row in found]

    def last_of_bench(self, bench: str) -> RecordRow | None:
        """Return the last record of a bench's last run, None for a new bench."""
        found = self._connection.execute(
            sa.select(runs.c.run)
            .where(runs.c.bench == bench)
            .order_by(runs.c.number.desc())
            .limit(1)
        ).scalar()
        return None if found is None else self.last(str(found))

    def last(self, run: str) -> RecordRow | None:
        """Return the last record of a run."""
        found = self._connection.execute(
            sa.select(*_RECORD).where(records.c.run == run).order_by(records.c.seq.desc()).limit(1)
        ).first()
        return None if found is None else RecordRow(*found)

    def last_of_kind(self, bench: str, kind: str) -> RecordRow | None:
        """Return the newest record of a kind among the runs of a bench, None without any."""
        found = self._connection.execute(
            sa.select(*_RECORD)
            .join(runs, runs.c.run == records.c.run)
            .where(runs.c.bench == bench, records.c.kind == kind)
            .order_by(runs.c.number.desc(), records.c.seq.desc())
            .limit(1)
        ).first()
        return None if found is None else RecordRow(*found)

    def of_kind(self, kind: str) -> list[RecordRow]:
        """Return every record of a kind, in the order in which the runs began."""
        found = self._connection.execute(
            sa.select(*_RECORD)
            .select_from(runs)
            .join(records, sa.and_(records.c.run == runs.c.run, records.c.kind == kind))
            .order_by(runs.c.number, records.c.seq)
        )
        return [RecordRow(*row) for row in found]

    def record(self, run: str, seq: int) -> RecordRow | None:
        """Return one record, None where there is none."""
        found = self._connection.execute(
            sa.select(*_RECORD).where(records.c.run == run, records.c.seq == seq)
        ).first()
        return None if found is None else RecordRow(*found)

    def has(self, run: str, kind: str) -> bool:
        """Return whether a run has a record of a kind."""
        asked = sa.select(records.c.seq).where(records.c.run == run, records.c.kind == kind)
        return self._connection.execute(asked.limit(1)).first() is not None

    def records(
        self, run: str, *, after: int = 0, kind: str | None = None, limit: int
    ) -> list[RecordRow]:
        """Return up to `limit` records of a run with `seq` beyond `after`, in order."""
        asked = sa.select(*_RECORD).where(records.c.run == run, records.c.seq > after)
        if kind is not None:
            asked = asked.where(records.c.kind == kind)
        found = self._connection.execute(asked.order_by(records.c.seq).limit(limit))
        return [RecordRow(*row) for row in found]

    def containing(self, kind: str, text: str) -> Iterator[tuple[str, str, str, str]]:
        """Return run, UTC and bench of the run, and body, of records whose body has that text."""
        asked = (
            sa.select(runs.c.run, runs.c.utc, runs.c.bench, records.c.body)
            .join(records, records.c.run == runs.c.run)
            .where(records.c.kind == kind, records.c.body.contains(text, autoescape=True))
            .order_by(runs.c.number, records.c.seq)
        )
        for run, utc, bench, body in self._connection.execute(asked):
            yield str(run), str(utc), str(bench), str(body)

    def binding(self, word: str) -> Iterator[tuple[str, str, str, str]]:
        """Return the same of records that bind a standard of that name, serial or certificate."""
        used = standards_used
        found = sa.union(  # a question for each index
            *(
                sa.select(used.c.run, used.c.seq).where(column == word)
                for column in (used.c.name, used.c.serial, used.c.certificate)
            )
        ).subquery()
        of_record = sa.and_(records.c.run == found.c.run, records.c.seq == found.c.seq)
        asked = (
            sa.select(runs.c.run, runs.c.utc, runs.c.bench, records.c.body)
            .select_from(found)
            .join(records, of_record)
            .join(runs, runs.c.run == found.c.run)
            .order_by(runs.c.number, found.c.seq)
        )
        for run, utc, bench, body in self._connection.execute(asked):
            yield str(run), str(utc), str(bench), str(body)

    def bodies(self, wanted: Sequence[str], kind: str) -> dict[str, list[str]]:
        """Return by run the bodies of records of a kind, in order."""
        found: dict[str, list[str]] = {run: [] for run in wanted}
        for first in range(0, len(wanted), _AT_ONCE):
            asked = (
                sa.select(records.c.run, records.c.body)
                .where(records.c.run.in_(wanted[first : first + _AT_ONCE]), records.c.kind == kind)
                .order_by(records.c.run, records.c.seq)
            )
            for run, text in self._connection.execute(asked):
                found[str(run)].append(str(text))
        return found

    def blob(self, run: str, seq: int) -> bytes | None:
        """Return the bytes that travel with a record, None where there are none."""
        asked = sa.select(blobs.c.data).where(blobs.c.run == run, blobs.c.seq == seq)
        found: bytes | None = self._connection.execute(asked).scalar()
        return found

    def blob_seqs(self, run: str) -> set[int]:
        """Return the records of a run that have bytes."""
        asked = sa.select(blobs.c.seq).where(blobs.c.run == run)
        return set(self._connection.execute(asked).scalars())

    def hashes(self, run: str) -> list[str]:
        """Return the hashes (hex) of a run's records, in order."""
        asked = sa.select(records.c.hash).where(records.c.run == run).order_by(records.c.seq)
        return [str(found) for found in self._connection.execute(asked).scalars()]

    def last_head(self, what: str | None = None) -> HeadRow | None:
        """Return the last statement, or the last of a kind; None without any."""
        asked = sa.select(*_HEAD).order_by(heads.c.n.desc()).limit(1)
        if what is not None:
            asked = asked.where(heads.c.what == what)
        found = self._connection.execute(asked).first()
        return None if found is None else HeadRow(*found)

    def heads(
        self, *, after: int = 0, run: str | None = None, what: str | None = None
    ) -> list[HeadRow]:
        """Return the statements beyond `after`, of one run, one kind or all, in order."""
        asked = sa.select(*_HEAD).where(heads.c.n > after).order_by(heads.c.n)
        if run is not None:
            asked = asked.where(heads.c.run == run)
        if what is not None:
            asked = asked.where(heads.c.what == what)
        return [HeadRow(*row) for row in self._connection.execute(asked)]

    def stamps(self) -> list[tuple[int, bytes]]:
        """Return the timestamps of statements: number and response, in order."""
        asked = sa.select(stamps.c.n, stamps.c.data).order_by(stamps.c.id)
        return [(int(n), bytes(data)) for n, data in self._connection.execute(asked)]

    def number_of(self, run: str, uut: str, revision: int) -> str | None:
        """Return the certificate number of a unit's results, None where there is none yet."""
        asked = sa.select(numbers.c.number).where(
            numbers.c.run == run, numbers.c.uut == uut, numbers.c.revision == revision
        )
        found = self._connection.execute(asked).scalar()
        return None if found is None else str(found)

    def last_counter(self, series: str) -> int:
        """Return the highest counter of a series of numbers, 0 for a new one."""
        asked = sa.select(sa.func.max(numbers.c.counter)).where(numbers.c.series == series)
        return int(self._connection.execute(asked).scalar() or 0)

    def damage(self, limit: int) -> list[str]:
        """Return what the database's own check of its file finds, up to `limit` sentences."""
        found = self._connection.exec_driver_sql(f"PRAGMA integrity_check({limit})").scalars()
        return [str(line) for line in found if line != "ok"]

    def strays(self) -> list[tuple[str, int]]:
        """Return run and first `seq` of records and blobs whose run is not there."""
        found: dict[str, int] = {}
        for table in (records, blobs):
            asked = (
                sa.select(table.c.run, sa.func.min(table.c.seq))
                .where(table.c.run.not_in(sa.select(runs.c.run)))
                .group_by(table.c.run)
            )
            for run, seq in self._connection.execute(asked):
                found.setdefault(str(run), int(seq))
        return sorted(found.items())

    def ids(self, prefix: str, limit: int) -> list[str]:
        """Return the ids of runs that begin with `prefix`, newest first."""
        asked = sa.select(runs.c.run).where(runs.c.run.startswith(prefix, autoescape=True))
        found = self._connection.execute(asked.order_by(runs.c.number.desc()).limit(limit))
        return [str(run) for run in found.scalars()]

    def is_safe(self, run: str) -> bool:
        """Return whether the last word on a run's bench is not that something is not safe."""
        asked = sa.select(runs.c.run).where(runs.c.run == run, _unsafe())
        return self._connection.execute(asked).first() is None

    def open_ids(
        self, bench: str | None, *, ending: str = "", unsafe_too: bool = False
    ) -> list[str]:
        """Return the ids of runs that were not closed, oldest first.

        Of one bench, or of all whose name ends with `ending`; `unsafe_too`: with those that were
        closed while something of their bench was not safe, and is not known to be since.
        """
        closed = sa.exists().where(records.c.run == runs.c.run, records.c.kind == RunClosed.KIND)
        is_open = sa.or_(~closed, _unsafe()) if unsafe_too else ~closed
        asked = sa.select(runs.c.run).where(is_open)
        if bench is not None:
            asked = asked.where(runs.c.bench == bench)
        if ending:
            asked = asked.where(runs.c.bench.endswith(ending, autoescape=True))
        found = self._connection.execute(asked.order_by(runs.c.number))
        return [str(run) for run in found.scalars()]

    def infos(self, limit: int | None, bench: str | None) -> Iterator[RunInfo]:
        """Return the list of runs, newest first."""
        last = (
            sa.select(sa.func.max(records.c.seq))
            .where(records.c.run == runs.c.run)
            .scalar_subquery()
        )
        asked = sa.select(
            runs.c.run,
            runs.c.bench,
            runs.c.utc,
            last,
            _body_of(RunOpened.KIND),
            _body_of(RunClosed.KIND),
        ).order_by(runs.c.number.desc())
        if bench is not None:
            asked = asked.where(runs.c.bench == bench)
        for row in self._connection.execute(asked.limit(limit)):
            yield _info(*row)


class Writer(Reader):
    """A reader that may add."""

    def make_tables(self) -> None:
        """Make the tables with their triggers in an empty database."""
        tables.metadata.create_all(self._connection)
        self._connection.execute(sa.insert(tables.version).values(version_num=tables.HEAD))

    def apply(self, change: Callable[[sa.Connection], None]) -> None:
        """Let `change` work on the connection, within this transaction."""
        change(self._connection)

    def add(self, table: sa.Table, values: Mapping[str, Any]) -> None:
        """Add a row."""
        self._connection.execute(sa.insert(table), values)

    def add_run(self, row: RunRow) -> None:
        """Add a run."""
        self._connection.execute(sa.insert(runs), asdict(row))

    def add_head(self, row: HeadRow) -> None:
        """Add a statement."""
        self._connection.execute(sa.insert(heads), asdict(row))

    def add_stamp(self, n: int, utc: str, data: bytes) -> None:
        """Add the timestamp of a statement."""
        values = {"n": n, "kind": "rfc3161", "utc": utc, "data": data}
        self._connection.execute(sa.insert(stamps), values)

    def add_number(self, **values: str | int) -> None:
        """Add a certificate number, by the columns of the table."""
        self._connection.execute(sa.insert(numbers), values)

    def add_records(
        self, rows: Sequence[RecordRow], data: Sequence[tuple[int, bytes]] = ()
    ) -> None:
        """Add records of one run in order, and the bytes that travel with some, by `seq`."""
        self._connection.execute(sa.insert(records), [_values(row) for row in rows])
        if data:
            run = rows[0].run
            values = [{"run": run, "seq": seq, "data": content} for seq, content in data]
            self._connection.execute(sa.insert(blobs), values)
        for kind, table, said in _INDEXED:
            found = [said(row) for row in rows if row.kind == kind]
            if found:
                self._connection.execute(sa.insert(table), found)


def _values(row: RecordRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in RecordRow.__dataclass_fields__}


def _used(row: RecordRow) -> dict[str, Any]:
    said = json.loads(row.body)
    standard = said.get("standard", {})
    named = {key: str(standard.get(key) or "") for key in ("name", "serial", "certificate")}
    return {"run": row.run, "seq": row.seq, "role": str(said.get("role", "")), **named}


def _judged(row: RecordRow) -> dict[str, Any]:
    said = json.loads(row.body)
    named = {key: str(said.get(key) or "") for key in ("uut", "point", "occasion", "verdict")}
    return {"run": row.run, "seq": row.seq, **named, "error": said.get("error")}


_INDEXED = (
    (StandardBound.KIND, standards_used, _used),
    (PointJudged.KIND, points_judged, _judged),
)
"""Kinds of records that are found by what they say: the table, and what it takes of them."""


def _info(
    run: str, bench: str, utc: str, events: int | None, opened: str | None, closed: str | None
) -> RunInfo:
    first = json.loads(opened) if opened else {}
    last = json.loads(closed) if closed else {}
    return RunInfo(
        run=run,
        bench=bench,
        started=str(first.get("started") or utc),
        events=events or 0,
        procedure=str(first.get("procedure", {}).get("name", "")),
        service=str(first.get("service", "")),
        stage=str(first.get("stage", "")),
        operator=str(first.get("operator", "")),
        simulated=bool(first.get("simulated", False)),
        outcome=last.get("outcome"),
        verdict=last.get("verdict"),
        finished=last.get("finished"),
    )
