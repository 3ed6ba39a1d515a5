"""What is counted of results: rates, first pass, errors with limits, drift with age, lots."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
import scipy.stats
from counted_runs import record

from benchctl.certificates.order import ordered
from benchctl.core.errors import UsageError
from benchctl.language import FileError
from benchctl.records import Amendment, Fact, amend
from benchctl.records.outcomes import outcomes
from benchctl.statistics import Lot, Sampling, judge_lot, statistics_of, units_of
from benchctl.statistics.ageing import ageing_of
from benchctl.statistics.errors import bins, counted, errors_of
from benchctl.statistics.gathering import Measured, Unit, day_in
from benchctl.statistics.lots_file import read_lots
from benchctl.statistics.rates import interval, rates

LEFT = {"W-1": {"Q3": 0.4, "Q1": 1.0}}
EXTRA = {"型号规格": "LXS-15E", "批次": "2018-A", "安装日期": "2018-06-01"}


def unit(serial="W-1", errors=(0.5,), **changes):
    points = tuple(
        Measured(f"Q{n}", "error", "%", e, -2.0, 2.0, "pass" if abs(e) <= 2 else "fail", False)
        for n, e in enumerate(errors, 1)
    )
    verdict = "pass" if all(p.verdict == "pass" for p in points) else "fail"
    told = {
        "run": "R1",
        "day": date(2026, 6, 1),
        "serial": serial,
        "procedure": "water-meter",
        "title": "Water meters",
        "stage": "in_service",
        "model": "LXS-15E",
        "batch": "2018-A",
        "installed": date(2018, 6, 1),
        "verdict": verdict,
        "found": verdict,
        "adjusted": False,
        "failed": tuple(p.point for p in points if p.verdict == "fail"),
        "points": points,
        "simulated": False,
    }
    return Unit(**(told | changes))


def from_lab(lab, run="R1"):
    return [u for d in outcomes(lab, [run]) for u in units_of(d, ordered)]


# from records ------------------------------------------------------------------------------------


def test_the_short_documents_say_of_units_what_the_whole_ones_say(lab):
    errors = {"Q3": 0.5, "Q1": -6.0}
    record(
        lab,
        "R1",
        {"W-1": (EXTRA, errors), "W-2": ({}, errors)},
        left=LEFT,
    )
    amend(lab, "R1", Amendment("Li", "typed wrong", [Fact("W-2", "型号规格", "LXSY")]))
    whole, short = lab.document("R1"), next(iter(outcomes(lab, ["R1"])))
    assert short["uuts"] == whole["uuts"]
    for name in ("verdict", "outcome", "finished", "service", "amendments", "procedure"):
        assert short[name] == whole[name]


def test_what_the_order_says_of_a_unit_is_known(lab):
    record(lab, "R1", {"W-1": (EXTRA, {"Q3": 0.5, "Q1": 1.0})})
    found = from_lab(lab)[0]
    assert (found.model, found.batch, found.installed) == ("LXS-15E", "2018-A", date(2018, 6, 1))
    assert found.age == pytest.approx(8.0, abs=0.01)


def test_an_adjusted_unit_has_two_verdicts(lab):
    errors = {"Q3": 0.5, "Q1": -6.0}
    record(
        lab,
        "R1",
        {"W-1": (EXTRA, errors), "W-2": (EXTRA, errors)},
        left=LEFT,
    )
    first, second = from_lab(lab)
    assert (first.found, first.verdict, first.adjusted) == ("fail", "pass", True)
    assert (second.found, second.verdict, second.adjusted) == ("fail", "fail", False)
    assert first.failed == ("Q1",)
    assert [(p.point, p.error) for p in first.points if not p.left] == [("Q3", 0.5), ("Q1", -6.0)]


def test_tests_and_annulled_results_do_not_count(lab):
    from benchctl.core.clock import RealClock
    from benchctl.core.events import UutAnnulled
    from benchctl.records import annul

    record(lab, "R1", {"W-1": (EXTRA, {"Q3": 3.0}), "W-2": (EXTRA, {"Q3": 0.0})})
    record(lab, "R2", {"W-3": (EXTRA, {"Q3": 3.0})}, service="test")
    annul(lab, "R1", UutAnnulled("W-1", "air", "Li", "Wang"), RealClock())
    assert [u.serial for u in from_lab(lab)] == ["W-2"]
    assert from_lab(lab, "R2") == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2018-05-03", date(2018, 5, 3)),
        ("2018/5/3", date(2018, 5, 3)),
        ("2018年5月3日", date(2018, 5, 3)),
        ("2018年5月", date(2018, 5, 1)),
        ("2018.5", date(2018, 5, 1)),
        ("20180503", date(2018, 5, 3)),
        ("2018-05-03T10:00:00", date(2018, 5, 3)),
        ("2018", date(2018, 7, 1)),
        ("2018-13-01", None),
        ("spring", None),
        ("", None),
    ],
)
def test_days_are_read_as_they_are_written(text, day):
    assert day_in(text) == day


def test_a_unit_that_is_to_be_installed_has_no_age():
    assert unit(installed=date(2030, 1, 1)).age is None


# rates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("passed", "n"), [(0, 10), (10, 10), (3, 7), (950, 1000)])
def test_intervals_are_those_of_clopper_and_pearson(passed, n):
    exact = scipy.stats.binomtest(passed, n).proportion_ci(method="exact")
    assert interval(passed, n) == pytest.approx((exact.low, exact.high), abs=1e-12)


def test_units_that_are_not_decided_are_told_and_not_counted():
    units = [
        unit("a"),
        unit("b", (3.0,)),
        unit("c", verdict="not_measured"),
        unit("d", verdict=None),
    ]
    rate = rates(units, lambda u: (u.model,))[0]
    assert (rate.passed, rate.failed, rate.open, rate.rate) == (1, 1, 1, 0.5)
    alone = rates([units[2]], lambda u: (u.model,))[0]
    assert (alone.rate, alone.low) == (None, None)


def test_first_pass_and_what_came_of_adjustments_are_apart():
    units = [
        unit("a"),
        unit("b", found="fail", verdict="pass", adjusted=True),
        unit("c", found="fail", verdict="fail", adjusted=True),
        unit("d", found="fail", verdict="fail"),
    ]
    row = statistics_of(units)["first_pass"][0]
    assert {k: v for k, v in row.items() if k != "group"} == {
        "units": 4,
        "passed_first": 1,
        "adjusted": 2,
        "passed_after_adjustment": 1,
        "passed": 2,
    }


def test_what_units_fail_at_is_ranked():
    units = [unit("a", (3.0, 0.0)), unit("b", (3.0, 3.0)), unit("c")]
    found = statistics_of(units)["failing"]
    assert [(r["at"], r["units"]) for r in found] == [("Q1", 2), ("Q2", 1)]


# errors ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        [0.1 * n for n in range(-30, 31)],
        [0.0] * 7,
        [-2.0, 2.0, 2.0000001, -2.0000001, 0.0],
        [1000.0, -0.5, 0.3, 0.1, 0.2],
    ],
)
@pytest.mark.parametrize("limits", [(-2.0, 2.0), (None, None), (-1.0, 3.0), (None, 2.0)])
def test_every_value_is_in_one_bin_and_on_its_side_of_the_limits(values, limits):
    low, high = limits
    edges = bins(values, low, high)
    counts = counted(values, edges, high)
    assert sum(counts) == len(values)
    assert all(b > a for a, b in pairwise(edges))
    if None in limits:
        assert counts[0] == counts[-1] == 0
        return
    assert any(abs(e - low) < 1e-9 for e in edges)
    assert any(abs(e - high) < 1e-9 for e in edges)
    width = edges[1] - edges[0]
    middles = [edges[0] - width / 2, *(e + width / 2 for e in edges)]
    outside = sum(n for m, n in zip(middles, counts, strict=True) if not low < m < high)
    slack = 1e-9 * width
    assert outside == sum(v < low - slack or v > high + slack for v in values)


def test_errors_are_those_as_found_by_type_and_by_batch():
    left = replace(unit().points[0], error=9.0, left=True)
    units = [unit("a", (1.0,)), unit("b", (3.0,), batch="2020-B")]
    units.append(replace(unit("c", (2.0,)), points=(*unit("c", (2.0,)).points, left)))
    whole, first, second = errors_of(units)
    assert (whole.batch, first.batch, second.batch) == ("", "2018-A", "2020-B")
    assert (whole.n, whole.mean, whole.smallest, whole.largest) == (3, 2.0, 1.0, 3.0)
    assert (whole.outside, first.outside, second.outside) == (1, 0, 1)
    assert (whole.s, second.s) == (1.0, None)


def test_results_with_different_limits_have_no_common_ones():
    other = replace(unit("b").points[0], low=-5.0, high=5.0)
    found = errors_of([unit("a"), replace(unit("b"), points=(other,))])[0]
    assert (found.low, found.high, found.outside) == (None, None, 0)


# age ---------------------------------------------------------------------------------------------


def test_drift_is_the_line_through_errors_over_age():
    units = [
        unit(f"W-{n}", (0.2 + 0.3 * n + (0.1 if n % 2 else -0.1),), installed=date(2026 - n, 6, 1))
        for n in range(1, 9)
    ]
    found = ageing_of(units)[0]
    line = scipy.stats.linregress(found.ages, found.errors)
    assert found.per_year == pytest.approx(line.slope, rel=1e-9)
    assert found.u == pytest.approx(line.stderr, rel=1e-9)
    assert found.at_zero == pytest.approx(line.intercept, rel=1e-9)
    assert found.reaches == pytest.approx((2.0 - line.intercept) / line.slope, rel=1e-9)
    assert sum(c.units for c in found.classes) == 8
    assert sum(c.failed for c in found.classes) == sum(e > 2 for e in found.errors)


def test_units_without_an_age_have_no_drift():
    assert ageing_of([unit(f"W-{n}", installed=None) for n in range(9)]) == []


# lots --------------------------------------------------------------------------------------------


def units_with(bad, good):
    every = [unit(f"B-{n}", (3.0,)) for n in range(bad)]
    return every + [unit(f"G-{n}", (0.01 * (n % 7),)) for n in range(good)]


def lot(**about):
    told = {"name": "2018-A", "size": 1200, "where": {"batch": "2018-A"}, "sampling": Sampling()}
    return Lot(**(told | about))


@pytest.mark.parametrize(
    ("bad", "good", "verdict", "to_measure"),
    [
        (2, 78, "accepted", 0),
        (3, 77, "rejected", 0),
        (3, 0, "rejected", 0),  # nothing that follows can change it
        (2, 40, "open", 38),
        (0, 0, "open", 80),
    ],
)
def test_a_lot_is_judged_by_its_sample(bad, good, verdict, to_measure):
    found = judge_lot(lot(), units_with(bad, good))
    assert (found.verdict, found.bad, found.to_measure) == (verdict, bad, to_measure)


def test_only_the_first_result_of_a_unit_of_the_lot_counts():
    units = [unit("W-1", (3.0,)), unit("W-1"), unit("W-2", batch="2020-B"), *units_with(0, 90)]
    found = judge_lot(lot(), units)
    assert (found.measured, found.bad) == (80, 1)
    assert "W-2" not in found.used


def test_a_unit_that_passed_only_after_adjustment_is_nonconforming():
    units = [unit("W-1", (3.0,), verdict="pass", found="fail", adjusted=True)]
    assert judge_lot(lot(), units).bad == 1


@pytest.mark.parametrize(
    ("first", "second", "verdict", "measured"),
    [
        (0, 0, "accepted", 50),
        (3, 0, "rejected", 50),
        (1, None, "open", 50),
        (1, 2, "accepted", 100),
        (1, 3, "rejected", 100),
        (2, 2, "rejected", 100),
    ],
)
def test_a_second_sample_is_drawn_where_the_first_does_not_decide(first, second, verdict, measured):
    units = units_with(first, 50 - first)
    if second is not None:
        units += [replace(u, serial=f"2-{u.serial}") for u in units_with(second, 50 - second)]
    found = judge_lot(lot(sampling=Sampling(kind="double")), units)
    assert (found.verdict, found.measured) == (verdict, measured)


def test_the_sample_that_was_drawn_counts_and_no_other_unit():
    units = units_with(5, 120)
    sample = tuple(f"G-{n}" for n in range(80))
    found = judge_lot(lot(sample=sample), units)
    assert (found.verdict, found.bad, found.drawn) == ("accepted", 0, True)
    with pytest.raises(UsageError):
        judge_lot(lot(sample=sample[:79]), units)


def test_a_small_lot_is_measured_as_a_whole():
    found = judge_lot(lot(size=10, sampling=Sampling(aql=1.0)), units_with(0, 10))
    assert found.found.whole
    assert (found.verdict, found.measured) == ("accepted", 10)


def test_a_lot_by_variables_is_rejected_before_a_unit_is_outside():
    wanted = lot(sampling=Sampling(kind="variables"), point="Q1")
    near = [unit(f"N-{n}", (1.4 + 0.065 * (n % 10),)) for n in range(60)]
    far = [unit(f"F-{n}", (0.1 * (n % 10),)) for n in range(60)]
    bad, good = judge_lot(wanted, near), judge_lot(wanted, far)
    assert (bad.verdict, bad.bad) == ("rejected", 0)
    assert good.verdict == "accepted"
    assert good.measured == good.found.plan.n < 80
    assert judge_lot(wanted, far[:20]).verdict == "open"
    other = [replace(u, points=(replace(u.points[0], high=5.0),)) for u in far[:5]]
    with pytest.raises(UsageError):
        judge_lot(wanted, [*other, *far])


def test_a_file_of_lots_is_read_and_what_is_wrong_in_it_told(tmp_path):
    file = tmp_path / "lots.yaml"
    file.write_text(
        "sampling: {aql: 2.5, level: I}\nlots:\n  - {lot: A, size: 100, batch: '2018'}\n"
        "  - {lot: B, size: 90, sampling: {kind: variables}, point: Q3, sample: ['007']}\n",
        "utf-8",
    )
    first, second = read_lots(file)
    assert (first.where, first.sampling) == ({"batch": "2018"}, Sampling(aql=2.5, level="I"))
    assert second.sampling == Sampling(aql=2.5, level="I", kind="variables")
    assert second.sample == ("007",)
    for wrong in ("lots: []", "lots: [{lot: A}]", "lots: [{lot: A, size: 9}, {lot: A, size: 9}]"):
        file.write_text(wrong, "utf-8")
        with pytest.raises(FileError) as told:
            read_lots(file)
        assert "lots.yaml:1:" in str(told.value)
