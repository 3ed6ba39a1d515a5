from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from wire_peers import PtyPeer, lines

from benchctl.core.clock import RealClock, monotonic, pause
from benchctl.core.errors import LinkError, NoReplyError
from benchctl.links import AddressError, Bus, Link, LinkFactory
from benchctl.links.port import Opened, Port
from benchctl.links.stream import StreamLink

Make = Callable[..., PtyPeer]


def ask(link: Link, question: bytes = b"?\n") -> bytes:
    with link.bus:
        link.drain()
        link.write(question)
        return link.read_until(b"\n")


def echo(question: bytes) -> list[bytes]:
    return [question]


def test_a_serial_line_answers(factory: LinkFactory, pty_peer: Make) -> None:
    peer = pty_peer(echo, lines)
    link, options = factory.open(f"serial://{peer.path}?baud=9600&address=7", "meter")
    assert ask(link, b"12.5\n") == b"12.5\n"
    assert options == {"address": "7"}


def test_parity_on_a_pty_falls_back_and_is_noted(
    factory: LinkFactory, pty_peer: Make, notes: object
) -> None:
    peer = pty_peer(echo, lines)
    link, _ = factory.open(f"serial://{peer.path}?baud=2400&parity=E", "meter")
    assert ask(link) == b"?\n"
    (note,) = notes.events  # type: ignore[attr-defined]
    assert note.what == "parity-ignored"
    assert "2400 8E1 -> 2400 8N1" in note.detail


def test_instruments_on_one_line_share_it(factory: LinkFactory, pty_peer: Make) -> None:
    peer = pty_peer(echo, lines)
    one, _ = factory.open(f"modbus+rtu://{peer.path}?baud=9600&unit=1", "one")
    two, _ = factory.open(f"modbus+rtu://{peer.path.resolve()}?baud=9600&unit=2", "two")
    assert one.bus is two.bus
    assert one is not two
    two.timeout = 5.0
    assert one.timeout == 1.0


def test_one_line_has_one_setting(factory: LinkFactory, pty_peer: Make) -> None:
    peer = pty_peer(echo, lines)
    factory.open(f"serial://{peer.path}?baud=9600", "one")
    with pytest.raises(AddressError, match=r"wants the line at 19200 8N1.*has 9600 8N1"):
        factory.open(f"serial://{peer.path}?baud=19200", "two")


def test_a_missing_line_says_where_to_look(factory: LinkFactory, tmp_path: Path) -> None:
    with pytest.raises(LinkError, match="there is no serial line") as caught:
        factory.open(f"serial://{tmp_path}/ttyUSB9", "meter")
    assert "/dev/serial/by-id" in str(caught.value)


def test_a_line_that_another_program_uses_is_refused(
    factory: LinkFactory, pty_peer: Make, notes: object
) -> None:
    peer = pty_peer(echo, lines)
    factory.open(f"serial://{peer.path}", "meter")
    other = LinkFactory(factory._clock, notes)  # type: ignore[arg-type]
    with pytest.raises(LinkError, match="in use by another program"):
        other.open(f"serial://{peer.path}", "meter")


def test_an_unplugged_line_is_an_error_at_once_and_works_when_plugged_in_again(
    factory: LinkFactory, pty_peer: Make, notes: object
) -> None:
    peer = pty_peer(echo, lines)
    link, _ = factory.open(f"serial://{peer.path}?timeout=5", "meter")
    assert ask(link, b"1\n") == b"1\n"
    peer.unplug()
    began, cpu = monotonic(), time.thread_time()
    with pytest.raises(LinkError, match="was unplugged") as caught:
        ask(link)
    assert not isinstance(caught.value, NoReplyError)
    assert monotonic() - began < 1.0
    assert time.thread_time() - cpu < 0.05
    with pytest.raises(LinkError, match="there is no serial line"):
        link.reopen()
    peer.plug()
    link.reopen()
    assert ask(link, b"2\n") == b"2\n"
    assert notes.what() == ["unplugged"]  # type: ignore[attr-defined]


def test_characters_that_lie_on_the_line_are_dropped_before_a_question(
    factory: LinkFactory, pty_peer: Make, notes: object
) -> None:
    peer = pty_peer(echo, lines)
    link, _ = factory.open(f"serial://{peer.path}", "meter")
    peer.send(b"noise\n")
    pause(0.02)
    assert ask(link, b"12.5\n") == b"12.5\n"
    assert notes.what() == ["late-reply"]  # type: ignore[attr-defined]


def test_silence_between_frames_costs_nothing_on_a_pty(
    factory: LinkFactory, pty_peer: Make
) -> None:
    peer = pty_peer(echo, lines)
    link, _ = factory.open(f"modbus+rtu://{peer.path}?baud=1200", "meter")
    ask(link)
    began = monotonic()
    link.quiet(3.5 * link.char_time)
    assert monotonic() - began < 0.02
    assert link.char_time == pytest.approx(10 / 1200)


def test_a_line_that_babbles_is_given_up(factory: LinkFactory, pty_peer: Make) -> None:
    def babble(_: bytes) -> list[object]:
        return [0.15, *[step for _ in range(60) for step in (b"x" * 10, 0.01)]]

    peer = pty_peer(babble, lines)
    link, _ = factory.open(f"serial://{peer.path}?timeout=0.1", "meter")
    with pytest.raises(NoReplyError):
        ask(link)
    with pytest.raises(Exception, match="keeps sending"):
        ask(link)


def test_on_a_real_line_frames_are_kept_apart_by_silence(notes: object) -> None:
    ours, theirs = socket.socketpair()
    port = Port(lambda: Opened(ours.fileno(), ours.close), paced=True)
    port.open()
    link = StreamLink(
        port,
        Bus("line", RealClock()),
        address="serial:///dev/ttyS9",
        instrument="meter",
        sink=notes,  # type: ignore[arg-type]
        timeout=1.0,
    )
    link.write(b"?")
    theirs.send(b"!")
    assert link.read_exactly(1) == b"!"
    began = monotonic()
    link.quiet(0.05)
    assert 0.04 < monotonic() - began < 0.2
    link.quiet(0.05)  # it has been silent for long enough
    assert monotonic() - began < 0.2
    link.close()
    theirs.close()
