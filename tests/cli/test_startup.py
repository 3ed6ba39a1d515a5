"""The program starts fast: help imports nothing heavy, and takes a few times what Python takes."""

import os
import subprocess
import sys

from benchctl.cli.app import COMMANDS

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
    "typst",
    "lxml",
    "signxml",
    "pyhanko",
    "cryptography",
    "asn1crypto",
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


def cpu_seconds(argv, cwd):
    """Processor time of one call; unlike wall time it bears with busy neighbours."""
    process = subprocess.Popen(argv, cwd=cwd, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_utime + used.ru_stime


def test_help_takes_at_most_eight_times_what_python_takes(pytestconfig):
    cwd = pytestconfig.rootpath
    calls = [[sys.executable, "-c", "pass"], [sys.executable, "-m", "benchctl", "--help"]]
    rounds = [[cpu_seconds(argv, cwd) for argv in calls] for _ in range(9)]
    bare, shown = (min(times) for times in zip(*rounds, strict=True))
    assert shown <= 8.0 * bare, f"{1000 * shown:.0f} ms against {1000 * bare:.0f} ms"
