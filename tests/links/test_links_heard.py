from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from wire_peers import TcpPeer

from benchctl.acquire import sample
from benchctl.core.clock import RealClock
from benchctl.core.errors import NoReplyError
from benchctl.core.series import Series
from benchctl.links import LinkFactory, listen

Make = Callable[..., TcpPeer]


def opened(factory: LinkFactory, peer: TcpPeer, timeout: float = 0.15) -> Any:
    link, _ = factory.open(f"serial+tcp://{peer.address}?timeout={timeout}", "meter")
    return link


def test_a_link_to_which_nobody_listens_keeps_nothing(factory: LinkFactory, tcp_peer: Make) -> None:
    link = opened(factory, tcp_peer(lambda _: [b"1\n"]))
    assert link.ask(b"?\n", b"\n") == b"1\n"
    assert link.heard is None


def test_every_way_to_read_is_heard_once_and_taken_once(
    factory: LinkFactory, tcp_peer: Make
) -> None:
    link = opened(factory, tcp_peer(lambda _: [b"12", 0.01, b"345\n6789"]))
    take = listen([link, link])
    link.write(b"?\n")
    link.read_exactly(3)
    link.read_until(b"\n")
    link.read_exactly(4)
    assert take() == b"12345\n6789"
    assert take() == b""
    quick = opened(factory, tcp_peer(lambda _: [b"7\n"]))
    take = listen([quick])
    quick.ask(b"?\n", b"\n")
    assert take() == b"7\n"


def test_a_block_of_numbers_is_not_kept_twice(factory: LinkFactory, tcp_peer: Make) -> None:
    link = opened(factory, tcp_peer(lambda _: [b"#14abcd\n"]))
    take = listen([link])
    link.write(b"?\n")
    assert link.read_exactly(3) + link.read_block(4) + link.read_until(b"\n") == b"#14abcd\n"
    assert take() == b"#14\n"


def test_a_row_has_the_bytes_of_its_own_exchange_only(factory: LinkFactory, tcp_peer: Make) -> None:
    link = opened(factory, tcp_peer(lambda q: [b"+1.5\n" if b"A?" in q else b"+2.5\n"]))
    series = Series("a", ("a",), ("V",), heard=listen([link]))
    task = sample(lambda: (float(link.ask(b"A?\n", b"\n")),), series, RealClock(), period=1e-4)
    for _ in range(3):
        next(task)
        assert link.ask(b"B?\n", b"\n") == b"+2.5\n"
    assert series.said(0) == [b"+1.5\n"] * 3


def test_what_came_of_a_reading_that_failed_is_kept_with_its_row(
    factory: LinkFactory, tcp_peer: Make
) -> None:
    link = opened(factory, tcp_peer(lambda _: [b"+1.5\n+9"]), timeout=0.05)
    series = Series("a", ("a",), ("V",), heard=listen([link]))

    def read() -> tuple[float]:
        link.write(b"?\n")
        link.read_until(b"\n")
        return (float(link.read_until(b"\n")),)

    task = sample(
        read, series, RealClock(), period=1.0, on_error=lambda e: isinstance(e, NoReplyError)
    )
    next(task)
    assert series.said(0) == [b"+1.5\n"]
    assert series.flags()[0] != 0.0


def test_bytes_that_nobody_takes_do_not_pile_up(
    factory: LinkFactory, tcp_peer: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchctl.links.heard.MOST", 5)
    link = opened(factory, tcp_peer(lambda _: [b"1\n"]))
    take = listen([link])
    for _ in range(20):
        link.ask(b"?\n", b"\n")
    assert take() == 5 * b"1\n"
