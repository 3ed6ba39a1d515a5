"""How long it takes to find what a standard stood behind, over many runs.

    python benchmarks/register_queries.py [--runs 1000] [--uuts 12] [--json FILE]

One simulated run of the water meter is made and its records are copied; each copy is a run of its
own in the same database. Then `records.standards.uses` is asked, and judged again with a new
certificate for the newest tenth.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
from pathlib import Path
from time import process_time

from benchctl.core.clock import monotonic
from benchctl.engine import RunRequest, run
from benchctl.engine.impact import impact
from benchctl.engine.prepare import read_files
from benchctl.records import Lab
from benchctl.records.standards import uses

COPY = (
    "INSERT INTO runs (run, bench, utc, algorithm) "
    "SELECT :copy, bench, :utc, algorithm FROM runs WHERE run = :run",
    "INSERT INTO records SELECT :copy, seq, kind, version, utc, t, body, hash FROM records "
    "WHERE run = :run ORDER BY seq",
    "INSERT INTO standards_used SELECT :copy, seq, role, name, serial, certificate "
    "FROM standards_used WHERE run = :run",
    "INSERT INTO points_judged SELECT :copy, seq, uut, point, occasion, verdict, error "
    "FROM points_judged WHERE run = :run",
)


def copies(path: Path, original: str, count: int) -> None:
    """Copy the records of a run `count` times."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA synchronous = OFF")
        for n in range(count):
            values = {"copy": f"{original}-{n:05d}", "run": original, "utc": f"2026-01-01T{n:06d}"}
            for statement in COPY:
                database.execute(statement, values)
    database.close()


def measured(folder: Path, runs: int, uuts: int) -> dict[str, float]:
    """Return what was found and how long it took, in s of real time."""
    serials = tuple(f"W-{n:02d}" for n in range(1, uuts + 1))
    request = RunRequest("water-meter", simulate=True, lab=folder, uuts=serials, seed=7)
    original = run(request).run
    standard = read_files(request).bench.standards["MM-014"]
    with Lab.open(folder) as lab:
        copies(lab.path, original, runs - 1)
        began, spent = monotonic(), process_time()
        found = uses(lab.store, "MM-014")
        query, query_cpu = monotonic() - began, process_time() - spent
        newest = f"2026-01-01T{int(0.9 * runs):06d}"
        began = monotonic()
        again = impact(lab, "MM-014", since=newest, new=standard)
        judged = monotonic() - began
    return {
        "runs": len({u.run for u in found}),
        "points": len(found),
        "query_s": round(query, 3),
        "query_cpu_s": round(query_cpu, 3),
        "judged_again": len(again),
        "judged_again_s": round(judged, 3),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--uuts", type=int, default=12)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), options.runs, options.uuts)
    print(json.dumps(found, indent=2))
    if options.json:
        options.json.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
