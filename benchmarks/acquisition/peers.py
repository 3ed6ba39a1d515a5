"""Servers that the acquisition benchmarks read: as cheap as Python makes them, in a process apart.

    with served("lines") as location: ...        # b"...\\n" is answered by b"+1.23456789E+00\\n"

They answer fixed bytes, so that what is measured is the client.
"""

from __future__ import annotations

import os
import pty
import socket
import subprocess
import sys
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

REPLY = b"+1.23456789E+00\n"
FLOATS = 100_000


def answer_lines(data: bytes) -> bytes:
    """Answer every query of a message, joined by ";" as instruments do."""
    return b";".join([REPLY[:-1]] * data.count(b"?")) + b"\n" if b"?" in data else b""


def answer_block(data: bytes) -> bytes:
    """Answer a definite-length block of float32."""
    del data
    return BLOCK


BLOCK = b"#6400000" + bytes(4 * FLOATS) + b"\n"


def answer_modbus(data: bytes) -> bytes:
    """Answer a Modbus TCP read of registers by zeros."""
    count = int.from_bytes(data[10:12], "big")
    body = data[6:8] + bytes([2 * count]) + bytes(2 * count)
    return data[:4] + len(body).to_bytes(2, "big") + body


ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "lines": answer_lines,
    "block": answer_block,
    "modbus": answer_modbus,
}


def _serve_tcp(answer: Callable[[bytes], bytes], delay: float, many: int) -> None:
    import threading

    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)

    def talk(peer: socket.socket) -> None:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := peer.recv(65536):
            if delay:
                threading.Event().wait(delay)
            if reply := answer(data):
                peer.sendall(reply)

    for _ in range(many):
        peer, _address = listener.accept()
        threading.Thread(target=talk, args=(peer,), daemon=True).start()
    threading.Event().wait()


def _serve_pty(answer: Callable[[bytes], bytes]) -> None:
    master, slave = pty.openpty()
    tty.setraw(slave)
    print(os.ttyname(slave), flush=True)
    while data := os.read(master, 4096):
        os.write(master, answer(data))


@contextmanager
def served(
    kind: str, *, medium: str = "tcp", delay: float = 0.0, cpu: int | None = None
) -> Iterator[str]:
    """Serve in a process of its own; give the port, or the path of the terminal."""
    argv = [sys.executable, __file__, kind, medium, str(delay)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    try:
        if cpu is not None:
            os.sched_setaffinity(process.pid, {cpu})
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    kind, medium, delay = sys.argv[1:]
    if medium == "pty":
        _serve_pty(ANSWERS[kind])
    else:
        _serve_tcp(ANSWERS[kind], float(delay), 10_000)
