"""Peers for tests: real servers on sockets and ptys that answer as a script says.

`answer(message)` yields what the peer does: bytes are sent, a number is a pause in s, `HANG_UP`
closes the connection.
"""

from __future__ import annotations

import os
import pty
import select
import socket
import threading
import tty
from collections.abc import Callable, Iterable
from pathlib import Path

from benchctl.core.clock import pause

HANG_UP = object()
Answer = Callable[[bytes], Iterable[object]]
Split = Callable[[bytes], tuple[list[bytes], bytes]]


def chunks(data: bytes) -> tuple[list[bytes], bytes]:
    return [data], b""


def lines(data: bytes, end: bytes = b"\n") -> tuple[list[bytes], bytes]:
    *done, rest = data.split(end)
    return [line + end for line in done], rest


def rtu_frames(data: bytes) -> tuple[list[bytes], bytes]:
    frames = []
    while len(data) >= 8:
        size = 9 + data[6] if data[1] in (15, 16) else 8
        if len(data) < size:
            break
        frames.append(data[:size])
        data = data[size:]
    return frames, data


def tcp_frames(data: bytes) -> tuple[list[bytes], bytes]:
    frames = []
    while len(data) >= 6 and len(data) >= (size := 6 + int.from_bytes(data[4:6], "big")):
        frames.append(data[:size])
        data = data[size:]
    return frames, data


class Peer:
    """A thread that answers on file descriptors; `received` are the messages so far."""

    def __init__(self, answer: Answer, split: Split = chunks) -> None:
        self.answer = answer
        self.split = split
        self.received: list[bytes] = []
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._buffers: dict[int, bytes] = {}

    def start(self) -> None:
        self._thread.start()

    def fds(self) -> list[int]:
        return []

    def accepts(self, fd: int) -> bool:
        return False

    def hang_up(self, fd: int) -> None:
        os.close(fd)

    def _run(self) -> None:
        while True:
            ready, _, _ = select.select([*self.fds(), self._stop_read], [], [])
            if self._stop_read in ready and os.read(self._stop_read, 1) == b"x":
                return
            for fd in ready:
                if fd != self._stop_read and not self.accepts(fd):
                    self._serve(fd)

    def _serve(self, fd: int) -> None:
        try:
            data = os.read(fd, 65536)
        except OSError:
            data = b""
        if not data:
            self.hang_up(fd)
            return
        messages, self._buffers[fd] = self.split(self._buffers.get(fd, b"") + data)
        for message in messages:
            self.received.append(message)
            for step in self.answer(message):
                if step is HANG_UP:
                    self.hang_up(fd)
                    return
                if isinstance(step, bytes):
                    os.write(fd, step)
                else:
                    pause(float(step))

    def look(self) -> None:
        """Let the thread look at its file descriptors anew."""
        os.write(self._stop_write, b"l")

    def close(self) -> None:
        os.write(self._stop_write, b"x")
        self._thread.join(5)
        for fd in (self._stop_read, self._stop_write):
            os.close(fd)


class TcpPeer(Peer):
    def __init__(self, answer: Answer, split: Split = chunks, port: int = 0) -> None:
        super().__init__(answer, split)
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._connections: dict[int, socket.socket] = {}
        self.accepted = 0
        self.start()

    def fds(self) -> list[int]:
        return [self._listener.fileno(), *self._connections]

    def accepts(self, fd: int) -> bool:
        if fd != self._listener.fileno():
            return False
        connection, _ = self._listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections[connection.fileno()] = connection
        self.accepted += 1
        return True

    def hang_up(self, fd: int) -> None:
        self._connections.pop(fd).close()

    def send(self, data: bytes) -> None:
        for connection in self._connections.values():
            connection.sendall(data)

    def close(self) -> None:
        super().close()
        for connection in self._connections.values():
            connection.close()
        self._listener.close()


class PtyPeer(Peer):
    """A serial line; `path` is a link to it that survives `unplug` and `plug`."""

    def __init__(self, answer: Answer, split: Split, path: Path) -> None:
        super().__init__(answer, split)
        self.path = path
        self._master = -1
        self.plug()
        self.start()

    def plug(self) -> None:
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(slave))
        self._slave = slave
        self.look()

    def unplug(self) -> None:
        self.path.unlink()
        self.hang_up(self._master)

    def fds(self) -> list[int]:
        return [self._master] if self._master >= 0 else []

    def hang_up(self, fd: int) -> None:
        master, self._master = self._master, -1
        if master >= 0:
            os.close(self._slave)
            os.close(master)

    def send(self, data: bytes) -> None:
        os.write(self._master, data)

    def close(self) -> None:
        super().close()
        self.hang_up(self._master)
