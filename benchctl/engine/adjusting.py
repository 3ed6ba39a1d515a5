"""As found, adjusted, as left: a unit is adjusted in the line, and all its points are made again.

What was found before stays in the record under the occasion `as_found`; nothing overwrites it. Who
adjusted is asked for and recorded; a unit that nobody adjusts keeps what was found.
"""

from __future__ import annotations

from benchctl.acquire import Task
from benchctl.core.events import UutAdjusted
from benchctl.core.messages import msg
from benchctl.core.verdicts import Verdict
from benchctl.engine.asking import question_of
from benchctl.engine.session import Session
from benchctl.procedure import AcrossItem


def wants_adjusting(session: Session, serial: str) -> bool:
    """Return whether a unit is to be offered for adjusting: it failed, or every one is."""
    rule = session.procedure.adjust
    if rule is None or serial in session.dropped or serial in session.adjusted:
        return False
    states = [state for (unit, _), state in session.points.items() if unit == serial]
    if rule.when == "always":
        return any(state.errors for state in states)
    across = [i.name for i in session.procedure.items if isinstance(i, AcrossItem)]
    verdicts = [state.verdict for state in states]
    verdicts += [v for (unit, i), v in session.items.items() if unit == serial and i in across]
    return Verdict.FAIL in verdicts


def adjust_unit(session: Session, serial: str) -> Task[None]:
    """Come to rest, and let a person adjust a unit and say so."""
    rule = session.procedure.adjust
    assert rule is not None
    session.relax()
    place = {"serial": serial, "position": session.position(serial)}
    question = msg("engine.adjust", **place)
    if rule.ask:
        question = msg("engine.adjust-as", **place, question=question_of(rule.ask))
    answer = yield from session.ask(
        "yes_no", question, item="adjust", serial=serial, about={"adjust": place["position"]}
    )
    if answer.value is not True:
        return
    session.sink.emit(UutAdjusted(serial, answer.by, session.clock.now()))
    session.adjusted.add(serial)
    for key in [key for key in session.points if key[0] == serial]:
        session.as_found[key] = session.points.pop(key)
    for item in session.procedure.items:
        if isinstance(item, AcrossItem):
            session.items.pop((serial, item.name), None)
