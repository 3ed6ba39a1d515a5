"""A bench in a process of its own, and runs of benchctl on it as further processes."""

import json
import os
import select
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchctl.core.clock import Deadline, pause
from benchctl.records import Lab, verify

ROOT = Path(__file__).resolve().parents[2]
BENCHCTL = [sys.executable, "-m", "benchctl"]
RATE = 12
"""Bench seconds per real second: a drive that hears nothing trips after 0.4 real seconds."""


def environment(folder, **more):
    """The environment of a call: English, nothing inherited from a person."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BENCHCTL_", "LC_", "LANG"))}
    own = {"PYTHONPATH": str(ROOT), "HOME": str(folder), "LANG": "C.UTF-8", "COLUMNS": "200"}
    return kept | own | {"TMPDIR": str(folder), "XDG_DATA_HOME": str(folder / "data")} | more


def flows(state):
    """Whether water flows at the first point."""
    return state["drive"]["running"] and state["flow"] > 1.0


def documented(lab, run="latest"):
    """Return the result document of a run as its record tells it; the record must be whole."""
    with Lab.open(lab, create=False) as records:
        run = records.find_run(run)
        assert verify(records, run) == []
        return records.document(run)


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code, all that it showed, its result document."""

    code: int
    shown: str
    document: dict


class Process:
    """A call of benchctl that goes on; its outputs go to a file, so that it never waits for us."""

    def __init__(self, folder, argv, name):
        self.result = folder / f"{name}.json"
        self._screen = folder / f"{name}.txt"
        with self._screen.open("w") as screen:
            self.process = subprocess.Popen(
                [*BENCHCTL, *map(str, argv)],
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=screen,
                cwd=folder,
                env=environment(folder),
                start_new_session=True,
            )

    @property
    def shown(self):
        return self._screen.read_text(encoding="utf-8")

    def expect(self, text, seconds=30.0):
        """Wait until `text` was shown."""
        limit = Deadline(seconds)
        while text not in self.shown:
            assert not limit.over, f"{text!r} was not shown; shown was:\n{self.shown}"
            assert self.process.poll() is None, self.shown
            pause(0.01)

    def signal(self, number):
        self.process.send_signal(number)

    def finish(self, seconds=40.0):
        """Wait for the end; no process that it started may be left."""
        code = self.process.wait(seconds)
        assert not self.left_behind(), "a child process is left"
        text = self.result.read_text(encoding="utf-8") if self.result.exists() else "{}"
        return Ended(code, self.shown, json.loads(text))

    def left_behind(self):
        """Whether any process of its session is still there."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def close(self):
        if self.process.poll() is None:
            self.signal(signal.SIGKILL)
            self.process.wait()


class ServedBench:
    """`sim serve` with its files in a folder, and the calls of benchctl that use it."""

    def __init__(self, lab, *, rate=RATE, seed=3, meters=1, bench="lab_bench"):
        self.folder = lab.parent
        self.rate = rate
        self.lab = lab
        self._calls = []
        self.bench_file, self.batch_file = self.folder / "bench.yaml", self.folder / "batch.csv"
        argv = [bench, "--seed", seed, "--rate", rate, "--lab", lab]
        argv += ["--bench-file", self.bench_file, "--batch-file", self.batch_file]
        self._server = subprocess.Popen(
            [*BENCHCTL, "sim", "serve", *map(str, argv)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env=environment(self.folder),
        )
        self.about = self._answer()
        rows = self.batch_file.read_text(encoding="utf-8").splitlines()[: 1 + meters]
        self.batch_file.write_text("\n".join(rows) + "\n", encoding="utf-8")

    def _answer(self, seconds=20.0):
        ready, _, _ = select.select([self._server.stdout], [], [], seconds)
        assert ready, "the served bench said nothing"
        return json.loads(self._server.stdout.readline())

    def say(self, command):
        self._server.stdin.write(command + "\n")
        self._server.stdin.flush()
        answer = self._answer()
        assert answer.pop("ok"), answer
        return answer

    def state(self):
        return self.say("state")["state"]

    def wait_for(self, what, seconds=30.0):
        """Wait until `what(state)` holds; return that state."""
        limit = Deadline(seconds)
        while not what(state := self.state()):
            assert not limit.over, state
            pause(0.01)
        return state

    def call(self, *argv):
        """Start benchctl with these arguments and this lab."""
        name = f"call-{len(self._calls)}"
        self._calls.append(Process(self.folder, [*argv, "--lab", self.lab], name))
        return self._calls[-1]

    def done(self, *argv):
        """Call benchctl and wait for its end."""
        return self.call(*argv).finish()

    def run(self, procedure, *more):
        """Start a run on this bench, as fast as the bench."""
        name = f"call-{len(self._calls)}"
        files = ["--bench", self.bench_file, "--batch", self.batch_file]
        speed = ["--speed", self.rate, "--json", self.folder / f"{name}.json"]
        return self.call("run", procedure, *files, *speed, *more)

    def close(self):
        for call in self._calls:
            call.close()
        self._server.terminate()
        self._server.wait(20)
        self._server.stdin.close()
        self._server.stdout.close()
