"""The names of a plant's formulas at one instant, for the bench or for one of its units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from benchctl.simulation.plants.blocks import BENCH, Formula, Mood
from benchctl.simulation.plants.signals import Signal

if TYPE_CHECKING:
    from benchctl.simulation.plants.world import Segment, World

SUMS = ("all", "before", "after")
"""`all.x` is the sum of x over the units in the line; `before.x` and `after.x` of lower positions
and of higher ones."""


class View(Mapping[str, Any]):
    """Looks names up: of the unit, of the bench, and what is set."""

    __slots__ = ("_bench", "_known", "index", "mood", "own", "segment", "t", "world")

    def __init__(
        self,
        world: World,
        segment: Segment,
        t: float,
        index: int = BENCH,
        mood: Mood = Mood.AT,
        own: Mapping[str, Any] | None = None,
    ) -> None:
        self.world, self.segment, self.t, self.index, self.mood = world, segment, t, index, mood
        self.own = own or {}
        self._known: dict[str, Any] = {}
        self._bench: View | None = None

    @property
    def position(self) -> int:
        """The position of the unit; 0 for the bench."""
        return 0 if self.index == BENCH else self.world.units[self.index].position

    def evaluate(self, formula: Formula) -> Any:
        """Return the value of a formula."""
        if formula.curved and self.index != BENCH:
            return self.world.units[self.index].compiled(formula).of_numbers(self)
        return formula.expression.of_numbers(self)

    def of_unit(self, index: int) -> View:
        """Return the view of a unit at the same instant."""
        view = View(self.world, self.segment, self.t, index, self.mood)
        view._bench = self.of_bench()
        return view

    def later(self, seconds: float) -> View:
        """Return the view of the same one at another instant."""
        return self.moved_to(self.t + seconds)

    def moved_to(self, t: float) -> View:
        """Return the view of the same one at an instant."""
        return View(self.world, self.world.segment(t), t, self.index, self.mood)

    def __getitem__(self, name: str) -> Any:
        """Return the value of a name.

        Raises:
            KeyError: there is no such name.
        """
        if name in self._known:
            return self._known[name]
        value = self._known[name] = self._found(name)
        return value

    def _found(self, name: str) -> Any:
        if name in self.own:
            return self.own[name]
        plant, index = self.world.plant, self.index
        if index != BENCH:
            unit = self.world.units[index]
            if name in unit.constants:
                return unit.constants[name]
            if name in plant.each:
                return plant.each[name].value(self, (name, index))
            if name in ("mounted", "adjusted"):
                return self.segment.inputs[f"{name}@{unit.position}"]
        if name in plant.quantities:
            return plant.quantities[name].value(self.of_bench(), (name, BENCH))
        if name == "t":
            return self._time()
        return self._dotted(name)

    def of_bench(self) -> View:
        """Return the view of the bench at the same instant."""
        if self.index == BENCH:
            return self
        if self._bench is None:
            self._bench = View(self.world, self.segment, self.t, BENCH, self.mood, self.own)
        return self._bench

    def _time(self) -> Any:
        if self.mood is Mood.SIGNAL:
            return Signal(0.0, 1.0)
        return self.t if self.mood is Mood.AT else self.segment.t0

    def _dotted(self, name: str) -> Any:
        first, _, rest = name.partition(".")
        if first in SUMS and rest in self.world.plant.each:
            return self._sum(first, rest)
        if first == "fault" and rest in self.world.plant.faults:
            of_unit = self.world.plant.faults[rest].each
            return self.segment.inputs[f"{name}@{self.position}" if of_unit else name]
        if first == "constant":
            return self.world.standards.constant(rest)
        return self.world.given(name, self.segment.inputs[name])

    def _sum(self, which: str, name: str) -> Any:
        total: Any = 0.0
        here = self.position
        for n, unit in enumerate(self.world.units):
            counts = {"all": True, "before": unit.position < here, "after": unit.position > here}
            if counts[which] and self.segment.inputs[f"mounted@{unit.position}"]:
                total = total + self.of_unit(n)[name]
        return total

    def __iter__(self) -> Iterator[str]:
        """Iterate over the quantities."""
        return iter(self.world.plant.quantities)

    def __len__(self) -> int:
        """Return the number of quantities."""
        return len(self.world.plant.quantities)
