"""Runs beyond the first ones: all again where they jump, more of them near a limit.

Whom it concerns follows from the runs alone, so that a run that goes on after it was cut off comes
to the same. What is set aside stays in the record, with the reason.
"""

from __future__ import annotations

from benchctl.acquire import Task
from benchctl.core.events import RunsSetAside
from benchctl.core.messages import msg
from benchctl.engine.deciding import judge_point
from benchctl.engine.measuring import measure_visit, still_to_measure
from benchctl.engine.session import PointState, Session
from benchctl.procedure import ResolvedPoint
from benchctl.procedure.plan import Action, Member, Visit


def wanting(session: Session, visit: Visit) -> list[Member]:
    """Return the members of a visit whose point is to be measured further."""
    return [
        m
        for m in session.concerned(visit)
        if m.serial not in session.dropped
        and wants_further(session.state(m.serial, m.point), session.point(m.serial, m.point))
    ]


def wants_further(state: PointState, point: ResolvedPoint) -> bool:
    """Return whether a unit's point is to be measured further."""
    further, made = point.further, len(state.errors)
    if further is None or (made == 0 and not 0 < state.jumps <= further.again):
        return False
    if made < further.runs:  # of a set that was begun anew
        return 0 < state.jumps <= further.again
    if made == further.runs and further.jumps(state.errors):
        return True
    return made < further.runs + further.more and further.wants_more(state.errors)


def further_runs(session: Session, visit: Visit, action: Action) -> Task[None]:
    """Make the further runs of a visit, then judge those whom it concerned."""
    concerned = {m.serial: m for m in wanting(session, visit)}
    each = session.part_of(visit).each_point
    kind, first = ("totalise" if each.totalise else "measure"), each.runs
    most = max((_further(session, m) for m in concerned.values()), default=0)
    for n in range(1, most + 1):
        for member in wanting(session, visit):
            _set_aside(session, member)
        part = Action(f"{action.id}-{n}", kind, action.load, visit=visit.id, run=first + n)
        members = [m for m in wanting(session, visit) if m.serial in concerned]
        if not still_to_measure(session, part, members):
            continue  # made before it was interrupted
        session.begin(part)
        yield from measure_visit(session, visit, part, members, run=first + n)
    for member in concerned.values():
        _set_aside(session, member)
        judge_point(session, member.serial, member.point)


def _further(session: Session, member: Member) -> int:
    further = session.point(member.serial, member.point).further
    return 0 if further is None else further.most


def _set_aside(session: Session, member: Member) -> None:
    """Set the runs of a unit aside that jump: they are made again, or are no result."""
    state, point = session.state(member.serial, member.point), session.point(*_key(member))
    further = point.further
    if further is None or len(state.errors) != further.runs or not further.jumps(state.errors):
        return
    unit = session.part(member.point).measurand.unit
    why = msg(
        "engine.jumps",
        spread=f"{max(state.errors) - min(state.errors):.3g} {unit}".strip(),
        over=f"{further.over or 0.0:.3g} {unit}".strip(),
    )
    state.set_aside(why)
    session.sink.emit(
        RunsSetAside(
            uut=member.serial,
            point=member.point,
            occasion=session.occasion(member.serial),
            why=why.as_json(),
            t=session.clock.now(),
        )
    )


def _key(member: Member) -> tuple[str, str]:
    return member.serial, member.point
