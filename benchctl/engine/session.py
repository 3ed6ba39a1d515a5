"""What the actions of a run share: the bench, the plan, the undo list and what was found so far."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from benchctl.acquire import Ask, Look, Scheduler, Task
from benchctl.bench import Bench, Channel, Undo
from benchctl.core.clock import Clock, monotonic
from benchctl.core.errors import NotMeasuredError, RefusedError
from benchctl.core.events import (
    HEARD,
    ActionStarted,
    PromptAnswered,
    PromptOpened,
    RawBlock,
    UndoRegistered,
    UutDropped,
    Watched,
)
from benchctl.core.heard import packed
from benchctl.core.messages import Message, msg
from benchctl.core.ports import Answer, EventSink, Prompt
from benchctl.core.series import Series
from benchctl.core.verdicts import Verdict
from benchctl.engine.climate import Climate
from benchctl.engine.compile import Subject
from benchctl.engine.control import Control
from benchctl.engine.evaluating import Checks, Evaluated
from benchctl.engine.gate_state import GateState
from benchctl.engine.line import Line
from benchctl.engine.origins import Origins
from benchctl.engine.references import facts_of
from benchctl.language import ExpressionError
from benchctl.procedure import Procedure, ResolvedPoint
from benchctl.procedure.plan import Action, Member, Plan, Visit

WATCH_EVERY = 0.25
"""Real seconds between two `Watched` events."""
ANYBODY = ("", "operator")
"""How a person answers who gave no name."""


@dataclass(slots=True)
class PointState:
    """The runs of one unit at one point, as far as they were made."""

    errors: list[float] = field(default_factory=list)
    U: list[float] = field(default_factory=list)
    k: list[float] = field(default_factory=list)
    dof: list[float] = field(default_factory=list)
    U_reference: float | None = None
    evaluated: list[Evaluated] = field(default_factory=list)
    """The runs with their budgets."""
    problem: Message | None = None
    value: float | None = None
    """The value on which the point was judged, or that is stated of it."""
    look: Look | None = None
    """Why the readings of its last run were enough, where a rule said so."""
    verdict: Verdict = Verdict.NOT_MEASURED
    closed: bool = False
    """Whether it was judged without a value: there is nothing to judge anew, also after a cut."""
    jumps: int = 0
    """How often its runs lay too far apart and were set aside."""

    def set_aside(self, why: Message) -> None:
        """Let no run count that was made so far."""
        self.jumps += 1
        self.problem = why
        self.evaluated.clear()
        for values in (self.errors, self.U, self.k, self.dof):
            values.clear()


class Session:
    """One run on one bench; lives as long as the run."""

    def __init__(
        self,
        *,
        procedure: Procedure,
        plan: Plan,
        subjects: dict[str, Subject],
        bench: Bench,
        scheduler: Scheduler,
        sink: EventSink,
        service: str,
        stage: str,
        operator: str = "",
        overridden: frozenset[str] = frozenset(),
        may_operate: Callable[[str], Message | None] = lambda _: None,
    ) -> None:
        self.procedure = procedure
        """As a whole; what is measured at a point is told by `part`."""
        self.item = ""
        """What is measured now, where items are measured in their own right."""
        self._parts = {p.name: part for part in procedure.measured for p in part.points}
        self.plan = plan
        self.subjects = subjects
        self.bench = bench
        self.scheduler = scheduler
        self.sink = sink
        self.service = service
        self.origins = Origins()
        self.checks = Checks()
        """What the other method said of the budgets of this run."""
        self.judges = service != "calibration"
        """Whether verdicts are stated; a calibration states values and their uncertainty."""
        self.stage = stage
        self.undos: dict[tuple[str, str], Undo] = {}
        self.points: dict[tuple[str, str], PointState] = {}
        self.gate = GateState()
        """The gate of the bench in this run."""
        self.as_found: dict[tuple[str, str], PointState] = {}
        """What was found of units before they were adjusted."""
        self.adjusted: set[str] = set()
        self.items: dict[tuple[str, str], Verdict] = {}
        self.dropped: dict[str, Message] = {}
        self.readings: dict[str, tuple[float, float]] = {}
        """By unit, the last reading of a person that counted, and when it was typed."""
        self.taken_out: set[str] = set()
        """Units that a person took out of the run; a unit that fell silent is not among them."""
        self.undone: dict[str, dict[str, Message]] = {}
        """By visit and unit, what a person was asked to do there and did not say to have done."""
        self.made: dict[str, set[str]] = {}
        """By totalisation, the units of which the run counts, valid or not: it is not repeated."""
        self.line = Line()
        self.operator = operator
        """Who is responsible now."""
        self._relieved: set[str] = set()
        self.control = Control(self)
        self.facts = facts_of(bench.wiring)
        """What the bench states of itself."""
        self.may_operate = may_operate
        """Why a person may not take the run over, None where they may."""
        self.overridden = overridden
        """Checks of standards that a person has set aside in this test run."""
        self.consented: set[str] = set()
        """Visits that a person agreed to energise, until the bench comes to rest."""
        self.not_consented: dict[str, Message] = {}
        """Visits to which nobody agreed, and why."""
        self.setpoints: dict[str, float] = {}
        """By visit, what was last asked of the shared role: the set-point as it was corrected."""
        self.latest: dict[str, float] = {}
        """Present value of each watched role, in the role's unit."""
        self.monitors: dict[str, Series] = {}
        self.climate = Climate(self.monitors)
        self._spilled: dict[str, int] = {}
        self._missed: dict[str, int] = {}
        self.begun: dict[str, int] = {}
        """How often each action began: readings of each beginning are a series of their own."""
        self._watched = 0.0
        self.prompts = 0
        """How many questions were put."""

    @property
    def clock(self) -> Clock:
        """The clock of bench time."""
        return self.scheduler.clock

    def stated(self, verdict: Verdict) -> str:
        """Return the verdict as the record states it: "" where a calibration states none."""
        return verdict if self.judges or verdict is Verdict.NOT_MEASURED else ""

    def position(self, serial: str) -> int:
        """Return the place of a unit in the line."""
        return self.subjects[serial].uut.position

    def still_judged(self) -> list[str]:
        """Return the units in the line that nobody took out of the run, in order of position."""
        return [serial for serial in self.line.present() if serial not in self.taken_out]

    def occasion(self, serial: str) -> str:
        """Return as_left for a unit that was adjusted, else as_found."""
        return "as_left" if serial in self.adjusted else "as_found"

    def concerned(self, visit: Visit) -> list[Member]:
        """Return the members that a visit is for: as left, those that were adjusted."""
        return [m for m in visit.members if self.occasion(m.serial) == visit.occasion]

    def point(self, serial: str, name: str) -> ResolvedPoint:
        """Return a point of a unit in numbers."""
        return next(p for p in self.subjects[serial].resolved.points if p.name == name)

    def part(self, point: str) -> Procedure:
        """Return what is measured at a point, with its measurand, limits and decision."""
        return self._parts[point]

    def part_of(self, visit: Visit) -> Procedure:
        """Return what is measured at the points of a visit."""
        return self.procedure.parts.get(visit.item, self.procedure)

    def measurand(self, member: Member, values: Mapping[str, float]) -> float | None:
        """Return what the model gives at a unit's point for these inputs, None without a value."""
        try:
            return float(self.point(member.serial, member.point).model(values))
        except ExpressionError:
            return None

    def state(self, serial: str, point: str) -> PointState:
        """Return the state of a unit's point, made on first use."""
        return self.points.setdefault((serial, point), PointState())

    # what moves the bench -------------------------------------------------------------------

    def energise(self, channel: Channel, value: float | bool) -> None:
        """Write a value after the way back was committed to the journal."""
        for undo in channel.undos(value):
            key = (undo.instrument, undo.channel)
            if key not in self.undos:
                self.sink.emit(
                    UndoRegistered(
                        undo="/".join(key),
                        instrument=undo.instrument,
                        channel=undo.channel,
                        safe=undo.safe,
                    )
                )
                self.undos[key] = undo
        channel.set(value)

    def come_down(self, channel: Channel, value: float | bool) -> None:
        """Bring back what setting a channel to `value` energises, last first; nothing else.

        Raises:
            RefusedError: nothing of it has a safe value.
            InstrumentError: a channel could not be written; its undo stays registered.
        """
        undos = dict.fromkeys(channel.undos(value))
        if not undos:
            raise RefusedError(msg("engine.cannot-stop", role=channel.role))
        for undo in reversed(undos):
            self.bench.write(undo.instrument, undo.channel, undo.safe)

    def relax(self) -> None:
        """Bring everything that was energised back to its safe value, last first.

        Raises:
            InstrumentError: a channel could not be written; the undo stays registered.
        """
        self.line.at("", steady=False)
        self.consented.clear()
        for key in reversed(list(self.undos)):
            undo = self.undos[key]
            self.bench.write(undo.instrument, undo.channel, undo.safe)

    # what asks ------------------------------------------------------------------------------

    def ask(
        self,
        kind: str,
        question: Message,
        *,
        item: str = "",
        serial: str = "",
        default: bool | None = None,
        about: dict[str, Any] | None = None,
    ) -> Task[Answer]:
        """Put a question to the operator and wait for the answer; both are in the record."""
        prompt = Prompt(
            id="",
            kind=kind,
            question=question,
            item=item,
            uut=serial,
            position=self.position(serial) if serial else 0,
            default=default,
            about=about,
        )
        return (yield from self.put(prompt))

    def put(self, prompt: Prompt) -> Task[Answer]:
        """Put a prompt to the operator under a number of its own, and wait for the answer."""
        self.prompts += 1
        prompt = replace(prompt, id=f"prompt-{self.prompts}")
        self.sink.emit(
            PromptOpened(
                prompt.id,
                prompt.kind,
                prompt.question.as_json(),
                prompt.item,
                prompt.uut,
                prompt.unit,
                self.clock.now(),
            )
        )
        try:
            answer: Answer = yield Ask(prompt)
        except BaseException:
            self.sink.emit(PromptAnswered(prompt.id, None, "", self.clock.now()))
            raise
        if answer.by in self._relieved:  # the question went to whoever was there before
            answer = replace(answer, by=self.operator)
        self.sink.emit(PromptAnswered(prompt.id, answer.value, answer.by, self.clock.now()))
        return answer

    def relieve(self, name: str) -> str:
        """Let another person be responsible; return who was before."""
        before, self.operator = self.operator, name
        self._relieved = (self._relieved | {before, *ANYBODY}) - {name}
        return before

    # what is kept ---------------------------------------------------------------------------

    def series(self, name: str, channels: Sequence[Channel], capacity: int = 1024) -> Series:
        """Return an empty series of roles, beside whose values stands what was heard."""
        roles, units = [c.role for c in channels], [c.unit for c in channels]
        return Series(name, roles, units, capacity, heard=self.bench.listen(channels))

    def spill(self, series: Series, action: Action, *, at_least: int = 1) -> None:
        """Commit the rows of a series that the journal lacks, if at least so many."""
        begun = self.begun.get(action.id, 1)
        name = f"{action.id}/{series.name}" if begun == 1 else f"{action.id}~{begun}/{series.name}"
        first = self._spilled.get(name, 0)
        last = series.n
        if last - first < at_least:
            return
        blob = np.ascontiguousarray(series.block(first, last)).tobytes()
        self.sink.emit(
            RawBlock(
                series=name,
                action=action.id,
                channels=series.channels,
                units=series.units,
                first=first,
                rows=last - first,
                sha256=hashlib.sha256(blob).hexdigest(),
                blob=blob,
                missed=series.missed - self._missed.get(name, 0),
            )
        )
        self._spilled[name] = last
        self._missed[name] = series.missed
        self._spill_heard(name, action, series.said(first, last), first)

    def _spill_heard(self, name: str, action: Action, said: list[bytes], first: int) -> None:
        blob = packed(said)
        if blob:
            digest = hashlib.sha256(blob).hexdigest()
            self.sink.emit(
                RawBlock(
                    f"{name}/{HEARD}", action.id, (), (), first, len(said), digest, blob, form=HEARD
                )
            )

    def started(self, action: Action) -> None:
        """Note that an action begins, perhaps anew."""
        self.begin(action)
        self.sink.emit(ActionStarted(action.id, action.kind, self.clock.now(), action.expected_s))

    def begin(self, action: Action) -> None:
        """Keep the readings of an action that begins apart from those of an earlier beginning."""
        self.begun[action.id] = self.begun.get(action.id, 0) + 1

    def watch(self, action: Action, progress: float, remaining: float, **values: float) -> None:
        """Tell the screen the present values, a few times per second of real time at most."""
        self.latest.update(values)
        now = monotonic()
        if now - self._watched >= WATCH_EVERY:
            self._watched = now
            self.sink.emit(
                Watched(action.id, self.clock.now(), dict(self.latest), progress, remaining)
            )

    def conditions(self, t_from: float, t_to: float) -> dict[str, float]:
        """Return the mean of each monitored role within a window, or its nearest reading."""
        means = {}
        for role, series in self.monitors.items():
            t, x = series.readings()
            if not t.size:
                continue
            inside = (t >= t_from) & (t <= t_to)
            chosen = x[inside] if inside.any() else x[[int(np.abs(t - t_from).argmin())]]
            means[role] = float(chosen[0] + np.mean(chosen - chosen[0]))
        return means

    def drop(self, serial: str, why: Message, by: str = "") -> None:
        """Note that a unit takes no further part."""
        self.dropped[serial] = why
        self.sink.emit(UutDropped(serial, why.as_json(), self.clock.now(), by))

    def take_out(self, serial: str, why: Message, by: str) -> None:
        """Note that a person took a unit out of the run: nothing of it is looked at any more."""
        self.taken_out.add(serial)
        self.drop(serial, why, by)

    def void(self, serial: str, point: str, problem: Message) -> None:
        """Note that a unit's point could not be measured."""
        state = self.state(serial, point)
        if state.verdict is Verdict.NOT_MEASURED:
            state.problem = problem


class VisitVoidError(NotMeasuredError):
    """A whole visit is invalid: no member of it is measured."""
