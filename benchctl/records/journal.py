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
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from benchctl.core.clock import Clock, Deadline, utc_now
from benchctl.core.errors import RecordError
from benchctl.core.events import AuditNoted, Event, RawBlock, RunClosed, body
from benchctl.core.messages import Message, msg
from benchctl.records import canonical, durability
from benchctl.records.audit import SIGNING, Notice, Watch, since_last
from benchctl.records.durability import Keeping, keeping
from benchctl.records.gathering import Waiting, checked_block, utc_text
from benchctl.records.heads import HeadList
from benchctl.records.rows import Facts, RecordRow, RunRow, StoredEvent
from benchctl.records.settings_audit import changed_settings
from benchctl.verifier.hashing import FORM, chained, digest_of, hash_name, header
from benchctl.verifier.heads import ADDED, CLOSED, GOING, OPENED
from benchctl.verifier.merkle import Peaks, leaf

if TYPE_CHECKING:
    from benchctl.records.notary import Notary
    from benchctl.records.sql import Writer
    from benchctl.records.store import Store

Listener = Callable[[StoredEvent], None]


class Journal:
    """Takes the events of one run; an `EventSink`.

    `listeners` are told every event after it was committed, in order, and `Watched` at once. What
    a listener raises is kept in `listener_errors`, the first of each listener.
    """

    def __init__(self, store: Store, run: str, clock: Clock, *, bench: str, notary: Notary) -> None:
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
        self._waiting: list[Waiting] = []
        self._waiting_bytes = 0
        self._patience = Deadline(durability.GATHERED_SECONDS)
        self._told: deque[StoredEvent] = deque()
        self._seq = 0
        self._head = ""
        self._closed = False
        self._was_closed = False
        self._notary = notary
        self._algorithm = f"{notary.settings.hash}/{FORM}"
        self._digest = digest_of(notary.settings.hash)
        self._tree = Peaks(self._digest)
        self._stated = 0
        self._watch = Watch(store.path.parent)
        self._unsigned = False
        self._first = True
        self._until_stated = Deadline(notary.settings.every_seconds)
        self._failure: RecordError | None = None

    @classmethod
    def resumed(
        cls,
        store: Store,
        last: RecordRow,
        clock: Clock,
        *,
        row: RunRow,
        notary: Notary,
        tree: Peaks,
        closed: bool,
    ) -> Journal:
        """Return the journal of a run whose last record is `last`; it appends there.

        Args:
            store: the lab's database.
            last: the run's last record.
            clock: bench time, which begins again.
            row: the run.
            notary: who states what the record is.
            tree: the Merkle tree over the run's records.
            closed: whether the run was closed: what comes now is added to it.
        """
        journal = cls(store, last.run, clock, bench=row.bench, notary=notary)
        journal._seq, journal._head, journal._was_closed = last.seq, last.hash, closed
        journal._algorithm, journal._tree = row.algorithm, tree
        journal._digest = digest_of(hash_name(row.algorithm))
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
            event = checked_block(event)
            blob = event.blob
        t = float(self._clock.now())
        text = canonical.canonical(body(event), event.KIND)
        row = RecordRow(self.run, 0, event.KIND, event.VERSION, self._utc(t), t, text)
        if not self._waiting:
            self._patience = Deadline(durability.GATHERED_SECONDS)
        self._waiting.append(Waiting(row, event, blob))
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
            notices = list(self._watch.look())
            with self._store.writing(durable=self._must_last()) as writer:
                began = not self._head
                last = writer.last_head() if self._first else None
                notices += since_last(last)
                rows = self._hashed(self._head or self._begin(writer))
                pairs = list(zip(rows, self._waiting, strict=True))
                data = [(r.seq, w.blob) for r, w in pairs if isinstance(w.event, RawBlock)]
                writer.add_records(rows, data)
                closed = any(isinstance(w.event, RunClosed) for w in self._waiting)
                what = self._statement_due(rows[-1].seq, began=began, closed=closed)
                if what:
                    self._state(writer, what, rows[-1])
                    notices += self._signing()
                if self._first:
                    notices += changed_settings(writer, self._notary, rows[0], new=last is None)
        except RecordError as error:
            self._failure = error
            raise
        self._seq, self._head, self._closed = rows[-1].seq, rows[-1].hash, closed
        self._first = False
        self._waiting, self._waiting_bytes = [], 0
        for row, waiting in pairs:
            self._told.append(
                StoredEvent(row.seq, row.run, row.utc, row.t, waiting.event, row.hash)
            )
        if what:
            self._list(sync=what != GOING)
        if not closed and not self._was_closed:
            for notice, why in notices:
                at = utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
                self._wait(AuditNoted(notice, why.as_json(), at))

    def _must_last(self) -> bool:
        """Return whether what waits must survive a power cut: always, but on a rehearsal's way."""
        ends = any(isinstance(waiting.event, RunClosed) for waiting in self._waiting)
        return not self.rehearsal or not self._seq or ends or self._was_closed

    def _signing(self) -> list[Notice]:
        """Return what is to be noted where the last statement could not be signed."""
        reason = self._notary.failure
        told, self._unsigned = self._unsigned, reason is not None
        if reason is None or told:
            return []
        return [(SIGNING, msg("records.signing-failed", reason=reason))]

    def _hashed(self, head: str) -> list[RecordRow]:
        """Return what waits with its numbers and hashes, and let the tree grow by them."""
        rows: list[RecordRow] = []
        previous = bytes.fromhex(head)
        for seq, waiting in enumerate(self._waiting, self._seq + 1):
            row = waiting.row
            first = header(row.run, seq, row.kind, row.version, row.utc, row.t)
            previous = chained(self._digest, previous, first, row.body)
            rows.append(dataclasses.replace(row, seq=seq, hash=previous.hex()))
            self._tree.push(leaf(self._digest, previous))
        return rows

    def _statement_due(self, seq: int, *, began: bool, closed: bool) -> str:
        """Return what is to be stated with the present commit, "" for nothing."""
        if closed:
            return CLOSED
        if self._was_closed:
            return ADDED
        settings = self._notary.settings
        enough = seq - self._stated >= settings.every_records or self._until_stated.over
        return OPENED if began else GOING if enough else ""

    def _state(self, writer: Writer, what: str, last: RecordRow) -> None:
        root = self._tree.root().hex()
        facts = Facts(self.run, self._bench, self._algorithm, last.seq, last.hash, root)
        self._notary.state(writer, what, facts)
        self._stated = last.seq
        self._until_stated = Deadline(self._notary.settings.every_seconds)

    def _list(self, *, sync: bool) -> None:
        """Add what was stated to the list outside of the database."""
        try:
            HeadList(self._store.path.parent).catch_up(self._store, sync=sync)
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
            algorithm=self._algorithm,
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
