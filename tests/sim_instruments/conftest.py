"""A water bench with its twelve meters, and what a test does to its plant."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from benchctl.core.clock import VirtualClock, pause
from benchctl.simulation import find_bench, uuts_from_rows


@pytest.fixture(scope="session")
def water_bench():
    """The class of the bench; loaded once."""
    return find_bench("water_bench")


def valves(*on):
    """Open these relays of the valve module (from 1) and no others."""
    return lambda i: replace(i, valves=tuple(n + 1 in on for n in range(16)))


class Rig:
    """A bench that is not served: its plant at any instant."""

    def __init__(self, cls, seed=7, uuts=None):
        self.clock = VirtualClock()
        rows = cls.default_uuts(seed)
        self.bench = cls(self.clock, seed=seed, uuts=uuts or uuts_from_rows(rows))
        self.plant = self.bench.plant

    def open(self, t, *on):
        self.plant.change(t, valves(*on))

    def start(self, t, speed):
        """Start the pump at a speed in %."""
        for word in (0x047E, 0x047F):
            self.plant.drive(t, lambda d, w=word: d.commanded(w))
        self.refer(t, speed)

    def refer(self, t, speed):
        self.plant.drive(t, lambda d: d.referred(200.0 * speed))

    def poll(self, start, end):
        """Let the drive hear something every second."""
        t = start
        while t < end:
            self.plant.heard(t)
            t += 1.0

    def flow(self, t):
        """Flow in m³/h."""
        return 3.6 * self.plant.flow(t)


@pytest.fixture
def rig(water_bench):
    return Rig(water_bench)


@pytest.fixture
def make_rig(water_bench):
    return lambda **args: Rig(water_bench, **args)


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
