"""The parts of one run on one bench, from its first event to its last, or from where it goes on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchctl.acquire import Scheduler, may_be_urgent, scheduler_for, warm_up
from benchctl.bench import Bench
from benchctl.core.clock import Clock, VirtualClock, utc_now
from benchctl.core.errors import BenchctlError, RecordError, StoppedError, UnsafeError
from benchctl.core.events import AuditNoted, PlanResolved, RunClosed, StopRequested, UutJudged
from benchctl.core.messages import msg
from benchctl.core.ports import Operator
from benchctl.core.verdicts import Outcome, Verdict, worst
from benchctl.engine.control import Control
from benchctl.engine.execute import execute
from benchctl.engine.gate_state import is_due
from benchctl.engine.leaks import note_leaks
from benchctl.engine.monitors import environment_seen
from benchctl.engine.opening import iso, opening_event, outcome_of, resuming_event, uut_verdicts
from benchctl.engine.operators import ByHand, Nobody, SimulatedOperator, hands_of
from benchctl.engine.orders import refuse_shopping, take_orders
from benchctl.engine.prepare import Files, default_operator, plan_of
from benchctl.engine.refusals import PlanRefusedError
from benchctl.engine.rejoining import Resumption, recall_environment, restore
from benchctl.engine.request import RunRequest
from benchctl.engine.safety import PatientSink, unsafe_error
from benchctl.engine.scheme import may_operate, scheme_applied
from benchctl.engine.session import Session
from benchctl.engine.standards import overridden
from benchctl.links import LinkFactory
from benchctl.procedure.plan import Plan
from benchctl.records import Journal, Lab
from benchctl.records.sentences import said
from benchctl.simulation import SimulatedBench


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


@dataclass(frozen=True, slots=True)
class Attach:
    """Who wants to reach into the run while it goes on."""

    scheduler: Callable[[Scheduler], None] | None
    control: Callable[[Control], None] | None

    def __call__(self, session: Session) -> None:
        """Tell them."""
        if self.scheduler is not None:
            self.scheduler(session.scheduler)
        if self.control is not None:
            self.control(session.control)


class OneRun:
    """The parts of one run, from its first event to its last."""

    def __init__(
        self,
        request: RunRequest,
        files: Files,
        clock: Clock,
        lab: Lab,
        journal: Journal,
        operator: Operator | None,
        attach: Attach,
        resumed: Resumption | None = None,
    ) -> None:
        self.request = request
        self.files = files
        self.clock = clock
        self.lab = lab
        self.journal = journal
        self.operator = operator
        self.attach = attach
        self.resumed = resumed
        self.started = False

    def go(self) -> RunReport:
        """Open the record, or go on with it, run, close it."""
        if self.resumed is None:
            self.journal.emit(opening_event(self.files, self.journal.run, self.clock))
        else:
            self.journal.emit(resuming_event(self.resumed, self.clock))
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
        if self.resumed is None:
            self._take_orders()
        plan = self._plan()
        virtual = isinstance(self.clock, VirtualClock)
        if not virtual:  # there an import holds up nobody
            warm_up()
        with ExitStack() as stack:
            simulation = self._simulation(stack)
            sink = PatientSink(self.journal)
            links = LinkFactory(
                self.clock,
                sink,
                visa_library=simulation.visa_library if simulation else None,
                locations=simulation.locations if simulation else {},
                peers=simulation.attend() if simulation and virtual else {},
            )
            stack.callback(links.close)
            uuts = [s.uut for s in files.subjects]
            bench = Bench(files.wiring, links, sink, self.clock, uuts)
            stack.callback(bench.close)
            scheduler = self._scheduler(simulation)
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
                may_operate=partial(may_operate, files),
            )
            session.gate.due = self._gate_is_due()
            if self.resumed is not None:
                restore(session, self.resumed)
                recall_environment(session, self.resumed.so_far, self.lab)
            scheduler.attend(session.control.look)
            self.attach(session)
            return session, self._guarded(session, sink)

    def _scheduler(self, simulation: SimulatedBench | None) -> Scheduler:
        """Return what lets everything wait; the record says where it may not be urgent."""
        urgent = self.files.bench.urgent and not isinstance(self.clock, VirtualClock)
        if urgent and not may_be_urgent():
            at = utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
            self.journal.emit(AuditNoted("not-urgent", msg("engine.not-urgent").as_json(), at))
        return scheduler_for(self.clock, self._operator(simulation), urgent=urgent)

    def _take_orders(self) -> None:
        """Note the orders of the units and what was tried in them before.

        Raises:
            RefusedError: a run of a unit stands in its order.
        """
        taken = take_orders(self.lab, self.files)
        if taken is not None:
            self.journal.emit(taken)
            refuse_shopping(self.lab, self.files)

    def _plan(self) -> Plan:
        """Return what will be done, once it is in the record.

        Raises:
            PlanRefusedError: no run may follow it.
        """
        if self.resumed is not None and not self.resumed.changes:
            return self.resumed.plan
        files = self.files
        try:
            plan = plan_of(files)
        except PlanRefusedError as refused:
            for event in refused.events(self.clock.now()):
                self.journal.emit(event)
            raise
        units = {role: need.unit for role, need in files.procedure.needs.items() if need.unit}
        for way in (part.each_point.way for part in files.procedure.measured):
            units[way.shown] = way.unit
        self.journal.emit(PlanResolved({**plan.as_json(), "units": units}))
        person = self.request.operator or default_operator()
        for event in (*overridden(self.request), *scheme_applied(files, person)):
            self.journal.emit(event)
        return plan

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
            if self.resumed is not None:  # its plant is a new one
                for serial in sorted(self.resumed.so_far.adjusted):
                    bench.adjust(bench.uut(serial).position)
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
            session.scheduler.run(execute(session, self.resumed))
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
        document = self.lab.document(self.journal.run, self.request.language)
        if self.journal.failure is not None and error is not None:  # the record could not say it
            document["reason"] = said(error.message, self.request.language)
        code = error.exit_code if error is not None else int(verdict is not Verdict.PASS)
        return RunReport(self.journal.run, outcome, verdict, code, document, self.lab.path, error)
