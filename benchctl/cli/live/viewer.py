"""The process that draws: follow a run, lay out what is known, put it on the terminal.

Alone (`benchctl watch`) it shows the run until it ends or somebody leaves. Beside a run (`benchctl
run`, see `stage`) it obeys the lines that come on standard input and answers on standard error:

    ready   ->              it has read the run's beginning
            <-  show        take the terminal; a moment later if it was given away for a question
    shown   ->              it is being taken
            <-  hide        give it away
    hidden  ->              it has been given away
            <-  typed TEXT  what a person is typing to the run
            <-  said [..]   what came of it: lines, as JSON
            <-  end         give the terminal away, and end

A run whose process is gone without a word left its terminal without echo: the view mends that.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from types import FrameType

from benchctl.cli.keyboard import show_keys
from benchctl.cli.live.fold import fold
from benchctl.cli.live.follow import Follower
from benchctl.cli.live.frame import Moment, frame
from benchctl.cli.live.lines import Line
from benchctl.cli.live.painter import Painter
from benchctl.cli.live.state import State
from benchctl.cli.live.words import Words
from benchctl.core.clock import monotonic

LOOK_EVERY = 0.15
"""Real seconds between two looks for news, and so the least time between two frames."""
TICK_EVERY = 0.5
"""Real seconds after which a frame is made without news: a countdown goes on."""
REPAINT_EVERY = 2.0
"""Real seconds after which the same frame is drawn again over what others wrote or typed."""
SILENT_S = 2.0
"""Real seconds without news after which the run's process is looked for."""
ASKING = ("mount", "ask")
"""Actions in which one question follows another."""
SAID_S = 20.0
"""Real seconds for which an answer to something typed stays on the screen."""
SHOW_AGAIN_S = 0.7
"""Real seconds to wait before the terminal is taken again: one question often follows another."""


class Ending(StrEnum):
    """How a view ended."""

    CLOSED = "closed"
    """The run ended."""
    GONE = "gone"
    """The run's process is gone, and it did not end the run."""
    LEFT = "left"
    """Somebody left the view, or the run that started it wants no more of it."""


class Commands:
    """What the run says to its view: lines of standard input, read by a thread."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def listen(self) -> None:
        """Begin to listen; the end of the input is `orphaned`."""
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self._lines.put(line.rstrip("\n"))
        self._lines.put("orphaned")

    def next(self, seconds: float) -> str:
        """Return the next command, or "" where none came in time."""
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            return ""


class Viewer:
    """Shows one run on one terminal; `beside` a run in the run's own terminal, or alone."""

    def __init__(self, follower: Follower, painter: Painter, words: Words, *, beside: bool) -> None:
        self._follower = follower
        self._painter = painter
        self._words = words
        self._beside = beside
        self._commands = Commands()
        self._state = State()
        self._news_at = monotonic()
        self._show_at = None if beside else 0.0
        self._drawn: list[Line] = []
        self._drawn_at = self._made_at = -REPAINT_EVERY
        self._size = (0, 0)
        self._stopping = False
        self._suspended = False
        self._gone = False
        self._typed = ""
        self._said: tuple[str, ...] = ()
        self._said_at = 0.0

    def run(self) -> Ending:
        """Show the run until it or the view ends.

        Raises:
            RecordError: the record cannot be read.
        """
        with self._signals():
            self._look(at_first=True)
            if self._beside:
                self._commands.listen()
                _answer("ready")
            try:
                return self._until_end()
            except KeyboardInterrupt:
                return Ending.LEFT
            finally:
                self._hide()

    def _until_end(self) -> Ending:
        while True:
            command = self._commands.next(LOOK_EVERY)
            if command == "orphaned":
                show_keys(sys.stdout.fileno())
            if command in ("end", "orphaned"):
                return Ending.LEFT
            typed = self._obey(command)
            if self._suspended:
                self._suspend()
            news = self._look()
            if self._show_at is not None and monotonic() >= self._show_at:
                self._show()
                self._draw(news=news or typed)
            if not self._beside and self._state.closed is not None:
                return Ending.CLOSED
            if not self._beside and self._gone:
                return Ending.GONE

    def _obey(self, command: str) -> bool:
        """Do what the run says; return whether it is something to be drawn at once."""
        what, _, text = command.partition(" ")
        if what == "typed":
            self._typed = text
            return True
        if what == "said":
            self._said, self._said_at = tuple(json.loads(text)), monotonic()
            return True
        if command == "show":
            doing = self._state.doing
            asks = doing is not None and doing.kind in ASKING
            at_once = self._drawn_at < 0 and not asks
            self._show_at = monotonic() + (0.0 if at_once else SHOW_AGAIN_S)
        elif command == "hide":
            self._show_at = None
            self._typed, self._said = "", ()
            self._hide()
        return False

    def _show(self) -> None:
        if self._beside and not self._painter.shown:
            _answer("shown")
        self._painter.show()

    def _hide(self) -> None:
        self._painter.hide()
        self._drawn = []
        if self._beside:
            _answer("hidden")

    # what is known ---------------------------------------------------------------------------

    def _look(self, *, at_first: bool = False) -> bool:
        """Take in what is new; return whether there was anything."""
        silent = monotonic() - self._news_at > SILENT_S and self._state.closed is None
        dead = silent and not self._follower.lives()  # asked first: it may just be ending
        found = self._follower.news(all_of_it=at_first or dead)
        for stored in found:
            self._state = fold(self._state, stored)
        if found:
            self._news_at = monotonic()
            if at_first and self._state.about.rate == 1.0:
                self._news_at -= self._follower.age(found[-1])
        self._gone = dead and not found
        return bool(found)

    # what is shown ---------------------------------------------------------------------------

    def _draw(self, *, news: bool) -> None:
        """Draw a frame if there is another one, or if it is time to draw the same again."""
        now = monotonic()
        size = self._painter.size()
        due = now - self._drawn_at >= REPAINT_EVERY or size != self._size
        if not (news or due or now - self._made_at >= TICK_EVERY):
            return
        self._made_at = now
        moment = Moment(
            age=now - self._news_at,
            stopping=self._stopping,
            gone=self._gone,
            foot=self._foot(),
            typed=self._typed,
            said=self._said if now - self._said_at < SAID_S else (),
        )
        lines = frame(self._state, self._words, *size, moment)
        if due or lines != self._drawn:
            self._drawn, self._drawn_at, self._size = lines, now, size
            self._painter.draw(lines, anew=due)

    def _foot(self) -> tuple[str, ...]:
        if not self._beside:
            return (self._words.text("foot-watch"),)
        return self._words.text("foot-run"), self._words.text("foot-keys")

    # signals ---------------------------------------------------------------------------------

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Take the signals of the terminal: the run's own Ctrl-C stops the run, not the view."""
        wanted = {
            signal.SIGINT: self._run_stops if self._beside else signal.default_int_handler,
            signal.SIGTERM: signal.default_int_handler,
        }
        if hasattr(signal, "SIGTSTP"):
            wanted[signal.SIGTSTP] = self._ask_to_suspend
        before = {which: signal.signal(which, handler) for which, handler in wanted.items()}
        try:
            yield
        finally:
            for which, handler in before.items():
                signal.signal(which, handler)

    def _run_stops(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _ask_to_suspend(self, _number: int, _frame: FrameType | None) -> None:
        self._suspended = True

    def _suspend(self) -> None:
        """Give the terminal to the shell until this process is continued."""
        self._suspended = False
        self._painter.hide()
        os.kill(os.getpid(), signal.SIGSTOP)
        self._drawn = []
        self._drawn_at = -REPAINT_EVERY


def _answer(text: str) -> None:
    """Write an answer to the run, past Python's buffers; the run may be gone."""
    try:
        os.write(2, f"{text}\n".encode())
    except OSError:  # its end of standard input says so too
        return
