"""One scheduler for everything that waits, on a virtual or a real clock.

Whatever waits is a generator that yields what it waits for: an instant (`Until`), a condition
(`When`) or a person (`Ask`). Samplers and monitors run beside the main task on their bus; the main
task is the engine's.

    def sampler():
        while True:
            series.push(*read())
            yield Until(clock.now() + 0.5)

    scheduler = scheduler_for(clock, operator)
    scheduler.spawn(sampler(), bus="line1", name="master")
    result = scheduler.run(main())

`VirtualScheduler` keeps all tasks in a heap ordered by (instant, bus, sequence) and jumps the
clock; `RealScheduler` gives each bus a thread. A failure in any task is raised inside the main
task, where it waits; so is `stop`, and so is what `attend` finds.
"""

from __future__ import annotations

import heapq
import math
import os
import select
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from benchctl.core.clock import Clock, RealClock, VirtualClock
from benchctl.core.errors import StoppedError
from benchctl.core.messages import msg
from benchctl.core.ports import Answer, Operator, Prompt

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


def scheduler_for(clock: Clock, operator: Operator) -> Scheduler:
    """Return the scheduler that fits the clock."""
    if isinstance(clock, VirtualClock):
        return VirtualScheduler(clock, operator)
    return RealScheduler(clock, operator)


class _Wake:
    """A pipe that wakes the main thread; `ring` may be called in a signal handler."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def ring(self) -> None:
        try:
            os.write(self._write, b"!")
        except OSError:  # the pipe is full: it will wake; or closed: nobody waits
            return

    def wait(self, seconds: float) -> None:
        """Wait until rung or `seconds` of real time passed; forget earlier rings."""
        ready, _, _ = select.select([self._read], [], [], max(0.0, min(seconds, 3600.0)))
        if ready:
            os.read(self._read, 4096)

    def close(self) -> None:
        # a late ring must not reach a file that got the same number
        read, write, self._read, self._write = self._read, self._write, -1, -1
        os.close(read)
        os.close(write)


class _Main:
    """What both schedulers share: the stop flag, failures of tasks, answers of the operator."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self._wake = _Wake()
        self._stop: str | None = None
        self._stopped = False
        self._over = False
        self._thread = threading.get_ident()
        self._failure: BaseException | None = None
        self._look: Callable[[], BaseException | None] = lambda: None

    def attend(self, look: Callable[[], BaseException | None]) -> None:
        """Ask `look` at every wait of the main task whether something is to be raised there."""
        self._look = look

    def wake(self) -> None:
        """Let what `attend` was given be asked soon."""
        self._wake.ring()

    def stop(self, source: str) -> None:
        """Raise `StoppedError` inside the main task, once."""
        if self._stop is None:
            self._stop = source
        self._wake.ring()

    def look(self) -> None:
        """End the wait of an exchange: in the main task once, in every other one until all is over.

        What the main task does on its way out, and the safe state after it, wait undisturbed.

        Raises:
            StoppedError: the run is being stopped.
        """
        if self._stop is None or self._over:
            return
        if threading.get_ident() == self._thread:
            if self._stopped:
                return
            self._stopped = True
        raise StoppedError(msg("engine.stopped", source=self._stop))

    def _trouble(self) -> BaseException | None:
        """Return, once each, what must be raised inside the main task."""
        if self._stop is not None and not self._stopped:
            self._stopped = True
            return StoppedError(msg("engine.stopped", source=self._stop))
        if (failure := self._failure) is not None:  # else one that comes now would be lost
            self._failure = None
            return failure
        return self._look()

    def _ask(self, prompt: Prompt) -> Answer | BaseException:
        """Put the question and wait in real time for the answer, a stop or a failure."""
        answers: list[Answer] = []

        def answered(answer: Answer) -> None:
            answers.append(answer)
            self._wake.ring()

        try:
            self._operator.ask(prompt, answered)
        except Exception as error:  # noqa: BLE001 - raised again inside the main task
            return error
        while not answers:
            if (trouble := self._trouble()) is not None:
                self._operator.withdraw(prompt)
                return trouble
            self._wake.wait(1.0)
        return answers[0]


def _resume(task: Task[T], send: Any) -> Wait:
    """Send a value, or throw an exception, into a task and return what it waits for next."""
    return task.throw(send) if isinstance(send, BaseException) else task.send(send)


def _step(job: Job) -> Until | None:
    """Let a spawned task take its next step; return what it waits for, None when it is over.

    Raises:
        Exception: whatever the task raised; it is over then.
    """
    if job.cancelled:
        job.close()
        return None
    try:
        wait = job.task.send(None)
    except StopIteration:
        job.done = True
        return None
    except Exception:
        job.done = True
        raise
    if not isinstance(wait, Until):
        job.close()
        raise TypeError(f"{job.name}: only the main task may wait for {wait!r}")
    return wait


class VirtualScheduler(_Main):
    """All tasks in one thread; the clock jumps to the earliest instant that anybody waits for."""

    def __init__(self, clock: VirtualClock, operator: Operator) -> None:
        super().__init__(operator)
        self.clock = clock
        self._heap: list[tuple[float, str, int, Job]] = []
        self._sequence = 0

    def spawn(self, task: Task[None], *, bus: str, name: str) -> Job:
        """Run `task` beside the main task, from now on."""
        job = Job(task, bus, name)
        self._push(self.clock.now(), job)
        return job

    def _push(self, t: float, job: Job) -> None:
        self._sequence += 1
        heapq.heappush(self._heap, (t, job.bus, self._sequence, job))

    def run(self, main: Task[T]) -> T:
        """Run the main task to its end and return its result."""
        send: Any = None
        try:
            while True:
                try:
                    wait = _resume(main, send)
                except StopIteration as end:
                    return end.value  # type: ignore[no-any-return]  # a generator's value is untyped
                send = self._wait(wait)
        finally:
            main.close()
            for _, _, _, job in self._heap:
                job.close()
            self._heap.clear()
            self._over = True
            self._wake.close()

    def _wait(self, wait: Wait) -> Any:
        """Run the other tasks until the main task may go on; return what it is to be sent."""
        if (trouble := self._trouble()) is not None:
            return trouble
        if isinstance(wait, Ask):
            answer = self._ask(wait.prompt)
            if not isinstance(answer, Answer):
                return answer
            return self._others(self.clock.now() + answer.after, None) or answer
        if isinstance(wait, When):
            return self._others(wait.until, wait.condition)
        return self._others(wait.t, None)

    def _others(self, t: float, condition: Callable[[], bool] | None) -> Any:
        """Run spawned tasks up to instant `t`.

        True if `condition` came to hold, an error if one failed.
        """
        began = self.clock.now()
        if condition is not None and condition():
            return True
        while self._heap and self._heap[0][0] <= t:
            at, _, _, job = heapq.heappop(self._heap)
            if not job.cancelled:
                self.clock.move_to(at)
            self._run(job)
            if (trouble := self._trouble()) is not None:
                return trouble
            if condition is not None and condition():
                return True
        if math.isinf(t):
            raise RuntimeError("the main task waits for a condition that no task can bring about")
        self.clock.move_to(max(began, t))
        return None if condition is None else False

    def _run(self, job: Job) -> None:
        try:
            wait = _step(job)
        except StoppedError:  # an exchange was cut short: the main task is to hear of the stop
            self._stopped = False
        except Exception as error:  # noqa: BLE001 - raised again inside the main task
            self._failure = self._failure or error
        else:
            if wait is not None:
                self._push(max(wait.t, self.clock.now()), job)


class RealScheduler(_Main):
    """The main task in the calling thread, each bus in a thread that sleeps until the instant."""

    def __init__(self, clock: Clock, operator: Operator) -> None:
        super().__init__(operator)
        self.clock = clock
        self._rate = clock.rate if isinstance(clock, RealClock) else 1.0
        self._buses: dict[str, _BusThread] = {}
        self._sequence = 0

    def spawn(self, task: Task[None], *, bus: str, name: str) -> Job:
        """Run `task` in the thread of its bus, from now on."""
        job = Job(task, bus, name)
        if bus not in self._buses:
            self._buses[bus] = _BusThread(
                bus, self.clock, self._rate, self._failed, self._wake.ring
            )
        self._buses[bus].add(job)
        return job

    def _failed(self, error: BaseException) -> None:
        if not isinstance(error, StoppedError):  # of a stop the main task hears anyway
            self._failure = self._failure or error

    def run(self, main: Task[T]) -> T:
        """Run the main task to its end and return its result; the threads of the buses end then."""
        send: Any = None
        try:
            while True:
                try:
                    wait = _resume(main, send)
                except StopIteration as end:
                    return end.value  # type: ignore[no-any-return]  # a generator's value is untyped
                send = self._wait(wait)
        finally:
            main.close()
            for bus in self._buses.values():
                bus.end()
            for bus in self._buses.values():
                bus.join()
            self._over = True
            self._wake.close()

    def _wait(self, wait: Wait) -> Any:
        if isinstance(wait, Ask):
            answer = self._ask(wait.prompt)
            if isinstance(answer, Answer) and answer.after:
                return self._wait(Until(self.clock.now() + answer.after)) or answer
            return answer
        until = wait.until if isinstance(wait, When) else wait.t
        while True:
            if (trouble := self._trouble()) is not None:
                return trouble
            if isinstance(wait, When) and wait.condition():
                return True
            left = (until - self.clock.now()) / self._rate
            if left <= 0:
                return False if isinstance(wait, When) else None
            self._wake.wait(min(left, 0.05) if isinstance(wait, When) else left)


class _BusThread:
    """The tasks of one bus, in order of their instants; the thread ends with `end`."""

    def __init__(
        self,
        bus: str,
        clock: Clock,
        rate: float,
        failed: Callable[[BaseException], None],
        ring: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._rate = rate
        self._failed = failed
        self._ring = ring
        self._changed = threading.Condition()
        self._heap: list[tuple[float, int, Job]] = []
        self._sequence = 0
        self._ending = False
        self._thread = threading.Thread(target=self._run, name=f"bus {bus}", daemon=True)
        self._thread.start()

    def add(self, job: Job) -> None:
        with self._changed:
            self._push(self._clock.now(), job)
            self._changed.notify()

    def end(self) -> None:
        with self._changed:
            self._ending = True
            self._changed.notify()

    def join(self) -> None:
        self._thread.join()

    def _push(self, t: float, job: Job) -> None:
        self._sequence += 1
        heapq.heappush(self._heap, (t, self._sequence, job))

    def _due(self) -> Job | None:
        """Return the next task when its instant has come; None when the thread is to end."""
        with self._changed:
            while not self._ending:
                left = (self._heap[0][0] - self._clock.now()) / self._rate if self._heap else None
                if left is not None and left <= 0:
                    return heapq.heappop(self._heap)[2]
                self._changed.wait(left)
        return None

    def _run(self) -> None:
        while (job := self._due()) is not None:
            try:
                wait = _step(job)
            except Exception as error:  # noqa: BLE001 - raised again inside the main task
                self._failed(error)
            else:
                if wait is not None:
                    with self._changed:
                        self._push(wait.t, job)
            self._ring()
        for _, _, job in self._heap:
            job.close()
