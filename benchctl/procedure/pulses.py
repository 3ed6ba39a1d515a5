"""Reads `each_point: pulses`: the reference's pulses between pulses of each unit.

pulses:
  until: meter_pulses >= ceil(10 * meter_constant * point.power / 3.6e6)
  reference: reference_pulses
  at_least: 10 s
"""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.core.units import unit
from benchctl.procedure.declared import Need
from benchctl.procedure.declared_readings import Pulses
from benchctl.procedure.grammar import parse_until
from benchctl.procedure.model_readings import PulsesPart
from benchctl.procedure.names import Names, find_role
from benchctl.procedure.reading import Path, Reader
from benchctl.procedure.told import read_expected, read_time


class PulsesReader:
    """Reads how pulses are counted; every mistake is reported."""

    def __init__(self, reader: Reader, names: Names, path: Path) -> None:
        self._reader = reader
        self._names = names
        self._path = path

    def read(self, value: object) -> Pulses | None:
        """Return it, or None and diagnostics."""
        reader, here = self._reader, (*self._path, "until")
        part = reader.part(PulsesPart, self._path, value)
        if part is None:
            return None
        until = reader.sentence(parse_until, part.until, here)
        if until is None:
            return None
        start = part.until.index(until.role)
        indication = self._of_unit(until.role, here, within=(start, start + len(until.role)))
        reference = self._of_unit(part.reference, (*self._path, "reference"))
        amount = None
        if indication is not None:
            scope = self._names.at_point()
            amount = reader.expression(until.amount, here, scope, to=unit(indication.unit))
        seconds = read_time(reader, part.at_least, (*self._path, "at_least"))
        every = read_time(reader, part.every, (*self._path, "every"))
        rate = None
        if part.rate is not None and indication is not None:
            path: Path = (*self._path, "rate")
            to = unit("Hz" if indication.unit == "1" else f"{indication.unit}/s")
            rate = reader.expression(part.rate, path, self._names.at_point(), to=to)
        expect = read_expected(reader, self._names, part.expect, self._path)
        if indication is None or reference is None or amount is None:
            return None
        if seconds is None or every is None:
            return None
        expect.setdefault(indication.role, amount)
        return Pulses(
            indication.role, reference.role, reference.unit, amount, seconds, every, rate, expect
        )

    def _of_unit(
        self, role: str, path: Path, *, within: tuple[int, int] | None = None
    ) -> Need | None:
        """Return a role that every unit has."""
        need = find_role(self._reader, self._names, role, path, within=within)
        if need is not None and (not need.per_uut or need.switch):
            hint = msg("procedure.reader-per-uut")
            message = msg("procedure.not-per-uut", role=role)
            self._reader.wrong("E305", message, path, hint=hint, within=within)
            return None
        return need
