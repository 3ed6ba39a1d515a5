"""Reads what a plant file says of its units under test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchctl.core.messages import msg
from benchctl.language import FUNCTIONS, Function
from benchctl.simulation.plants.formulas import Place, Scribe
from benchctl.simulation.plants.model import CurvePart, Knots, UnitsModel
from benchctl.simulation.plants.plant import USUAL, Curve, Drawn, UnitsPart


class UnitsReading:
    """The part `uuts` while it is read; `positions` are those of the bench file."""

    def __init__(self, scribe: Scribe, part: UnitsModel, positions: int | None) -> None:
        self.scribe, self.part, self.positions = scribe, part, positions

    def units(self) -> UnitsPart:
        """Return what stands there, as far as it is right."""
        part = self.part
        count = part.count or self.positions
        if count is None:
            self.scribe.wrong("E101", msg("simulation.plant-how-many"), ("uuts",))
        known = {*part.usual, "kind", "position"}
        drawn = []
        functions = {**FUNCTIONS, "uniform": Function(_low, 2, 2), "normal": Function(_low)}
        for name, given in part.draw.items():
            place: Place = ("uuts", "draw", name)
            texts = {USUAL: given} if isinstance(given, str) else given
            for kind, text in texts.items():
                at = place if isinstance(given, str) else (*place, kind)
                self.kind(kind, at)
                self.scribe.expression(text, at, known, functions)
            self.complete(texts, place)
            drawn.append(Drawn(name, texts))
            known.add(name)
        return UnitsPart(
            count=count or 1,
            serial=part.serial,
            kinds=tuple(part.kinds),
            usual=part.usual,
            draw=tuple(drawn),
            curves=tuple(self.curve(n, c, known) for n, c in part.curves.items()),
            columns=part.columns,
        )

    def kind(self, kind: str, place: Place) -> None:
        """Refuse a kind that no unit is of."""
        if kind not in (USUAL, *self.part.kinds):
            what = msg("simulation.plant-no-kind", kind=kind)
            self.scribe.unknown(what, kind, self.part.kinds, place)

    def complete(self, by_kind: Mapping[str, Any], place: Place) -> None:
        """Refuse what says nothing for a kind."""
        if USUAL in by_kind:
            return
        for kind in self.part.kinds:
            if kind not in by_kind:
                what = msg("simulation.plant-kind-missing", kind=kind)
                self.scribe.wrong("E101", what, place)

    def curve(self, name: str, part: CurvePart, known: set[str]) -> Curve:
        """Return a curve, which has knots for every kind."""
        place: Place = ("uuts", "curves", name)
        which = "smooth" if part.smooth is not None else "straight"
        given = getattr(part, which)
        if given is None or (part.smooth is not None and part.straight is not None):
            self.scribe.wrong("E106", msg("simulation.plant-smooth-or-straight"), place)
            return Curve(name, {}, True)
        place = (*place, which)
        lists: dict[str, Knots] = {USUAL: given} if isinstance(given, list) else given
        self.complete(lists, place)
        knots = {}
        for kind, rows in lists.items():
            at = place if isinstance(given, list) else (*place, kind)
            self.kind(kind, at)
            read = [
                [self.scribe.expression(text, (*at, n, m), known) for m, text in enumerate(row)]
                for n, row in enumerate(rows)
            ]
            knots[kind] = tuple((x, y) for x, y in read if x is not None and y is not None)
        return Curve(name, knots, which == "smooth")


def _low(low: float, _high: float = 0.0) -> float:
    return low
