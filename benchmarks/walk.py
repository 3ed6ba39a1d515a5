"""The walk over the shelf: every procedure on its simulated bench, held against what is true.

    python benchmarks/walk.py [--seeds 3] [--only gas-meter] [--ways]

A line for each procedure (with `--ways` for each edition, method or other choice of its variants):
wall time of a run, results compared, how many lie within U of the truth, the largest deviation in
U and the root mean square (about 0.5 U where U is what it says), verdicts farther than 2 U from the
limit that are wrong; then results beyond U and wrong verdicts between U and 2 U, both with what the
coverage allows. The exit code is 1 where a verdict is wrong, a result lies off by more than 2 U, or
more than what is allowed is beyond. A way that the bench's standards are not good enough for is
refused, which is right.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchctl.core.places import bundled
from benchctl.engine import RunRequest
from benchctl.faults import agreements, excesses
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
    label = " ".join([name, *chosen.values()])
    if chosen and all(f.outcome == "refused" for f in found):
        print(f"{label:46} refused: {found[0].wrong[0].partition(';')[0]}", flush=True)
        return True
    results = sum(f.results for f in found)
    within = sum(f.within for f in found)
    wrong = [f"seed {f.seed}: {w}" for f in found for w in f.wrong]
    largest = max(f.largest for f in found)
    usual = math.sqrt(sum(f.squares for f in found) / results) if results else 0.0
    tallies = excesses(found)
    counts = ", ".join(f"{e.found} of {e.of} {e.kind} ({e.allowed} allowed)" for e in tallies)
    share = within / results if results else 0.0
    verdicts = sum(f.verdicts for f in found)
    print(
        f"{label:46} {wall:6.1f} s {results:6} results {share:7.1%} within U, "
        f"largest {largest:4.2f} U, rms {usual:4.2f} U, {verdicts:6} verdicts, {len(wrong)} wrong; "
        f"beyond: {counts}",
        flush=True,
    )
    for line in wrong:
        print(f"    {line}")
    return not wrong and all(e.found <= e.allowed for e in tallies)


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
