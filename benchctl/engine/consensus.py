"""After each visit: what the units that saw the same water say together.

A shift that all share points at the reference; where something passes through one unit after the
other, a step between neighbours points at a leak or air between them. Both are told at once and
kept in the record; no verdict changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.core.events import ConsensusNoted
from benchctl.core.messages import Message, msg
from benchctl.engine.session import Session
from benchctl.metrology import common_shift, step
from benchctl.procedure.plan import Member, Visit


def note_consensus(session: Session, visit: Visit) -> None:
    """Note what the results of a visit say together, point by point."""
    through = session.part_of(visit).each_point.totalise is not None
    for point in visit.points:
        members = [m for m in session.concerned(visit) if m.point == point]
        if not all(m.mpe[0] < 0.0 < m.mpe[1] for m in members):
            continue  # it is no deviation: a time, a count
        states = [(m.position, session.state(m.serial, point)) for m in members]
        found = [(place, s.value, s.U_reference) for place, s in states if s.value is not None]
        if not _shares_a_reference(members, [u for _, _, u in found]):
            continue
        U = max((u or 0.0 for _, _, u in found), default=0.0)  # noqa: N806
        places, errors = [p for p, _, _ in found], [e for _, e, _ in found]
        unit = session.part_of(visit).measurand.unit
        about = {"point": point, "n": len(found)}
        if through and (changed := step(places, errors, U)) is not None:
            between = (changed.before, changed.behind)
            why = msg(
                "engine.consensus-step",
                **about,
                value=f"{changed.value:+.3g} {unit}",
                before=changed.before,
                behind=changed.behind,
            )
            _note(session, visit, point, "step", changed.value, len(found), changed.p, why, between)
        elif (shift := common_shift(errors, U)) is not None:
            why = msg("engine.consensus-shift", **about, value=f"{shift.value:+.3g} {unit}")
            _note(session, visit, point, "shift", shift.value, len(found), shift.p, why, ())


def _shares_a_reference(members: Sequence[Member], found: Sequence[float | None]) -> bool:
    """Return whether values are errors against something that could be off for all of them.

    What is wanted to be something else than 0 is none, nor is what is held against nothing.
    """
    around_zero = all(low < 0.0 < high for low, high in (m.mpe for m in members))
    return around_zero and any(u != 0.0 for u in found)


def _note(
    session: Session,
    visit: Visit,
    point: str,
    what: str,
    value: float,
    n: int,
    p: float,
    why: Message,
    positions: tuple[int, ...],
) -> None:
    unit = session.part_of(visit).measurand.unit
    session.sink.emit(
        ConsensusNoted(visit.id, point, what, value, unit, n, p, why.as_json(), positions)
    )
