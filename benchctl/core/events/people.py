"""What persons are asked, answer, want and do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchctl.core.events.base import JSON, Event


@dataclass(frozen=True, slots=True)
class PromptOpened(Event):
    """A person is asked."""

    KIND: ClassVar[str] = "prompt-opened"
    prompt: str
    kind: str
    """confirm | yes_no | number | text | choice."""
    question: JSON
    """A message (id and arguments)."""
    item: str
    uut: str
    unit: str
    t: float


@dataclass(frozen=True, slots=True)
class PromptAnswered(Event):
    """A person answered, or the question was withdrawn (`answer` None)."""

    KIND: ClassVar[str] = "prompt-answered"
    prompt: str
    answer: float | bool | str | None
    by: str
    t: float


@dataclass(frozen=True, slots=True)
class UutDropped(Event):
    """A unit takes no further part; its open points are not measured."""

    KIND: ClassVar[str] = "uut-dropped"
    uut: str
    why: JSON
    t: float
    by: str = ""
    """The person who took it out, "" where the bench did."""


@dataclass(frozen=True, slots=True)
class OrderTaken(Event):
    """The orders that the units of a run came with, and what was tried of them in these before."""

    KIND: ClassVar[str] = "order-taken"
    orders: JSON
    """Order by serial number."""
    earlier: JSON
    """By serial number, a list of attempts: run, started, service, stage, outcome, verdict ..."""


@dataclass(frozen=True, slots=True)
class UutAdjusted(Event):
    """A person adjusted a unit; what is measured of it from now on is as left."""

    KIND: ClassVar[str] = "uut-adjusted"
    uut: str
    by: str
    t: float


@dataclass(frozen=True, slots=True)
class RunPaused(Event):
    """A person paused the run; the bench is at rest until it goes on."""

    KIND: ClassVar[str] = "run-paused"
    action: str
    """The action that is done anew or comes next."""
    by: str
    t: float


@dataclass(frozen=True, slots=True)
class RunContinued(Event):
    """The end of a pause; `seconds` is its length in bench time."""

    KIND: ClassVar[str] = "run-continued"
    by: str
    t: float
    seconds: float


@dataclass(frozen=True, slots=True)
class OperatorChanged(Event):
    """Another person is responsible, and answers, from now on."""

    KIND: ClassVar[str] = "operator-changed"
    name: str
    before: str
    t: float


@dataclass(frozen=True, slots=True)
class LeakReported(Event):
    """A unit in the line leaks; `voided` are the units that it separates from the reference."""

    KIND: ClassVar[str] = "leak-reported"
    uut: str
    position: int
    by: str
    voided: tuple[str, ...]
    t: float
