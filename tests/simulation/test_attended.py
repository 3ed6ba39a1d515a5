"""Buses that no thread serves: the client's own thread answers, over the same wire."""

import contextlib
import threading

import pytest

from benchctl.core.clock import VirtualClock, monotonic, pause
from benchctl.core.errors import InstrumentError, LinkError, NoReplyError
from benchctl.core.events import LinkNoted
from benchctl.links import LinkFactory
from benchctl.simulation import CustomBus, SimulatedBench, TextServer, Wire


class Echoing:
    """Says a line back with the bench time of its arrival; obeys `keep ...` in silence."""

    def __init__(self):
        self.kept = []

    def answer(self, line, t):
        word, _, rest = line.partition(" ")
        if word == "keep":
            self.kept.append((rest, t))
            return None
        return "x" * int(rest) if word == "long" else f"{line} {t:.3f}"


class TwoLines(SimulatedBench):
    name = "two_lines"

    def __init__(self, clock, *, own_thread=False, **given):
        super().__init__(clock, **given)
        self.own_thread = own_thread

    def buses(self):
        self.device = Echoing()
        return {f"sim.{medium}": CustomBus(self.server, medium=medium) for medium in ("pty", "tcp")}

    def server(self, clock, port):
        wire = Wire(9600, turnaround=0.01)
        server = TextServer(clock, port, wire, self.device, end=b"\n")
        server.own_thread = self.own_thread
        return server

    @classmethod
    def default_uuts(cls, seed):
        return []

    def truth(self, serial, item, quantity, point):
        raise KeyError(serial)

    def state(self):
        return {}


ADDRESSES = {
    "pty": "serial://sim.pty?baud=9600&timeout=0.2",
    "tcp": "serial+tcp://sim.tcp?timeout=0.2",
}


class Notes(list):
    """A sink."""

    def emit(self, event):
        self.append(event)

    def what(self):
        return [e.what for e in self if isinstance(e, LinkNoted)]


@pytest.fixture
def bench(nothing_left_behind):
    with TwoLines(VirtualClock(), seed=1, uuts=()) as bench:
        yield bench


@pytest.fixture(params=ADDRESSES)
def line(bench, request):
    """A link to one line of the bench, which is attended."""
    notes = Notes()
    links = LinkFactory(bench.clock, notes, locations=bench.locations, peers=bench.attend())
    link, _ = links.open(ADDRESSES[request.param], "device")
    yield Line(request.param, link, notes)
    links.close()


class Line:
    """A link, the name of its bus, and what was noted."""

    def __init__(self, bus, link, notes):
        self.bus, self.link, self.notes = bus, link, notes

    def ask(self, text):
        with self.link.bus:
            return self.link.ask(text.encode() + b"\n", b"\n").decode().strip()


def test_the_client_s_own_thread_answers_and_the_wire_takes_its_bench_time(bench, line):
    threads = threading.active_count()
    # 3 characters at 10 bits and 9600 baud, and 0.01 s to turn round; then 9 characters back
    assert line.ask("ab") == "ab 0.013"
    assert bench.clock.now() == pytest.approx(0.010 + 12 / 960)
    assert line.ask("c") == "c 0.035"
    assert threading.active_count() == threads


def test_what_nobody_answers_is_obeyed_before_the_write_returns(bench, line):
    line.link.write(b"keep this\n")
    assert bench.device.kept == [("this", pytest.approx(0.010 + 10 / 960))]


def test_a_request_that_is_half_there_waits_for_its_other_half_but_not_long(bench, line):
    line.link.write(b"he")
    line.link.write(b"llo\n")
    assert line.link.read_until(b"\n").startswith(b"hello ")
    line.link.write(b"for")
    pause(0.3)
    assert line.ask("gotten").startswith("gotten ")


def test_a_late_reply_is_late_and_never_taken_for_the_next_answer(bench, line):
    bench.fault("late", bus=line.bus, count=1, delay=0.3)
    began = monotonic()
    with pytest.raises(NoReplyError):
        line.ask("first")
    assert monotonic() - began < 0.3
    assert line.ask("second").startswith("second ")
    assert line.notes.what() == ["late-reply"]


def test_after_a_late_reply_the_wire_can_be_opened_again(bench, line):
    threads = threading.active_count()
    bench.fault("late", bus=line.bus, count=1, delay=5.0)
    with pytest.raises(NoReplyError):
        line.ask("first")
    line.link.reopen()
    assert line.ask("second").startswith("second ")
    assert threading.active_count() == threads


def test_silence_is_silence(bench, line):
    bench.fault("silent", bus=line.bus, count=1)
    with pytest.raises(NoReplyError):
        line.ask("hear me")
    assert line.ask("again").startswith("again ")


def test_a_pulled_cable_is_noticed_and_a_plugged_one_serves_again(bench, line):
    assert line.ask("a").startswith("a ")
    bench.unplug(line.bus)
    with pytest.raises(LinkError):
        line.ask("b")
    bench.plug(line.bus)
    line.link.reopen()
    assert line.ask("c").startswith("c ")


def test_a_cable_may_be_pulled_from_another_thread_at_any_time(bench, line):
    ended = threading.Event()

    def pull():
        while not ended.is_set():
            bench.unplug(line.bus)
            bench.plug(line.bus)

    puller = threading.Thread(target=pull)
    puller.start()
    try:
        until = monotonic() + 0.3
        while monotonic() < until:
            with contextlib.suppress(InstrumentError):
                line.link.reopen()
                assert line.ask("x").startswith("x ")
    finally:
        ended.set()
        puller.join()
    line.link.reopen()
    assert line.ask("y").startswith("y ")


def test_a_bus_that_needs_a_thread_of_its_own_keeps_it(nothing_left_behind):
    with TwoLines(VirtualClock(), seed=1, uuts=(), own_thread=True) as bench:
        assert bench.attend() == {}
        links = LinkFactory(bench.clock, Notes(), locations=bench.locations, peers=bench.attend())
        link, _ = links.open(ADDRESSES["pty"], "device")
        assert link.ask(b"a\n", b"\n").startswith(b"a ")
        links.close()


def test_a_reply_larger_than_the_wire_holds_comes_whole(bench):
    links = LinkFactory(bench.clock, Notes(), locations=bench.locations, peers=bench.attend())
    link, _ = links.open("serial+tcp://sim.tcp?timeout=5", "device")
    with link.bus:
        link.write(b"long 8000000\n")
        assert len(link.read_until(b"\n")) == 8_000_001
        assert link.ask(b"then\n", b"\n").startswith(b"then ")
    links.close()


def test_it_reads_the_same_values_at_the_same_instants_as_a_thread_would(nothing_left_behind):
    seen = []
    for attended in (False, True):
        with TwoLines(VirtualClock(), seed=1, uuts=()) as bench:
            peers = bench.attend() if attended else {}
            links = LinkFactory(bench.clock, Notes(), locations=bench.locations, peers=peers)
            opened = {name: links.open(at, name)[0] for name, at in ADDRESSES.items()}
            said = [opened[n].ask(f"{i}\n".encode(), b"\n") for i in range(50) for n in opened]
            seen.append((said, bench.clock.now()))
            links.close()
    assert seen[0] == seen[1]


def test_a_reply_that_dribbles_in_is_put_together(bench, line):
    bench.fault("dribbled", bus=line.bus, count=1)
    assert line.ask("in pieces").startswith("in pieces ")
    assert line.ask("whole").startswith("whole ")
