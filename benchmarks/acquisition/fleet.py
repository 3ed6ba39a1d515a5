"""Many instruments at once: how much of the ideal rate is met, what a sample costs, how late it is.

The instruments are served by one thread of another process, each answering 5 ms (or 1 ms) after it
was asked. The same is done by bare threads with raw sockets, one per instrument: what Python
allows.
"""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from peers import REPLY, served
from tasks import Meter, connected, ours

from benchctl.acquire import ANEW, RealScheduler, Tally, Until, sample, staggered
from benchctl.core.clock import RealClock
from benchctl.core.series import Series

SETTLED = 0.2
"""Seconds at the beginning that do not count."""


@dataclass(frozen=True, slots=True)
class Met:
    """Share of the ideal rate, CPU s per sample, lateness in s (median, p99), share of missed."""

    rate: float
    cpu: float
    late: tuple[float, float] = (0.0, 0.0)
    missed: float = 0.0
    urgent: bool = False


def raw_threads(ports: list[str], delay: float, seconds: float) -> Met:
    """Read with one bare thread and socket per instrument, as fast as they answer."""
    ending = threading.Event()
    done = [0] * len(ports)
    with ExitStack() as stack:
        peers = [connected(stack, port) for port in ports]

        def read(i: int) -> None:
            peer = peers[i]
            while not ending.is_set():
                peer.sendall(b"MEAS:A?\n")
                float(peer.recv(4096))
                done[i] += 1

        threads = [threading.Thread(target=read, args=(i,)) for i in range(len(ports))]
        for thread in threads:
            thread.start()
        ending.wait(SETTLED)
        before, cpu, began = sum(done), time.process_time(), time.perf_counter()
        ending.wait(seconds)
        n, took = sum(done) - before, time.perf_counter() - began
        cpu = time.process_time() - cpu
        ending.set()
        for thread in threads:
            thread.join()
    return Met(n / took / (len(ports) / delay), cpu / n)


def sampled(ports: list[str], delay: float, period: float, seconds: float, *, urgent: bool) -> Met:
    """Read with our samplers; `period` 0 reads as fast as they answer."""
    with ExitStack() as stack:
        clock = RealClock()
        scheduler = RealScheduler(clock, Nobody(), urgent=urgent)
        tallies = [Tally() for _ in ports]
        series = []
        for port, phase, tally in zip(ports, staggered(len(ports), period), tallies, strict=True):
            meter = ours(stack, Meter, f"TCPIP::127.0.0.1::{port}::SOCKET")
            one = Series(port, ("a",), ("V",), capacity=1 << 16)
            series.append(one)
            task = sample(
                meter.reader("a"), one, clock, period=period or ANEW, phase=phase, tally=tally
            )
            scheduler.spawn(task, bus=port, name=port)
        found: list[Met] = []

        def main() -> object:
            yield Until(clock.now() + SETTLED)
            firsts, cpu, began = [s.n for s in series], time.process_time(), time.perf_counter()
            yield Until(clock.now() + seconds)
            cpu, took = time.process_time() - cpu, time.perf_counter() - began
            n = sum(s.n - first for s, first in zip(series, firsts, strict=True))
            ideal = len(ports) / (period or delay)
            late = lateness(series, firsts, period) if period else (0.0, 0.0)
            missed = sum(t.missed for t in tallies) / max(1, sum(s.n for s in series))
            found.append(Met(n / took / ideal, cpu / n, late, missed, urgent))

        scheduler.run(main())
    return found[0]


def lateness(series: list[Series], firsts: list[int], period: float) -> tuple[float, float]:
    """Return how much later than their slots the reads began, in s: median, 99th percentile."""
    late = []
    for one, first in zip(series, firsts, strict=True):
        begun = one.block(0)[0]
        # the grid begins with the first slot, itself late by as little as any: take the least
        off = (begun - begun[0]) / period
        apart = begun - period * np.rint(off)
        late.append((apart - apart.min())[first:])
    p50, p99 = np.percentile(np.concatenate(late), [50, 99])
    return float(p50), float(p99)


class Nobody:
    """An operator whom nobody asks."""

    def ask(self, *_question: object) -> None:
        raise AssertionError

    def withdraw(self, *_question: object) -> None:
        raise AssertionError


def at_5_ms(n: int, seconds: float) -> dict[str, Met]:
    """Return what bare threads and our samplers reach with `n` instruments that take 5 ms."""
    found = {}
    assert REPLY
    with served("lines", medium="crowd", delay=0.005, many=n) as ports:
        found["raw socket threads"] = raw_threads(ports.split(), 0.005, seconds)
    with served("lines", medium="crowd", delay=0.005, many=n) as ports:
        found["benchctl"] = sampled(ports.split(), 0.005, 0.0, seconds, urgent=False)
    return found


def at_100_hz(n: int, seconds: float) -> dict[str, Met]:
    """Return how late our samplers begin their reads, as an ordinary and as an urgent program."""
    found = {}
    for name, urgent in (("benchctl", False), ("benchctl, SCHED_FIFO", True)):
        with served("lines", medium="crowd", delay=0.001, many=n) as ports:
            found[name] = sampled(ports.split(), 0.001, 0.01, seconds, urgent=urgent)
    return found


if __name__ == "__main__":
    for name, met in at_5_ms(32, 3.0).items():
        print(name, met)
    for name, met in at_100_hz(8, 3.0).items():
        print(name, met)
