"""Speed of uncertainty: promises are absolute seconds on the two-core machine of the fact sheet.

    python benchmarks/metrology.py [--repeats 5]

Propagation of a six-input model, 10,000 times to first order and by 10^6 trials; the start of the
room in a fresh process, and that `benchctl --help` loads nothing of it. GTC does the same models
one by one, as a measure of what a good library takes.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

import numpy as np

from benchctl.language import parse_expression
from benchctl.metrology import Input, normal, propagate
from benchctl.metrology.many import propagate_many
from benchctl.metrology.monte_carlo import monte_carlo

# GAS-6 of the vectors: error of a gas meter against a master meter
MODEL = parse_expression("100*(Vm*pm*Tr/(Vr*pr*Tm)-1)")
X = {"Vm": 10.0213, "Vr": 10.0, "pm": 101325.0, "pr": 101200.0, "Tm": 293.55, "Tr": 293.35}
U = {"Vm": 0.0005, "Vr": 0.004, "pm": 12.0, "pr": 12.0, "Tm": 0.03, "Tr": 0.03}
DOF = {"Vm": 9, "Vr": 50, "pm": 9, "pr": 9, "Tm": 100, "Tr": 100}
TIMES = 10_000
TRIALS = 1_000_000


def estimates() -> dict[str, np.ndarray]:
    """Estimates of 10,000 measurements."""
    rng = np.random.default_rng(1)
    return {n: x * (1 + 1e-3 * rng.random(TIMES)) for n, x in X.items()}


def inputs(values: Mapping[str, float]) -> tuple[Input, ...]:
    """The inputs of one measurement."""
    return tuple(Input(n, float(x), (normal("u", U[n], DOF[n]),)) for n, x in values.items())


def many() -> None:
    """First order, as arrays."""
    propagate_many(MODEL, estimates(), U, DOF)


def one_by_one() -> None:
    """First order with its whole budget, a tenth of the times."""
    rows = estimates()
    for i in range(TIMES // 10):
        propagate(MODEL, inputs({n: x[i] for n, x in rows.items()}), unit="%")


def gtc() -> None:
    """The same in GTC, a tenth of the times."""
    import GTC

    rows = estimates()
    for i in range(TIMES // 10):
        y = MODEL({n: GTC.ureal(float(x[i]), U[n], df=DOF[n]) for n, x in rows.items()})
        assert y.u > 0
        assert y.df > 0


def trials() -> None:
    """Monte Carlo."""
    monte_carlo(MODEL, inputs(X), seed=1, trials=TRIALS)


def start() -> float:
    """Seconds that importing the room takes in a fresh process, beyond what Python takes."""
    code = "import time; t = time.perf_counter(); import benchctl.metrology"
    shown = run(code + "; print(time.perf_counter() - t)")
    return float(shown)


def run(code: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def timed(work: Callable[[], None]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


CASES: tuple[tuple[str, Callable[[], float], float | None], ...] = (
    ("first order, 10,000 estimates as arrays", lambda: timed(many), 0.1),
    ("first order with budgets, 1,000 one by one", lambda: timed(one_by_one), None),
    ("GTC, 1,000 one by one", lambda: timed(gtc), None),
    ("Monte Carlo, 10^6 trials", lambda: timed(trials), 0.6),
    ("import benchctl.metrology", start, 0.4),
)
HELP = """
import sys
from benchctl.cli.app import command_line
command_line(["--help"])
print(sum(m.startswith("benchctl.metrology") or m == "numpy" for m in sys.modules), file=sys.stderr)
"""


def main() -> int:
    """Measure all, interleaved, and print medians; 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    times: dict[str, list[float]] = {name: [] for name, _, _ in CASES}
    timed(many)  # scipy and GTC are imported outside the measurement
    timed(gtc)
    for _ in range(repeats):
        for name, measure, _ in CASES:
            times[name].append(measure())
    broken = 0
    for name, _, promised in CASES:
        median = statistics.median(times[name])
        told = "" if promised is None else f"  (promised ≤ {promised:g} s)"
        print(f"{name:44} {1e3 * median:9.1f} ms{told}")
        broken |= int(promised is not None and median > promised)
    done = subprocess.run(
        [sys.executable, "-c", HELP], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = int(done.stderr.split()[-1])
    print(f"{'modules of it loaded by --help':44} {loaded:9d}     (promised 0)")
    return broken | int(loaded > 0)


if __name__ == "__main__":
    sys.exit(main())
