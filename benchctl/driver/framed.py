"""Cuts the frames of a meter's answer out of a line on which others talk too.

A `Shape` knows with which bytes a frame may begin and how many it has; `answer` sends a request and
returns what `judge` makes of the frame that is the answer. The echo of the own request (a
half-duplex converter hears itself) and frames that `judge` gives None for (another meter's, the
late answer to an earlier question) are dropped until the deadline. A spoilt frame ends the
exchange: nothing is ever searched for inside of one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from benchctl.core.errors import GarbageReplyError, NoReplyError
from benchctl.core.messages import msg
from benchctl.links import Link

T = TypeVar("T")
NOISE = 32
"""Bytes before the start of a frame that are taken for a preamble or noise."""
SHOWN = 48
"""Bytes of a dropped frame that a note keeps."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a protocol's frames stand in the stream.

    `size` is given the beginning of a frame, at least its first byte, and says how many bytes are
    needed to know more; as many as were given means that the frame is complete, 0 that it is none.
    """

    protocol: str
    starts: bytes
    size: Callable[[bytes], int]

    def take(self, link: Link) -> bytes:
        """Return the next frame, exactly as many bytes as it tells, without what stood before it.

        Raises:
            NoReplyError: nothing, or not all of it, came before the deadline.
            GarbageReplyError: what came is no frame.
        """
        frame = seen = b""
        try:
            while (frame := link.read_exactly(1))[0] not in self.starts:
                seen, frame = seen + frame, b""
                if len(seen) > NOISE:
                    raise self._no_frame(seen + link.rest())
            while (size := self.size(frame)) > len(frame):
                frame += link.read_exactly(size - len(frame))
        except NoReplyError as error:
            error.wire = seen + frame + error.wire
            raise
        if not size:
            raise self._no_frame(seen + frame + link.rest())
        return frame

    def _no_frame(self, wire: bytes) -> GarbageReplyError:
        return GarbageReplyError(
            msg("meter.no-frame", protocol=self.protocol),
            wire=wire,
            hint=msg("driver.hint-garbage"),
        )


def answer(
    link: Link, request: bytes, shape: Shape, judge: Callable[[bytes], T | None], *, address: str
) -> T:
    """Send `request` and return what `judge` makes of the first frame that is its answer.

    `judge` is given the bytes of a frame and returns None for one that is no answer to this
    request; `address` names the meter where only others answered.

    Raises:
        NoReplyError: nothing came before the deadline.
        GarbageReplyError: what came is spoilt, or only others answered.
        InstrumentError: whatever `judge` raises.
    """
    with link.bus:
        link.drain()
        link.write(request)
        return hear(link, request, shape, judge, address=address)


def hear(
    link: Link, request: bytes, shape: Shape, judge: Callable[[bytes], T | None], *, address: str
) -> T:
    """Return the answer to a request that was sent already; the rest as `answer`."""
    dropped = b""
    while True:
        try:
            wire = shape.take(link)
        except NoReplyError as error:
            if not dropped:
                raise
            raise GarbageReplyError(
                msg("meter.foreign", address=address), wire=dropped, hint=msg("driver.hint-foreign")
            ) from error
        if request.endswith(wire):
            continue
        try:
            judged = judge(wire)
        except GarbageReplyError as error:
            error.wire = wire + link.rest()
            raise
        if judged is not None:
            return judged
        link.note("late-reply", wire[:SHOWN].hex(" "))
        dropped += wire


def sum8(data: bytes) -> int:
    """Return the sum of all bytes modulo 256, the check of most meter protocols."""
    return sum(data) & 0xFF


def checked(told: int, computed: int, wire: bytes, digits: int = 2) -> None:
    """Do nothing where a frame's checksum is right.

    Raises:
        GarbageReplyError: it is wrong.
    """
    if told != computed:
        raise GarbageReplyError(
            msg("meter.checksum", told=f"{told:0{digits}X}", computed=f"{computed:0{digits}X}"),
            wire=wire,
        )
