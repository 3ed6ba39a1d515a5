"""One run from the request to the last event: lock, recover, open, execute, make safe, close."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchctl.acquire import Scheduler, scheduler_for, warm_up
from benchctl.bench import Bench
from benchctl.core.clock import Clock, RealClock, VirtualClock
from benchctl.core.errors import (
    BenchctlError,
    NotMeasuredError,
    RecordError,
    RefusedError,
    StoppedError,
    UnsafeError,
    UsageError,
)
from benchctl.core.events import PlanResolved, RunClosed, RunOpened, StopRequested, UutJudged
from benchctl.core.messages import msg
from benchctl.core.ports import Operator
from benchctl.core.verdicts import Outcome, Verdict, worst
from benchctl.engine.execute import execute
from benchctl.engine.identity import software
from benchctl.engine.monitors import environment_seen
from benchctl.engine.operators import Nobody, SimulatedOperator
from benchctl.engine.prepare import Files, default_operator, plan_of, read_files
from benchctl.engine.recovery import recover_bench
from benchctl.engine.request import RunRequest
from benchctl.engine.safety import PatientSink, unsafe_error
from benchctl.engine.session import Session
from benchctl.links import LinkFactory
from benchctl.records import Journal, Lab, PresentValues, StoredEvent, fold
from benchctl.simulation import SimulatedBench

Listener = Callable[[StoredEvent], None]


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run ended; `document` is the result document, `error` what ended it early."""

    run: str
    outcome: Outcome
    verdict: Verdict
    exit_code: int
    document: dict[str, Any]
    record: Path
    error: BenchctlError | None = None


class InternalError(BenchctlError):
    """A mistake in benchctl itself; `__cause__` tells where."""


def run(
    request: RunRequest,
    *,
    operator: Operator | None = None,
    listeners: Sequence[Listener] = (),
    on_scheduler: Callable[[Scheduler], None] | None = None,
    on_recovered: Callable[[str], None] | None = None,
) -> RunReport:
    """Run a procedure on a bench and return how it ended.

    `on_recovered` is told each run that was cut off and of which the bench was made safe first.

    Raises:
        FileError: a file has mistakes; nothing was touched, nothing recorded.
        UsageError: the request does not fit the files; likewise.
        RefusedError: another process uses the bench.
        RecordError: the record could not even be opened.
        UnsafeError: an earlier run was cut off and its bench cannot be made safe.
    """
    files = read_files(request)
    clock = clock_for(request, files)
    with ExitStack() as stack:
        lab = stack.enter_context(Lab.open(request.lab))
        in_process = files.simulation is not None and not files.served
        if not in_process:
            stack.enter_context(lab.lock_bench(files.bench.name))
            for cut_off in recover_bench(lab, files.bench, request, clock):
                if on_recovered is not None:
                    on_recovered(cut_off)
        journal = lab.begin_run(
            files.bench.name if not in_process else f"{files.bench.name} (in process)",
            clock=clock,
            chained=not in_process,
        )
        present = stack.enter_context(PresentValues(lab.folder, journal.run))
        journal.listeners.extend([present, *listeners])
        return _Run(request, files, clock, lab, journal, operator, on_scheduler).go()


def clock_for(request: RunRequest, files: Files) -> Clock:
    """Return the clock of bench time: virtual for a simulated bench unless a speed is asked.

    A factor is for simulated benches; one that is served must run at the same rate.

    Raises:
        UsageError: the speed is not `max`, `real` or a positive factor, or does not fit the bench.
    """
    virtual = files.simulation is not None and not files.served
    if request.speed == "max":
        return VirtualClock() if virtual else RealClock()
    if request.speed == "real":
        return RealClock()
    try:
        return RealClock(float(request.speed)) if files.simulated else _no_speed(request.speed)
    except ValueError as error:
        raise UsageError(msg("engine.bad-speed", speed=request.speed)) from error


def _no_speed(speed: str) -> Clock:
    raise UsageError(msg("engine.real-bench-speed", speed=speed))


class _Run:
    """The parts of one run, from its first event to its last."""

    def __init__(
        self,
        request: RunRequest,
        files: Files,
        clock: Clock,
        lab: Lab,
        journal: Journal,
        operator: Operator | None,
        on_scheduler: Callable[[Scheduler], None] | None,
    ) -> None:
        self.request = request
        self.files = files
        self.clock = clock
        self.lab = lab
        self.journal = journal
        self.operator = operator
        self.on_scheduler = on_scheduler
        self.started = False

    def go(self) -> RunReport:
        """Open the record, run, close the record."""
        self.journal.emit(self._opened())
        error: BenchctlError | None = None
        session: Session | None = None
        try:
            session, error = self._execute()
        except BenchctlError as refused:
            error = refused
        except Exception as bug:  # noqa: BLE001 - the record must be closed whatever happens
            error = InternalError(msg("engine.internal", kind=type(bug).__name__, text=str(bug)))
            error.__cause__ = bug
        return self._close(session, error)

    def _opened(self) -> RunOpened:
        request, procedure, bench = self.request, self.files.procedure, self.files.bench
        return RunOpened(
            run=self.journal.run,
            started=_iso(self.clock),
            procedure={
                "name": procedure.name,
                "title": procedure.title,
                "standard": procedure.standard.title,
                "edition": procedure.standard.edition,
                "sha256": procedure.sha256,
                "text": procedure.source.text,
            },
            bench={"name": bench.name, "sha256": bench.sha256, "text": bench.source.text},
            software=software(),
            service=request.service,
            stage=request.stage,
            operator=request.operator or default_operator(),
            simulated=self.files.simulated,
            seed=self.files.seed,
            request={
                "sets": dict(request.sets),
                "points": list(request.points),
                "speed": request.speed,
                "batch": None if request.batch is None else request.batch.name,
            },
        )

    def _execute(self) -> tuple[Session, BenchctlError | None]:
        """Build the run and execute it; return the session and what ended it early, if anything."""
        files = self.files
        plan = plan_of(files)
        totalise = files.procedure.each_point.totalise
        units = {role: need.unit for role, need in files.procedure.needs.items() if need.unit}
        units[totalise.role] = totalise.unit
        self.journal.emit(PlanResolved({**plan.as_json(), "units": units}))
        warm_up()
        with ExitStack() as stack:
            simulation = self._simulation(stack)
            sink = PatientSink(self.journal)
            links = LinkFactory(
                self.clock,
                sink,
                visa_library=simulation.visa_library if simulation else None,
                locations=simulation.locations if simulation else {},
            )
            stack.callback(links.close)
            uuts = [s.uut for s in files.subjects]
            bench = Bench(files.wiring, links, sink, self.clock, uuts)
            stack.callback(bench.close)
            scheduler = scheduler_for(self.clock, self._operator(simulation))
            links.watch(scheduler.look)
            session = Session(
                procedure=files.procedure,
                plan=plan,
                subjects={s.uut.serial: s for s in files.subjects},
                bench=bench,
                scheduler=scheduler,
                sink=self.journal,
                service=self.request.service,
                stage=self.request.stage,
            )
            if self.on_scheduler is not None:
                self.on_scheduler(scheduler)
            return session, self._guarded(session, sink)

    def _simulation(self, stack: ExitStack) -> SimulatedBench | None:
        files = self.files
        if files.simulation is None:
            return None
        bench = files.simulation(self.clock, seed=files.seed or 0, uuts=files.simulated_uuts())
        if not files.served:
            stack.enter_context(bench)
        return bench

    def _operator(self, simulation: SimulatedBench | None) -> Operator:
        if simulation is not None:
            return SimulatedOperator(simulation)
        return self.operator or Nobody()

    def _guarded(self, session: Session, sink: PatientSink) -> BenchctlError | None:
        """Execute the plan, then make the bench safe, whatever happened."""
        error: BenchctlError | None = None
        reason = "finished"
        try:
            session.scheduler.run(execute(session))
        except StoppedError as stopped:
            error, reason = stopped, "stopped"
        except KeyboardInterrupt:  # a program without signal handlers of its own
            error, reason = StoppedError(msg("engine.stopped", source="SIGINT")), "stopped"
        except BenchctlError as failed:
            error, reason = failed, "error"
        except BaseException as bug:  # noqa: BLE001 - the bench must be made safe whatever happens
            error = InternalError(msg("engine.internal", kind=type(bug).__name__, text=str(bug)))
            error.__cause__ = bug
            reason = "internal error"
        ended = self.clock.now()
        self.started = bool(session.undos)
        with sink.patient():
            made = session.bench.make_safe(list(session.undos.values()), reason)
        try:
            if isinstance(error, StoppedError):
                self.journal.emit(StopRequested(str(error.message.args["source"]), ended))
            self.journal.emit(made)
        except RecordError as lost:
            error = lost
        return unsafe_error(made, error) or error

    def _close(self, session: Session | None, error: BenchctlError | None) -> RunReport:
        """Write the last events and return the report."""
        verdicts = [] if session is None else _uut_verdicts(session)
        outcome = self._outcome(error)
        verdict = worst(v for _, v in verdicts)
        try:
            if session is not None:
                for seen in environment_seen(session):
                    self.journal.emit(seen)
                for serial, of_uut in verdicts:
                    self.journal.emit(UutJudged(serial, session.stated(of_uut)))
            self.journal.emit(
                RunClosed(
                    outcome=outcome,
                    verdict=verdict if session is None else session.stated(verdict),
                    reason=None if error is None else error.message.as_json(),
                    finished=_iso(self.clock),
                )
            )
        except RecordError as lost:
            error = error if isinstance(error, UnsafeError) else lost
            outcome = Outcome.ERROR
        document = fold(self.lab.events(self.journal.run), language=self.request.language)
        code = error.exit_code if error is not None else int(verdict is not Verdict.PASS)
        return RunReport(self.journal.run, outcome, verdict, code, document, self.lab.path, error)

    def _outcome(self, error: BenchctlError | None) -> Outcome:
        if error is None:
            return Outcome.FINISHED
        if isinstance(error, StoppedError):
            return Outcome.ABORTED
        if isinstance(error, RefusedError | UsageError | NotMeasuredError) and not self.started:
            return Outcome.REFUSED
        return Outcome.ERROR


def _uut_verdicts(session: Session) -> list[tuple[str, Verdict]]:
    """Return the verdict of each unit: the most severe of its items and points, all counted."""
    verdicts: list[tuple[str, Verdict]] = []
    for planned in session.plan.uuts:
        parts = [session.state(planned.serial, p.point).verdict for p in planned.points]
        parts += [
            session.items.get((planned.serial, name), Verdict.NOT_MEASURED)
            for name, _ in planned.items
        ]
        if not session.judges and Verdict.NOT_MEASURED not in parts:
            parts = [Verdict.PASS]  # everything was measured, and nothing is judged
        verdicts.append((planned.serial, worst(parts)))
    return verdicts


def _iso(clock: Clock) -> str:
    return clock.utc().isoformat(timespec="milliseconds").replace("+00:00", "Z")
