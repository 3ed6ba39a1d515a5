"""A lab's folder, a bench in a process of its own, and a watch on threads and files."""

import threading
from pathlib import Path

import pytest
from bench_process import ServedBench
from lab_folder import LabFolder

from benchctl.core.clock import pause


@pytest.fixture
def lab(tmp_path):
    """A lab's folder in which nothing is written yet."""
    folder = tmp_path / "lab"
    folder.mkdir()
    return LabFolder(folder)


@pytest.fixture
def bench(lab):
    """The lab's bench in a process of its own."""
    lab.write()
    served = ServedBench(lab.path)
    yield served
    served.close()


def census():
    """Return the names of all threads and the number of open file descriptors."""
    return {t.name for t in threading.enumerate()}, len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def nothing_left_behind():
    """Fail if a test leaves a thread or a file descriptor."""
    threads, fds = census()
    yield
    for _ in range(50):
        now_threads, now_fds = census()
        if now_threads <= threads and now_fds <= fds:
            return
        pause(0.02)
    assert now_threads - threads == set()
    assert now_fds <= fds
