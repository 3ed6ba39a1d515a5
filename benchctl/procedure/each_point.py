"""Reads what is done at every point, and in a hold: set, settle, how it is measured, retest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchctl.core.messages import Message, msg
from benchctl.core.units import Unit, same_dimension, unit
from benchctl.language import Expression
from benchctl.procedure.by_hand import read_plausible, read_prompt
from benchctl.procedure.comparing import ComparingReader
from benchctl.procedure.consuming import read_consumed
from benchctl.procedure.declared import Consent, EachPoint, Need, Retest, Settle, Totalise
from benchctl.procedure.declared_readings import Comparing, Pulses, Readings, Timed
from benchctl.procedure.dimensions import Dim
from benchctl.procedure.further import FurtherReader
from benchctl.procedure.grammar import (
    Within,
    parse_acceptance,
    parse_seconds,
    parse_within,
)
from benchctl.procedure.model_measuring import (
    ConsentPart,
    EachPointPart,
    RetestPart,
    RunsPart,
    SettlePart,
)
from benchctl.procedure.names import Names, find_role
from benchctl.procedure.pulses import PulsesReader
from benchctl.procedure.reading import Path, Reader
from benchctl.procedure.readings import ReadingsReader
from benchctl.procedure.timed import TIMED, TimedReader
from benchctl.procedure.totalise import read_totalise

COARSEST = 0.2
"""A tolerance of settling above this fraction settles nothing."""
Way = Totalise | Readings | Pulses | Comparing | Timed
BLOCKS = 5
"""Blocks into which the look at a quantity is split."""
WAYS = ("totalise", "read", "pulses", "compare", *TIMED)
SETS = ("totalise", "pulses")
"""Keys that say how a point is measured, and those that need something to be set for it."""
_SWITCHED = {"on": "1 == 1", "true": "1 == 1", "off": "1 == 0", "false": "1 == 0"}
"""What a switch may be set to without a condition."""
_BASE: Path = ("each_point",)
_FORM = "{reference_flow: within 2.5 % for 10 s, timeout: 120 s}"


class EachPointReader:
    """Reads `each_point`, part by part, so that a mistake in one does not hide the others'."""

    def __init__(self, reader: Reader, names: Names, measurand: Unit | None) -> None:
        self._reader = reader
        self._names = names
        self._measurand = measurand

    def read(self) -> EachPoint | None:
        """Return what is done at every point; all names are known now."""
        reader, names = self._reader, self._names
        data = reader.mapping(_BASE)
        prompt = None
        if data.get("prompt") is not None:
            prompt = read_prompt(reader, names, data["prompt"])
            if prompt is None:
                return None
        plausible = read_plausible(reader, names, data.get("plausible"))
        consumes = read_consumed(reader, names, data)
        found = self._read(data)
        if found is None:
            return None
        return replace(found, prompt=prompt, plausible=plausible, consumes=consumes)

    def _read(self, data: dict[str, Any]) -> EachPoint | None:
        reader, names = self._reader, self._names
        if reader.data.get("each_point") is None:
            return None
        reader.keys(EachPointPart, _BASE, data)
        runs = reader.part(RunsPart, _BASE, {k: v for k, v in data.items() if k == "runs"})
        sets = {}
        if data.get("set") is not None:
            sets = read_set(reader, names, data["set"], (*_BASE, "set"), names.fields)
        settle: Settle | None = Settle("", 0.0, 0.0, 0.0)
        if data.get("settle") is not None:
            settle = read_settle(reader, names, data["settle"], (*_BASE, "settle"))
        way = self._way(data, next(iter(sets), ""))
        retest = None
        if data.get("retest") is not None:
            retest = self._retest(data["retest"], runs.runs if runs else None)
        consent = self._consent(data.get("consent"))
        after = {}
        if data.get("after") is not None:
            after = read_set(reader, names, data["after"], (*_BASE, "after"), names.fields)
        if runs is None or settle is None or way is None or not self._sets_enough(data, sets):
            return None
        if sets:
            self._check_target(settle, sets)
        further = FurtherReader(reader, names, self._measurand).read(data, runs.runs)
        each = EachPoint(
            sets, settle, None, runs.runs, retest, further=further, consent=consent, after=after
        )
        if isinstance(way, Readings):
            self._check_screening(way, each)
            return replace(each, read=way)
        if isinstance(way, Pulses):
            return replace(each, pulses=way)
        if isinstance(way, Comparing):
            return replace(each, compare=way)
        if isinstance(way, Timed):
            return replace(each, timed=way)
        if not settle.role:
            reader.wrong("E101", msg("procedure.total-settles"), (*_BASE, "settle"))
            return None
        return replace(each, totalise=way)

    def _sets_enough(self, data: dict[str, Any], sets: dict[str, Expression]) -> bool:
        """Return whether something is set, where the way to measure needs it."""
        if sets or data.get("set") is not None:
            return bool(sets)
        missing = [way for way in SETS if data.get(way) is not None]
        if missing:
            message = msg("procedure.nothing-set")
            self._reader.wrong("E101", message, (*_BASE, missing[0]), key=True)
        elif (
            data.get("prompt") is None  # else a person brings it there
            and isinstance(data.get("settle"), dict)
            and data["settle"].keys() - {"soak"}
        ):
            self._reader.wrong("E101", msg("procedure.settles-where"), (*_BASE, "settle"), key=True)
        else:
            return True
        return False

    def _way(self, data: dict[str, Any], first: str) -> Way | None:
        """Return how a point is measured; just one way is given."""
        given = [way for way in WAYS if data.get(way) is not None]
        if len(given) != 1:
            hint = msg("procedure.one-of", names=", ".join(WAYS))
            message = msg("procedure.one-way" if given else "procedure.no-way")
            self._reader.wrong("E106" if given else "E101", message, _BASE, key=True, hint=hint)
            return None
        path: Path = (*_BASE, given[0])
        if given == ["totalise"]:
            return read_totalise(self._reader, self._names, data["totalise"], path)
        if given == ["pulses"]:
            return PulsesReader(self._reader, self._names, path).read(data["pulses"])
        if given == ["compare"]:
            return ComparingReader(self._reader, self._names, path).read(data["compare"])
        if given[0] in TIMED:
            return TimedReader(self._reader, self._names, path).read(data[given[0]])
        nominal = self._names.needs.get(self._shared(data) or first)
        reading = ReadingsReader(self._reader, self._names, path, self._measurand, nominal)
        return reading.read(data["read"])

    def _shared(self, data: dict[str, Any]) -> str:
        """Return the role whose set-point makes a point, where the line shares one."""
        line = self._reader.data.get("line")
        shares = line.get("shares") if isinstance(line, dict) else None
        sets = data.get("set")
        return (
            shares if isinstance(shares, str) and isinstance(sets, dict) and shares in sets else ""
        )

    def _check_target(self, settle: Settle, sets: dict[str, Expression]) -> None:
        """Report a role that settles at something else than what the set-point says."""
        need = self._names.needs.get(settle.role)
        data = self._reader.mapping(_BASE)
        nominal = self._names.needs.get(self._shared(data) or next(iter(sets)))
        if need is None or nominal is None or need.switch or nominal.switch or need.per_uut:
            return
        if same_dimension(unit(need.unit), unit(nominal.unit)):
            return
        message = msg("procedure.unit-misfit", unit=need.unit, to=nominal.unit)
        self._reader.wrong("E204", message, (*_BASE, "settle", settle.role), key=True)

    def _consent(self, value: object) -> Consent | None:
        """Return what a person must agree to."""
        path: Path = (*_BASE, "consent")
        part = self._reader.part(ConsentPart, path, value) if value is not None else None
        if part is None:
            return None
        when = None
        if part.when is not None:
            scope = self._names.at_point()
            when = self._reader.expression(part.when, (*path, "when"), scope, condition=True)
        return Consent(when, self._reader.texts(part.ask, (*path, "ask")))

    def _check_screening(self, way: Readings, each: EachPoint) -> None:
        """Report further runs where a run gives a verdict and no value."""
        if way.how_many.states_value:
            return
        if each.runs == 1 and each.retest is None and each.further is None:
            return
        path: Path = (*_BASE, "retest" if each.retest is not None else "runs")
        self._reader.wrong("E305", msg("procedure.one-screening"), path, key=True)

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
        text = _SWITCHED.get(text.strip().lower(), text) if on_or_off else text
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
    soak = reader.sentence(parse_seconds, part.soak, (*path, "soak")) if part.soak else 0.0
    if not roles and part.soak is not None:
        return _only_soak(reader, part, soak, path)
    if part.timeout is None:
        hint = msg("procedure.form", form=_FORM)
        reader.wrong("E101", msg("procedure.settle-no-timeout"), path, key=True, hint=hint)
        return None
    timeout = reader.sentence(parse_seconds, part.timeout, (*path, "timeout"))
    if len(roles) != 1:
        hint = msg("procedure.form", form=_FORM)
        reader.wrong("E106", msg("procedure.one-role-settles"), path, hint=hint)
        return None
    role, text = next(iter(roles.items()))
    here = (*path, role)
    need = find_role(reader, names, role, here, key=True)
    like = need.unit if need is not None else "%"
    within = reader.sentence(lambda text: parse_within(text, like), text, here)
    if need is None or within is None or timeout is None or soak is None:
        return None
    for message, at in _settle_mistakes(need, within, timeout, path, here):
        reader.wrong("E306", message, at)
    _check_filter(reader, part, within.dwell, path)
    return Settle(role, within.within, within.dwell, timeout, within.absolute, soak)


def _only_soak(reader: Reader, part: SettlePart, soak: float | None, path: Path) -> Settle | None:
    """Return settling that looks at nothing and waits."""
    for key in ("timeout", "filter"):
        if getattr(part, key) is not None:
            reader.wrong("E106", msg("procedure.one-role-settles"), (*path, key), key=True)
    if soak is None:
        return None
    if not soak > 0:
        reader.wrong("E306", msg("procedure.not-positive", value=f"{soak:g} s"), (*path, "soak"))
    return Settle("", 0.0, 0.0, 0.0, soak=soak)


def _check_filter(reader: Reader, part: SettlePart, dwell: float, path: Path) -> None:
    """Report a look that is too short for what reads the role.

    The look is split into five blocks whose means must be independent; each is as long as the
    time constant at least.
    """
    if part.filter is None:
        return
    constant = reader.sentence(parse_seconds, part.filter, (*path, "filter"))
    if constant is not None and dwell < BLOCKS * constant:
        message = msg(
            "procedure.settle-filter", dwell=f"{dwell:g} s", least=f"{BLOCKS * constant:g} s"
        )
        reader.wrong("E306", message, (*path, "filter"))


def _settle_mistakes(
    need: Need, settled: Within, timeout: float, path: Path, here: Path
) -> list[tuple[Message, Path]]:
    within, dwell = settled.within, settled.dwell
    mistakes = []
    if settled.absolute and not within > 0:
        mistakes.append((msg("procedure.not-positive", value=f"{within:g} {need.unit}"), here))
    if not settled.absolute and not 0 < within <= COARSEST:
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
