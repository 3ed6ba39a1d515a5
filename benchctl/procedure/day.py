"""Reads what a day at the bench needs besides items: mounting, pauses, leaks, suspensions."""

from __future__ import annotations

from benchctl.core.errors import BenchctlError
from benchctl.core.messages import msg
from benchctl.core.units import unit
from benchctl.procedure.declared import Texts
from benchctl.procedure.declared_items import AfterLeak, Bound, Suspend
from benchctl.procedure.grammar import number_in, parse_below, parse_seconds
from benchctl.procedure.items import item_names
from benchctl.procedure.model import AfterLeakPart, PausePart, SuspendPart
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
    if part is None:
        return None
    path: Path = ("pause", "at_most")
    seconds = reader.sentence(parse_seconds, part.at_most, path)
    if seconds is not None and not seconds > 0:
        reader.wrong("E306", msg("procedure.not-positive", value=f"{seconds:g} s"), path)
    return seconds


def read_suspend(reader: Reader) -> Suspend:
    """Return how long a run waits for an environment that left its limits."""
    value = reader.data.get("suspend")
    part = reader.part(SuspendPart, ("suspend",), value) if value is not None else None
    if part is None:
        return Suspend()
    dwell = reader.sentence(parse_seconds, part.dwell, ("suspend", "dwell"))
    most = reader.sentence(parse_seconds, part.at_most, ("suspend", "at_most"))
    if dwell is None or most is None:
        return Suspend()
    if 0 < most < dwell:
        message = msg("procedure.wrong-way-round", low=part.dwell, high=part.at_most)
        reader.wrong("E105", message, ("suspend",), key=True)
    return Suspend(dwell, most)


def read_after_leak(reader: Reader, names: Names) -> AfterLeak:
    """Return what is done about a leak."""
    value = reader.data.get("after_leak")
    part = reader.part(AfterLeakPart, ("after_leak",), value) if value is not None else None
    if part is None:
        return AfterLeak()
    fitting = [name for name in item_names(reader.data) if _meant(reader, name)]
    for i, name in enumerate(part.again):
        if name not in fitting:
            message = msg("procedure.not-again", item=name)
            reader.unknown_name(name, fitting, message, ("after_leak", "again", i))
    bound = _bound(reader, names, part.depressurise) if part.depressurise is not None else None
    return AfterLeak(bound, tuple(part.again))


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
