"""A procedure in numbers, for one unit under test at one stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ResolvedPoint:
    """A point of one unit under test: numbers where the procedure has expressions.

    `nominal` and `keep` are of the quantity that the line shares, in `nominal_unit`; `mpe` and
    `mpe_initial` (the half-width at the stage "initial") in the measurand's unit; `amount` in the
    unit of the totalised role.
    """

    name: str
    index: int
    fields: dict[str, float]
    units: dict[str, str]
    nominal: float
    nominal_unit: str
    sets: dict[str, float]
    keep: tuple[float, float]
    mpe: tuple[float, float]
    mpe_initial: float
    amount: float | None
    occasion: str = "as_found"
    values: dict[str, float] = field(default_factory=dict)
    """What has a value of its own at this point: `point.<field>`, and quantities of `where`."""


@dataclass(frozen=True, slots=True)
class ResolvedUut:
    """A procedure for one unit under test at one stage.

    `env` holds what an expression outside of a point may name: parameters, `where`, resolutions.
    """

    parameters: dict[str, float | str]
    env: dict[str, Any]
    points: tuple[ResolvedPoint, ...]
    at_most: float | None
    hold_sets: dict[str, dict[str, float]]
    hold_drops: dict[str, float]
    vent_sets: dict[str, dict[str, float]] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    """Items that do not apply to this unit."""
