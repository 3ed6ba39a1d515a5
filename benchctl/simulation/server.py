"""A simulated bus: one thread that answers real bytes on a pty or a TCP port.

The wire's time is spent here, in bench time: the request travels, the device turns round, *then*
the plant is looked at, then the reply travels. The client is blocked meanwhile, so with a virtual
clock the instant of every reading is the same in every run.

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
from types import TracebackType
from typing import ClassVar, Self

from benchctl.core.clock import Clock, Deadline, pause
from benchctl.simulation.foreign import Foreign
from benchctl.simulation.ports import Port
from benchctl.simulation.trouble import Trouble

DRIBBLE = 0.0005
"""Seconds of real time between two pieces of a reply that dribbles in."""
LOOK_EVERY = 0.005
"""Seconds of real time between two looks at whether a late reply is released."""


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
        self.trouble = Trouble()

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
        return self._thread is not None

    def plug(self) -> None:
        """Let the bus appear, at the location it had before."""
        if self._thread is not None:
            return
        self._port.open()
        self._stop = os.pipe()
        self._thread = threading.Thread(target=self._run, name=f"sim {self.location}", daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        """Let the bus disappear: open connections break, new ones are refused."""
        if self._thread is None:
            return
        os.write(self._stop[1], b"!")
        self._thread.join()
        self._thread = None
        for fd in self._stop:
            os.close(fd)
        self._port.close()

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

    def _run(self) -> None:
        buffers: dict[int, bytearray] = {}
        stop = self._stop[0]
        while True:
            patience = self.gap if any(buffers.values()) else None
            ready, _, _ = select.select([stop, *self._port.fds()], [], [], patience)
            if stop in ready:
                return
            if not ready:
                buffers.clear()
            for fd in ready:
                data = self._port.receive(fd)
                if data is None:
                    buffers.pop(fd, None)
                    continue
                buffer = buffers.setdefault(fd, bytearray())
                buffer += data
                while (request := self.take(buffer)) is not None:
                    self._exchange(fd, request)

    def _exchange(self, fd: int, request: bytes) -> None:
        self._clock.sleep(self._wire.time(len(request)) + self._wire.turnaround)
        reply = self.respond(request, self._clock.now())
        if reply is None:
            return
        spoilt = self.trouble.meet(reply, self.checksum_at, self.foreign)
        if spoilt.reply is None:
            return
        self._clock.sleep(self._wire.time(len(spoilt.reply)))
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
