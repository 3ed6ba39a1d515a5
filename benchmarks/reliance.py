"""How long the way from a certificate to the results takes, over many runs.

    python benchmarks/reliance.py [--runs 1000]

One simulated run is made; its record is copied under so many ids. Then the reverse queries of
`records trace` are asked and timed, and one number is traced forward.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from benchctl.engine import RunRequest, run
from benchctl.engine.audit import Evidence, trace
from benchctl.records import Lab, reliance

WITHIN = 1.0
"""Seconds of CPU that a reverse query may take: what other programs do does not count."""


def copied(path: Path, original: str, copies: int) -> None:
    """Copy the records of a run, without their raw readings, under `copies` further ids."""
    with sqlite3.connect(path) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(runs)")]
        others = [c for c in columns if c not in ("number", "run")]
        of_records = [row[1] for row in database.execute("PRAGMA table_info(records)")]
        rest = ", ".join(c for c in of_records if c != "run")
        for n in range(copies):
            name = f"{original[:-5]}{n:05d}"
            database.execute(
                f"INSERT INTO runs (run, {', '.join(others)}) "
                f"SELECT ?, {', '.join(others)} FROM runs WHERE run = ?",
                (name, original),
            )
            database.execute(
                f"INSERT INTO records (run, {rest}) "
                f"SELECT ?, {rest} FROM records WHERE run = ? ORDER BY seq",
                (name, original),
            )


def main() -> int:
    """Make the runs, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    asked = parser.parse_args()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        report = run(RunRequest("water-meter", lab=Path(folder), simulate=True))
        copied(report.record, report.run, asked.runs - 1)
        with Lab.open(Path(folder)) as lab:
            for question in ({"standard": "SIM-0147"}, {"instrument": "14077123"}):
                began, burnt = time.perf_counter(), time.process_time()
                found = reliance(lab, **question)
                seconds, burnt = time.perf_counter() - began, time.process_time() - burnt
                slowest = max(slowest, burnt)
                units = sum(r.units for r in found)
                took = f"{seconds:.3f} s, {burnt:.3f} s of CPU"
                print(f"{question}: {len(found)} runs, {units} units, {took}")
            began = time.perf_counter()
            unit = report.document["uuts"][0]["serial"]
            trace(Evidence.read(lab, report.run), unit, "Q3")
            print(f"one number traced: {time.perf_counter() - began:.3f} s")
    return int(slowest > WITHIN)


if __name__ == "__main__":
    sys.exit(main())
