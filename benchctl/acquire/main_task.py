"""What both schedulers share: waking, the stop flag, failures of tasks, answers of the operator."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from benchctl.acquire.waits import Job, Task, Until, Wait
from benchctl.core.errors import StoppedError
from benchctl.core.messages import msg
from benchctl.core.ports import Answer, Operator, Prompt

T = TypeVar("T")


class Wake:
    """A pipe that wakes the main thread; `ring` may be called in a signal handler."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def ring(self) -> None:
        """Wake whoever waits; may be called in a signal handler and from any thread."""
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
        """Give the pipe back."""
        # a late ring must not reach a file that got the same number
        read, write, self._read, self._write = self._read, self._write, -1, -1
        os.close(read)
        os.close(write)


class MainTask:
    """What both schedulers share: the stop flag, failures of tasks, answers of the operator."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self._wake = Wake()
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


def resume(task: Task[T], send: Any) -> Wait:
    """Send a value, or throw an exception, into a task and return what it waits for next."""
    return task.throw(send) if isinstance(send, BaseException) else task.send(send)


def step(job: Job) -> Until | None:
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
