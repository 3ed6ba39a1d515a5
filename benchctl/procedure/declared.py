"""What a procedure declares, as frozen data: parameters, roles, limits, points.

Numbers are plain floats in the unit that stands beside them; expressions are evaluated on floats in
those units. A `Procedure` made of these comes from `load_procedure`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchctl.language import Expression
from benchctl.procedure.declared_by_hand import ByPerson, Plausible, Prompting
from benchctl.procedure.declared_readings import Comparing, Pulses, Readings, Timed
from benchctl.procedure.equation import Model

CYCLE = "cycle"
"""The quantity of a point that says which time it is gone to."""
Texts = Mapping[str, str]
"""A sentence in every language that benchctl speaks; one that the file gives once stands in all."""


@dataclass(frozen=True, slots=True)
class Standard:
    """The document that a procedure follows, with its edition."""

    name: str
    edition: str
    in_force: str = ""
    see_also: tuple[str, ...] = ()
    until: str = ""

    @property
    def title(self) -> str:
        """Name and edition as they are cited: `JJG 162-2019`."""
        return f"{self.name}-{self.edition}" if self.edition else self.name


@dataclass(frozen=True, slots=True)
class Parameter:
    """A property of a unit under test that must be known before it can be verified.

    Numbers are in `unit` ("" for a pure number). `default` is None where it must be given.
    """

    name: str
    unit: str = ""
    choices: tuple[float | str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    default: float | str | None = None
    about: Texts = field(default_factory=dict)
    also: tuple[str, ...] = ()
    """Further headers that a column of a batch may have for it."""
    same: bool = False
    """Whether all units of a run must have the same value: they share a source, or a plan."""


@dataclass(frozen=True, slots=True)
class Where:
    """A quantity that follows from the parameters; with a table, or `point.…`, one value per point.

    The value is that of `value` or of the table's row, kept within `at_least` and `at_most`.
    """

    name: str
    unit: str
    value: Expression | None
    table: Mapping[str, Expression]
    at_least: Expression | None
    at_most: Expression | None
    per_point: bool


@dataclass(frozen=True, slots=True)
class Need:
    """A role that the bench file binds to a channel, or states as a figure (`constant`).

    `shared` says how the units of a line have the channel: "source" all at once, "reader" one after
    the other, "" a channel of their own (`per_uut`) or no unit's at all. `usual` is what a plan
    reckons with, in `unit`.
    """

    role: str
    unit: str = ""
    settable: bool = False
    switch: bool = False
    per_uut: bool = False
    shared: str = ""
    optional: bool = False
    constant: bool = False
    usual: float | None = None
    about: Texts = field(default_factory=dict)
    person: ByPerson | None = None
    """What a person is told who reads it."""


@dataclass(frozen=True, slots=True)
class LineRule:
    """What units in one line have in common, and the largest value of it that a unit bears.

    `shares` is "" where they share no set-point; no more than `at_once` are in the line together.
    """

    shares: str
    at_most: Expression | None
    at_once: int | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """Limits of an environment quantity during a run, in the unit of its role."""

    role: str
    unit: str
    low: float | None
    high: float | None
    drift: float | None


@dataclass(frozen=True, slots=True)
class Component:
    """One declared source of uncertainty of an input.

    `kind` is resolution, certificate, repeatability, half_width or u. `value` is in `unit`; where
    `relative`, that unit is % of the input's value. A certificate has no value: the bench knows it.
    """

    kind: str
    value: Expression | None
    unit: str
    relative: bool


@dataclass(frozen=True, slots=True)
class Reporting:
    """How a result is written: the step of the value, and the rules that round value and U.

    `step` gives the step in the measurand's unit; None: to the last place of U. `rounding` and
    `of_u` are ids of `metrology.rounding_rules`.
    """

    step: Expression | None = None
    rounding: str = "gb-t-8170"
    of_u: str = "two-digits"


@dataclass(frozen=True, slots=True)
class Measurand:
    """The quantity that is stated and judged, with its model and the sources of its uncertainty.

    `method` evaluates it: "gum", "monte-carlo", or "" where the file does not say: by the GUM,
    without the check by the other one.
    """

    name: str
    unit: str
    model: Model
    inputs: Mapping[str, tuple[Component, ...]]
    reporting: Reporting = field(default_factory=Reporting)
    method: str = ""
    carry: Mapping[str, str] = field(default_factory=dict)
    """Names of the model that are the value at an earlier point of the same unit, by point."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A line of the table of limits: it holds where `when` does, or always.

    `low` and `high` are multiplied by `factor` to give the measurand's unit; a symmetric limit has
    only `high`.
    """

    when: Expression | None
    low: Expression | None
    high: Expression
    factor: float


@dataclass(frozen=True, slots=True)
class Decision:
    """How a result is judged, and what the reference standard must be good for.

    `rule` is the rule with its parameters, as `find_rule` reads it. `counts_u`: U decides, too, or
    at least whether the measurement is good enough. `rounded`: what is judged is the value as it is
    reported.

    `requires` knows U_reference and mpe_initial in the measurand's unit, and standard_ratio, which
    is the `ratio` of the stage.
    """

    rule: str
    requires: Expression | None
    ratio: Mapping[str, float]
    note: str = ""
    counts_u: bool = False
    rounded: bool = False


@dataclass(frozen=True, slots=True)
class Settle:
    """Settled: `role` stays `within` of the target for `dwell` s; after `timeout` s it is given up.

    `within` is a fraction of the target or, `absolute`, in the unit of the role. Without a role
    nothing is looked at. Then, `soak` s are waited for what follows the role more slowly.
    """

    role: str
    within: float
    dwell: float
    timeout: float
    absolute: bool = False
    soak: float = 0.0

    def half_width(self, target: float) -> float:
        """Return how far from the target counts as settled, in the unit of the target."""
        return self.within if self.absolute else self.within * abs(target)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the amount is had between two states of rest.

    `read` is read at rest, before and after; its difference is the input. At rest means that
    `follow`, which is read all the time, changes by no more than `within` (in `unit`) over `dwell`
    s; after `timeout` s that is given up. `divert` is a switch that is on from rest to rest;
    `drain` empties the vessel, of which `read` may be no more than `holds` (a constant).
    """

    read: str
    unit: str
    follow: str
    within: float
    dwell: float
    timeout: float
    divert: str | None = None
    drain: str | None = None
    holds: str | None = None


@dataclass(frozen=True, slots=True)
class Totalise:
    """Measure until `role`, which is read or follows from what is read, has reached `amount`.

    `quantity` evaluates the amount in `unit`, that of the role. `standing` is None for a flying
    start. `rate` is what comes per s, where the set-point does not tell.
    """

    role: str
    amount: str
    quantity: Expression
    unit: str
    start: str
    standing: Standing | None = None
    rate: Expression | None = None

    @property
    def shown(self) -> str:
        """What a screen shows beside the units."""
        return self.role


@dataclass(frozen=True, slots=True)
class Retest:
    """When a point is measured again, how often, and what the runs must then show."""

    when: str
    only_if_one_point_fails: bool
    runs: int
    at_least_inside: int
    of: int
    mean_inside: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person must agree to before points are energised for which `when` holds, or all."""

    when: Expression | None
    question: Texts


@dataclass(frozen=True, slots=True)
class Further:
    """When a point is measured further than its `runs`.

    Runs further apart than `over` (in the measurand's unit) are made again, `again` times at most;
    where their mean fulfils `when`, `more` runs follow and the mean of all counts.
    """

    over: Expression | None
    again: int
    when: Expression | None
    more: int


@dataclass(frozen=True, slots=True)
class Consumed:
    """What a run of a point uses up, in `unit`: of each unit, or once for all in the line."""

    name: str
    unit: str
    amount: Expression
    per_uut: bool
    title: Texts


@dataclass(frozen=True, slots=True)
class EachPoint:
    """What is done at every point; `set` gives each role its value, in the role's unit.

    Just one of `totalise`, `read`, `pulses`, `compare` and `timed` says how it is measured.
    `prompt` is what a person does at a point before it settles.
    """

    set: Mapping[str, Expression]
    settle: Settle
    totalise: Totalise | None
    runs: int
    retest: Retest | None
    read: Readings | None = None
    pulses: Pulses | None = None
    compare: Comparing | None = None
    consent: Consent | None = None
    after: Mapping[str, Expression] = field(default_factory=dict)
    """What roles are set to when the point is left."""
    timed: Timed | None = None
    prompt: Prompting | None = None
    further: Further | None = None
    plausible: Mapping[str, Plausible] = field(default_factory=dict)
    """By role that a person reads."""
    consumes: tuple[Consumed, ...] = ()

    @property
    def way(self) -> Totalise | Readings | Pulses | Comparing | Timed:
        """How it is measured."""
        return self.read or self.pulses or self.compare or self.timed or self.total

    @property
    def total(self) -> Totalise:
        """What is totalised.

        Raises:
            ValueError: the point is measured in another way.
        """
        if self.totalise is None:
            raise ValueError("nothing is totalised")
        return self.totalise

    @property
    def counted(self) -> frozenset[str]:
        """The roles of which the point itself says what they come to."""
        beside = self.read or self.pulses
        if beside is not None:
            return frozenset((beside.indication, beside.reference, *beside.expect))
        if self.compare is not None:
            return frozenset((self.compare.read,))
        if self.timed is not None:
            return frozenset((self.timed.role, *self.timed.expect))
        if self.totalise is None:
            return frozenset()
        standing = self.totalise.standing
        return frozenset((standing.read if standing else self.totalise.role,))


@dataclass(frozen=True, slots=True)
class Point:
    """A verification point: its declared quantities, and the band that must be kept during it."""

    name: str
    index: int
    fields: Mapping[str, Expression]
    keep: tuple[Expression, Expression] | None
    occasion: str = "as_found"
    note: str = ""
    when: Expression | None = None
    """Condition of the unit's parameters under which it has the point."""
    stages: tuple[str, ...] = ()
    stroke: str = ""
    """up or down: from where the point is come to; "" where that does not matter."""
    soak: float | None = None
    """Waited once it has settled, in s, where that differs from other points."""
    texts: Mapping[str, Texts] = field(default_factory=dict)
    """Quantities that are words: a place, a side."""
