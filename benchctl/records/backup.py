"""Backups of a lab by SQLite's own backup, each tried by opening and checking it; and restoring.

    made = backup(lab, Path("/mnt/usb/lab-2026-11"), medium="usb disk", offline=True)
    restore(Path("/mnt/usb/lab-2026-11"), Path("~/lab"))

A backup is a folder: the database, the list of statements, settings and public keys. The signing
key is in it only where that is asked for. A copy of the files of a database that is in use is no
backup: its last commits lie in another file.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import RecordError, RefusedError, UsageError
from benchctl.core.messages import msg
from benchctl.records.folders import DATABASE, make_folder, os_error
from benchctl.records.keys import FOLDER, SIGNING
from benchctl.records.settings import FILE, RetentionSettings
from benchctl.records.statements import note
from benchctl.records.verify import Checked, checked
from benchctl.verifier.check import check
from benchctl.verifier.heads import MIRROR, NOTED, read_statement
from benchctl.verifier.sources import LabSource, SourceError

if TYPE_CHECKING:
    from benchctl.records.lab import Lab

BACKUP = "backup"
"""What a statement is about that tells of a backup."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made: where, on what, of how much."""

    at: str
    path: str
    medium: str
    offline: bool
    runs: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What backups there are, against what the lab wants; the lab's own database is a copy too."""

    copies: int
    media: int
    offline: int
    since: int
    """Runs that began after the newest backup."""
    wanted: RetentionSettings
    backups: tuple[Backup, ...]

    @property
    def enough(self) -> bool:
        """Whether there are as many copies, media and offline copies as the lab wants."""
        there = (self.copies, self.media, self.offline)
        wanted = (self.wanted.copies, self.wanted.media, self.wanted.offline)
        return all(found >= asked for found, asked in zip(there, wanted, strict=True))


def backup(
    lab: Lab, target: Path, *, medium: str = "disk", offline: bool = False, with_key: bool = False
) -> Backup:
    """Copy a lab's records to a new folder, try the copy, and state that it was made.

    Args:
        lab: the records; runs may go on meanwhile.
        target: a folder that is not there yet, or is empty.
        medium: the kind of medium that it lies on, in the lab's words.
        offline: whether it will be kept where no network reaches it.
        with_key: whether the signing key goes with it.

    Raises:
        UsageError: the folder holds something.
        RecordError: it cannot be written, or the copy is not whole.
    """
    _require_empty(target)
    make_folder(target)
    try:
        for name in (MIRROR, FILE):  # the list first: what it names, the database then holds
            if (lab.folder / name).exists():
                shutil.copyfile(lab.folder / name, target / name)
        _copy_keys(lab.folder, target, with_key=with_key)
        _copy_database(lab.path, target / DATABASE)
    except OSError as error:
        raise os_error(error, target) from error
    found = look_at(target)
    if found.problems:
        first = found.problems[0]
        raise RecordError(msg("records.backup-bad", path=str(target), problem=first.message))
    digest = hashlib.sha256((target / DATABASE).read_bytes()).hexdigest()
    place = str(target.resolve())
    note(lab, BACKUP, path=place, medium=medium, offline=offline, runs=found.runs, sha256=digest)
    return _backups(lab)[-1]


def restore(source: Path, target: Path) -> Checked:
    """Make a lab's folder from a backup that was found whole; return what the check of it said.

    Raises:
        UsageError: there is no backup, or the folder has records already.
        RefusedError: the backup is not whole.
        RecordError: the folder cannot be written.
    """
    if not (source / DATABASE).is_file():
        raise UsageError(msg("records.no-backup", path=str(source)))
    if (target / DATABASE).exists():
        raise UsageError(msg("records.restore-onto", path=str(target)))
    found = look_at(source)
    if found.problems:
        first = found.problems[0]
        raise RefusedError(msg("records.backup-bad", path=str(source), problem=first.message))
    make_folder(target)
    try:
        for name in (MIRROR, FILE):
            if (source / name).exists():
                shutil.copyfile(source / name, target / name)
        _copy_keys(source, target, with_key=True)
        _copy_database(source / DATABASE, target / DATABASE)
    except OSError as error:
        raise os_error(error, target) from error
    return look_at(target)


def look_at(folder: Path) -> Checked:
    """Check a backup as it lies there: the database's own check of its file, then every hash.

    Raises:
        RecordError: it cannot be read.
    """
    path = folder / DATABASE
    try:
        with closing(LabSource.open(path, immutable=True)) as source:
            report = check(source)
    except SourceError as error:
        raise RecordError(msg("records.damaged", path=str(path))) from error
    return checked(report.findings, report.unseen, report.runs, report.heads)


def kept(lab: Lab) -> Kept:
    """Return which backups the lab's log tells of, newest last, and whether they are enough."""
    backups = _backups(lab)
    places = {made.path: made for made in backups}
    runs = len(lab.runs(None))
    return Kept(
        copies=1 + len(places),
        media=len({"disk", *(made.medium for made in places.values())}),
        offline=sum(made.offline for made in places.values()),
        since=runs - (backups[-1].runs if backups else 0),
        wanted=lab.notary.settings.retention,
        backups=tuple(backups),
    )


def _backups(lab: Lab) -> list[Backup]:
    with lab.store.reading() as reader:
        rows = reader.heads(what=NOTED)
    return list(_told(rows))


def _told(rows: list[Any]) -> Iterator[Backup]:
    for row in rows:
        statement = read_statement(row.text)
        about = dict(statement.about)
        if about.pop("what", "") == BACKUP:
            yield Backup(at=statement.utc, **about)


def _copy_database(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as one,
            closing(sqlite3.connect(target)) as other,
        ):
            one.backup(other)
            other.execute("PRAGMA journal_mode = DELETE")  # whole in one file
            (said,) = other.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        reason = str(error)
        raise RecordError(msg("records.io", path=str(target), reason=reason)) from error
    if said != "ok":
        raise RecordError(msg("records.damage", path=str(source), seen=str(said)))


def _copy_keys(source: Path, target: Path, *, with_key: bool) -> None:
    keys = target / FOLDER
    make_folder(keys)
    keys.chmod(0o700)
    for path in sorted((source / FOLDER).glob("*.pub.pem")):
        shutil.copyfile(path, keys / path.name)
    if with_key and (source / FOLDER / SIGNING).exists():
        shutil.copy2(source / FOLDER / SIGNING, keys / SIGNING)
        (keys / SIGNING).chmod(0o600)


def _require_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(msg("records.backup-onto", path=str(folder)))
