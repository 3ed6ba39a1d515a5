from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from wire_peers import TcpPeer, lines

from benchctl.core.clock import RealClock
from benchctl.core.errors import LinkError
from benchctl.links import LinkFactory


def test_a_simulated_location_is_replaced(tcp_peer: Callable[..., TcpPeer], notes: Any) -> None:
    peer = tcp_peer(lambda q: [q], lines)
    factory = LinkFactory(RealClock(), notes, locations={"sim.drive": peer.address})
    link, options = factory.open("modbus+tcp://sim.drive?unit=2", "drive")
    link.write(b"!\n")
    assert link.read_until(b"\n") == b"!\n"
    assert (link.framing, options) == ("tcp", {"unit": "2"})
    factory.close()


def test_a_simulated_location_without_simulation_is_told(factory: LinkFactory) -> None:
    with pytest.raises(LinkError, match="none is running") as caught:
        factory.open("modbus+rtu://sim.line1?baud=9600", "master")
    assert "--simulate" in str(caught.value)


def test_a_raw_socket_resource_is_our_own_socket(
    factory: LinkFactory, tcp_peer: Callable[..., TcpPeer]
) -> None:
    peer = tcp_peer(lambda q: [q], lines)
    link, _ = factory.open(f"TCPIP::127.0.0.1::{peer.port}::SOCKET", "dmm")
    assert type(link).__name__ == "StreamLink"
    assert link.bus.name == peer.address


def test_units_behind_one_gateway_share_its_connection(
    factory: LinkFactory, tcp_peer: Callable[..., TcpPeer]
) -> None:
    peer = tcp_peer(lambda q: [q], lines)
    one, _ = factory.open(f"modbus+rtu+tcp://{peer.address}?unit=1", "one")
    two, _ = factory.open(f"modbus+rtu+tcp://{peer.address}?unit=2", "two")
    one.write(b"1\n")
    assert one.read_until(b"\n") == b"1\n"
    two.write(b"2\n")
    assert two.read_until(b"\n") == b"2\n"
    assert peer.accepted == 1
    assert one.bus is two.bus


def test_what_a_person_reads_has_no_wire(factory: LinkFactory) -> None:
    link, options = factory.open("manual:?low=0", "register")
    assert options == {"low": "0"}
    assert link.drain() == b""
    with pytest.raises(LinkError, match="read by a person"):
        link.write(b"?")


def test_closing_the_factory_closes_every_link(
    factory: LinkFactory, tcp_peer: Callable[..., TcpPeer]
) -> None:
    link, _ = factory.open(f"serial+tcp://{tcp_peer(lambda q: [q]).address}", "meter")
    factory.close()
    with pytest.raises(LinkError, match="is closed"):
        link.write(b"?")


def test_links_and_drivers_load_no_bus_library_before_one_is_opened() -> None:
    heavy = "pyvisa", "pymodbus", "serial", "numpy", "yaml", "pydantic"
    code = (
        "import sys, benchctl.links, benchctl.driver, benchctl.drivers;"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
