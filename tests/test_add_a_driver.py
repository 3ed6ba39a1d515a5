"""docs/add-a-driver.md, carried out: its files are written, its commands are run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from benchctl.workshop import check_file

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "add-a-driver.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```\n", PAGE, re.S))
COMMANDS = re.findall(r"```sh\n(benchctl .*?)\n```", PAGE)
DRIVERS = sorted(name for name in FILES if name.startswith("drivers/"))


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """The lab folder after everything on the page was written."""
    for name, text in FILES.items():
        path = tmp_path / "lab" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "lab"


def test_the_page_has_what_it_promises() -> None:
    assert DRIVERS == [
        "drivers/aquatec_f1.yaml",
        "drivers/aquatec_f2.py",
        "drivers/northlab_nl4040.py",
    ]
    assert len(COMMANDS) == 4


@pytest.mark.parametrize("name", DRIVERS)
def test_a_driver_of_the_page_is_short(name: str) -> None:
    assert len([line for line in FILES[name].splitlines() if line.strip()]) <= 35


@pytest.mark.parametrize("name", DRIVERS)
def test_a_driver_of_the_page_passes_its_check(lab: Path, name: str) -> None:
    report = check_file(lab / name)
    assert [(s.name, s.channel, str(s.what)) for s in report.failed] == []


def test_the_mistake_of_the_page_is_found(lab: Path) -> None:
    path = lab / "drivers" / "aquatec_f2.py"
    text = path.read_text()
    assert 'order="CDAB", ' in text
    path.write_text(text.replace('order="CDAB", ', ""))
    failed = {(str(step.title), step.channel) for step in check_file(path).failed}
    assert ("reads what is shown", "flow") in failed


def test_the_commands_of_the_page_end_well(tmp_path: Path) -> None:
    for command in COMMANDS:
        if "check" in command:
            for name, text in FILES.items():
                path = tmp_path / "lab" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
