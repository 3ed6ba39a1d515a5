r"""What a protocol needs from a wire.

An exchange is `drain`, `write`, then reads; `write` starts the deadline, in real time, by which the
whole answer must be there. Reads give exactly what was asked for and keep the rest.

    with link.bus:
        link.drain()
        link.write(b"*IDN?\n")
        reply = link.read_until(b"\n")
"""

from __future__ import annotations

from collections import deque
from typing import NoReturn, Protocol

from benchctl.core.clock import Clock
from benchctl.core.errors import LinkError
from benchctl.core.messages import msg
from benchctl.links.bus import Bus

TIMEOUT = 1.0
"""Seconds of real time that an answer may take unless the address or the driver says otherwise."""


class Link(Protocol):
    """A wire to one instrument; several instruments may share the port and the bus behind it.

    All methods raise `LinkError` where the wire itself failed, `NoReplyError` (with the bytes that
    did come) where the deadline passed.
    """

    bus: Bus
    """The lock of the physical bus; held over a whole exchange."""
    address: str
    """The address as it stands in the bench file."""
    timeout: float
    """Seconds of real time within which an answer must be complete."""
    framing: str
    """How Modbus frames travel here: "tcp", "rtu", or "" where it is no Modbus line."""
    char_time: float
    """Seconds per character on a serial line; 0 where characters cost nothing."""
    paced: bool
    """Whether silence means something here: a real serial line, on which `quiet` waits."""
    tagged: bool
    """Set by a protocol whose replies carry an id: a late one need not be waited for."""
    heard: deque[bytes] | None
    """Takes the bytes that reads hand out, where somebody listens (`heard.listen`)."""

    @property
    def openings(self) -> int:
        """How often the wire was opened; whoever is on it asks again who answers after each."""
        ...

    def write(self, data: bytes, /) -> None:
        """Send `data` and start the deadline of the answer."""
        ...

    def read_until(self, end: bytes, /) -> bytes:
        """Return the bytes up to and including `end`."""
        ...

    def read_block(self, n: int, /) -> bytearray:
        """Return the next `n` bytes, which may be many: no copy is made of them."""
        ...

    def ask(self, data: bytes, end: bytes, /) -> bytes:
        """Return what `drain`, `write` and `read_until` together give: one question, one answer."""
        ...

    def read_exactly(self, n: int, /) -> bytes:
        """Return the next `n` bytes."""
        ...

    def drain(self) -> bytes:
        """Drop what lies there and return it; does not wait.

        Only after an exchange that was left without its reply, the late reply is awaited (for two
        more `timeout`s) so that it is not taken for the next answer.
        """
        ...

    def rest(self) -> bytes:
        """Return what still comes in until the line is silent: the rest of a garbled reply."""
        ...

    def note(self, what: str, detail: str, /) -> None:
        """Tell the record that something worth keeping happened on the wire."""
        ...

    def quiet(self, seconds: float, /) -> None:
        """Wait until a real serial line has been silent for `seconds`; elsewhere do nothing."""
        ...

    def set_baud(self, baud: int, /) -> bool:
        """Once all is sent, go on at another baud rate; 0 is the rate in the address.

        Returns whether this wire has one that can be changed: a network or a message bus has none,
        and nothing happens. A line that is opened again is back at the rate in its address.

        Raises:
            LinkError: the line knows no such rate.
        """
        ...

    def grant(self, seconds: float, /) -> None:
        """Let the answer that has begun take so many seconds from now: a long readout."""
        ...

    def await_service(self, seconds: float, /) -> int | None:
        """Wait at most `seconds` of bench time until an instrument asks for service.

        Returns its status byte by a serial poll; None where this wire has none (a socket, a serial
        line), whose instruments are to be asked.
        """
        ...

    def reopen(self) -> None:
        """Close the port and open it again, once; what lay there is gone."""
        ...

    def close(self) -> None:
        """Close the port, for every instrument behind it."""
        ...


class NoWire:
    """The link of an instrument that has none: a person reads it."""

    framing = ""
    char_time = 0.0
    paced = False
    tagged = False
    openings = 0
    timeout = TIMEOUT

    def __init__(self, address: str, instrument: str, clock: Clock) -> None:
        self.address = address
        self.heard: deque[bytes] | None = None
        self.bus = Bus(f"manual:{instrument}", clock)

    def _refuse(self) -> NoReturn:
        raise LinkError(msg("links.no-wire", address=self.address))

    def write(self, _data: bytes) -> None:
        """Refuse: there is no wire."""
        self._refuse()

    def read_until(self, _end: bytes) -> bytes:
        """Refuse: there is no wire."""
        self._refuse()

    def read_exactly(self, _n: int) -> bytes:
        """Refuse: there is no wire."""
        self._refuse()

    def read_block(self, _n: int) -> bytearray:
        """Refuse: there is no wire."""
        self._refuse()

    def ask(self, _data: bytes, _end: bytes) -> bytes:
        """Refuse: there is no wire."""
        self._refuse()

    def drain(self) -> bytes:
        """Return nothing: nothing ever lies there."""
        return b""

    def rest(self) -> bytes:
        """Return nothing."""
        return b""

    def note(self, _what: str, _detail: str) -> None:
        """Do nothing: nothing happens on no wire."""

    def quiet(self, _seconds: float) -> None:
        """Do nothing."""

    def set_baud(self, _baud: int) -> bool:
        """Return False: there is no rate to be changed."""
        return False

    def grant(self, _seconds: float) -> None:
        """Do nothing."""

    def await_service(self, _seconds: float) -> int | None:
        """Return None: nobody asks for service."""
        return None

    def reopen(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""
