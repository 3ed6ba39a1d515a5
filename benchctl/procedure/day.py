"""Reads what a day at the bench needs besides items: mounting, pauses, leaks, power cuts."""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.core.errors import BenchctlError
from benchctl.core.messages import msg
from benchctl.core.units import unit
from benchctl.procedure.declared import Texts
from benchctl.procedure.declared_items import AfterGap, AfterLeak, Bound
from benchctl.procedure.grammar import number_in, parse_below, parse_seconds
from benchctl.procedure.items import item_names
from benchctl.procedure.model import AfterLeakPart, PausePart, ResumePart
from benchctl.procedure.names import Names, find_role
from benchctl.procedure.reading import Path, Reader


def read_mounting(reader: Reader) -> tuple[Texts, ...]:
    """Return what a person confirms once the units are mounted."""
    found = []
    for i, value in enumerate(reader.sequence(("mounting",))):
        path: Path = ("mounting", i)
        given = value if isinstance(value, dict) else {"": value}
        if not given or not all(isinstance(text, str) for text in given.values()):
            reader.wrong("E104", msg("procedure.want-sentence"), path)
            continue
        found.append(reader.texts(given, path))
    return tuple(found)


def read_pause(reader: Reader) -> float | None:
    """Return how many s of bench time a pause may take; None: as long as it likes."""
    value = reader.data.get("pause")
    part = reader.part(PausePart, ("pause",), value) if value is not None else None
    return None if part is None else _seconds(reader, part.at_most, ("pause", "at_most"))


def _seconds(reader: Reader, text: str, path: Path) -> float | None:
    """Return a duration in s, which must be positive; None where it is not one."""
    seconds = reader.sentence(parse_seconds, text, path)
    if seconds is not None and not seconds > 0:
        reader.wrong("E306", msg("procedure.not-positive", value=f"{seconds:g} s"), path)
    return seconds


def read_after_gap(reader: Reader) -> AfterGap:
    """Return how a run goes on that was cut off."""
    value = reader.data.get("resume")
    part = reader.part(ResumePart, ("resume",), value) if value is not None else None
    if part is None:
        return AfterGap()
    _fitting(reader, part.again, ("resume", "again"))
    given = {"at_most": part.at_most, "after": part.after}
    read = {name: _seconds(reader, text, ("resume", name)) for name, text in given.items() if text}
    times = {name: seconds for name, seconds in read.items() if seconds is not None}
    return AfterGap(again=tuple(part.again), **times)


def read_after_leak(reader: Reader, names: Names) -> AfterLeak:
    """Return what is done about a leak."""
    value = reader.data.get("after_leak")
    part = reader.part(AfterLeakPart, ("after_leak",), value) if value is not None else None
    if part is None:
        return AfterLeak()
    _fitting(reader, part.again, ("after_leak", "again"))
    bound = _bound(reader, names, part.depressurise) if part.depressurise is not None else None
    return AfterLeak(bound, tuple(part.again))


def _fitting(reader: Reader, again: Sequence[str], path: Path) -> None:
    """Report names that are not those of items which can be passed again."""
    fitting = [name for name in item_names(reader.data) if _meant(reader, name)]
    for i, name in enumerate(again):
        if name not in fitting:
            reader.unknown_name(name, fitting, msg("procedure.not-again", item=name), (*path, i))


def _meant(reader: Reader, name: str) -> bool:
    """Return whether an item is meant to hold or to vent, though it may have mistakes."""
    definition = reader.data.get(name)
    return isinstance(definition, dict) and not {"hold", "vent"}.isdisjoint(definition)


def _bound(reader: Reader, names: Names, text: str) -> Bound | None:
    path: Path = ("after_leak", "depressurise")
    found = reader.sentence(parse_below, text, path)
    if found is None:
        return None
    start = text.index(found.role)
    need = find_role(reader, names, found.role, path, within=(start, start + len(found.role)))
    if need is None:
        return None
    within = (found.bound.start, found.bound.start + len(found.bound.text))
    if need.switch or need.per_uut or need.constant:
        reader.wrong("E305", msg("procedure.cannot-settle", role=need.role), path)
        return None
    try:
        return Bound(need.role, number_in(found.bound.text, unit(need.unit)), need.unit)
    except BenchctlError as error:
        reader.wrong("E204", error.message, path, hint=error.hint, within=within)
        return None
