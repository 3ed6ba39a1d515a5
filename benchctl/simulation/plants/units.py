"""The units under test of a declared plant: what each of them truly is, drawn from the seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchctl.language import FUNCTIONS, Expression, Function, parse_expression
from benchctl.simulation.noise import Noise
from benchctl.simulation.plants.blocks import Formula
from benchctl.simulation.plants.plant import Plant, naming
from benchctl.simulation.uuts import SimulatedUut


@dataclass(slots=True)
class PlantUnit:
    """One unit: the names that are constant for it, and its own curves."""

    unit: SimulatedUut
    kind: str
    constants: Mapping[str, Any]
    functions: Mapping[str, Function]
    _compiled: dict[str, Expression] = field(default_factory=dict)

    @property
    def position(self) -> int:
        """Where it is."""
        return self.unit.position

    def compiled(self, formula: Formula) -> Expression:
        """Return a formula that calls this unit's curves."""
        text = formula.expression.text
        if text not in self._compiled:
            self._compiled[text] = formula.of(self.functions)
        return self._compiled[text]


def draw_functions(luck: Noise, key: str) -> Mapping[str, Function]:
    """Return what may be called where a unit is drawn: everything, `uniform` and `normal`.

    `uniform(low, high)` is evenly distributed, `normal(sigma)` about 0. A number of its own for
    each call in a text, the same in every run of the same seed.
    """
    calls = iter(range(1000))

    def uniform(low: float, high: float) -> float:
        return luck.uniform(f"{key}/{next(calls)}", low, high)

    def normal(sigma: float) -> float:
        return luck.gauss(f"{key}/{next(calls)}", sigma)

    return {**FUNCTIONS, "uniform": Function(uniform, 2, 2), "normal": Function(normal)}


def drawn_units(plant: Plant, seed: int, units: Sequence[SimulatedUut]) -> tuple[PlantUnit, ...]:
    """Return the units of a batch as they truly are."""
    return tuple(_drawn(plant, seed, unit) for unit in units)


def kind_of(plant: Plant, position: int) -> str:
    """Return of which kind the unit at a position is."""
    kinds = plant.units.kinds
    return kinds[(position - 1) % len(kinds)]


def _drawn(plant: Plant, seed: int, unit: SimulatedUut) -> PlantUnit:
    kind = unit.texts.get("kind", "")
    if kind not in plant.units.kinds:
        kind = kind_of(plant, unit.position)
    luck = Noise(seed, f"unit {unit.serial}")
    known: dict[str, Any] = {
        **plant.units.usual,
        **unit.parameters,
        **unit.texts,
        "position": float(unit.position),
        "kind": kind,
    }
    for drawn in plant.units.draw:
        with naming("uuts", "draw", drawn.name):
            functions = draw_functions(luck, drawn.name)
            known[drawn.name] = parse_expression(drawn.text(kind), functions=functions)(known)
    own = dict(FUNCTIONS)
    for curve in plant.units.curves:
        with naming("uuts", "curves", curve.name):
            through = curve.through([(x(known), y(known)) for x, y in curve.of_kind(kind)])
            own[curve.name] = Function(through)
    return PlantUnit(unit, kind, known, own)
