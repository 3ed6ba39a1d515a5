"""Pass rates: how many of how many, and what that says of the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchctl.statistics.gathering import Unit

CONFIDENCE = 0.95
DECIDED = ("pass", "fail")


@dataclass(frozen=True, slots=True)
class Rate:
    """Of a group of units: how many passed, failed, or were not decided (`open`).

    `low` and `high` enclose the share that passes, with 95 % confidence (Clopper and Pearson);
    `rate` and they are None where no unit was decided.
    """

    group: tuple[str, ...]
    passed: int
    failed: int
    open: int
    rate: float | None
    low: float | None
    high: float | None

    @property
    def decided(self) -> int:
        """How many passed or failed."""
        return self.passed + self.failed

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        names = ("passed", "failed", "open", "rate", "low", "high")
        return {"group": list(self.group), **{n: getattr(self, n) for n in names}}


def rates(
    units: Sequence[Unit],
    group: Callable[[Unit], tuple[str, ...]],
    verdict: Callable[[Unit], str | None] = lambda unit: unit.verdict,
) -> list[Rate]:
    """Return the rate of each group, in the order of their names.

    Args:
        units: what is counted; units without a verdict (calibrations) are not.
        group: the names of a unit's group.
        verdict: which of a unit's verdicts counts.
    """
    found: dict[tuple[str, ...], Counter[str]] = {}
    for unit in units:
        said = verdict(unit)
        if said is not None:
            found.setdefault(group(unit), Counter())[said] += 1
    return [_rate(name, counts) for name, counts in sorted(found.items())]


def _rate(name: tuple[str, ...], counts: Counter[str]) -> Rate:
    passed, failed = counts["pass"], counts["fail"]
    rest = counts.total() - passed - failed
    if not passed + failed:
        return Rate(name, passed, failed, rest, None, None, None)
    low, high = interval(passed, passed + failed)
    return Rate(name, passed, failed, rest, passed / (passed + failed), low, high)


def interval(passed: int, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval of Clopper and Pearson for a share: it covers at least `confidence`.

    Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934), by quantiles of the beta
    distribution.
    """
    from scipy.special import betaincinv

    half = (1 - confidence) / 2
    low = 0.0 if passed == 0 else float(betaincinv(passed, n - passed + 1, half))
    high = 1.0 if passed == n else float(betaincinv(passed + 1, n - passed, 1 - half))
    return low, high


def first_pass(
    units: Sequence[Unit], group: Callable[[Unit], tuple[str, ...]]
) -> list[dict[str, Any]]:
    """Return for each group what passed as found, what was adjusted, and what passed in the end."""
    found: dict[tuple[str, ...], list[Unit]] = {}
    for unit in units:
        if unit.verdict in DECIDED:
            found.setdefault(group(unit), []).append(unit)
    return [
        {
            "group": list(name),
            "units": len(members),
            "passed_first": sum(u.found == "pass" for u in members),
            "adjusted": sum(u.adjusted for u in members),
            "passed_after_adjustment": sum(u.adjusted and u.verdict == "pass" for u in members),
            "passed": sum(u.verdict == "pass" for u in members),
        }
        for name, members in sorted(found.items())
    ]


def failing(units: Iterable[Unit]) -> list[dict[str, Any]]:
    """Return which items and points units fail at, most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    for unit in units:
        for name in unit.failed:
            counts[unit.procedure, name] += 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"procedure": p, "at": name, "units": n} for (p, name), n in ranked]
