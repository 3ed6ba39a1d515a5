"""Consent: nothing is energised at some points before a person agreed to it.

Points that follow each other within an item are one question; a consent holds until the bench comes
to rest: for a pause, a leak, the next load. Nothing answers it but a person; `--yes` does not, and
where nobody is there the points are not measured.
"""

from __future__ import annotations

from benchctl.acquire import Task
from benchctl.core.errors import NotMeasuredError, RefusedError
from benchctl.core.messages import Message, msg
from benchctl.engine.asking import question_of
from benchctl.engine.session import Session
from benchctl.procedure.plan import Visit


def have_consent(session: Session, visit: Visit) -> Task[None]:
    """Have a person agree to what a visit energises, where the procedure wants that.

    Raises:
        NotMeasuredError: nobody did.
    """
    if not visit.consent or visit.id in session.consented:
        return
    if visit.id in session.not_consented:
        raise NotMeasuredError(session.not_consented[visit.id])
    consent = session.part_of(visit).each_point.consent
    assert consent is not None
    together = _together(session, visit)
    points = [name for v in together for name in v.points]
    question = msg(
        "engine.question-shown", question=question_of(consent.question), ordered=", ".join(points)
    )
    refused: Message
    try:
        answer = yield from session.ask(
            "yes_no", question, item=visit.item, about={"consent": points}
        )
        refused = msg("engine.said-no", by=answer.by)
        if answer.value is True:
            session.consented |= {v.id for v in together}
            return
    except RefusedError as nobody:
        refused = nobody.message
    why = msg("engine.no-consent", why=refused)
    session.not_consented |= dict.fromkeys((v.id for v in together), why)
    raise NotMeasuredError(why)


def _together(session: Session, visit: Visit) -> list[Visit]:
    """Return the visits from this one on that one answer is for."""
    visits = list(session.plan.visits)
    found = []
    for other in visits[visits.index(visit) :]:
        same = (other.load, other.item, other.occasion) == (visit.load, visit.item, visit.occasion)
        if not (same and other.consent):
            break
        found.append(other)
    return found
