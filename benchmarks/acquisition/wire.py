"""Modbus RTU where the wire is slow: our plan against all others, and many slaves on one line.

The line is a terminal on which an instrument answers after the time of all characters and 2 ms:
what no master can undercut.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from peers import CHAR_BITS, TURNAROUND, served
from tasks import SCATTERED, Registers

from benchctl.core.clock import RealClock
from benchctl.core.ports import NullSink
from benchctl.driver import Instrument, Modbus, Reading, holding
from benchctl.driver.planning import Line, plan
from benchctl.links import LinkFactory

SLAVES = 8
UNEVEN = (0, 1, 2, 9, 14, 15, 30, 31, 36, 52, 53, 54, 60, 79, 80, 90, 91, 92, 118, 124)
"""Registers in groups: several plans are near each other."""


class Slave(Instrument):
    protocol = Modbus()
    locals().update({f"r{n}": Reading(holding(n, "u16"), unit="1", doc="One.") for n in range(4)})


class Uneven(Instrument):
    protocol = Modbus()
    locals().update({f"r{n}": Reading(holding(n, "u16"), unit="1", doc="One.") for n in UNEVEN})


EAGER = 1e3
"""A turnaround in s that makes every hole worth reading along."""


def other_plans(kind: type[Instrument], baud: int, gaps: Sequence[int]) -> list[type[Instrument]]:
    """Return the instrument with every plan that reads along all holes up to some width.

    Our own plan and plans that are the same are left out.
    """
    places = [channel.address for channel in kind.channels.values()]
    seen = [plan(places, Line(CHAR_BITS / baud if baud else 0.0))]
    found = []
    for gap in gaps:
        blocks = plan(places, Line(0.0, turnaround=EAGER, gap=gap))
        if blocks not in seen:
            seen.append(blocks)
            protocol = Modbus(gap=gap, turnaround=EAGER)
            found.append(type(f"{kind.__name__}{gap}", (kind,), {"protocol": protocol}))
    return found


@dataclass(frozen=True, slots=True)
class Timed:
    """Median wall time of a round in s, and what it is to be compared with."""

    took: float
    against: float
    what: str


def rounds(once: Callable[[], object], repeats: int) -> float:
    """Return the median wall time of a call in s."""
    once()
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        once()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def slaves(baud: int, repeats: int, cpu: int | None = None) -> Timed:
    """Read four registers of each of eight slaves on one line."""
    with ExitStack() as stack:
        path = stack.enter_context(served("rtu", medium="line", many=baud, cpu=cpu))
        readers = [
            reader(stack, Slave, f"modbus+rtu://{path}?baud={baud}&parity=N&unit={unit}", factory)
            for factory in [opened(stack)]
            for unit in range(1, SLAVES + 1)
        ]
        took = rounds(lambda: [read() for read in readers], repeats)
    theory = SLAVES * ((8 + 5 + 8) * CHAR_BITS / baud + TURNAROUND)
    return Timed(took, theory, "the wire's theory")


def opened(stack: ExitStack) -> LinkFactory:
    """Return a maker of links that the stack closes."""
    factory = LinkFactory(RealClock(), NullSink())
    stack.callback(factory.close)
    return factory


def reader(
    stack: ExitStack, kind: type[Instrument], address: str, factory: LinkFactory | None = None
) -> Callable[[], Any]:
    """Return what reads all registers of an instrument."""
    link, options = (factory or opened(stack)).open(address, "it")
    instrument = kind(link, options, name=address[-1])
    return instrument.reader(*instrument.channels)


def planned(baud: int, repeats: int, gaps: Sequence[int], kind: type[Instrument] = Uneven) -> Timed:
    """Read scattered registers by our plan and by every plan of one widest hole; `baud` 0 is TCP.

    The ratio is taken to the quickest of them all, ours among them: 1 where ours is the quickest.
    """
    with ExitStack() as stack:
        if baud:
            path = stack.enter_context(served("rtu", medium="line", many=baud))
            address = f"modbus+rtu://{path}?baud={baud}&parity=N&unit=1"
        else:
            port = stack.enter_context(served("modbus", delay=0.005))
            address = f"modbus+tcp://127.0.0.1:{port}?unit=1"
        factory = opened(stack)
        ways = [reader(stack, kind, address, factory)]
        ways += [reader(stack, other, address, factory) for other in other_plans(kind, baud, gaps)]
        seen: list[list[float]] = [[] for _ in ways]
        for _ in range(repeats):
            for times, way in zip(seen, ways, strict=True):
                began = time.perf_counter()
                way()
                times.append(time.perf_counter() - began)
    took, *others = (statistics.median(times) for times in seen)
    return Timed(took, min(took, *others), f"the best of {len(others)} other plans")


ALL_GAPS = (0, 1, 2, 4, 5, 6, 14, 15, 18, 25, 124)
"""Every width of a hole in `UNEVEN`: every plan that one rule for all holes can make."""

if __name__ == "__main__":
    for baud in (9600, 115200):
        timed = slaves(baud, 9)
        print(baud, timed, timed.took / timed.against)
    for baud in (9600, 19200, 115200, 0):
        for kind in (Uneven, Registers):
            timed = planned(baud, 5, ALL_GAPS, kind)
            print(baud, kind.__name__, timed, timed.took / timed.against)
    assert SCATTERED
