"""Whether what simulated runs report agrees with what the simulated units really are.

    for row in agreements(request, seeds=range(1, 6), folder=tmp): ...

An error that is reported may lie off the true one by 2 U (four standard uncertainties): by more is
wrong. Verdicts must be those of the true error wherever this is further than 2 U from the limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchctl.engine import RunRequest, run, truth

JSON = Mapping[str, Any]
FAR = 2.0


@dataclass(slots=True)
class Agreement:
    """What one seed gave: results compared, within U, the largest |error - true| / U; `wrong`."""

    seed: int
    outcome: str
    results: int = 0
    within: int = 0
    largest: float = 0.0
    verdicts: int = 0
    """Verdicts that were compared: of units whose true error is clear of the limits."""
    wrong: list[str] = field(default_factory=list)


def agreements(request: RunRequest, seeds: Iterable[int], folder: Path) -> Iterator[Agreement]:
    """Run each seed in a lab folder of its own and compare it with the truth.

    Raises:
        UsageError: the bench is a real one; only a simulation knows the truth.
        BenchctlError: a run cannot begin.
    """
    for seed in seeds:
        asked = replace(request, seed=seed, lab=folder / f"seed-{seed}")
        known = {(t["serial"], t["item"], t["point"]): t["error"] for t in truth(asked)}
        document = run(asked).document
        found = Agreement(seed, str(document["outcome"]))
        if found.outcome != "finished":
            found.wrong.append(f"the run did not finish: {document['reason']}")
        for uut in document["uuts"]:
            for point in uut["points"]:
                if point["occasion"] == "as_left":
                    continue  # the truth is that of what was brought
                true = known.get((uut["serial"], point["item"], point["point"]))
                if true is not None and point["error"] is not None and point["U"]:
                    _compare(found, uut["serial"], point, true)
        yield found


def _compare(found: Agreement, serial: str, point: JSON, true: float) -> None:
    expanded = float(point["U"])
    off = abs(point["error"] - true) / expanded
    found.results += 1
    found.within += off <= 1.0
    found.largest = max(found.largest, off)
    name = f"{serial} {point['point']}"
    if off > FAR:
        found.wrong.append(f"{name}: {point['error']:.4g}, really {true:.4g}, U = {expanded:.2g}")
    if not point["mpe"] or min(abs(true - limit) for limit in point["mpe"]) <= FAR * expanded:
        return
    if point["verdict"] not in ("pass", "fail"):
        return
    found.verdicts += 1
    low, high = point["mpe"]
    really = "pass" if low <= true <= high else "fail"
    if point["verdict"] != really:
        found.wrong.append(f"{name}: {point['verdict']}, really {really} with {true:.4g}")
