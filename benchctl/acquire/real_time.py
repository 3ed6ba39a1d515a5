"""The scheduler of real time: each bus has a thread that sleeps until the instant.

A thread that sleeps until an instant wakes later than it: the kernel may put it off by its timer's
slack (50 µs unless told otherwise, 1 µs here), Python's collector may stop everything for some
milliseconds (what is there when a run begins is not looked at again), a thread that computes may
hold the interpreter for 5 ms (0.2 ms while a run goes on), and other programs may be in the way
(`urgent`).
"""

from __future__ import annotations

import gc
import heapq
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from benchctl.acquire.main_task import MainTask, resume, step
from benchctl.acquire.punctual import be_punctual
from benchctl.acquire.waits import Ask, Job, Task, Until, Wait, When
from benchctl.core.clock import Clock, RealClock
from benchctl.core.errors import StoppedError
from benchctl.core.ports import Answer, Operator

T = TypeVar("T")

SWITCH = 2e-4
"""Seconds after which a thread that computes lets another one go on, while a run goes on."""


class RealScheduler(MainTask):
    """The main task in the calling thread, each bus in a thread that sleeps until the instant.

    `urgent`: the threads of the buses come before every ordinary program of the machine, where the
    system allows it (SCHED_FIFO).
    """

    def __init__(self, clock: Clock, operator: Operator, *, urgent: bool = False) -> None:
        super().__init__(operator)
        self.clock = clock
        self._urgent = urgent
        self._conditional = False
        self._rate = clock.rate if isinstance(clock, RealClock) else 1.0
        self._buses: dict[str, _BusThread] = {}
        self._sequence = 0

    def spawn(self, task: Task[None], *, bus: str, name: str) -> Job:
        """Run `task` in the thread of its bus, from now on."""
        job = Job(task, bus, name)
        if bus not in self._buses:
            self._buses[bus] = _BusThread(
                bus, self.clock, self._rate, self._failed, self._stepped, urgent=self._urgent
            )
        self._buses[bus].add(job)
        return job

    def _failed(self, error: BaseException) -> None:
        if not isinstance(error, StoppedError):  # of a stop the main task hears anyway
            self._failure = self._failure or error
        self._wake.ring()

    def _stepped(self) -> None:
        """Wake the main task where a step may have brought about what it waits for."""
        if self._conditional:
            self._wake.ring()

    def run(self, main: Task[T]) -> T:
        """Run the main task to its end and return its result; the threads of the buses end then."""
        send: Any = None
        gc.freeze()
        between = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH)
        try:
            while True:
                try:
                    wait = resume(main, send)
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
            sys.setswitchinterval(between)
            gc.unfreeze()

    def _wait(self, wait: Wait) -> Any:
        if isinstance(wait, Ask):
            answer = self._ask(wait.prompt)
            if isinstance(answer, Answer) and answer.after:
                return self._wait(Until(self.clock.now() + answer.after)) or answer
            return answer
        self._conditional = isinstance(wait, When)
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
        stepped: Callable[[], None],
        *,
        urgent: bool,
    ) -> None:
        self._clock = clock
        self._rate = rate
        self._failed = failed
        self._stepped = stepped
        self._urgent = urgent
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
        be_punctual(urgent=self._urgent)
        while (job := self._due()) is not None:
            try:
                wait = step(job)
            except Exception as error:  # noqa: BLE001 - raised again inside the main task
                self._failed(error)
            else:
                if wait is not None:
                    with self._changed:
                        self._push(wait.t, job)
            self._stepped()
        for _, _, job in self._heap:
            job.close()
