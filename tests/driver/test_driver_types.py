"""What a type checker refuses in code that uses a driver: wrong types, read-only channels."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = """
from benchctl.driver import Action, Instrument, Modbus, Reading, Setting, coil, flag, holding
from benchctl.driver import text, whole


class Meter(Instrument):
    protocol = Modbus()
    flow = Reading(holding(0, "f32"), unit="L/h")
    status = Reading(holding(2), kind=whole)
    level = Setting(holding(3), unit="V", low=0, high=10)
    on = Setting(coil(0), kind=flag)
    label = Setting(holding(4), kind=text)
    clear = Action(coil(1))

    def make_safe(self) -> None:
        self.on = False


def use(meter: Meter) -> None:
    a: float = meter.flow
    b: int = meter.status
    c: bool = meter.on
    d: str = meter.label
    meter.level = 3.5
    meter.level = 3
    meter.on = True
    meter.label = "x"
    meter.clear()
    meter.flow = 1.0  # refused: only read
    meter.status = 1  # refused: only read
    meter.level = "3.5"  # refused: a text
    meter.on = 2.5  # refused: a number
    meter.label = 5  # refused: a number
    meter.clear = 1  # refused: an action
    meter.clear(1)  # refused: it takes nothing
    e: str = meter.flow  # refused: a number
    f: int = meter.level  # refused: not whole
    meter.lvel = 3.5  # refused: misspelt
    Reading(holding(0))  # refused: a number has a unit
"""
REFUSED = {n for n, line in enumerate(CODE.splitlines(), 1) if "# refused" in line}


@pytest.fixture
def snippet(tmp_path: Path) -> Path:
    path = tmp_path / "snippet.py"
    path.write_text(CODE)
    return path


def lines_of(output: str, pattern: str) -> set[int]:
    return {int(number) for number in re.findall(pattern, output)}


def test_mypy_refuses_what_would_fail_on_the_bench_and_nothing_else(snippet: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(snippet)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert lines_of(done.stdout, r"snippet\.py:(\d+): error") == REFUSED, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("pyright") is None, reason="pyright is not installed")
def test_pyright_refuses_the_same(snippet: Path) -> None:
    done = subprocess.run(
        ["pyright", "--pythonpath", sys.executable, str(snippet)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert lines_of(done.stdout, r"snippet\.py:(\d+):\d+ - error") == REFUSED, done.stdout


def test_a_user_s_checker_sees_the_types_of_the_installed_package(
    snippet: Path, tmp_path: Path
) -> None:
    """mypy leaves a package without `py.typed` out: nothing at all would be refused."""
    where = tmp_path / "venv"
    venv.create(where, with_pip=False, symlinks=True)
    (site,) = where.glob("lib/python*/site-packages")
    (site / "benchctl").symlink_to(ROOT / "benchctl")
    (tmp_path / "bench").mkdir()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--no-error-summary"),
            *("--python-executable", str(where / "bin" / "python"), str(snippet)),
        ],
        cwd=tmp_path / "bench",
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert lines_of(done.stdout, r"snippet\.py:(\d+): error") == REFUSED, done.stdout + done.stderr
