"""The history of a check standard, and two runs side by side, from a lab's records."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from record_samples import START, opened

from benchctl.core.clock import VirtualClock
from benchctl.core.errors import UsageError
from benchctl.core.events import GateChecked, RunClosed
from benchctl.records import (
    Lab,
    chart_document,
    check_history,
    compare_runs,
    grouped,
    subgroup_document,
)


def a_day(lab: Lab, day: int, value: float, *, simulated: bool = False, unit: str = "%") -> str:
    """Record a gate with one check, so many days after the first."""
    journal = lab.begin_run("Line 2", clock=VirtualClock(START + timedelta(days=day)))
    journal.emit(opened(journal.run, simulated=simulated))
    made = GateChecked("master", True, 10.0 + value, unit, 10.0, 0.5, {}, 1.0)
    journal.emit(dataclasses.replace(made, value=99.0))  # done again: the last one counts
    journal.emit(made)
    journal.emit(dataclasses.replace(made, check="other", value=50.0))
    journal.emit(RunClosed("finished", "pass", None, "2026-01-31T09:00:00.000Z"))
    return journal.run


def test_a_check_s_history_is_its_last_value_of_each_run_against_the_target(lab: Lab) -> None:
    runs = [a_day(lab, n, 0.01 * n) for n in range(3)]
    found = check_history(lab, "master")
    assert [e.run for e in found] == runs
    assert [e.value for e in found] == pytest.approx([0.0, 0.01, 0.02])
    assert found[1].day - found[0].day == pytest.approx(1.0)
    assert check_history(lab, "nothing") == []


def test_simulated_values_never_stand_beside_real_ones(lab: Lab) -> None:
    a_day(lab, 0, 0.3, simulated=True)
    assert [e.simulated for e in check_history(lab, "master")] == [True]
    a_day(lab, 1, 0.1)
    assert [e.simulated for e in check_history(lab, "master")] == [False]


def test_a_chart_tells_signals_drift_and_an_interval(lab: Lab) -> None:
    for n, value in enumerate((0.00, 0.02, -0.02, 0.01, -0.01, 0.02, 0.0, 0.5)):
        a_day(lab, 30 * n, value)
    chart = chart_document(check_history(lab, "master"), baseline=7, limit=5.0)
    assert not chart["in_control"]
    assert [bool(e["signals"]) for e in chart["entries"]] == [False] * 7 + [True]
    assert set(chart["entries"][-1]["signals"]) >= {"beyond-3s", "ewma"}
    assert chart["drift"]["per_day"] > 0.0
    assert 0.0 < chart["interval_days"] < 1826.0


def test_a_chart_of_too_few_values_or_mixed_units_is_refused(lab: Lab) -> None:
    for n in range(4):
        a_day(lab, n, 0.0)
    with pytest.raises(UsageError, match="too few"):
        chart_document(check_history(lab, "master"))
    a_day(lab, 5, 0.0, unit="L")
    with pytest.raises(UsageError, match="units"):
        chart_document(check_history(lab, "master"))


def document(serial: str, error: float | None, standard: str) -> dict[str, object]:
    point = {
        "point": "Q3",
        "occasion": "as_found",
        "unit": "%",
        "error": error,
        "U": 0.13,
        "U_reference": 0.12,
    }
    return {
        "run": f"R-{standard}",
        "simulated": False,
        "standards": [{"serial": standard}],
        "uuts": [{"serial": serial, "points": [point]}],
    }


def test_two_runs_against_different_standards_are_compared_by_their_whole_u() -> None:
    found = compare_runs(document("W-1", 0.1, "S1"), document("W-1", 0.3, "S2"))
    (row,) = found["points"]
    assert row["en"] == pytest.approx(0.2 / (0.13 * 2**0.5))
    assert not found["satisfactory"]
    assert found["shared_standards"] == []


def test_two_runs_against_one_standard_do_not_count_its_uncertainty() -> None:
    found = compare_runs(document("W-1", 0.1, "S1"), document("W-1", 0.15, "S1"))
    (row,) = found["points"]
    assert row["U"] == pytest.approx([0.05, 0.05])
    assert row["en"] == pytest.approx(0.05 / (0.05 * 2**0.5))
    assert found["shared_standards"] == ["S1"]
    assert found["satisfactory"]


def test_a_point_without_a_value_is_listed_and_not_scored() -> None:
    found = compare_runs(document("W-1", None, "S1"), document("W-1", 0.15, "S2"))
    assert found["points"][0]["en"] is None
    assert not found["satisfactory"]
    assert compare_runs(document("W-1", 0.1, "S1"), document("W-2", 0.1, "S2"))["points"] == []


def test_a_chart_of_subgroups_takes_days_runs_or_so_many_in_a_row(lab: Lab) -> None:
    for n in range(6):  # two gates a day
        a_day(lab, n, 0.01 * n)
        a_day(lab, n, 0.01 * n + 0.02)
    entries = check_history(lab, "master")
    chart = subgroup_document(grouped(entries, "day"), limit=1.0)
    assert [e["n"] for e in chart["entries"]] == [2] * 6
    assert chart["entries"][2]["value"] == pytest.approx(0.03)
    assert chart["s"] == pytest.approx(0.02 / 2**0.5 / 0.797885, rel=1e-5)
    assert chart["drift"]["per_day"] == pytest.approx(0.01)
    assert chart["interval_days"] == pytest.approx((1.0 - 0.06) / 0.01)
    assert chart["s_between"] > 0.0
    assert [len(g) for g in grouped(entries, "5")] == [5, 5]
    with pytest.raises(UsageError, match="6 subgroups are too few"):
        subgroup_document(grouped(entries[::2], "run"))  # one value each
    with pytest.raises(UsageError, match="no subgroups by 'week'"):
        grouped(entries, "week")
    with pytest.raises(UsageError, match="no subgroups by '1'"):
        grouped(entries, "1")
