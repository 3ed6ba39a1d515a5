"""How many readings a verdict takes: rules that stop against a fixed number at equal risk.

    python benchmarks/how_many.py [--json FILE] [--runs 2000]

A unit's mean is shifted in steps from the middle of its limits to one of them. At each step three
ways decide: a fixed number of readings that has the two risks at limit ± zone (Neyman and Pearson),
Wald's sequential test with the same risks, and an end before the planned number once the verdict
changes with no more than the stated risk. Printed are readings and wrong verdicts. Far from the
limit (halfway or further) each must take at most half of the fixed number.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from benchctl.acquire import Early, HowMany, Screening

LIMIT, ZONE, SIGMA, RISK = 1.0, 0.1, 0.12, 0.02
FAR = 0.5
"""Share of the limit up to which a mean counts as far from it."""
MOST = 400


def fixed_number() -> int:
    """Return the readings with which a plain mean has both risks."""
    return math.ceil((float(ndtri(1 - RISK)) * SIGMA / ZONE) ** 2)


def steps_of(rule: HowMany) -> list[int]:
    """Return after how many readings a rule is asked."""
    if isinstance(rule, Early):
        return [*rule.looks, rule.planned]
    return list(range(1, MOST + 1))


def tried(rule: HowMany, mean: float, runs: int) -> tuple[float, float]:
    """Return the mean number of readings, and the share of verdicts that are wrong."""
    rng = np.random.default_rng(int(1000 * mean) + 1)
    t, steps = np.arange(float(MOST)), steps_of(rule)
    counted, wrong = 0, 0
    for _ in range(runs):
        y = rng.normal(mean, SIGMA, MOST)
        look = next(found for n in steps if (found := rule.look(t[:n], y[:n])).enough)
        counted += look.n
        wrong += look.decision is not None and (look.decision == "pass") != (mean <= LIMIT)
    return counted / runs, wrong / runs


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--runs", type=int, default=1000)
    args = parser.parse_args()
    fixed = fixed_number()
    planned = 4 * fixed
    rules: dict[str, tuple[HowMany, int]] = {
        "sequential": (
            Screening((-LIMIT, LIMIT), ZONE, SIGMA, (RISK, RISK), MOST), fixed
        ),
        "early": (Early((-LIMIT, LIMIT), planned, 5, RISK), planned),
    }  # fmt: skip
    rows = []
    print(f"limit ±{LIMIT}, zone ±{ZONE}, sigma {SIGMA}, risks {RISK}: fixed n = {fixed}")
    for name, (rule, of) in rules.items():
        for mean in (0.0, 0.25, 0.5, 0.75, 0.9, 1.1):
            n, wrong = tried(rule, mean, args.runs)
            row = {"rule": name, "mean": mean, "n": n, "fixed": of, "ratio": n / of, "wrong": wrong}
            rows.append(row)
            print(f"{name:11} mean {mean:4.2f}: n {n:6.2f} of {of:3d}, wrong {wrong:.3f}")
    far = max(r["ratio"] for r in rows if r["mean"] <= FAR)
    print(f"far from the limit at most {far:.2f} of a fixed number")
    if args.json:
        args.json.write_text(json.dumps({"fixed": fixed, "far": far, "rows": rows}, indent=1))
    raise SystemExit(far > 0.5)


if __name__ == "__main__":
    main()
