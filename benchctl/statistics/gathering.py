"""From result documents to what is counted: each unit of a run with its points.

units = list(units_of(document, ordered))      # `ordered` says what the order tells of a unit
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from benchctl.core.verdicts import Verdict, worst

JSON = Mapping[str, Any]
Fact = Callable[[JSON, str], str]
"""What the order says of a unit: `fact(unit, "model")`, "" where it says nothing."""
AS_LEFT = "as_left"
_DAY = re.compile(
    r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?|(\d{4})(\d{2})(\d{2})|(\d{4})"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A point of a unit: error and limits in `unit`; a missing limit is None.

    `left` says that it was measured after an adjustment.
    """

    point: str
    quantity: str
    unit: str
    error: float
    low: float | None
    high: float | None
    verdict: str | None
    left: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """What a run found of a unit; `found` is the verdict before any adjustment."""

    run: str
    day: date
    serial: str
    procedure: str
    title: str
    stage: str
    model: str
    batch: str
    installed: date | None
    verdict: str | None
    found: str | None
    adjusted: bool
    failed: tuple[str, ...]
    """Items and points that did not pass before an adjustment, each once."""
    points: tuple[Measured, ...]
    simulated: bool

    @property
    def age(self) -> float | None:
        """Years since it was installed, None where that is not known or lies in the future."""
        if self.installed is None or self.installed > self.day:
            return None
        return (self.day - self.installed).days / 365.2425


def units_of(document: JSON, fact: Fact, *, utc_offset: int = 0) -> Iterator[Unit]:
    """Give the units of a run that count: not those of tests, and not what was annulled.

    Args:
        document: a result document.
        fact: what the order says of a unit.
        utc_offset: of the lab's clock on the wall, in minutes.
    """
    if document["service"] == "test" or document["finished"] is None:
        return
    instant = datetime.fromisoformat(str(document["finished"]).replace("Z", "+00:00"))
    day = (instant + timedelta(minutes=utc_offset)).date()
    for uut in document["uuts"]:
        if uut.get("annulled"):
            continue
        found = [p for p in uut["points"] if p["occasion"] != AS_LEFT]
        stated = [p["verdict"] for p in found if p["verdict"]]
        adjusted = any(p.get("superseded") for p in uut["points"])
        yield Unit(
            run=str(document["run"]),
            day=day,
            serial=str(uut["serial"]),
            procedure=str(document["procedure"]["name"]),
            title=str(document["procedure"]["title"]),
            stage=str(document["stage"]),
            model=fact(uut, "model"),
            batch=fact(uut, "batch"),
            installed=day_in(fact(uut, "installed")),
            verdict=uut["verdict"],
            found=worst(Verdict(v) for v in stated).value
            if adjusted and stated
            else uut["verdict"],
            adjusted=adjusted,
            failed=tuple(
                dict.fromkeys(
                    str(p["point"] or p["item"]) for p in found if p["verdict"] == Verdict.FAIL
                )
            ),
            points=tuple(_points(uut)),
            simulated=bool(document["simulated"]),
        )


def _points(uut: JSON) -> Iterator[Measured]:
    for point in uut["points"]:
        if point["point"] is None or point["error"] is None:
            continue
        low, high = point["mpe"] or (None, None)
        yield Measured(
            point=str(point["point"]),
            quantity=str(point["quantity"] or ""),
            unit=str(point["unit"] or ""),
            error=float(point["error"]),
            low=low,
            high=high,
            verdict=point["verdict"],
            left=point["occasion"] == AS_LEFT,
        )


def day_in(text: str) -> date | None:
    """Return the day that an order writes: 2018-05-01, 2018/5, 2018年5月, 20180501, 2018.

    A month is its first day, a year its first of July; None where it says no day.
    """
    found = _DAY.fullmatch(text.strip().partition("T")[0].partition(" ")[0])
    if found is None:
        return None
    year = found[1] or found[4] or found[7]
    month, of_month = found[2] or found[5] or "7", found[3] or found[6] or "1"
    try:
        return date(int(year), int(month), int(of_month))
    except ValueError:
        return None
