"""What can be wrong with the replies of one bus.

It is switched on and off while the server runs, from any thread.

    server.trouble.set("late", delay=1.5, count=1)       # the next reply comes after 1.5 s
    server.trouble.set("")                               # all is well again
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b


class Fault(StrEnum):
    """What happens to a reply."""

    NONE = ""
    """It arrives."""
    SILENT = "silent"
    """It never arrives."""
    GARBAGE = "garbage"
    """Other bytes arrive, as many."""
    LATE = "late"
    """It arrives `delay` seconds of real time later, when the deadline of a client is over."""
    TRUNCATED = "truncated"
    """Its second half is missing."""
    CHECKSUM = "checksum"
    """One byte of its checksum is wrong."""


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A reply as it leaves: None where nothing does; `delay` in s of real time."""

    reply: bytes | None
    delay: float = 0.0


class Trouble:
    """The fault of one bus; set from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fault = Fault.NONE
        self._left: int | None = None
        self._delay = 0.0

    @property
    def fault(self) -> Fault:
        """The fault that the next reply will meet."""
        return self._fault

    def set(self, fault: Fault | str, *, count: int | None = None, delay: float = 1.5) -> None:
        """Spoil the next `count` replies (default: all from now on).

        Raises:
            ValueError: there is no such fault.
        """
        with self._lock:
            self._fault, self._left, self._delay = Fault(fault), count, delay

    def meet(self, reply: bytes, checksum_at: int) -> Spoilt:
        """Return what becomes of a reply whose checksum has its last byte at `checksum_at`."""
        with self._lock:
            fault = self._fault
            if self._left is not None:
                self._left -= 1
                if self._left <= 0:
                    self._fault, self._left = Fault.NONE, None
            delay = self._delay
        match fault:
            case Fault.SILENT:
                return Spoilt(None)
            case Fault.GARBAGE:
                return Spoilt(_garbage(reply))
            case Fault.LATE:
                return Spoilt(reply, delay)
            case Fault.TRUNCATED:
                return Spoilt(reply[: len(reply) // 2] or None)
            case Fault.CHECKSUM:
                spoilt = bytearray(reply)
                spoilt[checksum_at] ^= 0x55
                return Spoilt(bytes(spoilt))
        return Spoilt(reply)


def _garbage(reply: bytes) -> bytes:
    """Return as many other bytes, the same for the same reply."""
    stream = b""
    while len(stream) < len(reply):
        stream += blake2b(reply + len(stream).to_bytes(4, "big")).digest()
    return stream[: len(reply)]
