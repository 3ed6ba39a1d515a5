"""Sampling plans: the tables are sound, and what they do agrees with other people's arithmetic."""

import itertools
import json
import random
from fractions import Fraction
from math import comb

import pytest
import scipy.stats

from benchctl.core.errors import UsageError
from benchctl.language import FileError
from benchctl.statistics import (
    DoublePlan,
    Sampling,
    SinglePlan,
    VariablesPlan,
    find_plan,
    load_plans,
    matched,
    two_point_single,
    two_point_variables,
)
from benchctl.statistics.attributes import binomial, hypergeometric, quality_at
from benchctl.statistics.plan_file import read_plans
from benchctl.statistics.plans import FOLDER, code_letter, plan_of
from benchctl.statistics.variables import estimated_share, noncentral_t_above

TABLES = load_plans("iso-2859-1")


def found(size, **about):
    return find_plan(TABLES, Sampling(**about), size)


# arithmetic --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "ac"), [(13, 0), (80, 2), (315, 7), (2000, 21)])
@pytest.mark.parametrize("p", [0.0, 1e-4, 0.01, 0.065, 0.3, 1.0])
def test_a_series_of_lots_is_binomial(n, ac, p):
    assert SinglePlan(n, ac).accepts(p) == pytest.approx(
        scipy.stats.binom.cdf(ac, n, p), abs=1e-12, rel=1e-9
    )


@pytest.mark.parametrize(("size", "bad", "n"), [(50, 3, 13), (1200, 12, 80), (500, 500, 80)])
def test_a_single_lot_is_hypergeometric_exactly(size, bad, n):
    for d in range(n + 1):
        exact = Fraction(comb(bad, d) * comb(size - bad, n - d), comb(size, n))
        assert hypergeometric(size, bad, n, d) == pytest.approx(float(exact), rel=1e-14)
    assert SinglePlan(n, 2).accepts_lot(size, bad) == pytest.approx(
        scipy.stats.hypergeom.cdf(2, size, bad, n), abs=1e-12
    )


def test_a_double_plan_is_what_enumeration_says():
    plan = DoublePlan(8, 0, 2, 1, 2)
    for p in (0.01, 0.1, 0.4):
        total = 0.0
        for first, second in itertools.product(range(9), repeat=2):
            chance = binomial(8, first, p) * binomial(8, second, p)
            accepted = first <= 0 or (first < 2 and first + second <= 1)
            total += chance * accepted
        assert plan.accepts(p) == pytest.approx(total, abs=1e-13)
    assert plan.accepts_lot(40, 0) == 1.0
    assert plan.accepts_lot(40, 40) == pytest.approx(0.0, abs=1e-15)
    assert 8 < plan.mean_sample(0.1) < 16


@pytest.mark.parametrize("dof", [2, 3, 4, 20, 124])
@pytest.mark.parametrize("shift", [0.0, 3.0, 12.0])
@pytest.mark.parametrize("t", [-2.0, 0.5, 4.0, 15.0])
def test_noncentral_t_agrees_with_scipy(dof, shift, t):
    assert noncentral_t_above(dof, shift, t) == pytest.approx(
        scipy.stats.nct.sf(t, dof, shift), abs=1e-8
    )


def test_the_estimated_share_beyond_a_limit_is_without_bias():
    generator = random.Random(5)
    shares = []
    for _ in range(4000):
        values = [generator.gauss(0.0, 1.0) for _ in range(10)]
        mean = sum(values) / 10
        s = (sum((v - mean) ** 2 for v in values) / 9) ** 0.5
        shares.append(estimated_share((1.5 - mean) / s, 10))
    truth = scipy.stats.norm.sf(1.5)
    assert sum(shares) / len(shares) == pytest.approx(truth, abs=4 * 0.06 / len(shares) ** 0.5)


def test_a_plan_by_variables_accepts_as_often_as_it_says():
    plan, generator, p = VariablesPlan(20, 1.8), random.Random(11), 0.02
    limit = scipy.stats.norm.isf(p)
    accepted = sum(
        plan.judge([generator.gauss(0.0, 1.0) for _ in range(20)], None, limit)[0]
        for _ in range(4000)
    )
    expected = plan.accepts(p)
    spread = (expected * (1 - expected) / 4000) ** 0.5
    assert accepted / 4000 == pytest.approx(expected, abs=4 * spread)


def test_a_lot_by_variables_is_judged_by_both_limits():
    plan = VariablesPlan(5, 1.5)
    inside = [-0.2, 0.1, 0.0, 0.2, -0.1]
    assert plan.judge(inside, -1.0, 1.0)[0]
    assert not plan.judge(inside, -0.2, 1.0)[0]
    assert not plan.judge(inside, -1.0, 0.2)[0]
    both = plan.judge(inside, -0.25, 0.25)[1]
    low, high = plan.judge(inside, -0.25, None)[1], plan.judge(inside, None, 0.25)[1]
    assert both == pytest.approx(low + high)
    assert plan.judge([1.0] * 5, -1.0, 2.0) == (True, 0.0)
    for values, limits in ((inside[:4], (-1, 1)), (inside, (None, None))):
        with pytest.raises(ValueError, match=r"\d"):
            plan.judge(values, *limits)


# between two points ------------------------------------------------------------------------------


@pytest.mark.parametrize("points", [(0.01, 0.05, 0.08, 0.05), (0.005, 0.1, 0.05, 0.1)])
def test_a_plan_between_two_points_is_the_smallest_that_keeps_both(points):
    good, alpha, bad, beta = points
    plan = two_point_single(*points)
    assert plan.accepts(good) >= 1 - alpha
    assert plan.accepts(bad) <= beta
    for n in range(1, plan.n):
        for ac in range(plan.ac + 2):
            smaller = SinglePlan(n, ac)
            assert smaller.accepts(good) < 1 - alpha or smaller.accepts(bad) > beta
    variables = two_point_variables(*points)
    assert variables.n < plan.n
    assert variables.accepts(good) >= 1 - alpha
    assert variables.accepts(bad) <= beta + 1e-9


def test_two_points_that_no_sample_tells_apart_are_refused():
    assert two_point_single(0.0100, 0.01, 0.0101, 0.01) is None
    for about in ({"good": 0.1, "bad": 0.1}, {"kind": "double"}, {"good": 0.01, "bad": 0.0101}):
        with pytest.raises(UsageError):
            plan_of(Sampling(plan="two-points", **about), 1200)


def test_a_matched_plan_by_variables_does_what_its_model_does():
    model = SinglePlan(80, 2)
    plan = matched(model)
    for chance in (0.95, 0.10):
        assert quality_at(plan.accepts, chance) == pytest.approx(
            quality_at(model.accepts, chance), rel=0.04
        )


# the tables --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "about", "letter", "n", "ac"),
    [
        (1200, {"aql": 1.0}, "J", 80, 2),
        (1200, {"aql": 2.5}, "J", 80, 5),
        (1200, {"aql": 6.5}, "J", 80, 10),
        (1201, {"aql": 1.0}, "K", 125, 3),
        (50, {"aql": 1.0}, "E", 13, 0),  # D: the arrow points down
        (150, {"aql": 1.0}, "E", 13, 0),  # F: the arrow points up
        (200, {"aql": 1.0}, "H", 50, 1),  # G: the arrow points down
        (1200, {"aql": 1.0, "level": "S-3"}, "E", 13, 0),
        (1200, {"aql": 1.0, "severity": "tightened"}, "J", 80, 1),
        (2, {"aql": 6.5}, "A", 2, 0),
    ],
)
def test_lots_get_the_plans_that_are_commonly_known(size, about, letter, n, ac):
    plan = found(size, **about)
    assert (plan.letter, plan.plan) == (letter, SinglePlan(n, ac))
    assert plan.whole == (n >= size)
    assert "check against your copy" in plan.source


def test_the_qualities_of_letter_j_are_those_of_its_published_curve():
    # n = 80, Ac = 2: 1.03 % at 95 %, 6.52 % at 10 %, as tables of that curve print it
    plan = found(1200, aql=1.0).plan
    assert round(100 * quality_at(plan.accepts, 0.95), 2) == 1.03
    assert round(100 * quality_at(plan.accepts, 0.10), 2) == 6.52


def test_every_lot_of_the_tables_gets_a_plan_and_stricter_wishes_a_stricter_one():
    sizes = [lot[0] or 600_000 for lot in TABLES.lots]
    for size, severity in itertools.product(sizes, ("normal", "tightened")):
        plans = [found(size, aql=aql, severity=severity).plan for aql in TABLES.aql]
        at = [quality_at(plan.accepts, 0.50) for plan in plans]
        # from Ac = 0 to Ac = 1 the arrows lead to a sample 2.5 times as large: nearly the same
        assert all(b > 0.95 * a for a, b in itertools.pairwise(at)), (size, severity)
    for size, aql in itertools.product(sizes, TABLES.aql):
        normal, tight = (found(size, aql=aql, severity=s).plan for s in ("normal", "tightened"))
        assert tight.accepts(aql / 100) <= normal.accepts(aql / 100) + 1e-12


def test_lots_at_the_aql_are_mostly_accepted_in_normal_inspection():
    for size, aql in itertools.product((90, 280, 1200, 10_000, 150_000), TABLES.aql):
        assert found(size, aql=aql).plan.accepts(aql / 100) > 0.85, (size, aql)


def test_a_double_plan_does_what_the_single_plan_of_its_place_does():
    compared = 0
    for letter, line in TABLES.double["normal"].lines.items():
        for n, cell in enumerate(line.cells):
            if not isinstance(cell, tuple):
                continue
            double = DoublePlan(line.n, *cell)
            single_line = TABLES.single["normal"].lines[letter]
            single = SinglePlan(single_line.n, int(single_line.cells[n]))
            for chance in (0.5, 0.10):
                ratio = quality_at(double.accepts, chance) / quality_at(single.accepts, chance)
                assert 0.85 < ratio < 1.25, (letter, TABLES.aql[n], chance, ratio)
            assert double.mean_sample(TABLES.aql[n] / 100) < 2 * line.n
            compared += 1
    assert compared > 70


def test_a_star_in_the_double_table_is_the_single_plan():
    assert found(1200, aql=0.15, kind="double").plan == found(1200, aql=0.15).plan


@pytest.mark.parametrize(
    "about",
    [
        {"aql": 1.1},
        {"level": "IV"},
        {"severity": "reduced"},
        {"kind": "double", "severity": "tightened"},
    ],
)
def test_what_the_tables_do_not_have_is_refused(about):
    with pytest.raises(UsageError):
        found(1200, **about)


def test_a_lot_of_one_and_an_unknown_plan_are_refused():
    with pytest.raises(UsageError):
        code_letter(TABLES, 1, "II")
    with pytest.raises(UsageError) as refused:
        load_plans("iso-9999")
    assert "iso-2859-1" in str(refused.value)


# files -------------------------------------------------------------------------------------------


def test_a_labs_own_tables_come_first_and_bring_plans_by_variables(tmp_path):
    text = (FOLDER / "iso-2859-1.yaml").read_text("utf-8")
    own = text + (
        'variables:\n  normal:\n    source: my copy\n    rows: {J: {"1.0": {n: 35, k: 1.9}}}\n'
    )
    (tmp_path / "sampling").mkdir()
    (tmp_path / "sampling" / "iso-2859-1.yaml").write_text(own, "utf-8")
    tables = load_plans("iso-2859-1", tmp_path)
    wanted = Sampling(aql=1.0, kind="variables")
    printed, made = find_plan(tables, wanted, 1200), find_plan(TABLES, wanted, 1200)
    assert (printed.plan, printed.source, printed.matched) == (
        VariablesPlan(35, 1.9),
        "my copy",
        False,
    )
    assert made.matched


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("J: {n: 80, ac: [v, v,", "J: {n: 80, ac: [v,"),
        ("[0, 2, 1, 2]", "[2, 2, 1, 2]"),
        ("{to: 15,", "{to: 5,"),
        ("ac: [v, v, v, v, v, v, 0", "ac: [v, v, v, v, v, v, -1"),
        ("plan: iso-2859-1", "plann: iso-2859-1"),
    ],
)
def test_mistakes_in_tables_are_told_with_their_place(tmp_path, old, new):
    text = (FOLDER / "iso-2859-1.yaml").read_text("utf-8")
    assert old in text
    file = tmp_path / "own.yaml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(FileError) as wrong:
        read_plans(file)
    assert "own.yaml:" in str(wrong.value)


def test_the_numbers_say_where_they_are_from():
    for path in FOLDER.glob("*.yaml"):
        tables = read_plans(path)
        every = [tables.letters_source, *(t.source for t in tables.single.values())]
        every += [t.source for t in tables.double.values()]
        assert all("check against your copy" in source for source in every)


def test_the_plan_of_a_lot_is_shown_on_the_command_line(tmp_path):
    import subprocess
    import sys

    wanted = ("records", "sampling", "--lot-size", "1200", "--aql", "1", "--json")
    done = subprocess.run(
        [sys.executable, "-m", "benchctl", *wanted],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    said = json.loads(done.stdout)
    assert (said["plan"]["n"], said["plan"]["ac"], said["plan"]["letter"]) == (80, 2, "J")
    assert said["in_lot"][0] == [0, 1.0]
    chances = [c for _, c in said["curve"]]
    assert chances == sorted(chances, reverse=True)
