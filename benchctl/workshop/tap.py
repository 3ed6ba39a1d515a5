r"""A wire that is listened to: every byte both ways, with its time.

    tap = Tap(link)
    driver = Meter(tap, options)
    driver.connect()
    tap.taken        # [Wire(0.0, ">", b"*IDN?\n"), Wire(0.012, "<", b"ACME,...\n")]

It can also bound the deadlines of its driver (`most`), let a late reply come when its driver has
given up (`late`), and replace a text in what comes in (`disguise`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from benchctl.core.clock import monotonic
from benchctl.core.errors import NoReplyError
from benchctl.links import Bus, Link

SENT, CAME, DROPPED = ">", "<", "x"
"""Directions: to the instrument, from it, from it and thrown away."""


@dataclass(frozen=True, slots=True)
class Wire:
    """Bytes that went one way; `t` in s of real time since the tap was set."""

    t: float
    way: str
    data: bytes


class Tap:
    """A link through which a driver talks, and which keeps what it hears."""

    def __init__(self, link: Link, most: float = 3600.0) -> None:
        self._link = link
        self.bus: Bus = link.bus
        self.address = link.address
        self.framing = link.framing
        self.char_time = link.char_time
        self.paced = link.paced
        self._began = monotonic()
        self._wanted = link.timeout
        self._most = most
        self._owed = False
        self.heard: deque[bytes] | None = None
        self.taken: list[Wire] = []
        """What went over the wire so far."""
        self.late: Callable[[], object] | None = None
        """Called once after each reply that did not come, before anything else is sent."""
        self.disguise: tuple[bytes, bytes] = (b"", b"")
        """A text and what stands in its place in what comes in."""

    @property
    def openings(self) -> int:
        """How often the wire was opened."""
        return self._link.openings

    @property
    def tagged(self) -> bool:
        """Whether replies carry an id."""
        return self._link.tagged

    @tagged.setter
    def tagged(self, value: bool) -> None:
        self._link.tagged = value

    @property
    def timeout(self) -> float:
        """Seconds of real time that the driver wants an answer within."""
        return self._wanted

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self._wanted = seconds
        self._link.timeout = min(seconds, self._most)

    @property
    def most(self) -> float:
        """Seconds of real time that an answer may take, whatever the driver wants."""
        return self._most

    @most.setter
    def most(self, seconds: float) -> None:
        self._most = seconds
        self._link.timeout = min(self._wanted, seconds)

    @property
    def sent(self) -> list[bytes]:
        """What was sent so far."""
        return [wire.data for wire in self.taken if wire.way == SENT]

    def _keep(self, way: str, data: bytes) -> bytes:
        if data:
            self.taken.append(Wire(monotonic() - self._began, way, data))
        return data

    def _came(self, read: Callable[[], bytes]) -> bytes:
        try:
            data = self._keep(CAME, read())
        except NoReplyError as error:
            self._keep(CAME, error.wire)
            self._owed = True
            raise
        old, new = self.disguise
        return data.replace(old, new) if old else data

    def _overdue(self) -> None:
        """Let a reply arrive that nobody waits for any more."""
        owed, self._owed = self._owed, False
        if owed and self.late is not None:
            self.late()

    def write(self, data: bytes) -> None:
        """Send `data`."""
        self._overdue()
        self._keep(SENT, data)
        self._link.write(data)

    def read_until(self, end: bytes) -> bytes:
        """Return the bytes up to and including `end`."""
        return self._came(lambda: self._link.read_until(end))

    def read_block(self, n: int) -> bytearray:
        """Return the next `n` bytes."""
        return bytearray(self.read_exactly(n))

    def ask(self, data: bytes, end: bytes) -> bytes:
        """Ask one question and return its answer."""
        self.drain()
        self.write(data)
        return self.read_until(end)

    def read_exactly(self, n: int) -> bytes:
        """Return the next `n` bytes."""
        return self._came(lambda: self._link.read_exactly(n))

    def drain(self) -> bytes:
        """Drop what lies there."""
        self._overdue()
        return self._keep(DROPPED, self._link.drain())

    def rest(self) -> bytes:
        """Return what still comes in until the line is silent."""
        return self._keep(CAME, self._link.rest())

    def note(self, what: str, detail: str) -> None:
        """Tell the record."""
        self._link.note(what, detail)

    def quiet(self, seconds: float) -> None:
        """Wait for silence on a real line."""
        self._link.quiet(seconds)

    def set_baud(self, baud: int) -> bool:
        """Go on at another baud rate."""
        return self._link.set_baud(baud)

    def await_service(self, seconds: float) -> int | None:
        """Wait for a service request."""
        return self._link.await_service(seconds)

    def grant(self, seconds: float) -> None:
        """Let the answer take longer, though not longer than an answer may take here."""
        self._link.grant(min(seconds, self._most))

    def reopen(self) -> None:
        """Close the port and open it again."""
        self._link.reopen()

    def close(self) -> None:
        """Close the port."""
        self._link.close()
