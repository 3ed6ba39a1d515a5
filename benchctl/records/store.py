"""The database of a lab: one SQLite file, opened, checked, made on first use, never half written.

WAL with `synchronous=FULL`: what was committed survives a kill and a power cut. Writers wait up to
5 s for one another. Every error of the database leaves as a `RecordError` that says what to do.

    store = Store.open(folder / "lab.sqlite")
    with store.writing() as writer:
        writer.add_records(rows)
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchctl.core.errors import RecordError
from benchctl.core.messages import Message, msg
from benchctl.records import tables
from benchctl.records.folders import os_error
from benchctl.records.rows import RecordRow
from benchctl.records.sql import Reader, Writer

PAGE = 500
"""Records that are read at a time: no transaction stays open while somebody thinks."""

BUSY_SECONDS = 5.0
"""Real seconds that a writer waits for another one."""


class Store:
    """A lab's database; readers on connections of their own, writers one at a time."""

    def __init__(self, path: Path, engine: sa.Engine) -> None:
        self.path = path
        self._engine = engine
        self._writing = threading.RLock()
        self._writer: sa.Connection | None = None
        self._copies: tempfile.TemporaryDirectory[str] | None = None
        self.file: tuple[Path, bool] = (path, False)
        """The file that is read (or a copy of it), and whether nobody can be writing to it."""

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> Store:
        """Open the database at `path`; make it if there is none, lead it to the present tables.

        One that may not be written is opened for reading where `create` is not asked for.

        Raises:
            RecordError: it cannot be opened or made, is damaged, foreign, or from a newer program.
        """
        if create or _may_be_written(path):
            store = cls(path, _engine(path))
        else:
            store = cls._for_reading(path)
        try:
            with store.reading() as reader:
                revision = reader.revision()
            if revision != tables.HEAD:
                store._bring_up_to_date()
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def _for_reading(cls, path: Path) -> Store:
        """Open a database in place, or a copy of it where the last commits lie beside it."""
        log = path.with_name(f"{path.name}-wal")
        if not (log.exists() and log.stat().st_size):
            store = cls(path, _engine(path, immutable=True))
            store.file = (path, True)
            return store
        copies = tempfile.TemporaryDirectory(prefix="benchctl-")
        copy = Path(copies.name) / path.name
        try:
            for file in (path, log):
                shutil.copyfile(file, copy.with_name(file.name))
        except OSError as error:
            copies.cleanup()
            raise os_error(error, path) from error
        store = cls(path, _engine(copy))
        store._copies, store.file = copies, (copy, False)
        return store

    def close(self) -> None:
        """Close every connection."""
        with self._writing:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        self._engine.dispose()
        if self._copies is not None:
            self._copies.cleanup()
            self._copies = None

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Give a reader of one consistent state of the database.

        Raises:
            RecordError: the database cannot be read.
        """
        with self._told(), self._engine.connect() as connection:
            yield Reader(connection)

    def records(self, run: str, *, after: int = 0, kind: str | None = None) -> Iterator[RecordRow]:
        """Give the records of a run with `seq` beyond `after`, in order, a page at a time.

        Raises:
            RecordError: the database cannot be read.
        """
        while True:
            with self.reading() as reader:
                page = reader.records(run, after=after, kind=kind, limit=PAGE)
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].seq

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give a writer; what it wrote is on the disk when the block ends, all or nothing.

        Raises:
            RecordError: the database cannot be written.
        """
        with self._writing, self._told():
            if self._writer is None:
                self._writer = self._engine.connect().execution_options(immediate=True)
            with self._writer.begin():
                yield Writer(self._writer)

    def check_writable(self) -> None:
        """Find out whether the database may be written, without writing.

        Raises:
            RecordError: it may not.
        """
        with self.writing():
            pass

    def _bring_up_to_date(self) -> None:
        with self.writing() as writer:
            revision = writer.revision()
            if revision == tables.HEAD:  # another process was faster
                return
            if revision is None and writer.is_empty():
                writer.make_tables()
                return
            if revision is None:
                raise RecordError(
                    msg("records.foreign", path=str(self.path)),
                    hint=msg("records.other-folder-hint"),
                )
            from benchctl.records import migrate

            if not migrate.known(revision):
                raise RecordError(
                    msg("records.newer", path=str(self.path), revision=revision),
                    hint=msg("records.newer-hint"),
                )
            writer.apply(migrate.upgrade)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise _record_error(error, self.path) from error


def _may_be_written(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _engine(path: Path, *, immutable: bool = False) -> sa.Engine:
    """Return the engine of a file; of an `immutable` one nothing beside it is looked at or made."""
    name, asked = str(path), {}
    if immutable:
        name, asked = f"{path.resolve().as_uri()}", {"immutable": "1", "mode": "ro", "uri": "true"}
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=name, query=asked),
        # no isolation level: the driver begins nothing by itself, `_begin` does
        connect_args={
            "timeout": BUSY_SECONDS,
            "isolation_level": None,
            "check_same_thread": False,
        },
    )
    if not immutable:
        sa.event.listen(engine, "connect", _set_up)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: sqlite3.Connection, _: Any) -> None:
    """Make a new connection durable; the file is one that WAL keeps readable while written."""
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode != "wal":
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # macOS: FULL alone leaves data in the drive
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")


def _begin(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


_MEANINGS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: ("records.locked", "records.locked-hint"),
    sqlite3.SQLITE_LOCKED: ("records.locked", "records.locked-hint"),
    sqlite3.SQLITE_READONLY: ("records.read-only", "records.rights-hint"),
    sqlite3.SQLITE_PERM: ("records.read-only", "records.rights-hint"),
    sqlite3.SQLITE_CANTOPEN: ("records.cannot-open", "records.rights-hint"),
    sqlite3.SQLITE_CORRUPT: ("records.damaged", "records.damaged-hint"),
    sqlite3.SQLITE_NOTADB: ("records.damaged", "records.damaged-hint"),
    sqlite3.SQLITE_FULL: ("records.disk-full", "records.space-hint"),
}
"""What SQLite's primary result codes mean for a person: message and hint."""


def _record_error(error: sa.exc.DBAPIError, path: Path) -> RecordError:
    code = getattr(error.orig, "sqlite_errorcode", -1) & 0xFF
    if code in _MEANINGS:
        message, hint = _MEANINGS[code]
        return RecordError(msg(message, path=str(path)), hint=msg(hint))
    return RecordError(_other(error, path, code), hint=msg("records.space-hint"))


def _other(error: sa.exc.DBAPIError, path: Path, code: int) -> Message:
    name = "records.io" if code == sqlite3.SQLITE_IOERR else "records.database"
    return msg(name, path=str(path), reason=str(error.orig))
