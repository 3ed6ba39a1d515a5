"""The terminal of a run that its view has for most of the time.

While the view has it, lines of the run are kept, and what a person types is shown by the view.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Protocol, TextIO

from benchctl.cli.shell import Shell
from benchctl.cli.terminal import Piece, Terminal

KEPT_LINES = 2000


class Drawing(Protocol):
    """What has the terminal meanwhile; see `stage.View`."""

    def hide(self) -> None:
        """Give the terminal back."""
        ...

    def typing(self, text: str) -> bool:
        """Show what is typed; False where nothing is shown any more."""
        ...

    def say(self, lines: Sequence[str]) -> bool:
        """Show what came of it; False where nothing is shown any more."""
        ...


class SharedTerminal(Terminal):
    """The terminal of a run that a view has for most of the time."""

    def __init__(self, like: Terminal, shell: Shell) -> None:
        super().__init__(like._stream, shell.environ)
        self.view: Drawing | None = None
        self._away = False
        self._kept: deque[str] = deque(maxlen=KEPT_LINES)

    @property
    def stream(self) -> TextIO:
        """The stream of the terminal."""
        return self._stream

    @property
    def away(self) -> bool:
        """Whether the view has the terminal."""
        return self._away

    def give_away(self) -> None:
        """Leave the terminal to the view: from now on lines are kept."""
        with self._lock:
            super().clear()
            self._away = True

    def take_back(self, restore: str = "") -> None:
        """Have the terminal again, and write what was kept; `restore` is written first."""
        with self._lock:
            self._write(restore)
            self._away = False
            self._typed = ""
            while self._kept:
                super().line(self._kept.popleft())

    def line(self, text: str = "") -> None:
        """Write one line, now or when the terminal is back."""
        with self._lock:
            if self._away:
                self._kept.append(text)
            else:
                super().line(text)

    def status(self, pieces: Sequence[Piece]) -> None:
        """Show a status line unless the view has the terminal."""
        with self._lock:
            if not self._away:
                super().status(pieces)

    def typing(self, text: str) -> None:
        """Show what a person types, in the view where it has the terminal."""
        if self._away and self.view is not None and self.view.typing(text):
            self._typed = text
        else:
            super().typing(text)

    def say(self, lines: Sequence[str]) -> None:
        """Tell a person what came of what was typed, in the view where it has the terminal."""
        if not (self._away and self.view is not None and self.view.say(lines)):
            super().say(lines)

    def clear(self) -> None:
        """Take the status line away; the view has none."""
        with self._lock:
            if not self._away:
                super().clear()

    def ask(self, text: str) -> None:
        """Take the terminal from the view and write a question."""
        if self.view is not None:
            self.view.hide()
        super().ask(text)
