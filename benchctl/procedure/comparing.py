"""Reads `each_point: compare`: reference and unit on one instrument, in turn.

compare:
  read: comparator
  sequence: A B B A
  cycles: 3
  rest: {comparator_now: within 0.02 mg for 5 s, timeout: 60 s}
"""

from __future__ import annotations

import re
from typing import Any

from benchctl.core.messages import msg
from benchctl.procedure.declared import Need, Texts
from benchctl.procedure.declared_readings import Comparing
from benchctl.procedure.grammar import parse_rest, parse_seconds
from benchctl.procedure.model_readings import ComparingPart
from benchctl.procedure.names import Names, find_role
from benchctl.procedure.reading import Path, Reader

SEQUENCE = re.compile(r"A(?: [AB])+ A")
LONGEST = 40


class ComparingReader:
    """Reads how two things are compared; every mistake is reported."""

    def __init__(self, reader: Reader, names: Names, path: Path) -> None:
        self._reader = reader
        self._names = names
        self._path = path

    def read(self, value: object) -> Comparing | None:
        """Return it, or None and diagnostics."""
        reader = self._reader
        part = reader.part(ComparingPart, self._path, value)
        if part is None:
            return None
        need = self._role(part.read, (*self._path, "read"))
        sequence = self._sequence(part.sequence)
        wait = 0.0
        if part.wait is not None:
            wait = reader.sentence(parse_seconds, part.wait, (*self._path, "wait")) or 0.0
        rest = self._rest(part) if part.rest is not None else ("", 0.0, 0.0, 0.0)
        exchange = self._exchange(part.exchange) if part.exchange is not None else ""
        put: dict[str, Texts] = {
            k: reader.texts(v, (*self._path, "put", k)) for k, v in part.put.items()
        }
        if need is None or not sequence or rest is None or exchange is None:
            return None
        return Comparing(
            read=need.role,
            unit=need.unit,
            sequence=sequence,
            cycles=part.cycles,
            wait=wait,
            follow=rest[0],
            within=rest[1],
            dwell=rest[2],
            timeout=rest[3],
            exchange=exchange,
            put=put,
        )

    def _role(self, role: str, path: Path, *, key: bool = False) -> Need | None:
        need = find_role(self._reader, self._names, role, path, key=key)
        if need is not None and (need.switch or need.per_uut or need.constant):
            self._reader.wrong("E305", msg("procedure.not-for-all", role=role), path, key=key)
            return None
        return need

    def _sequence(self, text: str) -> str:
        """Return the letters; both stand in it, so that the difference is told from the drift."""
        plain = " ".join(text.split())
        if SEQUENCE.fullmatch(plain) and "B" in plain and len(plain) <= 2 * LONGEST:
            return plain.replace(" ", "")
        hint = msg("procedure.form", form="A B B A")
        path: Path = (*self._path, "sequence")
        self._reader.wrong("E206", msg("procedure.no-sequence"), path, hint=hint)
        return ""

    def _rest(self, part: ComparingPart) -> tuple[str, float, float, float] | None:
        path: Path = (*self._path, "rest")
        assert part.rest is not None
        roles: dict[str, Any] = part.rest.model_extra or {}
        timeout = self._reader.sentence(parse_seconds, part.rest.timeout, (*path, "timeout"))
        if len(roles) != 1:
            self._reader.wrong("E106", msg("procedure.one-role-settles"), path)
            return None
        role, text = next(iter(roles.items()))
        need = self._role(role, (*path, role), key=True)
        if need is None or timeout is None:
            return None
        like = need.unit
        within = self._reader.sentence(lambda t: parse_rest(t, like), text, (*path, role))
        if within is None:
            return None
        for size in (within.within, within.dwell, timeout - within.dwell):
            if not size > 0:
                message = msg("procedure.not-positive", value=f"{size:g}")
                self._reader.wrong("E105", message, (*path, role))
                return None
        return role, within.within, within.dwell, timeout

    def _exchange(self, role: str) -> str | None:
        path: Path = (*self._path, "exchange")
        need = find_role(self._reader, self._names, role, path, settable=True)
        if need is not None and not need.switch:
            self._reader.wrong("E305", msg("procedure.want-switch", role=role), path)
            return None
        return role if need is not None else None
