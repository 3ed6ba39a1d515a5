"""Units that come one after the other since they share what is not in the line: one measure."""

import pytest
from reading_lab import ReadingLab, point

from benchctl.engine import prepare
from benchctl.engine.grouping import Wish, loads_of
from benchctl.language import Diagnostics
from benchctl.procedure import load_procedure

REPEAT = ", {repeatability: 0.1 kPa}"


@pytest.fixture
def lab(tmp_path):
    return ReadingLab(tmp_path)


def with_line(lab, line):
    lab.write("1 reading", repeatability=REPEAT, points=({"point": "mid", "pressure": 300},))
    text = lab.procedure.read_text(encoding="utf-8")
    lab.procedure.write_text(text.replace("items: [", f"line: {line}\nitems: ["), encoding="utf-8")
    return lab


def test_every_unit_is_a_load_of_its_own_where_one_is_measured_at_once(lab):
    with_line(lab, "{at_once: 1}")
    plan = prepare(lab.request()).plan
    assert [load.serials for load in plan.loads] == [(f"G-{n}",) for n in range(1, 5)]
    report = lab.run()
    assert report.verdict == "pass"
    assert all(point(report, f"G-{n}", "mid")["error"] is not None for n in range(1, 5))


def test_loads_are_no_larger_than_that(lab):
    with_line(lab, "{at_once: 3, shares: pressure_setpoint, at_most: 400}")
    assert [len(load.serials) for load in prepare(lab.request()).plan.loads] == [3, 1]
    wishes = [Wish(s, "p", 0, low, low, low) for s, low in (("a", 1), ("b", 5), ("c", 1))]
    assert loads_of(wishes, {"a": 2, "b": 9, "c": 2}, ["a", "b", "c"], 2) == [("a", "c"), ("b",)]


def test_the_largest_value_of_nothing_is_refused(lab):
    with_line(lab, "{at_once: 1, at_most: 400}")
    diagnostics = Diagnostics()
    assert load_procedure(lab.procedure, diagnostics) is None
    assert [d.message.id for d in diagnostics.items] == ["procedure.shares-what"]


def test_cycles_of_different_units_never_share_a_set_point(lab):
    rows = "rows: [[mid, 300], [low, 100]]"
    points = f"points:\n  cycles: 2\n  columns: [point, pressure]\n  {rows}\n"
    lab.write("1 reading", repeatability=REPEAT)
    text = lab.procedure.read_text(encoding="utf-8")
    at, end = text.index("points:\n"), text.index("each_point:\n")
    lab.procedure.write_text(text[:at] + points + text[end:], encoding="utf-8")
    visits = prepare(lab.request()).plan.visits
    assert [v.points for v in visits] == [("mid#1",), ("low#1",), ("mid#2",), ("low#2",)]
    assert all(len(v.members) == 4 for v in visits)
    assert lab.run().verdict == "pass"
