"""What is thought of a typed reading: windows, swapped digits, agreement."""

import math
from itertools import pairwise, permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from benchctl.engine.person import (
    ENTRIES,
    WIDE,
    Entry,
    Step,
    agree,
    decimals_of,
    next_step,
    start_was_swapped,
    swaps,
    window_after,
    within_reach,
)

D = 0.05
hundredths = st.integers(1, 10**7).map(lambda n: n / 100)


def entry(value, passed=0.0, span=0.0):
    return Entry(value, 0.0, 1.0, passed, span)


def steps(typed, *, window=None, swapped=(), near=False, interval=D):
    """What comes after each of these entries at rest."""
    entries = [entry(v) for v in typed]
    return [
        next_step(entries[: n + 1], window, interval=interval, swapped=swapped, near=lambda _: near)
        for n in range(len(entries))
    ]


WINDOW = window_after(entry(1000.0), entry(1100.0, 100.0), D)


def test_the_window_is_wide_around_what_passed():
    assert WINDOW.low == pytest.approx(1100.0 - 100 * WIDE - D)
    assert WINDOW.high == pytest.approx(1100.0 + 100 * WIDE + D)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ([1100.0], ["accept"]),
        ([2100.0, 2100.0], ["unusual", "accept"]),  # typed twice, it counts
        ([1000.0, 1000.0], ["unusual", "accept"]),  # it stands still
        ([2100.0, 1100.0, 1100.05], ["unusual", "differ", "accept"]),
        ([2100.0, 1100.0, 2100.0], ["unusual", "differ", "accept"]),
        ([2100.0, 1100.0, 1110.0], ["unusual", "differ", "give-up"]),
    ],
)
def test_outside_the_window_two_entries_must_agree(typed, told):
    assert steps(typed, window=WINDOW) == told


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ([1100.0, 1100.0], ["second", "accept"]),
        ([1100.0, 1100.05], ["second", "accept"]),
        ([1100.0, 1100.1, 1100.1], ["second", "differ", "accept"]),
        ([1100.0, 1100.1, 1100.0], ["second", "differ", "accept"]),
        ([1100.0, 1100.1, 1100.2], ["second", "differ", "give-up"]),
    ],
)
def test_near_a_limit_two_entries_must_agree(typed, told):
    assert steps(typed, window=WINDOW, near=True) == told


def test_without_anything_known_the_first_entry_counts():
    assert steps([5.0]) == ["accept"]


def test_swapped_digits_are_told_apart_from_other_oddities():
    assert steps([1010.0], window=WINDOW, swapped=swaps(1010.0, 2)) == ["swapped"]
    assert steps([5555.0], window=WINDOW, swapped=swaps(5555.0, 2)) == ["unusual"]
    assert steps([5555.0, 1010.0], window=WINDOW, swapped=swaps(1010.0, 2))[1] == "swapped"


@given(hundredths, st.data())
def test_every_swap_of_two_neighbours_is_found_back(value, data):
    text = f"{value:.2f}"
    digits = [n for n, c in enumerate(text) if c != "."]
    pairs = [(a, b) for a, b in pairwise(digits) if text[a] != text[b]]
    assume(pairs)
    a, b = data.draw(st.sampled_from(pairs))
    wrong = list(text)
    wrong[a], wrong[b] = wrong[b], wrong[a]
    typed = float("".join(wrong))
    # a leading zero that is not typed hides the one swap that needs it
    assume(len(f"{typed:.2f}") == len(text))
    assert value in swaps(typed, 2)


@given(hundredths)
def test_a_swap_keeps_the_digits_and_differs_by_a_multiple_of_nine(value):
    for other in swaps(value, 2):
        assert other != value
        assert round(abs(other - value) * 100) % 9 == 0
        assert sorted(f"{other:0{len(f'{value:.2f}')}.2f}") == sorted(f"{value:.2f}")


@given(st.lists(hundredths, min_size=ENTRIES, max_size=ENTRIES), st.booleans())
def test_what_counts_agrees_with_another_entry_or_is_plausible_and_alone(typed, near):
    told = steps(typed, window=WINDOW, near=near)
    first_end = next(n for n, step in enumerate(told) if step in (Step.ACCEPT, Step.GIVE_UP))
    if told[first_end] is Step.GIVE_UP:
        assert first_end == ENTRIES - 1
        for a, b in permutations(typed, 2):
            assert not agree(entry(a), entry(b), D)
    elif first_end == 0:
        assert WINDOW.has(typed[0])
        assert not near
    else:
        assert any(abs(typed[first_end] - t) <= D * 1.001 for t in typed[:first_end])


@given(hundredths, hundredths, st.floats(0, 100), st.floats(0, 5))
def test_agreement_has_no_order_and_knows_what_passed_meanwhile(a, b, moved, span):
    one, other = entry(a, 0.0, span), entry(b, moved, span)
    assert agree(one, other, D) == agree(other, one, D)
    assert agree(entry(a), entry(a + moved, moved), D)
    assert not agree(entry(a), entry(a + 1.06 * moved + 1.2 * D, moved), D)


def test_a_limit_within_one_interval_is_near():
    def error(indication):
        return 100 * (indication - 100.0) / 100.0

    assert within_reach(error, 101.96, D, (-2.0, 2.0))
    assert within_reach(error, 102.04, D, (-2.0, 2.0))
    assert not within_reach(error, 101.94, D, (-2.0, 2.0))
    assert not within_reach(error, 102.06, D, (-2.0, 2.0))
    assert within_reach(error, 98.03, D, (-2.0, 2.0))
    assert within_reach(lambda _: None, 100.0, D, (-2.0, 2.0))
    assert within_reach(lambda _: math.nan, 100.0, D, (-2.0, 2.0))


def test_a_start_reading_with_swapped_digits_is_found_at_the_end():
    wrong, end = entry(1324.55), entry(1334.55, 100.0)  # it was 1234.55
    assert start_was_swapped(wrong, end, D, swaps(1324.55, 2))
    assert not start_was_swapped(entry(1234.55), end, D, swaps(1234.55, 2))
    stands_still = entry(1234.55, 100.0)
    assert not start_was_swapped(entry(1234.55), stands_still, D, swaps(1234.55, 2))
    far_off = entry(1239.55, 100.0)  # no swap explains it: the meter is wrong
    assert not start_was_swapped(entry(1234.55), far_off, D, swaps(1234.55, 2))


@pytest.mark.parametrize(
    ("interval", "decimals"), [(0.05, 2), (0.1, 1), (1.0, 0), (0.0001, 4), (10, 0)]
)
def test_decimals_are_those_of_the_scale_interval(interval, decimals):
    assert decimals_of(interval) == decimals
