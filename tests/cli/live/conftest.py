"""A run that goes on in this process, and a terminal of a known size that shows it."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios

import pytest
from calling import BENCHCTL, environment
from live_samples import opened, plan_of

from benchctl.core import events
from benchctl.core.clock import Deadline, RealClock
from benchctl.records import Lab, PresentValues


class Going:
    """A run that goes on; what happens in it is what a test says."""

    def __init__(self, lab, serials=("W-1", "W-2")):
        self.lab = lab
        self.journal = lab.begin_run("Water line 2", clock=RealClock())
        self.present = PresentValues(lab.folder, self.journal.run)
        self.journal.listeners.append(self.present)
        self.tell(opened(self.journal.run), events.PlanResolved(plan_of(serials)))

    def tell(self, *told):
        for event in told:
            self.journal.emit(event)

    def end(self, *told):
        self.tell(*told)
        self.present.close()


@pytest.fixture
def going(tmp_path):
    with Lab.open(tmp_path / "lab") as lab:
        run = Going(lab)
        yield run
        run.present.close()


class Shown:
    """A program on a terminal of a known size, and the bytes that it wrote."""

    def __init__(self, process, master):
        self.process = process
        self.master = master
        self.bytes = b""

    def text(self, encoding="utf-8"):
        """What was written, without what moves the cursor or colours."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.bytes.decode(encoding, "replace"))

    def expect(self, text, encoding="utf-8", seconds=20.0):
        """Wait until `text` was shown since the last time; fail with all that was."""
        deadline = Deadline(seconds)
        seen = self.bytes
        while text not in self.text(encoding):
            assert not deadline.over, f"{text!r} was not shown in:\n{self.text(encoding)}"
            assert self.take(0.2), f"it ended before {text!r} was shown:\n{self.text(encoding)}"
        return seen

    def take(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            chunk = os.read(self.master, 1 << 16)
        except OSError:  # the other end is closed
            return False
        self.bytes += chunk
        return bool(chunk)

    def forget(self):
        self.bytes = b""

    def type(self, text):
        """Type as a person would."""
        os.write(self.master, text.encode())

    def finish(self, seconds=20.0):
        """Wait for the end; return the exit code."""
        deadline = Deadline(seconds)
        while self.take(0.05) and not deadline.over:
            if self.process.poll() is not None and not select.select([self.master], [], [], 0)[0]:
                break
        return self.process.wait(timeout=deadline.left + 1.0)


@pytest.fixture
def on_screen(tmp_path):
    """Start a program on a terminal of a known size."""
    running = []

    def start(argv, columns=80, lines=24, env=None):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=tmp_path,
            env=environment(tmp_path, **(env or {})),
            start_new_session=True,
        )
        os.close(slave)
        running.append(Shown(process, master))
        return running[-1]

    yield start
    for shown in running:
        if shown.process.poll() is None:
            shown.process.kill()
            shown.process.wait()
        os.close(shown.master)


@pytest.fixture
def watch(on_screen):
    """Start `benchctl watch` on a terminal of a known size."""

    def start(*args, **settings):
        return on_screen([*BENCHCTL, "watch", "--lab", "lab", *args], **settings)

    return start
