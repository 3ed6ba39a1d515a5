"""How often a whole bench is wrong: 500 meters measured and judged, against prediction.

    python benchmarks/risk_bench.py [--meters 500] [--limit 0.6] [--first 1]

Every meter is a simulated one with a true error of its own, measured by the bundled procedure on
the bundled bench, by real bytes, with limits so narrow that many meters lie near them and without
retests. The recorded values are then judged by every rule, through the code of `rejudge`. What is
counted are false accepts (passed, though the true error lies outside of the limits) and false
rejects (not passed, though it lies inside).

Predicted is the same from the stated budgets alone: each result is drawn 20,000 times around the
true error with the parts that the record says are common: the standard's error to all results of a
bench (one seed), that of a reading to all meters of one visit, the rest to one result. The counts
must lie within the 99 % interval of what is drawn. Exit code 1: two counts or more lie outside; of
18, one is no surprise.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchctl.core.clock import VirtualClock
from benchctl.core.places import bundled
from benchctl.engine import RunRequest, read_files, run
from benchctl.engine.audit import Evidence, rejudge
from benchctl.language import Diagnostics, load_document
from benchctl.metrology import RULES
from benchctl.records import Lab

DRAWS = 20_000
UNITS = 12
"""Meters that the bundled bench measures at a time."""
LEFT_OUT = (
    "appearance", "venting", "tightness", "function", "mounting", "after_leak", "resume"
)  # fmt: skip
ONLY_THEIRS = ("test_pressure", "line_pressure", "line_inlet", "meter_pulse_rate")
Floats = NDArray[np.float64]


@dataclass(slots=True)
class Result:
    """One measured point of one meter: the truth, what was seen, the stated parts of u, in %."""

    true: float
    seen: float
    visit: str
    standard: float
    reading: float
    own: float
    accept: dict[str, tuple[float, float] | None] = field(default_factory=dict)
    passed: dict[str, bool] = field(default_factory=dict)


def procedure(folder: Path, limit: float) -> Path:
    """Write the bundled procedure with one narrow limit, points only, no retest."""
    document = load_document(bundled("procedures") / "water-meter.yaml", Diagnostics())
    assert document is not None
    data = document.data
    del data["methods"]["gravimetric"]
    data["parameters"]["method"]["choices"] = ["flying"]
    for item in LEFT_OUT:
        data.pop(item, None)
    for role in ONLY_THEIRS:
        del data["needs"][role]
    data["items"] = ["error"]
    data["limits"] = [{"mpe": f"±{limit:g} %"}]
    data["decision"] = {"rule": "simple acceptance"}
    del data["each_point"]["retest"]
    path = folder / "narrow.yaml"
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")  # JSON is YAML
    return path


def measured(request: RunRequest) -> list[Result]:
    """Measure the meters of one seed and judge them by every rule."""
    report = run(request)
    if report.outcome != "finished":
        raise SystemExit(f"seed {request.seed}: {report.outcome}: {report.error}")
    files = read_files(request)
    assert files.simulation is not None
    bench = files.simulation(VirtualClock(), seed=files.seed or 0, uuts=files.simulated_uuts())
    found: dict[tuple[str, str], Result] = {}
    with Lab.open(request.lab) as lab:
        evidence = Evidence.read(lab, report.run)
        for _, event in evidence.kept.measured:
            if not event.valid or event.error is None:
                continue
            flow = {"flow": event.conditions["reference_flow"]}
            true = float(bench.truth(event.uut, "error", "error", flow))
            found[event.uut, event.point] = Result(
                true, event.error, event.action, *parts_of(event.budget)
            )
        for rule in RULES:
            for row in rejudge(evidence, rule=rule):
                if (result := found.get((row.uut, row.point))) is not None:
                    result.accept[rule] = row.accept
                    result.passed[rule] = row.statement == "pass"
    return list(found.values())


def parts_of(budget: Iterable[dict[str, Any]]) -> tuple[float, float, float]:
    """Return what is common to the standard, to the reading, and one result's own."""
    sums = {"standard": 0.0, "reading": 0.0, "": 0.0}
    for line in budget:
        sums[line["common"]] = math.hypot(sums[line["common"]], line["contribution"])
    return sums["standard"], sums["reading"], sums[""]


def drawn(results: Sequence[Result], rng: np.random.Generator) -> Floats:
    """Return what could have been seen of the results of one seed, shape (draws, results)."""
    visits = sorted({r.visit for r in results})
    place = [visits.index(r.visit) for r in results]
    standard = rng.standard_normal((DRAWS, 1)) * np.array([r.standard for r in results])
    of_visits = rng.standard_normal((DRAWS, len(visits)))[:, place]
    reading = of_visits * np.array([r.reading for r in results])
    own = rng.standard_normal((DRAWS, len(results))) * np.array([r.own for r in results])
    seen: Floats = np.array([r.true for r in results]) + standard + reading + own
    return seen


def predicted(seeds: Sequence[Sequence[Result]], rule: str, limit: float) -> tuple[Floats, Floats]:
    """Return how many false accepts and false rejects each draw has."""
    rng = np.random.default_rng(1)
    accepts, rejects = np.zeros(DRAWS), np.zeros(DRAWS)
    for results in seeds:
        seen = drawn(results, rng)
        bounds = [r.accept[rule] or (math.inf, -math.inf) for r in results]
        low, high = (np.array(side) for side in zip(*bounds, strict=True))
        passed = (seen >= low) & (seen <= high)
        inside = np.abs([r.true for r in results]) <= limit
        accepts += (passed & ~inside).sum(axis=1)
        rejects += (~passed & inside).sum(axis=1)
    return accepts, rejects


def compare(seeds: Sequence[Sequence[Result]], limit: float) -> int:
    """Print counts beside their intervals; return how many lie outside."""
    results = [r for seed in seeds for r in seed]
    bad = sum(abs(r.true) > limit for r in results)
    print(f"{len(results)} results, {bad} of them truly outside of ±{limit:g} %")
    outside = 0
    for rule in RULES:
        counts = (
            sum(r.passed[rule] and abs(r.true) > limit for r in results),
            sum(not r.passed[rule] and abs(r.true) <= limit for r in results),
        )
        cells = []
        for count, draws in zip(counts, predicted(seeds, rule, limit), strict=True):
            low, high = (int(q) for q in np.quantile(draws, (0.005, 0.995), method="nearest"))
            fits = low <= count <= high
            outside += not fits
            mark = "" if fits else "  OUTSIDE"
            cells.append(f"{count:4d} of {draws.mean():6.1f} ({low} … {high}){mark}")
        print(f"  {rule:20} false accepts {cells[0]:28} false rejects {cells[1]}")
    return outside


def main() -> int:
    """Run the campaign."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meters", type=int, default=500)
    parser.add_argument("--limit", type=float, default=0.6)
    parser.add_argument("--first", type=int, default=1)
    asked = parser.parse_args()
    seeds: list[list[Result]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = procedure(folder, asked.limit)
        for n in range(math.ceil(asked.meters / UNITS)):
            lab = folder / f"lab-{n}"
            request = RunRequest(
                str(path), lab=lab, service="test", seed=asked.first + n, simulate=True
            )
            seeds.append(measured(request))
    outside = compare(seeds, asked.limit)
    print(f"{outside} counts outside their 99 % interval")
    return int(outside > 1)


if __name__ == "__main__":
    sys.exit(main())
