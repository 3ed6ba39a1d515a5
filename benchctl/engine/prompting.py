"""A person does something at a point before it settles: puts weights on a place, turns a knob."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchctl.acquire import Task, Until
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import Message, msg
from benchctl.core.ports import Prompt
from benchctl.engine.asking import question_of
from benchctl.engine.entries import told_point

if TYPE_CHECKING:
    from benchctl.engine.session import Session
    from benchctl.procedure.plan import Action, Member, Visit


def prompt_visit(
    session: Session, visit: Visit, action: Action, members: Sequence[Member] | None = None
) -> Task[None]:
    """Have a person do what a point asks for, for each unit that it is for, or once.

    A unit of which nobody says that it was done is not measured at this point.

    Raises:
        NotMeasuredError: it was asked for once for all units, and not done.
    """
    prompting = session.part_of(visit).each_point.prompt
    assert prompting is not None
    chosen = session.concerned(visit) if members is None else members
    there = [m for m in chosen if m.serial not in session.dropped]
    for n, member in enumerate(there if prompting.per == "uut" else there[:1], 1):
        question = _question(session, member)
        uut = member.serial if prompting.per == "uut" else ""
        about: dict[str, Any] = {
            "prompt": action.id,
            "point": told_point(session, member),
            "serials": [member.serial] if uut else [m.serial for m in there],
        }
        if prompting.picture:
            about["picture"] = prompting.picture
        position = member.position if uut else 0
        asked = Prompt("", "confirm", question, uut=uut, position=position, about=about)
        answer = yield from session.put(asked)
        if answer.value is not True:
            problem = msg("engine.not-confirmed", question=question)
            if not uut:
                raise NotMeasuredError(problem)
            session.undone.setdefault(visit.id, {})[member.serial] = problem
        else:
            session.undone.get(visit.id, {}).pop(member.serial, None)
        session.watch(action, n / len(there), prompting.wait)
    if prompting.wait and there:
        yield Until(session.clock.now() + prompting.wait)


def _question(session: Session, member: Member) -> Message:
    prompting = session.part(member.point).each_point.prompt
    assert prompting is not None
    question = question_of(prompting.ask)
    if prompting.show:
        shown = [_shown(session, member, name) for name in prompting.show]
        words = {language: ", ".join(text[language] for text in shown) for language in ("en", "zh")}
        question = msg("engine.with-values", question=question, values=question_of(words))
    if prompting.picture:
        question = msg("engine.with-picture", question=question, picture=prompting.picture)
    return question


def _shown(session: Session, member: Member, name: str) -> Mapping[str, str]:
    """Return a value as a person reads it, in every language."""
    prompting = session.part(member.point).each_point.prompt
    assert prompting is not None
    point = session.point(member.serial, member.point)
    field = name.removeprefix("point.")
    if name.startswith("point.") and field in point.texts:
        return point.texts[field]
    env = {**session.subjects[member.serial].resolved.env, **point.env, **point.values}
    value = env[name]
    symbol = prompting.units.get(name, "")
    text = value if isinstance(value, str) else f"{field} = {value:.10g} {symbol}".strip()
    return {"en": str(text), "zh": str(text)}
