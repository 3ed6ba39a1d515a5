"""A client made of bytes only, and a watch on threads and file descriptors."""

import os
import select
import socket
import termios
import threading
import tty
from pathlib import Path

import pytest

from benchctl.core.clock import monotonic, pause


class Wire:
    """Raw bytes to a pty path or host:port; replies are gathered until the line is silent."""

    def __init__(self, location):
        self.socket = None
        if location.startswith("/"):
            self.fd = os.open(location, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self.fd)
        else:
            host, _, port = location.rpartition(":")
            self.socket = socket.create_connection((host, int(port)), 2.0)
            self.fd = self.socket.fileno()

    def send(self, data):
        os.write(self.fd, data)

    def receive(self, size=1, timeout=1.0):
        """Return at least `size` bytes, or what came within `timeout`."""
        data, until = b"", monotonic() + timeout
        while len(data) < size:
            left = until - monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                break
            chunk = os.read(self.fd, 4096)
            if not chunk:
                break
            data += chunk
        return data

    def ask(self, data, size=1, timeout=1.0):
        self.send(data)
        return self.receive(size, timeout)

    def flush(self):
        if self.socket is None:
            termios.tcflush(self.fd, termios.TCIFLUSH)

    def close(self):
        if self.socket is not None:
            self.socket.close()
        else:
            os.close(self.fd)


@pytest.fixture
def wire(nothing_left_behind):
    """Open wires by location; they are closed at the end."""
    opened = []

    def open_(location):
        opened.append(Wire(location))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


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
