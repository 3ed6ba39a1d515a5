"""Samplers: the grid of instants, missed slots, failed reads, several units on one bus."""

import math

import numpy as np
import pytest

from benchctl.acquire import (
    ANEW,
    Tally,
    Until,
    When,
    describe,
    round_robin,
    sample,
    scheduler_for,
    staggered,
)
from benchctl.core.clock import RealClock, VirtualClock
from benchctl.core.errors import NoReplyError, NotANumberError
from benchctl.core.messages import msg
from benchctl.core.series import FAILED, GOOD, Series


class Nobody:
    def ask(self, prompt, answered):
        raise AssertionError

    def withdraw(self, prompt):
        raise AssertionError


class Device:
    """Answers with the bench time at which it looked, after `wire` seconds; fails as told."""

    def __init__(self, clock, wire=0.0, fails=()):
        self.clock = clock
        self.wire = wire
        self.fails = set(fails)
        self.reads = 0

    def __call__(self):
        self.reads += 1
        self.clock.sleep(self.wire / 2)
        value = self.clock.now()
        self.clock.sleep(self.wire / 2)
        if self.reads - 1 in self.fails:
            raise NoReplyError(msg("acquire.no-flow", volume="0"), instrument="device")
        return (value,)


def series():
    return Series("x", ("time",), ("s",), capacity=4)


def run_for(clock, seconds, *spawns):
    """Run samplers (task, bus) for so many seconds of bench time."""
    scheduler = scheduler_for(clock, Nobody())
    for i, (task, bus) in enumerate(spawns):
        scheduler.spawn(task, bus=bus, name=str(i))

    def main():
        yield Until(clock.now() + seconds)

    scheduler.run(main())


def test_readings_come_on_a_grid_that_does_not_drift():
    clock, x = VirtualClock(), series()
    run_for(clock, 1000.0, (sample(Device(clock, 0.03), x, clock, period=0.1), "a"))
    starts = x.block(0)[0]
    assert x.n == 10001
    # the exact multiples, not a sum of ten thousand roundings
    np.testing.assert_allclose(starts, 0.1 * np.arange(x.n), rtol=0, atol=1e-12 * 1000)


def test_stamps_enclose_the_exchange_and_the_value_lies_between():
    clock, x = VirtualClock(), series()
    run_for(clock, 10.0, (sample(Device(clock, 0.2), x, clock, period=1.0), "a"))
    before, after, value, flag = x.block(0)
    assert np.allclose(after - before, 0.2)
    assert np.allclose(value, x.t())
    assert (flag == GOOD).all()


def test_the_phase_shifts_the_grid():
    clock, x = VirtualClock(), series()
    run_for(clock, 3.0, (sample(Device(clock), x, clock, period=1.0, phase=0.25), "a"))
    assert list(x.column(0)) == [0.25, 1.25, 2.25]


def test_a_slow_exchange_misses_slots_which_are_counted_and_never_piled_up():
    clock, x, tally = VirtualClock(), series(), Tally()
    run_for(clock, 30.0, (sample(Device(clock, 0.35), x, clock, period=0.1, tally=tally), "a"))
    starts = x.block(0)[0]
    assert np.allclose(np.diff(starts), 0.4)  # every fourth slot of the grid
    assert np.allclose(starts * 10, np.rint(starts * 10))
    assert tally == Tally(missed=3 * x.n, failed=0)


def test_an_exchange_that_just_fits_misses_nothing():
    clock, x, tally = VirtualClock(), series(), Tally()
    run_for(clock, 10.0, (sample(Device(clock, 0.1), x, clock, period=0.1, tally=tally), "a"))
    assert tally.missed == 0
    assert x.n == pytest.approx(100, abs=1)


def test_a_period_may_change_while_the_sampler_runs():
    clock, x = VirtualClock(), series()

    def period():
        return 1.0 if clock.now() < 5 else 2.5

    run_for(clock, 15.0, (sample(Device(clock), x, clock, period=period), "a"))
    assert list(x.column(0)) == [0, 1, 2, 3, 4, 5, 7.5, 10, 12.5, 15]


@pytest.mark.parametrize("period", [0.0, -1.0, math.inf, math.nan])
def test_a_period_that_would_never_let_time_pass_is_refused(period):
    clock = VirtualClock()
    with pytest.raises(ValueError, match="must be positive and finite"):
        run_for(clock, 1.0, (sample(Device(clock), series(), clock, period=period), "a"))


def test_a_failed_read_is_raised_in_the_main_task_unless_told_otherwise():
    clock, x = VirtualClock(), series()
    with pytest.raises(NoReplyError):
        run_for(clock, 9.0, (sample(Device(clock, fails=[3]), x, clock, period=1.0), "a"))
    assert x.n == 3


def test_a_failed_read_that_is_let_pass_leaves_a_flagged_row_and_the_grid_goes_on():
    clock, x, tally, seen = VirtualClock(), series(), Tally(), []

    def on_error(error):
        seen.append(error.instrument)
        return True

    device = Device(clock, 0.2, fails=[3, 5])
    run_for(clock, 9.5, (sample(device, x, clock, period=1.0, on_error=on_error, tally=tally), "a"))
    flags = list(x.flags())
    assert flags == [FAILED if i in (3, 5) else GOOD for i in range(10)]
    assert np.isnan(x.column(0)).sum() == 2
    assert np.allclose(x.block(0)[0], np.arange(10))
    assert np.allclose(x.block(0)[1] - x.block(0)[0], 0.2)
    assert seen == ["device", "device"]
    assert tally.failed == 2


def test_an_error_that_on_error_does_not_take_is_raised():
    clock = VirtualClock()
    task = sample(Device(clock, fails=[0]), series(), clock, period=1.0, on_error=lambda _: None)
    with pytest.raises(NoReplyError):
        run_for(clock, 9.0, (task, "a"))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_is_a_failed_read_and_never_a_value(value):
    clock, x = VirtualClock(), series()
    with pytest.raises(NotANumberError, match="x: the reading is not a finite number"):
        run_for(clock, 1.0, (sample(lambda: (value,), x, clock, period=1.0), "a"))
    assert x.n == 0


def test_values_that_do_not_fit_the_series_are_a_mistake():
    clock = VirtualClock()
    with pytest.raises(ValueError, match="2 values for 1 channels"):
        run_for(clock, 1.0, (sample(lambda: (1.0, 2.0), series(), clock, period=1.0), "a"))


def test_units_on_one_bus_are_read_one_after_the_other_and_others_come_between():
    clock = VirtualClock()
    units = [Series(f"u{i}", ("t",), ("s",)) for i in range(3)]
    master = series()
    stations = [(Device(clock, 0.2), u, None) for u in units]
    between = []

    def other():
        while True:
            between.append([u.n for u in units])
            yield Until(clock.now() + 0.05)

    run_for(clock, 4.5, (round_robin(stations, clock, period=1.0), "a"), (other(), "a"))
    assert [u.n for u in units] == [5, 5, 5]
    for i, u in enumerate(units):
        assert np.allclose(u.block(0)[0], np.arange(5) + 0.2 * i)
    assert [1, 0, 0] in between
    assert [1, 1, 0] in between
    assert master.n == 0


def test_a_unit_can_be_taken_out_of_the_round_while_it_runs():
    clock = VirtualClock()
    units = [Series(f"u{i}", ("t",), ("s",)) for i in range(2)]
    stations = []

    def drop(_):
        del stations[1:]
        return True

    stations += [
        (Device(clock), units[0], None),
        (Device(clock, fails=range(100)), units[1], drop),
    ]
    run_for(clock, 5.0, (round_robin(stations, clock, period=1.0), "a"))
    assert units[0].n == 6
    assert units[1].n == 1


def test_on_a_real_clock_no_slot_has_two_samples_however_late_they_come():
    clock, x = RealClock(), series()
    run_for(clock, 0.5, (sample(Device(clock, 0.002), x, clock, period=0.02), "a"))
    assert 1 <= x.n <= 27
    assert np.all(np.diff(x.block(0)[0]) > 0.001)


def test_readings_can_be_looked_at_while_they_come():
    clock, x = VirtualClock(), series()
    scheduler = scheduler_for(clock, Nobody())
    scheduler.spawn(sample(Device(clock), x, clock, period=0.5), bus="a", name="x")

    def main():
        yield When(lambda: x.n >= 5)
        return describe(x.column(0), x.t())["n"]

    assert scheduler.run(main()) == 5


def test_a_sampler_without_slots_reads_as_fast_as_the_device_answers():
    clock, x, tally = RealClock(), series(), Tally()
    device = Device(clock, 0.004)
    run_for(clock, 0.3, (sample(device, x, clock, period=ANEW, tally=tally), "a"))
    between = x.block(0)[0][1:] - x.block(0)[1][:-1]
    assert np.median(between) < 0.002
    assert tally.missed == 0
    assert x.n > 20


def test_staggered_samplers_of_several_buses_never_begin_together():
    clock = VirtualClock()
    found = [series() for _ in range(4)]
    run_for(
        clock,
        10.0,
        *(
            (sample(Device(clock), x, clock, period=1.0, phase=phase), x.name + str(phase))
            for x, phase in zip(found, staggered(4, 1.0), strict=True)
        ),
    )
    begun = np.sort(np.concatenate([x.block(0)[0] for x in found]))
    assert np.allclose(np.diff(begun), 0.25)
