"""How a run begins and ends, stops, is cut off and goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchctl.core.events.base import JSON, Event


@dataclass(frozen=True, slots=True)
class RunOpened(Event):
    """A run begins: who, what, with which files (whole texts, so that the record stands alone)."""

    KIND: ClassVar[str] = "run-opened"
    run: str
    started: str
    procedure: JSON
    """name, title {en, zh}, standard, edition, sha256, text."""
    bench: JSON
    """name, sha256, text."""
    software: JSON
    """name, version, id (sha256 over the program's files)."""
    service: str
    stage: str
    operator: str
    simulated: bool
    seed: int | None
    request: JSON
    """What was asked on the command line: sets, points, speed, batch file."""


@dataclass(frozen=True, slots=True)
class PlanResolved(Event):
    """The plan that will be executed: units under test, points with limits, actions with ids."""

    KIND: ClassVar[str] = "plan-resolved"
    plan: JSON


@dataclass(frozen=True, slots=True)
class StopRequested(Event):
    """A person asked to stop: SIGINT, SIGTERM, stop."""

    KIND: ClassVar[str] = "stop-requested"
    source: str
    t: float


@dataclass(frozen=True, slots=True)
class RunRecovered(Event):
    """A run that was cut off (power, kill) was found and its bench made safe by a later command."""

    KIND: ClassVar[str] = "run-recovered"
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class RunResumed(Event):
    """A run that was cut off goes on, from the first action that was not finished."""

    KIND: ClassVar[str] = "run-resumed"
    by: str
    at: str
    gap: float
    """Bench seconds from the last record before until now."""
    action: str
    """The action with which it goes on."""
    changes: tuple[JSON, ...]
    """Messages: what is not as it was when the run began."""
    because: str
    """Why it goes on nevertheless; "" where nothing changed."""
    t: float


@dataclass(frozen=True, slots=True)
class UutJudged(Event):
    """The verdict of a unit: the most severe of its items."""

    KIND: ClassVar[str] = "uut-judged"
    uut: str
    verdict: str


@dataclass(frozen=True, slots=True)
class RunClosed(Event):
    """The last event of a run."""

    KIND: ClassVar[str] = "run-closed"
    outcome: str
    verdict: str
    reason: JSON | None
    finished: str
