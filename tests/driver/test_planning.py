"""The read planner: the cheapest of all plans on every line, within what Modbus allows."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchctl.core.clock import RealClock
from benchctl.core.ports import NullSink
from benchctl.driver import Modbus, coil, discrete, holding, input_register
from benchctl.driver.planning import MOST_WORDS, Line, Place, end, has_holes, plan
from benchctl.driver.registers import Register
from benchctl.links import Bus
from benchctl.links.port import Port
from benchctl.links.stream import StreamLink

LINES = {
    "9600": Line(10 / 9600),
    "19200": Line(11 / 19200),
    "115200": Line(10 / 115200),
    "slow to answer": Line(10 / 9600, turnaround=0.05),
    "TCP": Line(0.0),
}


def all_plans(places: list[Place]) -> list[list[list[Place]]]:
    """Every way to cut places of one table, in order of their beginning, into allowed blocks."""
    ordered = sorted(dict.fromkeys(places), key=lambda p: p.start)
    plans = []
    for cuts in product((False, True), repeat=len(ordered) - 1):
        blocks: list[list[Place]] = [[ordered[0]]]
        for cut, place in zip(cuts, ordered[1:], strict=True):
            if cut:
                blocks.append([])
            blocks[-1].append(place)
        if all(end(b) - b[0].start <= MOST_WORDS for b in blocks):
            plans.append(blocks)
    return plans


registers = st.lists(
    st.builds(holding, st.integers(0, 200), st.sampled_from(["u16", "f32", "f64", "text:10"])),
    min_size=1,
    max_size=9,
)


@pytest.mark.parametrize("line", LINES)
@given(places=registers)
@settings(max_examples=60, deadline=None)
def test_no_other_plan_is_quicker(line: str, places: list[Register]) -> None:
    found = plan(places, LINES[line])
    best = min(LINES[line].time(blocks) for blocks in all_plans(list(places)))
    assert LINES[line].time(found) <= best * (1 + 1e-12)


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=9))
@settings(max_examples=60, deadline=None)
def test_coils_are_planned_by_the_bytes_they_take(starts: list[int]) -> None:
    line = LINES["19200"]
    places: list[Place] = [coil(start) for start in starts]
    blocks = plan(places, line)
    assert sorted(str(p) for b in blocks for p in b) == sorted({str(p) for p in places})
    assert line.time(blocks) <= line.time([[p] for p in dict.fromkeys(places)])


def test_the_widest_hole_worth_reading_depends_on_the_line() -> None:
    # acquisition.md: about 7 registers at 9600 baud, 18 at 115200, always on TCP
    def together(hole: int, line: Line) -> bool:
        return len(plan([holding(0), holding(1 + hole)], line)) == 1

    assert [together(n, LINES["9600"]) for n in (7, 8)] == [True, False]
    assert [together(n, LINES["115200"]) for n in (18, 19)] == [True, False]
    assert together(123, LINES["TCP"])
    assert not together(124, LINES["TCP"])


def test_a_hole_that_the_instrument_does_not_bear_is_never_read_along() -> None:
    near = [holding(0), holding(2), holding(3)]
    assert plan(near, Line(0.0, gap=1)) == [near]
    assert plan(near, Line(0.0, gap=0)) == [[holding(0)], [holding(2), holding(3)]]


def test_where_no_full_block_is_the_best_end_the_cut_lies_where_the_hole_is_widest() -> None:
    # 130 registers do not fit: cutting greedily at 125 would cut a dense part and keep the hole
    places: list[Place] = [holding(0), *(holding(n) for n in range(7, 130))]
    assert [b[0].start for b in plan(places, LINES["9600"])] == [0, 7]


def test_tables_travel_apart_and_what_is_asked_twice_once() -> None:
    places = [holding(0), input_register(2), holding(0), discrete(5), coil(4)]
    assert plan(places, LINES["TCP"]) == [
        [coil(4)], [discrete(5)], [holding(0)], [input_register(2)]
    ]  # fmt: skip


def test_a_long_value_that_covers_others_leaves_no_hole() -> None:
    covered = [holding(0, "text:20"), holding(5), holding(21)]
    assert not has_holes(covered[:2])
    assert has_holes(covered)
    assert plan(covered[:2], Line(10 / 9600, gap=0)) == [covered[:2]]


@given(
    st.lists(
        st.builds(holding, st.integers(0, 400), st.sampled_from(["u16", "f32", "f64"])),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from([*LINES.values(), Line(0.0, gap=3), Line(10 / 9600, gap=0)]),
)
@settings(deadline=None)
def test_no_block_is_longer_than_modbus_allows_and_none_is_split(
    registers: list[Register], line: Line
) -> None:
    blocks = plan(registers, line)
    for block in blocks:
        assert end(block) - min(p.start for p in block) <= 125
    assert sorted(map(str, {*registers})) == sorted(str(r) for block in blocks for r in block)


def test_the_silence_between_frames_of_a_real_line_counts() -> None:
    """3.5 characters more before each request: holes of eight and nine are worth reading along."""
    real = Modbus().session(wire(paced=True), {}).line
    terminal = Modbus().session(wire(paced=False), {}).line
    assert real.turnaround - terminal.turnaround == pytest.approx(3.5 * 10 / 9600)
    places = [holding(0), holding(10)]
    assert plan(places, real) == [places]
    assert plan(places, terminal) == [[holding(0)], [holding(10)]]


def wire(*, paced: bool) -> StreamLink:
    """A closed line at 9600 baud."""
    port = Port(lambda: pytest.fail("nothing is to be opened"), paced=paced)
    return StreamLink(
        port,
        Bus("line", RealClock()),
        address="modbus+rtu:///dev/ttyUSB0?baud=9600",
        instrument="it",
        sink=NullSink(),
        timeout=1.0,
        framing="rtu",
        char_time=10 / 9600,
    )


positions = st.lists(st.integers(0, 40), min_size=1, max_size=25, unique=True)


@given(positions, st.sampled_from(list(LINES.values())))
@settings(max_examples=60, deadline=None)
def test_what_belongs_together_is_never_cut_apart(at: list[int], line: Line) -> None:
    """A count and what was latched with it must come in one request: they are of one instant."""
    groups = [[input_register(6 * n, "u32"), input_register(6 * n + 2, "u64")] for n in at]
    places: list[Place] = [place for group in groups for place in group]
    blocks = plan(places, line, groups)
    assert sorted(map(str, places)) == sorted(str(p) for block in blocks for p in block)
    for group in groups:
        assert sum(group[0] in block for block in blocks) == 1
        assert all((group[0] in block) == (group[1] in block) for block in blocks)
    for block in blocks:
        assert end(block) - block[0].start <= 125


def test_without_that_a_full_block_would_cut_a_position() -> None:
    groups = [[input_register(6 * n, "u32"), input_register(6 * n + 2, "u64")] for n in range(48)]
    places: list[Place] = [place for group in groups for place in group]
    whole = plan(places, LINES["TCP"], groups)
    assert len(whole) == len(plan(places, LINES["TCP"])) == 3
    assert all(len(block) % 2 == 0 for block in whole)


def test_what_no_request_can_fetch_together_is_cut() -> None:
    group: list[Place] = [input_register(60 * n, "text:60") for n in range(3)]
    assert len(plan(group, LINES["TCP"], [group])) == 2
