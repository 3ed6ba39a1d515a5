"""`records trace` and `rejudge`, called as an assessor calls them."""

import json
import subprocess

import pytest
from calling import BENCHCTL, environment

SERIAL = "26110000010001"


@pytest.fixture(scope="module")
def assessor(tmp_path_factory):
    """Call benchctl on a lab with one finished run of one unit."""
    folder = tmp_path_factory.mktemp("assessed")

    def call(*args, code=0):
        done = subprocess.run(
            [*BENCHCTL, *args, "--lab", str(folder / "lab")],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=folder,
            env=environment(folder),
            timeout=100,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout if code == 0 else done.stderr

    call("run", "water-meter.yaml", "--uut", SERIAL, "--points", "Q3", "--quiet", code=1)
    return call


def test_a_printed_number_leads_to_its_readings_in_one_command(assessor):
    shown = assessor("records", "trace", "--uut", SERIAL, "--point", "Q3")
    for part in (
        "error [%] = 100 * (meter_volume - reference_volume) / reference_volume",
        "read from master.volume_total in L: micromotion_2700",
        "standard MM-014, serial number 14077123, certificate SIM-0147",
        "/reference, rows 0 to ",
        "certificate   ",
        "pump.",
    ):
        assert part in shown, part
    chinese = assessor("records", "trace", "--uut", SERIAL, "--point", "Q3", "--lang", "zh")
    assert "标准器 MM-014，编号 14077123，证书 SIM-0147" in chinese


def test_one_number_and_the_whole_run_are_json_too(assessor):
    asked = ("records", "trace", "--uut", SERIAL, "--point", "Q3", "--number", "reference")
    found = json.loads(assessor(*asked, "--json"))
    assert found["numbers"] == []
    (run,) = found["runs"]
    assert [n["name"] for n in run["numbers"]] == ["indication", "reference", "u"]
    assert "text" in run["numbers"][0]["how"]
    assert "reference" in assessor(*asked)
    whole = json.loads(assessor("records", "trace", "--json"))
    assert {"standards", "instruments", "raw", "points"} <= set(whole)


def test_from_a_certificate_to_the_runs_that_relied_on_it(assessor):
    (row,) = json.loads(assessor("records", "trace", "--standard", "SIM-0147", "--json"))
    assert row["name"] == row["run"]
    assert (row["units"], row["not_passed"]) == (1, 1)  # of one point nothing passes
    shown = assessor("records", "trace", "--instrument", "14077123")
    assert row["run"] in shown
    assert "no run relied on it" in assessor("records", "trace", "--standard", "MM-1")


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("records", "trace", "--uut", SERIAL), "give --uut and --point"),
        (("records", "trace", "--uut", "1", "--point", "Q3"), "has no unit 1"),
        (("records", "trace", "--uut", SERIAL, "--point", "Q1"), "no judged point Q1"),
        (("records", "trace", "--number", "u"), "give --uut and --point"),
        (("rejudge",), "--rule RULE, or --procedure FILE"),
        (("rejudge", "--rule", "jcgm-106:p=2"), "p: '2' is not within"),
        (("rejudge", "--procedure", "nothing"), "there is no procedure `nothing`"),
    ],
)
def test_a_wrong_question_is_told_and_exits_with_2(assessor, args, text):
    assert text in assessor(*args, code=2)


def test_rejudge_shows_what_would_change(assessor):
    found = json.loads(assessor("rejudge", "--rule", "simple-acceptance:ratio=1/50", "--json"))
    point = next(p for p in found["points"] if p["point"] == "Q3")
    assert (point["before"], point["after"], point["changed"]) == ("pass", "indeterminate", True)
    assert "too large" in point["why"]["text"]
    shown = assessor("rejudge", "--rule", "simple-acceptance:ratio=1/50")
    assert "nothing was written" in shown
    assert "uncertainty U = 0.12 % is too large" in shown


def test_verify_recompute_makes_every_number_again(assessor):
    shown = assessor("records", "verify", "--recompute")
    assert "1 results compared (oracle: GTC 1.5" in shown
    assert "0 differ" in shown
    (found,) = json.loads(assessor("records", "verify", "--recompute", "--json"))
    assert found["differences"] == []
    assert found["compared"]["U"] == 1
    assert "不一致" in assessor("records", "verify", "latest", "--recompute", "--lang", "zh")


def test_a_point_is_shown_in_full(assessor):
    shown = assessor("records", "show", "--uut", SERIAL, "--point", "Q3")
    for part in (
        f"{SERIAL} Q3: PASS",
        "simple-acceptance/1",
        "probability of conformity",
        "specific risk of accepting it",
        "Monte Carlo: both agree",
        "certificate ",
        "run 1: indication",
    ):
        assert part in shown, part
    assert "符合的概率" in assessor("records", "show", "--point", "Q3", "--lang", "zh")
    assert "has no unit 7" in assessor("records", "show", "--uut", "7", code=2)
