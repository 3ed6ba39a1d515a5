"""Measure two or more ways of doing the same in one run: interleaved repeats, medians."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

REPEATS = 9


@dataclass(frozen=True, slots=True)
class Cost:
    """Median of the repeats per operation, in s."""

    cpu: float
    wall: float


def compare(
    ways: Mapping[str, Callable[[], object]], n: int, *, repeats: int = REPEATS
) -> dict[str, Cost]:
    """Return what each way costs per call; `n` calls a repeat, the ways taking turns."""
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for once in ways.values():
        for _ in range(max(1, n // 10)):
            once()
    gc.collect()
    gc.disable()
    try:
        for _ in range(repeats):
            for name, once in ways.items():
                cpu, wall = time.process_time(), time.perf_counter()
                for _ in range(n):
                    once()
                seen[name].append(
                    ((time.process_time() - cpu) / n, (time.perf_counter() - wall) / n)
                )
    finally:
        gc.enable()
    return {
        name: Cost(statistics.median(c for c, _ in v), statistics.median(w for _, w in v))
        for name, v in seen.items()
    }


def pin(cpu: int = 0) -> None:
    """Keep this process on one core."""
    os.sched_setaffinity(0, {cpu})
