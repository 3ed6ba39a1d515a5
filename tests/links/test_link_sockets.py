from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable

import pytest
from wire_peers import HANG_UP, TcpPeer, lines

from benchctl.core.clock import monotonic, pause
from benchctl.core.errors import GarbageReplyError, LinkError, NoReplyError
from benchctl.links import Link, LinkFactory

Make = Callable[..., TcpPeer]


def opened(factory: LinkFactory, peer: TcpPeer, timeout: float = 0.15) -> Link:
    link, _ = factory.open(f"serial+tcp://{peer.address}?timeout={timeout}", "meter")
    return link


def ask(link: Link, question: bytes = b"?\n") -> bytes:
    with link.bus:
        link.drain()
        link.write(question)
        return link.read_until(b"\n")


def test_what_is_not_asked_for_yet_is_kept(factory: LinkFactory, tcp_peer: Make) -> None:
    link = opened(factory, tcp_peer(lambda _: [b"abcdef\nrest"]))
    link.write(b"?")
    assert link.read_exactly(2) == b"ab"
    assert link.read_exactly(2) == b"cd"
    assert link.read_until(b"\n") == b"ef\n"
    assert link.read_exactly(4) == b"rest"


def test_an_end_that_arrives_in_two_pieces_is_found(factory: LinkFactory, tcp_peer: Make) -> None:
    link = opened(factory, tcp_peer(lambda _: [b"12.5\r", 0.01, b"\n"]))
    link.write(b"?")
    assert link.read_until(b"\r\n") == b"12.5\r\n"


def test_a_dribbled_reply_is_complete(factory: LinkFactory, tcp_peer: Make) -> None:
    def dribble(_: bytes) -> Iterable[object]:
        for byte in b"0123456789":
            yield bytes([byte])
            yield 0.002

    link = opened(factory, tcp_peer(dribble), timeout=1.0)
    link.write(b"?")
    assert link.read_exactly(10) == b"0123456789"


def test_a_dribble_that_is_too_slow_is_ended_by_the_deadline_of_the_whole_answer(
    factory: LinkFactory, tcp_peer: Make
) -> None:
    def drip(_: bytes) -> Iterable[object]:
        for byte in b"0123456789":
            yield bytes([byte])
            yield 0.04

    link = opened(factory, tcp_peer(drip), timeout=0.15)
    began = monotonic()
    link.write(b"?")
    with pytest.raises(NoReplyError) as caught:
        link.read_exactly(10)
    assert 0.1 < monotonic() - began < 0.35
    assert b"0123".startswith(caught.value.wire[:4])
    assert "broke off after" in str(caught.value)


def test_a_large_block_arrives_whole(factory: LinkFactory, tcp_peer: Make) -> None:
    block = bytes(range(256)) * 2000
    link = opened(factory, tcp_peer(lambda _: [block]), timeout=5.0)
    link.write(b"?")
    assert link.read_exactly(len(block)) == block


def test_a_silent_peer_costs_the_timeout_and_no_cpu(factory: LinkFactory, tcp_peer: Make) -> None:
    link = opened(factory, tcp_peer(lambda _: []), timeout=0.2)
    began, cpu = monotonic(), time.thread_time()
    with pytest.raises(NoReplyError) as caught:
        ask(link)
    assert 0.19 < monotonic() - began < 1.0
    assert time.thread_time() - cpu < 0.02
    assert caught.value.wire == b""
    assert "no answer within 0.2 s" in str(caught.value)


def test_a_peer_that_closes_is_seen_at_once(
    factory: LinkFactory, tcp_peer: Make, notes: object
) -> None:
    link = opened(factory, tcp_peer(lambda _: [b"12.", HANG_UP]), timeout=5.0)
    began, cpu = monotonic(), time.thread_time()
    with pytest.raises(LinkError, match="closed the connection") as caught:
        ask(link)
    assert not isinstance(caught.value, NoReplyError)
    assert monotonic() - began < 1.0
    assert time.thread_time() - cpu < 0.05
    assert notes.what() == ["unplugged"]  # type: ignore[attr-defined]


def test_after_a_loss_nothing_is_sent_until_the_link_is_opened_again(
    factory: LinkFactory, tcp_peer: Make
) -> None:
    answers = iter([[HANG_UP], [b"again\n"]])
    peer = tcp_peer(lambda _: next(answers))
    link = opened(factory, peer)
    with pytest.raises(LinkError):
        ask(link)
    with pytest.raises(LinkError, match="is closed"):
        ask(link)
    assert len(peer.received) == 1
    link.reopen()
    assert ask(link) == b"again\n"
    assert peer.accepted == 2


def test_a_peer_that_left_meanwhile_is_noticed_before_anything_is_sent(
    factory: LinkFactory, tcp_peer: Make
) -> None:
    peer = tcp_peer(lambda _: [b"1\n", HANG_UP])
    link = opened(factory, peer)
    assert ask(link) == b"1\n"
    pause(0.02)
    with pytest.raises(LinkError):
        link.drain()
    assert len(peer.received) == 1


def test_a_refused_port_is_an_error_at_open_that_names_it(factory: LinkFactory) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(LinkError) as caught:
        factory.open(f"modbus+tcp://127.0.0.1:{port}", "pump")
    assert f"127.0.0.1 refuses a connection on port {port}" in str(caught.value)
    assert caught.value.hint is not None


def test_a_late_reply_is_never_taken_for_the_next_answer(
    factory: LinkFactory, tcp_peer: Make, notes: object
) -> None:
    def answer(question: bytes) -> Iterable[object]:
        if question == b"slow?\n":
            yield 0.3  # after the deadline of 0.2 s, during the next exchange
        yield question

    link = opened(factory, tcp_peer(answer, lines), timeout=0.2)
    with pytest.raises(NoReplyError):
        ask(link, b"slow?\n")
    assert ask(link, b"quick?\n") == b"quick?\n"
    assert notes.what() == ["late-reply"]  # type: ignore[attr-defined]


def test_a_second_answer_to_one_question_is_dropped(
    factory: LinkFactory, tcp_peer: Make, notes: object
) -> None:
    link = opened(factory, tcp_peer(lambda q: [q, q], lines))
    assert ask(link, b"1?\n") == b"1?\n"
    pause(0.02)
    assert ask(link, b"2?\n") == b"2?\n"
    assert "late-reply" in notes.what()  # type: ignore[attr-defined]


def test_a_line_without_end_is_given_up(factory: LinkFactory, tcp_peer: Make) -> None:
    link = opened(factory, tcp_peer(lambda _: [b"x" * (9 << 20)]), timeout=5.0)
    with pytest.raises(GarbageReplyError, match="no end of line"):
        ask(link)


def test_a_peer_that_does_not_take_what_is_sent_is_given_up(
    factory: LinkFactory, tcp_peer: Make
) -> None:
    link = opened(factory, tcp_peer(lambda _: [0.5]), timeout=0.1)
    began = monotonic()
    with pytest.raises(NoReplyError, match="takes no more data"):
        link.write(bytes(64 << 20))
    assert monotonic() - began < 1.0


def test_two_small_messages_do_not_wait_for_each_other(
    factory: LinkFactory, tcp_peer: Make
) -> None:
    link = opened(factory, tcp_peer(lambda q: [b"1\n"] if b"?" in q else [], lines), timeout=1.0)
    began = monotonic()
    for _ in range(10):
        link.write(b"SET 1\n")
        assert ask(link) == b"1\n"
    assert monotonic() - began < 0.35  # with Nagle's algorithm 0.4 s
