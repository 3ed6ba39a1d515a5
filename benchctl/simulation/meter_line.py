"""A line on which meters hear frames: what stands before a sound frame is noise to them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from benchctl.simulation.server import LineServer

LONGEST = 1024
"""Bytes without a sound frame that are forgotten."""


class MeterLine(LineServer):
    """Base of lines with meters; two that answer at once spoil each other's reply."""

    _frame = b""
    """The frame that was taken last, without what stood before it."""

    @abstractmethod
    def end_of(self, data: bytes, begin: int) -> int | None:
        """Return where the sound frame that begins at `begin` ends, None if there is none."""

    @abstractmethod
    def replies(self, frame: bytes, t: float) -> Sequence[bytes]:
        """Return what each meter that is meant answers at bench time `t`."""

    def take(self, buffer: bytearray) -> bytes | None:
        """Return the first sound frame with what stands before it."""
        for begin in range(len(buffer)):
            end = self.end_of(bytes(buffer), begin)
            if end is not None:
                self._frame = bytes(buffer[begin:end])
                taken = bytes(buffer[:end])
                del buffer[:end]
                return taken
        if len(buffer) > LONGEST:
            buffer.clear()
        return None

    def respond(self, request: bytes, t: float) -> bytes | None:
        """Return what the meters answer together."""
        del request  # with the noise before it
        heard = self.replies(self._frame, t)
        return collided(heard) if heard else None


def collided(replies: Sequence[bytes]) -> bytes:
    """Return what is heard when several talk at once on an idle-high line: the AND of the bits."""
    heard = bytearray(max(replies, key=len))
    for reply in replies:
        for i, byte in enumerate(reply):
            heard[i] &= byte
    return bytes(heard)
