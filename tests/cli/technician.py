"""A technician at a terminal: reads what stands there, types, and keeps captures of the screen."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios

from calling import BENCHCTL, environment
from tiny_terminal import TinyTerminal

from benchctl.core.clock import Deadline


class Technician:
    """Drives one call of benchctl on a pseudo-terminal of its own."""

    def __init__(self, folder, argv, *, columns=80, lines=24, before=()):
        self.screen = TinyTerminal(columns, lines)
        self.captures = {}
        self.broken = {}
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.usual = termios.tcgetattr(slave)
        self.terminal = slave
        self._master = master
        self.process = subprocess.Popen(
            [*before, *BENCHCTL, *map(str, argv)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env=environment(folder, TERM="xterm-256color"),
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            start_new_session=True,
        )

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.terminal)
        os.close(self._master)

    # looking --------------------------------------------------------------------------------

    def look(self, seconds=0.05):
        """Take in what is written within that time; False when nothing more can come."""
        if not select.select([self._master], [], [], seconds)[0]:
            return True
        try:
            chunk = os.read(self._master, 1 << 16)
        except OSError:  # the other end is closed
            return False
        self.screen.feed(chunk)
        return bool(chunk)

    @property
    def text(self):
        return "\n".join(self.screen.shown())

    def wait(self, until, seconds=30.0):
        """Look until `until()` holds; return what it returned."""
        deadline = Deadline(seconds)
        while not (found := until()):
            assert not deadline.over, f"waited too long; the screen is:\n{self.text}"
            assert self.process.poll() is None, f"it ended; the screen is:\n{self.text}"
            self.look()
        return found

    def sees(self, text, seconds=30.0):
        """Wait until a text stands on the screen, broken over lines or not."""
        wanted = re.sub(r"\s", "", text)
        self.wait(lambda: wanted in re.sub(r"\s", "", self.text), seconds)

    def stands_at(self, prompt):
        """Wait until the cursor stands right behind a prompt."""
        screen = self.screen.main
        self.wait(lambda: screen.text(screen.row) == prompt)

    def capture(self, name):
        """Keep the screen under a name."""
        self.captures[name] = self.screen.shown()
        self.broken[name] = list(self.screen.screen.broken)

    # doing ----------------------------------------------------------------------------------

    def type(self, text, *, enter=True):
        os.write(self._master, (text + ("\r" if enter else "")).encode())

    def answer(self, text):
        """Answer the question at the cursor, and wait until the answer has been taken."""
        before = (self.screen.main.row, self.text)
        typed = f"] {text}"
        self.type(text)
        self.wait(lambda: (self.screen.main.row, self.text) != before)
        self.wait(lambda: self.screen.alternate or not self.screen.before_cursor().endswith(typed))

    def finish(self, seconds=30.0):
        """Wait for the end; return the exit code."""
        deadline = Deadline(seconds)
        while self.look(0.1) and not deadline.over and self.process.poll() is None:
            pass
        code = self.process.wait(deadline.left + 1.0)
        while select.select([self._master], [], [], 0.1)[0] and self.look():
            pass
        return code
