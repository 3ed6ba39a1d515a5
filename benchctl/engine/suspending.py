"""The environment left its limits: come to rest, wait until it was back for a while, go on.

The run that was disturbed is void and made anew. A run counts only if every quantity was inside
its limits when it was looked at after the run's end, too (`confirm`): a departure between two
readings of a monitor disturbs it all the same.
"""

from __future__ import annotations

from benchctl.acquire import Task, Until
from benchctl.core.errors import InstrumentError, RefusedError
from benchctl.core.events import ActionFinished, RunSuspended, SuspensionEnded
from benchctl.core.messages import Message, msg
from benchctl.engine.control import Interrupted
from benchctl.engine.session import Session
from benchctl.engine.wording import duration
from benchctl.procedure import Band
from benchctl.procedure.plan import Action

MEASURING = frozenset({"hold", "set", "settle", "read", "totalise", "measure", "more", "retest"})
"""Kinds of actions that need the environment; answers of a person do not."""
LOOK_EVERY = 1.0
"""Bench seconds between two looks at what the monitors found."""
ENVIRONMENT = Action("environment", "environment", "")
"""What the readings of the environment belong to."""


def confirm(session: Session) -> None:
    """Look at every environment quantity now.

    Raises:
        Interrupted: one is outside its limits, or was since measuring began.
    """
    for band in session.procedure.environment:
        try:
            look(session, band.role)
        except InstrumentError:  # its monitor asks again, and ends the run if it stays silent
            continue
    if session.climate.left is not None:
        raise Interrupted


def look(session: Session, role: str) -> None:
    """Read one environment quantity and note it.

    Raises:
        InstrumentError: it could not be read.
    """
    climate, band = session.climate, in_effect(session, role)
    channel = session.bench.channel(role)
    series = climate.series[role]
    with climate.lock:
        if series.heard is not None:
            series.heard()  # what others asked of the instrument is not this row's
        before = session.clock.now()
        value = channel.read()
        now = session.clock.now()
        series.push(before, now, (value,))
        session.latest[role] = value
        if band is not None:
            climate.note(band, value, before)


def in_effect(session: Session, role: str) -> Band | None:
    """Return the limits that an environment quantity has now; None while nothing wants any.

    An item that is measured in its own right may have limits of its own; those that all items have
    hold throughout.
    """
    whole, part = session.procedure, session.procedure.parts.get(session.item)
    if part is None:
        everywhere = all(role in {b.role for b in p.environment} for p in whole.measured)
        part = whole if everywhere else None
    bands = part.environment if part else ()
    return next((band for band in bands if band.role == role), None)


def close_environment(session: Session) -> None:
    """Read every environment quantity a last time, after everything was measured."""
    for band in session.procedure.environment:
        try:
            look(session, band.role)
        except InstrumentError:  # the link notes it; nothing is measured any more
            continue
        column = session.climate.series[band.role].column(0)
        session.climate.closing[band.role] = float(column[-1])


def keep_environment(session: Session) -> None:
    """Commit the readings of the environment that the journal lacks."""
    for series in session.climate.series.values():
        session.spill(series, ENVIRONMENT)


def suspend(session: Session, action: Action) -> Task[None]:
    """Come to rest and wait until everything was inside for a while; persons come first.

    Returns early where somebody wants a pause or a leak seen to; the suspension goes on after it.

    Raises:
        RefusedError: the environment did not come back in time.
    """
    climate, rule, clock = session.climate, session.procedure.suspend, session.clock
    left = climate.left
    assert left is not None
    session.relax()
    load = f"{session.line.load.id}/" if session.line.load else ""
    if not climate.announced:
        climate.announced = True
        climate.count += 1
        session.sink.emit(
            RunSuspended(
                action.id, left.band.role, left.value, left.band.unit, left.why.as_json(), left.t
            )
        )
    step = Action(f"{load}suspended-{climate.count}", "suspend", load.rstrip("/"), rule.dwell)
    session.started(step)
    while (back := climate.back_for(clock.now())) < rule.dwell or not rule.at_most:
        waited = clock.now() - left.t
        if waited >= rule.at_most:
            raise RefusedError(_stayed(session, waited))
        if session.control.wanted:
            session.sink.emit(ActionFinished(step.id, "interrupted", clock.now()))
            return
        session.watch(step, back / rule.dwell, rule.dwell - back)
        yield Until(clock.now() + LOOK_EVERY)
    now = clock.now()
    climate.resume(now)
    session.sink.emit(SuspensionEnded(now, now - left.t))
    session.sink.emit(ActionFinished(step.id, "done", now))


def _stayed(session: Session, waited: float) -> Message:
    """Return why the run is given up."""
    last = session.climate.latest()
    assert last is not None
    if not session.procedure.suspend.at_most:
        return last.why
    return msg("engine.environment-stayed", **last.why.args, waited=duration(round(waited)))
