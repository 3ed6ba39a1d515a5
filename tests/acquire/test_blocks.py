"""Blocks: many units in one exchange, each with rows of its own."""

import math

import pytest

from benchctl.acquire import Block, Part, Tally, Until, blocks, scheduler_for
from benchctl.core.clock import VirtualClock
from benchctl.core.errors import InstrumentError, NoReplyError
from benchctl.core.messages import msg
from benchctl.core.series import FAILED, GOOD, Series


class Nobody:
    def ask(self, prompt, answered):
        raise AssertionError

    def withdraw(self, prompt):
        raise AssertionError


class Counter:
    """Two positions with a count and a latch each; `fails` and `gaps` by number of the read."""

    def __init__(self, clock, fails=(), gaps=()):
        self.clock, self.fails, self.gaps = clock, set(fails), set(gaps)
        self.reads = 0
        self.said = []

    def __call__(self):
        n, self.reads = self.reads, self.reads + 1
        self.clock.sleep(0.01)
        if n in self.fails:
            raise NoReplyError(msg("acquire.no-flow", volume="0"), instrument="counter")
        self.said.append(b"frame %d" % n)
        second = math.nan if n in self.gaps else 20.0 + n
        return (n, 10.0 * n, second, 100.0 * n)

    def heard(self):
        said, self.said = b"".join(self.said), []
        return said


def counted(name):
    return Series(name, ("count", "latch"), ("imp", "imp"), capacity=4)


def run_for(seconds, counter, parts, tally=None, **more):
    scheduler = scheduler_for(counter.clock, Nobody())
    block = Block(counter, parts, counter.heard)
    scheduler.spawn(
        blocks(block, counter.clock, period=1.0, tally=tally, **more), bus="box", name="box"
    )

    def main():
        yield Until(seconds)

    scheduler.run(main())


def test_all_units_have_a_row_of_the_same_instant_from_one_exchange():
    counter, a, b = Counter(VirtualClock()), counted("a"), counted("b")
    run_for(4.5, counter, [Part(a, None), Part(b, None)])
    assert (a.n, b.n, counter.reads) == (5, 5, 5)
    assert list(a.block(0)[2]) == [0, 1, 2, 3, 4]
    assert list(b.block(0)[2]) == [20, 21, 22, 23, 24]
    assert list(b.block(0)[3]) == [0, 100, 200, 300, 400]
    assert (a.t() == b.t()).all()
    assert a.said(0) == b.said(0) == [b"frame %d" % n for n in range(5)]


def test_what_one_unit_alone_cannot_tell_spoils_its_own_row_only():
    counter, a, b = Counter(VirtualClock(), gaps={1}), counted("a"), counted("b")
    tally, seen = Tally(), []
    run_for(2.5, counter, [Part(a, None), Part(b, lambda e: seen.append(e) or True)], tally)
    assert list(a.flags()) == [GOOD] * 3
    assert list(b.flags()) == [GOOD, FAILED, GOOD]
    assert [type(e).__name__ for e in seen] == ["NotANumberError"]
    assert tally.failed == 1


def test_an_exchange_that_fails_is_a_failed_row_of_every_unit():
    counter, a, b = Counter(VirtualClock(), fails={1}), counted("a"), counted("b")
    asked = []

    def go_on(of):
        return lambda error: asked.append(of) or True

    run_for(2.5, counter, [Part(a, go_on("a")), Part(b, go_on("b"))])
    assert asked == ["a", "b"]
    assert list(a.flags()) == list(b.flags()) == [GOOD, FAILED, GOOD]


def test_nobody_who_says_go_on_ends_the_task():
    counter = Counter(VirtualClock(), fails={0})
    with pytest.raises(InstrumentError):
        run_for(2.5, counter, [Part(counted("a"), None)])


def test_a_unit_that_left_gets_no_more_rows_and_the_others_keep_theirs():
    counter, a, b = Counter(VirtualClock(), fails={1}), counted("a"), counted("b")
    leaving = Part(a, None)

    def leave(error):
        leaving.left = True
        return True

    leaving.on_error = leave
    run_for(3.5, counter, [leaving, Part(b, lambda error: True)])
    assert list(a.flags()) == [GOOD, FAILED]
    assert list(b.block(0)[2][[0, 2, 3]]) == [20, 22, 23]


def test_a_reader_of_another_number_of_values_is_a_mistake_of_ours():
    counter = Counter(VirtualClock())
    with pytest.raises(ValueError, match="block of 2 values got 4"):
        run_for(0.5, counter, [Part(counted("a"), None)])
