"""What is said of a unit: verdicts on points and items, what its neighbours tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchctl.core.events.base import JSON, Event


@dataclass(frozen=True, slots=True)
class PointJudged(Event):
    """The verdict on a point of a unit, from the runs made so far.

    A later one replaces it in the fold.
    """

    KIND: ClassVar[str] = "point-judged"
    uut: str
    item: str
    point: str
    occasion: str
    quantity: str
    unit: str
    nominal: JSON | None
    error: float | None
    reported: str | None
    judged_on: str | None
    k: float | None
    U: float | None
    dof: float | None
    U_reference: float | None
    mpe: tuple[float, float] | None
    accept: tuple[float, float] | None
    rule: str | None
    verdict: str
    why: JSON
    statement: str | None = None
    """What the rule says; finer than the verdict: conditional_pass, uncertainty_too_large ..."""
    p_conform: float | None = None
    specific_risk: float | None = None
    """Of accepting the value, or of rejecting it where it is rejected (JCGM 106, 9.3.2)."""
    tur: float | None = None
    rule_version: str | None = None
    method: str | None = None
    """gum | monte-carlo."""
    check: JSON | None = None
    """What the other method found for a budget like this one (JCGM 101, 8)."""
    reported_U: str | None = None  # noqa: N815
    rounding: str | None = None
    """The rule by which `reported` was rounded."""


@dataclass(frozen=True, slots=True)
class ItemJudged(Event):
    """The verdict on an item that is answered or observed (appearance, tightness, function)."""

    KIND: ClassVar[str] = "item-judged"
    uut: str
    item: str
    verdict: str
    why: JSON
    observed: JSON
    """What was seen: an answer, a drop with its unit, a rate."""
    occasion: str = "as_found"
    """as_found, or as_left once the unit was adjusted."""


@dataclass(frozen=True, slots=True)
class ConsensusNoted(Event):
    """What units measured side by side say together; a finding, never a verdict."""

    KIND: ClassVar[str] = "consensus-noted"
    visit: str
    point: str
    what: str
    """shift | step."""
    value: float
    unit: str
    n: int
    p: float
    """Chance of so large a value where there is nothing."""
    why: JSON
    """A message: what it is, and what to look at."""
    positions: tuple[int, ...]
    """Of a step, the places before and behind it."""
