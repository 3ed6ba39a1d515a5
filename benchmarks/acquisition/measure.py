"""Measure two or more ways of doing the same in one run: interleaved repeats, medians."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol, cast

REPEATS = 9


@dataclass(frozen=True, slots=True)
class Cost:
    """Median of the repeats per operation, in s."""

    cpu: float
    wall: float


class Elsewhere(Protocol):
    """A way that is gone in another process, which measures it."""

    def measure(self, n: int) -> tuple[float, float]:
        """Return CPU and wall time of `n` calls in s."""
        ...


Way = Callable[[], object] | Elsewhere


def timed(way: Way, n: int) -> tuple[float, float]:
    """Return CPU and wall time of `n` calls in s."""
    if hasattr(way, "measure"):
        return cast("Elsewhere", way).measure(n)
    once = cast("Callable[[], object]", way)
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(n):
        once()
    return time.process_time() - cpu, time.perf_counter() - wall


def compare(ways: Mapping[str, Way], n: int, *, repeats: int = REPEATS) -> dict[str, Cost]:
    """Return what each way costs per call; `n` calls a repeat, the ways taking turns."""
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for way in ways.values():
        timed(way, max(1, n // 10))
    gc.collect()
    gc.disable()
    try:
        for _ in range(repeats):
            for name, way in ways.items():
                cpu, wall = timed(way, n)
                seen[name].append((cpu / n, wall / n))
    finally:
        gc.enable()
    return {
        name: Cost(statistics.median(c for c, _ in v), statistics.median(w for _, w in v))
        for name, v in seen.items()
    }


def pin(cpu: int = 0) -> None:
    """Keep this process on one core."""
    os.sched_setaffinity(0, {cpu})


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
