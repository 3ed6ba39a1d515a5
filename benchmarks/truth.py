"""Truth campaign: what whole simulated runs say of the meters, against what these really are.

    python benchmarks/truth.py [--seeds 50] [--first 1] [--mixed] [--stage initial]

For every seed the bench draws new meters and new systematic errors of its standards. What is stated
with a result has three parts that are common to different results: the *certificate* of the master
to all results of a seed, its *repeatability* to all meters of one visit to a set-point, everything
else (gates, scale interval) to one result only. Every statistic below goes by that:

- verdicts: none is wrong farther than 2 U from the limit; farther than U there are no more than the
  stated uncertainties allow at 99.9 %, drawn with those common parts;
- the mean of (reported - true) of a seed is within 3.3 of its own standard uncertainty;
- the spread of all deviations over the stated u lies within 1/1.3 ... 1.3;
- so do, each over its own stated part, the spreads within a visit (by point and way of gating),
  between the visits of a seed, and between the seeds. These are against the truth at the flow that
  really was: meters of different kinds share set-points, each within its own band around its point.

The exit code is 1 where one of these is broken.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchctl.core.clock import VirtualClock
from benchctl.core.events import RunMeasured
from benchctl.engine import RunRequest, prepare, read_files, run, truth

FAR, MEAN, SPREAD = 2.0, 3.3, 1.3
DRAWS = 20_000
FEW = 40
"""So many degrees of freedom a spread needs before it says anything; fewer are shown only."""
MIXED = (  # Q3 m³/h, R, class, scale interval L: in three loads
    (1.6, 80, 2, 0.05),
    (1.6, 160, 1, 0.02),
    (1.6, 100, 2, 0.02),
    (2.5, 80, 2, 0.05),
    (2.5, 100, 1, 0.02),
    (2.5, 160, 2, 0.1),
    (2.5, 200, 1, 0.01),
    (2.5, 125, 2, 0.01),
    (4.0, 80, 2, 0.05),
    (4.0, 100, 1, 0.05),
    (4.0, 160, 2, 0.05),
    (4.0, 200, 1, 0.02),
)


@dataclass(frozen=True, slots=True)
class Deviation:
    """One run of one unit: what it gave minus what is true, and the stated parts of its u, in %.

    `value` is against the truth at the declared point, `there` at the flow of the run; `weight` is
    the run's share in the value that is reported for the point.
    """

    seed: int
    visit: str
    serial: str
    point: str
    value: float
    there: float
    certificate: float
    repeatability: float
    own: float
    gate: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Decided:
    """One judged point: what it is, what was reported and with which u, and the verdict."""

    seed: int
    serial: str
    point: str
    true: float
    reported: float
    u: float
    mpe: tuple[float, float]
    verdict: str

    @property
    def distance(self) -> float:
        """How far the true error is from the nearer limit."""
        return min(abs(self.true - limit) for limit in self.mpe)

    @property
    def bad(self) -> bool:
        """Whether the true error lies outside the limits."""
        low, high = self.mpe
        return not low <= self.true <= high

    @property
    def wrong(self) -> bool:
        """Whether the verdict is not that of the true error."""
        return self.verdict != ("fail" if self.bad else "pass")


@dataclass
class Found:
    """What the runs of a campaign gave."""

    runs: list[Deviation] = field(default_factory=list)
    points: list[Decided] = field(default_factory=list)
    short: list[str] = field(default_factory=list)
    """Results on less water, or fewer scale intervals, than the unit's test volume."""
    missing: list[str] = field(default_factory=list)
    """Points without a value."""

    def add(self, other: Found) -> None:
        """Take in what another run gave."""
        for name in ("runs", "points", "short", "missing"):
            getattr(self, name).extend(getattr(other, name))


def observed(request: RunRequest) -> Found:
    """Carry out a simulated run and hold what it gave against the truth."""
    seed = request.seed or 0
    events: list[RunMeasured] = []

    def listen(stored: Any) -> None:
        if isinstance(stored.event, RunMeasured):
            events.append(stored.event)

    report = run(request, listeners=[listen])
    if report.outcome != "finished":
        raise SystemExit(f"seed {seed}: {report.outcome}: {report.error}")
    true = {(r["serial"], r["point"]): r["error"] for r in truth(request) if r["point"]}
    amounts = {
        (m.serial, m.point): m.amount for v in prepare(request).plan.visits for m in v.members
    }
    at_flow = error_at(request)
    found = Found()
    for event in (e for e in events if e.valid):
        place = (event.uut, event.point)
        there = at_flow(event.uut, event.conditions["reference_flow"])
        found.runs.append(_deviation(seed, event, true[place], there))
        if _short(event, amounts[place]):
            found.short.append(f"seed {seed} {place} {event.indication} of {amounts[place]}")
    for uut in report.document["uuts"]:
        for point in (p for p in uut["points"] if p["mpe"] is not None):
            place = (uut["serial"], point["point"])
            if point["error"] is None:
                found.missing.append(f"seed {seed} {place}")
                continue
            made = [d for d in found.runs if (d.serial, d.point) == place]
            assert math.isclose(
                sum(d.value for d in made) / len(made), point["error"] - true[place]
            )
            mpe, u = (point["mpe"][0], point["mpe"][1]), point["U"] / point["k"]
            decided = (true[place], point["error"], u, mpe, point["verdict"])
            found.points.append(Decided(seed, *place, *decided))
    return _weighted(found)


def error_at(request: RunRequest) -> Callable[[str, float], float]:
    """Return what gives a unit's true error in % at any flow in m³/h."""
    files = read_files(request)
    assert files.simulation is not None
    clock = VirtualClock()
    bench = files.simulation(clock, seed=files.seed or 0, uuts=files.simulated_uuts())
    return lambda serial, flow: float(bench.truth(serial, "error", "error", {"flow": flow}))


def _deviation(seed: int, event: RunMeasured, true: float, there: float) -> Deviation:
    parts: dict[str, float] = defaultdict(float)
    for line in event.budget:
        known = line["source"] in ("certificate", "repeatability")
        part = line["source"] if known else "own"
        parts[part] = math.hypot(parts[part], line["contribution"])
    (gate,) = (line for line in event.budget if line["source"] == "resolution")
    assert event.error is not None
    return Deviation(
        seed,
        event.action,
        event.uut,
        event.point,
        event.error - true,
        event.error - there,
        parts["certificate"],
        parts["repeatability"],
        parts["own"],
        gate["distribution"],
    )


def _short(event: RunMeasured, amount: float) -> bool:
    """Return whether a result stands on less than the unit's test volume.

    A unit that shows less than 0.8 of what passes is not waited for.
    """
    assert event.reference is not None
    assert event.indication is not None
    little = event.indication < amount and event.indication >= 0.8 * event.reference
    return event.reference < amount or little


def _weighted(found: Found) -> Found:
    """Give every run its share in the value of its point."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for d in found.runs:
        counts[d.serial, d.point] += 1
    found.runs = [replace(d, weight=1 / counts[d.serial, d.point]) for d in found.runs]
    return found


# what the deviations say ------------------------------------------------------------------------


def mean_over_u(of_seed: Sequence[Deviation]) -> float:
    """Return the mean of (reported - true) of one seed in units of its own standard uncertainty."""
    total = sum(d.weight for d in of_seed)
    mean = sum(d.weight * d.value for d in of_seed) / total
    common = sum(d.weight * d.certificate for d in of_seed)
    visits = [sum(d.weight * d.repeatability for d in v) for v in by_visit(of_seed)]
    own = [d.weight * d.own for d in of_seed]
    return mean * total / math.hypot(common, *visits, *own)


def by_visit(runs: Iterable[Deviation]) -> list[list[Deviation]]:
    """Group runs by seed and visit."""
    groups: dict[tuple[int, str], list[Deviation]] = defaultdict(list)
    for d in runs:
        groups[d.seed, d.visit].append(d)
    return list(groups.values())


def by_seed(runs: Iterable[Deviation]) -> list[list[Deviation]]:
    """Group runs by seed."""
    groups: dict[int, list[Deviation]] = defaultdict(list)
    for d in runs:
        groups[d.seed].append(d)
    return list(groups.values())


@dataclass
class Spread:
    """A sum of squares over the one that is expected: `ratio` is that of standard deviations."""

    squares: float = 0.0
    expected: float = 0.0
    dof: float = 0.0

    @property
    def ratio(self) -> float:
        """Observed over stated standard deviation."""
        return math.sqrt(self.squares / self.expected) if self.expected else 1.0

    def add(self, squares: float, expected: float, dof: float) -> None:
        """Take in a group."""
        self.squares += squares
        self.expected += expected
        self.dof += dof


def spreads(found: Found) -> dict[str, Spread]:
    """Return the spread of every part over what is stated for it."""
    result: dict[str, Spread] = defaultdict(Spread)
    for p in found.points:
        result["all deviations"].add(((p.reported - p.true) / p.u) ** 2, 1.0, 1.0)
    middles: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for visit in by_visit(found.runs):
        n = len(visit)
        mean = sum(d.there for d in visit) / n
        own = sum(d.own**2 for d in visit)
        middles[visit[0].seed].append(
            (mean, math.hypot(visit[0].repeatability, math.sqrt(own) / n))
        )
        if n < 2:
            continue
        for d in visit:  # var(d - mean) = own² (1 - 2/n) + sum(own²) / n²
            expected = d.own**2 * (1 - 2 / n) + own / n**2
            part = result[f"within a visit, {d.point}, {d.gate}"]
            part.add((d.there - mean) ** 2 / expected, 1.0, 1 - 1 / n)
    seeds = []
    for of_seed in middles.values():
        weights = [1 / u**2 for _, u in of_seed]
        mean = sum(w * m for w, (m, _) in zip(weights, of_seed, strict=True)) / sum(weights)
        chi2 = sum(w * (m - mean) ** 2 for w, (m, _) in zip(weights, of_seed, strict=True))
        result["between the visits of a seed"].add(chi2, len(of_seed) - 1, len(of_seed) - 1)
        seeds.append((mean, 1 / math.sqrt(sum(weights))))
    certificate = sum(d.certificate for d in found.runs) / len(found.runs)
    for mean, u in seeds:
        result["between the seeds"].add(mean**2 / (certificate**2 + u**2), 1.0, 1.0)
    return dict(result)


def wrong_beyond(found: Found, factor: float) -> list[Decided]:
    """Return the wrong verdicts whose true error is farther than `factor` U from its limit."""
    return [p for p in found.points if p.wrong and p.distance > factor * 2 * p.u]


def allowed_beyond(found: Found, factor: float, p: float = 0.999) -> int:
    """Return the bound of probability `p` on the number of such verdicts.

    The first run of every point is drawn from the stated parts, and the retest where the rule asks
    for one, whatever the campaign itself drew; what is common to a seed or a visit is drawn once
    for it, so wrong verdicts come in clusters. Points 5 u away from a limit are left out.
    """
    random = np.random.default_rng(1)
    decided = {(p.seed, p.serial, p.point): p for p in found.points}
    counts = np.zeros(DRAWS, dtype=int)
    for of_seed in by_seed(_first_runs(found.runs)):
        common = random.standard_normal(DRAWS)
        for visit in by_visit(of_seed):
            repeats = random.standard_normal((3, DRAWS))
            for d in visit:
                point = decided[d.seed, d.serial, d.point]
                if not factor * 2 * point.u < point.distance < 5 * point.u:
                    continue
                own = d.own * random.standard_normal((3, DRAWS))
                over = d.certificate * common + d.repeatability * repeats + own - point.distance
                counts += _decided_wrongly(over, bad=point.bad)
    return int(np.quantile(counts, p, method="higher"))


def _first_runs(runs: Iterable[Deviation]) -> list[Deviation]:
    """Return the first run of every point of every unit."""
    first: dict[tuple[int, str, str], Deviation] = {}
    for d in runs:
        first.setdefault((d.seed, d.serial, d.point), d)
    return list(first.values())


def _decided_wrongly(over: NDArray[np.float64], *, bad: bool) -> NDArray[np.bool_]:
    """Return which draws the procedure's rule decides wrongly.

    `over` has the first run and two further ones (shape (3, draws)), each as what it lies beyond
    the limit, seen from the true error: one run inside passes; else 2 of 3 and their mean must be.
    """
    crossed = over > 0
    mean_crossed = over.mean(axis=0) > 0
    if bad:
        return crossed[0] | ((crossed.sum(axis=0) >= 2) & mean_crossed)
    return crossed[0] & ((crossed.sum(axis=0) >= 2) | mean_crossed)


# the campaign -----------------------------------------------------------------------------------


def write_mixed(path: Path, meters: Sequence[tuple[float, ...]] = MIXED) -> Path:
    """Write a batch of meters of different size, range, class and scale interval."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["serial", "position", "Q3", "R", "accuracy_class", "scale_interval"])
        for n, row in enumerate(meters, 1):
            rows.writerow([f"2611{n:010d}", n, *row])
    return path


def told(found: Found) -> tuple[list[str], bool]:
    """Return the findings in lines, and whether a promise is broken."""
    far, near = wrong_beyond(found, FAR), wrong_beyond(found, 1.0)
    bound = allowed_beyond(found, 1.0)
    means = [mean_over_u(s) for s in by_seed(found.runs)]
    worst = max(map(abs, means))
    judged = len(found.points)
    close = sum(p.distance <= 2 * p.u for p in found.points)
    lines = [
        f"{len(means)} seeds, {judged} judged points, {len(found.runs)} runs",
        f"points without a value: {len(found.missing)}; on too little water: {len(found.short)}",
        f"wrong verdicts farther than 2 U from the limit: {len(far)} (allowed 0)",
        f"wrong verdicts farther than U: {len(near)} (allowed {bound})",
        f"wrong verdicts within U: {sum(p.wrong for p in found.points) - len(near)} of {close}",
        f"largest |mean deviation| of a seed over its u: {worst:.2f} (allowed {MEAN})",
        f"mean deviation of all seeds over its u: {sum(means) / math.sqrt(len(means)):+.2f}",
    ]
    broken = bool(far or found.missing or found.short or len(near) > bound or worst > MEAN)
    for name, spread in sorted(spreads(found).items()):
        lines.append(f"spread {name}: {spread.ratio:.3f} of the stated u ({spread.dof:.0f} dof)")
        broken |= spread.dof >= FEW and not 1 / SPREAD <= spread.ratio <= SPREAD
    return [*lines, *found.missing, *found.short], broken


def main() -> int:
    """Run the campaign and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--stage", default="initial")
    parser.add_argument("--mixed", action="store_true", help="meters of different kinds")
    options = parser.parse_args()
    found = Found()
    with tempfile.TemporaryDirectory() as folder:
        lab = Path(folder)
        batch = write_mixed(lab / "mixed.csv") if options.mixed else None
        for seed in range(options.first, options.first + options.seeds):
            request = RunRequest(
                "water-meter", seed=seed, lab=lab, batch=batch, stage=options.stage
            )
            found.add(observed(request))
    lines, broken = told(found)
    print("\n".join(lines))
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
