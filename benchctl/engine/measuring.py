"""One run of a visit: totalise, then measure every member on its own point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from benchctl.acquire import Task, Total
from benchctl.bench import Channel
from benchctl.core.messages import Message, msg
from benchctl.engine.control import Interrupted
from benchctl.engine.judging import measured, voided
from benchctl.engine.leaks import report_leak
from benchctl.engine.meters import Meter
from benchctl.engine.separation import leave_out, reference_role, separated
from benchctl.engine.session import Session
from benchctl.engine.standing import StandingTotaliser
from benchctl.engine.suspending import confirm, keep_environment
from benchctl.engine.totalising import Totaliser
from benchctl.procedure.plan import Action, Member, Visit


class Totalising(Protocol):
    """A way to totalise: flying or from rest to rest."""

    meters: list[Meter]
    flow: Channel

    def run(self) -> Task[None]:
        """Totalise."""

    def total_of(self, meter: Meter) -> Total:
        """Return the totals of one unit and of the reference, or raise NotMeasuredError."""

    def mean_flow(self, total: Total) -> float:
        """Return the flow by which a unit's point is valid, in the set-point's unit."""

    def values(self, meter: Meter, total: Total) -> dict[str, float]:
        """Return the inputs of the model for one unit."""

    def conditions(self, total: Total) -> dict[str, float]:
        """Return what else the record keeps of the run."""

    def covers(self, meter: Meter) -> bool:
        """Return whether what was read so far is a whole total of one unit."""


def totalise_visit(
    session: Session,
    visit: Visit,
    action: Action,
    members: Sequence[Member],
    *,
    run: int,
    retest: bool = False,
) -> Task[None]:
    """Make one run of a visit for those `members` of which none counts yet.

    What it gives is kept for the verdict. Interrupted, the record says of whom it counts yet.

    Raises:
        Interrupted: it was.
    """
    members = still_to_measure(session, action, members)
    if not members:
        return
    standing = session.procedure.each_point.totalise.standing is not None
    way = StandingTotaliser if standing else Totaliser
    totaliser: Totalising = way(session, visit, action, members)
    made = session.made.setdefault(action.id, set())
    try:
        yield from totaliser.run()
        confirm(session)
    except Interrupted:
        keep_environment(session)
        for meter, problem in _spoilt(session, totaliser):
            if problem is None:
                session.sink.emit(measured(session, visit, action, totaliser, meter, run, retest))
                made.add(meter.member.serial)
            else:
                session.sink.emit(voided(session, action, meter, run, retest, problem))
        raise
    keep_environment(session)
    leave_out(session, totaliser.meters)
    for meter in totaliser.meters:
        session.sink.emit(measured(session, visit, action, totaliser, meter, run, retest))
        made.add(meter.member.serial)


def still_to_measure(session: Session, action: Action, members: Sequence[Member]) -> list[Member]:
    """Return the members of which a totalisation has given nothing that counts."""
    made = session.made.get(action.id, set())
    left = [m for m in members if m.serial not in made and m.serial not in session.dropped]
    concerned = {m.serial for m in session.concerned(session.plan.visit(action.visit))}
    return [m for m in left if m.serial in concerned]


def _spoilt(session: Session, totaliser: Totalising) -> Iterator[tuple[Meter, Message | None]]:
    """Give each unit of a run that is interrupted, and why its total does not count, if so.

    A pause voids all of them, and so does an environment that left its limits. A leak voids those
    that it separates from the reference, and of the others those whose amount has not passed yet.
    """
    leave_out(session, totaliser.meters)
    procedure, leaks = session.procedure, session.control.leaks
    apart: dict[str, int] = {}
    for leak in leaks:
        places = separated(
            [m.member.position for m in totaliser.meters],
            leak.position,
            order=session.bench.file.flow_order,
            reference=reference_role(procedure),
        )
        units = [m.member.serial for m in totaliser.meters if m.member.position in places]
        report_leak(session, leak, units)
        apart |= dict.fromkeys(units, leak.position)
    left = session.climate.left
    for meter in totaliser.meters:
        serial = meter.member.serial
        if meter.gone:
            yield meter, session.dropped[serial]
        elif left is not None and serial not in apart:
            yield meter, msg("engine.void-environment", **left.why.args)
        elif not leaks:
            yield meter, msg("engine.void-pause")
        elif serial in apart:
            yield meter, msg("engine.void-leak", position=apart[serial])
        else:
            yield meter, None if totaliser.covers(meter) else msg("engine.void-cut-short")
