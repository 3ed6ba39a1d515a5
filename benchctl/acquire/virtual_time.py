"""The scheduler of virtual time: one thread, a heap, a clock that jumps."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from typing import Any, TypeVar

from benchctl.acquire.main_task import MainTask, resume, step
from benchctl.acquire.waits import Ask, Job, Task, Wait, When
from benchctl.core.clock import VirtualClock
from benchctl.core.errors import StoppedError
from benchctl.core.ports import Answer, Operator

T = TypeVar("T")


class VirtualScheduler(MainTask):
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
                    wait = resume(main, send)
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
            wait = step(job)
        except StoppedError:  # an exchange was cut short: the main task is to hear of the stop
            self._stopped = False
        except Exception as error:  # noqa: BLE001 - raised again inside the main task
            self._failure = self._failure or error
        else:
            if wait is not None:
                self._push(max(wait.t, self.clock.now()), job)
