"""Which meters may share a line, and which set-points they share."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from benchctl.engine.grouping import NARROWEST, Wish, loads_of, visits_of


def wishes_of(serial: str, q3: float, r: float) -> list[Wish]:
    """The water-meter procedure's own bands (JJG 162: Q1..1.1 Q1, Q2..1.1 Q2, 0.9 Q3..Q3)."""
    q1 = q3 / r
    q2 = 1.6 * q1
    return [
        Wish(serial, "Q3", 0, 0.9 * q3, 0.95 * q3, q3),
        Wish(serial, "Q2", 1, q2, 1.05 * q2, 1.1 * q2),
        Wish(serial, "Q1", 2, q1, 1.05 * q1, 1.1 * q1),
    ]


def test_equal_meters_share_every_set_point_at_its_best_place() -> None:
    wishes = [w for s in "ABC" for w in wishes_of(s, 2.5, 100)]
    groups = visits_of(wishes, 3.125)
    assert [g.setpoint for g in groups] == [w.best for w in wishes_of("A", 2.5, 100)]
    assert all(len(g.wishes) == 3 for g in groups)


def test_a_lower_point_of_one_meter_may_share_the_flow_of_another_ones_higher_point() -> None:
    wishes = [*wishes_of("A", 2.5, 100), *wishes_of("B", 2.5, 160)]  # Q1 of A = Q2 of B = 0.025
    shared = [g for g in visits_of(wishes, 3.125) if len({w.point for w in g.wishes}) == 2]
    assert [{(w.serial, w.point) for w in g.wishes} for g in shared] == [{("A", "Q1"), ("B", "Q2")}]


def test_meters_of_neighbouring_sizes_never_share_a_line() -> None:
    wishes = [*wishes_of("small", 2.5, 100), *wishes_of("large", 4.0, 100)]
    loads = loads_of(wishes, {"small": 3.125, "large": 5.0}, ["small", "large"])
    assert loads == [("small",), ("large",)]


def test_a_set_point_stays_below_the_overload_flow_of_the_weakest_meter() -> None:
    wishes = [Wish("A", "Q3", 0, 2.9, 3.05, 3.2), Wish("B", "Q3", 0, 2.25, 2.375, 2.5)]
    groups = visits_of(wishes, 3.0)
    assert max(g.setpoint for g in groups) <= 3.0


meters = st.lists(
    st.tuples(
        st.sampled_from([1.0, 1.6, 2.5, 4.0, 6.3, 10.0]), st.sampled_from([40, 80, 100, 160])
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(meters)
def test_every_point_of_every_meter_is_served_once_inside_its_band_and_no_meter_is_overloaded(
    sizes: list[tuple[float, int]],
) -> None:
    serials = [f"M{i}" for i in range(len(sizes))]
    wishes = [w for s, (q3, r) in zip(serials, sizes, strict=True) for w in wishes_of(s, q3, r)]
    at_most = {s: 1.25 * q3 for s, (q3, _) in zip(serials, sizes, strict=True)}
    loads = loads_of(wishes, at_most, serials)
    assert sorted(s for load in loads for s in load) == sorted(serials)
    served = []
    for load in loads:
        bound = min(at_most[s] for s in load)
        for group in visits_of([w for w in wishes if w.serial in load], bound):
            assert group.setpoint <= bound
            assert len({w.serial for w in group.wishes}) == len(group.wishes)
            for wish in group.wishes:
                assert wish.low <= group.setpoint <= wish.high
            served += [(w.serial, w.point) for w in group.wishes]
    assert sorted(served) == sorted((w.serial, w.point) for w in wishes)


@settings(max_examples=60, deadline=None)
@given(meters)
def test_no_two_set_points_of_a_load_could_have_been_one(sizes: list[tuple[float, int]]) -> None:
    wishes = [w for i, (q3, r) in enumerate(sizes) for w in wishes_of(f"M{i}", q3, r)]
    for one, other in combinations(visits_of(wishes, None), 2):
        low = max(w.low for w in (*one.wishes, *other.wishes))
        high = min(w.high for w in (*one.wishes, *other.wishes))
        same_unit = {w.serial for w in one.wishes} & {w.serial for w in other.wishes}
        assert high - low < NARROWEST * high or same_unit


def test_points_that_want_other_things_beside_one_set_point_are_visited_one_after_the_other() -> (
    None
):
    def of(serial: str) -> list[Wish]:
        return [
            Wish(serial, "read", 0, 49.0, 50.0, 51.0, beside=(("tapper", 0.0),)),
            Wish(serial, "tapped", 1, 49.0, 50.0, 51.0, beside=(("tapper", 1.0),)),
        ]

    groups = visits_of([*of("A"), *reversed(of("B"))], None)
    assert [g.setpoint for g in groups] == [50.0, 50.0]
    served = [{(w.serial, w.point) for w in g.wishes} for g in groups]
    assert served == [{("A", "read"), ("B", "read")}, {("A", "tapped"), ("B", "tapped")}]


def test_meters_whose_largest_set_point_is_what_they_bear_still_share_it() -> None:
    """Maximum current with ±0.5 %: the upper half of the band is cut off for all alike."""
    wishes = [Wish(s, "Imax", 0, 59.7, 60.0, 60.3) for s in "ABC"]
    (group,) = visits_of(wishes, 60.0)
    assert group.setpoint == 60.0
    assert [w.serial for w in group.wishes] == list("ABC")
