"""Whom a leak separates from the reference."""

import pytest

from benchctl.engine.mounting import spans
from benchctl.engine.separation import separated

ORDER = ("reference_volume", "meters", "tank_mass")


@pytest.mark.parametrize(
    ("reference", "order", "expected"),
    [
        ("reference_volume", ORDER, {5, 7, 8}),
        ("tank_mass", ORDER, {1, 3, 5}),
        ("reference_volume", (), {1, 3, 5, 7, 8}),
        ("another", ORDER, {1, 3, 5, 7, 8}),
        ("reference_volume", ("reference_volume", "tank_mass"), {1, 3, 5, 7, 8}),
    ],
)
def test_a_leak_separates_what_does_not_see_the_water_of_the_reference(reference, order, expected):
    assert separated([1, 3, 5, 7, 8], 5, order=order, reference=reference) == expected


@pytest.mark.parametrize("leak", range(1, 9))
def test_the_one_that_leaks_is_always_separated_and_both_sides_make_the_whole(leak):
    places = range(1, 9)
    behind = separated(places, leak, order=ORDER, reference="reference_volume")
    before = separated(places, leak, order=ORDER, reference="tank_mass")
    assert behind & before == {leak}
    assert behind | before == set(places)


def test_positions_are_told_in_short():
    assert spans([1, 3, 4, 6, 7, 8, 12]) == "1, 3, 4, 6 … 8, 12"
    assert spans([2]) == "2"
