"""The walk over the shelf: every procedure on its simulated bench, held against what is true.

    python benchmarks/walk.py [--seeds 3] [--only gas-meter] [--ways]

A line for each procedure (with `--ways` for each edition, method or other choice of its variants):
wall time of a run, results compared, how many lie within U of the truth, the largest deviation in
U, verdicts farther than 2 U from the limit that are wrong. The exit code is 1 where one is, or a
result lies off by more than 2 U.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchctl.core.places import bundled
from benchctl.engine import RunRequest
from benchctl.faults.accuracy import agreements
from benchctl.language import Diagnostics
from benchctl.procedure import Procedure, load_procedure


def ways(procedure: Procedure) -> Iterator[dict[str, str]]:
    """Return every combination of what the variants of a procedure can be chosen by."""
    for chosen in procedure.variants or {(): procedure}:
        yield dict(zip(procedure.axes, chosen, strict=True))


def walk(name: str, chosen: dict[str, str], seeds: range, folder: Path) -> bool:
    """Run a procedure with every seed; print its line; return whether all of it is right."""
    began = time.perf_counter()
    request = RunRequest(name, simulate=True, sets=chosen)
    found = list(agreements(request, seeds, folder))
    wall = (time.perf_counter() - began) / len(found)
    results = sum(f.results for f in found)
    within = sum(f.within for f in found)
    wrong = [f"seed {f.seed}: {w}" for f in found for w in f.wrong]
    label = " ".join([name, *chosen.values()])
    largest = max(f.largest for f in found)
    share = within / results if results else 0.0
    verdicts = sum(f.verdicts for f in found)
    print(
        f"{label:46} {wall:6.1f} s {results:6} results {share:7.1%} within U, "
        f"largest {largest:4.2f} U, {verdicts:6} verdicts, {len(wrong)} wrong",
        flush=True,
    )
    for line in wrong:
        print(f"    {line}")
    return not wrong


def main() -> int:
    """Walk, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--ways", action="store_true")
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds)
    began, right = time.perf_counter(), True
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(bundled("procedures").glob("*.yaml")):
            if asked.only and path.stem not in asked.only:
                continue
            procedure = load_procedure(path, Diagnostics())
            assert procedure is not None
            for n, chosen in enumerate(ways(procedure) if asked.ways else [{}]):
                lab = Path(folder) / f"{path.stem}-{n}"
                right &= walk(path.stem, chosen, seeds, lab)
    print(f"{time.perf_counter() - began:.0f} s in all")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
