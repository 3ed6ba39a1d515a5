"""Ctrl-C, SIGTERM and a closed terminal ask the run to stop; nothing they do can end it unsafely.

    with StopSignals(shell) as signals:
        run(request, on_scheduler=signals.attach)

Before there is a scheduler nothing has been moved, and the first signal ends the program. From then
on a signal only sets the scheduler's flag; further ones are answered with a line and ignored.
"""

from __future__ import annotations

import os
import signal
from types import FrameType, TracebackType
from typing import Any, Protocol

from benchctl.cli.shell import Shell
from benchctl.core.errors import StoppedError
from benchctl.core.messages import msg

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STDERR = 2


class Stoppable(Protocol):
    """What can be asked to stop: a scheduler."""

    def stop(self, source: str) -> None:
        """Ask to stop; safe in a signal handler."""
        ...


class StopSignals:
    """Handles the signals of this process as long as the context lasts."""

    def __init__(self, shell: Shell) -> None:
        self._scheduler: Stoppable | None = None
        self._came = 0
        self._before: dict[signal.Signals, Any] = {}
        self._stopping = f"\r{shell.text('stopping')}\n".encode(errors="replace")
        self._already = f"\r{shell.text('already-stopping')}\n".encode(errors="replace")

    def __enter__(self) -> StopSignals:
        for which in STOPS:
            self._before[which] = signal.signal(which, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for which, handler in self._before.items():
            signal.signal(which, handler)

    def attach(self, scheduler: Stoppable) -> None:
        """From now on signals ask `scheduler` to stop."""
        self._scheduler = scheduler

    def stop(self, source: str) -> None:
        """Ask the scheduler to stop, if there is one; from any thread."""
        if self._scheduler is not None:
            self._scheduler.stop(source)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        name = signal.Signals(number).name
        if self._scheduler is None:
            raise StoppedError(msg("cli.stopped-by", source=name))
        self._came += 1
        self._scheduler.stop(name)
        _say(self._stopping if self._came == 1 else self._already)


class Deaf:
    """Ignores the same signals, with a line each: for work that must not be left half done."""

    def __init__(self, shell: Shell) -> None:
        self._signals = StopSignals(shell)
        self._signals.attach(_Unstoppable())

    def __enter__(self) -> Deaf:
        self._signals.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._signals.__exit__(kind, error, trace)


class _Unstoppable:
    def stop(self, source: str) -> None:
        """Go on."""


def _say(text: bytes) -> None:
    """Write to standard error past Python's buffers, whose locks may be held just now."""
    try:
        os.write(_STDERR, text)
    except OSError:  # nobody reads it
        return
