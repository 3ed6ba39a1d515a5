"""Opening a bench outside of a run, to make it safe after one that was cut off."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from benchctl.bench import Bench, BenchFile, Undo, Wiring
from benchctl.core.clock import Clock
from benchctl.core.events import MadeSafe
from benchctl.core.messages import msg
from benchctl.engine.prepare import default_operator, shelf_for
from benchctl.engine.request import RunRequest
from benchctl.engine.safety import close_cut_off, close_record, recover, undos_left
from benchctl.links import LinkFactory
from benchctl.records import Lab


def recover_bench(lab: Lab, bench_file: BenchFile, request: RunRequest, clock: Clock) -> list[str]:
    """Make the bench safe if an earlier run on it was cut off; return the runs that were closed.

    Raises:
        UnsafeError: the bench cannot be made safe.
    """
    runs = list(lab.open_runs(bench_file.name))
    for cut_off in runs:
        with ExitStack() as stack:
            journal = EventList()
            links = LinkFactory(clock, journal)
            stack.callback(links.close)
            shelf = shelf_for(request.lab, bench_file.folder)
            bench = Bench(Wiring(bench_file, shelf, {}), links, journal, clock)
            stack.callback(bench.close)
            recover(lab, cut_off, bench, clock, by=request.operator or default_operator())
    return runs


def close_left_simulated(lab: Lab, clock: Clock, operator: str = "") -> list[str]:
    """Close the records of runs whose simulated bench ended with their process; return these runs.

    Raises:
        RecordError: a record could not be written.
    """
    runs = lab.left_simulated()
    for run in runs:
        by = operator or default_operator()
        close_record(lab, run, clock, by, msg("engine.cut-off-simulated"))
    return runs


def left_energised(lab: Lab, bench: str) -> list[Undo]:
    """Return what runs on this bench that were cut off left energised, in order."""
    return undos_left(lab, lab.open_runs(bench))


def close_open_runs(lab: Lab, bench: str, made: MadeSafe, clock: Clock) -> list[str]:
    """Close the records of runs that were cut off, now that all of their bench is safe.

    Return these runs. The caller holds the bench.

    Raises:
        UnsafeError: not all of it is safe; the runs stay open.
        RecordError: a record could not be written.
    """
    runs = list(lab.open_runs(bench))
    for run in runs:
        close_cut_off(lab, run, made, clock, by=default_operator())
    return runs


class EventList:
    """A sink that keeps events in memory; for what happens outside a run."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def emit(self, event: Any) -> None:
        """Keep the event."""
        self.events.append(event)
