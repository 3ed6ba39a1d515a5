"""How often the rules are wrong: 10^6 drawn meters through the judging code, against prediction.

    python benchmarks/risk.py [--meters 1000000] [--curves]

Meters have true errors N(mean, s^2); what a bench sees of each lies off by N(0, u^2). Every seen
value is judged by the zones of the rule, the same that a run uses. The counted false accepts and
false rejects must lie within the 99 % interval of the predicted ones (JCGM 106, 9.5; exact
binomial limits). `--curves` prints PFA and PFR of each rule over the TUR instead. Exit code 1: two
counts or more lie outside; of 50, one is no surprise.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
from scipy.special import bdtr

from benchctl.metrology import RULES, Statement, find_rule
from benchctl.metrology.global_risk import GlobalRisks, global_risks
from benchctl.metrology.risk import Prior, prior_of_reliability
from benchctl.metrology.zones import Situation, Zones

LIMITS = (-2.0, 2.0)
MORE = (
    "ilac-g8-binary:r=0.83",
    "target-pfa:pfa=0.01,itp=0.95",
    "jcgm-106:p=0.8",
    "simple-acceptance:ratio=none",
)
CASES = ((3.0, Prior(0.0, 1.02)), (1.7, Prior(0.3, 1.2)))
"""TUR, and the process that the meters come from."""


def interval(n: int, p: float, confidence: float = 0.99) -> tuple[int, int]:
    """Counts between which a binomial one lies with that probability."""
    tail = (1 - confidence) / 2
    spread = int(12 * (n * p * (1 - p)) ** 0.5 + 40)
    counts = np.arange(max(0, int(n * p) - spread), min(n, int(n * p) + spread))
    below = bdtr(counts, n, p)
    return int(counts[np.searchsorted(below, tail)]), int(counts[np.searchsorted(below, 1 - tail)])


def drawn(zones: Zones, u: float, prior: Prior, meters: int, seed: int) -> tuple[int, int]:
    """Counts of false accepts and false rejects."""
    rng = np.random.default_rng(seed)
    true = rng.normal(prior.mean, prior.s, meters)
    seen = true + rng.normal(0.0, u, meters)
    passed = np.fromiter((zones.statement(y) is Statement.PASS for y in seen.tolist()), bool)
    inside = (true >= LIMITS[0]) & (true <= LIMITS[1])
    return int((passed & ~inside).sum()), int((~passed & inside).sum())


def campaign(meters: int) -> int:
    """Draw, judge, count and compare; the number of counts outside their interval."""
    outside = 0
    for ratio, prior in CASES:
        u = (LIMITS[1] - LIMITS[0]) / (4 * ratio)
        print(f"TUR {ratio:g}, meters N({prior.mean:g}, {prior.s:g}²), {meters} of them")
        for seed, text in enumerate((*RULES, *MORE)):
            began = time.perf_counter()
            zones = find_rule(text).zones(Situation(LIMITS, U=2 * u))
            if zones.too_large:
                print(f"  {text:32} the uncertainty is too large: nothing is accepted")
                continue
            predicted = global_risks(LIMITS, zones.accept, u, prior)
            counts = drawn(zones, u, prior, meters, seed)
            cells = []
            for count, p in zip(counts, (predicted.pfa, predicted.pfr), strict=True):
                low, high = interval(meters, p) if p > 0 else (0, 0)
                fits = low <= count <= high
                outside += not fits
                cells.append(f"{count:7d} in {low:7d} … {high:7d} {'' if fits else '  OUTSIDE':9}")
            seconds = time.perf_counter() - began
            print(f"  {text:32} PFA {cells[0]} PFR {cells[1]} {seconds:5.1f} s")
    return outside


def curves() -> None:
    """Print PFA and PFR in % of each rule over the TUR, for 95 % in tolerance beforehand."""
    prior = prior_of_reliability(LIMITS, 0.95)
    ratios = (1.5, 2.0, 3.0, 4.0, 5.0, 10.0)
    print(f"{'TUR':32} " + " ".join(f"{r:>15g}" for r in ratios))
    for text in (*RULES, *MORE):
        cells = []
        for ratio in ratios:
            u = (LIMITS[1] - LIMITS[0]) / (4 * ratio)
            found = risks(text, u, prior)
            cells.append("too large" if found is None else _both(found))
        print(f"{text:32} " + " ".join(f"{c:>15}" for c in cells))


def risks(text: str, u: float, prior: Prior) -> GlobalRisks | None:
    """The risks of a rule; None where the uncertainty is too large for it."""
    zones = find_rule(text).zones(Situation(LIMITS, U=2 * u))
    return None if zones.too_large else global_risks(LIMITS, zones.accept, u, prior)


def _both(found: GlobalRisks) -> str:
    return f"{100 * found.pfa:.3g} / {100 * found.pfr:.3g}"


def main() -> int:
    """Run the campaign, or print the curves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meters", type=int, default=1_000_000)
    parser.add_argument("--curves", action="store_true")
    asked = parser.parse_args()
    if asked.curves:
        curves()
        return 0
    outside = campaign(asked.meters)
    print(f"{outside} counts outside their 99 % interval")
    return int(outside > 1)


if __name__ == "__main__":
    sys.exit(main())
