"""What waits, and what runs it: instants, conditions, questions; tasks, jobs, the scheduler."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from benchctl.core.clock import Clock
from benchctl.core.ports import Prompt

T = TypeVar("T")


@dataclass(slots=True)
class Until:
    """Go on at bench time `t`; a loop may yield the same one again with another `t`."""

    t: float


@dataclass(frozen=True, slots=True)
class When:
    """Go on when `condition()` holds (True is sent), or at bench time `until` (False is sent)."""

    condition: Callable[[], bool]
    until: float = math.inf


@dataclass(frozen=True, slots=True)
class Ask:
    """Go on when the person has answered; the `Answer` is sent. Only the main task asks."""

    prompt: Prompt


Wait = Until | When | Ask
Task = Generator[Wait, Any, T]


class Job:
    """A spawned task: ask it to `cancel`, look whether it is `done`."""

    __slots__ = ("bus", "cancelled", "done", "name", "task")

    def __init__(self, task: Task[None], bus: str, name: str) -> None:
        self.task = task
        self.bus = bus
        self.name = name
        self.cancelled = False
        self.done = False

    def cancel(self) -> None:
        """Let the task take no further step; it is closed by the thread that runs it."""
        self.cancelled = True

    def close(self) -> None:
        """Close the generator, so that its `finally` parts run; called by its runner."""
        self.done = True
        self.task.close()


class Scheduler(Protocol):
    """Runs a main task with samplers beside it."""

    @property
    def clock(self) -> Clock:
        """The clock of bench time."""
        ...

    def spawn(self, task: Task[None], *, bus: str, name: str) -> Job:
        """Run `task` beside the main task; tasks of one bus never overlap."""
        ...

    def run(self, main: Task[T]) -> T:
        """Run the main task to its end and return its result; spawned tasks are cancelled then."""
        ...

    def stop(self, source: str) -> None:
        """Raise `StoppedError` inside the main task.

        Safe in a signal handler and from any thread.
        """
        ...

    def attend(self, look: Callable[[], BaseException | None]) -> None:
        """Ask `look`, at every wait of the main task and in its thread, whether it is wanted.

        What it returns is raised inside the main task, where it waits. So it is the main task's own
        thread that decides, and no request can come at a moment that does not suit.
        """
        ...

    def wake(self) -> None:
        """Let what `attend` was given be asked soon. Safe from any thread."""
        ...

    def look(self) -> None:
        """Raise `StoppedError` where an exchange waits while the run is being stopped."""
        ...
