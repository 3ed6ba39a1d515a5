"""Reads what is done at every point, and in a hold: set, settle, totalise, retest."""

from __future__ import annotations

from typing import Any

from benchctl.core.messages import Message, msg
from benchctl.core.units import unit
from benchctl.language import Expression
from benchctl.procedure.declared import EachPoint, Need, Retest, Settle
from benchctl.procedure.dimensions import Dim
from benchctl.procedure.grammar import (
    parse_acceptance,
    parse_seconds,
    parse_within,
)
from benchctl.procedure.model_measuring import (
    EachPointPart,
    RetestPart,
    RunsPart,
    SettlePart,
)
from benchctl.procedure.names import Names, find_role
from benchctl.procedure.reading import Path, Reader
from benchctl.procedure.totalise import read_totalise

COARSEST = 0.2
"""A tolerance of settling above this fraction settles nothing."""
_BASE: Path = ("each_point",)


class EachPointReader:
    """Reads `each_point`, part by part, so that a mistake in one does not hide the others'."""

    def __init__(self, reader: Reader, names: Names) -> None:
        self._reader = reader
        self._names = names

    def read(self) -> EachPoint | None:
        """Return what is done at every point; all names are known now."""
        reader, names = self._reader, self._names
        data = reader.mapping(_BASE)
        if reader.data.get("each_point") is None:
            return None
        reader.keys(EachPointPart, _BASE, data)
        runs = reader.part(RunsPart, _BASE, {k: v for k, v in data.items() if k == "runs"})
        sets = {}
        if "set" in data:
            sets = read_set(reader, names, data["set"], (*_BASE, "set"), names.fields)
        settle = None
        if "settle" in data:
            settle = read_settle(reader, names, data["settle"], (*_BASE, "settle"))
        totalise = None
        if "totalise" in data:
            totalise = read_totalise(reader, names, data["totalise"], (*_BASE, "totalise"))
        retest = None
        if data.get("retest") is not None:
            retest = self._retest(data["retest"], runs.runs if runs else None)
        if runs is None or settle is None or totalise is None or not sets:
            return None
        return EachPoint(sets, settle, totalise, runs.runs, retest)

    def _retest(self, value: object, runs: int | None) -> Retest | None:
        path: Path = (*_BASE, "retest", "pass")
        part = self._reader.part(RetestPart, path[:-1], value)
        rule = self._reader.sentence(parse_acceptance, self._reader.text(path), path)
        if part is None or rule is None:
            return None
        if runs is not None and rule.of != runs + part.runs:
            message = msg("procedure.retest-runs", of=rule.of, runs=runs, more=part.runs)
            self._reader.wrong("E306", message, path)
        return Retest(
            when=part.when,
            only_if_one_point_fails=part.only_if is not None,
            runs=part.runs,
            at_least_inside=rule.at_least,
            of=rule.of,
            mean_inside=rule.mean_inside,
            note=part.note,
        )


def read_set(
    reader: Reader, names: Names, value: object, path: Path, fields: dict[str, Dim]
) -> dict[str, Expression]:
    """Return what roles are set to; at a point, its quantities may be named as they are."""
    sets = {}
    if value in ({}, None):
        reader.wrong("E106", msg("procedure.nothing-set"), path, key=True)
    for role, text in reader.formulas(path).items():
        here = (*path, role)
        need = find_role(reader, names, role, here, key=True, settable=True)
        scope = names.at_point().with_names(fields) if fields else names.everywhere()
        to = unit(need.unit) if need and not need.switch else None
        on_or_off = need is not None and need.switch
        expression = reader.expression(text, here, scope, to=to, condition=on_or_off)
        if expression is not None and need is not None:
            sets[role] = expression
    return sets


def read_settle(reader: Reader, names: Names, value: object, path: Path) -> Settle | None:
    """Return when a role counts as settled."""
    part = reader.part(SettlePart, path, value)
    if part is None:
        return None
    roles: dict[str, Any] = part.model_extra or {}
    timeout = reader.sentence(parse_seconds, part.timeout, (*path, "timeout"))
    if len(roles) != 1:
        hint = msg("procedure.form", form="{reference_flow: within 2.5 % for 10 s, timeout: 120 s}")
        reader.wrong("E106", msg("procedure.one-role-settles"), path, hint=hint)
        return None
    role, text = next(iter(roles.items()))
    here = (*path, role)
    need = find_role(reader, names, role, here, key=True)
    within = reader.sentence(parse_within, text, here)
    if need is None or within is None or timeout is None:
        return None
    for message, at in _settle_mistakes(need, within.within, within.dwell, timeout, path, here):
        reader.wrong("E306", message, at)
    return Settle(role, within.within, within.dwell, timeout)


def _settle_mistakes(
    need: Need, within: float, dwell: float, timeout: float, path: Path, here: Path
) -> list[tuple[Message, Path]]:
    mistakes = []
    if not 0 < within <= COARSEST:
        value, most = f"{100 * within:g} %", f"{100 * COARSEST:g} %"
        mistakes.append((msg("procedure.settle-tolerance", value=value, most=most), here))
    if not dwell > 0:
        mistakes.append((msg("procedure.not-positive", value=f"{dwell:g} s"), here))
    if not timeout > dwell:
        message = msg("procedure.settle-timeout", timeout=f"{timeout:g} s", dwell=f"{dwell:g} s")
        mistakes.append((message, (*path, "timeout")))
    if need.switch or need.per_uut or need.constant:
        mistakes.append((msg("procedure.cannot-settle", role=need.role), here))
    return mistakes
