"""A lab's folder: the database of its runs, and who works on which bench.

    with Lab.open(folder) as lab, lab.lock_bench("Water line 2"):
        journal = lab.begin_run("Water line 2", clock=clock)

Reading needs no lock and disturbs no running bench.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from benchctl.core.clock import Clock
from benchctl.core.errors import RecordError, RefusedError, UsageError
from benchctl.core.events import HEARD, GateClosed, RawBlock, RunClosed, event_from
from benchctl.core.heard import unpacked
from benchctl.core.messages import msg
from benchctl.records import canonical
from benchctl.records.fold import fold
from benchctl.records.folders import DATABASE, make_folder, user_data_folder
from benchctl.records.journal import Journal
from benchctl.records.locks import bench_lock, machine_lock
from benchctl.records.present import goes_on
from benchctl.records.rows import RecordRow, RunInfo, StoredEvent
from benchctl.records.settings import settings_of
from benchctl.records.statements import signature_of
from benchctl.records.ulid import ulid
from benchctl.verifier.hashing import UnknownHashError, digest_of

if TYPE_CHECKING:
    from benchctl.core.series import Floats
    from benchctl.records.notary import Notary
    from benchctl.records.store import Store


IN_PROCESS = " (in process)"
"""What the name of a bench ends with whose plant lives in the process of its run."""


class Lab:
    """The records of a lab. `folder` is where it lies, `path` its database."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self.path = store.path
        self.store = store
        self._notary: Notary | None = None

    @property
    def notary(self) -> Notary:
        """Who states and signs what the records are.

        Raises:
            FileError: the lab's `records.yaml` has mistakes.
        """
        if self._notary is None:
            from benchctl.records.notary import Notary

            self._notary = Notary(self.folder, settings_of(self.folder))
        return self._notary

    @classmethod
    def open(cls, folder: Path | None = None, *, create: bool = True) -> Lab:
        """Open a lab's folder; make it on first use.

        Args:
            folder: the lab's folder; None is the platform's folder for the user's data.
            create: whether a folder without records becomes a lab.

        Raises:
            RecordError: it is no folder, may not be written, or its database cannot be used.
        """
        from benchctl.records.store import Store

        folder = _default_folder() if folder is None else folder
        path = folder / DATABASE
        if create:
            make_folder(folder)
        elif not path.exists():
            raise RecordError(msg("records.no-lab", path=str(folder)))
        return cls(folder, Store.open(path, create=create))

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # writing --------------------------------------------------------------------------------

    @contextmanager
    def lock_bench(self, bench: str, addresses: Iterable[str] = ()) -> Iterator[None]:
        """Hold a bench for as long as the block or the process lasts.

        With the `addresses` of its instruments it is held against every other lab folder on this
        machine too, whatever the bench is called there.

        Raises:
            RefusedError: on entry, another holder has it.
        """
        with ExitStack() as stack:
            stack.enter_context(bench_lock(self.folder / "locks", bench))
            stack.enter_context(machine_lock(bench, addresses))
            yield

    def begin_run(self, bench: str, run_id: str | None = None, *, clock: Clock) -> Journal:
        """Return the journal of a new run; the run exists once it has an event.

        Args:
            bench: the bench's name; its runs form one chain, also where they go on side by side.
            run_id: the run's id; by default a new ULID.
            clock: bench time of the run.

        Raises:
            RecordError: the database cannot be written.
        """
        run = run_id or ulid(clock.utc())
        notary = self.notary
        try:
            digest_of(notary.settings.hash)
        except UnknownHashError as error:
            raise RecordError(msg("records.no-hash", name=notary.settings.hash)) from error
        with self.store.writing() as writer:  # a lab that cannot be written is found here
            taken = writer.run(run) is not None
        if taken:
            raise RecordError(msg("records.run-exists", run=run))
        return Journal(self.store, run, clock, bench=bench, notary=notary)

    def resume_journal(self, run: str, clock: Clock, *, after_end: bool = False) -> Journal:
        """Return the journal of a run that is not over; it goes on after the last record.

        Bench time begins again: it is that of `clock`. With `after_end` a run that is over is
        added to: amendments, reviews, certificate numbers.

        Raises:
            UsageError: there is no such run.
            RefusedError: the run was closed, and its bench is safe.
            RecordError: the database cannot be written.
        """
        with self.store.writing() as writer:
            row, last = writer.run(run), writer.last(run)
            closed = writer.has(run, RunClosed.KIND)
            over = closed and writer.is_safe(run)
        if row is None or last is None:
            raise UsageError(msg("records.no-run", run=run))
        if over and not after_end:
            raise RefusedError(msg("records.closed", run=run))
        from benchctl.records.notary import peaks_of

        with self.store.reading() as reader:
            tree = peaks_of(reader, row, last.seq)
        return Journal.resumed(
            self.store, last, clock, row=row, notary=self.notary, tree=tree, closed=closed
        )

    # reading --------------------------------------------------------------------------------

    def runs(self, limit: int | None = 50, *, bench: str | None = None) -> list[RunInfo]:
        """Return the newest runs, newest first; all with `limit` None."""
        with self.store.reading() as reader:
            return list(reader.infos(limit, bench))

    def left_simulated(self) -> list[str]:
        """Return the runs whose process, and the simulated bench in it, is gone, oldest first."""
        with self.store.reading() as reader:
            found = reader.open_ids(None, ending=IN_PROCESS)
        return [run for run in found if not goes_on(self.folder, run)]

    def open_runs(self, bench: str | None = None) -> list[str]:
        """Return the ids of runs that are not over, oldest first.

        They are running, or were cut off, or ended without their bench being safe.
        """
        with self.store.reading() as reader:
            return reader.open_ids(bench, unsafe_too=True)

    def find_run(self, text: str | None = None) -> str:
        """Return the id of the run that `text` means: the beginning of an id, "latest" or nothing.

        Raises:
            UsageError: no run, or more than one, is meant.
        """
        prefix = "" if text is None or text == "latest" else text
        with self.store.reading() as reader:
            found = reader.ids(prefix, 6) or reader.ids(prefix.upper(), 6)
        if not found:
            name = "records.no-run" if prefix else "records.no-runs"
            raise UsageError(msg(name, run=prefix, path=str(self.folder)))
        exact = [run for run in found if run in (prefix, prefix.upper())]
        if exact or not prefix or len(found) == 1:
            return (exact or found)[0]
        shown = ", ".join(found[:5]) + (" …" if len(found) > 5 else "")
        raise UsageError(msg("records.ambiguous-run", run=prefix, found=shown))

    def events(self, run: str, *, after: int = 0, kind: str | None = None) -> Iterator[StoredEvent]:
        """Give the events of a run with `seq` beyond `after`, in order, without raw bytes.

        Args:
            run: the run's id.
            after: the `seq` that the caller knows already.
            kind: only events of this kind.

        Raises:
            RecordError: the database cannot be read, or an event cannot be understood.
        """
        return (stored_event(row) for row in self.store.records(run, after=after, kind=kind))

    def last_gate(self, bench: str) -> GateClosed | None:
        """Return what came of the last gate of a bench, None where none was ever finished.

        Raises:
            RecordError: the database cannot be read, or the event cannot be understood.
        """
        with self.store.reading() as reader:
            row = reader.last_of_kind(bench, GateClosed.KIND)
        event = None if row is None else stored_event(row).event
        return event if isinstance(event, GateClosed) else None

    def raw(self, run: str, series: str) -> Floats:
        """Return the raw readings of a series, shape (channels + 3, rows), float64.

        Rows as in `core.series`: t_before, t_after in s of bench time, one per channel in its unit,
        flag.

        Raises:
            UsageError: the run has no such series.
            RecordError: a block is damaged, or the database cannot be read.
        """
        import numpy as np

        blocks: list[Floats] = []
        for stored in self.events(run, kind=RawBlock.KIND):
            block = stored.event
            if not isinstance(block, RawBlock) or block.series != series:
                continue
            with self.store.reading() as reader:
                data = reader.blob(run, stored.seq) or b""
            columns = len(block.channels) + 3
            if len(data) != 8 * columns * block.rows:
                raise RecordError(msg("records.block-damaged", run=run, seq=stored.seq))
            blocks.append(np.frombuffer(data, dtype=np.float64).reshape(columns, block.rows))
        if not blocks:
            raise UsageError(msg("records.no-series", run=run, series=series))
        whole: Floats = np.concatenate(blocks, axis=1)
        return whole

    def heard(self, run: str, series: str) -> list[bytes]:
        """Return what the instruments said, byte for byte, for each row of a series.

        [] where nothing was kept: a person read, or the series came as blocks of numbers.

        Raises:
            RecordError: a block is damaged, or the database cannot be read.
        """
        said: list[bytes] = []
        for stored in self.events(run, kind=RawBlock.KIND):
            block = stored.event
            if not isinstance(block, RawBlock) or block.series != f"{series}/{HEARD}":
                continue
            with self.store.reading() as reader:
                data = reader.blob(run, stored.seq) or b""
            try:
                said += unpacked(data, block.rows)
            except ValueError as error:
                raise RecordError(msg("records.block-damaged", run=run, seq=stored.seq)) from error
        return said

    def document(self, run: str, language: str = "en") -> dict[str, Any]:
        """Return the result document of a run, `benchctl.result/1`.

        Raises:
            RecordError: the run has no events, or they cannot be read.
        """
        with self.store.reading() as reader:
            row = reader.run(run)
            signature = signature_of(reader.heads(run=run))
        algorithm = canonical.ALGORITHM if row is None else row.algorithm
        document = fold(self.events(run), language, algorithm=algorithm)
        document["log"]["signature"] = signature
        return document


def _default_folder() -> Path:
    try:
        home = Path.home()
    except RuntimeError as error:
        raise RecordError(msg("records.no-home")) from error
    return user_data_folder(os.environ, sys.platform, home)


def stored_event(row: RecordRow) -> StoredEvent:
    """Return a record as the event that it is, without raw bytes.

    Raises:
        RecordError: it cannot be understood.
    """
    try:
        event = event_from(row.kind, row.version, canonical.read(row.body))
    except KeyError as error:
        raise RecordError(
            msg("records.unknown-event", run=row.run, seq=row.seq, kind=row.kind, v=row.version),
            hint=msg("records.newer-hint"),
        ) from error
    except (ValueError, TypeError) as error:
        raise RecordError(msg("records.unreadable", run=row.run, seq=row.seq)) from error
    return StoredEvent(row.seq, row.run, row.utc, row.t, event, row.hash)
