"""The person at the terminal: questions are written out, answers are read from standard input.

The reader is a daemon thread on the bare file descriptor, so that a question never holds up the
safe state: a stop withdraws it, and what is typed then is dropped. While no question is open, what
a person types are orders to the run: `pause`, `leak 5`. A script on a pipe answers questions, one
line each, and may give orders with lines that begin with `/`, in their turn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Protocol

from benchctl.cli.answers import Refused, question_text, value_of
from benchctl.cli.cells import plain
from benchctl.cli.keyboard import Keyboard, Wake
from benchctl.cli.orders import Order, is_order, order_in
from benchctl.cli.shell import Shell
from benchctl.cli.terminal import Terminal
from benchctl.core.errors import BenchctlError, RefusedError, UsageError
from benchctl.core.messages import msg
from benchctl.core.ports import Answer, Prompt

Answered = Callable[[Answer], None]

LOOK_EVERY = 0.5
"""Real seconds between two looks at whose terminal this is just now."""
CLOSES_S = 2.0
"""Real seconds in which the reader ends."""


class Controls(Protocol):
    """What a person may do to a run that goes on; see `benchctl.engine.Control`."""

    def pause(self, by: str, *, now: bool = False) -> None:
        """Pause when the present action ends, or now."""
        ...

    def leak(self, position: int, by: str) -> None:
        """Say that the unit at a position leaks."""
        ...

    def drop(self, position: int, by: str, reason: str = "") -> None:
        """Take a unit out."""
        ...

    def operator(self, name: str) -> None:
        """Say who is responsible from now on."""
        ...


class TerminalOperator:
    """Asks on `screen` and reads lines from `keyboard`, a file descriptor or what reads from one.

    `yes` answers confirmations at once, nothing else. `name` is who answers, for the record.
    `stop` is called with who or what ends the run: a person who says so, or `hang-up` when the
    input ends while a question is open. From `attach` on, lines that come while no question is open
    are orders; while one is open, and from a pipe, those that begin with `/`.
    """

    def __init__(
        self,
        shell: Shell,
        *,
        name: str = "",
        yes: bool = False,
        keyboard: Keyboard | int = 0,
        screen: Terminal | None = None,
        stop: Callable[[str], None] = lambda _who: None,
    ) -> None:
        self._shell = shell
        self._screen = shell.err if screen is None else screen
        self._name = name or "operator"
        self._yes = yes
        self._keyboard = Keyboard(keyboard) if isinstance(keyboard, int) else keyboard
        self._stop = stop
        self._open: tuple[Prompt, Answered] | None = None
        self._controls: Controls | None = None
        self._lock = threading.RLock()
        self._reader: threading.Thread | None = None
        self._wake = Wake()
        self._closing = False

    def attach(self, controls: Controls) -> None:
        """From now on a person may give orders, too."""
        with self._lock:
            self._controls = controls
            self._settle_keyboard()
            self._start()

    def close(self) -> None:
        """Read no more; the terminal is as it was."""
        with self._lock:
            self._closing = True
            self._open = self._controls = None
        self._wake.ring()
        if self._reader is not None:
            self._reader.join(CLOSES_S)
        self._screen.typing("")
        self._keyboard.close()
        self._wake.close()

    def ask(self, prompt: Prompt, answered: Answered) -> None:
        """Put the question; `answered` is called when a line that answers it was read.

        Raises:
            RefusedError: standard input is closed or at its end.
        """
        question = question_text(self._shell, self._screen, prompt)
        if self._yes and prompt.kind == "confirm" and prompt.default is not None:
            said = self._shell.text("yes" if prompt.default else "no")
            self._screen.line(f"{question} {said} (--yes)")
            answered(Answer(prompt.default, "--yes"))
            return
        with self._lock:
            if self._keyboard.at_end():
                raise self._nobody(prompt)
            self._open = (prompt, answered)
            self._screen.typing("")
            self._settle_keyboard()
            self._keyboard.forget()
            self._screen.ask(question)
            self._start()
        self._wake.ring()

    def withdraw(self, _prompt: Prompt) -> None:
        """Take the question back: the run is stopping."""
        with self._lock:
            self._open = None
            self._screen.heard()
            self._screen.line()
            self._settle_keyboard()

    def _nobody(self, prompt: Prompt) -> RefusedError:
        return RefusedError(
            msg("cli.nobody-answers", question=prompt.question), hint=msg("cli.nobody-hint")
        )

    # the reader ------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._reader is None and not self._closing:
            self._reader = threading.Thread(target=self._read, name="keyboard", daemon=True)
            self._reader.start()

    def _settle_keyboard(self) -> None:
        """Keep the terminal from showing keys where something is drawn: orders, or an answer."""
        self._keyboard.asked = self._open is not None
        wanted = self._keyboard.asked or self._controls is not None
        self._keyboard.quiet(on=self._screen.live and wanted)

    def _read(self) -> None:
        while True:
            self._wake.wait_for(self._keyboard if self._listens() else None, LOOK_EVERY)
            with self._lock:
                if self._closing:
                    return
                self._settle_keyboard()
                if self._listens() and self._keyboard.take():
                    self._screen.typing(self._keyboard.typed)
                done = self._take_lines()
            for tell in done:  # outside of the lock: who is told may ask the next question
                tell()

    def _listens(self) -> bool:
        """Return whether a line is wanted now, and what is typed is meant for this process."""
        if self._keyboard.ended:
            return False
        wanted = self._open is not None or self._controls is not None
        return wanted and self._keyboard.head is None and self._keyboard.ours

    def _take_lines(self) -> list[Callable[[], None]]:
        """Deal with the lines that are there; return what is then to be done."""
        done: list[Callable[[], None]] = []
        while (line := self._keyboard.head) is not None:
            if self._is_order(line):
                done.append(partial(self._obey, self._keyboard.pop()))
            elif self._open is not None:
                done += self._answer(*self._open, self._keyboard.pop())
            elif self._keyboard.is_terminal and self._controls is None:
                self._keyboard.pop()  # said too late
            else:
                break  # for the next question
        if self._open is not None and self._keyboard.ended and self._keyboard.head is None:
            self._open = None
            self._screen.heard(self._shell.text("went-away"))
            done.append(partial(self._stop, "hang-up"))
        return done

    def _is_order(self, line: str) -> bool:
        if self._controls is None or not line:
            return False
        return line[0] in "/／" or (self._open is None and self._keyboard.is_terminal)

    def _answer(self, prompt: Prompt, answered: Answered, line: str) -> list[Callable[[], None]]:
        self._screen.heard(None if self._keyboard.shows else plain(line))
        value = value_of(self._shell, prompt, line)
        if isinstance(value, Refused):
            self._screen.prose(value.why, indent=2)
            if self._controls is not None and is_order(line):
                self._screen.prose(self._text("with-slash", line=plain(line)), indent=2)
            self._screen.ask(question_text(self._shell, self._screen, prompt))
            return []
        self._open = None
        self._settle_keyboard()
        return [partial(answered, Answer(value, self._name))]

    # orders ----------------------------------------------------------------------------------

    def _obey(self, line: str) -> None:
        """Carry out what a person typed while the run goes on, and say so."""
        try:
            told = self._carry_out(order_in(line))
        except BenchctlError as error:
            told = error.words(self._shell.language)
        self._screen.say([plain(part) for part in told.split("\n")])

    def _carry_out(self, order: Order) -> str:
        """Do what is ordered; return what is said of it.

        Raises:
            UsageError: it cannot be done.
        """
        controls, by = self._controls, self._name
        if controls is None:
            raise UsageError(msg("desk.not-now"))
        match order.kind:
            case "pause":
                controls.pause(by)
                return self._text("will-pause")
            case "pause-now":
                controls.pause(by, now=True)
                return self._text("pauses")
            case "leak":
                controls.leak(order.position, by)
                return self._text("leak-taken", position=order.position)
            case "drop":
                controls.drop(order.position, by, order.text)
                return self._text("drop-taken", position=order.position)
            case "operator":
                controls.operator(order.text)
                self._name = order.text
                return self._text("operator-taken", name=order.text)
            case "stop":
                self._stop(by)
                return self._text("stop-taken")
            case _:
                return self._text("help")

    def _text(self, id_: str, /, **args: str | int) -> str:
        return self._shell.words(msg(f"desk.{id_}", **args))
