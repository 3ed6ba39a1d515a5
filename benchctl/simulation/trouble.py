"""What can be wrong with the replies of one bus.

It is switched on and off while the server runs, from any thread.

    server.trouble.set("late", delay=1.5, count=1)       # the next reply comes after 1.5 s
    server.trouble.set("")                               # all is well again

A late reply can also be held back until a client has given up, whatever the machine's speed:

    server.trouble.set("late", delay=60.0)
    ...                                                  # the client's deadline passes
    server.trouble.release()                             # now it arrives; returns when it has
"""

from __future__ import annotations

import threading
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

from benchctl.simulation.foreign import Foreign

PIECES = 40
"""Into how many pieces a reply falls that dribbles in, at most."""


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
    GARBLED = "garbled"
    """Other letters and figures arrive; the end of a line is as it should be."""
    TWICE = "twice"
    """It arrives, and then once more."""
    DRIBBLED = "dribbled"
    """It arrives in small pieces."""
    FOREIGN = "foreign"
    """A sound reply of another address arrives in its place, where replies have addresses."""
    STRAY = "stray"
    """A sound reply of another address arrives before it, where replies have addresses."""


class Spoilt(NamedTuple):
    """A reply as it leaves: None where nothing does; `delay` in s of real time.

    With `piece` it leaves in pieces of so many bytes.
    """

    reply: bytes | None
    delay: float = 0.0
    piece: int = 0


class Trouble:
    """The fault of one bus; set from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = threading.Condition(self._lock)
        self._holds = False
        self._late = False
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

    def meet(self, reply: bytes, checksum_at: int, foreign: Foreign | None = None) -> Spoilt:
        """Return what becomes of a reply whose checksum has its last byte at `checksum_at`.

        `foreign` makes a reply of another address, where replies have addresses.
        """
        if self.fault is Fault.NONE:
            return Spoilt(reply)
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
            case Fault.GARBLED:
                return Spoilt(_garbled(reply))
            case Fault.TWICE:
                return Spoilt(reply + reply)
            case Fault.DRIBBLED:
                return Spoilt(reply, piece=1 + len(reply) // PIECES)
            case Fault.FOREIGN | Fault.STRAY:
                other = None if foreign is None else foreign(reply)
                if other is not None:
                    return Spoilt(other if fault is Fault.FOREIGN else other + reply)
            case Fault.CHECKSUM:
                spoilt = bytearray(reply)
                spoilt[max(checksum_at, -len(reply))] ^= 0x55
                return Spoilt(bytes(spoilt))
        return Spoilt(reply)

    def hold(self) -> None:
        """Hold a late reply back from now on; for the server, which asks `held`."""
        with self._held:
            self._holds = True
            self._late = True
            self._held.notify_all()

    @property
    def held(self) -> bool:
        """Whether the late reply is still to be held back."""
        return self._holds

    def sent(self) -> None:
        """Tell that the late reply has left, or will not; for the server."""
        with self._held:
            self._holds = False
            self._late = False
            self._held.notify_all()

    def release(self, seconds: float = 5.0) -> bool:
        """Let the late reply go and wait until it has; return whether there was one.

        `seconds` of real time are waited for the server to have it ready.
        """
        with self._held:
            if not self._held.wait_for(lambda: self._late, seconds):
                return False
            self._holds = False
            return self._held.wait_for(lambda: not self._late, seconds)


def _garbled(reply: bytes) -> bytes:
    """Return other letters and figures, beginning with a letter, with the same end of line."""
    body = reply.rstrip(b"\r\n")
    other = bytes(b"qxz"[n % 3] if n % 2 == 0 else b"1379"[byte % 4] for n, byte in enumerate(body))
    return other + reply[len(body) :]


def _garbage(reply: bytes) -> bytes:
    """Return as many other bytes, the same for the same reply."""
    stream = b""
    while len(stream) < len(reply):
        stream += blake2b(reply + len(stream).to_bytes(4, "big")).digest()
    return stream[: len(reply)]
