"""A run from the request to the last event, and a run that was cut off to its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from benchctl.acquire import Scheduler
from benchctl.core.clock import Clock, RealClock, VirtualClock
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import msg
from benchctl.core.ports import Operator
from benchctl.engine.control import Control
from benchctl.engine.one_run import Attach, OneRun, RunReport
from benchctl.engine.prepare import Files, plan_of, read_files
from benchctl.engine.recovery import close_left_simulated, recover_bench
from benchctl.engine.rejoining import clock_on, request_of, resumption
from benchctl.engine.request import RunRequest
from benchctl.engine.safety import undos_left
from benchctl.engine.so_far import SoFar, so_far
from benchctl.records import IN_PROCESS, Lab, PresentValues, StoredEvent

Listener = Callable[[StoredEvent], None]


def run(
    request: RunRequest,
    *,
    operator: Operator | None = None,
    listeners: Sequence[Listener] = (),
    on_scheduler: Callable[[Scheduler], None] | None = None,
    on_recovered: Callable[[str], None] | None = None,
    on_control: Callable[[Control], None] | None = None,
    read: Callable[[RunRequest], Files] = read_files,
) -> RunReport:
    """Run a procedure on a bench and return how it ended.

    `on_recovered` is told each run that was cut off and of which the bench was made safe first.
    `on_scheduler` gets what stops the run, `on_control` what takes a person's other requests;
    `read` finds and reads what the request names.

    Raises:
        FileError: a file has mistakes; nothing was touched, nothing recorded.
        UsageError: the request does not fit the files; likewise.
        RefusedError: another process uses the bench.
        RecordError: the record could not even be opened.
        UnsafeError: an earlier run was cut off and its bench cannot be made safe.
    """
    files = read(request)
    clock = clock_for(request, files)
    with ExitStack() as stack:
        lab = stack.enter_context(Lab.open(request.lab))
        recovered = close_left_simulated(lab, clock, request.operator)
        if not _in_process(files):
            stack.enter_context(lab.lock_bench(files.bench.name, files.bench.addresses()))
            recovered += recover_bench(lab, files.bench, request, clock, close=True)
        if on_recovered is not None:
            for cut_off in recovered:
                on_recovered(cut_off)
        name = f"{files.bench.name}{IN_PROCESS}" if _in_process(files) else files.bench.name
        journal = lab.begin_run(name, clock=clock)
        present = stack.enter_context(PresentValues(lab.folder, journal.run))
        journal.listeners.extend([present, *listeners])
        attach = Attach(on_scheduler, on_control)
        return OneRun(request, files, clock, lab, journal, operator, attach).go()


def resume(
    run_id: str,
    now: RunRequest,
    *,
    because: str = "",
    operator: Operator | None = None,
    listeners: Sequence[Listener] = (),
    on_scheduler: Callable[[Scheduler], None] | None = None,
    on_control: Callable[[Control], None] | None = None,
    on_so_far: Callable[[SoFar, Sequence[StoredEvent]], None] | None = None,
) -> RunReport:
    """Go on with a run that was cut off, and return how it ended. Its bench was made safe before.

    What was measured and judged stands and is not repeated. Set-points are set and settle anew, and
    what the procedure says under `resume` is done again. `now` is who goes on, on which lab folder,
    with which bench file, how fast; everything else is as the run was asked for. `because` is why
    it goes on though a file, a standard or the program changed; the record keeps it. `on_so_far` is
    told what was done before anything happens.

    Raises:
        FileError: a file has mistakes.
        UsageError: there is no such run, or a file is gone.
        RefusedError: the run is over, its bench is not safe, another process uses it, the gap is
            too long, or something changed; the run stays as it is.
        RecordError: the record cannot be read or written.
    """
    with ExitStack() as stack:
        lab = stack.enter_context(Lab.open(now.lab, create=False))
        events = list(lab.events(run_id))
        past = so_far(events)
        assert past.opened is not None
        request = request_of(past.opened, now)
        files = read_files(request)
        if not _in_process(files):
            stack.enter_context(lab.lock_bench(files.bench.name, files.bench.addresses()))
            if undos_left(lab, [run_id]):
                raise RefusedError(msg("engine.not-yet-safe", run=run_id))
        clock = clock_on(clock_for(request, files), past)
        resumed = resumption(files, plan_of(files), past, clock, because)
        if on_so_far is not None:
            on_so_far(past, events)
        journal = lab.resume_journal(run_id, clock)
        present = stack.enter_context(PresentValues(lab.folder, run_id))
        journal.listeners.extend([present, *listeners])
        attach = Attach(on_scheduler, on_control)
        return OneRun(request, files, clock, lab, journal, operator, attach, resumed).go()


def _in_process(files: Files) -> bool:
    """Return whether the bench is simulated and lives in this process."""
    return files.simulation is not None and not files.served


def clock_for(request: RunRequest, files: Files) -> Clock:
    """Return the clock of bench time: virtual for a simulated bench unless a speed is asked.

    A factor is for simulated benches; one that is served must run at the same rate.

    Raises:
        UsageError: the speed is not `max`, `real` or a positive factor, or does not fit the bench.
    """
    if request.speed == "max":
        return VirtualClock() if _in_process(files) else RealClock()
    if request.speed == "real":
        return RealClock()
    try:
        return RealClock(float(request.speed)) if files.simulated else _no_speed(request.speed)
    except ValueError as error:
        raise UsageError(msg("engine.bad-speed", speed=request.speed)) from error


def _no_speed(speed: str) -> Clock:
    raise UsageError(msg("engine.real-bench-speed", speed=speed))
