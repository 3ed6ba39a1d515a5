"""The table of ratios: every row ours to a baseline of the same run, with what it must not exceed.

A row marked C is CPU time of the client with both ends on one core; the others are wall time and
mean something only while the machine does little else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

import fleet
import loop
import wire
from measure import REPEATS, Cost, Way, compare, pin
from tasks import Registers, Task, ours, tasks

MICRO = 1e6


@dataclass(frozen=True, slots=True)
class Row:
    """`ours` in `unit` ("" is a ratio to `baseline`); `limit` None where it is only reported."""

    name: str
    marked: str
    baseline: str
    ours: float
    limit: float | None = None
    unit: str = ""
    least: bool = False
    """Whether `limit` is the least that will do."""
    peers: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the limit is kept, None where there is none."""
        if self.limit is None:
            return None
        return self.ours >= self.limit if self.least else self.ours <= self.limit


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is measured; `peers` is the interpreter that has other programs, or None."""

    cpu: int
    share: float
    peers: str | None

    def times(self, n: int) -> int:
        """Return `n` readings, fewer where it must be quick."""
        return max(2, round(n * self.share))

    @property
    def seconds(self) -> float:
        """Seconds of a measurement that lasts."""
        return max(0.5, 3.0 * self.share)


def table(settings: Settings, told: Callable[[Row], None]) -> list[Row]:
    """Measure all rows; each is told when it is known."""
    rows = []
    for row in all_rows(settings):
        rows.append(row)
        told(row)
    return rows


def all_rows(settings: Settings) -> Iterator[Row]:
    """Measure one row after the other."""
    yield from one_reading(settings)
    yield from from_tasks(settings)
    with undisturbed():
        yield write_then_query(settings)
        yield scattered(settings)
        yield from on_the_wire(settings)
    with all_cores(settings.cpu):
        with undisturbed():
            yield from many_instruments(settings)
        yield from lateness(settings)
    yield without_wire(settings)
    yield flat(settings)


def one_reading(settings: Settings) -> Iterator[Row]:
    """Give the cost of one sample over three kinds of wire."""
    wires: tuple[tuple[str, float, AbstractContextManager[dict[str, Way]]], ...] = (
        ("one SCPI reading over TCP", 0.50, loop.over_tcp(settings.peers, settings.cpu)),
        ("the same over a serial line", 0.55, loop.over_serial(settings.cpu)),
        ("the same on a VISA resource that is no socket", 1.05, loop.over_visa(settings.peers)),
    )
    for name, limit, opened in wires:
        with opened as ways:
            costs = compare(ways, settings.times(400))
        yield against_first(name, costs, limit)


def against_first(name: str, costs: Mapping[str, Cost], limit: float) -> Row:
    """Return a row of CPU times; the first way is the baseline, the others but ours are peers."""
    (baseline, first), *others = costs.items()
    ratios = {way: cost.cpu / first.cpu for way, cost in others}
    mine = ratios.pop(loop.OURS)
    note = f"{costs[loop.OURS].cpu * MICRO:.1f} µs of {first.cpu * MICRO:.1f} µs"
    return Row(name, "C", baseline, mine, limit, peers=ratios, note=note)


def from_tasks(settings: Settings) -> Iterator[Row]:
    """Give the rows of `tasks`: several channels, Nagle, registers, a block, a million readings."""
    with tasks(settings.cpu) as made:
        for task in made:
            make = _TASKS.get(task.name)
            if make is not None:
                yield make(task, settings)


def _measured(task: Task, settings: Settings, *ways: str) -> list[Cost]:
    chosen = {name: task.ways[name] for name in ways}
    costs = compare(chosen, settings.times(task.n))
    return [costs[name] for name in ways]


def _channels(task: Task, settings: Settings) -> Row:
    one, four = "benchctl, 1 channel", "benchctl, 4 channels in one message"
    bare, bare4 = "pyvisa-py, 1 query", "pyvisa-py, 4 queries"
    a, b, c, d = _measured(task, settings, one, four, bare, bare4)
    peers = {"pyvisa-py": d.cpu / c.cpu}
    return Row("4 channels of one instrument", "C", "1 query", b.cpu / a.cpu, 1.4, peers=peers)


def _block(task: Task, settings: Settings) -> Row:
    raw, mine = _measured(task, settings, "recv_into + frombuffer", "benchctl")
    return Row(task.name, "C", "recv_into + frombuffer", mine.cpu / raw.cpu, 2.5)


def _million(task: Task, settings: Settings) -> Row:
    numpy, mine = _measured(task, settings, *task.ways)
    return Row("mean, s, n_eff, drift of 10⁶ readings", "C", "mean + std", mine.cpu / numpy.cpu, 3)


_TASKS: dict[str, Callable[[Task, Settings], Row]] = {
    "four channels of one instrument": _channels,
    "a block of 100,000 float32": _block,
    "a million readings": _million,
}


def write_then_query(settings: Settings) -> Row:
    """Return what a setting and then a query take, which Nagle's algorithm holds up for others."""
    with tasks(settings.cpu) as made:
        task = next(task for task in made if task.name == "a setting, then a query")
        peer = compare({"it": task.ways["pyvisa-py"]}, settings.times(10))["it"]
        mine = compare({"it": task.ways["benchctl"]}, settings.times(1000))["it"]
    peers = {"pyvisa-py": peer.wall * 1e3}
    return Row("write, then query", "wall", "", mine.wall * 1e3, 0.06, "ms", peers=peers)


def scattered(settings: Settings) -> Row:
    """Return what 20 scattered registers of a slow device take beside one read."""
    from peers import served

    with ExitStack() as stack:
        port = stack.enter_context(served("modbus", delay=0.005))
        device = ours(stack, Registers, f"modbus+tcp://127.0.0.1:{port}?unit=1")
        ways: dict[str, Way] = {"one": device.reader("r0"), "all": device.reader(*device.channels)}
        costs = compare(ways, max(2, settings.times(10)))
    ratio = costs["all"].wall / costs["one"].wall
    name = "20 scattered Modbus registers, TCP, 5 ms device"
    return Row(name, "wall", "1 read", ratio, 1.1, peers={"one by one": 20.0})


def on_the_wire(settings: Settings) -> Iterator[Row]:
    """Give the rows of lines on which characters take time."""
    repeats = REPEATS if settings.share >= 1 else 3
    for baud in (9600, 19200, 115200, 0):
        timed = wire.planned(baud, repeats, wire.ALL_GAPS)
        line = f"{baud} baud" if baud else "TCP"
        yield Row(f"read planner, {line}", "wall", timed.what, timed.took / timed.against, 1.05)
    for baud, limit in ((9600, 1.03), (115200, 1.10)):
        timed = wire.slaves(baud, 3 * repeats)
        name = f"8 RTU slaves at {baud} baud"
        yield Row(name, "wall", timed.what, timed.took / timed.against, limit)


def many_instruments(settings: Settings) -> Iterator[Row]:
    """Give what is met of the ideal rate, what a sample costs then, and how late reads begin."""
    met = fleet.at_5_ms(32, settings.seconds)
    mine, bare = met[loop.OURS], met["raw socket threads"]
    peers = {"bare threads": bare.rate}
    name = "32 instruments that answer in 5 ms"
    yield Row(name, "wall", "ideal rate", mine.rate, 0.95, least=True, peers=peers)
    peers = {"bare threads": bare.cpu * MICRO}
    yield Row(f"{name}: CPU of a sample", "C", "", mine.cpu * MICRO, 70, "µs", peers=peers)


def lateness(settings: Settings) -> Iterator[Row]:
    """Give how late reads begin, as any program and as one that comes before others."""
    for way, late in fleet.at_100_hz(8, settings.seconds).items():
        urgent = ", SCHED_FIFO" if late.urgent else ""
        p50, p99 = (value * 1e3 for value in late.late)
        note = (
            f"median {p50:.3f} ms, missed {late.missed:.2%}; aimed at {0.1 if urgent else 0.3} ms"
        )
        if late.urgent or way == loop.OURS:
            yield Row(
                f"lateness p99, 8 × 100 Hz, staggered{urgent}",
                "wall",
                "",
                p99,
                unit="ms",
                note=note,
            )


def without_wire(settings: Settings) -> Row:
    """Return what the loop costs where the instrument costs nothing."""
    cost = loop.virtual_cost(settings.times(40_000), REPEATS)
    return Row("engine cost per sample on the virtual clock", "C", "", cost * MICRO, 8, "µs")


def flat(settings: Settings) -> Row:
    """Return how much memory grows over 10⁸ samples; fewer where it must be quick."""
    n = 10**8 if settings.share >= 1 else 10**6
    before, grown = loop.memory_growth(n)
    note = f"{n:.0e} samples; {before / 2**20:.0f} MiB before; less than a page of columns is 0"
    grown = 0 if grown < PAGE else grown
    return Row("memory growth over 10⁸ samples", "", "", grown / 2**20, 0, "MiB", note=note)


PAGE = 8 * 4 * (8192 + 1024)
"""Bytes of the columns of the series whose memory is looked at: what may be alive twice."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Come before ordinary programs where that is allowed, and what is begun meanwhile, too.

    Server and client are then as quick as on a machine that does nothing else.
    """
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))
    try:
        yield
    finally:
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


@contextmanager
def all_cores(cpu: int) -> Iterator[None]:
    """Leave the one core for a while."""
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        pin(cpu)


def lines(rows: list[Row]) -> list[str]:
    """Return the table in Markdown."""
    found = ["| | | baseline | others | benchctl | must be | |", "|---|---|---|---|---:|---:|---|"]
    for row in rows:
        others = ", ".join(f"{name} {shown(value, row)}" for name, value in row.peers.items())
        sign = "≥" if row.least else "≤"
        limit = "reported" if row.limit is None else f"{sign} {shown(row.limit, row)}"
        state = {True: "", False: "**missed**", None: ""}[row.met]
        end = "; ".join(filter(None, (state, row.note)))
        mine = shown(row.ours, row)
        cells = (row.name, row.marked, row.baseline, others, mine, limit, end)
        found.append(f"| {' | '.join(cells)} |")
    return found


def shown(value: float, row: Row) -> str:
    """Return a number of a row with its unit."""
    if not row.unit:
        return f"{value:.2f}" if value < 10 else f"{value:.0f}"
    digits = 3 if row.unit == "ms" else 1
    return f"{value:.{digits}f} {row.unit}"
