"""Lines from a person's keyboard or from a pipe, and the terminal's own echo switched off and on.

On a terminal the system lets a person edit a line and shows it where the cursor stands. While
something is drawn there, a question too, the keyboard is *quiet*: keys come one by one, are edited
here, and whoever draws shows them.

    keyboard = Keyboard(0)
    keyboard.quiet(on=True)
    keyboard.take()                  # what is there now, without waiting
    keyboard.typed                   # "pau"
    keyboard.close()                 # the terminal is as it was
"""

from __future__ import annotations

import os
import re
import select
import unicodedata
from contextlib import suppress
from typing import Any

Settings = list[Any]
"""What `termios.tcgetattr` returns."""

_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.|[^\[O])")
"""Arrow keys and the like."""
_LONGEST = 400
"""Characters of a line that is typed; nobody means more."""


class Keyboard:
    """Reads lines from a file descriptor; used by one thread at a time."""

    def __init__(self, fd: int = 0) -> None:
        self._fd = fd
        self._bytes = b""
        self._line = ""
        self._lines: list[str] = []
        self._quiet = False
        self._usual: Settings | None = None
        self.asked = False
        """Whether a question is open, which Ctrl-D leaves unanswered for ever."""
        self.ended = not _is_open(fd)  # else the next file that is opened gets the number
        """Whether no further line can come."""

    @property
    def fd(self) -> int:
        """The file descriptor, to wait for."""
        return self._fd

    @property
    def is_terminal(self) -> bool:
        """Whether a person types here."""
        try:
            return os.isatty(self._fd)
        except OSError:  # closed
            return False

    @property
    def ours(self) -> bool:
        """Whether what is typed is meant for this process: it is not in the background."""
        return in_foreground(self._fd)

    # lines ----------------------------------------------------------------------------------

    @property
    def typed(self) -> str:
        """The line that is being typed on a quiet keyboard."""
        return self._line

    @property
    def head(self) -> str | None:
        """The next line, None where there is no whole one."""
        return self._lines[0] if self._lines else None

    def pop(self) -> str:
        """Take the next line away and return it."""
        return self._lines.pop(0)

    def at_end(self) -> bool:
        """Return whether no line can ever come; reads from a pipe what is there."""
        if self._lines:
            return False
        if not self.ended and not self.is_terminal:
            self.take()
        return self.ended and not self._lines

    def take(self) -> bool:
        """Read what is there, without waiting; return whether there was anything new."""
        if self.ended or not self._ready():
            return False
        try:
            chunk = os.read(self._fd, 4096)
        except OSError:  # the terminal went away
            chunk = b""
        if not chunk:
            self.ended = True
            self._take_rest()
            return True
        self._bytes += chunk
        if self._quiet:
            self._edit()
        else:
            self._split()
        return True

    def _ready(self) -> bool:
        try:
            return bool(select.select([self._fd], [], [], 0.0)[0])
        except (OSError, ValueError):  # closed
            self.ended = True
            return False

    def _split(self) -> None:
        *lines, self._bytes = self._bytes.split(b"\n")
        self._lines += [line.decode("utf-8", "replace").strip() for line in lines]

    def _take_rest(self) -> None:
        """Count what stands behind the last line's end as a line."""
        rest = self._bytes.decode("utf-8", "replace").strip()
        self._bytes = b""
        if rest:
            self._lines.append(rest)

    def forget(self) -> None:
        """Drop what was typed on a terminal and not yet taken; a script may be early."""
        if not self.is_terminal:
            return
        self._bytes, self._line, self._lines = b"", "", []
        if self.ours:
            import termios

            termios.tcflush(self._fd, termios.TCIFLUSH)

    @property
    def shows(self) -> bool:
        """Whether the terminal itself shows what is typed."""
        return self.is_terminal and not self._quiet

    # a quiet keyboard -----------------------------------------------------------------------

    def quiet(self, *, on: bool) -> None:
        """Let keys come one by one and unseen, or lines as the terminal edits and shows them.

        Does nothing where this is no terminal, or not ours just now.
        """
        if not (self.is_terminal and self.ours):
            return
        now = settings_of(self._fd)
        self._usual = self._usual or now
        if now is None or self._usual is None:
            return
        wanted = _without_echo(self._usual) if on else self._usual
        if now[3] != wanted[3]:
            set_terminal(self._fd, wanted)
        if on != self._quiet:
            self._quiet = on
            self._line, self._bytes = "", b""

    def close(self) -> None:
        """Leave the terminal as it was found."""
        if self._usual is not None:
            self.quiet(on=False)

    def _edit(self) -> None:
        """Add keys to the line that is being typed, as a terminal would."""
        try:
            keys, self._bytes = self._bytes.decode("utf-8"), b""
        except UnicodeDecodeError as error:  # the rest of a character is still to come
            whole = error.reason == "unexpected end of data"
            cut = error.start if whole else len(self._bytes)
            keys = self._bytes[:cut].decode("utf-8", "replace")
            self._bytes = self._bytes[cut:]
        for key in _ESCAPES.sub("", keys):
            self._press(key)

    def _press(self, key: str) -> None:
        if key in "\r\n":
            self._lines.append(self._line.strip())
            self._line = ""
        elif key in "\x7f\b":
            self._line = _without_last(self._line)
        elif key == "\x04":  # Ctrl-D
            self.ended = self.ended or (self.asked and not self._line)
        elif key == "\x15":  # Ctrl-U
            self._line = ""
        elif key == "\x17":  # Ctrl-W
            self._line = self._line.rstrip().rpartition(" ")[0]
        elif key.isprintable() and len(self._line) < _LONGEST:
            self._line += key


def _without_last(line: str) -> str:
    """Return a line without its last character and what is written over that."""
    while line and unicodedata.combining(line[-1]):
        line = line[:-1]
    return line[:-1]


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def in_foreground(fd: int) -> bool:
    """Return whether this process may read from and set a terminal without being stopped."""
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:  # a pipe, or a terminal that no shell shares out
        return True


def settings_of(fd: int) -> Settings | None:
    """Return how a terminal is set, None where there is none."""
    try:
        import termios
    except ImportError:  # Windows
        return None
    try:
        return termios.tcgetattr(fd)
    except (OSError, termios.error):  # a pipe, or it went away
        return None


def set_terminal(fd: int, settings: Settings) -> None:
    """Set a terminal; one that went away stays as it is."""
    import termios

    with suppress(OSError, termios.error):
        termios.tcsetattr(fd, termios.TCSANOW, settings)


def show_keys(fd: int) -> None:
    """Let a terminal show and edit lines again that a killed process left quiet."""
    settings = settings_of(fd)
    if settings is None or not in_foreground(fd):
        return
    import termios

    settings[3] |= termios.ICANON | termios.ECHO
    set_terminal(fd, settings)


def _without_echo(usual: Settings) -> Settings:
    """Return a terminal's settings without echo and without lines; Ctrl-C stays what it is."""
    import termios

    settings, keys = list(usual), list(usual[6])
    settings[3] &= ~(termios.ICANON | termios.ECHO)
    keys[termios.VMIN], keys[termios.VTIME] = 1, 0
    return [*settings[:6], keys]


class Wake:
    """A pipe that wakes the thread that waits for a keyboard."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()

    def ring(self) -> None:
        """Wake the thread; from any thread."""
        os.write(self._write, b"!")

    def wait_for(self, keyboard: Keyboard | None, seconds: float) -> None:
        """Wait until rung, until something was typed, or until `seconds` of real time passed."""
        wanted = [self._read] if keyboard is None else [self._read, keyboard.fd]
        try:
            ready, _, _ = select.select(wanted, [], [], seconds)
        except (OSError, ValueError):  # the keyboard is closed: its next look says so
            return
        if self._read in ready:
            os.read(self._read, 4096)

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self._read)
        os.close(self._write)
