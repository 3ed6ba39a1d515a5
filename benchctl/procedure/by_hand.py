"""Reads what a person does and reads.

each_point: {prompt: {ask: {en: Put the weights on., zh: 放置砝码。}, show: [point.load]}}
needs: {added: {unit: g, per: uut, person: {ask: {en: weights added, zh: 附加砝码}}}}
"""

from __future__ import annotations

from pathlib import Path as FilePath

from benchctl.core.messages import msg
from benchctl.core.units import unit
from benchctl.procedure.declared import Need
from benchctl.procedure.declared_by_hand import ByPerson, Plausible, Prompting
from benchctl.procedure.grammar import parse_seconds
from benchctl.procedure.model_by_hand import ByPersonPart, PromptPart
from benchctl.procedure.names import Names, find_role
from benchctl.procedure.pictures import LARGEST, MEDIA
from benchctl.procedure.reading import Path, Reader

_PROMPT: Path = ("each_point", "prompt")


def read_prompt(reader: Reader, names: Names, value: object) -> Prompting | None:
    """Return what a person does at a point, or None and diagnostics."""
    part = reader.part(PromptPart, _PROMPT, value)
    if part is None:
        return None
    scope = names.at_point()
    texts = {f"point.{name}" for name in names.texts}
    units = {}
    for i, shown in enumerate(part.show):
        if shown not in scope.names and shown not in texts:
            known = [*names.point_fields(), *names.parameters, *names.run_wide, *names.per_point]
            message = msg("procedure.unknown-name", name=shown)
            reader.unknown_name(shown, known, message, (*_PROMPT, "show", i))
        elif shown in scope.names and scope.names[shown].symbol not in ("", "1"):
            units[shown] = scope.names[shown].symbol
    return Prompting(
        ask=reader.texts(part.ask, (*_PROMPT, "ask")),
        show=tuple(part.show),
        per=part.per,
        each_run=part.each != "point",
        in_turn=part.each == "unit",
        picture=_picture(reader, part.picture, (*_PROMPT, "picture")),
        units=units,
        wait=reader.sentence(parse_seconds, part.wait, (*_PROMPT, "wait")) or 0.0,
    )


def read_person(
    reader: Reader, names: Names, need: Need, value: object, path: Path
) -> ByPerson | None:
    """Return what a person is told who reads a role, or None and diagnostics."""
    part = reader.part(ByPersonPart, path, value)
    if part is None:
        return None
    if need.switch or need.settable or need.constant:
        reader.wrong("E305", msg("procedure.not-by-person", role=need.role), path, key=True)
        return None
    step = None
    if part.step is not None:
        scope = names.everywhere()
        step = reader.expression(part.step, (*path, "step"), scope, to=unit(need.unit))
    ask = reader.texts(part.ask, (*path, "ask"))
    return ByPerson(ask, step, _picture(reader, part.picture, (*path, "picture")))


def read_plausible(reader: Reader, names: Names, value: object) -> dict[str, Plausible]:
    """Return from where to where entries are plausible at a point, by role."""
    found = {}
    path: Path = ("each_point", "plausible")
    for role, bounds in reader.mapping(path).items() if isinstance(value, dict) else ():
        here = (*path, role)
        need = find_role(reader, names, role, here, key=True)
        given = reader.sequence(here)
        texts = [reader.text((*here, i)) for i in range(len(given))]
        if not isinstance(bounds, list):
            continue
        if len(texts) != 2 or texts[0] is None or texts[1] is None:
            hint = msg("procedure.form", form="[point.load - 20 * e, point.load + 20 * e]")
            reader.wrong("E206", msg("procedure.keep-two"), here, hint=hint)
            continue
        to = unit(need.unit) if need is not None and not need.switch else None
        low, high = (
            reader.expression(text, (*here, i), names.at_point(), to=to)
            for i, text in enumerate((texts[0], texts[1]))
        )
        if need is not None and low is not None and high is not None:
            found[role] = Plausible(low, high)
    return found


def _picture(reader: Reader, text: str | None, path: Path) -> str:
    """Return the path of a picture; one that is not there is reported.

    A procedure that is read from a record has no folder, and its pictures are not looked for.
    """
    if text is None:
        return ""
    if FilePath(text).suffix.lower() not in MEDIA:
        hint = msg("procedure.one-of", names=", ".join(MEDIA))
        reader.wrong("E105", msg("procedure.no-picture", name=text), path, hint=hint)
        return ""
    beside = FilePath(reader.document.source.name)
    if not beside.is_file():
        return text
    found = beside.parent / text
    if not found.is_file():
        reader.wrong("E105", msg("procedure.picture-missing", name=text), path)
    elif found.stat().st_size > LARGEST:
        size = f"{LARGEST // 1000} kB"
        reader.wrong("E105", msg("procedure.picture-large", name=text, size=size), path)
    return str(found)
