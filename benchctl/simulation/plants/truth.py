"""What is true of a unit at a declared point: the plant's names, and those of the point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchctl.simulation.plants.view import View
from benchctl.simulation.plants.world import World

PART = "truth."


class Truth(View):
    """The names at an instant, `point.x` of a point, and `truth.x` of other lines of `truth`."""

    def __init__(self, world: World, t: float, index: int, point: Mapping[str, Any]) -> None:
        own = {f"point.{name}": value for name, value in point.items()}
        super().__init__(world, world.segment(t), t, index, own=own)

    def _found(self, name: str) -> Any:
        if name.startswith(PART):
            return self.evaluate(self.world.plant.truth[name.removeprefix(PART)])
        return super()._found(name)
