"""Reads `each_point: read`: units and reference read side by side, and how many readings.

read: {reference: bath_temperature, every: 2 s, how_many: 20 readings}
read:
  indication: thermometer
  reference: bath_temperature
  every: 2 s
  how_many: {until: u_A <= mpe / 10, at_least: 10, at_most: 200}
  order: there and back
  switch: 1 s
"""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.core.units import Unit, same_dimension, unit
from benchctl.procedure.declared import Need
from benchctl.procedure.declared_readings import (
    Readings,
)
from benchctl.procedure.how_many import HowManyReader
from benchctl.procedure.model_readings import ReadingsPart
from benchctl.procedure.names import Names, find_role
from benchctl.procedure.reading import Path, Reader
from benchctl.procedure.told import read_expected, read_time


class ReadingsReader:
    """Reads how a point is measured by readings; every mistake is reported."""

    def __init__(
        self, reader: Reader, names: Names, path: Path, measurand: Unit | None, nominal: Need | None
    ) -> None:
        self._reader = reader
        self._names = names
        self._path = path
        self._measurand = measurand
        self._nominal = nominal

    def read(self, value: object) -> Readings | None:
        """Return it, or None and diagnostics."""
        reader, path = self._reader, self._path
        part = reader.part(ReadingsPart, path, value)
        if part is None:
            return None
        indication = self._indication(part)
        reference = self._reference(part)
        every = read_time(reader, part.every, (*path, "every"))
        switch = (
            read_time(reader, part.switch, (*path, "switch")) if part.switch is not None else 0.0
        )
        lag = read_time(reader, part.lag, (*path, "lag")) if part.lag is not None else 0.0
        expect = read_expected(reader, self._names, part.expect, path)
        how_many = HowManyReader(reader, self._names, path, self._measurand).read(part.how_many)
        if indication is None or reference is None or every is None or how_many is None:
            return None
        self._check_expected((indication.role, part.reference), part)
        if indication.shared != "reader" and part.order == "there and back":
            hint = msg("procedure.make-reader", role=indication.role)
            message = msg("procedure.not-a-reader", role=indication.role)
            reader.wrong("E305", message, (*path, "order"), hint=hint)
        return Readings(
            indication=indication.role,
            reference=part.reference,
            unit=reference,
            every=every,
            how_many=how_many,
            switch=switch or 0.0,
            back=part.order == "there and back",
            lag=lag or 0.0,
            expect=expect,
        )

    def _indication(self, part: ReadingsPart) -> Need | None:
        """Return the role of each unit that is read."""
        needs = self._names.needs.values()
        per_uut = [n.role for n in needs if n.per_uut and not (n.switch or n.settable)]
        if part.indication is None:
            if len(per_uut) == 1:
                return self._names.needs[per_uut[0]]
            message = msg("procedure.which-indication", roles=", ".join(per_uut) or "—")
            self._reader.wrong("E101", message, self._path, key=True)
            return None
        path: Path = (*self._path, "indication")
        need = find_role(self._reader, self._names, part.indication, path)
        if need is not None and (not need.per_uut or need.switch):
            hint = msg("procedure.reader-per-uut")
            message = msg("procedure.not-per-uut", role=need.role)
            self._reader.wrong("E305", message, path, hint=hint)
            return None
        return need

    def _reference(self, part: ReadingsPart) -> str | None:
        """Return the unit of what the units are compared with."""
        path: Path = (*self._path, "reference")
        name = part.reference
        if name in self._names.derived:
            if name not in self._names.derived_units:
                hint = msg("procedure.declare-unit")
                message = msg("procedure.derived-unit", name=name)
                self._reader.wrong("E101", message, path, hint=hint)
            return self._names.derived_units.get(name)
        if name not in self._names.roles:
            known = [*self._names.roles, *self._names.derived]
            message = msg("procedure.unknown-role", role=name)
            self._reader.unknown_name(name, known, message, path)
            return None
        need = find_role(self._reader, self._names, name, path)
        if need is not None and (need.per_uut or need.switch):
            self._reader.wrong("E305", msg("procedure.not-a-reference", role=name), path)
            return None
        return need.unit if need else None

    def _check_expected(self, roles: tuple[str, ...], part: ReadingsPart) -> None:
        """Report a role of which a plan would not know what it shows at a point."""
        for role in roles:
            need = self._names.needs.get(role)
            if need is None or role in part.expect or need.usual is not None or need.constant:
                continue
            nominal = self._nominal
            if nominal is None or same_dimension(unit(need.unit), unit(nominal.unit)):
                continue
            hint = msg("procedure.give-expect", role=role)
            message = msg("procedure.no-expect", role=role)
            self._reader.wrong("E101", message, self._path, key=True, hint=hint)
