"""Opening a bench outside of a run, to make it safe after one that was cut off."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from benchctl.bench import Bench, BenchFile, Undo, Wiring
from benchctl.core.clock import Clock
from benchctl.core.events import MadeSafe, RunRecovered
from benchctl.core.messages import msg
from benchctl.engine.prepare import default_operator, shelf_for
from benchctl.engine.request import RunRequest
from benchctl.engine.safety import close_record, is_over, note_safe, recover, undos_left
from benchctl.links import LinkFactory
from benchctl.records import Lab


def recover_bench(
    lab: Lab, bench_file: BenchFile, request: RunRequest, clock: Clock, *, close: bool = False
) -> list[str]:
    """Make the bench safe if earlier runs on it were cut off; return these runs.

    With `close` they end here; otherwise each can go on.

    Raises:
        UnsafeError: the bench cannot be made safe.
    """
    runs = list(lab.open_runs(bench_file.name))
    for cut_off in runs:
        if undos_left(lab, [cut_off]) or not _recovered(lab, cut_off):
            with ExitStack() as stack:
                journal = EventList()
                links = LinkFactory(clock, journal)
                stack.callback(links.close)
                shelf = shelf_for(request.lab, bench_file.folder)
                bench = Bench(Wiring(bench_file, shelf, {}), links, journal, clock)
                stack.callback(bench.close)
                recover(lab, cut_off, bench, clock, by=request.operator or default_operator())
        if close and not is_over(lab, cut_off):
            close_record(lab, cut_off, clock, msg("engine.cut-off"))
    return runs


def _recovered(lab: Lab, run: str) -> bool:
    """Return whether the last that is known of a run is that its bench was made safe."""
    last = None
    for stored in lab.events(run):
        last = stored
    return last is not None and isinstance(last.event, RunRecovered)


def close_left_simulated(lab: Lab, clock: Clock, operator: str = "") -> list[str]:
    """Close the records of runs whose simulated bench ended with their process; return these runs.

    Raises:
        RecordError: a record could not be written.
    """
    runs = lab.left_simulated()
    for run in runs:
        close_simulated(lab, run, clock, operator)
    return runs


def close_simulated(lab: Lab, run: str, clock: Clock, operator: str = "") -> None:
    """Close the record of a run whose simulated bench ended with its process.

    Raises:
        RecordError: the record could not be written.
    """
    journal = lab.resume_journal(run, clock)
    journal.emit(RunRecovered(by=operator or default_operator(), at=clock.utc().isoformat()))
    close_record(lab, run, clock, msg("engine.cut-off-simulated"))


def left_energised(lab: Lab, bench: str) -> list[Undo]:
    """Return what runs on this bench that were cut off left energised, in order."""
    return undos_left(lab, lab.open_runs(bench))


def note_open_runs(lab: Lab, bench: str, made: MadeSafe, clock: Clock) -> list[str]:
    """Note in the records of runs that were cut off that all of their bench is safe now.

    Return these runs; each can go on. The caller holds the bench.

    Raises:
        UnsafeError: not all of it is safe.
        RecordError: a record could not be written.
    """
    runs = list(lab.open_runs(bench))
    for run in runs:
        note_safe(lab, run, made, clock, by=default_operator())
    return runs


def close_cut_off(lab: Lab, run: str, clock: Clock) -> None:
    """End a run that was cut off and does not go on; its bench was made safe before.

    Raises:
        RefusedError: the run is over.
        RecordError: the record could not be written.
    """
    close_record(lab, run, clock, msg("engine.cut-off"))


class EventList:
    """A sink that keeps events in memory; for what happens outside a run."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def emit(self, event: Any) -> None:
        """Keep the event."""
        self.events.append(event)
