"""Devices that answer lines with lines, and the balance that speaks MT-SICS; met with raw bytes."""

import pytest

from benchctl.core.clock import VirtualClock, pause
from benchctl.simulation import (
    MtSicsBalance,
    PtyPort,
    SimulatedBench,
    TcpPort,
    TextBus,
    TextServer,
    Timed,
    Wire,
)


class Clockwork:
    """Tells the time, takes its time, or says nothing."""

    def answer(self, line, t):
        match line:
            case "t?":
                return f"{t:.4f}"
            case "wait?":
                return Timed(f"{t + 2.0:.4f}", 2.0)
            case "two":
                return "one\r\ntwo"
            case "hush":
                return None
        return f"<{line}>"


@pytest.fixture
def text(nothing_left_behind, wire):
    clock = VirtualClock()
    with TextServer(clock, PtyPort(), Wire(9600, turnaround=0.01), Clockwork()) as server:
        client = wire(server.location)
        client.server, client.clock = server, clock
        yield client


def test_a_line_is_answered_after_its_time_on_the_wire_and_the_turnaround(text):
    assert text.ask(b"t?\r\n", 8) == b"0.0142\r\n"  # 4 characters and 10 ms
    assert text.clock.now() == pytest.approx((4 + 8) * 10 / 9600 + 0.01)


def test_an_answer_that_takes_time_takes_bench_time(text):
    assert text.ask(b"wait?\r\n", 8) == b"2.0173\r\n"
    assert text.clock.now() == pytest.approx(2.0 + (7 + 8) * 10 / 9600 + 0.01)


def test_lines_may_come_in_pieces_several_at_once_and_be_answered_by_several(text):
    text.send(b"a")
    pause(0.02)
    assert text.ask(b"bc\r\nde\r\n", 13) == b"<abc>\r\n<de>\r\n"
    assert text.ask(b"two\r\n", 10) == b"one\r\ntwo\r\n"


def test_a_device_may_be_silent_and_forgets_noise(text):
    assert text.ask(b"hush\r\n", timeout=0.1) == b""
    text.send(b"\xff" * 300)
    pause(0.05)
    assert text.ask(b"t\r\n", 5) == b"<t>\r\n"


def test_the_end_of_a_line_is_the_device_s_own_and_it_may_be_met_over_tcp(
    nothing_left_behind, wire
):
    with TextServer(VirtualClock(), TcpPort(), Wire(), Clockwork(), end=b"\r") as server:
        assert wire(server.location).ask(b"x\r", 4) == b"<x>\r"


def test_the_fault_checksum_spoils_a_character_of_the_text(text):
    text.server.trouble.set("checksum", count=1)
    spoilt = text.ask(b"abc\r\n", 7)
    assert spoilt[-2:] == b"\r\n"
    assert spoilt != b"<abc>\r\n"
    assert text.ask(b"abc\r\n", 7) == b"<abc>\r\n"


class OneLine(SimulatedBench):
    name = "one_line"

    def buses(self):
        return {"sim.text": TextBus(Wire(), Clockwork(), medium="tcp", end=b"\n")}

    @classmethod
    def default_uuts(cls, seed):
        return []

    def truth(self, serial, item, quantity, point):
        raise KeyError(serial)

    def state(self):
        return {}


def test_a_bench_declares_it_as_a_bus(nothing_left_behind, wire):
    with OneLine(VirtualClock(), seed=1, uuts=()) as bench:
        client = wire(bench.locations["sim.text"])
        assert client.ask(b"x\n", 4) == b"<x>\n"
        bench.fault("silent", bus="text", count=1)
        assert client.ask(b"x\n", timeout=0.1) == b""


# MT-SICS ------------------------------------------------------------------------------------


class Pan:
    """What lies on a balance: `kg` from `since` on, before that `before`."""

    def __init__(self):
        self.kg = self.before = self.since = self.noise = 0.0
        self.rate = 0.0

    def put(self, kg, since=0.0):
        self.before, self.kg, self.since = self.kg, kg, since

    def load(self, t):
        return (self.kg if t >= self.since else self.before) + self.rate * t


@pytest.fixture
def pan():
    return Pan()


@pytest.fixture
def make_balance(nothing_left_behind, wire, pan):
    servers = []

    def make(**changed):
        given = {"capacity": 150.0, "step": 0.001, "load": pan.load, "noise": lambda _: pan.noise}
        balance = MtSicsBalance("KCC150", "B1", **given | changed)
        clock = VirtualClock()
        servers.append(TextServer(clock, PtyPort(), Wire(9600, turnaround=0.0), balance))
        servers[-1].plug()
        client = wire(servers[-1].location)
        client.clock = clock

        def say(command):
            reply = client.ask(command.encode() + b"\r\n", 4)
            while not reply.endswith(b"\r\n"):
                reply += client.receive()
            return reply.decode().removesuffix("\r\n")

        client.say = say
        return client

    yield make
    for server in servers:
        server.close()


@pytest.fixture
def balance(make_balance):
    client = make_balance()
    client.clock.sleep(10.0)
    return client


def test_a_weight_stands_in_ten_characters_before_its_unit(balance, pan):
    pan.put(12.3454)
    assert balance.say("S") == "S S     12.345 kg"
    assert balance.say("SI") == "S S     12.345 kg"
    pan.put(-0.0004)
    assert balance.say("SI") == "S S      0.000 kg"
    pan.noise = -0.002
    assert balance.say("SI") == "S S     -0.002 kg"


@pytest.mark.parametrize(
    ("step", "unit", "shown"),
    [(0.01, "kg", "     12.35 kg"), (0.001, "g", "     12346 g"), (1e-5, "g", "  12346.00 g")],
)
def test_it_shows_whole_steps_in_its_unit(make_balance, pan, step, unit, shown):
    client = make_balance(step=step, unit=unit)
    pan.put(12.346)
    client.clock.sleep(10.0)
    assert client.say("S") == f"S S {shown}"


def test_it_says_who_it_is(balance):
    assert balance.say("I1") == 'I1 A "01" "2.30" "2.20" "" ""'
    assert balance.say("I2") == 'I2 A "KCC150 150.000 kg"'
    assert balance.say("I4") == 'I4 A "B1"'
    assert balance.say("@") == 'I4 A "B1"'


def test_a_load_that_grows_is_dynamic_and_s_waits_until_it_rests(balance, pan):
    pan.put(5.0, since=11.0)
    balance.clock.move_to(10.9)
    assert balance.say("SI") == "S S      0.000 kg"
    balance.clock.move_to(11.2)
    assert balance.say("SI").startswith("S D ")
    began = balance.clock.now()
    assert balance.say("S") == "S S      5.000 kg"
    assert began + 0.3 < balance.clock.now() < 12.0


def test_what_never_rests_cannot_be_weighed(balance, pan):
    pan.rate = 0.01
    began = balance.clock.now()
    assert balance.say("S") == "S I"
    assert balance.clock.now() - began == pytest.approx(10.0, abs=0.05)
    assert balance.say("T") == "T I"
    assert balance.say("Z") == "Z I"
    assert balance.say("TI").startswith("TI D")


def test_over_and_underload_are_no_weights(balance, pan):
    pan.put(150.009)
    assert balance.say("SI") == "S S    150.009 kg"
    pan.put(150.011)
    assert balance.say("SI") == "S +"
    assert balance.say("S") == "S +"
    assert balance.say("T") == "T +"
    pan.put(-4.0)
    assert balance.say("S") == "S -"
    assert balance.say("Z") == "Z -"


def test_tare_and_zero(balance, pan):
    pan.put(40.0)
    assert balance.say("T") == "T S     40.000 kg"
    assert balance.say("S") == "S S      0.000 kg"
    assert balance.say("TA") == "TA A     40.000 kg"
    pan.put(39.0)
    assert balance.say("S") == "S S     -1.000 kg"
    assert balance.say("TAC") == "TAC A"
    assert balance.say("S") == "S S     39.000 kg"
    assert balance.say("Z") == "Z +"  # beyond 2 % of the capacity
    pan.put(2.0)
    assert balance.say("Z") == "Z A"
    assert balance.say("S") == "S S      0.000 kg"
    pan.put(1.0)
    assert balance.say("T") == "T -"
    assert balance.say("ZI") == "ZI S"
    assert balance.say("TI") == "TI S      0.000 kg"


@pytest.mark.parametrize(
    ("command", "reply"), [("s", "ES"), ("X1", "ES"), ("", "ES"), ("S 1", "S L"), ("I2 3", "I2 L")]
)
def test_what_it_does_not_know_it_refuses(balance, command, reply):
    assert balance.say(command) == reply


def test_a_stream_goes_on_until_it_is_cancelled(balance, pan):
    pan.put(1.0)
    assert balance.say("SIR") == "S S      1.000 kg"
    lines = balance.ask(b"I4\r\n", 40 + 9).decode().split("\r\n")
    assert lines == ["S S      1.000 kg"] * 2 + ['I4 A "B1"', ""]
    assert balance.ask(b"@\r\n", 40 + 9).endswith(b'I4 A "B1"\r\n')
    assert balance.say("I4") == 'I4 A "B1"'
