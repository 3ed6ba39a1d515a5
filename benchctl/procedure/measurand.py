"""Reads the measurand: its model, its inputs, and the sources of their uncertainty."""

from __future__ import annotations

from typing import Any

from benchctl.core.messages import msg
from benchctl.core.suggest import closest
from benchctl.core.units import (
    Unit,
    UnitError,
    difference_factor,
    misfit,
    same_dimension,
    unit,
)
from benchctl.language import QuantityError, parse_expression, parse_quantity
from benchctl.procedure.carried import read_carry
from benchctl.procedure.declared import Component, EachPoint, Measurand
from benchctl.procedure.equation import Derived, Model
from benchctl.procedure.model_measuring import ComponentPart, QuantityPart
from benchctl.procedure.names import Names, find_role
from benchctl.procedure.reading import Path, Reader
from benchctl.procedure.reporting import read_reporting

_PARTS = ("where", "uncertainty", "carry")
_COMPONENTS = ("resolution", "certificate", "repeatability", "half_width", "u")


class MeasurandReader:
    """Reads the measurand; its name and unit are known even where the rest has mistakes."""

    def __init__(
        self, reader: Reader, names: Names, steps: tuple[Derived, ...], each: EachPoint | None
    ) -> None:
        self._reader = reader
        self._names = names
        self._steps = steps
        self._each = each
        self.unit: Unit | None = None
        self.name = ""

    def read(self) -> Measurand | None:
        """Return the measurand."""
        reader = self._reader
        data = reader.mapping(("measurand",))
        names = self._measurand_names(data)
        inputs = self._inputs()
        if not names:
            return None
        name, path = names[0], ("measurand", names[0])
        self.name = name
        part = reader.part(QuantityPart, path, data[name])
        if part is None:
            return None
        self.unit = reader.unit(part.unit, (*path, "unit"))
        scope = self._names.measured()
        result = reader.expression(part.model, (*path, "model"), scope, to=self.unit)
        reporting = read_reporting(reader, self._names, part, path, self.unit)
        if result is None or self.unit is None:
            return None
        exact = self._names.at_point().names.keys() - self._names.roles.keys()
        model = Model(result, self._steps, exact=frozenset(exact))
        self._check_inputs(model, name)
        self._check_usual(model)
        carry = read_carry(reader, self._names)
        return Measurand(name, part.unit, model, inputs, reporting, part.uncertainty or "", carry)

    def _measurand_names(self, data: dict[str, Any]) -> list[str]:
        reader = self._reader
        names: list[str] = []
        for key in data:
            path = ("measurand", key)
            if key in _PARTS:
                continue
            if names or (key not in _quantity_keys(data) and closest(key, _PARTS)):
                message = msg("procedure.one-measurand", name=key)
                reader.unknown_name(key, _PARTS, message, path, key=True)
            else:
                names.append(key)
        if not names and isinstance(self._reader.data.get("measurand"), dict):
            reader.wrong("E101", msg("procedure.no-measurand"), ("measurand",), key=True)
        return names

    def _check_inputs(self, model: Model, name: str) -> None:
        """Report inputs without a source of uncertainty, and sources of what is no input."""
        reader = self._reader
        if len(model.steps) < len(self._names.derived):  # one has a mistake of its own
            return
        declared = reader.mapping(("measurand", "uncertainty"))
        exact = {need.role for need in self._names.needs.values() if need.constant}
        for role in sorted(model.names & self._names.roles.keys() - declared.keys() - exact):
            hint = msg("procedure.give-components", role=role)
            message = msg("procedure.no-components", role=role)
            reader.wrong("E101", message, ("measurand", "uncertainty"), key=True, hint=hint)
        for role in declared:
            if role in self._names.roles and role not in model.names:
                message = msg("procedure.not-an-input", role=role, measurand=name)
                reader.wrong("E305", message, ("measurand", "uncertainty", role), key=True)

    def _check_usual(self, model: Model) -> None:
        """Report roles of whose values a plan would know nothing."""
        if self._each is None:  # which has mistakes of its own
            return
        counted = self._each.counted
        if self._each.read is not None:
            counted |= model.feeding(self._each.read.reference)
        for role in sorted((model.names & self._names.needs.keys()) - counted):
            need = self._names.needs[role]
            if need.usual is None and not (need.per_uut or need.constant):
                hint = msg("procedure.give-usual", role=role)
                message = msg("procedure.no-usual", role=role)
                self._reader.wrong("E101", message, ("needs", role), key=True, hint=hint)

    # uncertainty

    def _inputs(self) -> dict[str, tuple[Component, ...]]:
        reader = self._reader
        inputs = {}
        base: Path = ("measurand", "uncertainty")
        for role in reader.mapping(base):
            path = (*base, role)
            need = self._names.told.get(role)
            need = need or find_role(reader, self._names, role, path, key=True)
            rows = reader.sequence(path)
            if not rows:
                reader.wrong("E106", msg("procedure.no-components", role=role), path, key=True)
            components = []
            for i, row in enumerate(rows):
                part = reader.part(ComponentPart, (*path, i), row)
                wanted = unit(need.unit) if need else None
                component = self._component(part, (*path, i), wanted) if part else None
                if component and need:
                    components.append(component)
                    self._check_component(component, need.per_uut, (*path, i, component.kind))
            inputs[role] = tuple(components)
        return inputs

    def _component(self, part: ComponentPart, path: Path, wanted: Unit | None) -> Component | None:
        given = {k: getattr(part, k) for k in _COMPONENTS if getattr(part, k) is not None}
        if len(given) != 1:
            hint = msg("procedure.one-of", names=", ".join(_COMPONENTS))
            self._reader.wrong("E106", msg("procedure.one-component"), path, hint=hint)
            return None
        kind, value = next(iter(given.items()))
        if kind == "certificate":
            if value is not True:
                self._reader.wrong("E103", msg("procedure.certificate-true"), (*path, kind))
                return None
            return Component(kind, None, "", relative=False)
        if wanted is None:
            return None
        return self._sized(kind, value, (*path, kind), wanted)

    def _sized(self, kind: str, text: str, path: Path, wanted: Unit) -> Component | None:
        """Return a component given as `0.03 %` of the input, a quantity, or an expression."""
        try:
            quantity = parse_quantity(text)
        except QuantityError:
            value = self._reader.expression(text, path, self._names.everywhere(), to=wanted)
            return Component(kind, value, wanted.symbol, relative=False) if value else None
        given = quantity.unit
        written = text.strip()[-1:]
        relative = not any(given.dimension) and written in {"%", "‰"}
        if relative and (any(wanted.dimension) or wanted.symbol not in {"%", "‰"}):
            size, shown = quantity.value * given.factor * 100, "%"
        elif written.isdigit() or written == ".":
            size, shown, relative = quantity.value, wanted.symbol, False
        elif not same_dimension(given, wanted):
            error = misfit(given, wanted)
            self._reader.wrong("E204", error.message, path, hint=error.hint)
            return None
        else:
            size, shown = quantity.value * difference_factor(given, wanted), wanted.symbol
            relative = False
        if size < 0:
            self._reader.wrong("E105", msg("procedure.negative", value=text), path)
            return None
        return Component(kind, parse_expression(repr(size)), shown, relative)

    def _check_component(self, component: Component, per_uut: bool, path: Path) -> None:
        """Report a reference's uncertainty that would differ between the units it serves."""
        if not per_uut and component.value is not None:
            for name in sorted(component.value.names & self._names.parameters.keys()):
                self._reader.wrong("E305", msg("procedure.shared-component", name=name), path)


def measurand_unit(reader: Reader) -> Unit | None:
    """Return the unit of the measurand, None where it cannot be told; nothing is reported."""
    data = reader.data.get("measurand")
    if not isinstance(data, dict):
        return None
    for key in _quantity_keys(data):
        try:
            return unit(str(data[key].get("unit"))) if key not in _PARTS else None
        except UnitError:
            return None
    return None


def _quantity_keys(data: dict[str, Any]) -> list[str]:
    """Return the keys whose value looks like that of a measurand."""
    return [k for k, v in data.items() if isinstance(v, dict) and "model" in v]
