"""A procedure in numbers, for one unit under test at one stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchctl.language import Expression
from benchctl.procedure.equation import Model


@dataclass(frozen=True, slots=True)
class ResolvedHowMany:
    """How many readings one unit gets at one point: `HowMany` in numbers, in the measurand's unit.

    `expected_s` is how long that is expected to take, in s of bench time.
    """

    rule: str
    at_least: int
    at_most: int
    seconds: float
    target: float
    sigma: float
    confidence: float
    risks: tuple[float, float]
    expected_s: float
    later: tuple[Expression, Mapping[str, Any]] | None = None
    """What gives `target`, where that needs `u_B`: what the bench leaves uncertain."""

    def target_at(self, u_b: float) -> float:
        """Return the target, given the standard uncertainty of all that is declared."""
        if self.later is None:
            return self.target
        expression, env = self.later
        return float(expression({**env, "u_B": u_b}))


@dataclass(frozen=True, slots=True)
class ResolvedFurther:
    """When a unit's point is measured further than its `runs`; `over` in the measurand's unit.

    `known` are the values of the names in `when`, but for `mean`.
    """

    runs: int
    over: float | None
    again: int
    when: Expression | None
    more: int
    known: Mapping[str, Any]

    def jumps(self, values: Sequence[float]) -> bool:
        """Return whether the first runs lie further apart than they may."""
        first = values[: self.runs]
        return self.over is not None and max(first) - min(first) > self.over * (1.0 + 1e-9)

    def wants_more(self, values: Sequence[float]) -> bool:
        """Return whether the mean of the first runs calls for more of them."""
        first = values[: self.runs]
        mean = first[0] + sum(v - first[0] for v in first) / len(first)
        return self.when is not None and bool(self.when({**self.known, "mean": mean}))

    @property
    def most(self) -> int:
        """How many runs there may be beyond the first."""
        return self.again * self.runs + self.more


@dataclass(frozen=True, slots=True)
class ResolvedPoint:
    """A point of one unit under test: numbers where the procedure has expressions.

    `nominal` and `keep` are of the quantity that the line shares, in `nominal_unit`; `mpe` and
    `mpe_initial` (the half-width at the stage "initial") in the measurand's unit; `amount` in the
    unit of the totalised role; where readings are taken it is how long that takes, in s. `model` is
    the measurand's with all that is known of the unit at the point; `expect` has what roles are
    expected to show, in their units. `report_to` is the step of a reported value in the measurand's
    unit, None where it goes to the last place of U.
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
    model: Model
    occasion: str = "as_found"
    report_to: float | None = None
    values: dict[str, float] = field(default_factory=dict)
    """What has a value of its own at this point: `point.<field>`, and quantities of `where`."""
    stroke: str = ""
    soak: float = 0.0
    how_many: ResolvedHowMany | None = None
    expect: dict[str, float] = field(default_factory=dict)
    expected_s: float = 0.0
    """How long readings, or pulses, are expected to take, in s of bench time."""
    texts: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Quantities of the point that are words, in every language."""
    windows: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    """From where to where what a person reads is plausible, in which steps, by role."""
    limits_of_way: dict[str, float] = field(default_factory=dict)
    """Of a way that looks for a time: what is to be reached (`amount`), from where (`begins`)."""
    further: ResolvedFurther | None = None
    runs: int = 1
    """How often it is measured, where nothing calls for more."""
    carried: Mapping[str, tuple[Any, ResolvedPoint]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Where values come from that are carried here, by name: what is measured there, and where."""
    item: str = ""
    """The item that is measured in its own right there; "" of the file's own measurand."""
    consent: bool = False
    """Whether a person must agree before it is energised."""
    after: dict[str, float] = field(default_factory=dict)
    """What roles are set to when it is left."""
    env: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What an expression of its item may name outside of a point."""
    consumes: dict[str, float] = field(default_factory=dict)
    """What one run uses up, by name."""


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
