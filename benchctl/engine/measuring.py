"""One run of a visit: totalise, then measure every member on its own point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from benchctl.acquire import Task, Total
from benchctl.bench import Channel
from benchctl.engine.judging import measured
from benchctl.engine.meters import Meter
from benchctl.engine.session import Session
from benchctl.engine.standing import StandingTotaliser
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
    standing = session.procedure.each_point.totalise.standing is not None
    way = StandingTotaliser if standing else Totaliser
    totaliser: Totalising = way(session, visit, action, members)
    yield from totaliser.run()
    for meter in totaliser.meters:
        session.sink.emit(measured(session, visit, action, totaliser, meter, run, retest))
