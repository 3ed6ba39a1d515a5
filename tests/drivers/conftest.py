from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "links"))
sys.path.insert(0, str(Path(__file__).parents[1] / "driver"))

from modbus_device import Device
from wire_peers import Answer, Split, TcpPeer, tcp_frames

from benchctl.core.clock import RealClock
from benchctl.core.places import bundled
from benchctl.core.ports import NullSink
from benchctl.driver import Instrument
from benchctl.drivers import Shelf
from benchctl.links import LinkFactory


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    """The bundled drivers."""
    return Shelf([bundled("drivers")])


@pytest.fixture
def served() -> Iterator[Callable[..., TcpPeer]]:
    """Serve an answer on a TCP port."""
    peers: list[TcpPeer] = []

    def serve(answer: Answer, split: Split) -> TcpPeer:
        peers.append(TcpPeer(answer, split))
        return peers[-1]

    yield serve
    for peer in peers:
        peer.close()


@pytest.fixture
def opened(
    shelf: Shelf, served: Callable[..., TcpPeer]
) -> Iterator[Callable[..., tuple[Any, Device]]]:
    """Open a bundled Modbus driver on a device of its own."""
    factory = LinkFactory(RealClock(), NullSink())

    def make(
        name: str, options: Mapping[str, str] | None = None, device: Device | None = None
    ) -> tuple[Instrument, Device]:
        device = device or Device()
        peer = served(device.tcp, tcp_frames)
        link, given = factory.open(f"modbus+tcp://{peer.address}?timeout=0.5", name)
        return shelf.find(name)(link, given | dict(options or {}), name=name), device

    yield make
    factory.close()
