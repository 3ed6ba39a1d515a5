"""What drawing costs: the live view of 48 positions x 6 points at ten updates per second.

    python benchmarks/live.py [--seconds 10] [--repeats 3] [--beside]

Three measurements, each in per cent of one core:

- *frames*: ten updates per second, in each of which every one of the 48 present errors changes (the
  hardest case), folded, laid out and painted as often as the view draws, on terminals of several
  sizes, in both languages;
- *watch*: the whole process `benchctl watch` on a terminal while another process journals a run at
  ten updates per second;
- with `--beside`, the lateness of eight 100 Hz samplers with and without that process (paired).

Exit code 1 where drawing takes more than what the project promises.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchctl.cli.live.fold import fold  # noqa: E402
from benchctl.cli.live.frame import Moment, frame  # noqa: E402
from benchctl.cli.live.painter import Painter  # noqa: E402
from benchctl.cli.live.state import State  # noqa: E402
from benchctl.cli.live.viewer import LOOK_EVERY  # noqa: E402
from benchctl.cli.live.words import Words  # noqa: E402
from benchctl.core import events  # noqa: E402
from benchctl.core.clock import RealClock, monotonic, pause  # noqa: E402
from benchctl.records import Journal, Lab, PresentValues  # noqa: E402

POSITIONS = 48
POINTS = ("Q3", "Q2", "Q1", "Q4", "0.3 Q3", "0.7 Q3")
HERTZ = 10
PROMISED = 3.0
"""Per cent of one core."""
DRAWN = min(HERTZ, 1 / LOOK_EVERY)
"""Frames per second."""
SIZES = ((80, 24), (60, 20), (120, 40), (200, 60))


@dataclass
class Told:
    """An event as a journal tells it."""

    t: float
    event: events.Event


def plan() -> dict[str, Any]:
    """A plan of one load: six set-points, 48 units at each."""
    uuts = [
        {
            "serial": f"2611{n:010d}",
            "position": n,
            "load": "load-1",
            "points": [
                {"item": "error of indication", "point": p, "unit": "%", "mpe": [-2.0, 2.0]}
                for p in POINTS
            ],
            "items": [],
        }
        for n in range(1, POSITIONS + 1)
    ]
    visits = [
        {
            "id": f"load-1/{p}",
            "load": "load-1",
            "points": [p],
            "setpoint": 2.375,
            "unit": "m³/h",
            "members": [{"serial": u["serial"], "point": p} for u in uuts],
        }
        for p in POINTS
    ]
    actions = [
        {
            "id": f"load-1/{p}/run-1",
            "kind": "totalise",
            "load": "load-1",
            "visit": f"load-1/{p}",
            "expected_s": 60.0,
        }
        for p in POINTS
    ]
    return {
        "uuts": uuts,
        "loads": [{"id": "load-1"}],
        "visits": visits,
        "actions": actions,
        "expected_s": 60.0 * len(POINTS),
        "units": {"reference_flow": "m³/h", "water_temperature": "°C", "reference_volume": "L"},
    }


def opened(run: str) -> events.RunOpened:
    return events.RunOpened(
        run=run,
        started="2026-01-01T00:00:00.000Z",
        procedure={"name": "water-meter", "standard": "JJG 162-2019"},
        bench={"name": "Water line 2"},
        software={},
        service="verification",
        stage="initial",
        operator="Li",
        simulated=True,
        seed=1,
        request={"speed": "real"},
    )


def judged(serial: str, point: str, error: float) -> events.PointJudged:
    inside = abs(error) <= 2.0
    return events.PointJudged(
        uut=serial,
        item="error of indication",
        point=point,
        occasion="as_found",
        quantity="error",
        unit="%",
        nominal=None,
        error=error,
        reported=None,
        judged_on=None,
        k=2.0,
        U=0.12,
        dof=None,
        U_reference=0.1,
        mpe=(-2.0, 2.0),
        accept=(-2.0, 2.0),
        rule="simple-acceptance/1",
        verdict="pass" if inside else "fail",
        why={"id": "not-measured", "args": {"problem": f"{error:.2f} % against 2.0 %"}},
    )


def story(chance: random.Random, ticks: int, per_tick: int) -> Iterator[list[events.Event]]:
    """Give the events of each tick: present values, and `per_tick` judgements."""
    serials = [u["serial"] for u in plan()["uuts"]]
    per_point = max(1, ticks // len(POINTS))
    turn = 0
    for tick in range(ticks):
        n = min(tick // per_point, len(POINTS) - 1)
        action = f"load-1/{POINTS[n]}/run-1"
        told: list[events.Event] = []
        if tick % per_point == 0 and n == tick // per_point:
            if n:
                last = f"load-1/{POINTS[n - 1]}/run-1"
                told.append(events.ActionFinished(last, "done", tick / HERTZ))
            told.append(events.ActionStarted(action, "totalise", tick / HERTZ, 60.0))
        for _ in range(per_tick):
            serial = serials[turn % POSITIONS]
            turn += 1
            told.append(judged(serial, POINTS[n], chance.gauss(0.0, 1.0)))
        values = {
            "water_temperature": chance.gauss(20.0, 0.01),
            "reference_volume": 0.6 * tick,
            "reference_flow": chance.gauss(2.375, 0.003),
        }
        share = (tick % per_point) / per_point
        told.append(events.Watched(action, tick / HERTZ, values, share, 60.0 * (1 - share)))
        yield told


@contextmanager
def terminal(columns: int, lines: int) -> Iterator[int]:
    """Give the descriptor of a terminal on which somebody reads all that is written."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read() -> None:
        while True:
            try:
                os.read(master, 1 << 16)
            except OSError:
                return

    threading.Thread(target=read, daemon=True).start()
    yield slave
    os.close(slave)


def frames(columns: int, lines: int, language: str, count: int) -> tuple[float, float, float]:
    """Return CPU milliseconds per frame: to fold 48 judgements, to lay out, to paint."""
    words = Words(language, "utf-8")
    state = fold(State(), Told(0.0, opened("run")))
    state = fold(state, Told(0.0, events.PlanResolved(plan())))
    spent = [0.0, 0.0, 0.0]
    with terminal(columns, lines) as slave, os.fdopen(os.dup(slave), "w") as stream:
        painter = Painter(stream, colour=True)
        painter.show()
        for tick, told in enumerate(story(random.Random(1), count, POSITIONS)):
            marks = [time.thread_time()]
            for event in told:
                state = fold(state, Told(tick / HERTZ, event))
            marks.append(time.thread_time())
            shown = frame(state, words, columns, lines, Moment(foot=(words.text("foot-run"),)))
            marks.append(time.thread_time())
            painter.draw(shown, anew=False)
            marks.append(time.thread_time())
            spent = [s + b - a for s, a, b in zip(spent, marks, marks[1:], strict=False)]
        painter.hide()
    fold_ms, layout_ms, paint_ms = (1e3 * s / count for s in spent)
    return fold_ms, layout_ms, paint_ms


def cpu_s(pid: int) -> float:
    """Return the processor time of a process in s."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def watching(folder: Path, run: str, columns: int, lines: int) -> Iterator[int]:
    """Give the process id of `benchctl watch` on a terminal, once it has drawn."""
    with terminal(columns, lines) as slave:
        argv = [sys.executable, "-m", "benchctl", "watch", run, "--lab", str(folder)]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
        process = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, env=env)
        try:
            pause(2.5)
            yield process.pid
        finally:
            process.terminate()
            process.wait()


@contextmanager
def running(folder: Path, seconds: float) -> Iterator[str]:
    """Give a run that goes on in a thread: ten updates per second, every cell judged in turn."""
    with Lab.open(folder) as lab:
        clock = RealClock()
        journal = lab.begin_run("Water line 2", clock=clock)
        with PresentValues(lab.folder, journal.run) as present:
            journal.listeners.append(present)
            journal.emit(opened(journal.run))
            journal.emit(events.PlanResolved(plan()))
            over = threading.Event()
            ticks = int(seconds * HERTZ)
            per_tick = max(1, round(POSITIONS * len(POINTS) / ticks))
            feeder = threading.Thread(target=feed, args=(journal, over, ticks, per_tick))
            feeder.start()
            try:
                yield journal.run
            finally:
                over.set()
                feeder.join()


def feed(journal: Journal, over: threading.Event, ticks: int, per_tick: int) -> None:
    began = monotonic()
    for tick, told in enumerate(story(random.Random(1), ticks, per_tick)):
        for event in told:
            journal.emit(event)
        if over.wait(max(0.0, began + (tick + 1) / HERTZ - monotonic())):
            return


def watch_share(seconds: float, columns: int, lines: int) -> float:
    """Return per cent of a core that `benchctl watch` takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running(folder, seconds + 8) as run, watching(folder, run, columns, lines) as pid:
            before, began = cpu_s(pid), monotonic()
            pause(seconds)
            return 100 * (cpu_s(pid) - before) / (monotonic() - began)


def lateness(seconds: float, bus_count: int = 8, hertz: float = 100.0) -> float:
    """Return the p99 lateness in ms of samplers of our own loop, each on a bus of its own."""
    import numpy as np

    from benchctl.acquire import Until, sample, scheduler_for
    from benchctl.core.series import Series

    clock = RealClock()
    scheduler = scheduler_for(clock, None)  # type: ignore[arg-type]
    series = [Series(f"s{n}", ("x",), ("1",), capacity=8192) for n in range(bus_count)]

    def session() -> Any:
        for n, one in enumerate(series):
            task = sample(lambda: (1.0,), one, clock, period=1 / hertz)
            scheduler.spawn(task, bus=f"bus-{n}", name=one.name)
        yield Until(clock.now() + seconds)

    scheduler.run(session())
    late = []
    for one in series:
        t = np.asarray(one.block(0)[0])
        due = t[0] + np.arange(t.size) / hertz
        late.append(1e3 * (t - due - np.min(t - due)))
    return float(np.percentile(np.concatenate(late), 99))


def paired(seconds: float, pairs: int) -> list[tuple[float, float]]:
    """Return p99 lateness in ms without and with a view beside, pair by pair."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for pair in range(pairs):
            results = {}
            for seen in (False, True) if pair % 2 else (True, False):
                with running(folder, seconds + 12) as run:
                    if seen:
                        with watching(folder, run, 120, 40):
                            results[seen] = lateness(seconds)
                    else:
                        results[seen] = lateness(seconds)
            found.append((results[False], results[True]))
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--beside", action="store_true")
    asked = parser.parse_args()
    worst = 0.0
    print(
        f"{HERTZ} updates per second of all {POSITIONS} present errors, "
        f"{DRAWN:.1f} frames per second (promised ≤ {PROMISED:g} %)"
    )
    for columns, lines in SIZES:
        for language in ("en", "zh"):
            runs = [frames(columns, lines, language, 100) for _ in range(asked.repeats)]
            parts = min(runs, key=sum)
            share = (parts[0] * HERTZ + sum(parts[1:]) * DRAWN) / 10
            worst = max(worst, share)
            told = "  ".join(
                f"{name} {ms:.2f}"
                for name, ms in zip(("fold", "layout", "paint"), parts, strict=True)
            )
            print(f"  {columns:3}x{lines:<3} {language}  {share:5.2f} %   ms per frame: {told}")
    print("benchctl watch, the whole process")
    for columns, lines in ((80, 24), (120, 40)):
        share = statistics.median(
            watch_share(asked.seconds, columns, lines) for _ in range(asked.repeats)
        )
        worst = max(worst, share)
        print(f"  {columns:3}x{lines:<3}     {share:5.2f} %")
    if asked.beside:
        print("p99 lateness of 8 x 100 Hz, without and with a view beside it")
        found = paired(asked.seconds / 2, 2 * asked.repeats)
        for without, beside in found:
            print(f"  {without:6.2f} ms  {beside:6.2f} ms")
        change = statistics.median(b - a for a, b in found)
        print(f"  median change {change:+.2f} ms")
    return int(worst > PROMISED)


if __name__ == "__main__":
    sys.exit(main())
