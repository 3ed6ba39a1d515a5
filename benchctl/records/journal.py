"""The journal of one run: what happens goes in, in order, hashed and durable, and stays.

    with lab.lock_bench("Water line 2"):
        journal = lab.begin_run("Water line 2", clock=clock)
        journal.listeners.append(screen)
        journal.emit(RunOpened(...))        # on the disk when emit returns

Any thread may emit. After a write has failed the journal takes nothing more: a record has no silent
gap. `durability` says which events are on the disk when `emit` returns.
"""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from benchctl.core.clock import Clock, Deadline
from benchctl.core.errors import RecordError
from benchctl.core.events import Event, RawBlock, RunClosed, body
from benchctl.core.messages import Message, msg
from benchctl.records import canonical, durability
from benchctl.records.durability import Keeping, keeping
from benchctl.records.heads import CLOSED, OPENED, Heads
from benchctl.records.rows import RecordRow, RunRow, StoredEvent

if TYPE_CHECKING:
    from benchctl.records.sql import Writer
    from benchctl.records.store import Store

Listener = Callable[[StoredEvent], None]


@dataclasses.dataclass(frozen=True, slots=True)
class _Waiting:
    """An event that is not yet on the disk; its `seq` and hash are given when it is written."""

    row: RecordRow
    event: Event
    blob: bytes


class Journal:
    """Takes the events of one run; an `EventSink`.

    `listeners` are told every event after it was committed, in order, and `Watched` at once. What
    a listener raises is kept in `listener_errors`, the first of each listener.
    """

    def __init__(self, store: Store, run: str, clock: Clock, *, bench: str) -> None:
        self.run = run
        self.listeners: list[Listener] = []
        self.listener_errors: list[tuple[Listener, Exception]] = []
        self.rehearsal = False
        """Whether nothing real is moved: until the run is closed a power cut may cost its end."""
        self._store = store
        self._clock = clock
        self._bench = bench
        self._lock = threading.RLock()
        self._telling = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._waiting_bytes = 0
        self._patience = Deadline(durability.GATHERED_SECONDS)
        self._told: deque[StoredEvent] = deque()
        self._seq = 0
        self._head = ""
        self._closed = False
        self._failure: RecordError | None = None

    @classmethod
    def resumed(cls, store: Store, last: RecordRow, clock: Clock, *, bench: str) -> Journal:
        """Return the journal of an open run whose last record is `last`; it appends there."""
        journal = cls(store, last.run, clock, bench=bench)
        journal._seq, journal._head = last.seq, last.hash
        return journal

    @property
    def failure(self) -> Message | None:
        """Why nothing more can be written, None while all is well."""
        return self._failure.message if self._failure else None

    def emit(self, event: Event) -> None:
        """Keep an event and tell the listeners.

        Raises:
            RecordError: it could not be kept, an earlier one could not, it holds what is not plain
                data, or the run is closed.
        """
        kept = keeping(event)
        with self._lock:
            if kept is Keeping.SHOWN:
                t = self._clock.now()
                self._told.append(StoredEvent(0, self.run, self._utc(t), t, event))
            else:
                self._check_open()
                self._wait(event)
            if kept is Keeping.DURABLE or self._enough():
                self._commit()
        self._tell()

    def flush(self) -> None:
        """Commit what waits.

        Raises:
            RecordError: it could not be kept.
        """
        with self._lock:
            if self._waiting:
                self._check_open()
                self._commit()
        self._tell()

    def _check_open(self) -> None:
        if self._failure is not None:
            raise RecordError(
                msg("records.stopped", run=self.run, reason=self._failure.message),
                hint=self._failure.hint,
            ) from self._failure
        if self._closed:
            raise RecordError(msg("records.closed", run=self.run))

    def _utc(self, t: float) -> str:
        return utc_text(self._clock, t)

    def _wait(self, event: Event) -> None:
        blob = b""
        if isinstance(event, RawBlock):
            event = _checked(event)
            blob = event.blob
        t = float(self._clock.now())
        text = canonical.canonical(body(event), event.KIND)
        row = RecordRow(self.run, 0, event.KIND, event.VERSION, self._utc(t), t, text)
        if not self._waiting:
            self._patience = Deadline(durability.GATHERED_SECONDS)
        self._waiting.append(_Waiting(row, event, blob))
        self._waiting_bytes += len(blob)

    def _enough(self) -> bool:
        return (
            self._failure is None
            and bool(self._waiting)
            and (
                len(self._waiting) >= durability.GATHERED_EVENTS
                or self._waiting_bytes >= durability.GATHERED_BYTES
                or self._patience.over
            )
        )

    def _commit(self) -> None:
        try:
            with self._store.writing(durable=self._must_last()) as writer:
                head = self._head or self._begin(writer)
                rows: list[RecordRow] = []
                for seq, waiting in enumerate(self._waiting, self._seq + 1):
                    row = dataclasses.replace(waiting.row, seq=seq)
                    head = canonical.chain(head, row)
                    rows.append(dataclasses.replace(row, hash=head))
                pairs = list(zip(rows, self._waiting, strict=True))
                data = [(r.seq, w.blob) for r, w in pairs if isinstance(w.event, RawBlock)]
                writer.add_records(rows, data)
        except RecordError as error:
            self._failure = error
            raise
        began, self._seq, self._head = self._seq == 0, rows[-1].seq, head
        self._waiting, self._waiting_bytes = [], 0
        for row, waiting in pairs:
            self._closed = self._closed or isinstance(waiting.event, RunClosed)
            self._told.append(
                StoredEvent(row.seq, row.run, row.utc, row.t, waiting.event, row.hash)
            )
        self._note(rows[0] if began else None, rows[-1] if self._closed else None)

    def _must_last(self) -> bool:
        """Return whether what waits must survive a power cut: always, but on a rehearsal's way."""
        ends = any(isinstance(waiting.event, RunClosed) for waiting in self._waiting)
        return not self.rehearsal or not self._seq or ends

    def _note(self, first: RecordRow | None, last: RecordRow | None) -> None:
        """Note outside of the database that the run was opened, or closed."""
        heads = Heads(self._store.path.parent)
        try:
            if first is not None:
                heads.note(self.run, OPENED, first.seq, first.hash)
            if last is not None:
                heads.note(self.run, CLOSED, last.seq, last.hash)
        except RecordError as error:
            self._failure = error
            raise

    def _begin(self, writer: Writer) -> str:
        """Write the run's row; return the hash that its first record follows."""
        last = writer.last_of_bench(self._bench)
        row = RunRow(
            run=self.run,
            bench=self._bench,
            utc=self._waiting[0].row.utc,
            algorithm=canonical.ALGORITHM,
            previous_run=last.run if last else None,
            previous_seq=last.seq if last else None,
            previous_hash=last.hash if last else None,
        )
        writer.add_run(row)
        return canonical.origin(row)

    def _tell(self) -> None:
        """Tell the listeners what is due; one thread at a time, so that the order stands.

        A thread (or a listener that emits) that finds another one telling leaves it to that one.
        """
        while self._told and self._telling.acquire(blocking=False):
            try:
                while self._told:
                    stored = self._told.popleft()
                    for listener in tuple(self.listeners):
                        self._tell_one(listener, stored)
            finally:
                self._telling.release()

    def _tell_one(self, listener: Listener, stored: StoredEvent) -> None:
        try:
            listener(stored)
        except Exception as error:  # noqa: BLE001 - a screen that fails must not end a run
            if all(known is not listener for known, _ in self.listener_errors):
                self.listener_errors.append((listener, error))


def utc_text(clock: Clock, t: float) -> str:
    """Return bench time `t` in s as the record writes it: ISO 8601, UTC, milliseconds."""
    return clock.utc(t).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _checked(event: RawBlock) -> RawBlock:
    """Return a block whose sha256 is that of its bytes.

    Raises:
        RecordError: it names another one.
    """
    sha256 = hashlib.sha256(event.blob).hexdigest()
    if not event.sha256:
        return dataclasses.replace(event, sha256=sha256)
    if event.sha256.removeprefix("sha256:") != sha256:
        raise RecordError(msg("records.block-differs", series=event.series))
    return event
