"""What a reading costs, by protocol: against the bare library and a raw exchange of the same bytes.

    python benchmarks/acquisition/run.py [--quick] [--json FILE] [--markdown docs/performance.md]
                                         [--peers PYTHON] [--only table|protocols|tasks]

Everything is measured in one run, the ways taking turns, medians of 9 repeats. The figure to look
at is processor time, which depends least on what else the machine does. `--peers` names the Python
of an environment that has PyMeasure and QCoDeS (`pip install pymeasure qcodes pyvisa-py
pyvisa-sim`); without it their columns are empty.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import table
from measure import REPEATS, Cost, compare, pin
from protocols import OURS, PROTOCOLS, RAW, setup
from tasks import tasks

from benchctl.core.clock import utc_now

PACKAGES = (
    *("pyvisa", "pyvisa-py", "pyserial", "pymodbus"),
    *("dlms-cosem", "pyMeterBus", "numpy"),
)
RATIOS = """\
C: processor time of the client, both ends on one core; wall: wall time, which means something only
while the machine does little else. One reading is asked, decoded, stamped before and after, stored,
summed and checked against limits, by the sampler that a procedure uses; *others* and the baseline
only ask and decode. The instrument answers in a process of its own; PyMeasure and QCoDeS run in
theirs, on the same server. *Ideal rate* is what instruments would give that answer in exactly 5 ms
and are asked again at once. The planner's ratio is to the quickest of all plans that were tried,
our own among them.
"""
TEXT = """\
## How to read it

A row is one reading of one value: the question, the answer, and a checked number at the end. *raw*
writes and reads the same bytes with `os.write` and `os.read` and understands nothing: nobody who
writes Python can be cheaper. *library* is what a program without benchctl would use. Bare pyserial
is told how many bytes will come, the best it can do, and does not look at them: where a library is
pyserial alone, the difference is all of the checking and decoding. pyMeterBus and dlms-cosem decode
what came, without association, late-reply guard or units. *benchctl* is the driver that a procedure
uses, with deadline, late-reply guard, checksum, unit and status.

The instrument is a process apart that answers recorded bytes of the simulated instrument, on the
same core, so that wall time is both together. Compare the columns of a row, not rows: the answers
differ in length (*bytes*, both ways), and a terminal's cost moves between two levels, a factor of
two or three apart, as the kernel happens to wake the other side; within a row the ways take turns
and meet much the same, but their ratio still moved by up to a half between two runs. On sockets all
figures were within a tenth. On a real line the wire's time comes on top and is
the same for all: 16 characters at 9600 baud take 17 ms, more than ten times what any of these
costs.

A million readings: numpy gives mean and standard deviation; `estimate` gives these two without
loss of digits, the effective number of readings of correlated noise, and the drift.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What one protocol's reading costs; costs in s."""

    protocol: str
    library: str
    exchanges: int
    size: int
    raw: Cost
    bare: Cost
    ours: Cost


@dataclass(frozen=True, slots=True)
class Others:
    """What the ways of a task cost, in s."""

    task: str
    ways: dict[str, Cost]


def protocol_rows(cpu: int, n: int) -> list[Row]:
    """Measure all protocols; `n` readings a repeat."""
    rows = []
    for name in PROTOCOLS:
        with setup(name, cpu) as it:
            costs = compare(it.ways, n)
            shown = (costs[RAW], costs[it.library], costs[OURS])
            rows.append(Row(name, it.library, it.exchanges, it.size, *shown))
            print(protocol_line(rows[-1]), file=sys.stderr, flush=True)
    return rows


def task_rows(cpu: int, share: float) -> list[Others]:
    """Measure the other tasks; `share` of their usual number of calls."""
    with tasks(cpu) as made:
        rows = []
        for task in made:
            rows.append(Others(task.name, compare(task.ways, max(1, round(share * task.n)))))
            print(rows[-1].task, file=sys.stderr, flush=True)
        return rows


def protocol_line(row: Row) -> str:
    """Return a row of the first table."""
    cells = [row.protocol, str(row.exchanges), str(row.size)]
    cells += [_cost(row.raw), f"{_cost(row.bare)} {row.library}", _cost(row.ours)]
    cells += [f"{row.ours.cpu / row.bare.cpu:.2f}", f"{row.ours.cpu / row.raw.cpu:.2f}"]
    return f"| {' | '.join(cells)} |"


def _cost(cost: Cost) -> str:
    return f"{cost.cpu * 1e6:,.1f} / {cost.wall * 1e6:,.1f}"


def markdown(
    ratios: list[table.Row], rows: Sequence[Row], others: Sequence[Others], where: dict[str, Any]
) -> str:
    """Return the page."""
    lines = ["# What a reading costs", ""]
    lines += ["Made by `python benchmarks/acquisition/run.py --markdown docs/performance.md`.", ""]
    lines += [f"- {name}: {value}" for name, value in where.items()]
    lines += ["", "## The loop, as ratios to what is bare", "", *table.lines(ratios), "", RATIOS]
    lines += ["## One reading by protocol: CPU µs / wall µs of the client", ""]
    lines += ["| protocol | exchanges | bytes | raw | library | benchctl | to library | to raw |"]
    lines += ["|---|---:|---:|---:|---:|---:|---:|---:|"]
    lines += [protocol_line(row) for row in rows]
    lines += ["", "*to library*, *to raw*: ratio of the CPU times, 1 is equal.", ""]
    lines += ["## Other tasks", "", "| task | way | CPU µs | wall µs | CPU to the first |"]
    lines += ["|---|---|---:|---:|---:|"]
    for other in others:
        first = next(iter(other.ways.values()))
        lines += [
            f"| {other.task} | {name} | {cost.cpu * 1e6:,.1f} | {cost.wall * 1e6:,.1f} "
            f"| {cost.cpu / first.cpu:.2f} |"
            for name, cost in other.ways.items()
        ]
    return "\n".join([*lines, "", TEXT])


def said(row: table.Row) -> None:
    """Tell a row of the table of ratios as soon as it is known."""
    print(table.lines([row])[-1], file=sys.stderr, flush=True)


def surroundings() -> dict[str, Any]:
    """Return where and with what it was measured."""
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return {
        "date": utc_now().strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()} "
        f"{platform.release()}; client and instrument on one core",
        "load at the beginning (1, 5, 15 min)": load,
        "Python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "repeats": f"{REPEATS}, interleaved, medians",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main() -> int:
    """Measure, print the tables, write what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a tenth of the readings")
    parser.add_argument("--json", metavar="FILE", type=Path)
    parser.add_argument("--markdown", metavar="FILE", type=Path)
    parser.add_argument("--peers", metavar="PYTHON", help="a Python with PyMeasure and QCoDeS")
    parser.add_argument("--only", choices=("table", "protocols", "tasks"))
    options = parser.parse_args()
    cpu = max(os.sched_getaffinity(0))
    where = surroundings()
    pin(cpu)
    share = 0.1 if options.quick else 1.0
    wanted = {options.only} if options.only else {"table", "protocols", "tasks"}
    settings = table.Settings(cpu, share, options.peers)
    ratios = table.table(settings, said) if "table" in wanted else []
    rows = protocol_rows(cpu, round(300 * share)) if "protocols" in wanted else []
    others = task_rows(cpu, share) if "tasks" in wanted else []
    page = markdown(ratios, rows, others, where)
    print(page)
    if options.markdown:
        options.markdown.write_text(page, encoding="utf-8")
    if options.json:
        document = {
            "where": where,
            "ratios": [asdict(row) | {"met": row.met} for row in ratios],
            "protocols": [asdict(row) for row in rows],
            "tasks": [asdict(other) for other in others],
        }
        options.json.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
