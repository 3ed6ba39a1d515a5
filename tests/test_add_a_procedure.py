"""docs/add-a-procedure.md, carried out: its files are written, its commands are run."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from benchctl.engine import RunRequest, run, truth

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "add-a-procedure.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```\n", PAGE, re.S))
COMMANDS = re.findall(r"```sh\n(benchctl .*?)\n```", PAGE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the lab of the page."""
    home = tmp_path_factory.mktemp("home")
    for name, text in FILES.items():
        path = home / "lab" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return home


def test_procedure_and_bench_are_at_most_eighty_lines_of_yaml_and_no_program() -> None:
    assert [Path(name).name for name in FILES] == ["rotameter.yaml", "bench.yaml", "plant.yaml"]
    assert sum(bool(line.strip()) for text in FILES.values() for line in text.splitlines()) <= 80


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_page_end_as_it_says(folder: Path, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "HOME": str(folder), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=100,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    wanted = 1 if command.startswith("benchctl run") else 0
    assert done.returncode == wanted, f"{command}\n{done.stdout}{done.stderr}"
    if "truth" in command:
        assert {row["position"] for row in json.loads(done.stdout)} == {1, 2, 3, 4}


def test_every_rotameter_is_found_to_be_what_it_is(folder: Path) -> None:
    request = RunRequest("rotameter", seed=4, lab=folder / "lab", simulate=True)
    report = run(request)
    assert report.outcome == "finished"
    true = {(t["serial"], t["point"]): t["error"] for t in truth(request) if t["point"]}
    assert len(true) == 20
    for unit in report.document["uuts"]:
        for point in unit["points"]:
            if point["point"] is None:
                assert point["verdict"] == "pass"
                continue
            error, (low, high) = true[unit["serial"], point["point"]], point["mpe"]
            assert abs(point["error"] - error) < 2 * point["U"]
            if min(abs(error - low), abs(error - high)) > 2 * point["U"]:
                assert point["verdict"] == ("pass" if low <= error <= high else "fail")
    verdicts = [u["verdict"] for u in report.document["uuts"]]
    assert verdicts[0] == "pass"
    assert verdicts[1] == verdicts[3] == "fail"


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("procedures/rotameter.yaml", "shown_flow - reference_flow", "shown_flow - reference_flw"),
        ("sim_instruments/rotameter_bench/bench.yaml", "pump.speed", "pumps.speed"),
        ("sim_instruments/rotameter_bench/plant.yaml", "play: flow", "play: flows"),
    ],
)
def test_a_mistake_in_a_file_of_the_page_is_told_at_its_line(
    tmp_path: Path, name: str, right: str, wrong: str
) -> None:
    for file, text in FILES.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(right, wrong) if file == name else text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "benchctl", "check", name, "--format", "concise"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    line = FILES[name][: FILES[name].index(right)].count("\n") + 1
    assert done.returncode == 2
    assert f"{name}:{line}:" in done.stdout + done.stderr
