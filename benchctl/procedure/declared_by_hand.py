"""What a person does and reads, as frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchctl.language import Expression


@dataclass(frozen=True, slots=True)
class ByPerson:
    """How a role is read where the bench has a person read it.

    `ask` says what is to be read, and how, in every language. What is read is a whole number of
    `step`, an expression of a unit in the role's unit. `picture` is a file.
    """

    ask: Mapping[str, str]
    step: Expression | None = None
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Plausible:
    """From where to where what a person reads is plausible at a point, in the role's unit.

    An entry outside is asked for again.
    """

    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class Prompting:
    """What a person does at a point before it settles, or (`each_run`) before each of its runs.

    `ask` says it in every language, `show` are quantities of the point, parameters and quantities
    of `where` that stand in it with their values. `per` is uut or line: asked for each unit, or
    once. `picture` is a file.
    """

    ask: Mapping[str, str]
    show: tuple[str, ...] = ()
    per: str = "uut"
    each_run: bool = False
    in_turn: bool = False
    """Whether each unit is measured alone, right after what is done for it."""
    picture: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    """Units of what is shown."""
    wait: float = 0.0
    """Waited once it is confirmed, in s of bench time."""
