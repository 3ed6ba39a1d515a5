"""What a run shows just now, beside its record: present values for a screen in another process.

`Watched` events are never journaled; their latest lies here, in one small file per run that is
overwritten in place, without a lock, a rename or a flush. A checksum tells a reader who came in the
middle of a write to look again later. The file is locked as long as the run's process lives, so
that a screen can tell a run that is silent from one that was cut off.

    with PresentValues(lab.folder, run) as present:     # in the process that acquires
        journal.listeners.append(present)
    present_values(lab.folder, run)                     # in the process that draws
"""

from __future__ import annotations

import json
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from benchctl.core.clock import monotonic, utc_now
from benchctl.core.events import RunOpened, Watched, body, event_from
from benchctl.records.folders import make_folder
from benchctl.records.locks import _take
from benchctl.records.rows import StoredEvent

FOLDER = "present"
SIZE = 16384
"""Bytes of the file, whatever it says."""
AT_LEAST = 0.2
"""Real seconds between two writes."""

_HEAD = struct.Struct("<4sII")
_MAGIC = b"bcp1"


@dataclass(frozen=True, slots=True)
class Present:
    """The latest `Watched` of a run, and when it was written in s of the Unix clock."""

    stored: StoredEvent
    written: float


class PresentValues:
    """A listener of one run that keeps the latest `Watched` where another process can read it.

    A write takes some 10 µs of the emitting thread and happens at most five times per second. What
    fails here (a folder that may not be written) is raised once, to the journal's listener errors.
    """

    def __init__(self, folder: Path, run: str) -> None:
        self._path = _path(folder, run)
        self._lock: TextIO | None = None
        self._file: FileIO | None = None
        self._last = -AT_LEAST

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __call__(self, stored: StoredEvent) -> None:
        """Take one event; the first one of a run makes the file.

        Raises:
            RecordError: the folder cannot be made.
            OSError: the file cannot be made or written.
        """
        if isinstance(stored.event, RunOpened):
            self._open()
        elif isinstance(stored.event, Watched) and self._file is not None:
            now = monotonic()
            if now - self._last >= AT_LEAST:
                self._last = now
                self._file.seek(0)
                self._file.write(_packed(stored))

    def close(self) -> None:
        """Take the file away: the run's process has nothing more to show."""
        if self._lock is None or self._file is None:
            return
        self._file.close()
        with suppress(OSError):  # left behind: the next run takes it away
            self._path.unlink(missing_ok=True)
        self._lock.close()
        self._lock = self._file = None

    def _open(self) -> None:
        make_folder(self._path.parent)
        for left in self._path.parent.glob("*.bin"):
            if not _held(left):
                with suppress(OSError):
                    left.unlink(missing_ok=True)
        lock = self._path.open("a+", encoding="utf-8")
        try:
            _take(lock)
            file = FileIO(self._path, "r+")
            file.write(bytes(SIZE))
        except OSError:
            lock.close()
            raise
        self._lock, self._file = lock, file


def present_values(folder: Path, run: str) -> Present | None:
    """Return the latest present values of a run.

    None where there are none yet, the run is not going on, or they were just being written.
    """
    try:
        data = _path(folder, run).read_bytes()
    except OSError:
        return None
    if len(data) < _HEAD.size:
        return None
    magic, length, checksum = _HEAD.unpack_from(data)
    text = data[_HEAD.size : _HEAD.size + length]
    if magic != _MAGIC or zlib.crc32(text) != checksum:
        return None
    read = json.loads(text)
    try:
        event = event_from(read["kind"], read["version"], read["body"])
    except (KeyError, TypeError):  # a newer program's: nothing that this one could show
        return None
    return Present(StoredEvent(0, run, read["utc"], read["t"], event), read["written"])


def goes_on(folder: Path, run: str) -> bool:
    """Return whether the process of a run lives; False where it ended or was cut off."""
    return _held(_path(folder, run))


def _path(folder: Path, run: str) -> Path:
    return folder / FOLDER / f"{run}.bin"


def _packed(stored: StoredEvent) -> bytes:
    text = json.dumps(
        {
            "written": utc_now().timestamp(),
            "utc": stored.utc,
            "t": stored.t,
            "kind": stored.event.KIND,
            "version": stored.event.VERSION,
            "body": body(stored.event),
        }
    ).encode()
    if len(text) > SIZE - _HEAD.size:
        raise ValueError(f"{len(text)} bytes of present values are too many")
    return _HEAD.pack(_MAGIC, len(text), zlib.crc32(text)) + text


def _held(path: Path) -> bool:
    """Return whether a living process holds the file."""
    try:
        with path.open(encoding="utf-8") as file:
            _take(file)
    except FileNotFoundError:
        return False
    except OSError:  # held, or not ours to ask
        return True
    return False
