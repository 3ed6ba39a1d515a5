"""Ways to call the program: as a process with pipes, and on a real pseudo-terminal."""

import os
import pty
import signal
import subprocess

import pytest
from calling import BENCHCTL, OnTerminal, Screen, environment


@pytest.fixture
def call_environment(tmp_path):
    """The environment in which benchctl is called."""
    return environment(tmp_path)


@pytest.fixture
def benchctl(tmp_path):
    """Call benchctl with pipes in a folder of its own and return the finished process."""

    def call(*args, stdin="", env=None, timeout=100, cwd=tmp_path):
        return subprocess.run(
            [*BENCHCTL, *map(str, args)],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=cwd,
            env=environment(tmp_path, **(env or {})),
            timeout=timeout,
            check=False,
        )

    return call


@pytest.fixture
def on_terminal(tmp_path):
    """Start a program on a real pseudo-terminal."""
    running = []

    def start(argv, env=None):
        master, slave = pty.openpty()
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
        running.append(OnTerminal(process, master))
        return running[-1]

    yield start
    for terminal in running:
        if terminal.process.poll() is None:
            terminal.signal(signal.SIGKILL)
            terminal.process.wait()
        os.close(terminal.master)


@pytest.fixture
def benchctl_on_terminal(on_terminal):
    """Start benchctl on a real pseudo-terminal."""

    def start(*args, env=None):
        return on_terminal([*BENCHCTL, *map(str, args)], env)

    return start


@pytest.fixture
def screen(tmp_path):
    made = Screen(tmp_path)
    yield made
    made.close()


@pytest.fixture
def chinese_screen(tmp_path):
    made = Screen(tmp_path, language="zh")
    yield made
    made.close()
