"""What can happen to an instrument's replies on the wire, as a port that does it to them.

spoiler = Spoiler(PtyPort())            # between the wire and a simulated instrument
spoiler.arm(Plan(Fault.LATE, at=0), random.Random(7))
...                                     # the next reply comes when nobody waits any more
spoiler.disarm()
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from benchctl.core.clock import pause
from benchctl.simulation.foreign import Foreign
from benchctl.simulation.ports import Port


class Fault(StrEnum):
    """What happens to a reply, or to the wire."""

    LATE = "late"
    """It comes 1.1 to 2.8 deadlines after the question."""
    TWICE = "duplicated"
    """It comes twice in one piece."""
    TRUNCATED = "truncated"
    """Its end is missing."""
    DRIBBLED = "dribbled"
    """It comes byte by byte or in small pieces, within the deadline."""
    FOREIGN = "foreign"
    """A sound reply of another address comes instead of it, or before it."""
    CHANGED = "bad checksum"
    """One byte of it is another one, anywhere in it."""
    GARBAGE = "garbage"
    """Other bytes come, with or without an end of line."""
    SILENT = "silent"
    """Nothing comes."""
    UNPLUGGED = "unplugged"
    """The wire is gone: before the question, or in the middle of the reply; then it is back."""
    ECHO = "echo"
    """The question comes back before the reply."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which replies meet a fault: the one at `at`, and all later ones where it `lasts`."""

    fault: Fault
    at: int = 0
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that leave `after` s of real time; None hangs up."""

    data: bytes | None
    after: float = 0.0


class Spoiler:
    """A port that does to what is sent over it what its plan says."""

    def __init__(self, port: Port, timeout: float) -> None:
        self._inner = port
        self._timeout = timeout
        self.foreign: Foreign | None = None
        """Makes a reply of another address, where replies have one."""
        self._heard = b""
        self._plan: Plan | None = None
        self._random = Random(0)
        self.there = threading.Event()
        """Set but for the moment in which the wire is gone."""
        self.there.set()
        self.replies = 0
        """How many replies were sent since it was armed or disarmed."""
        self.met: list[tuple[bytes, bytes]] = []
        """Replies that met the fault since it was armed, and the bytes that left in their place."""

    def arm(self, plan: Plan, random: Random) -> None:
        """Carry out a plan from the next reply on."""
        self.disarm()
        self.met = []
        self._random = random
        self._plan = plan

    def disarm(self) -> None:
        """Send all replies as they are."""
        self._plan = None
        self.replies = 0

    @property
    def location(self) -> str:
        """What a client opens."""
        return self._inner.location

    @property
    def baud(self) -> int:
        """The rate that a client has set the line to."""
        return self._inner.baud

    def open(self) -> None:
        """Plug it in."""
        self._inner.open()

    def close(self) -> None:
        """Unplug it."""
        self._inner.close()

    def discard(self) -> None:
        """Give the address up."""
        self._inner.discard()

    def fds(self) -> list[int]:
        """Return the file descriptors to wait on."""
        return self._inner.fds()

    def receive(self, fd: int) -> bytes | None:
        """Return what has arrived, and keep it for an echo."""
        data = self._inner.receive(fd)
        self._heard = data or self._heard
        return data

    def send(self, fd: int, data: bytes) -> None:
        """Send a reply, or what becomes of it."""
        plan, number = self._plan, self.replies
        self.replies += 1
        if plan is None or number < plan.at or (number > plan.at and not plan.lasts):
            self._send(fd, data)
            return
        pieces = self._pieces(plan.fault, data)
        if pieces is None:
            self._send(fd, data)
            return
        self.met.append((data, b"".join(piece.data or b"" for piece in pieces)))
        for piece in pieces:
            pause(piece.after)
            if piece.data is None:
                self.there.clear()
                self._inner.close()
                self._inner.open()
                self.there.set()
            else:
                self._send(fd, piece.data)

    def _send(self, fd: int, data: bytes) -> None:
        if fd in self._inner.fds():  # who was hung up on hears nothing more
            with contextlib.suppress(OSError):
                self._inner.send(fd, data)

    def _pieces(self, fault: Fault, reply: bytes) -> list[Piece] | None:
        """Return what leaves in place of a reply; None where the fault cannot happen to it."""
        random = self._random
        match fault:
            case Fault.LATE:
                return [Piece(reply, self._timeout * random.uniform(1.1, 2.8))]
            case Fault.TWICE:
                return [Piece(reply + reply)]
            case Fault.TRUNCATED:
                return [Piece(reply[: random.randrange(len(reply))])]
            case Fault.DRIBBLED:
                return self._dribbled(reply)
            case Fault.FOREIGN:
                other = self.foreign(reply) if self.foreign is not None else None
                if other is None:
                    return None
                return [Piece(other), Piece(reply)][: random.choice((1, 2))]
            case Fault.CHANGED:
                at = random.randrange(len(reply))
                changed = bytes([reply[at] ^ random.randrange(1, 256)])
                return [Piece(reply[:at] + changed + reply[at + 1 :])]
            case Fault.GARBAGE:
                return [Piece(_garbage(reply, random))]
            case Fault.SILENT:
                return [Piece(b"")]
            case Fault.UNPLUGGED:
                return [Piece(reply[: random.randrange(len(reply))]), Piece(None, 0.001)]
            case Fault.ECHO:
                return [Piece(self._heard + reply)]

    def _dribbled(self, reply: bytes) -> list[Piece]:
        """Return small pieces that are all there after a third of the deadline."""
        size = max(self._random.choice((1, 2, 3, 7)), len(reply) // 40 + 1)
        pieces = [reply[at : at + size] for at in range(0, len(reply), size)]
        wait = min(0.002, self._timeout / 3 / len(pieces))
        return [Piece(piece, wait) for piece in pieces]


def _garbage(reply: bytes, random: Random) -> bytes:
    """Return other bytes, one of them no character, with the same end of line or without."""
    body = reply.rstrip(b"\r\n")
    other = bytearray(random.randbytes(max(1, len(body))))
    other[random.randrange(len(other))] = random.randrange(0x80, 0xA0)
    return bytes(other) + random.choice((reply[len(body) :], b""))
