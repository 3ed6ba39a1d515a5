"""GFUVE GF333B reference meters as the protocol of a driver: one frame with all values.

protocol = Gfuve()
voltage = Reading("voltage_l1", unit="V")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.framed import Shape, answer
from benchctl.driver.gfuve_frames import (
    ASKS,
    FLOATS,
    READ_ALL,
    REST,
    STATUS,
    Frame,
    decode,
    encode,
    size,
    values,
)
from benchctl.driver.protocol import Identity, Protocol, Session
from benchctl.links import Link

FIELDS = (*FLOATS, *STATUS, *(name for name, _ in REST))
_SHAPE = Shape("GFUVE", b"#$", size)
_REQUEST = encode(Frame(ASKS, READ_ALL))


class Gfuve(Protocol):
    """Reads all values; a channel's address is the name of one of `FIELDS`."""

    name: ClassVar[str] = "GFUVE"

    def session(self, link: Link, options: Mapping[str, str]) -> GfuveSession:
        """Return the conversation over `link`."""
        del options
        return GfuveSession(link)

    def problem(self, channel: Reading[Any] | Action) -> str:
        """Return what is wrong with a channel's address."""
        if isinstance(channel, Setting | Action):
            return "this protocol only reads"
        good = channel.address in FIELDS
        return "" if good else f"{channel.address!r} is none of {', '.join(FIELDS)}"


class GfuveSession(Session):
    """One meter at the end of a line of its own."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def exchange(self) -> dict[str, float]:
        """Ask for all values."""

        def judge(wire: bytes) -> dict[str, float] | None:
            frame = decode(wire)
            return values(frame) if frame.command == READ_ALL else None

        return answer(self._link, _REQUEST, _SHAPE, judge, address="GF333B")

    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads all channels in one exchange."""
        wanted = list(channels)

        def read() -> tuple[Any, ...]:
            said = self.exchange()
            return tuple([channel.kind(said[channel.address]) for channel in wanted])

        return read

    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        """Read it: that it answers with a sound frame is all that is known to be told."""
        del proof
        self.exchange()
        return Identity("GFUVE GF333B")
