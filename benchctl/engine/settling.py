"""Bring the bench to a set-point and wait until it is steady there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchctl.acquire import OnError, SettleState, Task, sample, settle
from benchctl.core.errors import InstrumentError
from benchctl.core.events import Settled
from benchctl.core.messages import msg
from benchctl.engine.session import Session, VisitVoidError
from benchctl.procedure.plan import Action, Visit

SETTLE_EVERY = 0.5
"""Bench seconds between two readings while a quantity settles."""
CLOSE = 0.3
"""Share of the tolerance within which a steady set-point is not corrected any more."""
TRIMS = 3
"""So often a set-point is corrected before it counts as not reached."""


def set_point(session: Session, visit: Visit) -> None:
    """Bring the bench to the set-point of a visit."""
    session.setpoints[visit.id] = visit.setpoint
    session.line.at(visit.id, steady=False)
    for role, value in visit.sets:
        session.energise(session.bench.channel(role), value)


def start_again(session: Session, visit: Visit) -> None:
    """Bring the bench back to where a visit had settled, its set-point as it was corrected."""
    for role, value in visit.sets:
        asked = session.setpoints[visit.id] if role == visit.role else value
        session.energise(session.bench.channel(role), asked)


def stop_flow(session: Session, visit: Visit) -> None:
    """Bring what makes the set-point of a visit back to its safe values; all else stays."""
    channel = session.bench.channel(visit.role)
    session.come_down(channel, session.setpoints[visit.id])


def settle_visit(session: Session, visit: Visit, action: Action) -> Task[None]:
    """Wait until the watched quantity is steady at the set-point, corrected where needed.

    Raises:
        VisitVoidError: it did not settle, or the set-point was not reached.
    """
    rule = session.procedure.each_point.settle
    channel = session.bench.channel(rule.role)
    asked = visit.setpoint
    for trim in range(TRIMS + 1):
        series = session.series(f"settle-{trim + 1}", [channel])
        job = session.scheduler.spawn(
            sample(one(channel.reader()), series, session.clock, period=SETTLE_EVERY),
            bus=channel.bus,
            name=series.name,
        )
        try:
            outcome = yield from settle(
                series,
                0,
                session.clock,
                target=None,
                tolerance=None,
                limit=rule.within * visit.setpoint,
                dwell=rule.dwell,
                timeout=rule.timeout,
                seen=_shown(session, action, rule.role),
            )
        finally:
            job.cancel()
        session.spill(series, action)
        off = outcome.mean / visit.setpoint - 1.0
        session.sink.emit(
            Settled(
                action.id,
                rule.role,
                outcome.settled and abs(off) <= rule.within,
                outcome.mean,
                outcome.drift,
                channel.unit,
                outcome.waited,
                session.clock.now(),
            )
        )
        if not outcome.settled or not 0.5 < 1.0 + off < 2.0:
            break
        if abs(off) <= rule.within * CLOSE or (trim == TRIMS and abs(off) <= rule.within):
            session.line.at(visit.id, steady=True)
            return
        asked *= visit.setpoint / outcome.mean
        session.setpoints[visit.id] = asked
        session.energise(session.bench.channel(visit.role), asked)
    raise VisitVoidError(
        msg(
            "engine.did-not-settle",
            role=rule.role,
            mean=f"{outcome.mean:.4g} {channel.unit}",
            target=f"{visit.setpoint:.4g} {channel.unit}",
            waited=f"{outcome.waited:.0f}",
        )
    )


def _shown(session: Session, action: Action, role: str) -> Callable[[SettleState], None]:
    """Return what tells the screen how settling goes on."""

    def seen(state: SettleState) -> None:
        session.watch(action, 0.0, state.remaining or 0.0, **{role: state.mean})

    return seen


def one(reader: Callable[[], float]) -> Callable[[], Sequence[float]]:
    """Return a reader of one value as a sampler wants it: a row of one."""
    return lambda: (reader(),)


def patient(most: int) -> OnError:
    """Return what lets a sampler go on after failed reads, fewer than `most`."""
    failures = 0

    def on_error(error: InstrumentError) -> bool:
        nonlocal failures
        del error
        failures += 1
        return failures < most

    return on_error
