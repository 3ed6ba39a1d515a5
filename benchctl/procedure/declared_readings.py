"""How a point is measured by reading side by side, as frozen data: what, how often, how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchctl.language import Expression

COUNT, TIME, PRECISION, TWO_STAGES, SEQUENTIAL, EARLY = (
    "count",
    "time",
    "precision",
    "two-stages",
    "sequential",
    "early",
)
"""The rules that say how many readings are taken."""

WITHOUT_VALUE = frozenset({SEQUENTIAL, EARLY})
"""Rules that stop once the verdict is known: a mean that ended so is biased and not stated."""


@dataclass(frozen=True, slots=True)
class HowMany:
    """How many readings are taken; `rule` says which of the fields mean something.

    count: `at_most` readings. time: those of `seconds`. precision: at least `at_least`, until u_A
    is `target` or less. two-stages: `at_least` first, then as many as the mean to ± `target` at
    `confidence` needs. sequential: Wald's test with the indifference half-width `target`, `sigma`
    of one reading and `risks` of a false fail and a false pass. early: `at_most` are planned; from
    `at_least` on it ends once the verdict changes with no more than the first of `risks`.
    Expressions are in the measurand's unit and may name `mpe`, half the width of the limits.
    """

    rule: str
    at_most: int = 0
    at_least: int = 0
    seconds: float = 0.0
    target: Expression | None = None
    sigma: Expression | None = None
    confidence: float = 0.95
    risks: tuple[float, float] = (0.05, 0.05)

    @property
    def states_value(self) -> bool:
        """Whether what it gives may be stated as a value, and not only judged."""
        return self.rule not in WITHOUT_VALUE


@dataclass(frozen=True, slots=True)
class Readings:
    """Read each unit beside the reference, and take the mean of what the model makes of each pair.

    `indication` is a role of each unit. `reference`, a role or what follows from roles, is in
    `unit`. `every` is in s between two readings of one unit, `switch` in s between selecting a
    unit and reading it. `back` says that units which share a reader are read there and back.
    `expect` gives roles the values that a plan reckons with, in their units. What follows the
    reference by up to `lag` s is wrong by its drift times that.
    """

    indication: str
    reference: str
    unit: str
    every: float
    how_many: HowMany
    switch: float = 0.0
    back: bool = False
    lag: float = 0.0
    expect: Mapping[str, Expression] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """What a screen shows beside the units."""
        return self.reference


COUNTING, WAITING, CHANGING = "count", "wait", "rate"
"""The ways that look at a role for a time, by the key that says so."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Look at `role`, of each unit or of the line, for `seconds` at most, `every` so many.

    Both are in s at a point.

    count: by how much it rises; over early once that is more than `amount`. wait: how long until it
    has reached `amount` (`falling`: from above), since the beginning or since it reached `begins`.
    rate: by how much it changes, by a straight line through all readings. `gives` are the names
    that the model has of it, with their units; `expect` what a plan reckons with, by name.
    """

    kind: str
    role: str
    unit: str
    per_uut: bool
    seconds: Expression
    every: Expression
    amount: Expression | None = None
    falling: bool = False
    begins: Expression | None = None
    gives: Mapping[str, str] = field(default_factory=dict)
    expect: Mapping[str, Expression] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """What a screen shows beside the units."""
        return self.role

    @property
    def counts(self) -> bool:
        """Whether the role is a count, which goes on from where it stands."""
        return self.unit == "imp"


@dataclass(frozen=True, slots=True)
class Comparing:
    """Put reference (A) and unit (B) in turn on one instrument, and take the difference B - A.

    `read` is the instrument's role, in `unit`; in the model it is the difference, free of drift.
    `sequence` is gone through `cycles` times. Before each reading `wait` s are waited; then, where
    `follow` is given, until that changes by no more than `within` over `dwell` s, `timeout` s at
    most. `exchange` is a switch that brings B (on) or A (off); without it a person is asked, in the
    words of `put` by letter.
    """

    read: str
    unit: str
    sequence: str
    cycles: int
    wait: float = 0.0
    follow: str = ""
    within: float = 0.0
    dwell: float = 0.0
    timeout: float = 0.0
    exchange: str = ""
    put: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """What a screen shows beside the units."""
        return self.read


@dataclass(frozen=True, slots=True)
class Pulses:
    """Count the reference's pulses between pulses of each unit.

    `indication` counts a unit's pulses and `reference` is the count of the reference's at its last
    one, both roles of each unit. It goes on until the unit has given `amount` pulses, and for
    `seconds` at least; they are read `every` so many s. `rate` is how many come per s, for a plan;
    `expect` gives roles the values that it reckons with.
    """

    indication: str
    reference: str
    unit: str
    amount: Expression
    seconds: float
    every: float
    rate: Expression | None = None
    expect: Mapping[str, Expression] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """What a screen shows beside the units."""
        return self.reference
