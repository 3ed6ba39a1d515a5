"""The person at the terminal: questions are written out, answers are read from standard input.

The reader is a daemon thread on the bare file descriptor, so that a question never holds up the
safe state: a stop withdraws it, and what is typed then is dropped.
"""

from __future__ import annotations

import math
import os
import select
import threading
from collections.abc import Callable

from benchctl.cli.cells import plain
from benchctl.cli.shell import Shell
from benchctl.cli.terminal import Terminal
from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg
from benchctl.core.ports import Answer, Prompt

Answered = Callable[[Answer], None]

YES = frozenset({"y", "yes", "是", "对", "好"})
NO = frozenset({"n", "no", "否", "不", "不是"})


class TerminalOperator:
    """Asks on `screen` and reads lines from the file descriptor `keyboard`.

    `yes` answers confirmations at once, nothing else. `name` is who answers, for the record.
    `gone` is called when the input ends while a question is open: the person went away.
    """

    def __init__(
        self,
        shell: Shell,
        *,
        name: str = "",
        yes: bool = False,
        keyboard: int = 0,
        screen: Terminal | None = None,
        gone: Callable[[], None] = lambda: None,
    ) -> None:
        self._shell = shell
        self._screen = shell.err if screen is None else screen
        self._name = name or "operator"
        self._yes = yes
        self._keyboard = keyboard
        self._gone = gone
        self._open: tuple[Prompt, Answered] | None = None
        self._lock = threading.Condition()
        self._reader: threading.Thread | None = None
        self._typed = b""
        self._ended = False

    def ask(self, prompt: Prompt, answered: Answered) -> None:
        """Put the question; `answered` is called when a line that answers it was read.

        Raises:
            RefusedError: standard input is closed or at its end.
        """
        question = self._question(prompt)
        if self._yes and prompt.kind == "confirm" and prompt.default is not None:
            said = self._shell.text("yes" if prompt.default else "no")
            self._screen.line(f"{question} {said} (--yes)")
            answered(Answer(prompt.default, "--yes"))
            return
        if self._ended or self._at_end():
            raise self._nobody(prompt)
        self._forget_early_typing()
        self._screen.ask(question)
        with self._lock:
            self._open = (prompt, answered)
            self._lock.notify()
        if self._reader is None:
            self._reader = threading.Thread(target=self._read, name="keyboard", daemon=True)
            self._reader.start()

    def withdraw(self, _prompt: Prompt) -> None:
        """Take the question back: the run is stopping."""
        with self._lock:
            self._open = None
        self._screen.line()

    def _question(self, prompt: Prompt) -> str:
        text = plain(self._shell.words(prompt.question))
        ways = {
            "confirm": self._shell.text("ways-confirm"),
            "yes_no": self._shell.text("ways-yes-no"),
            "number": self._bounds(prompt),
            "text": "",
        }[prompt.kind]
        place = ""
        if prompt.uut:
            place = self._shell.text("at-position", position=prompt.position, serial=prompt.uut)
        shown = self._screen.paint("?", "yellow", "bold")
        return " ".join(part for part in (shown, plain(place), text, ways) if part)

    def _bounds(self, prompt: Prompt) -> str:
        low = "" if prompt.low is None else f"{prompt.low:g}"
        high = "" if prompt.high is None else f"{prompt.high:g}"
        bounds = f"{low} .. {high}".strip() if low or high else ""
        inside = " ".join(part for part in (bounds, prompt.unit) if part)
        return f"[{inside}]" if inside else ""

    def _nobody(self, prompt: Prompt) -> RefusedError:
        return RefusedError(
            msg("cli.nobody-answers", question=prompt.question), hint=msg("cli.nobody-hint")
        )

    def _at_end(self) -> bool:
        """Return whether no line can ever come."""
        try:
            ready, _, _ = select.select([self._keyboard], [], [], 0.0)
        except (OSError, ValueError):  # closed
            return True
        if not ready or b"\n" in self._typed or os.isatty(self._keyboard):
            return False
        return not self._more()

    def _more(self) -> bool:
        """Read what is there; False at the end of the input."""
        try:
            chunk = os.read(self._keyboard, 4096)
        except OSError:  # the terminal went away
            chunk = b""
        self._typed += chunk
        self._ended = not chunk
        return bool(chunk) or b"\n" in self._typed

    def _forget_early_typing(self) -> None:
        """Drop what was typed before the question was there to be read; a script may be early."""
        if os.isatty(self._keyboard):
            import termios

            termios.tcflush(self._keyboard, termios.TCIFLUSH)
            self._typed = b""

    def _read(self) -> None:
        while True:
            self._await_question()
            line = self._line()
            with self._lock:
                asked = self._open
                if asked is None:
                    continue
                prompt, answered = asked
                value = None if line is None else self._value(prompt, line)
                if line is not None and value is None:
                    self._screen.ask(self._question(prompt))
                    continue
                self._open = None
            if value is None:
                self._screen.line(self._shell.text("went-away"))
                self._gone()
                return
            answered(Answer(value, self._name))

    def _await_question(self) -> None:
        with self._lock:
            while self._open is None:
                self._lock.wait()

    def _line(self) -> str | None:
        """Return the next line, None at the end of the input."""
        while b"\n" not in self._typed:
            if not self._more():
                return None
        line, _, self._typed = self._typed.partition(b"\n")
        return line.decode("utf-8", errors="replace").strip()

    def _value(self, prompt: Prompt, line: str) -> float | bool | str | None:
        """Return what a line means as the answer to a question; None, said why, where nothing."""
        if prompt.kind == "text":
            return line
        if prompt.kind == "number":
            return self._number(prompt, line)
        word = line.casefold().rstrip("。.!！")
        if word in YES or (prompt.kind == "confirm" and not word):
            return True
        if word in NO:
            return False
        self._screen.line(self._shell.text("answer-yes-or-no"))
        return None

    def _number(self, prompt: Prompt, line: str) -> float | None:
        text = line.removesuffix(prompt.unit).strip() if prompt.unit else line
        try:
            value = float(_point(text))
        except ValueError:  # said to the person, who is asked again
            value = math.nan
        if not math.isfinite(value):
            self._screen.line(self._shell.text("answer-a-number", given=plain(line)))
            return None
        low = -math.inf if prompt.low is None else prompt.low
        high = math.inf if prompt.high is None else prompt.high
        if not low <= value <= high:
            self._screen.line(self._shell.text("answer-in-range", bounds=self._bounds(prompt)))
            return None
        return value


def _point(text: str) -> str:
    """Return a number as typed with a decimal point; `1,234` is 1.234, `1,234.5` is no number."""
    full_width = str.maketrans("，．－＋０１２３４５６７８９", ",.-+0123456789")
    number = text.translate(full_width).replace("\u2212", "-")
    if "_" in number or number.count(",") > 1 or ("," in number and "." in number):
        raise ValueError(number)
    return number.replace(",", ".")
