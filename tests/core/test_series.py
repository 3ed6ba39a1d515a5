"""Series: rows are never lost or moved under a reader, and memory stays flat where rows may go."""

import threading
import tracemalloc

import numpy as np
import pytest

from benchctl.core.running import Running
from benchctl.core.series import FAILED, Series


def fill(series, n, first=0):
    for i in range(first, first + n):
        series.push(float(i), i + 0.5, (10.0 * i,))


def test_a_series_that_keeps_all_grows_and_keeps_all():
    series = Series("x", ("a",), ("V",), capacity=4)
    fill(series, 1000)
    assert series.n == 1000
    assert series.kept == 0
    assert np.array_equal(series.column("a"), 10.0 * np.arange(1000))


def test_rows_keep_their_numbers_when_earlier_ones_are_forgotten():
    series = Series("x", ("a",), ("V",), capacity=10, keep=3)
    fill(series, 25)
    assert series.n == 25
    assert 0 < series.kept <= 22
    assert np.array_equal(series.block(22)[0], [22.0, 23.0, 24.0])
    assert np.array_equal(series.block(22, 24)[2], [220.0, 230.0])
    assert series.block(0, series.kept).shape == (4, 0)
    assert np.array_equal(series.block(0), series.block(series.kept))


def test_whatever_is_forgotten_was_spilled_before_and_nothing_twice():
    seen, spilled = [], 0

    def spill(series):
        nonlocal spilled
        seen.append(series.block(spilled).copy())
        spilled = series.n

    series = Series("x", ("a",), ("V",), capacity=64, keep=16, spill=spill)
    fill(series, 1000)
    seen.append(series.block(spilled))
    whole = np.concatenate(seen, axis=1)
    assert np.array_equal(whole[2], 10.0 * np.arange(1000))
    assert len(seen) > 10


@pytest.mark.parametrize("keep", [0, 11])
def test_more_to_keep_than_there_is_room_for_is_refused(keep):
    with pytest.raises(ValueError, match="rows to keep"):
        Series("x", ("a",), ("V",), capacity=10, keep=keep)


def test_memory_does_not_grow_with_the_number_of_samples():
    spilled = []
    series = Series(
        "x",
        ("a", "b"),
        ("V", "V"),
        capacity=4096,
        keep=512,
        spill=lambda s: spilled.append(s.n),
        running=(Running(), Running()),
        heard=lambda: b"+1.0;+2.0",
    )
    for _ in range(3 * 4096):
        series.push(0.0, 1.0, (2.0, 3.0))
    tracemalloc.start()
    try:
        for _ in range(10 * 4096):
            series.push(0.0, 1.0, (2.0, 3.0))
        _, most_of_few = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for _ in range(40 * 4096):
            series.push(0.0, 1.0, (2.0, 3.0))
        _, most_of_many = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(spilled) >= 50
    assert most_of_many <= 1.02 * most_of_few


def test_a_window_that_somebody_holds_does_not_change_when_rows_are_forgotten():
    series = Series("x", ("a",), ("V",), capacity=8, keep=2)
    fill(series, 8)
    window = series.block(0)
    before = window.copy()
    fill(series, 100, first=8)
    assert np.array_equal(window, before)


def test_a_reader_sees_whole_rows_in_order_while_another_thread_writes_and_forgets():
    series = Series("x", ("a",), ("V",), capacity=32, keep=8)
    ending = threading.Event()

    def write():
        i = 0
        while not ending.is_set():
            series.push(float(i), float(i), (float(i),))
            i += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        looks = 0
        while looks < 3000:
            t, x = series.readings()
            assert np.array_equal(t, x)
            assert t.size < 2 or np.array_equal(np.diff(t), np.ones(t.size - 1))
            looks += 1
    finally:
        ending.set()
        writer.join()
    assert series.kept > 0


def test_readings_are_the_good_rows_with_their_midpoints():
    series = Series("x", ("a", "b"), ("V", "A"))
    series.push(0.0, 1.0, (1.0, 10.0))
    series.push(1.0, 2.0, (np.nan, np.nan), FAILED)
    series.push(2.0, 3.0, (3.0, 30.0))
    t, b = series.readings("b")
    assert list(t) == [0.5, 2.5]
    assert list(b) == [10.0, 30.0]
    assert list(series.readings(0, first=1)[1]) == [3.0]


@pytest.mark.parametrize("keep", [None, 5])
def test_a_block_of_samples_is_the_same_as_one_after_the_other(keep):
    one = Series("x", ("a", "b"), ("V", "A"), capacity=16, keep=keep)
    many = Series("x", ("a", "b"), ("V", "A"), capacity=16, keep=keep)
    t = np.arange(100.0)
    for i in t:
        one.push(i, i + 0.1, (2 * i, 3 * i))
    for first in (0, 7, 7, 40):  # of different lengths, an empty one among them
        last = {0: 7, 7: 40, 40: 100}[first] if many.n == first else first
        these = t[first:last]
        many.extend(these, these + 0.1, np.array([2 * these, 3 * these]))
    assert many.n == one.n == 100
    assert np.array_equal(many.block(95), one.block(95))


def test_what_was_heard_stands_beside_its_row():
    words = iter([b"+1\n", b"+2\n", b"block", b"+9\n"])
    series = Series("x", ("a",), ("V",), capacity=4, keep=4, heard=lambda: next(words))
    series.push(0.0, 0.0, (1.0,))
    series.push(1.0, 1.0, (2.0,))
    t = np.array([2.0, 3.0, 4.0])
    series.extend(t, t, t[np.newaxis])
    series.push(5.0, 5.0, (9.0,))
    assert series.said(2, 4) == [b"block", b""]
    assert series.said(5) == [b"+9\n"]


def test_running_sums_are_those_of_the_good_rows():
    rng = np.random.default_rng(3)
    x = 1e6 + 1e-3 * rng.standard_normal(500)
    low, high = 1e6 - 1e-3, 1e6 + 1e-3
    flow = Running(low, high)
    series = Series("x", ("a",), ("V",), capacity=16, keep=2, running=(flow,))
    for value in x[:250]:
        series.push(0.0, 0.0, (value,))
        series.push(0.0, 0.0, (np.nan,), FAILED)
    series.extend(np.zeros(250), np.zeros(250), x[np.newaxis, 250:])
    assert flow.n == 500
    assert flow.mean == pytest.approx(float(np.mean(x - x[0]) + x[0]), rel=1e-15)
    assert flow.s == pytest.approx(float(np.std(x - x[0], ddof=1)), rel=1e-9)
    assert (flow.least, flow.most) == (x.min(), x.max())
    assert flow.beyond == int(((x < low) | (x > high)).sum()) > 0


def test_sums_of_nothing_say_nothing():
    none = Running()
    none.extend(np.empty(0))
    assert np.isnan(none.mean)
    assert np.isnan(none.s)
    none.add(2.0)
    assert none.mean == 2.0
    assert np.isnan(none.s)
    with pytest.raises(ValueError, match="limits"):
        Running(1.0, 0.0)
    with pytest.raises(ValueError, match="sums"):
        Series("x", ("a", "b"), ("V", "V"), running=(none,))
