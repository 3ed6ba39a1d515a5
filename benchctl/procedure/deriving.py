"""Reads `measurand: where`: quantities that follow from what is read, in order of dependence.

An entry is an expression of roles, of other entries, of `uut.position` and `run.duration`; or a
mapping with its unit and such an expression.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from benchctl.core.messages import msg
from benchctl.core.units import Unit
from benchctl.language import Expression
from benchctl.procedure.dimensions import PLAIN, UNKNOWN, Dim, quantity_of
from benchctl.procedure.equation import Derived
from benchctl.procedure.functions import FUNCTIONS
from benchctl.procedure.model_measuring import DerivedPart
from benchctl.procedure.names import Names, check_name
from benchctl.procedure.reading import Path, Reader

_BASE: Path = ("measurand", "where")


class DerivedReader:
    """Reads the entries; what is known of each becomes a name of the model."""

    def __init__(self, reader: Reader, names: Names) -> None:
        self._reader = reader
        self._names = names
        self._texts: dict[str, tuple[str, Path]] = {}
        self._formulas: dict[str, Expression] = {}
        self._units: dict[str, Unit] = {}

    def read(self) -> tuple[Derived, ...]:
        """Return the entries that are in order, each after those that it uses."""
        taken: dict[str, Path] = {n: ("parameters", n) for n in self._names.parameters}
        taken |= {n: ("where", n) for n in (*self._names.run_wide, *self._names.per_point)}
        taken |= {n: ("needs", n) for n in self._names.roles}
        for name, value in self._mapping().items():
            check_name(self._reader, name, (*_BASE, name), FUNCTIONS, taken)
            self._names.derived[name] = UNKNOWN
            self._entry(name, value)
        return tuple(d for name in self._ordered() if (d := self._derived(name)) is not None)

    def _mapping(self) -> dict[str, object]:
        if not isinstance(self._reader.data.get("measurand"), dict):
            return {}
        return self._reader.mapping(_BASE)

    def _entry(self, name: str, value: object) -> None:
        reader, path = self._reader, (*_BASE, name)
        if isinstance(value, dict | list):
            part = reader.part(DerivedPart, path, value)
            if part is None:
                return
            if (unit := reader.unit(part.unit, (*path, "unit"))) is not None:
                self._units[name] = unit
            self._texts[name] = (part.value, (*path, "value"))
        elif (text := reader.text(path)) is not None:
            self._texts[name] = (text, path)
        if name in self._texts:
            formula = reader.formula(*self._texts[name])
            if formula is not None:
                self._formulas[name] = formula

    def _ordered(self) -> list[str]:
        """Return the names so that each comes after those it uses; a cycle is reported."""
        known = self._formulas
        uses = {name: sorted(f.names & known.keys()) for name, f in known.items()}
        try:
            return list(TopologicalSorter(uses).static_order())
        except CycleError as error:
            cycle = list(reversed(error.args[1]))
            message = msg("procedure.cycle", names=" → ".join(cycle))
            first = min(cycle, key=list(known).index)
            self._reader.wrong("E304", message, (*_BASE, first), key=True)
            return []

    def _derived(self, name: str) -> Derived | None:
        reader, (text, path) = self._reader, self._texts[name]
        dim = reader.dimension(text, self._formulas[name], path, self._names.measured())
        if dim.kind in {"truth", "text"}:
            reader.wrong("E204", msg("procedure.no-number"), path)
            return None
        unit = self._units.get(name)
        if unit is not None:
            reader.fitting(dim, unit, path)
            dim = quantity_of(unit)
            self._names.derived_units[name] = unit.symbol
        self._names.derived[name] = _settled(dim)
        return Derived(name, unit.symbol if unit else "", self._formulas[name])


def _settled(dim: Dim) -> Dim:
    """Return what is known of a value once it has a name: its unit is that of its formula."""
    if dim.kind == "number":
        return PLAIN
    return dim.primary if dim.kind == "quantity" else dim
