"""What a simulated instrument answers, recorded and answered again as cheaply as Python can.

    tape = recorded("mbus_meter", ("volume",))        # by reading the simulated instrument
    with replayed(tape) as location: ...              # in a process apart, on a terminal or port

So every protocol is measured against the same bytes, and the instrument costs next to nothing.
"""

from __future__ import annotations

import json
import os
import pty
import socket
import subprocess
import sys
import tempfile
import tty
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

READS = 130
"""Readings that are recorded: all combinations of a protocol's counters come."""


@dataclass(slots=True)
class Tape:
    """Requests with their replies, and the exchanges of one reading; `read` makes a reading."""

    driver: Any
    name: str
    at: str
    medium: str
    channels: tuple[str, ...]
    pairs: dict[bytes, bytes] = field(default_factory=dict)
    once: list[tuple[bytes, bytes]] = field(default_factory=list)


class Recorder:
    """A port that keeps what is asked and answered over it."""

    def __init__(self, port: Any) -> None:
        self._port = port
        self._asked = b""
        self.heard: list[tuple[bytes, bytes]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def receive(self, fd: int) -> bytes | None:
        """Return what has arrived, and keep it."""
        data: bytes | None = self._port.receive(fd)
        self._asked += data or b""
        return data

    def send(self, fd: int, data: bytes) -> None:
        """Send a reply, and keep it."""
        self.heard.append((self._asked, data))
        self._asked = b""
        self._port.send(fd, data)


def recorded(name: str, channels: tuple[str, ...]) -> Tape:
    """Read a simulated instrument and return what went over the wire."""
    from benchctl.core.clock import VirtualClock
    from benchctl.core.places import bundled
    from benchctl.core.ports import NullSink
    from benchctl.drivers import Shelf
    from benchctl.links import LinkFactory
    from benchctl.simulation import ServedInstrument
    from benchctl.workshop import subject_of

    subject = subject_of(name, Shelf([bundled("drivers")]))
    assert subject.driver is not None
    assert subject.simulator is not None
    clock = VirtualClock()
    kept: list[Recorder] = []

    def through(port: Any) -> Any:
        kept.append(Recorder(port))
        return kept[0]

    with ServedInstrument(subject.simulator(), clock, through) as served:
        factory = LinkFactory(clock, NullSink())
        link, options = factory.open(served.address, name)
        instrument = subject.driver(link, options, name=name)
        instrument.connect()
        read = instrument.reader(*channels)
        for _ in range(READS):
            read()
        before = len(kept[0].heard)
        read()
        factory.close()
        medium = "pty" if "/" in served.server.location else "tcp"
        at = served.instrument.at
    heard = kept[0].heard
    return Tape(subject.driver, name, at, medium, channels, dict(heard), heard[before:])


@contextmanager
def replayed(tape: Tape, *, cpu: int | None = None) -> Iterator[str]:
    """Answer from a tape in a process of its own; give the path of a terminal, or host:port."""
    pairs = {asked.hex(): told.hex() for asked, told in tape.pairs.items()}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tape.json"
        file.write_text(json.dumps(pairs), encoding="utf-8")
        argv = [sys.executable, __file__, str(file), tape.medium]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
            try:
                if cpu is not None:
                    os.sched_setaffinity(process.pid, {cpu})
                assert process.stdout is not None
                yield process.stdout.readline().strip()
            finally:
                process.kill()


def _answer(pairs: Mapping[bytes, bytes]) -> Callable[[bytes], bytes]:
    longest = max(map(len, pairs))
    sizes = [len(asked) for asked in pairs]
    alone = {len(a): told for a, told in pairs.items() if sizes.count(len(a)) == 1}
    held = b""

    def answer(data: bytes) -> bytes:
        nonlocal held
        held += data
        reply = pairs.get(held) or alone.get(len(held))  # an AARQ holds random bytes
        if reply is None:
            held = b"" if len(held) > longest else held
            return b""
        held = b""
        return reply

    return answer


def _serve(answer: Callable[[bytes], bytes], medium: str) -> None:
    if medium == "pty":
        master, slave = pty.openpty()
        tty.setraw(slave)
        print(os.ttyname(slave), flush=True)
        while data := os.read(master, 4096):
            os.write(master, answer(data))
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"127.0.0.1:{listener.getsockname()[1]}", flush=True)
    while True:
        peer, _address = listener.accept()
        if os.fork() == 0:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while data := peer.recv(65536):
                if reply := answer(data):
                    peer.sendall(reply)
            os._exit(0)
        peer.close()


if __name__ == "__main__":
    texts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    tape_of = {bytes.fromhex(asked): bytes.fromhex(told) for asked, told in texts.items()}
    _serve(_answer(tape_of), sys.argv[2])
