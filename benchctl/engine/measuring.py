"""One run of a visit: totalise, then measure every member on its own point."""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.acquire import Task
from benchctl.engine.judging import measured
from benchctl.engine.session import Session
from benchctl.engine.totalising import Totaliser
from benchctl.procedure.plan import Action, Member, Visit


def totalise_visit(
    session: Session,
    visit: Visit,
    action: Action,
    members: Sequence[Member],
    *,
    run: int,
    retest: bool = False,
) -> Task[None]:
    """Make one run of a visit for `members`; what it gives is kept for the verdict."""
    totaliser = Totaliser(session, visit, action, members)
    yield from totaliser.run()
    for meter in totaliser.meters:
        session.sink.emit(measured(session, visit, action, totaliser, meter, run, retest))
