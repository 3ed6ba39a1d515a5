"""The events of a run for programs: one JSON object per line, as it happens.

{"seq": 41, "run": "01M7...", "utc": "...", "t": 128.4, "kind": "point-judged", "version": 1,
 "body": {...}}

`seq` counts the record's events from 1; `watched`, which is never recorded, has 0. What is not a
finite number is null. Kinds, versions and names are those of the record and are never translated.
"""

from __future__ import annotations

import errno
import json
import math
import queue
import sys
import threading
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import RecordError, UsageError
from benchctl.core.events import Watched, body
from benchctl.core.messages import Message, msg

if TYPE_CHECKING:
    from benchctl.records import StoredEvent

PATIENCE = 5.0
"""Real seconds that a reader has at the end to take what is left."""
WAITING = 100
"""So many lines may wait before present values are left out."""


def event_line(stored: StoredEvent) -> str:
    """Return an event as one line of JSON in ASCII, without the line's end."""
    return json.dumps(
        {
            "seq": stored.seq,
            "run": stored.run,
            "utc": stored.utc,
            "t": stored.t,
            "kind": stored.event.KIND,
            "version": stored.event.VERSION,
            "body": _finite(body(stored.event)),
        },
        allow_nan=False,
        default=str,
    )


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return value


def event_writer(path: Path | None) -> EventWriter:
    """Return a writer of events to a new file, or to standard output where `path` is None.

    Raises:
        UsageError: the file cannot be made.
    """
    if path is None:
        return EventWriter(FileIO(sys.stdout.fileno(), "w", closefd=False), "-")
    try:
        return EventWriter(FileIO(path, "w"), str(path))
    except OSError as error:
        raise UsageError(msg("cli.not-writable", path=str(path))) from error


class EventWriter:
    """A listener that writes events from a thread of its own: a slow reader delays no sample.

    The file has no buffer, whose lock a stuck thread would take to the end of the process.
    """

    def __init__(self, file: FileIO, name: str) -> None:
        self._file = file
        self._name = name
        self._lines: queue.SimpleQueue[StoredEvent | None] = queue.SimpleQueue()
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._write, name="events", daemon=True)
        self._thread.start()

    def __call__(self, stored: StoredEvent) -> None:
        """Take one event; present values are left out while many lines wait."""
        if not (isinstance(stored.event, Watched) and self._lines.qsize() > WAITING):
            self._lines.put(stored)

    def close(self) -> RecordError | None:
        """Let the reader take what is left; return why not all was taken, None if it was.

        A reader who went away wanted no more.
        """
        self._lines.put(None)
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            return self._lost(msg("live.events-stuck"))
        self._file.close()
        if self._failure is None or self._failure.errno == errno.EPIPE:
            return None
        return self._lost(self._failure.strerror or str(self._failure))

    def _lost(self, reason: Message | str) -> RecordError:
        return RecordError(msg("live.events-lost", path=self._name, reason=reason))

    def _write(self) -> None:
        while (stored := self._lines.get()) is not None:
            if self._failure is not None:
                continue
            try:
                self._put(f"{event_line(stored)}\n".encode())
            except OSError as error:  # told at the end; the run goes on
                self._failure = error

    def _put(self, data: bytes) -> None:
        while data:
            data = data[self._file.write(data) :]
