"""How far a run came before it was cut off, from the events of its record."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from benchctl.core.errors import RefusedError
from benchctl.core.events import (
    ActionFinished,
    ActionStarted,
    ItemJudged,
    LeakReported,
    OperatorChanged,
    PlanResolved,
    PointJudged,
    PromptOpened,
    RawBlock,
    RunMeasured,
    RunOpened,
    RunResumed,
    RunsSetAside,
    RunSuspended,
    StandardBound,
    SuspensionEnded,
    UutAdjusted,
    UutDropped,
)
from benchctl.core.messages import Message, message_from_json, msg
from benchctl.core.verdicts import Verdict
from benchctl.engine.evaluating import evaluated_again
from benchctl.engine.session import PointState
from benchctl.engine.suspending import ENVIRONMENT
from benchctl.records import StoredEvent

OVER = frozenset({"done", "skipped", "failed"})
"""Outcomes of an action that is not carried out again."""
CUT_SHORT = frozenset(f"engine.void-{why}" for why in ("pause", "leak", "cut-short", "environment"))
"""Why a run of a unit does not count, where it is made again."""
_BEGUN = re.compile(r"(?P<action>.+)~(?P<n>\d+)/[^/]+")
_OPENED = re.compile(r"(?P<load>[^/]+)/leak-(?P<n>\d+)/rest")


@dataclass(slots=True)
class SoFar:
    """What a run had done when it was cut off."""

    opened: RunOpened | None = None
    plan: dict[str, Any] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    """Actions that are not carried out again."""
    failed: set[str] = field(default_factory=set)
    """Those of them that could not be carried out."""
    points: dict[tuple[str, str], PointState] = field(default_factory=dict)
    items: dict[tuple[str, str], Verdict] = field(default_factory=dict)
    made: dict[str, set[str]] = field(default_factory=dict)
    as_found: dict[tuple[str, str], PointState] = field(default_factory=dict)
    """What was found of units before they were adjusted."""
    adjusted: set[str] = field(default_factory=set)
    judged_as_left: set[tuple[str, str]] = field(default_factory=set)
    """Units and items that were judged after that."""
    suspended: int = 0
    """How often the environment suspended it."""
    spans: list[tuple[float, float]] = field(default_factory=list)
    """When it was suspended, in s of bench time; of one that did not end, to infinity."""
    environment: dict[str, list[str]] = field(default_factory=dict)
    """By role, the series of readings of the environment."""
    dropped: dict[str, tuple[Message, str]] = field(default_factory=dict)
    """By unit: why it takes no further part, and who took it out."""
    leaks: dict[str, tuple[int, str]] = field(default_factory=dict)
    """By unit that leaks: its position, and who reported it."""
    opened_for_leaks: dict[str, int] = field(default_factory=dict)
    """By load, how often the line was opened for a leak."""
    screened: dict[tuple[str, str], str] = field(default_factory=dict)
    """By unit and point, the action that gave what can only have a verdict, until it has one."""
    begun: dict[str, int] = field(default_factory=dict)
    prompts: int = 0
    operator: str = ""
    standards: dict[str, dict[str, Any]] = field(default_factory=dict)
    resumed: int = 0
    """How often it went on before."""
    t: float = 0.0
    """Bench time of the last event."""
    utc: str = ""

    def take(self, stored: StoredEvent) -> None:
        """Take one event of the record."""
        self.t, self.utc = max(self.t, stored.t), stored.utc
        match stored.event:
            case RunOpened() as opened:
                self.opened, self.operator = opened, opened.operator
            case PlanResolved(plan=plan):
                self.plan = plan
            case StandardBound(role=role, standard=standard):
                self.standards[role] = standard
            case OperatorChanged(name=name):
                self.operator = name
            case PromptOpened():
                self.prompts += 1
            case RunResumed():
                self.resumed += 1
            case ActionStarted() | ActionFinished() | RawBlock():
                self._action(stored.event)
            case _:
                self._unit(stored.event)

    def _action(self, event: ActionStarted | ActionFinished | RawBlock) -> None:
        match event:
            case ActionStarted(action=action):
                self.begun[action] = self.begun.get(action, 0) + 1
                if found := _OPENED.fullmatch(action):
                    self.opened_for_leaks[found["load"]] = int(found["n"])
            case RawBlock(series=series, action=action):
                if action == ENVIRONMENT.id and event.channels:
                    known = self.environment.setdefault(event.channels[0], [])
                    known += [series] if series not in known else []
                found = _BEGUN.fullmatch(series)
                self.begun[action] = max(self.begun.get(action, 0), int(found["n"]) if found else 1)
            case ActionFinished(action=action, outcome=outcome) if outcome in OVER:
                if not action.startswith("gate/"):  # whether that is due is asked anew
                    self.over.add(action)
                if outcome == "failed":
                    self.failed.add(action)

    def _unit(self, event: Any) -> None:
        match event:
            case RunMeasured():
                self._measured(event)
            case RunsSetAside(uut=uut, point=point, why=why):
                self._state(uut, point).set_aside(message_from_json(why))
            case PointJudged(uut=uut, point=point, verdict=verdict):
                state = self._state(uut, point)
                state.verdict, state.value = _verdict(verdict), event.error
                if action := self.screened.pop((uut, point), ""):
                    state.closed = True
                    self.made.setdefault(action, set()).add(uut)
            case ItemJudged(uut=uut, item=item, verdict=verdict):
                self.items[uut, item] = _verdict(verdict)
                if event.occasion == "as_left":
                    self.judged_as_left.add((uut, item))
            case UutAdjusted(uut=uut):
                self.adjusted.add(uut)
                for key in [key for key in self.points if key[0] == uut]:
                    self.as_found[key] = self.points.pop(key)
            case RunSuspended(t=t):
                self.suspended += 1
                self.spans.append((t, math.inf))
            case SuspensionEnded(t=t) if self.spans:
                self.spans[-1] = (self.spans[-1][0], t)
            case LeakReported(uut=uut, position=position, by=by):
                self.leaks[uut] = (position, by)
            case UutDropped(uut=uut, why=why, by=by):
                known_by = self.dropped[uut][1] if uut in self.dropped else ""
                self.dropped[uut] = (message_from_json(why), by or known_by)

    def _measured(self, event: RunMeasured) -> None:
        state = self._state(event.uut, event.point)
        cut_short = False
        if event.problem is not None:
            state.problem = message_from_json(event.problem)
            cut_short = state.problem.id in CUT_SHORT
        screened = event.valid and event.error is None
        if screened:  # what is not judged yet is made anew: its readings say nothing by themselves
            self.screened[event.uut, event.point] = event.action
        if not (cut_short or screened):
            self.made.setdefault(event.action, set()).add(event.uut)
        if not event.valid or event.error is None or event.U is None or event.k is None:
            return
        state.errors.append(event.error)
        state.U.append(event.U)
        state.k.append(event.k)
        state.dof.append(math.inf if event.dof is None else event.dof)
        state.U_reference = event.U_reference
        if event.inputs:  # earlier versions recorded none
            state.evaluated.append(evaluated_again(event, ""))

    def _state(self, uut: str, point: str) -> PointState:
        return self.points.setdefault((uut, point), PointState())

    def left(self) -> list[str]:
        """Return the planned actions that are still to be carried out, in order."""
        return [a["id"] for a in self.plan.get("actions", ()) if a["id"] not in self.over]

    @property
    def judged(self) -> int:
        """How many points of units have a result."""
        return sum(1 for state in self.points.values() if state.errors)


def so_far(events: Iterable[StoredEvent]) -> SoFar:
    """Return how far the run of these events came.

    Raises:
        RefusedError: it was cut off before its first word, or its plan, was on the disk.
    """
    found = SoFar()
    for stored in events:
        found.take(stored)
    if found.opened is None or not found.plan:
        raise RefusedError(msg("engine.nothing-recorded"), hint=msg("engine.begin-anew"))
    return found


def _verdict(text: str) -> Verdict:
    """Return a recorded verdict; where a calibration states none, everything was measured."""
    return Verdict(text) if text else Verdict.PASS
