"""`records chart`, `records compare` and `compare` at the command line."""

import json
import re
from dataclasses import replace

import pytest


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A lab's folder with six runs of two units, and their ids."""
    from benchctl.engine import RunRequest, run

    lab = tmp_path_factory.mktemp("lab")
    uuts = ("26110000070001", "26110000070002")
    made = [
        run(
            RunRequest("water-meter", lab=lab, uuts=uuts, points=("Q3",), seed=seed, service="test")
        ).run
        for seed in (1, 1, 1, 1, 1, 2)
    ]
    return lab, made


def test_two_runs_are_compared_point_by_point(benchctl, runs):
    lab, made = runs
    same = benchctl("records", "compare", made[0], made[1], "--lab", lab, "--json")
    found = json.loads(same.stdout)
    assert same.returncode == 0
    assert [row["en"] for row in found["points"] if row["point"] == "Q3"] == [0.0, 0.0]
    assert found["shared_standards"] == ["14077123"]
    other = benchctl("records", "compare", made[0], made[5], "--lab", lab)
    assert other.returncode == 1
    assert "both runs used 14077123" in other.stdout


def test_a_unit_that_is_run_again_and_again_has_a_chart(benchctl, runs):
    lab, _ = runs
    shown = benchctl("records", "chart", "26110000070001", "--point", "Q3", "--lab", lab)
    assert "6 values" in shown.stdout
    assert "all values are simulated" in shown.stdout
    told = benchctl("records", "chart", "26110000070001", "--point", "Q3", "--lab", lab, "--json")
    chart = json.loads(told.stdout)
    assert len({e["value"] for e in chart["entries"][:5]}) == 1
    few = benchctl("records", "chart", "nothing", "--lab", lab)
    assert few.returncode == 2
    assert "0 values are too few" in few.stderr


def test_a_comparison_of_laboratories_is_scored(benchctl, tmp_path):
    file = tmp_path / "jjf1117.csv"
    file.write_text("lab,x,U\nR,10.000,0.003\nA,10.003,0.004\nB,10.020,0.004\n", encoding="utf-8")
    told = benchctl("compare", file, "--reference", "R", "--json")
    found = {p["name"]: p["en"] for p in json.loads(told.stdout)["participants"]}
    assert told.returncode == 1
    assert found["A"] == {"value": pytest.approx(0.6), "grade": "acceptable"}
    assert found["B"] == {"value": pytest.approx(4.0), "grade": "action"}
    shown = benchctl("compare", file, "--reference", "R")
    assert "assigned value 10 (u = 0.0015)" in shown.stdout


@pytest.mark.parametrize(
    ("text", "args", "says"),
    [
        ("A,1,2,3\nB,1,2,3\n", (), "columns"),
        ("A,1\nB,x\n", (), "line 2"),
        ("A,1\nB,2,-1\n", (), "line 2"),
        ("A,1\n", (), "two participants"),
        ("", (), "two participants"),
        ("A,1\nB,2\n", ("--reference", "C"), "nobody is called C"),
        ("A,1\nB,2\n", ("--reference", "A", "--assigned", "1"), "--assigned"),
    ],
)
def test_a_comparison_that_cannot_be_read_is_refused_with_its_place(
    benchctl, tmp_path, text, args, says
):
    file = tmp_path / "c.csv"
    file.write_text(text, encoding="utf-8")
    told = benchctl("compare", file, *args)
    assert told.returncode == 2
    assert says in told.stderr
    assert "Traceback" not in told.stderr


def test_a_chart_of_subgroups_has_means_and_spreads(benchctl, runs):
    lab, _ = runs
    unit = ("26110000070001", "--point", "Q3", "--lab", lab)
    few = benchctl("records", "chart", *unit, "--group", "day")
    assert few.returncode == 2
    assert "too few" in few.stderr
    wrong = benchctl("records", "chart", *unit, "--group", "weeks")
    assert wrong.returncode == 2
    assert "no subgroups by 'weeks'" in wrong.stderr
    assert "Traceback" not in wrong.stderr


@pytest.fixture(scope="module")
def checked(tmp_path_factory, pytestconfig):
    """A lab's folder with a check standard: three runs a point, on six occasions."""
    from benchctl.engine import RunRequest, run

    lab = tmp_path_factory.mktemp("lab")
    text = (pytestconfig.rootpath / "procedures" / "water-meter.yaml").read_text("utf-8")
    procedure = lab / "water-meter-thrice.yaml"
    procedure.write_text(
        re.sub("  retest:.*\n", "", text.replace("  runs: 1\n", "  runs: 3\n")), encoding="utf-8"
    )
    for seed in (1, 2, 3, 4, 5, 6):
        request = RunRequest(
            str(procedure), lab=lab, uuts=("26110000070001",), points=("Q3",), seed=seed
        )
        run(replace(request, service="test"))
    return lab


def test_a_check_standard_with_several_runs_a_point_is_charted_by_run(benchctl, checked):
    unit = ("26110000070001", "--point", "Q3", "--group", "run", "--lab", checked)
    told = json.loads(benchctl("records", "chart", *unit, "--json").stdout)
    assert [e["n"] for e in told["entries"]] == [3] * 6
    assert told["unit"] == "%"
    assert told["s"] > 0.0
    assert len({e["value"] for e in told["entries"]}) == 6
    shown = benchctl("records", "chart", *unit)
    assert shown.returncode == int(not told["in_control"])
    assert "between them" in shown.stdout
    assert "6 values" in shown.stdout


def test_a_test_run_has_no_certificate_number_and_it_is_said_why(benchctl, runs):
    lab, made = runs
    told = benchctl("records", "number", made[0], "--by", "Zhao Min", "--lab", lab)
    assert told.returncode == 3
    assert "test" in told.stderr
    assert told.stdout == ""
