"""Truth campaign: the verdicts and errors of whole simulated runs against what the meters really are.

    python benchmarks/truth.py [--seeds 50] [--procedure water-meter]

For every seed the bench draws new meters and new systematic errors of its standards. Reported are: wrong verdicts by
distance of the true error from the limit, the per-seed mean of (reported - true) in units of its own standard
uncertainty (the reference's error is common to a line), and the spread of all deviations against the stated u. The
exit code is 1 where a promise is broken.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scipy.special import bdtri

from benchctl.engine import RunRequest, run, truth

COVERAGE = 0.9545


@dataclass
class Campaign:
    """What was counted."""

    far_wrong: int = 0
    beyond_u_wrong: int = 0
    beyond_u: int = 0
    seeds_off: int = 0
    points: int = 0
    sum_z2: float = 0.0
    worst_seed: float = 0.0


def one_seed(procedure: str, seed: int, lab: Path, found: Campaign) -> None:
    """Run one seed and count."""
    request = RunRequest(procedure, seed=seed, lab=lab)
    true = {(r["serial"], r["point"]): r["error"] for r in truth(request) if r["point"]}
    report = run(request)
    if report.outcome != "finished":
        raise SystemExit(f"seed {seed}: {report.outcome}: {report.error}")
    deviations, common, own = [], [], []
    for uut in report.document["uuts"]:
        for point in uut["points"]:
            if point["mpe"] is None or point["error"] is None:
                continue
            error, U = true[uut["serial"], point["point"]], point["U"]
            low, high = point["mpe"]
            distance = min(abs(error - low), abs(error - high))
            right = "pass" if low <= error <= high else "fail"
            wrong = point["verdict"] != right
            found.far_wrong += wrong and distance > 2 * U
            found.beyond_u += distance > U
            found.beyond_u_wrong += wrong and distance > U
            first = point["runs"][0]
            d, u, u_ref = first["error"] - error, first["u"], point["U_reference"] / 2
            deviations.append(d)
            common.append(u_ref)
            own.append(math.sqrt(max(u * u - u_ref * u_ref, 0.0)))
            found.points += 1
            found.sum_z2 += (d / u) ** 2
    n = len(deviations)
    u_mean = math.sqrt((sum(common) / n) ** 2 + sum(o * o for o in own) / n**2)
    z = sum(deviations) / n / u_mean
    found.seeds_off += abs(z) > 3.3
    found.worst_seed = max(found.worst_seed, abs(z))


def main() -> int:
    """Run the campaign and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--procedure", default="water-meter")
    options = parser.parse_args()
    found = Campaign()
    with tempfile.TemporaryDirectory() as lab:
        for seed in range(options.first, options.first + options.seeds):
            one_seed(options.procedure, seed, Path(lab), found)
    bound = _bound(found.beyond_u)
    spread = math.sqrt(found.sum_z2 / found.points)
    print(f"{options.seeds} seeds, {found.points} judged points")
    print(f"wrong verdicts farther than 2 U from the limit: {found.far_wrong} (allowed 0)")
    print(f"wrong verdicts farther than U: {found.beyond_u_wrong} (99.9 % bound {bound})")
    print(f"largest |mean deviation| of a seed: {found.worst_seed:.2f} of its u (allowed 3.3)")
    print(f"spread of all deviations over stated u: {spread:.3f} (allowed 1/1.3 … 1.3)")
    broken = (
        found.far_wrong
        or found.beyond_u_wrong > bound
        or found.seeds_off
        or not 1 / 1.3 <= spread <= 1.3
    )
    return int(bool(broken))


def _bound(n: int) -> int:
    """Return the 99.9 % bound for wrong verdicts beyond U: one tail of the stated coverage each."""
    p = (1 - COVERAGE) / 2
    k = 0
    while bdtri(k, n, 0.999) < p and k < n:
        k += 1
    return k


if __name__ == "__main__":
    sys.exit(main())
