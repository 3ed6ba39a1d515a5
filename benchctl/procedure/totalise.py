"""Reads how a run is measured: what is totalised, flying or from rest to rest.

totalise: {until: reference_volume >= test_volume, start: flying}
totalise:
  until: reference_volume >= test_volume
  start: standing
  read: tank_mass
  rest: {tank_mass_now: within 0.002 kg for 8 s, timeout: 120 s}
  divert: diverter
  vessel: {holds: tank_capacity, drain: tank_drain}
"""

from __future__ import annotations

from typing import Any

from benchctl.core.messages import msg
from benchctl.core.units import unit
from benchctl.procedure.declared import Need, Standing, Totalise
from benchctl.procedure.grammar import Until, Within, parse_rest, parse_seconds, parse_until
from benchctl.procedure.model_base import RestPart
from benchctl.procedure.model_measuring import TotalisePart
from benchctl.procedure.names import Names, find_role
from benchctl.procedure.reading import Path, Reader

_ONLY_STANDING = ("read", "rest", "divert", "vessel")
_FORM = "{tank_mass_now: within 0.002 kg for 8 s, timeout: 120 s}"


def read_totalise(reader: Reader, names: Names, value: object, path: Path) -> Totalise | None:
    """Return what is totalised, and how; every mistake is reported."""
    part = reader.part(TotalisePart, path, value)
    here: Path = (*path, "until")
    text = reader.text(here)
    until = reader.sentence(parse_until, text, here)
    if text is None or until is None:
        return None
    unit_text = _unit_of(reader, names, until, text, here, part)
    to = unit(unit_text) if unit_text is not None else None
    quantity = reader.expression(until.amount, here, names.at_point(), to=to)
    standing = None
    if part is not None and part.start == "standing":
        standing = _Standing(reader, names, path).read(part)
        if standing is None:
            return None
    elif part is not None:
        _refuse_standing_parts(reader, part, path)
    if part is None or unit_text is None or quantity is None:
        return None
    rate = None
    if part.rate is not None:
        per_second = unit(f"{unit_text}/s")
        rate = reader.expression(part.rate, (*path, "rate"), names.at_point(), to=per_second)
    return Totalise(until.role, until.amount.text, quantity, unit_text, part.start, standing, rate)


def _unit_of(
    reader: Reader, names: Names, until: Until, text: str, path: Path, part: TotalisePart | None
) -> str | None:
    """Return the unit of what is totalised: a role, or what follows from roles."""
    start = text.index(until.role)
    within = (start, start + len(until.role))
    if until.role in names.derived:
        if part is not None and part.start != "standing":
            message = msg("procedure.derived-flying", name=until.role)
            reader.wrong("E305", message, path, within=within)
            return None
        if until.role not in names.derived_units:
            hint = msg("procedure.declare-unit")
            message = msg("procedure.derived-unit", name=until.role)
            reader.wrong("E101", message, path, within=within, hint=hint)
            return None
        return names.derived_units[until.role]
    if until.role not in names.roles:
        known = [*names.roles, *names.derived]
        message = msg("procedure.unknown-role", role=until.role)
        reader.unknown_name(until.role, known, message, path, within=within)
        return None
    need = find_role(reader, names, until.role, path, within=within)
    return need.unit if need and not need.switch else None


def _refuse_standing_parts(reader: Reader, part: TotalisePart, path: Path) -> None:
    for key in _ONLY_STANDING:
        if getattr(part, key) is not None:
            message = msg("procedure.only-standing", key=key)
            reader.wrong("E106", message, (*path, key), key=True)


class _Standing:
    """Reads what a standing start and stop needs."""

    def __init__(self, reader: Reader, names: Names, path: Path) -> None:
        self._reader = reader
        self._names = names
        self._path = path

    def read(self, part: TotalisePart) -> Standing | None:
        """Return it, or None and diagnostics."""
        missing = [key for key in ("read", "rest") if getattr(part, key) is None]
        if missing or part.read is None or part.rest is None:
            message = msg("procedure.standing-needs", keys=", ".join(missing))
            self._reader.wrong("E101", message, (*self._path, "start"))
            return None
        read = self._role(part.read, (*self._path, "read"))
        rest = self._rest(part.rest, read)
        divert = drain = holds = None
        if part.divert is not None:
            divert = self._switch(part.divert, (*self._path, "divert"))
        if part.vessel is not None:
            drain = self._switch(part.vessel.drain, (*self._path, "vessel", "drain"))
            holds = self._constant(part.vessel.holds, (*self._path, "vessel", "holds"), read)
        if read is None or rest is None:
            return None
        follow, within, timeout = rest
        return Standing(
            read.role, read.unit, follow, within.within, within.dwell, timeout, divert, drain, holds
        )

    def _role(self, role: str, path: Path, *, key: bool = False) -> Need | None:
        """Return a role that is read for the whole line."""
        need = find_role(self._reader, self._names, role, path, key=key)
        if need is not None and (need.switch or need.per_uut or need.constant):
            self._reader.wrong("E305", msg("procedure.cannot-settle", role=role), path, key=key)
            return None
        return need

    def _rest(self, part: RestPart, read: Need | None) -> tuple[str, Within, float] | None:
        path: Path = (*self._path, "rest")
        roles: dict[str, Any] = part.model_extra or {}
        timeout = self._reader.sentence(parse_seconds, part.timeout, (*path, "timeout"))
        if len(roles) != 1:
            hint = msg("procedure.form", form=_FORM)
            self._reader.wrong("E106", msg("procedure.one-role-settles"), path, hint=hint)
            return None
        role, text = next(iter(roles.items()))
        need = self._role(role, (*path, role), key=True)
        if need is None or timeout is None or not self._alike(need, read, (*path, role), key=True):
            return None
        within = self._reader.sentence(
            lambda text: parse_rest(text, need.unit), text, (*path, role)
        )
        if within is None:
            return None
        for size in (within.within, within.dwell, timeout - within.dwell):
            if not size > 0:
                message = msg("procedure.not-positive", value=f"{size:g}")
                self._reader.wrong("E105", message, (*path, role))
                return None
        return role, within, timeout

    def _switch(self, role: str, path: Path) -> str | None:
        need = find_role(self._reader, self._names, role, path, settable=True)
        if need is not None and not need.switch:
            self._reader.wrong("E305", msg("procedure.want-switch", role=role), path)
        return role

    def _constant(self, role: str, path: Path, read: Need | None) -> str | None:
        need = find_role(self._reader, self._names, role, path)
        if need is not None and not need.constant:
            self._reader.wrong("E305", msg("procedure.want-constant", role=role), path)
        elif need is not None:
            self._alike(need, read, path)
        return role

    def _alike(self, need: Need, read: Need | None, path: Path, *, key: bool = False) -> bool:
        """Report a role that is not in the unit of what is read at rest."""
        if read is None or need.unit == read.unit:
            return True
        message = msg("procedure.unit-misfit", unit=need.unit, to=read.unit)
        self._reader.wrong("E204", message, path, key=key)
        return False
