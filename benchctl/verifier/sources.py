"""Where a record comes from: the database of a lab, or an evidence pack of one run."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from benchctl.verifier.heads import MIRROR

PACK = "benchctl.pack/1"
LARGEST = 1 << 30
"""Bytes of one file of a pack."""


class SourceError(Exception):
    """What should be checked cannot be read; `damaged` where the file itself is broken."""

    def __init__(self, text: str, *, damaged: bool = False) -> None:
        super().__init__(text)
        self.damaged = damaged


@dataclass(frozen=True, slots=True)
class Run:
    """A run's row, and the record of its bench that it follows."""

    run: str
    bench: str
    utc: str
    algorithm: str
    previous_run: str | None = None
    previous_seq: int | None = None
    previous_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """A statement with its signature (hex, "" without) and, in a pack, what ties it to the last.

    `peaks` are the full subtrees over the statements before it, `proof` shows that it is among
    those before the pack's last statement.
    """

    n: int
    text: str
    signature: str
    peaks: tuple[str, ...] = ()
    proof: tuple[str, ...] = ()


Record = tuple[int, str, int, str, float, str, str]
"""seq, kind, version, utc, t, body, hash."""


class Source(Protocol):
    """A record that can be checked."""

    whole: bool
    """Whether it holds all runs and statements of a lab."""

    def runs(self) -> list[Run]:
        """Return the runs in the order in which they began."""
        ...

    def records(self, run: str) -> Iterator[Record]:
        """Give the records of a run, in order of `seq`."""
        ...

    def record_hash(self, run: str, seq: int) -> str | None:
        """Return the hash of one record, None where there is none."""
        ...

    def blob_seqs(self, run: str) -> set[int]:
        """Return the records of a run that have bytes."""
        ...

    def blob(self, run: str, seq: int) -> bytes | None:
        """Return the bytes that travel with a record."""
        ...

    def strays(self) -> list[tuple[str, int]]:
        """Return run and first `seq` of records whose run is not there."""
        ...

    def heads(self) -> list[Head]:
        """Return the statements, in order."""
        ...

    def mirror(self) -> list[tuple[int, str, str]] | None:
        """Return the list of statements beside the database; None where none is expected."""
        ...

    def stamps(self) -> list[tuple[int, bytes]]:
        """Return the timestamps of statements: number and response, in order."""
        ...


class LabSource:
    """The database of a lab, read by SQL; `beside` is the list of statements next to it."""

    whole = True

    def __init__(self, connection: sqlite3.Connection, beside: Path) -> None:
        self._connection = connection
        self._beside = beside

    @classmethod
    def open(cls, path: Path, *, beside: Path | None = None, immutable: bool = False) -> LabSource:
        """Open a database for reading.

        Raises:
            SourceError: it cannot be opened.
        """
        uri = f"{path.resolve().as_uri()}?mode=ro" + ("&immutable=1" if immutable else "")
        try:
            connection = sqlite3.connect(uri, uri=True)
            connection.execute("PRAGMA trusted_schema = OFF")
        except sqlite3.Error as error:
            raise SourceError(f"{path}: {error}") from error
        return cls(connection, beside or path.with_name(MIRROR))

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def runs(self) -> list[Run]:
        """Return the runs in the order in which they began."""
        names = ", ".join(Run.__dataclass_fields__)
        return [Run(*row) for row in self._ask(f"SELECT {names} FROM runs ORDER BY number")]

    def records(self, run: str) -> Iterator[Record]:
        """Give the records of a run, in order of `seq`."""
        names = "seq, kind, version, utc, t, body, hash"
        asked = f"SELECT {names} FROM records WHERE run = ? ORDER BY seq"
        return self._connection.execute(asked, (run,))  # bare: there are many

    def record_hash(self, run: str, seq: int) -> str | None:
        """Return the hash of one record, None where there is none."""
        asked = "SELECT hash FROM records WHERE run = ? AND seq = ?"
        return next((found for (found,) in self._ask(asked, run, seq)), None)

    def blob_seqs(self, run: str) -> set[int]:
        """Return the records of a run that have bytes."""
        return {seq for (seq,) in self._ask("SELECT seq FROM blobs WHERE run = ?", run)}

    def blob(self, run: str, seq: int) -> bytes | None:
        """Return the bytes that travel with a record."""
        asked = "SELECT data FROM blobs WHERE run = ? AND seq = ?"
        return next((found for (found,) in self._ask(asked, run, seq)), None)

    def strays(self) -> list[tuple[str, int]]:
        """Return run and first `seq` of records and blobs whose run is not there."""
        found: dict[str, int] = {}
        for table in ("records", "blobs"):
            for run, seq in self._ask(
                f"SELECT run, min(seq) FROM {table} "
                "WHERE run NOT IN (SELECT run FROM runs) GROUP BY run"
            ):
                found.setdefault(str(run), int(seq))
        return sorted(found.items())

    def heads(self) -> list[Head]:
        """Return the statements, in order; none from before there were any."""
        if not list(self._ask("SELECT 1 FROM sqlite_master WHERE name = 'heads'")):
            return []
        return [
            Head(n, text, sig)
            for n, text, sig in self._ask("SELECT n, text, signature FROM heads ORDER BY n")
        ]

    def stamps(self) -> list[tuple[int, bytes]]:
        """Return the timestamps of statements."""
        if not list(self._ask("SELECT 1 FROM sqlite_master WHERE name = 'stamps'")):
            return []
        return [(n, bytes(data)) for n, data in self._ask("SELECT n, data FROM stamps ORDER BY id")]

    def mirror(self) -> list[tuple[int, str, str]] | None:
        """Return the list beside the database.

        Raises:
            SourceError: there is none; or a line of it is damaged (its number is the text).
        """
        try:
            lines = self._beside.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise SourceError("") from error
        found: list[tuple[int, str, str]] = []
        for number, line in enumerate(lines, 1):
            with suppress(ValueError, TypeError):
                n, text, signature = json.loads(line)
                found.append((int(n), str(text), str(signature)))
            if len(found) < number:
                if number == len(lines):  # cut off while it was written
                    break
                raise SourceError(str(number))
        return found

    def _ask(self, sql: str, *values: Any) -> Iterator[Any]:
        try:
            yield from self._connection.execute(sql, values)
        except sqlite3.DatabaseError as error:
            raise SourceError(str(error), damaged=True) from error


@dataclass(slots=True)
class PackSource:
    """An evidence pack of one run."""

    manifest: dict[str, Any]
    row: Run
    lines: list[Record]
    statements: list[Head]
    files: dict[str, bytes]
    whole: bool = field(default=False, init=False)

    @classmethod
    def open(cls, path: Path) -> PackSource:
        """Read a pack.

        Raises:
            SourceError: it is none, or damaged.
        """
        try:
            with zipfile.ZipFile(path) as pack:
                if any(info.file_size > LARGEST for info in pack.infolist()):
                    raise SourceError(f"{path}: too large")
                files = {name: pack.read(name) for name in pack.namelist()}
            manifest = json.loads(files["pack.json"])
            if manifest["format"] != PACK:
                raise SourceError(f"{path}: {manifest['format']}")
            row = Run(**json.loads(files["run.json"]))
            lines = [_record(line) for line in files["records.jsonl"].splitlines()]
            heads = [_head(line) for line in files[MIRROR].splitlines()]
        except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
            raise SourceError(f"{path}: {error!r}", damaged=True) from error
        return cls(manifest, row, lines, heads, files)

    def runs(self) -> list[Run]:
        """Return the one run."""
        return [self.row]

    def records(self, run: str) -> Iterator[Record]:
        """Give the records."""
        return iter(self.lines if run == self.row.run else ())

    def record_hash(self, run: str, seq: int) -> str | None:
        """Return the hash of one record, None where there is none."""
        return next((line[6] for line in self.records(run) if line[0] == seq), None)

    def blob_seqs(self, run: str) -> set[int]:
        """Return the records that have bytes."""
        names = (name for name in self.files if run == self.row.run and name.startswith("blobs/"))
        return {int(Path(name).stem) for name in names if Path(name).stem.isdecimal()}

    def blob(self, run: str, seq: int) -> bytes | None:
        """Return the bytes that travel with a record."""
        return self.files.get(f"blobs/{seq}.bin") if run == self.row.run else None

    def strays(self) -> list[tuple[str, int]]:
        """Return nothing: a pack is one run."""
        return []

    def heads(self) -> list[Head]:
        """Return the statements of the run, of the keys, and the lab's last."""
        return self.statements

    def stamps(self) -> list[tuple[int, bytes]]:
        """Return the timestamps of its statements."""
        found = [Path(name) for name in self.files if name.startswith("stamps/")]
        numbered = [path for path in found if path.stem.split("-")[0].isdecimal()]
        return [(int(p.stem.split("-")[0]), self.files[p.as_posix()]) for p in sorted(numbered)]

    def mirror(self) -> list[tuple[int, str, str]] | None:
        """Return None: a pack has no list beside it."""
        return None


def open_source(path: Path) -> LabSource | PackSource:
    """Open a pack (`.zip`), a database, or the folder of a lab.

    Raises:
        SourceError: it cannot be read.
    """
    if path.is_dir():
        path = path / "lab.sqlite"
    if not path.exists():
        raise SourceError(f"{path}: not found")
    return PackSource.open(path) if zipfile.is_zipfile(path) else LabSource.open(path)


def _record(line: bytes) -> Record:
    seq, kind, version, utc, t, body, hash_ = json.loads(line)
    return (seq, kind, version, utc, float(t), body, hash_)


def _head(line: bytes) -> Head:
    n, text, signature, peaks, proof = json.loads(line)
    return Head(int(n), str(text), str(signature), _texts(peaks), _texts(proof))


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)
