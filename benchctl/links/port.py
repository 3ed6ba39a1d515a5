"""One open port: a file descriptor, what came in over it, and what its waits look at."""

from __future__ import annotations

import errno
import select
from collections.abc import Callable
from dataclasses import dataclass

SLICE = 0.1
"""Seconds of real time after which a wait looks whether it is to go on."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open port: its file descriptor, how it is closed, what had to be given up to open it.

    `waits`: a read waits up to `SLICE` by itself, which spares a system call per answer.
    """

    fd: int
    close: Callable[[], None]
    note: str = ""
    set_baud: Callable[[int], None] | None = None
    """Changes the rate of a serial line once all is sent; 0 is the rate it was opened with."""
    waits: bool = False
    heed: Callable[[int], None] | None = None
    """Tells a far end in this process that so many bytes were written."""


class Watch:
    """What every wait of a factory's links looks at: `look` raises where it is to end."""

    __slots__ = ("look",)

    def __init__(self) -> None:
        self.look: Callable[[], None] = _go_on


def _go_on() -> None:
    """Let the wait go on."""


class Port:
    """One open file descriptor and what came in over it."""

    __slots__ = (
        "_close",
        "_opener",
        "buffer",
        "fd",
        "heed",
        "last",
        "lost",
        "openings",
        "owed",
        "paced",
        "ready",
        "set_baud",
        "waits",
    )

    def __init__(
        self,
        opener: Callable[[], Opened],
        *,
        paced: bool = False,
        lost: str = "unplugged",
    ) -> None:
        self._opener = opener
        self._close: Callable[[], None] | None = None
        self.paced = paced
        """Whether silence on the line means something: a real serial line."""
        self.lost = lost
        """Name of the sentence that tells of its loss."""
        self.heed: Callable[[int], None] | None = None
        """Tells a far end in this process that so many bytes were written."""
        self.fd = -1
        self.openings = 0
        """How often it was opened."""
        self.waits = False
        """Whether a read waits for a while by itself."""
        self.ready: Callable[[float], list[tuple[int, int]]] = _closed
        """Waits so many ms for something to read; [] if nothing came."""
        self.buffer = b""
        self.owed = 0.0
        """Seconds to wait for a reply that is still out, before the next exchange."""
        self.last = 0.0
        """Real time at which the last byte went over the line."""
        self.set_baud: Callable[[int], None] | None = None
        """Changes the rate of a serial line; None where there is none."""

    def open(self) -> str:
        """Open the port; return what had to be given up, or "".

        Raises:
            LinkError: it cannot be opened; the hint says what to look at.
        """
        self.shut()
        opened = self._opener()
        self.openings += 1
        poll = select.poll()
        poll.register(opened.fd, select.POLLIN)
        self.fd, self._close, self.ready = opened.fd, opened.close, poll.poll
        self.set_baud = opened.set_baud
        self.waits = opened.waits
        self.heed = opened.heed
        return opened.note

    def shut(self) -> None:
        """Close the port if it is open and forget what lay there."""
        close, self._close = self._close, None
        self.fd, self.ready, self.set_baud, self.heed = -1, _closed, None, None
        self.buffer, self.owed, self.last = b"", 0.0, 0.0
        if close is not None:
            close()


def _closed(_ms: float) -> list[tuple[int, int]]:
    raise OSError(errno.EBADF, "closed")
