"""Adding to a run that is over: one process at a time, in the run's own chain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchctl.core.clock import Deadline, RealClock, pause
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.events import RunClosed
from benchctl.core.messages import msg
from benchctl.records.locks import bench_lock

if TYPE_CHECKING:
    from benchctl.records.journal import Journal
    from benchctl.records.lab import Lab

PATIENCE = 5.0
"""Real seconds that one who adds to a closed run waits for another."""


@contextmanager
def after_end(lab: Lab, run: str) -> Iterator[Journal]:
    """Give the journal of a run that is over, to add to it.

    Raises:
        UsageError: there is no such run.
        RefusedError: it is not over, or another process keeps adding to it.
        RecordError: the database cannot be written.
    """
    with _alone(lab.folder / "locks", f"after {run}"):
        with lab.store.reading() as reader:
            if reader.run(run) is None:
                raise UsageError(msg("records.no-run", run=run))
            if not reader.has(run, RunClosed.KIND):
                raise RefusedError(msg("records.not-over", run=run))
        yield lab.resume_journal(run, RealClock(), after_end=True)


@contextmanager
def _alone(folder: Path, name: str) -> Iterator[None]:
    """Hold a name against other processes; wait for them a while."""
    deadline = Deadline(PATIENCE)
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(bench_lock(folder, name))
                break
            except RefusedError:
                if deadline.over:
                    raise
                pause(0.02)
        yield
