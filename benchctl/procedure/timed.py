"""Reads the ways that look at a role for a time: `count`, `wait`, `rate`.

    count: {of: meter_pulses, for: 20 min, at_most: 1}                # in the model: meter_pulses
    wait:  {for: meter_pulses >= 1, at_most: 20 min}                  # in the model: waited
    wait:  {for: line_pressure <= 15, after: line_pressure <= 260, at_most: 30 s}
    rate:  {of: line_pressure, over: 60 s, every: 0.5 s}              # change, elapsed
    rate:  {of: cuff_pressure, after: cuff_pressure <= 190, over: 20 s}

Times are quantities or expressions: `for: creep_time`.

What the model may name of them comes with a unit; `change` is in that of the role.
"""

from __future__ import annotations

from typing import NamedTuple

from benchctl.core.messages import msg
from benchctl.core.units import unit
from benchctl.language import Expression
from benchctl.procedure.declared import Need
from benchctl.procedure.declared_readings import CHANGING, COUNTING, WAITING, Timed
from benchctl.procedure.dimensions import Dim, quantity_of
from benchctl.procedure.functions import FUNCTIONS
from benchctl.procedure.grammar import Crossing, parse_crossing
from benchctl.procedure.model_readings import CountPart, RatePart, WaitPart
from benchctl.procedure.names import Names, check_name, find_role
from benchctl.procedure.reading import Path, Reader
from benchctl.procedure.told import read_span

TIMED = (COUNTING, WAITING, CHANGING)


def note_names(reader: Reader, names: Names) -> None:
    """Note the names that the model has of a way that looks at a role for a time.

    They are known before the way itself is read, since what follows from readings may use them.
    """
    each = reader.data.get("each_point")
    given = each if isinstance(each, dict) else {}
    if given.get(WAITING) is not None:
        names.told["waited"] = Need("waited", "s", per_uut=True)
    rate = given.get(CHANGING)
    if isinstance(rate, dict):
        need = names.needs.get(str(rate.get("of")))
        names.told["elapsed"] = Need("elapsed", "s", per_uut=True)
        names.told["change"] = Need("change", need.unit if need else "1", per_uut=True)
    taken: dict[str, Path] = {n: ("parameters", n) for n in names.parameters}
    taken |= {n: ("needs", n) for n in names.roles}
    for name in names.told:
        if name in taken:
            check_name(reader, name, taken[name], FUNCTIONS, {name: ("each_point",)})


class _Reached(NamedTuple):
    need: Need
    amount: Expression
    falling: bool


class TimedReader:
    """Reads one of these ways; every mistake is reported."""

    def __init__(self, reader: Reader, names: Names, path: Path) -> None:
        self._reader = reader
        self._names = names
        self._path = path

    def read(self, value: object) -> Timed | None:
        """Return it, or None and diagnostics."""
        kind = str(self._path[-1])
        if kind == COUNTING:
            return self._count(value)
        return self._wait(value) if kind == WAITING else self._rate(value)

    def _count(self, value: object) -> Timed | None:
        reader = self._reader
        part = reader.part(CountPart, self._path, value)
        if part is None:
            return None
        need = self._role(part.of, (*self._path, "of"))
        seconds = read_span(reader, self._names, part.for_, (*self._path, "for"))
        every = read_span(reader, self._names, part.every, (*self._path, "every"))
        if need is None or seconds is None or every is None:
            return None
        if not need.per_uut:
            hint = msg("procedure.reader-per-uut")
            message = msg("procedure.not-per-uut", role=need.role)
            reader.wrong("E305", message, (*self._path, "of"), hint=hint)
            return None
        amount = None
        if part.at_most is not None:
            scope, path = self._names.at_point(), (*self._path, "at_most")
            amount = reader.expression(part.at_most, path, scope, to=unit(need.unit))
        expect = self._expected(part.expect, {need.role: quantity_of(unit(need.unit))})
        return Timed(COUNTING, need.role, need.unit, True, seconds, every, amount, expect=expect)

    def _wait(self, value: object) -> Timed | None:
        reader = self._reader
        part = reader.part(WaitPart, self._path, value)
        if part is None:
            return None
        wanted = self._reached(part.for_, (*self._path, "for"))
        seconds = read_span(reader, self._names, part.at_most, (*self._path, "at_most"))
        every = read_span(reader, self._names, part.every, (*self._path, "every"))
        begins = None
        if part.after is not None:
            begins = self._reached(part.after, (*self._path, "after"))
            if begins is None:
                return None
        if wanted is None or seconds is None or every is None:
            return None
        need, amount, falling = wanted
        if begins is not None and (begins.need, begins.falling) != (need, falling):
            reader.wrong("E305", msg("procedure.wait-other"), (*self._path, "after"))
            return None
        return Timed(
            WAITING,
            need.role,
            need.unit,
            need.per_uut,
            seconds,
            every,
            amount,
            falling,
            begins.amount if begins else None,
            gives={"waited": "s"},
            expect=self._expected(part.expect, {"waited": quantity_of(unit("s"))}),
        )

    def _rate(self, value: object) -> Timed | None:
        reader = self._reader
        part = reader.part(RatePart, self._path, value)
        if part is None:
            return None
        need = self._role(part.of, (*self._path, "of"))
        begins = None
        if part.after is not None:
            begins = self._reached(part.after, (*self._path, "after"))
            if begins is None:
                return None
            if begins.need != need:
                reader.wrong("E305", msg("procedure.wait-other"), (*self._path, "after"))
                return None
        seconds = read_span(reader, self._names, part.over, (*self._path, "over"))
        every = read_span(reader, self._names, part.every, (*self._path, "every"))
        if need is None or seconds is None or every is None:
            return None
        dims = {"change": quantity_of(unit(need.unit)), need.role: quantity_of(unit(need.unit))}
        return Timed(
            CHANGING,
            need.role,
            need.unit,
            need.per_uut,
            seconds,
            every,
            falling=begins.falling if begins else False,
            begins=begins.amount if begins else None,
            gives={"change": need.unit, "elapsed": "s"},
            expect=self._expected(part.expect, dims),
        )

    # pieces ---------------------------------------------------------------------------------

    def _role(self, role: str, path: Path, within: tuple[int, int] | None = None) -> Need | None:
        """Return a role that can be looked at again and again."""
        need = find_role(self._reader, self._names, role, path, within=within)
        if need is not None and (need.switch or need.constant):
            message = msg("procedure.cannot-follow", role=role)
            self._reader.wrong("E305", message, path, within=within)
            return None
        return need

    def _reached(self, text: str, path: Path) -> _Reached | None:
        found: Crossing | None = self._reader.sentence(parse_crossing, text, path)
        if found is None:
            return None
        start = text.index(found.role)
        need = self._role(found.role, path, within=(start, start + len(found.role)))
        if need is None:
            return None
        scope = self._names.at_point()
        amount = self._reader.expression(found.amount, path, scope, to=unit(need.unit))
        return None if amount is None else _Reached(need, amount, found.falling)

    def _expected(self, told: dict[str, str], known: dict[str, Dim]) -> dict[str, Expression]:
        """Return what a plan reckons with, by name of the model."""
        found = {}
        for name, text in told.items():
            path: Path = (*self._path, "expect", name)
            if name not in known:
                message = msg("procedure.unknown-name", name=name)
                self._reader.unknown_name(name, known, message, path, key=True)
                continue
            need = self._names.told.get(name) or self._names.needs[name]
            scope = self._names.at_point()
            value = self._reader.expression(text, path, scope, to=unit(need.unit))
            if value is not None:
                found[name] = value
        return found
