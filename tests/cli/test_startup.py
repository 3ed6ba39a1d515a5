"""The program starts fast: help imports nothing heavy, and takes a few times what Python takes."""

import subprocess
import sys

from benchctl.cli.app import COMMANDS
from benchctl.core.clock import monotonic

HEAVY = (
    "rich",
    "pydantic",
    "yaml",
    "numpy",
    "pyvisa",
    "scipy",
    "sqlalchemy",
    "alembic",
    "asyncio",
    "serial",
    "pymodbus",
    "sqlite3",
)
IMPORTED = """
import sys
from benchctl.cli.app import command_line
code = command_line(sys.argv[1:])
print(code, *sorted({m.partition(".")[0] for m in sys.modules}), file=sys.stderr)
"""


def imported_by(*args, cwd):
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *args],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=60,
        check=True,
    )
    code, *modules = done.stderr.split("\n")[-2].split()
    assert code == "0"
    return done.stdout, set(modules)


def test_help_imports_nothing_heavy_and_no_command(pytestconfig):
    shown, modules = imported_by("--help", cwd=pytestconfig.rootpath)
    assert not modules & set(HEAVY)
    assert all(f"\n  {name} " in shown for name in COMMANDS)


def test_the_help_of_every_command_imports_nothing_heavy(pytestconfig):
    for name in COMMANDS:
        shown, modules = imported_by(name, "--help", cwd=pytestconfig.rootpath)
        assert not modules & set(HEAVY), name
        assert shown.startswith(f"Usage: benchctl {name}")


def best_of(count, argv, cwd):
    times = []
    for _ in range(count):
        began = monotonic()
        subprocess.run(argv, cwd=cwd, check=True, capture_output=True, timeout=60)
        times.append(monotonic() - began)
    return min(times)


def test_help_takes_at_most_eight_times_what_python_takes(pytestconfig):
    cwd = pytestconfig.rootpath
    bare = best_of(9, [sys.executable, "-c", "pass"], cwd)
    shown = best_of(9, [sys.executable, "-m", "benchctl", "--help"], cwd)
    assert shown <= 8.0 * bare, f"{1000 * shown:.0f} ms against {1000 * bare:.0f} ms"
