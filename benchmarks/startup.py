"""How long the command line takes to start, as ratios to `python -c pass` in the same run.

    python benchmarks/startup.py [--repeats 15]

Prints one line per command: median wall time, ratio to the bare interpreter, what is promised.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BENCHCTL = [sys.executable, "-m", "benchctl"]
CASES = {
    "python -c pass": ([sys.executable, "-c", "pass"], None),
    "benchctl --help": ([*BENCHCTL, "--help"], 8.0),
    "benchctl check water-meter.yaml": ([*BENCHCTL, "check", "water-meter.yaml"], 30.0),
    "benchctl run water-meter.yaml --json -": (
        [*BENCHCTL, "run", "water-meter.yaml", "--json", "-", "--quiet"],
        None,
    ),
}


def once(command: list[str], lab: str) -> float:
    """Return the wall time of one run of a command in s."""
    began = time.perf_counter()
    subprocess.run([*command], capture_output=True, check=False, cwd=lab, env=_env(lab))
    return time.perf_counter() - began


def _env(lab: str) -> dict[str, str]:
    import os

    root = str(Path(__file__).parents[1])
    path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH")) if p)
    return {**os.environ, "BENCHCTL_LAB": lab, "PYTHONPATH": path}


def main() -> int:
    """Measure all commands, interleaved, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    repeats = parser.parse_args().repeats
    times: dict[str, list[float]] = {name: [] for name in CASES}
    with tempfile.TemporaryDirectory() as lab:
        for command, _ in CASES.values():
            once(command, lab)
        for _ in range(repeats):
            for name, (command, _) in CASES.items():
                times[name].append(once(command, lab))
    base = statistics.median(times["python -c pass"])
    worst = 0
    for name, (_, promise) in CASES.items():
        median = statistics.median(times[name])
        told = "" if promise is None else f"  (promised ≤ {promise:g})"
        print(f"{name:42} {1e3 * median:8.1f} ms  {median / base:7.1f} ×{told}")
        worst = max(worst, int(promise is not None and median / base > promise))
    return worst


if __name__ == "__main__":
    sys.exit(main())
