"""What runs beside the actions: the environment, and what must be kept alive."""

from __future__ import annotations

import numpy as np

from benchctl.acquire import Task, Until
from benchctl.bench import Alive, Channel
from benchctl.core.errors import InstrumentError, RefusedError
from benchctl.core.events import EnvironmentSeen
from benchctl.core.messages import msg
from benchctl.core.series import Series
from benchctl.engine.session import Session
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
    for band in session.procedure.environment:
        channel = session.bench.channel(band.role)
        series = Series(f"environment/{band.role}", (band.role,), (band.unit,))
        session.monitors[band.role] = series
        _look(session, band, channel, series)
        session.scheduler.spawn(
            _watch(session, band, channel, series), bus=channel.bus, name=series.name
        )
    for alive in session.bench.keep_alive():
        session.scheduler.spawn(
            _keep_alive(session, alive),
            bus=alive.channel.bus,
            name="keep alive",
        )


def _look(session: Session, band: Band, channel: Channel, series: Series) -> None:
    before = session.clock.now()
    value = channel.read()
    series.push(before, session.clock.now(), (value,))
    session.latest[band.role] = value
    low = -np.inf if band.low is None else band.low
    high = np.inf if band.high is None else band.high
    drift = float(np.ptp(series.column(0)[series.good()]))
    if not low <= value <= high or (band.drift is not None and drift > band.drift):
        raise RefusedError(
            msg(
                "engine.environment-left",
                role=band.role,
                value=f"{value:.4g} {band.unit}",
                limits=limits_text(band),
            )
        )


def limits_text(band: Band) -> str:
    """Return the limits of an environment quantity in words: `10 … 30 °C, drift 5`."""
    low = "" if band.low is None else f"{band.low:g}"
    high = "" if band.high is None else f"{band.high:g}"
    drift = "" if band.drift is None else f", Δ ≤ {band.drift:g}"
    return f"{low} … {high} {band.unit}{drift}"


def _watch(session: Session, band: Band, channel: Channel, series: Series) -> Task[None]:
    failures = 0
    while True:
        yield Until(session.clock.now() + ENVIRONMENT_EVERY)
        try:
            _look(session, band, channel, series)
        except InstrumentError:
            failures += 1
            now = session.clock.now()
            series.push(now, now, (np.nan,), 1.0)
            if failures >= PATIENCE:
                raise
        else:
            failures = 0


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
    seen = []
    for band in session.procedure.environment:
        series = session.monitors.get(band.role)
        values = series.column(0)[series.good()] if series is not None else np.empty(0)
        if not values.size:
            continue
        seen.append(
            EnvironmentSeen(
                quantity=band.role,
                unit=band.unit,
                min=float(values.min()),
                max=float(values.max()),
                mean=float(values[0] + np.mean(values - values[0])),
                n=int(values.size),
                limits=(band.low, band.high),
                drift_limit=band.drift,
            )
        )
    return seen
