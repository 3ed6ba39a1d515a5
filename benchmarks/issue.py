"""What a day's certificates cost through the command line: 42 runs of 12 meters, with signatures.

    python benchmarks/issue.py [--runs 42] [--processes 2] [--unsigned] [--profile FILE]

A simulated run is recorded again and again as one on real instruments, which nothing else here
does. The key is made for the measurement. Whole calls of `benchctl certificate issue`: wall time,
and processor time of it with its helpers; `--profile` leaves that of the calling process.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from certificates import seal_in

from benchctl.core.clock import VirtualClock
from benchctl.core.events import RawBlock, RunOpened
from benchctl.records import Lab


def lab_in(folder: Path, runs: int) -> Path:
    """Return a lab with so many runs of twelve meters each, no serial number twice."""
    asked = ["run", "water-meter.yaml", "--simulate", "--seed", "7", "--lab", "simulated"]
    subprocess.run(
        [sys.executable, "-m", "benchctl", *asked, "--quiet", "--plain"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    path = folder / "lab"
    with Lab.open(folder / "simulated", create=False) as source, Lab.open(path) as lab:
        events = [stored.event for stored in source.events(source.find_run("latest"))]
        for n in range(runs):
            journal = lab.begin_run("Line 2", f"R{n:03}", clock=VirtualClock())
            for event in events:
                if isinstance(event, RawBlock):
                    continue  # read without its bytes
                if isinstance(event, RunOpened):
                    event = dataclasses.replace(event, run=f"R{n:03}", simulated=False)
                journal.emit(event)
    (path / "certificates.yaml").write_text("name: Institute\n", "utf-8")
    return path


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--runs", type=int, default=42)
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--unsigned", action="store_true")
    asked.add_argument("--profile")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lab, (key, _) = lab_in(folder, given.runs), seal_in(folder, "P-256")
        sign = [] if given.unsigned else ["--sign", "--as", "approved", "--key", str(key)]
        profiled = (
            ["-m", "cProfile", "-o", str(Path(given.profile).resolve())] if given.profile else []
        )
        command = [sys.executable, *profiled, "-m", "benchctl", "certificate", "issue"]
        command += [f"R{n:03}" for n in range(given.runs)]
        command += ["--lab", str(lab), "--out", "out", "--labels", "--processes"]
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            [*command, str(given.processes), *sign],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        made = len(list((folder / "out").glob("20*.pdf")))
        print(done.stdout.strip().splitlines()[-1:], f"exit code {done.returncode}")
        print(f"{made} certificates  {wall:.1f} s  {used:.1f} s CPU  load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
