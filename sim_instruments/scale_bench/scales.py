"""The scales under test: what each of them truly is.

In the order of their positions: a good one, one that weighs too much, one with a bad corner, one
that is sluggish, one that cuts its price off, and one close to a limit. Errors in scale intervals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from benchctl.simulation import Noise, SimulatedUut, with_parameters

USUAL = {"max_load": 15000.0, "e": 5.0}
"""Largest load and scale interval in g."""
KINDS = ("good", "span", "corner", "sluggish", "price", "borderline")
PLACES = ("centre", "left front", "right front", "right rear", "left rear")
AT_MAX = 1.5
"""Scale intervals that a scale of 3000 of them may be wrong by at its largest load; here only to
draw scales by, the bench does not judge."""


@dataclass(frozen=True, slots=True)
class Scale:
    """One scale; `at_max`, `zero`, `hysteresis` and `scatter` in g.

    `at_max` is its error at the largest load, `corners` by place what it weighs too much a third of
    that there, `hysteresis` what it shows more at half of it when the load falls.
    """

    unit: SimulatedUut
    kind: str
    e: float
    max_load: float
    at_max: float
    zero: float
    hysteresis: float
    scatter: float
    corners: dict[str, float] = field(default_factory=dict)

    def cell(self, load: float, place: str = "centre", *, falling: bool = False) -> float:
        """Return what the cell makes of a load at a place, in g, without its zero."""
        share = load / self.max_load
        found = load + self.at_max * share + self.corners.get(place, 0.0) * 3.0 * share
        if falling:
            found += self.hysteresis * 4.0 * share * (1.0 - share)
        return found

    def error(
        self, load: float, place: str = "centre", *, falling: bool = False, tare: float = 0.0
    ) -> float:
        """Return by how much a load is weighed too much, net of a tare load."""
        whole = self.cell(load + tare, place, falling=falling)
        return whole - (self.cell(tare) if tare else 0.0) - load

    def shown(self, pressed: float) -> float:
        """Return what the display shows."""
        return round(math.floor(pressed / self.e + 0.5) * self.e, 6)

    def shown_after(self, before: float, pressed: float) -> float:
        """Return what it shows when a little was added; a sluggish one stays where it was."""
        return before if self.kind == "sluggish" else self.shown(pressed)

    def price(self, shown: float, per_kg: float) -> float:
        """Return the price it computes for what it shows; one kind cuts off where it may not."""
        exact = Decimal(f"{shown:g}") / 1000 * Decimal(f"{per_kg:.2f}")
        rounding = ROUND_DOWN if self.kind == "price" else ROUND_HALF_UP
        return float(exact.quantize(Decimal("0.01"), rounding=rounding))


def scales(seed: int, units: Sequence[SimulatedUut]) -> tuple[Scale, ...]:
    """Return the scales of a batch, drawn from the seed."""
    return tuple(_scale(seed, with_parameters(unit, **USUAL)) for unit in units)


def _scale(seed: int, unit: SimulatedUut) -> Scale:
    luck = Noise(seed, f"scale {unit.serial}")
    kind = KINDS[(unit.position - 1) % len(KINDS)]
    e, max_load = unit.parameters["e"], unit.parameters["max_load"]
    at_max = luck.uniform("span", -0.4, 0.4)
    if kind == "span":
        at_max = 2.6
    elif kind == "borderline":
        at_max = luck.uniform("near", 0.92, 1.08) * AT_MAX
    corners = {place: luck.uniform(place, -0.2, 0.2) * e for place in PLACES[1:]}
    if kind == "corner":
        corners["right rear"] = 2.0 * e
    return Scale(
        unit,
        kind,
        e,
        max_load,
        at_max * e,
        luck.uniform("zero", -0.08, 0.08) * e,
        luck.uniform("hysteresis", 0.0, 0.15) * e,
        0.02 * e,
        corners,
    )
