"""Helpers to call the program: its environment, a process on a terminal, a screen in files."""

import os
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchctl.cli.shell import Shell
from benchctl.cli.terminal import Terminal
from benchctl.core.clock import Deadline

ROOT = Path(__file__).resolve().parents[2]
BENCHCTL = [sys.executable, "-m", "benchctl"]


def environment(tmp_path, **more):
    """The environment of a call: English, its own lab and home, nothing inherited from a person."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BENCHCTL_", "LC_", "LANG"))}
    own = {
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "TMPDIR": str(tmp_path),
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        "COLUMNS": "100",
    }
    return kept | own | more


@dataclass
class OnTerminal:
    """A process whose standard input and outputs are a terminal, and everything it showed."""

    process: subprocess.Popen
    master: int
    shown: str = ""

    def expect(self, text, timeout=60.0):
        """Wait until `text` was shown; fail with all that was shown instead."""
        deadline = Deadline(timeout)
        while text not in self.shown:
            if deadline.over or not self._take(0.2):
                raise AssertionError(f"{text!r} was not shown; shown was:\n{self.shown}")
        return self.shown

    def _take(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            chunk = os.read(self.master, 65536)
        except OSError:  # the other end is closed
            return False
        self.shown += chunk.decode("utf-8", "replace")
        return bool(chunk)

    def type(self, text):
        os.write(self.master, text.encode())

    def signal(self, number):
        self.process.send_signal(number)

    def finish(self, timeout=60.0):
        """Wait for the end; return the exit code."""
        deadline = Deadline(timeout)
        while not deadline.over and self._take(0.1):
            if self.process.poll() is not None and not select.select([self.master], [], [], 0)[0]:
                break
        return self.process.wait(timeout=deadline.left + 1.0)


class Screen:
    """A shell whose two outputs are files, and what was written to them."""

    def __init__(self, tmp_path, language="en", argv=()):
        self._files = [
            (tmp_path / name).open("w+", encoding="utf-8") for name in ("out.txt", "err.txt")
        ]
        out, err = (Terminal(file, {}) for file in self._files)
        self.shell = Shell(tuple(argv), {}, language, out, err)

    @property
    def out(self):
        return Path(self._files[0].name).read_text(encoding="utf-8")

    @property
    def err(self):
        return Path(self._files[1].name).read_text(encoding="utf-8")

    def close(self):
        for file in self._files:
            file.close()
