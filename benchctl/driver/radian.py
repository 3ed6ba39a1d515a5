"""Radian RD reference standards as the protocol of a driver: one packet for all channels.

    protocol = Radian()
    voltage = Reading("voltage", unit="V")

Option in the address line: `floats` (TI or IEEE, by model and firmware).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.framed import Shape, answer
from benchctl.driver.protocol import Identity, Protocol, Session, choice
from benchctl.driver.radian_frames import (
    ALL_METRICS,
    DONE,
    FLOATS,
    INSTANTANEOUS,
    METRICS,
    PACKET,
    WITH_DATA,
    Packet,
    decode,
    encode,
    metrics,
    size,
)
from benchctl.links import Link

_SHAPE = Shape("Radian RD", bytes([PACKET, WITH_DATA, DONE]), size)
_REQUEST = encode(Packet(PACKET, INSTANTANEOUS, ALL_METRICS))


class Radian(Protocol):
    """Reads the instantaneous values; a channel's address is the name of one of `METRICS`."""

    name: ClassVar[str] = "Radian RD"
    options: ClassVar[frozenset[str]] = frozenset({"floats"})

    def session(self, link: Link, options: Mapping[str, str]) -> RadianSession:
        """Return the conversation with one standard."""
        return RadianSession(link, choice(options, "floats", FLOATS, FLOATS[0]))

    def problem(self, channel: Reading[Any] | Action) -> str:
        """Return what is wrong with a channel's address."""
        if isinstance(channel, Setting | Action):
            return "this protocol only reads"
        good = channel.address in METRICS
        return "" if good else f"{channel.address!r} is none of {', '.join(METRICS)}"


class RadianSession(Session):
    """One standard at the end of a line of its own."""

    def __init__(self, link: Link, floats: str) -> None:
        self._link = link
        self._floats = floats

    def exchange(self) -> dict[str, float]:
        """Ask for the instantaneous values."""

        def judge(wire: bytes) -> dict[str, float] | None:
            packet = decode(wire)
            if packet.type != INSTANTANEOUS or packet.start == DONE:
                return None
            return metrics(packet, self._floats)

        return answer(self._link, _REQUEST, _SHAPE, judge, address="RD")

    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads all channels in one exchange."""
        wanted = list(channels)

        def read() -> tuple[Any, ...]:
            said = self.exchange()
            return tuple([channel.kind(said[channel.address]) for channel in wanted])

        return read

    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        """Read it: that it answers with a sound packet is all that is known to be told."""
        del proof
        self.exchange()
        return Identity("Radian RD")
