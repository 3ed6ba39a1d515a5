"""Every framed meter over a real terminal, with a wire that is not as it should be.

A peer hears what the driver sends, lets the simulated meter make its reply, and sends that reply as
a bad wire would. Whatever happens, the driver gives the value that the meter shows, or an error.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from wire_peers import PtyPeer

from benchctl.core.clock import VirtualClock
from benchctl.core.errors import GarbageReplyError, InstrumentError, UsageError
from benchctl.core.places import bundled
from benchctl.drivers import Shelf
from benchctl.links import parse_address
from benchctl.simulation import SimulatedInstrument, TcpPort, find_simulator
from benchctl.simulation.buses import server_on

Spoils = Callable[[bytes, bytes], Iterator[object]]
METERS = [
    "cjt188_meter",
    "dlt645_meter",
    "dlt645_1997_meter",
    "mbus_meter",
    "iec62056_meter",
    "dlms_meter",
    "radian_rd",
    "gfuve_gf333b",
    "zera_rmm3006",
]
CHECKED = METERS[:-1]
"""ZERA's replies have no checksum: a changed digit is another value."""
Make = Callable[..., Any]


class Bench:
    """A driver at one end of a terminal, the simulated meter behind a bad wire at the other."""

    def __init__(self, name: str, pty_peer: Make, connected: Make, timeout: float) -> None:
        make = find_simulator(name)
        assert make is not None
        self.simulated: SimulatedInstrument = make()
        self._server = server_on(VirtualClock(), TcpPort(), self.simulated.bus)
        self._heard = bytearray()
        self.spoil: Spoils | None = None
        self.peer: PtyPeer = pty_peer(self._answer)
        address = self.simulated.at.format(location=self.peer.path, host="", port="")
        joined = "&" if "?" in address else "?"
        driver = Shelf([bundled("drivers")]).find(name)
        self.meter = connected(driver, f"{address}{joined}timeout={timeout}")
        self.meter.connect()

    def _answer(self, data: bytes) -> Iterator[object]:
        self._heard += data
        while (request := self._server.take(self._heard)) is not None:
            reply = self._server.respond(request, 0.0)
            if reply is None:
                continue
            if self.spoil is None:
                yield reply
            else:
                yield from self.spoil(request, reply)

    @property
    def names(self) -> list[str]:
        return list(self.meter.channels)

    def right(self, name: str) -> Any:
        return self.simulated.shows()[name]

    def reads_right(self, name: str) -> bool:
        value = self.meter.read(name)[0]
        shown = self.right(name)
        if isinstance(shown, str):
            return bool(value == shown)
        return abs(value - shown) <= 1e-6 * max(1.0, abs(shown))


@pytest.fixture
def bench(pty_peer: Make, connected: Make) -> Callable[..., Bench]:
    return lambda name, timeout=1.0: Bench(name, pty_peer, connected, timeout)


def once(spoil: Spoils) -> Spoils:
    """Spoil the first reply only."""
    left = [spoil]

    def spoils(request: bytes, reply: bytes) -> Iterator[object]:
        if left:
            yield from left.pop()(request, reply)
        else:
            yield reply

    return spoils


def echoed(request: bytes, reply: bytes) -> Iterator[object]:
    yield request
    yield reply


def dribbled(request: bytes, reply: bytes) -> Iterator[object]:
    for n in range(len(reply)):
        yield reply[n : n + 1]


def noisy(request: bytes, reply: bytes) -> Iterator[object]:
    yield b"\x00\xf7\x00" + reply


def doubled(request: bytes, reply: bytes) -> Iterator[object]:
    yield reply + reply


def truncated(request: bytes, reply: bytes) -> Iterator[object]:
    yield reply[: len(reply) // 2]


def flipped(request: bytes, reply: bytes) -> Iterator[object]:
    at = len(reply) // 2
    yield reply[:at] + bytes([reply[at] ^ 0x11]) + reply[at + 1 :]


def garbage(request: bytes, reply: bytes) -> Iterator[object]:
    yield bytes((31 * n + 7) % 256 for n in range(len(reply)))


def silent(request: bytes, reply: bytes) -> Iterator[object]:
    yield 0.0


@pytest.mark.parametrize("spoil", [echoed, dribbled, noisy, doubled])
@pytest.mark.parametrize("name", METERS)
def test_what_does_not_harm_a_reply_does_not_keep_it_from_being_read(
    bench: Callable[..., Bench], name: str, spoil: Spoils
) -> None:
    if (name, spoil) == ("zera_rmm3006", noisy):
        return  # its replies are text: what stands before them makes another name
    here = bench(name)
    here.spoil = spoil
    for channel in here.names[:3]:
        assert here.reads_right(channel)


@pytest.mark.parametrize("spoil", [truncated, flipped, garbage, silent])
@pytest.mark.parametrize("name", METERS)
def test_a_spoilt_reply_is_asked_for_again(
    bench: Callable[..., Bench], name: str, spoil: Spoils
) -> None:
    if (name, spoil) == ("zera_rmm3006", flipped):
        return
    here = bench(name, timeout=0.25)
    here.spoil = once(spoil)
    assert here.reads_right(here.names[0])
    assert here.reads_right(here.names[1])


@pytest.mark.parametrize("name", CHECKED)
def test_replies_that_are_always_spoilt_are_never_a_value(
    bench: Callable[..., Bench], name: str
) -> None:
    here = bench(name, timeout=0.1)
    here.spoil = flipped
    with pytest.raises(InstrumentError) as caught:
        here.meter.read(here.names[0])
    assert caught.value.instrument == "meter"
    here.spoil = None
    assert here.reads_right(here.names[0])


def random_fault(seed: int) -> Spoils:
    """Return one fault of a wire, chosen by the seed."""
    chance = random.Random(seed)
    kind = chance.choice(["flip", "burst", "cut", "lose", "insert", "twice", "noise", "echo"])

    def spoils(request: bytes, reply: bytes) -> Iterator[object]:
        data = bytearray(reply)
        at = chance.randrange(len(data))
        if kind == "flip":
            data[at] ^= 1 << chance.randrange(8)
        elif kind == "burst":
            data[at] ^= chance.randrange(1, 256)
        elif kind == "cut":
            del data[at:]
        elif kind == "lose":
            del data[at]
        elif kind == "insert":
            data.insert(at, chance.randrange(256))
        elif kind == "twice":
            data.extend(bytes(data))
        elif kind == "noise":
            data[:0] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 8)))
        else:
            data[:0] = request
        yield bytes(data)

    return spoils


@pytest.mark.parametrize("name", CHECKED)
def test_random_faults_never_give_a_wrong_value(bench: Callable[..., Bench], name: str) -> None:
    here = bench(name, timeout=0.04)
    chance = random.Random(name)
    wrong, errors = [], 0
    for seed in range(60):
        channel = chance.choice(here.names)
        fault = random_fault(seed)
        here.spoil = once(fault) if seed % 3 else fault
        try:
            if not here.reads_right(channel):
                wrong.append((seed, channel))
        except InstrumentError:
            errors += 1
    assert wrong == []
    assert errors < 60
    here.spoil = None
    here.meter.link.timeout = 1.0
    assert here.reads_right(here.names[0])


# -- others on the line ---------------------------------------------------------------------------


def dlt645_frame(address: str, control: str, data: str) -> bytes:
    content = bytes((b + 0x33) % 256 for b in bytes.fromhex(data))
    head = b"\x68" + bytes.fromhex(address)[::-1] + b"\x68" + bytes.fromhex(control)
    body = head + bytes([len(content)]) + content
    return body + bytes([sum(body) % 256, 0x16])


def mbus_frame(address: int, content: str) -> bytes:
    body = bytes([0x08, address]) + bytes.fromhex(content)
    return bytes([0x68, len(body), len(body), 0x68]) + body + bytes([sum(body) % 256, 0x16])


FOREIGN = {
    "dlt645_meter": dlt645_frame("000000000162", "91", "00000100 99999999"),
    "dlt645_1997_meter": dlt645_frame("000000000004", "81", "1090 99999999"),
    "mbus_meter": mbus_frame(9, "72 99999999 7704 01 04 00 00 0000 0C13 99999999"),
    "radian_rd": bytes.fromhex("A3 32 00 D5"),
}


@pytest.mark.parametrize("name", list(FOREIGN))
def test_a_frame_of_another_before_the_answer_is_dropped_and_noted(
    bench: Callable[..., Bench], name: str, notes: Any
) -> None:
    here = bench(name)
    here.spoil = lambda _, reply: iter([FOREIGN[name], reply])
    assert here.reads_right(here.names[0])
    assert "late-reply" in notes.what()


@pytest.mark.parametrize("name", list(FOREIGN))
def test_where_only_others_answer_it_is_said(bench: Callable[..., Bench], name: str) -> None:
    here = bench(name, timeout=0.1)
    here.spoil = lambda _, reply: iter([FOREIGN[name]])
    with pytest.raises(GarbageReplyError, match="only other meters answered"):
        here.meter.read(here.names[0])


def test_a_late_answer_to_another_question_is_not_taken(bench: Callable[..., Bench]) -> None:
    here = bench("dlt645_meter")
    before = dlt645_frame("000000000161", "91", "00020100 77777777")  # not what is asked
    here.spoil = lambda _, reply: iter([before, reply])
    assert here.reads_right("energy")


def test_an_hdlc_frame_that_comes_again_is_known_by_its_number(
    bench: Callable[..., Bench], notes: Any
) -> None:
    here = bench("dlms_meter")
    last = [b""]

    def spoils(request: bytes, reply: bytes) -> Iterator[object]:
        yield last[0] + reply
        last[0] = reply

    here.spoil = spoils
    for channel in here.names[:4]:
        assert here.reads_right(channel)
    assert "late-reply" in notes.what()


# -- addresses ------------------------------------------------------------------------------------


def opened(bench: Bench, connected: Make, options: str) -> Any:
    """Open the bench's meter once more, on the same line, with other options."""
    line = parse_address(bench.simulated.at.format(location="/dev/x")).line
    assert line is not None
    settings = f"baud={line.baud}&bits={line.bits}&parity={line.parity}&timeout=0.5"
    return connected(type(bench.meter), f"serial://{bench.peer.path}?{settings}{options}")


def test_a_meter_that_is_alone_is_asked_for_its_address(
    bench: Callable[..., Bench], connected: Make
) -> None:
    here = bench("dlt645_meter")
    here.meter.link.close()
    meter = opened(here, connected, "")
    assert meter.bus_address == ""
    assert meter.connect().text == "DL/T 645-2007 meter 000000000161"
    assert meter.energy == here.right("energy")
    here.spoil = lambda _, reply: iter([FOREIGN["dlt645_meter"]])
    with pytest.raises(GarbageReplyError, match="only other meters answered, 000000000161"):
        _ = meter.energy


def test_a_meter_is_found_by_the_end_of_its_number(
    bench: Callable[..., Bench], connected: Make
) -> None:
    here = bench("dlt645_meter")
    here.meter.link.close()
    assert opened(here, connected, "&address=A0161").connect().serial == "000000000161"


@pytest.mark.parametrize("address", ["5", "254", "1234567877040104", "1234567FFFFFFFFF"])
def test_an_mbus_meter_is_met_under_each_of_its_addresses(
    bench: Callable[..., Bench], connected: Make, address: str
) -> None:
    here = bench("mbus_meter")
    here.meter.link.close()
    meter = opened(here, connected, f"&address={address}")
    assert meter.connect().serial == "12345678"
    assert meter.read("volume", "due_volume") == (123456.0, 120000.0)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("dlt645_meter", "&address=999999999999"),
        ("mbus_meter", "&address=251"),
        ("mbus_meter", "&address=1234567"),
        ("dlms_meter", "&server=300&address_size=1"),
        ("dlms_meter", "&framing=x25"),
        ("iec62056_meter", "&mode=fast"),
        ("radian_rd", "&floats=vax"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(
    bench: Callable[..., Bench], connected: Make, name: str, options: str
) -> None:
    here = bench(name)
    with pytest.raises(UsageError, match=r"no meter address|is none of"):
        opened(here, connected, options)
