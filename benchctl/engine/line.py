"""What is in the line of a bench now, and where the bench stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchctl.procedure.plan import Load


@dataclass(slots=True)
class Line:
    """The line; `units` is replaced as a whole, so that any thread may look at it."""

    load: Load | None = None
    """The load that was mounted last."""
    units: Mapping[int, str] = field(default_factory=dict)
    """Serial number by position, of what is physically there."""
    leakers: set[str] = field(default_factory=set)
    """Units that leak; the run goes on without them."""
    reported: set[str] = field(default_factory=set)
    """Units whose leak is in the record."""
    leaks: int = 0
    """How often the load was opened for a leak."""
    due: list[str] = field(default_factory=list)
    """Items that the units which are left must pass again before the run goes on."""
    due_after: str = ""
    """After what, as the ids of these actions say it: `leak-1`, `resumed-1`."""
    visit: str = ""
    """The visit at whose set-point the bench stands; "" at rest or elsewhere."""
    steady: bool = False
    """Whether it has settled there."""

    def fill(self, load: Load, units: Mapping[int, str]) -> None:
        """Note that a load was put into the line."""
        self.load, self.units, self.leaks = load, dict(units), 0
        self.due.clear()

    def clear(self) -> None:
        """Note that the line is being opened: nothing in it counts."""
        self.units = {}

    def remove(self, position: int) -> None:
        """Note that a spool stands where a unit stood."""
        self.units = {p: serial for p, serial in self.units.items() if p != position}

    def present(self) -> list[str]:
        """Return the units that are in the line, in order of position."""
        return [serial for _, serial in sorted(self.units.items())]

    def at(self, visit: str, *, steady: bool) -> None:
        """Note where the bench stands."""
        self.visit, self.steady = visit, steady
