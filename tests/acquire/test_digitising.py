"""A 10 kHz digitiser over a real socket: every reading a row, at its instant, none lost unseen."""

import math

import numpy as np
import pytest
from served import Served

from benchctl.acquire import Tally, Until, digitised, scheduler_for
from benchctl.acquire.digitising import Origin
from benchctl.core.clock import VirtualClock
from benchctl.core.errors import DeviceError, NotANumberError
from benchctl.core.ports import NullSink
from benchctl.core.running import Running
from benchctl.core.series import Series
from benchctl.driver import Instrument, Reading, Scpi, array
from benchctl.links import LinkFactory

RATE = 10_000.0
BEGAN = 0.0371234
"""Bench time at which the instrument took its first reading."""


class Digitiser(Instrument):
    protocol = Scpi(errors="")
    trace = Reading("FETC?", unit="V", kind=array(">f8"), doc="Readings since the last fetch.")


class Memory:
    """The instrument: reading k is taken at BEGAN + k / rate and is its own instant, in volts."""

    def __init__(self, clock, *, rate=RATE, room=math.inf, bad=()):
        self.clock = clock
        self.rate = rate
        self.room = room
        self.bad = set(bad)
        self.told = 0

    def answer(self, message):
        assert message == b"FETC?\n"
        self.clock.sleep(0.0004)
        taken = max(0, math.floor((self.clock.now() - BEGAN) * self.rate) + 1)
        first = max(self.told, taken - self.room) if self.room < math.inf else self.told
        k = np.arange(first, taken)
        self.told = taken
        values = BEGAN + k / self.rate
        values[np.isin(k, list(self.bad))] = np.nan
        data = values.astype(">f8").tobytes()
        self.clock.sleep(len(data) / 1e6)
        length = str(len(data)).encode()
        return b"#%d%s%s\n" % (len(length), length, data)


def run_for(seconds, memory_options=None, *, period=0.05, said_rate=RATE, **series_options):
    clock = VirtualClock()
    memory = Memory(clock, **(memory_options or {}))
    factory = LinkFactory(clock, NullSink())
    series = Series("trace", ("trace",), ("V",), capacity=4096, **series_options)
    tally = Tally()
    with Served(memory.answer) as address:
        try:
            link, options = factory.open(f"TCPIP::{address.replace(':', '::')}::SOCKET", "dig")
            read = Digitiser(link, options, name="dig").reader("trace")
            scheduler = scheduler_for(clock, None)
            task = digitised(
                lambda: read()[0], series, clock, rate=said_rate, period=period, tally=tally
            )
            scheduler.spawn(task, bus="dig", name="dig")

            def main():
                yield Until(clock.now() + seconds)

            scheduler.run(main())
        finally:
            factory.close()
    return series, tally


def test_every_reading_is_a_row_at_the_instant_at_which_it_was_taken():
    series, tally = run_for(2.0)
    before, after, value, _ = series.block(0)
    assert series.n > 19_000
    assert np.allclose(np.diff(value), 1 / RATE, rtol=1e-6)  # none missing, none twice
    late = slice(series.n // 2, None)  # the first fetches do not yet narrow it down
    assert (before <= value + 1e-9)[late].all()
    assert (after >= value - 1e-9)[late].all()
    exchange = 0.0004 + 8 * 0.05 * RATE / 1e6
    assert float((after - before)[late].max()) < 1.2 * exchange
    assert float((after - before)[late].min()) < 0.5 * exchange  # narrower than any one of them
    assert tally.missed == 0


def test_a_long_acquisition_takes_no_more_room_than_a_short_one():
    flow = Running()
    series, _ = run_for(3.0, keep=1024, running=(flow,))
    assert series.n == flow.n > 29_000
    assert series.n - series.kept <= 4096 + 1024
    assert flow.least == pytest.approx(BEGAN)


def test_a_fetch_before_anything_was_taken_brings_nothing_and_does_no_harm():
    series, _ = run_for(0.3, period=0.01)
    assert float(series.column(0)[0]) == pytest.approx(BEGAN)
    assert np.allclose(np.diff(series.column(0)), 1 / RATE, rtol=1e-6)


def test_readings_that_the_memory_had_no_room_for_are_missed_and_said():
    with pytest.raises(DeviceError) as caught:
        run_for(2.0, {"room": 400}, period=0.05)  # 500 come between two fetches
    assert caught.value.message.id == "acquire.digitiser-lost"


def test_another_rate_than_declared_is_not_believed():
    with pytest.raises(DeviceError):
        run_for(3.0, {"rate": 9_900.0})


def test_a_clock_that_is_50_ppm_off_is_followed():
    series, _ = run_for(20.0, {"rate": RATE * (1 + 5e-5)}, period=0.2, keep=1024)
    before, after, value, _ = series.block(0)
    assert (before - 5e-4 <= value).all()  # 50 ppm of the 6 s whose fetches bound it
    assert (value <= after + 5e-4).all()
    assert series.n == pytest.approx(20.0 * RATE, rel=0.02)


def test_what_is_no_number_is_never_a_row():
    with pytest.raises(NotANumberError):
        run_for(0.5, {"bad": [1234]})


@pytest.mark.parametrize("rate", [0.0, -1.0, math.inf, math.nan])
def test_a_rate_must_be_one(rate):
    with pytest.raises(ValueError, match="rate"):
        Origin(rate)
