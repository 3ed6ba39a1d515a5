"""The morning gate: what the bench file wants checked before a run starts.

All checks are made, so that a person sees all that is wrong; then one that failed refuses the run.
Before the first one every instrument that acts is brought to its safe state, whoever left it
otherwise: with valves shut and pump stopped, nothing flows. Each check leaves the bench at rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchctl.acquire import Task, Until, read_row
from benchctl.bench import Channel, Gate, GateCheck
from benchctl.core.errors import InstrumentError, NotMeasuredError
from benchctl.core.events import GateChecked, GateClosed
from benchctl.core.messages import Message, msg
from benchctl.core.ports import Prompt
from benchctl.core.units import unit
from benchctl.engine.gate_state import GateFailedError
from benchctl.engine.session import Session
from benchctl.engine.settling import one
from benchctl.procedure.plan import Action

EVERY = 0.5
"""Bench seconds between two readings of a check."""
AGAIN = 2.0
"""Bench seconds before a reading that failed is tried again."""
TRIES = 3
"""So often a person is asked to undo what was done."""


def make_check(session: Session, action: Action) -> Task[None]:
    """Make one check of the gate, and close it after the last.

    Raises:
        GateFailedError: it was the last one, and one has failed.
    """
    gate = session.bench.file.gate
    assert gate is not None
    check = next(c for c in gate.checks if c.name == action.item)
    if session.gate.made == 0:
        session.bench.rest()
    session.gate.made += 1
    value: float | None = None
    why: Message | None = None
    try:
        value = yield from _value(session, check, action)
    except NotMeasuredError as error:
        why = error.message
    session.relax()
    _tell(session, check, value, why)
    if session.gate.made == len(gate.checks):
        _close(session, gate)


def _tell(session: Session, check: GateCheck, value: float | None, why: Message | None) -> None:
    """Record what came of a check."""
    within, expect = check.within, check.expect
    passed = why is None and value is not None and abs(value - expect.value) <= within.value
    if why is None:
        why = msg(
            "engine.gate-inside" if passed else "engine.gate-outside",
            value=f"{value:.5g} {within.unit.symbol}",
            expected=f"{expect.value:g} ± {within.value:g} {within.unit.symbol}",
        )
    if not passed:
        session.gate.failed.append(_called(check))
    session.sink.emit(
        GateChecked(
            check=check.name,
            passed=passed,
            value=value,
            unit=within.unit.symbol,
            expected=expect.value,
            within=within.value,
            why=why.as_json(),
            t=session.clock.now(),
        )
    )


def _close(session: Session, gate: Gate) -> None:
    failed = session.gate.failed
    at = session.clock.utc().isoformat(timespec="milliseconds")
    session.sink.emit(GateClosed(session.bench.file.name, gate.sha256, not failed, at))
    if failed:
        names = failed[0]
        for name in failed[1:]:
            names = msg("engine.and", one=names, other=name)
        raise GateFailedError(
            msg("engine.gate-failed", checks=names), hint=msg("engine.gate-failed-hint")
        )


def _called(check: GateCheck) -> Message:
    return worded(check.title or {"en": check.name})


def worded(texts: Mapping[str, str]) -> Message:
    """Return a sentence that the bench file words, as a message."""
    known = next(iter(texts.values()), "")
    return msg("engine.question", en=texts.get("en", known), zh=texts.get("zh", known))


# one check --------------------------------------------------------------------------------------


def _value(session: Session, check: GateCheck, action: Action) -> Task[float]:
    """Return what a check gives, in the unit of `within`.

    Raises:
        NotMeasuredError: it gives nothing: a reading failed, or what was done was not undone.
    """
    bench = session.bench
    for to in check.sets:
        channel = bench.channel(to.role)
        value = to.value if isinstance(to.value, bool) else to.value.to(unit(channel.unit))
        session.energise(channel, value)
    yield Until(session.clock.now() + check.wait)
    if check.against is not None:
        one = bench.plain(check.read)
        channels = [one, bench.plain(check.against, unit(one.unit))]
        value, other = yield from _read(session, check, action, channels, "")
        if not other:
            raise NotMeasuredError(msg("engine.gate-nothing", channel=str(check.against)))
        return (value / other - 1.0) / check.within.unit.factor
    channels = [bench.plain(check.read, check.within.unit)]
    if not check.ask:
        (value,) = yield from _read(session, check, action, channels, "")
        return value
    return (yield from _change(session, check, action, channels))


def _change(
    session: Session, check: GateCheck, action: Action, channels: Sequence[Channel]
) -> Task[float]:
    """Return by how much a reading changes when a person does what is asked."""
    (before,) = yield from _read(session, check, action, channels, "/before")
    yield from _have_done(session, check, check.ask, on=True)
    (after,) = yield from _read(session, check, action, channels, "/after")
    for n in range(TRIES if check.then else 0):
        yield from _have_done(session, check, check.then, on=False)
        (back,) = yield from _read(session, check, action, channels, f"/undone-{n + 1}")
        if abs(back - before) <= check.within.value:
            break
    else:
        if check.then:
            left = f"{back - before:.5g} {check.within.unit.symbol}"
            raise NotMeasuredError(msg("engine.gate-not-undone", left=left))
    return after - before


def _have_done(
    session: Session, check: GateCheck, texts: Mapping[str, str], *, on: bool
) -> Task[None]:
    """Have a person do something, or undo it.

    Raises:
        NotMeasuredError: the person says no.
    """
    prompt = Prompt(
        id="",
        kind="confirm",
        question=worded(texts),
        item=check.name,
        default=True,
        about={"gate": check.name, "on": on},
    )
    answer = yield from session.put(prompt)
    if answer.value is not True:
        raise NotMeasuredError(msg("engine.gate-declined"))


def _read(
    session: Session, check: GateCheck, action: Action, channels: Sequence[Channel], name: str
) -> Task[list[float]]:
    """Return the mean of each channel over the time that the check is read.

    Raises:
        NotMeasuredError: one could not be read in the time that is given.
    """
    clock = session.clock
    series = [session.series(f"{c.role}{name}", [c]) for c in channels]
    began = clock.now()
    while True:
        try:
            for channel, kept in zip(channels, series, strict=True):
                read_row(one(channel.read), kept, clock.now)
        except InstrumentError as error:
            if clock.now() - began > check.timeout:
                raise NotMeasuredError(msg("engine.gate-unread", problem=error.message)) from error
            yield Until(clock.now() + AGAIN)
            continue
        gone = clock.now() - began
        if gone >= check.over:
            break
        session.watch(
            action,
            min(1.0, gone / check.over),
            check.over - gone,
            **{c.role: float(k.column(0)[-1]) for c, k in zip(channels, series, strict=True)},
        )
        yield Until(clock.now() + EVERY)
    for kept in series:
        session.spill(kept, action)
    return [float(np.mean(kept.readings()[1])) for kept in series]
