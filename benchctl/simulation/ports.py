"""Where a simulated bus is met: a pseudo terminal, a loopback TCP port, or in this process.

The first two keep their address while they are unplugged: a pty stands behind a symbolic link that
goes and comes back, a TCP port is bound again under its number.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pty
import shutil
import socket
import tempfile
import termios
import tty
from pathlib import Path
from typing import Protocol

RATES = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)


class Port(Protocol):
    """One end of a wire, used by one server thread."""

    @property
    def location(self) -> str:
        """What a client opens."""
        ...

    @property
    def baud(self) -> int:
        """The rate that a client has set the line to; 0 where there is none."""
        ...

    def open(self) -> None:
        """Plug it in, at the address it had before if there was one."""
        ...

    def close(self) -> None:
        """Unplug it: clients see the wire go away."""
        ...

    def discard(self) -> None:
        """Give the address up."""
        ...

    def fds(self) -> list[int]:
        """Return the file descriptors to wait on."""
        ...

    def receive(self, fd: int) -> bytes | None:
        """Return what has arrived, nothing for a new client, None when a client has gone."""
        ...

    def send(self, fd: int, data: bytes) -> None:
        """Send to the client behind `fd`; what nobody takes is lost, as on a wire."""
        ...


class PairPort:
    """Pairs of connected sockets to clients in this process, in place of another port.

    What a client writes is there when its `write` returns: no thread of the system carries it, as
    those behind terminals do.
    """

    def __init__(self, instead_of: Port) -> None:
        self._instead_of = instead_of
        self._clients: dict[int, socket.socket] | None = None

    @property
    def location(self) -> str:
        """Where the port was met that this one stands for."""
        return self._instead_of.location

    @property
    def baud(self) -> int:
        """0: bytes pass at any rate."""
        return 0

    def open(self) -> None:
        """Take clients from now on."""
        self._clients = {}

    def connect(self) -> tuple[int, socket.socket]:
        """Return our end, as `fds` and `receive` call it, and the client's.

        Raises:
            ConnectionRefusedError: it is not open.
        """
        if self._clients is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
        ours, theirs = socket.socketpair()
        self._clients[ours.fileno()] = ours
        return ours.fileno(), theirs

    def close(self) -> None:
        """Hang up on every client and refuse new ones."""
        for client in self.clients.values():
            client.close()
        self._clients = None

    def discard(self) -> None:
        """Give the address up."""
        self._instead_of.discard()

    @property
    def clients(self) -> dict[int, socket.socket]:
        """Our ends by their file descriptors."""
        return self._clients or {}

    def fds(self) -> list[int]:
        """Return our ends."""
        return list(self.clients)

    def receive(self, fd: int) -> bytes | None:
        """Return what a client sent; let go of one that has left."""
        client = self.clients.get(fd)
        data = client.recv(4096) if client is not None else b""
        if data or client is None:
            return data or None
        self.clients.pop(fd).close()
        return None

    def send(self, fd: int, data: bytes) -> None:
        """Send to a client; one that has left is noticed by `receive`."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.clients[fd].sendall(data)


class PtyPort:
    """A serial line: a raw pseudo terminal; its slave stays open, so closing clients do no harm."""

    def __init__(self, name: str = "line") -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="benchctl-sim-"))
        self._link = self._folder / name
        self._master = -1
        self._slave = -1

    @property
    def location(self) -> str:
        """The path of the terminal."""
        return str(self._link)

    @property
    def baud(self) -> int:
        """The rate that a client has set the terminal to; it carries bytes at any."""
        speed = termios.tcgetattr(self._slave)[5] if self._slave >= 0 else None
        return next((rate for rate in RATES if getattr(termios, f"B{rate}") == speed), 0)

    def open(self) -> None:
        """Make a terminal and let the path point to it."""
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._link.symlink_to(os.ttyname(self._slave))

    def close(self) -> None:
        """Take the terminal away: reads of a client end with EIO, the path is gone."""
        self._link.unlink(missing_ok=True)
        for fd in (self._master, self._slave):
            if fd >= 0:
                os.close(fd)
        self._master = self._slave = -1

    def discard(self) -> None:
        """Remove the path's folder."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def fds(self) -> list[int]:
        """Return the master side."""
        return [self._master]

    def receive(self, fd: int) -> bytes | None:
        """Return what a client wrote."""
        return os.read(fd, 4096)

    def send(self, fd: int, data: bytes) -> None:
        """Write to the line; when its buffer is full nobody listens, and the bytes are lost."""
        with contextlib.suppress(BlockingIOError):
            os.write(fd, data)


class TcpPort:
    """A listening loopback port with any number of clients."""

    def __init__(self, port: int = 0) -> None:
        self._address = ("127.0.0.1", port)
        self._listener: socket.socket | None = None
        self._clients: dict[int, socket.socket] = {}

    @property
    def location(self) -> str:
        """Host and port, "127.0.0.1:40123"."""
        return f"{self._address[0]}:{self._address[1]}"

    @property
    def baud(self) -> int:
        """0: a network has no rate."""
        return 0

    @property
    def number(self) -> int:
        """The port's number; 0 before it was opened."""
        return self._address[1]

    def open(self) -> None:
        """Listen; a free port is chosen the first time and kept."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(self._address)
        listener.listen()
        self._address = listener.getsockname()
        self._listener = listener

    def close(self) -> None:
        """Hang up on every client and refuse new ones."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def discard(self) -> None:
        """Do nothing: the system frees the port."""

    def fds(self) -> list[int]:
        """Return the listener and the clients."""
        listening = [] if self._listener is None else [self._listener.fileno()]
        return [*listening, *self._clients]

    def receive(self, fd: int) -> bytes | None:
        """Return what a client sent; take a new client; let go of one that has left."""
        if self._listener is not None and fd == self._listener.fileno():
            client, _ = self._listener.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._clients[client.fileno()] = client
            return b""
        try:
            data = self._clients[fd].recv(4096)
        except ConnectionResetError:
            data = b""
        if data:
            return data
        self._clients.pop(fd).close()
        return None

    def send(self, fd: int, data: bytes) -> None:
        """Send to a client; one that has left is noticed by `receive`."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._clients[fd].sendall(data)
