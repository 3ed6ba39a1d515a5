"""How errors of installed instruments drift with their age, and how many fail at which age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import Any

from benchctl.metrology import drift_of
from benchctl.statistics.gathering import Unit
from benchctl.statistics.rates import DECIDED, interval

YEAR = 365.2425
LEAST = 5
"""Units below which no line is drawn through."""


@dataclass(frozen=True, slots=True)
class AgeClass:
    """Units of one whole year of age: from `years` on, below the next."""

    years: int
    units: int
    mean: float
    s: float | None
    failed: int
    decided: int
    low: float | None
    high: float | None
    """Limits of the share that fails, with 95 % confidence."""


@dataclass(frozen=True, slots=True)
class Ageing:
    """The errors of a type at a point by age; `per_year` is the slope of the line, `u` its own.

    `at_zero` is the line at the age of 0; `reaches` is the age at which the line meets a limit,
    None where it does not within a hundred years.
    """

    procedure: str
    model: str
    point: str
    unit: str
    n: int
    per_year: float | None
    u: float | None
    dof: int | None
    at_zero: float | None
    reaches: float | None
    low: float | None
    high: float | None
    classes: tuple[AgeClass, ...]
    ages: tuple[float, ...]
    errors: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self) | {
            "classes": [asdict(c) for c in self.classes],
            "ages": list(self.ages),
            "errors": list(self.errors),
        }


def ageing_of(units: Sequence[Unit]) -> list[Ageing]:
    """Return the ageing of every type at every point, from units whose age is known."""
    found: dict[tuple[str, ...], list[tuple[Unit, float, float, Any]]] = {}
    for unit in units:
        age = unit.age
        if age is None:
            continue
        for p in unit.points:
            if not p.left:
                name = (unit.procedure, unit.model, p.point, p.unit)
                found.setdefault(name, []).append((unit, age, p.error, (p.low, p.high)))
    return [_ageing(name, rows) for name, rows in sorted(found.items()) if len(rows) >= LEAST]


def _ageing(name: tuple[str, ...], rows: Sequence[tuple[Unit, float, float, Any]]) -> Ageing:
    ages, errors = [r[1] for r in rows], [r[2] for r in rows]
    limits = {r[3] for r in rows}
    low, high = next(iter(limits)) if len(limits) == 1 else (None, None)
    drift = drift_of([a * YEAR for a in ages], errors)
    per_year = None if drift is None else drift.slope * YEAR
    at_zero = None if per_year is None else fmean(errors) - per_year * fmean(ages)
    procedure, model, point, unit = name
    return Ageing(
        procedure=procedure,
        model=model,
        point=point,
        unit=unit,
        n=len(rows),
        per_year=per_year,
        u=None if drift is None else drift.u * YEAR,
        dof=None if drift is None else drift.dof,
        at_zero=at_zero,
        reaches=_reaches(per_year, at_zero, low, high),
        low=low,
        high=high,
        classes=tuple(_classes(rows)),
        ages=tuple(ages),
        errors=tuple(errors),
    )


def _reaches(
    per_year: float | None, at_zero: float | None, low: float | None, high: float | None
) -> float | None:
    """Return the age at which a line meets the limit that it goes towards."""
    if not per_year or at_zero is None:
        return None
    limit = high if per_year > 0 else low
    if limit is None:
        return None
    age = max(0.0, (limit - at_zero) / per_year)
    return age if age <= 100 else None


def _classes(rows: Sequence[tuple[Unit, float, float, Any]]) -> list[AgeClass]:
    groups: dict[int, list[tuple[Unit, float, float, Any]]] = {}
    for row in rows:
        groups.setdefault(int(row[1]), []).append(row)
    found = []
    for years, members in sorted(groups.items()):
        errors = [m[2] for m in members]
        decided = [m[0] for m in members if m[0].found in DECIDED]
        failed = sum(u.found == "fail" for u in decided)
        low, high = interval(failed, len(decided)) if decided else (None, None)
        spread = stdev(errors) if len(errors) > 1 else None
        found.append(
            AgeClass(years, len(members), fmean(errors), spread, failed, len(decided), low, high)
        )
    return found
