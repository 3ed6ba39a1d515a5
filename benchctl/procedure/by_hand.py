"""Reads what a person does and reads.

each_point: {prompt: {ask: {en: Put the weights on., zh: 放置砝码。}, show: [point.load]}}
needs: {added: {unit: g, per: uut, person: {ask: {en: weights added, zh: 附加砝码}, at_least: 0}}}
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from pathlib import Path as FilePath

from benchctl.core.messages import msg
from benchctl.core.units import unit
from benchctl.language import Expression
from benchctl.procedure.declared_by_hand import ByPerson, Prompting
from benchctl.procedure.model_by_hand import ByPersonPart, PromptPart
from benchctl.procedure.names import Names
from benchctl.procedure.reading import Path, Reader

_PROMPT: Path = ("each_point", "prompt")
_BOUNDS = ("at_least", "at_most", "step")
PICTURES = (".svg", ".png", ".jpg", ".jpeg")


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
        each_run=part.each == "run",
        picture=_picture(reader, part.picture, (*_PROMPT, "picture")),
        units=units,
    )


def read_people(reader: Reader, names: Names, *, used: Container[str]) -> None:
    """Note at each role what a person is told who reads it; what makes a point is known now.

    Of an item that is measured in its own right those roles are read that it has `used`: the others
    may name what its points do not have.
    """
    for role, need in list(names.needs.items()):
        if role not in used:
            continue
        given = reader.mapping(("needs", role))
        if given.get("person") is None:
            continue
        path: Path = ("needs", role, "person")
        part = reader.part(ByPersonPart, path, given["person"])
        if part is None:
            continue
        if need.switch or need.settable or need.constant:
            reader.wrong("E305", msg("procedure.not-by-person", role=role), path, key=True)
            continue
        bounds: dict[str, Expression | None] = dict.fromkeys(_BOUNDS)
        for key in bounds:
            text = getattr(part, key)
            if text is not None:
                scope = names.at_point()
                bounds[key] = reader.expression(text, (*path, key), scope, to=unit(need.unit))
        names.needs[role] = replace(
            need,
            person=ByPerson(
                reader.texts(part.ask, (*path, "ask")),
                bounds["at_least"],
                bounds["at_most"],
                bounds["step"],
                _picture(reader, part.picture, (*path, "picture")),
            ),
        )


def _picture(reader: Reader, text: str | None, path: Path) -> str:
    """Return the path of a picture; one that is not there is reported.

    A procedure that is read from a record has no folder, and its pictures are not looked for.
    """
    if text is None:
        return ""
    if FilePath(text).suffix.lower() not in PICTURES:
        hint = msg("procedure.one-of", names=", ".join(PICTURES))
        reader.wrong("E105", msg("procedure.no-picture", name=text), path, hint=hint)
        return ""
    beside = FilePath(reader.document.source.name)
    if not beside.is_file():
        return text
    found = beside.parent / text
    if not found.is_file():
        reader.wrong("E105", msg("procedure.picture-missing", name=text), path)
    return str(found)
