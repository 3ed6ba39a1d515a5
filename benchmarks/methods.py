"""Do the two methods agree? The same simulated meters, flying against the master and weighed.

    python benchmarks/methods.py [--seeds 20] [--first 1]

For every seed the bench draws new meters and new errors of master, balance, dip pipe, diverter. The
first run of every meter at every point is taken from both methods. |En| = |difference| / sqrt(U_1^2
+ U_2^2), with U at k as it is stated; likewise each method against the truth at the flow of its
run. The share of |En| > 1 must lie in the 99 % interval of what the stated uncertainties make of
it: errors are drawn from the budgets' own distributions, once for a seed what is common to it
(certificates, sensors, figures of the bench), once for a visit what is common to its meters (what
was weighed or counted there), once for a result what is its own. So the clusters have their weight.

The exit code is 1 where a share lies outside, or a point has no value.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchctl.core.clock import VirtualClock
from benchctl.core.events import RunMeasured
from benchctl.engine import RunRequest, read_files, run

METHODS = ("flying", "gravimetric")
DRAWS = 20_000
COUNTED = {"flying": "reference_volume", "gravimetric": "tank_mass"}
OWN = "meter_volume"

Part = tuple[tuple[Any, ...], str, float]
"""What an error is common to, its distribution, its signed standard uncertainty in %."""


@dataclass(frozen=True, slots=True)
class One:
    """One first run: error, what is true at its flow, stated U, and what makes it uncertain."""

    seed: int
    serial: str
    point: str
    error: float
    true: float
    U: float
    parts: tuple[Part, ...]


@dataclass
class Found:
    """The first runs of a campaign by method."""

    runs: dict[str, list[One]] = field(default_factory=lambda: defaultdict(list))
    missing: list[str] = field(default_factory=list)

    def pairs(self) -> list[tuple[One, One]]:
        """Return the same unit at the same point by both methods."""
        flying, weighed = (
            {(o.seed, o.serial, o.point): o for o in self.runs[method]} for method in METHODS
        )
        return [(flying[key], weighed[key]) for key in flying if key in weighed]


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of `n` have |En| > 1, and the interval that was to be expected."""

    name: str
    n: int
    beyond: int
    low: int
    high: int

    @property
    def inside(self) -> bool:
        """Whether the number lies in the interval."""
        return self.low <= self.beyond <= self.high

    def __str__(self) -> str:
        share = 100 * self.beyond / self.n
        low, high = 100 * self.low / self.n, 100 * self.high / self.n
        word = "inside" if self.inside else "OUTSIDE"
        return (
            f"{self.name}: |En| > 1 for {self.beyond} of {self.n}, {share:.2f} %, {word} the "
            f"99 % interval {low:.2f} … {high:.2f} %"
        )


def observed(seed: int, lab: Path) -> Found:
    """Measure the meters of a seed by both methods."""
    found = Found()
    for method in METHODS:
        request = RunRequest("water-meter", seed=seed, lab=lab, sets={"method": method})
        events: list[RunMeasured] = []

        def listen(stored: Any, events: list[RunMeasured] = events) -> None:
            if isinstance(stored.event, RunMeasured) and not stored.event.retest:
                events.append(stored.event)

        report = run(request, listeners=[listen])
        if report.outcome != "finished":
            raise SystemExit(f"seed {seed}, {method}: {report.outcome}: {report.error}")
        at_flow = error_at(request)
        for event in events:
            if not event.valid or event.error is None or event.U is None:
                found.missing.append(f"seed {seed}, {method}, {event.uut} {event.point}")
                continue
            true = at_flow(event.uut, event.conditions["reference_flow"])
            parts = tuple(_part(seed, method, event, line) for line in event.budget)
            one = One(seed, event.uut, event.point, event.error, true, event.U, parts)
            found.runs[method].append(one)
    return found


def error_at(request: RunRequest) -> Callable[[str, float], float]:
    """Return what gives a unit's true error in % at any flow in m³/h."""
    files = read_files(request)
    assert files.simulation is not None
    bench = files.simulation(VirtualClock(), seed=files.seed or 0, uuts=files.simulated_uuts())
    return lambda serial, flow: float(bench.truth(serial, "error", "error", {"flow": flow}))


def _part(seed: int, method: str, event: RunMeasured, line: dict[str, Any]) -> Part:
    """Return a line of a budget with what it is common to."""
    name, source = line["input"], line["source"]
    place: tuple[Any, ...] = (seed, method, name, source)
    if name == OWN or source == "timing":
        place = (*place, event.action, event.uut)
    elif name == COUNTED[method] and source != "certificate":
        place = (*place, event.action)
    return place, line["distribution"], math.copysign(line["contribution"], line["sensitivity"])


# what was to be expected ------------------------------------------------------------------------


def drawn(distribution: str, random: np.random.Generator) -> NDArray[np.float64]:
    """Return draws of mean 0 and standard deviation 1."""
    if distribution == "rectangular":
        return random.uniform(-math.sqrt(3), math.sqrt(3), DRAWS)
    if distribution in ("triangular", "trapezoid"):
        return random.triangular(-math.sqrt(6), 0.0, math.sqrt(6), DRAWS)
    return random.standard_normal(DRAWS)


def interval(cases: Iterable[tuple[int, float, Sequence[Part]]]) -> tuple[int, int]:
    """Return the 99 % interval of how many errors exceed their bound, with what is common.

    `cases` (seed, bound, parts) come seed by seed.
    """
    random = np.random.default_rng(1)
    common: dict[tuple[Any, ...], NDArray[np.float64]] = {}
    counts = np.zeros(DRAWS, dtype=int)
    present: int | None = None
    for seed, bound, parts in cases:
        if seed != present:
            common.clear()
            present = seed
        error = np.zeros(DRAWS)
        for place, distribution, u in parts:
            if place not in common:
                common[place] = drawn(distribution, random)
            error += u * common[place]
        counts += np.abs(error) > bound
    low, high = np.quantile(counts, (0.005, 0.995))
    return math.floor(low), math.ceil(high)


def shares(found: Found) -> list[Shares]:
    """Return the shares of |En| > 1 between the methods, and of each against the truth."""
    result = [_shares(f"{m} against the truth", _truths(found.runs[m])) for m in METHODS]
    return [_shares("between the methods", _differences(found)), *result]


Case = tuple[int, float, float, tuple[Part, ...]]
"""Seed, difference, its bound, its parts."""


def _differences(found: Found) -> list[Case]:
    cases = []
    for a, b in found.pairs():
        minus = tuple((place, distribution, -u) for place, distribution, u in b.parts)
        cases.append((a.seed, a.error - b.error, math.hypot(a.U, b.U), a.parts + minus))
    return cases


def _truths(runs: Sequence[One]) -> list[Case]:
    return [(o.seed, o.error - o.true, o.U, o.parts) for o in runs]


def _shares(name: str, cases: Sequence[Case]) -> Shares:
    beyond = sum(abs(d) > bound for _, d, bound, _ in cases)
    low, high = interval((seed, bound, parts) for seed, _, bound, parts in cases)
    return Shares(name, len(cases), beyond, low, high)


def means(found: Found) -> list[str]:
    """Return the mean difference of the methods at every point, and how it scatters by seed."""
    lines = []
    by_point: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for a, b in found.pairs():
        by_point[a.point][a.seed].append(a.error - b.error)
    for point, of_seeds in by_point.items():
        seeds = np.array([np.mean(d) for d in of_seeds.values()])
        s = float(seeds.std(ddof=1) / math.sqrt(seeds.size)) if seeds.size > 1 else math.nan
        lines.append(f"{point}: mean difference {seeds.mean():+.4f} %, s of that mean {s:.4f} %")
    return lines


def main() -> int:
    """Run the campaign and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    options = parser.parse_args()
    found = Found()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.first, options.first + options.seeds):
            of_seed = observed(seed, Path(folder))
            found.missing += of_seed.missing
            for method, runs in of_seed.runs.items():
                found.runs[method] += runs
    results = shares(found)
    print("\n".join([*map(str, results), *means(found), *found.missing]))
    return int(bool(found.missing) or not all(r.inside for r in results))


if __name__ == "__main__":
    sys.exit(main())
