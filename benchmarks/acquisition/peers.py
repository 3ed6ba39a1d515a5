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


def answer_rtu(data: bytes) -> bytes:
    """Answer a Modbus RTU read of registers of any unit by zeros."""
    body = data[:2] + bytes([2 * data[5]]) + bytes(2 * data[5])
    return body + crc(body)


def crc(data: bytes) -> bytes:
    """Return the CRC of Modbus, low byte first."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")


ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "lines": answer_lines,
    "block": answer_block,
    "modbus": answer_modbus,
    "rtu": answer_rtu,
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


def _serve_crowd(answer: Callable[[bytes], bytes], delay: float, ports: int) -> None:
    """Serve many instruments from one thread; each answers `delay` s after it was asked."""
    import ctypes
    import heapq
    import select
    import time

    ctypes.CDLL(None).prctl(29, ctypes.c_ulong(1000), 0, 0, 0)  # wake within 1 µs
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(ports)]
    print(*(listener.getsockname()[1] for listener in listeners), flush=True)
    peers = {listener.accept()[0] for listener in listeners}
    for peer in peers:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    due: list[tuple[float, int, socket.socket, bytes]] = []
    asked = 0
    while peers:
        left = max(0.0, due[0][0] - time.perf_counter()) if due else None
        for peer in select.select(list(peers), [], [], left)[0]:
            data = peer.recv(65536)
            if not data:
                peers.discard(peer)
                continue
            asked += 1
            heapq.heappush(due, (time.perf_counter() + delay, asked, peer, answer(data)))
        while due and due[0][0] <= time.perf_counter():
            _, _, peer, reply = heapq.heappop(due)
            if peer in peers:
                peer.sendall(reply)


TURNAROUND = 0.002
"""Seconds in which an instrument on a paced line begins to answer."""
CHAR_BITS = 10


def _serve_line(answer: Callable[[bytes], bytes], baud: int) -> None:
    """Serve a terminal on which every character takes its time; an answer comes in one piece."""
    import ctypes
    import select
    import time

    ctypes.CDLL(None).prctl(29, ctypes.c_ulong(1000), 0, 0, 0)  # wake within 1 µs
    master, slave = pty.openpty()
    tty.setraw(slave)
    print(os.ttyname(slave), flush=True)
    kept: dict[bytes, bytes] = {}
    while data := os.read(master, 4096):
        began = time.perf_counter()
        if data not in kept:
            kept[data] = answer(data)
        reply = kept[data]
        due = began + (len(data) + len(reply)) * CHAR_BITS / baud + TURNAROUND
        while (left := due - time.perf_counter()) > 0:
            select.select([], [], [], left)
        os.write(master, reply)


def _serve_pty(answer: Callable[[bytes], bytes]) -> None:
    master, slave = pty.openpty()
    tty.setraw(slave)
    print(os.ttyname(slave), flush=True)
    while data := os.read(master, 4096):
        os.write(master, answer(data))


@contextmanager
def served(
    kind: str, *, medium: str = "tcp", delay: float = 0.0, cpu: int | None = None, many: int = 1
) -> Iterator[str]:
    """Serve in a process of its own; give the port, or the path of the terminal.

    The medium "crowd" gives `many` ports with a blank between them; "line" is a terminal on which
    characters take their time, `many` bits a second.
    """
    argv = [sys.executable, __file__, kind, medium, str(delay), str(many)]
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
    kind, medium, delay, many = sys.argv[1:]
    if medium == "crowd":
        _serve_crowd(ANSWERS[kind], float(delay), int(many))
    elif medium == "line":
        _serve_line(ANSWERS[kind], int(many))
    elif medium == "pty":
        _serve_pty(ANSWERS[kind])
    else:
        _serve_tcp(ANSWERS[kind], float(delay), 10_000)
