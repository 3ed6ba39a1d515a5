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
    RecordError,
    StoppedError,
    UnsafeError,
    UsageError,
)
from benchctl.core.events import PlanResolved, RunClosed, StopRequested, UutJudged
from benchctl.core.messages import msg
from benchctl.core.ports import Operator
from benchctl.core.verdicts import Outcome, Verdict, worst
from benchctl.engine.control import Control
from benchctl.engine.execute import execute
from benchctl.engine.gate_state import is_due
from benchctl.engine.leaks import note_leaks
from benchctl.engine.monitors import environment_seen
from benchctl.engine.opening import iso, opening_event, outcome_of, uut_verdicts
from benchctl.engine.operators import ByHand, Nobody, SimulatedOperator, hands_of
from benchctl.engine.prepare import Files, default_operator, plan_of, read_files
from benchctl.engine.recovery import close_left_simulated, recover_bench
from benchctl.engine.refusals import PlanRefusedError
from benchctl.engine.request import RunRequest
from benchctl.engine.safety import PatientSink, unsafe_error
from benchctl.engine.scheme import scheme_applied
from benchctl.engine.session import Session
from benchctl.engine.standards import overridden
from benchctl.links import LinkFactory
from benchctl.records import IN_PROCESS, Journal, Lab, PresentValues, StoredEvent, fold
from benchctl.records.sentences import said
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
        in_process = files.simulation is not None and not files.served
        recovered = close_left_simulated(lab, clock, request.operator)
        if not in_process:
            stack.enter_context(lab.lock_bench(files.bench.name, files.bench.addresses()))
            recovered += recover_bench(lab, files.bench, request, clock)
        if on_recovered is not None:
            for cut_off in recovered:
                on_recovered(cut_off)
        journal = lab.begin_run(
            f"{files.bench.name}{IN_PROCESS}" if in_process else files.bench.name, clock=clock
        )
        present = stack.enter_context(PresentValues(lab.folder, journal.run))
        journal.listeners.extend([present, *listeners])
        attach = _Attach(on_scheduler, on_control)
        return _Run(request, files, clock, lab, journal, operator, attach).go()


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


@dataclass(frozen=True, slots=True)
class _Attach:
    """Who wants to reach into the run while it goes on."""

    scheduler: Callable[[Scheduler], None] | None
    control: Callable[[Control], None] | None

    def __call__(self, session: Session) -> None:
        """Tell them."""
        if self.scheduler is not None:
            self.scheduler(session.scheduler)
        if self.control is not None:
            self.control(session.control)


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
        attach: _Attach,
    ) -> None:
        self.request = request
        self.files = files
        self.clock = clock
        self.lab = lab
        self.journal = journal
        self.operator = operator
        self.attach = attach
        self.started = False

    def go(self) -> RunReport:
        """Open the record, run, close the record."""
        self.journal.emit(opening_event(self.files, self.journal.run, self.clock))
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

    def _execute(self) -> tuple[Session, BenchctlError | None]:
        """Build the run and execute it; return the session and what ended it early, if anything."""
        files = self.files
        try:
            plan = plan_of(files)
        except PlanRefusedError as refused:
            for event in refused.events(self.clock.now()):
                self.journal.emit(event)
            raise
        totalise = files.procedure.each_point.totalise
        units = {role: need.unit for role, need in files.procedure.needs.items() if need.unit}
        units[totalise.role] = totalise.unit
        self.journal.emit(PlanResolved({**plan.as_json(), "units": units}))
        person = self.request.operator or default_operator()
        for event in (*overridden(self.request), *scheme_applied(files, person)):
            self.journal.emit(event)
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
                operator=self.request.operator or default_operator(),
                overridden=frozenset(self.request.overrides),
            )
            session.gate.due = self._gate_is_due()
            scheduler.attend(session.control.look)
            self.attach(session)
            return session, self._guarded(session, sink)

    def _gate_is_due(self) -> bool:
        """Return whether the gate is to be passed: it is due, the bench is new, or that is all."""
        bench = self.files.bench
        in_process = self.files.simulation is not None and not self.files.served
        last = None if in_process else self.lab.last_gate(bench.name)
        return is_due(bench.gate, last, self.clock) or not self.files.subjects

    def _simulation(self, stack: ExitStack) -> SimulatedBench | None:
        files = self.files
        if files.simulation is None:
            return None
        bench = files.simulation(self.clock, seed=files.seed or 0, uuts=files.simulated_uuts())
        if not files.served:
            stack.enter_context(bench)
        return bench

    def _operator(self, simulation: SimulatedBench | None) -> Operator:
        person = self.operator or Nobody()
        if simulation is None:
            return person
        hands = hands_of(self.files.bench, simulation)
        if self.request.by_hand:
            return ByHand(hands, person)
        return SimulatedOperator(hands, self.operator)

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
        outcome = outcome_of(error, started=self.started)
        verdicts: list[tuple[str, Verdict]] = []
        verdict = Verdict.NOT_MEASURED
        try:
            if session is not None:
                session.control.close()
                note_leaks(session)
                verdicts = uut_verdicts(session)
                verdict = worst(v for _, v in verdicts)
                for seen in environment_seen(session):
                    self.journal.emit(seen)
                for serial, of_uut in verdicts:
                    self.journal.emit(UutJudged(serial, session.stated(of_uut)))
            self.journal.emit(
                RunClosed(
                    outcome=outcome,
                    verdict=verdict if session is None else session.stated(verdict),
                    reason=None if error is None else error.message.as_json(),
                    finished=iso(self.clock),
                )
            )
        except RecordError as lost:
            error = error if isinstance(error, UnsafeError) else lost
            outcome = Outcome.ERROR
        document = fold(self.lab.events(self.journal.run), language=self.request.language)
        if self.journal.failure is not None and error is not None:  # the record could not say it
            document["reason"] = said(error.message, self.request.language)
        code = error.exit_code if error is not None else int(verdict is not Verdict.PASS)
        return RunReport(self.journal.run, outcome, verdict, code, document, self.lab.path, error)
