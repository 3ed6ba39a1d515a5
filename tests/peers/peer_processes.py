"""Peers that run as processes of their own, and the cable to those with a serial port."""

from __future__ import annotations

import os
import pty
import queue
import select
import subprocess
import threading
import tty
from collections.abc import Mapping, Sequence
from pathlib import Path

START = 20.0
"""Seconds that a peer may take until it is ready; a loaded machine needs some."""


class PeerProcess:
    """A program whose standard output is kept, line by line."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | dict(environment or {}),
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.strip())

    def line(self, begins: str = "", timeout: float = START) -> str:
        """Return the next line that begins so; the ones before it are dropped."""
        seen = []
        while True:
            try:
                line = self._lines.get(timeout=timeout)
            except queue.Empty:
                raise AssertionError(f"no line {begins!r} from the peer, but {seen}") from None
            if line.startswith(begins):
                return line
            seen.append(line)

    def told(self) -> list[str]:
        """Return the lines that are there."""
        return [self._lines.get() for _ in range(self._lines.qsize())]

    def ready(self) -> str:
        """Wait until it says `ready WHERE`; return where."""
        return self.line("ready ").partition(" ")[2]

    def close(self) -> None:
        self._process.kill()
        self._process.wait(5)
        self._thread.join(5)
        assert self._process.stdout is not None
        self._process.stdout.close()


class Cable:
    """Two serial ports, `ours` and `theirs`, joined: what goes in at one comes out at the other."""

    def __init__(self, folder: Path) -> None:
        self.ours, self.theirs = folder / "ttyOURS", folder / "ttyTHEIRS"
        self._masters: list[int] = []
        self._slaves: list[int] = []
        for path in (self.ours, self.theirs):
            master, slave = pty.openpty()
            tty.setraw(slave)
            path.symlink_to(os.ttyname(slave))
            self._masters.append(master)
            self._slaves.append(slave)
        self._wake = os.pipe()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _carry(self) -> None:
        one, other = self._masters
        across = {one: other, other: one}
        while True:
            ready, _, _ = select.select([*across, self._wake[0]], [], [])
            if self._wake[0] in ready:
                return
            for fd in ready:
                os.write(across[fd], os.read(fd, 4096))

    def close(self) -> None:
        os.write(self._wake[1], b"x")
        self._thread.join(5)
        for fd in (*self._masters, *self._slaves, *self._wake):
            os.close(fd)
