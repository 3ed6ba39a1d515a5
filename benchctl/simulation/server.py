"""A simulated bus: real bytes answered on a pty or a TCP port.

The wire's time is spent here, in bench time: the request travels, the device turns round, *then*
the plant is looked at, then the reply travels. The client is blocked meanwhile, so with a virtual
clock the instant of every reading is the same in every run.

A thread answers. Where the client is in this process and lives in virtual time, two threads that
wait for each other are nothing but cost, and a terminal adds the system's own: after `attend` a
client is met through a pair of connected sockets, and its own thread answers once it has written.
Only a reply that is to come late still needs a thread.

    class Echo(LineServer):
        def take(self, buffer): ...          # the first whole request, or None
        def respond(self, request, t): ...   # the reply, or None for silence

    with Echo(clock, PtyPort("echo"), Wire(baud=9600)) as server:
        serial.Serial(server.location)
"""

from __future__ import annotations

import os
import select
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import ClassVar, Self

from benchctl.core.clock import Clock, Deadline, monotonic, pause
from benchctl.core.ports import Connected
from benchctl.simulation.foreign import Foreign
from benchctl.simulation.ports import PairPort, Port
from benchctl.simulation.trouble import Spoilt, Trouble

DRIBBLE = 0.0005
"""Seconds of real time between two pieces of a reply that dribbles in."""
LOOK_EVERY = 0.005
"""Seconds of real time between two looks at whether a late reply is released."""
LARGE = 1 << 15
"""Bytes of a reply that may not fit into the wire while nobody reads."""

_Late = tuple[int, Spoilt]


@dataclass(frozen=True, slots=True)
class Wire:
    """How long an exchange takes: `baud` 0 for a network; `turnaround` of the device in s.

    `bits` per character: 10 for 8N1, 11 for 8E1.
    """

    baud: int = 0
    bits: int = 10
    turnaround: float = 0.001

    def time(self, size: int) -> float:
        """Return the seconds that `size` bytes are on the wire."""
        return size * self.bits / self.baud if self.baud else 0.0


class LineServer(ABC):
    """One physical bus with everything on it; `trouble` spoils its replies."""

    checksum_at: int = -1
    """Where the checksum stands in a reply, for the fault of that name."""
    foreign: Foreign | None = None
    """Makes a reply of another address; None where replies carry no address."""
    gap: ClassVar[float] = 0.25
    """Seconds of real silence after which an incomplete request is forgotten."""

    def __init__(self, clock: Clock, port: Port, wire: Wire) -> None:
        self._clock = clock
        self._port = port
        self._wire = wire
        self._thread: threading.Thread | None = None
        self._stop = (-1, -1)
        self._pairs: PairPort | None = None
        self._plugged = False
        self._served = threading.RLock()
        self._buffers: dict[int, bytearray] = {}
        self._heard_at = 0.0
        self.trouble = Trouble()

    own_thread: ClassVar[bool] = False
    """Whether an answer may wait for what its client does meanwhile: it needs a thread always."""

    @abstractmethod
    def take(self, buffer: bytearray) -> bytes | None:
        """Remove the first whole request from `buffer` and return it; None if there is none."""

    @abstractmethod
    def respond(self, request: bytes, t: float) -> bytes | None:
        """Return the reply at bench time `t`, None if the devices on this bus stay silent."""

    @property
    def location(self) -> str:
        """What a client opens: the path of a terminal, or host:port."""
        return self._port.location

    @property
    def plugged(self) -> bool:
        """Whether the bus is there."""
        return self._plugged

    def plug(self) -> None:
        """Let the bus appear, at the location it had before."""
        with self._served:
            if self._plugged:
                return
            self._port.open()
            self._plugged = True
            if self._pairs is None:
                self._start_thread()

    def unplug(self) -> None:
        """Let the bus disappear: open connections break, new ones are refused."""
        with self._served:
            self._end_thread()
            if self._plugged:
                self._plugged = False
                self._buffers.clear()
                self._port.close()

    def attend(self) -> bool:
        """Answer from now on in the thread of whoever has got a wire by `connect`, and writes.

        Returns whether that is so: a bus whose class wants its `own_thread` stays as it is.
        """
        if self.own_thread:
            return False
        with self._served:
            plugged = self._plugged
            self.unplug()
            self._port = self._pairs = PairPort(self._port)
            if plugged:
                self.plug()
        return True

    def connect(self) -> Connected:
        """Return the client's end of a new wire to this bus, which is attended.

        Raises:
            ConnectionRefusedError: it is not plugged in.
        """
        with self._served:
            assert self._pairs is not None
            self._end_thread()  # it knows nothing of the new client; what was late is lost
            fd, theirs = self._pairs.connect()
        return Connected(theirs, partial(self._heed, fd))

    def _heed(self, fd: int, n: int) -> None:
        """Take the `n` bytes that a client has just written, and answer what asks in them."""
        with self._served:
            if monotonic() - self._heard_at > self.gap:
                self._buffers.pop(fd, None)
            while n > 0 and self._plugged and self._thread is None:
                heard = self._hear(fd)
                n = n - heard if heard else 0

    def _start_thread(self, late: _Late | None = None) -> None:
        """Let a thread answer; it first sends what is late already."""
        self._stop = os.pipe()
        name = f"sim {self.location}"
        self._thread = threading.Thread(target=self._run, args=(late,), name=name, daemon=True)
        self._thread.start()

    def _end_thread(self) -> None:
        """End the thread, if there is one."""
        if self._thread is None:
            return
        os.write(self._stop[1], b"!")
        self._thread.join()
        self._thread = None
        for fd in self._stop:
            os.close(fd)

    def close(self) -> None:
        """End the bus and give its location up."""
        self.unplug()
        self._port.discard()

    def __enter__(self) -> Self:
        self.plug()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, late: _Late | None) -> None:
        if late is not None:
            self._send(*late)
            self._answer_whole(late[0])
        stop = self._stop[0]
        while True:
            patience = self.gap if any(self._buffers.values()) else None
            ready, _, _ = select.select([stop, *self._port.fds()], [], [], patience)
            if stop in ready:
                return
            if not ready:
                self._buffers.clear()
            for fd in ready:
                self._hear(fd)

    def _hear(self, fd: int) -> int:
        """Take what has come in and answer every request that is whole; return how much came."""
        data = self._port.receive(fd)
        if data is None:
            self._buffers.pop(fd, None)
            return 0
        self._heard_at = monotonic()
        self._buffers.setdefault(fd, bytearray()).extend(data)
        self._answer_whole(fd)
        return len(data)

    def _answer_whole(self, fd: int) -> None:
        """Answer every whole request of a client, up to one whose reply a thread is to send."""
        buffer = self._buffers.get(fd, bytearray())
        while (request := self.take(buffer)) is not None:
            spoilt = self._reply_to(request)
            if spoilt.reply is None:
                continue
            slow = spoilt.delay or spoilt.piece or len(spoilt.reply) > LARGE
            if self._thread is None and slow:
                self._start_thread((fd, spoilt))
                return
            self._send(fd, spoilt)

    def _reply_to(self, request: bytes) -> Spoilt:
        """Return what becomes of the reply, after the bench time that it takes."""
        self._clock.sleep(self._wire.time(len(request)) + self._wire.turnaround)
        reply = self.respond(request, self._clock.now())
        if reply is None:
            return Spoilt(None)
        spoilt = self.trouble.meet(reply, self.checksum_at, self.foreign)
        if spoilt.reply is not None:
            self._clock.sleep(self._wire.time(len(spoilt.reply)))
        return spoilt

    def _send(self, fd: int, spoilt: Spoilt) -> None:
        """Send a reply: at once, in small pieces, or held back as long as its fault says."""
        assert spoilt.reply is not None
        if spoilt.piece:
            for at in range(0, len(spoilt.reply), spoilt.piece):
                pause(DRIBBLE)
                self._port.send(fd, spoilt.reply[at : at + spoilt.piece])
            return
        if not spoilt.delay:
            self._port.send(fd, spoilt.reply)
            return
        self.trouble.hold()
        if self._held_back(spoilt.delay):
            self._port.send(fd, spoilt.reply)
        self.trouble.sent()

    def _held_back(self, seconds: float) -> bool:
        """Wait so long, or until the reply is released; return whether it is to be sent."""
        over = Deadline(seconds)
        while self.trouble.held and not over.over:
            if select.select([self._stop[0]], [], [], min(over.left, LOOK_EVERY))[0]:
                return False
        return True
