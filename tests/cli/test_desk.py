"""`budget` and `judge`, called as a metrologist at a desk calls them."""

import json

import pytest

BUDGET = """\
model: 100 * (Vm*pm*Tr / (Vr*pr*Tm) - 1)
unit: "%"
coverage: 0.9545
inputs:
  Vm: {value: 100.2, unit: L, u: 0.05, dof: 9}
  pm: {value: 101.325, unit: kPa, half_width: 0.02, distribution: rectangular}
  pr: {value: 101.300, unit: kPa, half_width: 0.02, distribution: rectangular}
  Vr: {value: 100.0, unit: L, U: 0.2, k: 2}
  Tm: {readings: [293.1, 293.2, 293.15], unit: K}
  Tr: {value: 293.2, unit: K}
correlations: [{between: [pm, pr], r: 0.8}]
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "budget.yaml"
    path.write_text(BUDGET, encoding="utf-8")
    return path


@pytest.mark.parametrize("method", ["gum", "monte-carlo"])
def test_budget_prints_the_document_of_the_contract(benchctl, file, method):
    done = benchctl("budget", file, "--method", method, "--json", "--seed", "5")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {"y", "unit", "u", "U", "k", "p", "dof", "method", "interval", "budget"} <= set(found)
    assert found["method"] == method
    assert found["y"] == pytest.approx(0.2418, abs=5e-3)
    assert found["u"] == pytest.approx(0.1128 if method == "gum" else 0.1166, abs=1e-3)
    assert found["interval"][0] < found["y"] < found["interval"][1]
    assert found["seed"] == 5
    lines = {line["input"]: line for line in found["budget"]}
    assert {
        "input",
        "value",
        "u",
        "distribution",
        "dof",
        "sensitivity",
        "contribution",
        "share",
    } <= set(lines["Vm"])
    assert list(lines) == ["Vm", "pm", "pr", "Vr", "Tm"]
    assert lines["Vr"]["dof"] is None
    shares = [line["share"] for line in found["budget"]]
    assert sum(shares) + found["correlations"][0]["share"] == pytest.approx(1)
    assert found["check"]["agrees"] is False  # three readings have heavy tails


def test_the_same_seed_prints_the_same_document(benchctl, file):
    call = ("budget", file, "--method=monte-carlo", "--json")
    one, same = benchctl(*call), benchctl(*call)
    assert one.stdout == same.stdout
    assert json.loads(one.stdout)["seed"] == 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["sensitivity c", "rectangular", "r = 0.8", "result: 0.24 %, U = 0.23 %"]),
        ("zh", ["灵敏系数 c", "均匀", "r = 0.8", "结果：0.24 %，U = 0.23 %", "包含区间"]),
    ],
)
def test_people_get_a_table_and_a_sentence(benchctl, file, language, words):
    done = benchctl("budget", file, "--lang", language)
    assert done.returncode == 0, done.stderr
    assert all(w in done.stdout for w in words), done.stdout


def test_a_wrong_budget_is_exit_2_with_every_place(benchctl, file):
    file.write_text(BUDGET.replace("Vr*", "Vrr*").replace("U: 0.2,", "U: -2,"), encoding="utf-8")
    done = benchctl("budget", file, "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "budget.yaml:1:27" in done.stderr
    assert "did you mean `Vr`?" in done.stderr
    assert "budget.yaml:8:34" in done.stderr
    assert benchctl("budget", "nowhere.yaml").returncode == 2


def test_judge_prints_the_document_of_the_contract(benchctl):
    done = benchctl(
        "judge", "--value", "1.8", "--U", "0.4", "--mpe", "-2", "2", "--rule", "jcgm 106", "--json"
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {"verdict", "rule", "p_conform", "specific_risk", "tur", "accept", "why"} <= set(found)
    assert (found["verdict"], found["rule"]) == ("fail", "jcgm-106/1")
    assert found["p_conform"] == found["specific_risk"] == pytest.approx(0.8413447)
    assert found["tur"] == pytest.approx(5.0)
    assert found["accept"] == pytest.approx([-1.671029, 1.671029], abs=1e-6)
    assert found["why"]["id"] == "rejected"
    assert "±2.0" in found["why"]["text"]


def test_judge_tells_people_in_their_language(benchctl):
    call = ("judge", "--value=0.2", "--U=0.6", "--unit=%", "--rule=simple-acceptance")
    english = benchctl(*call, "--mpe", "-1.5", "1.5")
    assert english.stdout.startswith("UNCERTAINTY TOO LARGE\n")
    chinese = benchctl(*call, "--mpe", "-1.5", "1.5", "--lang=zh")
    assert chinese.stdout.startswith("不确定度过大\n")
    assert "1.5 %" in chinese.stdout


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--mpe", "2", "-2", "--rule", "jcgm-106"], "wrong way round"),
        (["--mpe", "-2", "2", "--rule", "jcgm-10"], "did you mean `jcgm-106`?"),
        (["--mpe", "-2", "2"], "known: simple-acceptance"),
        (["--mpe", "-2", "2", "--rule", "jcgm-106", "--k", "0"], "--k"),
        (["--mpe", "-2", "x", "--rule", "jcgm-106"], "'x'"),
        (["--mpe", "-inf", "2", "--rule", "jjf-1094"], "a lower and an upper limit"),
        (["--mpe", "nan", "2", "--rule", "jjf-1094"], "'nan'"),
    ],
)
def test_a_wrong_question_is_exit_2(benchctl, more, words):
    done = benchctl("judge", "--value", "1", "--U", "0.1", *more)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
