"""Progress for a reader who may be slow: lines go through a thread of their own.

A pipe that nobody reads stops whoever writes to it. What a run tells while it goes on must never
stop the run: lines wait in a bounded queue, those beyond it are dropped, counted, and said.

    with paced(shell, screen) as slow:
        run(request, listeners=[Progress(shell, slow)])
        write_files()                           # before the reader is waited for
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchctl.cli.terminal import Terminal

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell

WAITING = 500
"""Lines that may wait for their reader."""


class PacedTerminal(Terminal):
    """A pipe or a file whose lines are written by a thread of their own."""

    def __init__(self, like: Terminal, shell: Shell) -> None:
        super().__init__(like._stream, shell.environ)
        self._like = like
        self._shell = shell
        self._lines: queue.Queue[str | None] = queue.Queue(WAITING)
        self._dropped = 0
        self._closed = False
        self._counting = threading.Lock()
        self._thread = threading.Thread(target=self._drain, name="progress", daemon=True)
        self._thread.start()

    def line(self, text: str = "") -> None:
        """Let one line be written; it is dropped where too many wait already."""
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            with self._counting:
                self._dropped += 1

    def close(self) -> None:
        """Let the reader take what waits; the run is over, and may be kept waiting."""
        if self._closed:
            return
        self._closed = True
        self._lines.put(None)
        while self._thread.is_alive():
            self._thread.join(0.2)
        self._say_dropped()

    def _drain(self) -> None:
        while (text := self._lines.get()) is not None:
            self._like.line(text)
            if self._lines.qsize() < WAITING // 2:
                self._say_dropped()

    def _say_dropped(self) -> None:
        """Say how many lines the reader missed, at the place where they are missing."""
        with self._counting:
            dropped, self._dropped = self._dropped, 0
        if dropped:
            self._like.line(self._shell.text("lines-dropped", count=dropped))


@contextmanager
def paced(shell: Shell, screen: Terminal | None) -> Iterator[Terminal | None]:
    """Give what progress is written to: `screen` itself where a person has it, else paced."""
    if screen is None or screen.live:
        yield screen
        return
    slow = PacedTerminal(screen, shell)
    try:
        yield slow
    finally:
        slow.close()
