"""Opening a bench outside of a run, to make it safe after one that was cut off."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from benchctl.bench import Bench, BenchFile, Wiring
from benchctl.core.clock import Clock
from benchctl.engine.prepare import default_operator, shelf_for
from benchctl.engine.request import RunRequest
from benchctl.engine.safety import recover
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


class EventList:
    """A sink that keeps events in memory; for what happens outside a run."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def emit(self, event: Any) -> None:
        """Keep the event."""
        self.events.append(event)
