"""Bring the bench to a set-point and wait until it is steady there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchctl.acquire import OnError, SettleOutcome, SettleState, Task, Until, sample, settle
from benchctl.core.errors import InstrumentError, RefusedError
from benchctl.core.events import Settled
from benchctl.core.messages import msg
from benchctl.core.units import converter, unit
from benchctl.driver.errors import SettingRefused
from benchctl.engine.prompting import prompt_visit
from benchctl.engine.session import Session, VisitVoidError
from benchctl.procedure import Settle
from benchctl.procedure.plan import Action, Visit

SETTLE_EVERY = 0.5
"""Least bench seconds between two readings while a quantity settles."""
READINGS = 60
"""So many readings of the time that is looked at are enough: a bath is read less often."""
CLOSE = 0.3
"""Share of the tolerance within which a steady set-point is not corrected any more."""
FAR = 100.0
"""So many tolerances off, a set-point is not corrected: something else is wrong."""
COMING = 0.1
"""What moves to its target by this share of the rest while it is looked at is not corrected yet."""
TRIMS = 3
"""So often a set-point is corrected before it counts as not reached."""


def set_point(session: Session, visit: Visit) -> None:
    """Bring the bench to the set-point of a visit."""
    session.setpoints[visit.id] = visit.setpoint
    session.line.at(visit.id, steady=False)
    for role, value in _units_first(session, visit):
        if session.procedure.needs[role].per_uut:
            _set_units(session, visit, role, value)
        else:
            session.energise(session.bench.channel(role), value)


def leave_point(session: Session, visit: Visit) -> None:
    """Set what the procedure wants set when a point is left, such as an output to standby."""
    if visit.after:
        session.line.at("", steady=False)
    for role, value in visit.after:
        if session.procedure.needs[role].per_uut:
            _set_units(session, visit, role, value)
        else:
            session.energise(session.bench.channel(role), value)


def _units_first(session: Session, visit: Visit) -> list[tuple[str, float]]:
    """Return what is set, what each unit has before what drives it: a range before a voltage."""
    needs = session.procedure.needs
    return sorted(visit.sets, key=lambda pair: not needs[pair[0]].per_uut)


def _set_units(session: Session, visit: Visit, role: str, value: float) -> None:
    """Set a role of every unit of a visit; one that does not obey drops out."""
    for member in session.concerned(visit):
        if member.serial not in session.dropped:
            try:
                session.bench.channel(role, serial=member.serial).set(value)
            except InstrumentError as error:
                session.drop(member.serial, error.message)


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
    rule = session.part_of(visit).each_point.settle
    if rule.role:
        yield from _until_steady(session, visit, action, rule)
    yield from _soak(session, visit, action)
    session.line.at(visit.id, steady=True)


def _soak(session: Session, visit: Visit, action: Action) -> Task[None]:
    """Wait for what follows more slowly than what was looked at."""
    clock = session.clock
    end = clock.now() + visit.soak
    while (left := end - clock.now()) > 0:
        session.watch(action, 1.0 - left / visit.soak, left)
        yield Until(min(end, clock.now() + 1.0))


def _until_steady(session: Session, visit: Visit, action: Action, rule: Settle) -> Task[None]:
    """Wait until a role is steady at the set-point, which is corrected where needed.

    What a person brought there, and is not within the tolerance, the person is asked for again.
    """
    channel = session.bench.channel(rule.role)
    factor, offset = converter(unit(visit.unit), unit(channel.unit))
    target = visit.setpoint * factor + offset
    by_hand = session.part_of(visit).by_hand
    asked, most = visit.setpoint, rule.half_width(target)
    looks, trim, patient_until = 0, 0, session.clock.now() + rule.timeout
    while trim <= TRIMS:
        looks += 1
        outcome = yield from _look(session, visit, action, rule, target, looks)
        off = outcome.mean - target
        if not outcome.settled or not _near(rule, target, outcome.mean):
            break
        if abs(off) <= most * (1.0 if by_hand else CLOSE) or (trim == TRIMS and abs(off) <= most):
            return
        on_its_way = abs(off) > most and _coming(rule, off, outcome)
        if on_its_way and session.clock.now() < patient_until:
            continue
        trim += 1
        if trim > TRIMS:
            break
        if by_hand:
            yield from prompt_visit(session, visit, action)
            continue
        asked = asked - off / factor if rule.absolute else asked * target / outcome.mean
        if not _corrected(session, visit, asked, must=abs(off) > most):
            return
    raise VisitVoidError(
        msg(
            "engine.did-not-settle",
            role=rule.role,
            mean=f"{outcome.mean:.4g} {channel.unit}",
            target=f"{target:.4g} {channel.unit}",
            waited=f"{outcome.waited:.0f}",
        )
    )


def _look(
    session: Session, visit: Visit, action: Action, rule: Settle, target: float, number: int
) -> Task[SettleOutcome]:
    """Read a role until it is steady anywhere, and tell whether that is its target."""
    channel = session.bench.channel(rule.role)
    every, most = max(SETTLE_EVERY, rule.dwell / READINGS), rule.half_width(target)
    series = session.series(f"settle-{number}", [channel])
    job = session.scheduler.spawn(
        sample(one(channel.reader()), series, session.clock, period=every),
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
            limit=most,
            dwell=rule.dwell,
            timeout=rule.timeout,
            poll=every,
            seen=_shown(session, action, rule.role, visit.soak + rule.dwell),
        )
    finally:
        job.cancel()
    session.spill(series, action)
    session.sink.emit(
        Settled(
            action.id,
            rule.role,
            outcome.settled and abs(outcome.mean - target) <= most,
            outcome.mean,
            outcome.drift,
            channel.unit,
            outcome.waited,
            session.clock.now(),
        )
    )
    return outcome


def _corrected(session: Session, visit: Visit, asked: float, *, must: bool) -> bool:
    """Correct the set-point of a visit; return whether it could be.

    At an end of its range a source cannot go where a standard that is off would have it: zero is as
    low as it gets. What lies within the tolerance without a correction stays as it is.

    Raises:
        SettingRefused, RefusedError: it cannot be set so, and `must` be.
    """
    try:
        session.energise(session.bench.channel(visit.role), asked)
    except (SettingRefused, RefusedError):
        if must:
            raise
        return False
    session.setpoints[visit.id] = asked
    return True


def _coming(rule: Settle, off: float, outcome: SettleOutcome) -> bool:
    """Return whether what is beside its target still moves there, so that nothing is to correct.

    Of a first-order response with the time constant τ it moves by dwell/τ of what is left; more
    than half of the largest credible change is more than scatter makes of the slope.
    """
    moved = abs(outcome.drift) * rule.dwell
    return off * outcome.drift < 0.0 and moved > max(COMING * abs(off), outcome.half_width)


def _near(rule: Settle, target: float, mean: float) -> bool:
    """Return whether what was reached is near enough to correct the set-point by it."""
    return abs(mean - target) <= FAR * rule.within if rule.absolute else 0.5 < mean / target < 2.0


def _shown(
    session: Session, action: Action, role: str, least: float
) -> Callable[[SettleState], None]:
    """Return what tells the screen how settling goes on; it takes `least` s where nothing tells."""

    def seen(state: SettleState) -> None:
        left = least if state.remaining is None else state.remaining
        session.watch(action, 0.0, left, **{role: state.mean})

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
