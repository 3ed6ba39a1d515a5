from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "links"))

from wire_peers import Answer, Peer, PtyPeer, Split, TcpPeer, chunks

from benchctl.core.clock import RealClock
from benchctl.core.events import Event, LinkNoted
from benchctl.driver import Instrument
from benchctl.links import LinkFactory


class Notes:
    """A sink that keeps what links and instruments tell."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def what(self) -> list[str]:
        return [e.what for e in self.events if isinstance(e, LinkNoted)]


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def factory(notes: Notes) -> Iterator[LinkFactory]:
    factory = LinkFactory(RealClock(), notes)
    yield factory
    factory.close()


@pytest.fixture
def connected(factory: LinkFactory, notes: Notes) -> Callable[..., Any]:
    """Make an instrument of a driver at an address; nothing is sent."""

    def make(
        cls: type[Instrument], address: str, options: Mapping[str, str] | None = None
    ) -> Instrument:
        link, given = factory.open(address, "meter")
        return cls(link, given | dict(options or {}), name="meter", sink=notes)

    return make


@pytest.fixture
def peers() -> Iterator[list[Peer]]:
    peers: list[Peer] = []
    yield peers
    for peer in peers:
        peer.close()


@pytest.fixture
def tcp_peer(peers: list[Peer]) -> Callable[..., TcpPeer]:
    def make(answer: Answer, split: Split = chunks, port: int = 0) -> TcpPeer:
        peer = TcpPeer(answer, split, port)
        peers.append(peer)
        return peer

    return make


@pytest.fixture
def pty_peer(peers: list[Peer], tmp_path: Path) -> Callable[..., PtyPeer]:
    def make(answer: Answer, split: Split = chunks, name: str = "ttyUSB0") -> PtyPeer:
        peer = PtyPeer(answer, split, tmp_path / name)
        peers.append(peer)
        return peer

    return make
