"""Stop campaign: runs on a served bench, stopped at random instants, and what the plant does then.

    python benchmarks/stops.py [--stops 30] [--seed 1] [--rate 20] [--kill]

Each run is stopped by Ctrl-C, by Ctrl-C twice within 50 ms, or by SIGTERM, at an instant between
its first and its last second. Afterwards the bench is asked for its state, the record for its
reason. With `--kill` the runs are killed with SIGKILL, and `benchctl resume` must bring the bench
to rest. The exit code is 1 where a promise is broken.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "engine"))

from bench_process import Ended, Process, ServedBench, documented
from lab_folder import is_safe

from benchctl.core.clock import monotonic, pause
from benchctl.core.events import ActionStarted
from benchctl.records import Lab

WHOLE = 260.0
"""Bench seconds of a run of two meters at one point."""
FIRST = 0.4
"""Real seconds after its start from which on benchctl surely listens."""
SIGNALS = {
    "Ctrl-C": (signal.SIGINT,),
    "Ctrl-C twice": (signal.SIGINT, signal.SIGINT),
    "SIGTERM": (signal.SIGTERM,),
}


@dataclass
class Stop:
    """One stop and what came of it; `seconds` from the signal to the end of the process."""

    how: str
    instant: float
    flow: float = 0.0
    during: str = ""
    seconds: float = 0.0
    code: int = 0
    outcome: str = ""
    retries: int = 0
    broken: list[str] = field(default_factory=list)

    def line(self, n: int) -> str:
        """Return the row of the table."""
        told = "; ".join(self.broken) or "ok"
        return (
            f"{n:3}  {self.how:<13}{self.instant:6.2f} s  {self.flow:6.3f} m³/h  {self.during:<22}"
            f"{self.seconds:6.2f} s  exit {self.code:<3} {self.outcome:<9}"
            f"{self.retries:3} retries  {told}"
        )


def stop_once(bench: ServedBench, how: str, instant: float, gap: float) -> Stop:
    """Start a run, stop it, and look at everything that was promised."""
    stop = Stop(how, instant)
    before = newest(bench.lab)
    run = bench.run("water-meter", "--points", "Q3")
    pause(instant)
    stop.flow = bench.state()["flow"]
    over = run.process.poll() is not None
    began = monotonic()
    if how == "SIGKILL":
        run.signal(signal.SIGKILL)
    for number in SIGNALS.get(how, ()):
        run.signal(number)
        pause(gap if len(SIGNALS[how]) > 1 else 0.0)
    ended = run.finish(60.0)
    stop.seconds = monotonic() - began
    stop.code = ended.code
    stop.during = "(over)" if over else last_action(bench.lab, before)
    if over and ended.code not in (0, 1):  # by itself: a drive that heard nothing on a busy machine
        stop.outcome = str((ended.document.get("reason") or {}).get("text", ended.shown[-200:]))
    if how == "SIGKILL":
        look_after_kill(bench, stop)
    elif not over:
        look(bench, stop, run, ended)
    return stop


def look(bench: ServedBench, stop: Stop, run: Process, ended: Ended) -> None:
    """Note every promise of a stop that was not kept."""
    promise(stop, is_safe(bench.state()), f"plant: {bench.state()}")
    document = ended.document
    stop.outcome, stop.retries = document.get("outcome", "-"), document.get("retries", 0)
    if stop.outcome == "finished":  # the signal came when all was measured
        return
    promise(stop, ended.code == 4, f"exit {ended.code}")
    promise(stop, stop.outcome == "aborted", "outcome")
    promise(stop, document["reason"]["text"].startswith("stopped by SIG"), "no reason")
    promise(stop, documented(bench.lab) == document, "the record says otherwise")
    promise(stop, "Traceback" not in ended.shown, "a traceback")
    promise(stop, not run.left_behind(), "a process is left")


def look_after_kill(bench: ServedBench, stop: Stop) -> None:
    """Let the next command find the run, and note every promise that was not kept."""
    resumed = bench.done("resume", "--close", "--bench", bench.bench_file)
    stop.code = resumed.code
    promise(stop, resumed.code == 0, resumed.shown)
    promise(stop, is_safe(bench.state()), f"plant: {bench.state()}")
    with Lab.open(bench.lab) as records:
        promise(stop, not records.open_runs(), "the run is still open")
        known = bool(records.runs(1))
    stop.outcome = documented(bench.lab)["outcome"] if known else "-"


def promise(stop: Stop, kept: bool, what: str) -> None:
    """Note a promise that was not kept."""
    if not kept:
        stop.broken.append(what)


def newest(lab: Path) -> str:
    """Return the newest run, "" where there is none."""
    with Lab.open(lab) as records:
        return next((info.run for info in records.runs(1)), "")


def last_action(lab: Path, before: str) -> str:
    """Return the action that the run after `before` had begun last."""
    if (run := newest(lab)) == before:
        return "(not begun)"
    with Lab.open(lab) as records:
        begun = list(records.events(run, kind=ActionStarted.KIND))
    return begun[-1].event.action[:21] if begun else "opening"


def main() -> int:
    """Run the campaign and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--stops", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--kill", action="store_true")
    args = parser.parse_args()
    chance = random.Random(args.seed)
    stops: list[Stop] = []
    with tempfile.TemporaryDirectory() as folder:
        lab = Path(folder) / "lab"
        lab.mkdir()
        bench = ServedBench(lab, rate=args.rate, meters=2, bench="water_bench")
        try:
            for n in range(1, args.stops + 1):
                how = "SIGKILL" if args.kill else chance.choice(list(SIGNALS))
                instant = chance.uniform(FIRST, 1.0 + WHOLE / args.rate)
                stops.append(stop_once(bench, how, instant, chance.uniform(0.0, 0.05)))
                print(stops[-1].line(n), flush=True)
                if args.kill:  # the drive has tripped by itself: a person would acknowledge it
                    bench.close()
                    bench = ServedBench(lab, rate=args.rate, meters=2, bench="water_bench")
        finally:
            bench.close()
    broken = [s for s in stops if s.broken]
    slowest = max(s.seconds for s in stops)
    wet = sum(s.flow > 0.1 for s in stops)
    outcomes = dict(Counter(s.outcome for s in stops))
    print(f"\nstops: {len(stops)}, water flowed at {wet}; outcomes {outcomes}")
    print(f"promises broken: {len(broken)}; slowest end {slowest:.2f} s after the signal")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
