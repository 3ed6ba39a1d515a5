"""`benchctl bench gate`: what it prints, its exit codes, in both languages."""

import json
import re

import pytest

from benchctl.core.places import bundled

BENCH = bundled("sim_instruments") / "water_bench" / "bench.yaml"


@pytest.fixture
def strict(tmp_path):
    """The bench file with a check meter that must agree better than it can."""
    text = BENCH.read_text(encoding="utf-8").replace("within: 0.5 %", "within: 0.00001 %")
    text = re.sub(r"via: ", f"via: {BENCH.parent}/", text)
    path = tmp_path / "bench.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_check_is_told_and_how_long_the_gate_holds(benchctl):
    done = benchctl("bench", "gate", "--bench", BENCH)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("PASS  zero of the master: 0 m³/h, as it must be: 0 ± 0.0001 m³/h")
    assert lines[3].endswith("the gate is passed, it holds for 16 h")


def test_a_failed_check_is_named_in_the_language_of_the_screen(benchctl, strict):
    done = benchctl("bench", "gate", "--bench", strict, "--lang", "zh")
    assert done.returncode == 1
    assert re.search(r"^不合格 +核查表与标准表比对：.*要求为", done.stdout, re.MULTILINE)
    assert "开工核查未通过：核查表与标准表比对" in done.stderr
    assert not re.search(r"[A-Za-z]{4,}", done.stdout.splitlines()[2].replace("FAIL", ""))


def test_a_program_gets_the_figures(benchctl, strict):
    done = benchctl("bench", "gate", "--bench", strict, "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["passed"] is False
    assert [c["passed"] for c in told["checks"]] == [True, True, False]
    assert told["checks"][2]["unit"] == "%"
    shown = benchctl("records", "show", told["run"], "--json")
    assert json.loads(shown.stdout)["outcome"] == "refused"


def test_a_run_on_such_a_bench_is_refused(benchctl, strict):
    done = benchctl("run", "water-meter", "--bench", strict, "--points", "Q3")
    assert done.returncode == 3
    assert "check meter against the master" in done.stderr


def test_a_bench_without_a_gate_says_so(benchctl, tmp_path):
    path = tmp_path / "bench.yaml"
    path.write_text("bench: Bare\ninstruments: {}\nroles: {}\n")
    done = benchctl("bench", "gate", "--bench", path)
    assert done.returncode == 2
    assert "`gate`" in done.stderr
    assert not (tmp_path / "data").exists()
