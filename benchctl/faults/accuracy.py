"""Whether what simulated runs report agrees with what the simulated units really are.

    for row in agreements(request, seeds=range(1, 6), folder=tmp): ...

An error that is reported may lie off the true one by 2 U (four standard uncertainties): by more is
wrong. Verdicts must be those of the true error wherever this is further than 2 U from the limits.
Between U and 2 U some may be wrong, and some results may lie off by more than U: how many, the
coverage says (`excesses`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from benchctl.engine import RunRequest, run, truth
from benchctl.faults.allowance import allowed

JSON = Mapping[str, Any]
FAR = 2.0


@dataclass(slots=True)
class Group:
    """Results of one seed that come of the same standard.

    `near` as in `Agreement`, `variances` is the sum of the shares that standards have of the
    variance of each result.
    """

    results: int = 0
    near: int = 0
    variances: float = 0.0

    @property
    def shared(self) -> float:
        """Mean share of the variance that the results have in common."""
        return self.variances / self.results


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
    near: int = 0
    """Verdicts where the true error lies between U and 2 U from where results are accepted."""
    near_wrong: int = 0
    squares: float = 0.0
    """Sum of the squares of |error - true| / U; a quarter for each result is what U says."""
    groups: dict[str, Group] = field(default_factory=dict)
    """By the standard that results have most of their uncertainty from: the input's name."""

    @property
    def beyond(self) -> int:
        """How many results lie off by more than U."""
        return self.results - self.within


@dataclass(frozen=True, slots=True)
class Excess:
    """Of so many of a kind were so many beyond, and so many the coverage allows."""

    kind: Literal["results", "verdicts"]
    of: int
    found: int
    allowed: int


def excesses(found: Sequence[Agreement]) -> list[Excess]:
    """Return results beyond U and wrong verdicts between U and 2 U, with what is allowed.

    What is allowed is exceeded by chance in one of a thousand walks.
    """
    groups = [group for a in found for group in a.groups.values()]
    results = allowed((g.results, g.shared) for g in groups)
    verdicts = allowed(((g.near, g.shared) for g in groups), sides=1)
    return [
        Excess("results", sum(a.results for a in found), sum(a.beyond for a in found), results),
        Excess("verdicts", sum(a.near for a in found), sum(a.near_wrong for a in found), verdicts),
    ]


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
            found.wrong.append(f"the run did not finish: {document['reason']['text']}")
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
    found.squares += off**2
    group = _grouped(found, point)
    name = f"{serial} {point['point']}"
    if off > FAR:
        found.wrong.append(f"{name}: {point['error']:.4g}, really {true:.4g}, U = {expanded:.2g}")
    if not point["mpe"] or point["verdict"] not in ("pass", "fail"):
        return
    _compare_near(found, group, point, true)
    if min(abs(true - limit) for limit in point["mpe"]) <= FAR * expanded:
        return
    found.verdicts += 1
    low, high = point["mpe"]
    really = "pass" if low <= true <= high else "fail"
    if point["verdict"] != really:
        found.wrong.append(f"{name}: {point['verdict']}, really {really} with {true:.4g}")


def _compare_near(found: Agreement, group: Group, point: JSON, true: float) -> None:
    """Count a verdict where the true error lies between U and 2 U from where it is accepted.

    One that is another only because a rule judges what was rounded says nothing about U.
    """
    low, high = point.get("accept") or point["mpe"]
    if (low <= point["error"] <= high) != (point["verdict"] == "pass"):
        return
    away = min(abs(true - low), abs(true - high)) / float(point["U"])
    if 1.0 < away <= FAR:
        found.near += 1
        group.near += 1
        found.near_wrong += (point["verdict"] == "pass") != (low <= true <= high)


def _grouped(found: Agreement, point: JSON) -> Group:
    """Count a result in its group, and return this."""
    budgets = [run["budget"] for run in point.get("runs", ()) if run.get("budget")]
    rows = [row for row in budgets[0] if row["common"]] if budgets else []
    largest = max(rows, key=lambda row: row["share"], default={"input": ""})
    group = found.groups.setdefault(largest["input"], Group())
    group.results += 1
    group.variances += sum(row["share"] for row in rows)
    return group
