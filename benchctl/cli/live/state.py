"""What the screen of a run knows: plain data, without words, colours or sizes.

Nothing in it is ever changed; `fold` makes the next state of it. Times are bench time in s, errors
in the unit of their column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchctl.cli.spoken import Titles
from benchctl.core.events import Event, RunClosed, RunPaused
from benchctl.core.verdicts import Verdict, worst

UNKNOWN_S = 1e6
"""A remaining time of that many s or more is none that anybody knows."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What was found of one unit at one point or item; `text` is the error with its sign, or ""."""

    verdict: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A point, or an item that is answered or observed (`is_point` False)."""

    name: str
    unit: str
    is_point: bool
    mpe: tuple[float, float] | None
    """The limits where they are the same for all units that have the point."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit under test; `planned` are the columns that it must pass."""

    serial: str
    position: int
    load: str
    planned: frozenset[str]
    cells: Mapping[str, Cell] = field(default_factory=dict)
    verdict: str | None = None
    """The verdict as far as it stands; None while it is open."""
    dropped: bool = False


def verdict_so_far(planned: frozenset[str], cells: Mapping[str, Cell]) -> str | None:
    """Return the verdict of a unit: a fail at once, the others when all that is planned is done."""
    found = {cell.verdict for cell in cells.values()}
    if Verdict.FAIL in found:
        return Verdict.FAIL
    if planned and planned <= cells.keys():
        return worst(Verdict(v) for v in found)
    return None


@dataclass(frozen=True, slots=True)
class Visit:
    """A set-point of a load; `members` are the units with the point at which each is measured."""

    id: str
    load: str
    points: tuple[str, ...]
    setpoint: float
    unit: str
    members: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Doing:
    """The action that goes on; `expected` is its planned duration in s, `began` bench time."""

    action: str
    kind: str
    began: float
    expected: float
    visit: str = ""
    item: str = ""
    serial: str = ""
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should hear of, as the event that says it."""

    t: float
    event: Event


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that waits for an answer; `question` is a message as plain data."""

    prompt: str
    question: Mapping[str, Any]
    serial: str


@dataclass(frozen=True, slots=True)
class About:
    """What run this is."""

    run: str = ""
    procedure: str = ""
    standard: str = ""
    service: str = ""
    stage: str = ""
    bench: str = ""
    operator: str = ""
    simulated: bool = False
    rate: float = 0.0
    """Bench seconds that surely pass in a real second; 0 where bench time jumps."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the screen of one run knows."""

    about: About = field(default_factory=About)
    t: float = 0.0
    """Bench time of the latest event in s."""
    units: Mapping[str, Unit] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    loads: tuple[str, ...] = ()
    visits: Mapping[str, Visit] = field(default_factory=dict)
    actions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The plan's actions by id, as they stand in the plan."""
    left: Mapping[str, float] = field(default_factory=dict)
    """Planned duration in s of every action that is not finished, retests not counted."""
    total: float = 0.0
    role_units: Mapping[str, str] = field(default_factory=dict)
    opened: int = 0
    """Instruments that answered."""
    doing: Doing | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    """Present values by role, in the role's unit."""
    progress: float = 0.0
    """Share of the action that is done."""
    remaining: float | None = None
    """Expected s of bench time until the action ends, at bench time `t`; None if unknown."""
    told: bool = False
    """Whether the action has told present values."""
    asked: Asked | None = None
    paused: RunPaused | None = None
    titles: Titles = field(default_factory=dict)
    """What items are called, by item and language."""
    judged: str = ""
    """The point that was judged last."""
    notes: tuple[Note, ...] = ()
    stopping: str = ""
    """Who asked to stop."""
    unsafe: tuple[str, ...] = ()
    """What could not be made safe."""
    closed: RunClosed | None = None


def load_of(state: State) -> str:
    """Return the load that is in the line: that of the action, else the first."""
    if state.doing is not None:
        found = state.actions.get(state.doing.action, {}).get("load")
        if found is not None:
            return str(found)
    return state.loads[0] if state.loads else ""


def visit_of(state: State) -> Visit | None:
    """Return the visit that goes on, None outside of one."""
    return state.visits.get(state.doing.visit) if state.doing is not None else None


def countdown(state: State, age: float = 0.0) -> float | None:
    """Return the expected bench seconds until the action ends, None where nobody knows.

    Args:
        state: what is known.
        age: real seconds since the latest event.
    """
    if state.doing is None or state.asked is not None:
        return None
    passed = state.about.rate * age
    if state.remaining is not None and 0 < state.remaining < UNKNOWN_S:
        return max(0.0, state.remaining - passed)
    left = state.doing.expected - (state.t - state.doing.began) - passed
    return left if left > 0 else None


def time_left(state: State, age: float = 0.0) -> float:
    """Return the expected bench seconds until the whole run ends, retests not counted."""
    doing = state.doing.action if state.doing is not None else ""
    others = sum(s for action, s in state.left.items() if action != doing)
    return others + (countdown(state, age) or 0.0)


def share_done(state: State, age: float = 0.0) -> float:
    """Return how much of the whole run is done, 0 to 1, by the durations that were planned."""
    if state.closed is not None:
        return 1.0
    doing = state.doing.action if state.doing is not None else ""
    left = sum(s * (1.0 - state.progress) if a == doing else s for a, s in state.left.items())
    done = max(0.0, state.total - left)
    if state.doing is not None and state.doing.conditional:
        left += countdown(state, age) or 0.0
    return done / (done + left) if done + left > 0 else 0.0
