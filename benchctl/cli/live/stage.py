"""The live view beside a run: a process of its own that draws while the run's process acquires.

Only one of the two writes to the terminal at a time. While the view has it, lines of the run are
kept; before a question, when the view dies or does not obey, and at the end they are written. A
view that dies, hangs or cannot be started leaves a run with plain lines.

    with stage(shell, shell.out, lab) as on:
        operator = TerminalOperator(shell, screen=on.questions)
        run(request, operator=operator, listeners=[Progress(shell, on.screen), *on.listeners])
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import benchctl
from benchctl.cli.cells import plain
from benchctl.cli.live.shared import SharedTerminal
from benchctl.cli.live.size import large_enough
from benchctl.cli.terminal import Terminal
from benchctl.core.events import PromptAnswered, RunOpened, RunResumed
from benchctl.core.messages import msg, words

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.records import Listener, StoredEvent

OBEYS_S = 1.0
"""Real seconds in which a view gives the terminal away; one that does not is ended."""
_MAIN_SCREEN = "\x1b[?1049l\x1b[?25h\x1b[0m"
"""What a view that was killed left to do: main screen, cursor, no colour."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a run writes: `screen` for its progress, `questions` for a person."""

    screen: Terminal | None
    questions: Terminal
    listeners: Sequence[Listener]


@contextmanager
def stage(
    shell: Shell, screen: Terminal | None, lab: Path | None, *, wanted: bool = True
) -> Iterator[Stage]:
    """Give a run its screen, with a live view where there is a terminal that has room for it.

    Args:
        shell: the call of the program.
        screen: where progress is shown, None where nobody wants it.
        lab: the lab folder that was asked for.
        wanted: whether a view is wanted at all.
    """
    if screen is None or not (screen.live and shell.err.live):
        yield Stage(screen, shell.err, ())
        return
    shared = SharedTerminal(screen, shell)
    if not (wanted and large_enough(shared.stream)):
        yield Stage(screen, screen, ())  # one terminal, so that no line ends behind a question
        return
    view = View(shell, shared, lab)
    shared.view = view
    try:
        yield Stage(shared, shared, (view,))
    finally:
        view.close()


class View:
    """The view's process as the run sees it; a listener of the run."""

    def __init__(self, shell: Shell, terminal: SharedTerminal, lab: Path | None) -> None:
        self._shell = shell
        self._terminal = terminal
        self._lab = lab
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._hidden = threading.Event()
        self._ready = self._asking = self._ending = self._on_screen = False
        self._said = ""

    def __call__(self, stored: StoredEvent) -> None:
        """Start with the run, or when it goes on; show again when a question was answered."""
        if isinstance(stored.event, RunOpened | RunResumed):
            self._start(stored.run)
        elif isinstance(stored.event, PromptAnswered):
            with self._lock:
                self._asking = False
            self._show()

    @property
    def pid(self) -> int | None:
        """The view's process, None where there is none."""
        return None if self._process is None else self._process.pid

    @property
    def on_screen(self) -> bool:
        """Whether the view says that it draws."""
        return self._on_screen

    # the process -----------------------------------------------------------------------------

    def _start(self, run: str) -> None:
        argv = [sys.executable, "-P", "-m", "benchctl", "watch", run, "--beside"]
        argv += ["--lang", self._shell.language]
        argv += ["--lab", str(self._lab)] if self._lab is not None else []
        root = str(Path(benchctl.__file__).parents[1])
        path = os.pathsep.join(p for p in (root, self._shell.environ.get("PYTHONPATH")) if p)
        try:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=self._terminal.stream.fileno(),
                stderr=subprocess.PIPE,
                bufsize=0,
                env={**self._shell.environ, "PYTHONPATH": path},
            )
        except OSError:  # said; plain lines do as well
            self._terminal.line(self._words("cannot-start"))
            return
        self._reader = threading.Thread(target=self._read, name="view", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """Take the view's answers until it ends."""
        assert self._process is not None
        assert self._process.stderr is not None
        for line in self._process.stderr:
            answer = line.decode("utf-8", "replace").strip()
            if answer == "ready":
                self._ready = True
                self._show()
            elif answer == "shown":
                self._on_screen = True
            elif answer == "hidden":
                self._on_screen = False
                self._hidden.set()
            elif answer:
                self._said = answer
        self._ended()

    def _ended(self) -> None:
        """Go on without the view."""
        with self._lock:
            self._ready = False
            self._back()
            if not self._ending:
                why = f" ({plain(self._said)})" if self._said else ""
                self._terminal.line(f"{self._words('view-ended')}{why}")

    def _words(self, name: str) -> str:
        return words(msg(f"live.{name}"), self._shell.language)

    def _tell(self, command: str) -> bool:
        """Say something to the view; False where it hears nothing any more."""
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{command}\n".encode())
        except OSError:  # it is gone; the reader notices
            return False
        return True

    def typing(self, text: str) -> bool:
        """Let the view show what is typed; False where it hears nothing any more."""
        return self._tell(f"typed {text}")

    def say(self, lines: Sequence[str]) -> bool:
        """Let the view show what came of it; False where it will not be seen there any more."""
        with self._lock:  # else it may come just after the view was told to hide
            return not self._asking and self._tell(f"said {json.dumps(lines)}")

    # who has the terminal --------------------------------------------------------------------

    def _show(self) -> None:
        with self._lock:
            if not self._ready or self._asking or self._ending or self._terminal.away:
                return
            self._hidden.clear()
            self._terminal.give_away()
            if not self._tell("show"):
                self._back()

    def hide(self) -> None:
        """Take the terminal for a question; a view that does not give it is ended."""
        with self._lock:
            self._asking = True
            if not self._terminal.away:
                return
            told = self._tell("hide")
        if not (told and self._hidden.wait(OBEYS_S)):
            self._kill()
        with self._lock:
            self._back()

    def _back(self) -> None:
        """Have the terminal again; a view that did not leave it is done with it now."""
        if self._terminal.away:
            self._terminal.take_back(_MAIN_SCREEN if self._on_screen else "")
            self._on_screen = False

    def _kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        if self._reader is not None:
            self._reader.join(OBEYS_S)

    def close(self) -> None:
        """End the view and have the terminal back, whatever state it is in."""
        with self._lock:
            self._ending = True
            if self._process is None:
                return
            self._tell("end")
        try:
            self._process.wait(OBEYS_S)
        except subprocess.TimeoutExpired:
            self._kill()
        if self._reader is not None:
            self._reader.join(OBEYS_S)
        with self._lock:
            self._back()
        for pipe in (self._process.stdin, self._process.stderr):
            if pipe is not None:
                pipe.close()
