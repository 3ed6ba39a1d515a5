"""Ctrl-C, SIGTERM and a closed terminal ask the run to stop; nothing they do can end it unsafely.

    with StopSignals(shell) as signals:
        run(request, on_scheduler=signals.attach)

A signal only sets the scheduler's flag; further ones are answered with a line and ignored. One that
comes before there is a scheduler is kept for it: just then the bench of a run that was cut off may
be on its way to the safe state, and files are read in no time.
"""

from __future__ import annotations

import os
import signal
from types import FrameType, TracebackType
from typing import Any, Protocol

from benchctl.cli.shell import Shell

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
        self._source = ""
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
        """From now on signals ask `scheduler` to stop; one that came before does so now."""
        self._scheduler = scheduler
        if self._source:
            scheduler.stop(self._source)

    def stop(self, source: str) -> None:
        """Ask the scheduler to stop, now or as soon as there is one; from any thread."""
        self._source = self._source or source
        if self._scheduler is not None:
            self._scheduler.stop(source)

    @property
    def source(self) -> str:
        """What asked to stop first, empty while nothing did."""
        return self._source

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        _say(self._already if self._source else self._stopping)
        self.stop(signal.Signals(number).name)


class Deaf:
    """Ignores the same signals, with a line each: for work that must not be left half done."""

    def __init__(self, shell: Shell) -> None:
        self._signals = StopSignals(shell)
        self._signals.attach(_Unstoppable())

    @property
    def source(self) -> str:
        """The signal that came meanwhile, "" where none did."""
        return self._signals.source

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
