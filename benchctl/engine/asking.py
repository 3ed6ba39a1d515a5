"""What a person is asked: to do something and say so, or whether a unit is as it must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchctl.acquire import Task, Until
from benchctl.core.errors import RefusedError
from benchctl.core.events import ItemJudged
from benchctl.core.messages import Message, msg
from benchctl.core.ports import Prompt
from benchctl.core.verdicts import Verdict
from benchctl.engine.session import Session
from benchctl.procedure import AskItem

TRIES = 10
"""So often somebody is asked to do something before the run is refused."""


def judge_item(
    session: Session,
    serial: str,
    item: str,
    verdict: Verdict,
    why: Message,
    observed: dict[str, Any],
) -> None:
    """Record the verdict on an item of a unit."""
    if item in session.subjects[serial].resolved.left_out:
        return  # it was done to the whole line, and does not apply to this unit
    session.items[serial, item] = verdict
    stated, occasion = session.stated(verdict), session.occasion(serial)
    session.sink.emit(ItemJudged(serial, item, stated, why.as_json(), observed, occasion))


def question_of(texts: Mapping[str, str]) -> Message:
    """Return a sentence that the procedure's author worded, as a message."""
    return msg("engine.question", en=texts.get("en", ""), zh=texts.get("zh", texts.get("en", "")))


def confirmed(
    session: Session, question: Message, *, default: bool | None, about: dict[str, Any]
) -> Task[str]:
    """Have a person do something, and ask again until it is done; return who said so.

    Raises:
        RefusedError: it was asked for in vain.
    """
    asked = question
    for _ in range(TRIES):
        answer = yield from session.ask("confirm", asked, default=default, about=about)
        if answer.value is True:
            return answer.by
        asked = msg("engine.put-right", question=question)
        yield Until(session.clock.now() + 1.0)
    raise RefusedError(msg("engine.not-confirmed", question=question))


def ask_item(session: Session, item: AskItem, serial: str) -> Task[None]:
    """Ask whether a unit is as it must be; yes passes, a no may want a reason."""
    answer = yield from session.ask(
        "yes_no",
        _question(session, item, serial),
        item=item.name,
        serial=serial,
        about={"item": item.name, "serial": serial},
    )
    observed: dict[str, Any] = {"answer": answer.value, "by": answer.by}
    if answer.value is True:
        why = msg("answered-yes", by=answer.by)
        judge_item(session, serial, item.name, Verdict.PASS, why, observed)
        return
    why = msg("answered-no", by=answer.by)
    if item.reasons:
        code = yield from _reason(session, item, serial)
        observed |= {"reason": code, "reason_text": dict(item.reasons[code])}
        why = msg("answered-no-for", by=answer.by, reason=question_of(item.reasons[code]))
    judge_item(session, serial, item.name, Verdict.FAIL, why, observed)


def _question(session: Session, item: AskItem, serial: str) -> Message:
    """Return the question, with what was ordered where the item shows that."""
    asked = question_of(item.question)
    if not item.show:
        return asked
    shown = session.subjects[serial].shown
    ordered = ", ".join(f"{name} = {shown[name]}" for name in item.show)
    return msg("engine.question-shown", question=asked, ordered=ordered)


def _reason(session: Session, item: AskItem, serial: str) -> Task[str]:
    """Have a person choose what a no is for; return the code."""
    prompt = Prompt(
        id="",
        kind="choice",
        question=msg("engine.which-reason"),
        item=item.name,
        uut=serial,
        position=session.position(serial),
        about={"item": item.name, "serial": serial, "reasons": list(item.reasons)},
        choices=tuple((code, question_of(texts)) for code, texts in item.reasons.items()),
    )
    for _ in range(TRIES):
        answer = yield from session.put(prompt)
        if answer.value in item.reasons:
            return str(answer.value)
        yield Until(session.clock.now() + 1.0)
    raise RefusedError(msg("engine.not-confirmed", question=prompt.question))
