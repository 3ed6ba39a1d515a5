"""What a person does and reads, as frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchctl.language import Expression


@dataclass(frozen=True, slots=True)
class ByPerson:
    """How a role is read where the bench has a person read it.

    `ask` says what is to be read, and how, in every language; `low`, `high` and `step` are
    expressions of a unit at a point, in the role's unit: an entry outside is asked for again, and
    so is one that is no whole number of steps. `picture` is a file.
    """

    ask: Mapping[str, str]
    low: Expression | None = None
    high: Expression | None = None
    step: Expression | None = None
    picture: str = ""

    @property
    def bounded(self) -> bool:
        """Whether anything is said of which entries are plausible."""
        return any(x is not None for x in (self.low, self.high, self.step))


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
    picture: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    """Units of what is shown."""
