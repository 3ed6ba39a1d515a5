"""Items that are observed: holding pressure, venting, reading."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchctl.acquire import SettleOutcome, Task, Until, sample, settle
from benchctl.core.errors import NoReplyError, NotANumberError
from benchctl.core.events import Settled
from benchctl.core.messages import msg
from benchctl.core.verdicts import Verdict
from benchctl.engine.asking import judge_item, question_of
from benchctl.engine.control import Leak
from benchctl.engine.no_signal import judged_without_signal
from benchctl.engine.session import Session, VisitVoidError
from benchctl.engine.settling import one
from benchctl.procedure import HoldItem, ReadItem, VentItem
from benchctl.procedure.plan import Action, Visit

HOLD_EVERY = 1.0
VENTS = 3
"""So often a line is vented before it counts as one that cannot be."""
SELECT_S = 1.0
"""Bench seconds that a selector and the reader behind it get before a reading counts."""


def hold_item(session: Session, item: HoldItem, action: Action) -> Task[None]:
    """Bring the line to a state, shut it off, and see whether the held quantity falls.

    A unit that is found to leak fails, and is taken out of the line before the run goes on.
    """
    units = [session.subjects[s].resolved for s in session.line.present()]
    sets = _least([unit.hold_sets[item.name] for unit in units])
    drops = [unit.hold_drops.get(item.name) for unit in units]
    drop_limit = min((d for d in drops if d is not None), default=math.inf)
    for role, value in sets.items():
        session.energise(session.bench.channel(role), value)
    outcome = yield from _settle_hold(session, item, action, sets)
    if not outcome.settled:
        session.relax()
        for serial in session.still_judged():
            why = msg("not-measured", problem=outcome.why)
            judge_item(session, serial, item.name, Verdict.NOT_MEASURED, why, {})
        return
    if item.isolate:
        session.energise(session.bench.channel(item.isolate), False)
    drop = yield from _watch_drop(session, item, action)
    session.relax()
    yield from _judge_hold(session, item, drop, drop_limit)


def _least(sets: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return by role the least that any unit of the line bears or wants."""
    return {role: min(of_unit[role] for of_unit in sets) for role in sets[0]}


def _settle_hold(
    session: Session, item: HoldItem, action: Action, sets: dict[str, float]
) -> Task[SettleOutcome]:
    rule = item.settle
    channel = session.bench.channel(rule.role)
    series = session.series("settle", [channel])
    job = session.scheduler.spawn(
        sample(one(channel.reader()), series, session.clock, period=HOLD_EVERY / 2),
        bus=channel.bus,
        name=series.name,
    )
    target = next(iter(sets.values()))
    try:
        outcome = yield from settle(
            series,
            0,
            session.clock,
            target=target,
            tolerance=rule.half_width(target) / (abs(target) or 1.0),
            dwell=rule.dwell,
            timeout=rule.timeout,
        )
    finally:
        job.cancel()
    session.spill(series, action)
    session.sink.emit(
        Settled(
            action.id,
            rule.role,
            outcome.settled,
            outcome.mean,
            outcome.drift,
            channel.unit,
            outcome.waited,
            session.clock.now(),
        )
    )
    return outcome


def _watch_drop(session: Session, item: HoldItem, action: Action) -> Task[float]:
    """Return how far the held quantity fell from its first reading, in its role's unit."""
    channel = session.bench.channel(item.hold)
    series = session.series("hold", [channel])
    job = session.scheduler.spawn(
        sample(one(channel.reader()), series, session.clock, period=HOLD_EVERY),
        bus=channel.bus,
        name=series.name,
    )
    began = session.clock.now()
    try:
        while (gone := session.clock.now() - began) < item.seconds:
            now = {item.hold: float(series.column(0)[-1])} if series.n else {}
            session.watch(action, gone / item.seconds, item.seconds - gone, **now)
            yield Until(session.clock.now() + HOLD_EVERY)
    finally:
        job.cancel()
        session.spill(series, action)
    values = series.readings()[1]
    if values.size < 2:
        raise VisitVoidError(msg("engine.no-run"))
    return float(values[0] - np.min(values))


def _judge_hold(session: Session, item: HoldItem, drop: float, limit: float) -> Task[None]:
    """Pass the line when nothing fell and nobody sees a leak; else find the unit that leaks."""
    unit = session.bench.channel(item.hold).unit
    seen: dict[str, Any] = {"drop": drop, "limit": limit, "unit": unit}
    fell = {"drop": f"{drop:.3g} {unit}", "limit": f"{limit:.3g} {unit}"}
    tight = True
    if item.ask:
        answer = yield from session.ask(
            "yes_no", question_of(item.ask), item=item.name, about={"item": item.name}
        )
        tight = answer.value is True
        seen["answer"] = answer.value
    if tight and drop <= limit:
        for serial in session.still_judged():
            judge_item(session, serial, item.name, Verdict.PASS, msg("held", **fell), seen)
        return
    for serial in session.line.present():
        answer = yield from session.ask(
            "yes_no",
            msg("engine.is-tight", serial=serial, position=session.position(serial)),
            item=item.name,
            serial=serial,
            about={"item": item.name, "serial": serial},
        )
        if answer.value is not True:
            why = msg("leaks", by=answer.by, **fell)
            judge_item(session, serial, item.name, Verdict.FAIL, why, seen)
            leak = Leak(serial, session.position(serial), answer.by, judged=True)
            session.control.found(leak)
        elif serial not in session.taken_out:
            why = msg("line-not-tight", **fell)
            judge_item(session, serial, item.name, Verdict.NOT_MEASURED, why, seen)


def vent_item(session: Session, item: VentItem, action: Action) -> Task[None]:
    """Let the line flow and come to rest until nobody sees air any more."""
    sets = _least(
        [session.subjects[s].resolved.vent_sets[item.name] for s in session.line.present()]
    )
    observed: dict[str, Any] = {"seconds": item.seconds, "times": item.times}
    verdict, why = Verdict.PASS, msg("vented", times=item.times, seconds=f"{item.seconds:g}")
    for again in range(VENTS):
        yield from _flow(session, item, sets, action)
        if not item.ask:
            break
        answer = yield from session.ask(
            "yes_no", question_of(item.ask), item=item.name, about={"item": item.name}
        )
        observed |= {"answer": answer.value, "by": answer.by, "vented": again + 1}
        verdict = Verdict.PASS if answer.value is True else Verdict.NOT_MEASURED
        why = msg("answered-yes" if verdict is Verdict.PASS else "air-left", by=answer.by)
        if verdict is Verdict.PASS:
            break
    for serial in session.still_judged():
        judge_item(session, serial, item.name, verdict, why, observed)


def _flow(
    session: Session, item: VentItem, sets: Mapping[str, float], action: Action
) -> Task[None]:
    """Let the line flow and come to rest as often as the item says."""
    whole = item.seconds * item.times
    for n in range(item.times):
        for role, value in sets.items():
            session.energise(session.bench.channel(role), value)
        end = session.clock.now() + item.seconds
        while (left := end - session.clock.now()) > 0:
            done = (n + 1) * item.seconds - left
            session.watch(action, done / whole, whole - done)
            yield Until(min(end, session.clock.now() + HOLD_EVERY))
        session.relax()


def read_item(session: Session, item: ReadItem, visit: Visit, action: Action) -> Task[None]:
    """Read a quantity of one unit after the other through a shared reader, and judge each."""
    members = [m for m in visit.members if m.point == item.during]
    needs = session.procedure.needs
    for n, member in enumerate(members):
        if member.serial in session.dropped:
            continue
        channel = session.bench.channel(item.read, serial=member.serial)
        channel.select()
        yield Until(session.clock.now() + SELECT_S)
        env = dict(session.subjects[member.serial].resolved.env)
        others = item.passes.names - {item.read} - env.keys()
        began = session.clock.now()
        try:
            value = channel.read()
        except (NotANumberError, NoReplyError) as error:
            waited = session.clock.now() - began
            env |= {r: session.bench.channel(r).read() for r in others if r in needs}
            verdict, why = judged_without_signal(item.passes, item.read, channel.unit, env, waited)
            if isinstance(error, NoReplyError):  # the reader itself was silent
                verdict, why = Verdict.NOT_MEASURED, msg("no-answer", role=item.read)
            reply = {"error": error.message.as_json(), "wire": error.wire.hex(" ")}
            nothing: dict[str, Any] = {item.read: None, "waited": waited, **reply}
            judge_item(session, member.serial, item.name, verdict, why, nothing)
            continue
        env |= {item.read: value}
        env |= {r: session.bench.channel(r).read() for r in others if r in needs}
        passed = bool(item.passes(env))
        seen = {role: env[role] for role in item.passes.names if role in needs}
        shown = f"{value:.4g} {channel.unit}"
        why = msg("read-inside" if passed else "read-outside", value=shown, rule=item.passes.text)
        verdict = Verdict.PASS if passed else Verdict.FAIL
        judge_item(session, member.serial, item.name, verdict, why, seen)
        session.watch(action, (n + 1) / len(members), 2.0 * (len(members) - n - 1))
