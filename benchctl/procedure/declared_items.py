"""What a procedure declares beside the points, as frozen data: items, pauses, leaks, gaps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchctl.language import Expression
from benchctl.procedure.declared import Settle, Texts


@dataclass(frozen=True, slots=True)
class AskItem:
    """An item that a person answers yes or no, for each unit (`per` "uut") or for the line.

    `show` are the parameters that stand in the question; `reasons` what a "no" may be for, by code.
    """

    name: str
    question: Texts
    per: str
    stages: tuple[str, ...] = ()
    note: str = ""
    title: Texts = field(default_factory=dict)
    show: tuple[str, ...] = ()
    reasons: Mapping[str, Texts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HoldItem:
    """Bring roles to a value, settle, shut `isolate`, and watch `hold` for `seconds`.

    Passed if it falls by no more than `drop` (in the unit of `hold`) and the person who is asked
    says so.
    """

    name: str
    set: Mapping[str, Expression]
    settle: Settle
    isolate: str | None
    hold: str
    seconds: float
    drop: Expression | None
    ask: Texts | None
    per: str
    stages: tuple[str, ...] = ()
    note: str = ""
    title: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VentItem:
    """Let the line flow at `set` for `seconds`, `times` over, and come to rest each time.

    Passed where nobody is asked, or the person who is asked says that no air is left.
    """

    name: str
    set: Mapping[str, Expression]
    seconds: float
    times: int
    ask: Texts | None
    stages: tuple[str, ...] = ()
    note: str = ""
    title: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadItem:
    """Read a role while a point is held; passed where `passes` is true of the roles' values."""

    name: str
    during: str
    read: str
    passes: Expression
    per: str
    stages: tuple[str, ...] = ()
    note: str = ""
    title: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PointsItem:
    """A measurand at all its points.

    It bears the name of the file's own measurand, or is an item that is measured in its own right.
    """

    name: str
    stages: tuple[str, ...] = ()
    note: str = ""
    title: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AcrossItem:
    """A condition of the results of several points, `over` those or all; a `value` in `unit`.

    Passed where `passes` is true of the results, and of `value` where there is one.
    """

    name: str
    passes: Expression
    value: Expression | None = None
    unit: str = ""
    over: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    note: str = ""
    title: Texts = field(default_factory=dict)
    of: str = ""
    """The item whose results they are; "" where there is nothing else."""


Item = AskItem | HoldItem | VentItem | ReadItem | AcrossItem | PointsItem


@dataclass(frozen=True, slots=True)
class Bound:
    """A role that must be below a value, in the role's unit."""

    role: str
    below: float
    unit: str


@dataclass(frozen=True, slots=True)
class Adjust:
    """Which units are offered for adjusting: those that `fail`, or `always` all of them.

    `ask` is the question to the person who may adjust; without stages it applies to all.
    """

    when: str
    ask: Texts = field(default_factory=dict)
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspend:
    """What is done when the environment leaves its limits: wait, in s of bench time.

    The run goes on once everything was inside for `dwell`; after `at_most` it is given up.
    """

    dwell: float = 60.0
    at_most: float = 1800.0


@dataclass(frozen=True, slots=True)
class AfterGap:
    """How a run goes on that was cut off; times in s of bench time.

    After a gap longer than `after` the items `again` are passed again; after one longer than
    `at_most` the run cannot go on.
    """

    at_most: float = math.inf
    after: float = 0.0
    again: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AfterLeak:
    """What is done about a leak: the line is without pressure before it is opened.

    `again` are the items that the units which are left must pass again, in this order.
    """

    depressurise: Bound | None = None
    again: tuple[str, ...] = ()
