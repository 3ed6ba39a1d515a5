"""Wall time, processor time and memory of the standard run: 12 meters at 3 points, virtual time.

    python benchmarks/run_speed.py [--seeds 5] [--repeats 3] [--profile]

Each run is `benchctl run water-meter.yaml --json -` in a process of its own, after one that warms
the file cache. Retests make the difference between the seeds. Promised are 5 s and 250 MB; the exit
code is 1 where a median is beyond. `--profile` prints where one run in this process spends its time
instead.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS, MEGABYTES = 5.0, 250.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took."""

    wall: float
    processor: float
    megabytes: float
    retests: int
    events: int


def one_run(seed: int, lab: Path) -> Cost:
    """Carry out one run in a process of its own.

    Raises:
        RuntimeError: the run did not finish.
    """
    out = lab / "document.json"
    argv = ["run", "water-meter.yaml", "--seed", str(seed), "--lab", str(lab), "--json", "-"]
    with out.open("wb") as stdout, (lab / "screen").open("wb") as stderr:
        began = time.perf_counter()
        child = os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "benchctl", *argv],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, stdout.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, stderr.fileno(), 2),
            ],
        )
        _, status, used = os.wait4(child, 0)
        wall = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise RuntimeError((lab / "screen").read_text(encoding="utf-8"))
    document = json.loads(out.read_text(encoding="utf-8"))
    runs = [r for u in document["uuts"] for p in u["points"] for r in p["runs"]]
    return Cost(
        wall,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss / 1024,
        sum(r["retest"] for r in runs),
        document["log"]["events"],
    )


def shown(name: str, costs: Sequence[Cost]) -> str:
    """Return the medians in one line."""
    wall = statistics.median(c.wall for c in costs)
    processor = statistics.median(c.processor for c in costs)
    memory = statistics.median(c.megabytes for c in costs)
    more = f"{costs[0].retests:3} retest runs, {costs[0].events} events"
    return f"{name:10} {wall:6.2f} s wall {processor:6.2f} s cpu {memory:6.1f} MB {more}"


def profile(seed: int) -> None:
    """Print where one run in this process spends the time of its main thread."""
    import cProfile
    import pstats

    from benchctl.engine import RunRequest, run

    with tempfile.TemporaryDirectory() as lab:
        profiler = cProfile.Profile()
        profiler.enable()
        run(RunRequest("water-meter", seed=seed, lab=Path(lab)))
        profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


def main() -> int:
    """Measure all seeds and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    if options.profile:
        profile(options.seeds)
        return 0
    broken = False
    with tempfile.TemporaryDirectory() as folder:
        one_run(1, Path(folder))
        for seed in range(1, options.seeds + 1):
            costs = [one_run(seed, Path(folder)) for _ in range(options.repeats)]
            print(shown(f"seed {seed}", costs), flush=True)
            broken |= statistics.median(c.wall for c in costs) > SECONDS
            broken |= statistics.median(c.megabytes for c in costs) > MEGABYTES
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
