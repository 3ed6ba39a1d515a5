"""The scheduler: order, stop, failures, threads; on a virtual and on a real clock."""

import sys
import threading
from collections.abc import Callable

import pytest

from benchctl.acquire import (
    Ask,
    RealScheduler,
    Until,
    VirtualScheduler,
    When,
    sample,
    scheduler_for,
)
from benchctl.core.clock import RealClock, VirtualClock, monotonic, pause
from benchctl.core.errors import RefusedError, StoppedError
from benchctl.core.messages import msg
from benchctl.core.ports import Answer, Prompt
from benchctl.core.series import Series

PROMPT = Prompt(id="p", kind="yes_no", question=msg("judgement.inside"))


class Person:
    """Answers at once, from a thread after a while, or never."""

    def __init__(self, answer: Answer | None = None, later: float | None = None) -> None:
        self.answer = answer
        self.later = later
        self.withdrawn: list[Prompt] = []

    def ask(self, prompt: Prompt, answered: Callable[[Answer], None]) -> None:
        if self.answer is None:
            return
        if self.later is None:
            answered(self.answer)
            return
        threading.Timer(self.later, answered, (self.answer,)).start()

    def withdraw(self, prompt: Prompt) -> None:
        self.withdrawn.append(prompt)


class Nobody:
    def ask(self, prompt, answered):
        raise RefusedError(msg("judgement.inside"))

    def withdraw(self, prompt):
        raise AssertionError("nothing was asked")


def make(kind: str, operator=None):
    """A scheduler; the real one runs 50 times as fast as the wall."""
    clock = VirtualClock() if kind == "virtual" else RealClock(50.0)
    return scheduler_for(clock, operator or Person())


KINDS = pytest.mark.parametrize("kind", ["virtual", "real"])


def ticker(clock, period, log, *, n=None):
    k = 0
    start = clock.now()
    while n is None or k < n:
        log.append(clock.now())
        k += 1
        yield Until(start + k * period)


def sleep_for(clock, seconds):
    yield Until(clock.now() + seconds)
    return clock.now()


def test_the_clock_decides_which_scheduler_is_made():
    assert isinstance(scheduler_for(VirtualClock(), Person()), VirtualScheduler)
    assert isinstance(scheduler_for(RealClock(), Person()), RealScheduler)


@KINDS
def test_the_result_of_the_main_task_is_returned(kind):
    scheduler = make(kind)

    def main():
        yield Until(scheduler.clock.now() + 1)
        return "done"

    assert scheduler.run(main()) == "done"


def test_virtual_time_jumps_and_lands_exactly():
    scheduler = make("virtual")
    began = monotonic()
    assert scheduler.run(sleep_for(scheduler.clock, 86400.0)) == 86400.0
    assert monotonic() - began < 0.5


@KINDS
def test_a_sampler_ticks_beside_the_main_task(kind):
    scheduler = make(kind)
    log = []
    scheduler.spawn(ticker(scheduler.clock, 1.0, log), bus="a", name="ticker")
    scheduler.run(sleep_for(scheduler.clock, 10.5))
    assert 9 <= len(log) <= 11
    if kind == "virtual":
        assert log == [float(k) for k in range(11)]


def test_virtual_tasks_run_in_order_of_instant_then_bus_then_birth():
    scheduler = make("virtual")
    log = []

    def task(name, *instants):
        for t in instants:
            yield Until(t)
            log.append((scheduler.clock.now(), name))

    for name, bus in (("b2", "b"), ("a1", "a"), ("a2", "a"), ("c", "c")):
        scheduler.spawn(task(name, 1.0, 2.0), bus=bus, name=name)
    scheduler.spawn(task("early", 0.5), bus="z", name="early")
    scheduler.run(sleep_for(scheduler.clock, 2.0))
    assert log == [
        (0.5, "early"),
        *[(1.0, n) for n in ("a1", "a2", "b2", "c")],
        *[(2.0, n) for n in ("a1", "a2", "b2", "c")],
    ]


def test_time_that_a_virtual_task_spends_on_the_wire_is_its_own():
    scheduler = make("virtual")
    log = []

    def slow():
        while True:
            scheduler.clock.sleep(0.3)
            log.append(("slow", round(scheduler.clock.now(), 3)))
            yield Until(scheduler.clock.now() + 0.7)

    def quick():
        for k in range(3):
            yield Until(0.1 + k)
            log.append(("quick", round(scheduler.clock.now(), 3)))

    scheduler.spawn(slow(), bus="a", name="slow")
    scheduler.spawn(quick(), bus="b", name="quick")
    scheduler.run(sleep_for(scheduler.clock, 2.2))
    assert ("quick", 0.1) in log
    assert ("quick", 1.1) in log
    assert [t for name, t in log if name == "slow"] == [0.3, 1.3, 2.3]


@KINDS
def test_when_goes_on_as_soon_as_a_task_brought_it_about(kind):
    scheduler = make(kind)
    log = []
    scheduler.spawn(ticker(scheduler.clock, 1.0, log), bus="a", name="ticker")

    def main():
        came = yield When(lambda: len(log) >= 4, until=1000.0)
        return came, scheduler.clock.now()

    came, t = scheduler.run(main())
    assert came is True
    assert len(log) == 4
    assert 3.0 <= t < 8.0


@KINDS
def test_when_says_false_at_its_time_out(kind):
    scheduler = make(kind)

    def main():
        began = scheduler.clock.now()
        came = yield When(lambda: False, until=began + 3.0)
        return came, scheduler.clock.now() - began

    came, waited = scheduler.run(main())
    assert came is False
    assert waited >= 3.0


def test_a_virtual_wait_that_nothing_can_end_is_a_mistake_not_a_hang():
    scheduler = make("virtual")

    def main():
        yield When(lambda: False)

    with pytest.raises(RuntimeError, match="no task can bring about"):
        scheduler.run(main())


@KINDS
def test_a_failure_in_a_task_is_raised_where_the_main_task_waits(kind):
    scheduler = make(kind)

    def broken():
        yield Until(scheduler.clock.now() + 1.0)
        raise OSError("unplugged")

    def main():
        try:
            yield Until(scheduler.clock.now() + 1000.0)
        except OSError as error:
            yield Until(scheduler.clock.now() + 1.0)  # there is still time to tidy up
            return str(error)

    job = scheduler.spawn(broken(), bus="a", name="broken")
    assert scheduler.run(main()) == "unplugged"
    assert job.done


@KINDS
def test_the_other_tasks_go_on_after_one_failed(kind):
    scheduler = make(kind)
    log = []

    def broken():
        yield Until(scheduler.clock.now() + 1.0)
        raise OSError("unplugged")

    def main():
        try:
            yield Until(scheduler.clock.now() + 1000.0)
        except OSError:
            n = len(log)
            yield Until(scheduler.clock.now() + 20.0)
            return len(log) - n

    scheduler.spawn(broken(), bus="a", name="broken")
    scheduler.spawn(ticker(scheduler.clock, 1.0, log), bus="a", name="ticker")
    assert scheduler.run(main()) >= 10


@KINDS
def test_an_uncaught_failure_leaves_run_and_closes_every_task(kind):
    scheduler = make(kind)
    closed = []

    def tidy(name):
        try:
            while True:
                yield Until(scheduler.clock.now() + 0.5)
        finally:
            closed.append(name)

    def broken():
        yield Until(scheduler.clock.now() + 1.0)
        raise ValueError("broken")

    for name in ("one", "two"):
        scheduler.spawn(tidy(name), bus=name, name=name)
    scheduler.spawn(broken(), bus="one", name="broken")

    def main():
        try:
            yield Until(scheduler.clock.now() + 1000.0)
        finally:
            closed.append("main")

    with pytest.raises(ValueError, match="broken"):
        scheduler.run(main())
    assert sorted(closed) == ["main", "one", "two"]


@KINDS
def test_stop_is_raised_in_the_main_task_once(kind):
    scheduler = make(kind)
    log = []

    def stopper():
        yield Until(scheduler.clock.now() + 1.0)
        for _ in range(3):  # any number of Ctrl-C
            scheduler.stop("SIGINT")

    def main():
        try:
            yield Until(scheduler.clock.now() + 1000.0)
        except StoppedError as error:
            log.append(error.message.args["source"])
            yield Until(scheduler.clock.now() + 2.0)  # making safe is not interrupted again
            return "safe"

    scheduler.spawn(stopper(), bus="a", name="stopper")
    assert scheduler.run(main()) == "safe"
    assert log == ["SIGINT"]


def test_stop_from_another_thread_wakes_a_real_wait_at_once():
    scheduler = scheduler_for(RealClock(), Person())
    threading.Timer(0.05, scheduler.stop, ("SIGTERM",)).start()
    began = monotonic()
    with pytest.raises(StoppedError):
        scheduler.run(sleep_for(scheduler.clock, 30.0))
    assert monotonic() - began < 1.0


class Wanted(Exception):
    """What a person wants of the main task."""


@KINDS
def test_what_attend_finds_is_raised_where_the_main_task_waits(kind):
    scheduler = make(kind)
    wanted, log = [], []
    scheduler.attend(lambda: wanted.pop() if wanted else None)

    def person():
        yield Until(scheduler.clock.now() + 1.0)
        wanted.append(Wanted())
        scheduler.wake()

    def main():
        try:
            yield Until(scheduler.clock.now() + 1000.0)
        except Wanted:
            log.append(scheduler.clock.now())
        yield Until(scheduler.clock.now() + 2.0)
        return "went on"

    scheduler.spawn(person(), bus="a", name="person")
    assert scheduler.run(main()) == "went on"
    assert log == [pytest.approx(1.0, abs=0.5)]


@KINDS
def test_an_open_question_is_withdrawn_when_something_else_is_wanted(kind):
    person = Person()
    scheduler = make(kind, person)
    wanted = []
    scheduler.attend(lambda: wanted.pop() if wanted else None)

    def main():
        threading.Timer(0.05, lambda: (wanted.append(Wanted()), scheduler.wake())).start()
        try:
            yield Ask(PROMPT)
        except Wanted:
            return "something else"

    assert scheduler.run(main()) == "something else"
    assert person.withdrawn == [PROMPT]


@KINDS
def test_a_stop_comes_before_what_attend_finds(kind):
    scheduler = make(kind)
    scheduler.attend(Wanted)
    scheduler.stop("SIGINT")
    with pytest.raises(StoppedError):
        scheduler.run(sleep_for(scheduler.clock, 1.0))


@KINDS
def test_stop_before_the_start_stops_at_the_first_wait(kind):
    scheduler = make(kind)
    scheduler.stop("SIGINT")
    with pytest.raises(StoppedError):
        scheduler.run(sleep_for(scheduler.clock, 1.0))


@KINDS
def test_a_late_stop_touches_no_file_that_was_opened_meanwhile(kind, tmp_path):
    scheduler = make(kind)
    scheduler.run(sleep_for(scheduler.clock, 0.1))
    files = [(tmp_path / str(i)).open("w+") for i in range(8)]  # they get the freed numbers
    scheduler.stop("SIGINT")
    contents = []
    for file in files:
        file.seek(0)
        contents.append(file.read())
        file.close()
    assert contents == [""] * 8


@KINDS
def test_a_cancelled_task_takes_no_further_step_and_is_closed(kind):
    scheduler = make(kind)
    log, closed = [], []

    def task():
        try:
            yield from ticker(scheduler.clock, 1.0, log)
        finally:
            closed.append(True)

    job = scheduler.spawn(task(), bus="a", name="ticker")

    def main():
        yield When(lambda: len(log) >= 3)
        job.cancel()
        n = len(log)
        yield Until(scheduler.clock.now() + 5.0)
        return len(log) - n

    assert scheduler.run(main()) == 0
    assert closed == [True]
    assert job.done


@KINDS
def test_a_task_that_ends_is_done(kind):
    scheduler = make(kind)
    log = []
    job = scheduler.spawn(ticker(scheduler.clock, 0.5, log, n=3), bus="a", name="three")

    def main():
        yield When(lambda: job.done, until=scheduler.clock.now() + 100)

    scheduler.run(main())
    assert job.done
    assert len(log) == 3


@KINDS
@pytest.mark.parametrize("wait", [When(lambda: True), Ask(PROMPT)], ids=["When", "Ask"])
def test_only_the_main_task_may_wait_for_a_condition_or_a_person(kind, wait):
    scheduler = make(kind)

    def task():
        yield wait

    scheduler.spawn(task(), bus="a", name="forward")
    with pytest.raises(TypeError, match="forward: only the main task"):
        scheduler.run(sleep_for(scheduler.clock, 50.0))


def test_a_simulated_person_takes_bench_time_and_samplers_go_on_meanwhile():
    scheduler = make("virtual", Person(Answer(True, "sim", after=8.0)))
    log = []
    scheduler.spawn(ticker(scheduler.clock, 1.0, log), bus="a", name="ticker")

    def main():
        answer = yield Ask(PROMPT)
        return answer.value, scheduler.clock.now()

    assert scheduler.run(main()) == (True, 8.0)
    assert len(log) == 9


@KINDS
def test_an_answer_may_come_later_from_another_thread(kind):
    scheduler = make(kind, Person(Answer(3.5, "Li"), later=0.05))

    def main():
        answer = yield Ask(PROMPT)
        return answer

    assert scheduler.run(main()) == Answer(3.5, "Li")


@KINDS
def test_stop_withdraws_an_open_question(kind):
    person = Person()
    scheduler = make(kind, person)
    threading.Timer(0.05, scheduler.stop, ("SIGINT",)).start()

    def main():
        yield Ask(PROMPT)

    with pytest.raises(StoppedError):
        scheduler.run(main())
    assert person.withdrawn == [PROMPT]


@KINDS
def test_a_question_that_nobody_can_answer_is_refused_inside_the_main_task(kind):
    scheduler = make(kind, Nobody())

    def main():
        try:
            yield Ask(PROMPT)
        except RefusedError:
            return "refused"

    assert scheduler.run(main()) == "refused"


def test_a_simulated_answer_on_a_real_clock_waits_its_time():
    scheduler = make("real", Person(Answer(True, "sim", after=5.0)))

    def main():
        began = scheduler.clock.now()
        answer = yield Ask(PROMPT)
        return answer.value, scheduler.clock.now() - began

    value, waited = scheduler.run(main())
    assert value is True
    assert waited >= 5.0


def test_real_tasks_of_one_bus_never_overlap_and_buses_run_side_by_side():
    scheduler = scheduler_for(RealClock(), Person())
    active: dict[str, int] = {"a": 0, "b": 0}
    overlaps, threads = [], set()

    def task(bus):
        while True:
            threads.add(threading.current_thread().name)
            active[bus] += 1
            overlaps.append((active[bus], sum(active.values())))
            pause(0.004)
            active[bus] -= 1
            yield Until(scheduler.clock.now())

    for bus in ("a", "a", "b"):
        scheduler.spawn(task(bus), bus=bus, name=bus)
    scheduler.run(sleep_for(scheduler.clock, 0.2))
    assert max(n for n, _ in overlaps) == 1
    assert max(n for _, n in overlaps) == 2
    assert threads == {"bus a", "bus b"}


def test_the_main_task_sleeps_while_samplers_step_unless_it_waits_for_a_condition(monkeypatch):
    rung = []
    clock = RealClock()
    scheduler = scheduler_for(clock, Nobody())
    assert isinstance(scheduler, RealScheduler)
    ring = scheduler._wake.ring
    monkeypatch.setattr(scheduler._wake, "ring", lambda: (rung.append(clock.now()), ring()))
    steps = []

    def sampler():
        while True:
            steps.append(clock.now())
            yield Until(clock.now() + 0.002)

    def main():
        scheduler.spawn(sampler(), bus="a", name="a")
        yield Until(clock.now() + 0.1)
        asleep = len(rung)
        yield When(lambda: len(steps) > 1000, clock.now() + 0.1)
        return asleep

    asleep = scheduler.run(main())
    assert asleep == 0
    assert len(rung) > 5
    assert len(steps) > 20


def test_a_unit_that_hangs_on_its_own_bus_does_not_hold_the_others():
    """Three units read side by side: one hangs for the whole run, the others keep their slots."""
    clock = RealClock()
    scheduler = scheduler_for(clock, Nobody())
    released = threading.Event()
    rows = [Series(name, ("a",), ("V",)) for name in "abc"]

    def hangs():
        released.wait(5.0)
        return (0.0,)

    def main():
        for one, read in zip(rows, (lambda: (1.0,), hangs, lambda: (2.0,)), strict=True):
            scheduler.spawn(sample(read, one, clock, period=0.01), bus=one.name, name=one.name)
        yield Until(clock.now() + 0.3)
        seen = [one.n for one in rows]
        released.set()
        return seen

    first, hung, last = scheduler.run(main())
    assert hung == 0
    assert min(first, last) >= 15


def test_while_a_real_run_goes_on_a_computing_thread_gives_way_sooner():
    before = sys.getswitchinterval()
    clock = RealClock()

    def main():
        yield Until(clock.now() + 0.001)
        return sys.getswitchinterval()

    assert scheduler_for(clock, Nobody()).run(main()) == pytest.approx(2e-4)
    assert sys.getswitchinterval() == before


def test_no_thread_is_left_after_a_real_run():
    before = set(threading.enumerate())
    scheduler = make("real")
    log = []
    for bus in "abc":
        scheduler.spawn(ticker(scheduler.clock, 1.0, log), bus=bus, name=bus)
    scheduler.run(sleep_for(scheduler.clock, 2.0))
    assert set(threading.enumerate()) - before == set()
    assert log


def test_no_thread_is_left_after_a_real_run_that_was_stopped():
    before = set(threading.enumerate())
    scheduler = make("real")
    scheduler.spawn(ticker(scheduler.clock, 3600.0, []), bus="far", name="far")

    def main():
        yield Until(scheduler.clock.now() + 1)
        scheduler.stop("stop")
        yield Until(scheduler.clock.now() + 1)

    with pytest.raises(StoppedError):
        scheduler.run(main())
    assert set(threading.enumerate()) - before == set()


def test_two_virtual_runs_with_the_same_tasks_are_the_same():
    def run():
        scheduler = make("virtual")
        log = []

        def task(name, wire, period):
            while True:
                scheduler.clock.sleep(wire)
                log.append((name, scheduler.clock.now()))
                yield Until(scheduler.clock.now() + period)

        for i in range(5):
            scheduler.spawn(task(i, 0.013 * i, 0.31 + 0.1 * i), bus=str(i % 2), name=str(i))
        scheduler.run(sleep_for(scheduler.clock, 60.0))
        return log

    first = run()
    assert len(first) > 300
    assert first == run()
