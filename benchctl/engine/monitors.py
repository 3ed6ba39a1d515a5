"""What runs beside the actions: the environment, and what must be kept alive."""

from __future__ import annotations

import numpy as np

from benchctl.acquire import Task, Until
from benchctl.bench import Alive
from benchctl.core.errors import InstrumentError, RefusedError
from benchctl.core.events import EnvironmentSeen
from benchctl.core.messages import msg
from benchctl.core.series import FAILED
from benchctl.engine.session import Session
from benchctl.engine.suspending import ENVIRONMENT, keep_environment, look
from benchctl.procedure import Band

ENVIRONMENT_EVERY = 10.0
"""Bench seconds between two readings of an environment quantity."""
PATIENCE = 3
"""So many failed readings in a row end the run."""


def start_monitors(session: Session) -> None:
    """Read every environment quantity once, refuse a bad start, then watch on and keep alive.

    Raises:
        RefusedError: the environment is outside its limits.
        InstrumentError: a sensor does not answer.
    """
    session.begin(ENVIRONMENT)  # readings of a run that goes on are a series of their own
    for band in session.procedure.environment:
        channel = session.bench.channel(band.role)
        session.monitors[band.role] = session.series(band.role, [channel])
        look(session, band.role)
        if (left := session.climate.left) is not None:
            raise RefusedError(left.why)
        session.scheduler.spawn(
            _watch(session, band), bus=channel.bus, name=f"environment/{band.role}"
        )
    for alive in session.bench.keep_alive():
        session.scheduler.spawn(
            _keep_alive(session, alive),
            bus=alive.channel.bus,
            name="keep alive",
        )


def _watch(session: Session, band: Band) -> Task[None]:
    failures = 0
    while True:
        yield Until(session.clock.now() + ENVIRONMENT_EVERY)
        try:
            look(session, band.role)
        except InstrumentError:
            failures += 1
            with session.climate.lock:
                now = session.clock.now()
                session.monitors[band.role].push(now, now, (np.nan,), FAILED)
            if failures >= PATIENCE:
                raise
        else:
            failures = 0
            if session.climate.left is not None:
                session.scheduler.wake()


def _keep_alive(session: Session, alive: Alive) -> Task[None]:
    """Read a channel again and again, so that its instrument does not trip, and see if it did."""
    failures = 0
    while True:
        try:
            value = alive.channel.read()
        except InstrumentError:
            failures += 1
            if failures >= PATIENCE:
                raise
        else:
            failures = 0
            if alive.expect is not None and value != float(alive.expect):
                raise RefusedError(
                    msg(
                        "engine.alarm",
                        channel=alive.channel.role,
                        value=f"{value:g}",
                        expected=f"{float(alive.expect):g}",
                    )
                )
        yield Until(session.clock.now() + alive.every)


def environment_seen(session: Session) -> list[EnvironmentSeen]:
    """Return what the environment was over the run, one event per quantity that was read."""
    keep_environment(session)
    now = session.clock.now()
    found = (session.climate.seen(band, now) for band in session.procedure.environment)
    return [seen for seen in found if seen is not None]
