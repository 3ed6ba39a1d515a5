"""What the record costs: the journal's share of a run, and the check of a million records.

    python benchmarks/records/run.py [--runs 500] [--records 2000] [--seconds 20] [--json FILE]

The journal's share is CPU time of `emit` over wall time, for 1,000 readings per second that arrive
in blocks as the acquisition loop spills them, with a durable event each second. The waits for the
disk are given apart: they lie in `emit` of the run's own thread, beside the loop.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from lab import make

from benchctl.core.clock import RealClock
from benchctl.core.events import ActionStarted, RawBlock, RunClosed, SettingWritten
from benchctl.records import Lab
from benchctl.verifier.check import check
from benchctl.verifier.sources import LabSource


def journal_share(
    folder: Path, seconds: float, rate: int = 1000, block: int = 100
) -> dict[str, float]:
    """Emit as a run does that reads `rate` times per second; return shares of the wall time."""
    columns = np.zeros((4, block))
    cpu = wall = 0.0
    with Lab.open(folder) as lab:
        journal = lab.begin_run("Line 2", clock=RealClock())
        began = time.perf_counter()
        blocks = int(seconds * rate / block)
        for n in range(blocks):
            columns[0] = n
            c, w = time.thread_time(), time.perf_counter()
            blob = columns.tobytes()
            sha256 = hashlib.sha256(blob).hexdigest()
            journal.emit(RawBlock("master", "a1", ("v",), ("L",), n, block, sha256, blob))
            journal.emit(SettingWritten("pump", "speed", float(n), "Hz", float(n)))
            if n % (rate // block) == 0:
                journal.emit(ActionStarted(f"a{n}", "settle", float(n), 1.0))
            cpu += time.thread_time() - c
            wall += time.perf_counter() - w
            left = began + (n + 1) * block / rate - time.perf_counter()
            if left > 0:
                time.sleep(left)  # noqa: TID251 - a benchmark paces itself
        journal.emit(RunClosed("finished", "pass", None, "2026-11-21T09:00:00Z"))
        took = time.perf_counter() - began
    return {"cpu_share": cpu / took, "wall_share": wall / took, "blocks": blocks}


def verify_time(folder: Path, runs: int, records: int) -> dict[str, float]:
    """Make a lab and check it; return seconds."""
    make(folder, runs, records)
    began = time.perf_counter()
    report = check(LabSource.open(folder / "lab.sqlite"))
    took = time.perf_counter() - began
    assert not report.problems
    return {"seconds": took, "records": runs * records, "heads": report.heads}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = {
            "journal at 1,000 readings/s": journal_share(Path(name, "a"), asked.seconds),
            "verify": verify_time(Path(name, "b"), asked.runs, asked.records),
        }
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2))
    for row, values in found.items():
        print(row, {key: round(value, 4) for key, value in values.items()})
    within = found["journal at 1,000 readings/s"]["cpu_share"] <= 0.03
    return int(not (within and found["verify"]["seconds"] <= 4 * asked.runs * asked.records / 1e6))


if __name__ == "__main__":
    sys.exit(main())
