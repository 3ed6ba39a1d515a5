"""Measure two or more ways of doing the same in one run: interleaved repeats, medians."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Mapping
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
