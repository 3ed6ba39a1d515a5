"""A person reads a dial beside samplers that go on."""

import numpy as np
import pytest

from benchctl.acquire import Tally, VirtualScheduler, by_hand, sample
from benchctl.core.clock import VirtualClock
from benchctl.core.errors import GarbageReplyError
from benchctl.core.ports import Answer
from benchctl.core.series import Series
from benchctl.driver import ManualInstrument, Reading
from benchctl.links import NoWire


class Dial(ManualInstrument):
    pressure = Reading("pressure", unit="MPa", doc="Pressure.")


class Person:
    """Reads a dial that rises by 1 MPa in 100 s; takes 8 s; sometimes answers nonsense."""

    def __init__(self, clock, nonsense=()):
        self.clock = clock
        self.asked = []
        self.nonsense = set(nonsense)

    def ask(self, prompt, answered):
        self.asked.append(prompt)
        wrong = len(self.asked) in self.nonsense
        value = 99.0 if wrong else (self.clock.now() + 4.0) / 100.0
        answered(Answer(value, "Li", after=8.0))

    def withdraw(self, prompt):
        raise AssertionError


def carried_out(readings=5, nonsense=(), period=0.0):
    clock = VirtualClock()
    person = Person(clock, nonsense)
    scheduler = VirtualScheduler(clock, person)
    dial = Dial(NoWire("manual:", "gauge", clock), {"low": "0", "high": "10"}, name="gauge")
    read, reference = Series("dial", ("p",), ("MPa",)), Series("reference", ("p",), ("MPa",))
    tally = Tally()
    scheduler.spawn(
        sample(lambda: (clock.now() / 100.0,), reference, clock, period=0.5), bus="a", name="a"
    )

    def main():
        yield from by_hand(
            lambda n: dial.prompt("pressure", uut=f"reading {n}"),
            dial.accept,
            read,
            clock,
            readings=readings,
            period=period,
            tally=tally,
        )

    scheduler.run(main())
    return read, reference, person, tally


def test_a_person_is_a_sampler_and_the_reference_is_read_meanwhile():
    read, reference, person, tally = carried_out()
    before, after, value, _ = read.block(0)
    assert list(after - before) == [8.0] * 5
    t, p = reference.readings()
    assert t.size > 70
    assert value == pytest.approx(np.interp((before + after) / 2, t, p))
    assert [prompt.unit for prompt in person.asked] == ["MPa"] * 5
    assert tally == Tally()


def test_readings_come_no_sooner_than_their_period():
    read, _, _, _ = carried_out(period=30.0)
    assert list(np.diff(read.block(0)[0])) == [30.0] * 4


def test_nonsense_is_asked_again_and_never_a_reading():
    read, _, person, tally = carried_out(nonsense=(2, 3))
    assert read.n == 5
    assert len(person.asked) == 7
    assert tally == Tally(failed=2)
    assert float(read.column(0).max()) < 10.0


def test_a_person_who_only_answers_nonsense_ends_it():
    with pytest.raises(GarbageReplyError):
        carried_out(nonsense=range(2, 100))
