"""A run in a process of its own that something goes wrong with, at a place that is told.

    python -m benchctl.faults.spoiling '{"request": {...}, "fault": {"kill": 12}}'

Faults: `kill` (SIGKILL when so many events were acknowledged), `kill_at` (when the action of that
number begins), `unplug` [bus, action number], `disk` (bytes that a file may grow to), `clock`
[seconds, action number]. What was acknowledged stands on standard output, one number per event.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from benchctl.core import clock
from benchctl.core.errors import BenchctlError
from benchctl.core.events import ActionStarted
from benchctl.engine import RunReport, RunRequest, read_files, run
from benchctl.records import StoredEvent
from benchctl.simulation import SimulatedBench

NO_SUCH_PLACE = 70
"""Exit code where the fault itself could not be injected."""


class _Place:
    """Counts what happens, and does something at one place."""

    def __init__(self, fault: dict[str, Any], benches: list[SimulatedBench]) -> None:
        self._fault = fault
        self._benches = benches
        self._actions = self._events = 0

    def __call__(self, stored: StoredEvent) -> None:
        """Take one event that the record has."""
        if not stored.seq:
            return
        self._events += 1
        print(stored.seq, flush=True)
        begun = isinstance(stored.event, ActionStarted)
        self._actions += begun
        kill, kill_at = self._fault.get("kill"), self._fault.get("kill_at")
        if self._events == kill or (begun and self._actions == kill_at):
            os.kill(os.getpid(), signal.SIGKILL)
        if begun and self._at("unplug"):
            try:
                self._benches[-1].unplug(self._fault["unplug"][0])
            except BenchctlError as error:  # a listener's errors end no run
                print(error.words(), file=sys.stderr)
                os._exit(NO_SUCH_PLACE)
        if begun and self._at("clock"):
            step_clock(float(self._fault["clock"][0]))

    def _at(self, name: str) -> bool:
        return name in self._fault and self._fault[name][1] == self._actions


def step_clock(seconds: float) -> None:
    """Let the computer's date and time differ by so much from now on."""

    class Stepped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Stepped:
            shifted = datetime.now(tz) + timedelta(seconds=seconds)  # noqa: TID251
            return cls.fromisoformat(shifted.isoformat())

    vars(clock)["datetime"] = Stepped


def _small_files(size: int) -> None:
    """Let no file of this process grow beyond `size` bytes: a disk that is full."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def spoilt_run(asked: dict[str, Any]) -> RunReport:
    """Run what is asked for with its fault; return how it ended, if it does."""
    benches: list[SimulatedBench] = []
    told = asked["request"]
    request = RunRequest(
        **{
            **told,
            "lab": Path(told["lab"]),
            "bench": Path(told["bench"]) if told["bench"] else None,
            "batch": Path(told["batch"]) if told["batch"] else None,
            "uuts": tuple(told["uuts"]),
            "points": tuple(told["points"]),
            "overrides": tuple(told["overrides"]),
        }
    )

    def read(wanted: RunRequest) -> Any:
        files = read_files(wanted)
        if files.simulation is None or files.served:
            return files
        return replace(files, simulation=_caught(files.simulation, benches))

    if "disk" in asked["fault"]:
        _small_files(int(asked["fault"]["disk"]))
    return run(request, listeners=[_Place(asked["fault"], benches)], read=read)


def _caught(kind: type[SimulatedBench], benches: list[SimulatedBench]) -> type[SimulatedBench]:
    """Return the kind of bench that tells us of each of its kind that is made."""

    def start(self: SimulatedBench) -> None:
        benches.append(self)
        kind.start(self)

    return type(kind.__name__, (kind,), {"start": start, "__module__": kind.__module__})


def main() -> int:
    """Run, and write the result document to the path that is told."""
    asked = json.loads(sys.argv[1])
    try:
        report = spoilt_run(asked)
    except BenchctlError as error:
        print(error.words(), file=sys.stderr)
        return error.exit_code
    text = json.dumps({"exit_code": report.exit_code, "document": report.document})
    sys.stderr.write(f"\n{text}\n")
    return report.exit_code


if __name__ == "__main__":
    raise SystemExit(main())
