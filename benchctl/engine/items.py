"""Items that are answered or observed: mounting, questions, holding pressure, reading."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchctl.acquire import SettleOutcome, Task, Until, sample, settle
from benchctl.core.errors import NoReplyError, NotANumberError, RefusedError
from benchctl.core.events import ItemJudged, Settled
from benchctl.core.messages import Message, msg
from benchctl.core.series import Series
from benchctl.core.verdicts import Verdict
from benchctl.engine.no_signal import judged_without_signal
from benchctl.engine.session import Session, VisitVoidError
from benchctl.engine.settling import one
from benchctl.procedure import AskItem, HoldItem, ReadItem
from benchctl.procedure.plan import Action, Load, Visit

HOLD_EVERY = 1.0
SELECT_S = 1.0
"""Bench seconds that a selector and the reader behind it get before a reading counts."""


def mount(session: Session, load: Load) -> Task[None]:
    """Have a person put the units of a load into the line; the bench is at rest meanwhile.

    Raises:
        RefusedError: the person says no.
    """
    session.relax()
    places = ", ".join(f"{p}: {s}" for s, p in zip(load.serials, load.positions, strict=True))
    answer = yield from session.ask(
        "confirm",
        msg("engine.mount", places=places),
        default=True,
        about={"mount": list(load.positions), "serials": list(load.serials)},
    )
    if answer.value is not True:
        raise RefusedError(msg("engine.not-mounted"))
    for step in session.bench.opening_units(load.serials):
        step()
        yield Until(session.clock.now())
    for serial in load.serials:
        if serial in session.bench.silent:
            session.drop(serial, session.bench.silent[serial].message)


def judge_item(
    session: Session,
    serial: str,
    item: str,
    verdict: Verdict,
    why: Message,
    observed: dict[str, Any],
) -> None:
    """Record the verdict on an item of a unit."""
    session.items[serial, item] = verdict
    session.sink.emit(ItemJudged(serial, item, session.stated(verdict), why.as_json(), observed))


def ask_item(session: Session, item: AskItem, serial: str) -> Task[None]:
    """Ask whether a unit is as it must be; yes passes."""
    answer = yield from session.ask(
        "yes_no",
        question_of(item.question),
        item=item.name,
        serial=serial,
        about={"item": item.name, "serial": serial},
    )
    passed = answer.value is True
    judge_item(
        session,
        serial,
        item.name,
        Verdict.PASS if passed else Verdict.FAIL,
        msg("answered-yes" if passed else "answered-no", by=answer.by),
        {"answer": answer.value, "by": answer.by},
    )


def question_of(texts: Mapping[str, str]) -> Message:
    """Return a question that the procedure's author worded, as a message."""
    return msg("engine.question", en=texts.get("en", ""), zh=texts.get("zh", texts.get("en", "")))


def hold_item(session: Session, item: HoldItem, load: Load, action: Action) -> Task[None]:
    """Bring the line to a state, shut it off, and see whether the held quantity falls."""
    resolved = session.subjects[load.serials[0]].resolved
    sets = {
        role: min(session.subjects[s].resolved.hold_sets[item.name][role] for s in load.serials)
        for role in resolved.hold_sets[item.name]
    }
    drops = [session.subjects[s].resolved.hold_drops.get(item.name) for s in load.serials]
    drop_limit = min((d for d in drops if d is not None), default=math.inf)
    for role, value in sets.items():
        session.energise(session.bench.channel(role), value)
    outcome = yield from _settle_hold(session, item, action, sets)
    if not outcome.settled:
        session.relax()
        for serial in load.serials:
            why = msg("not-measured", problem=outcome.why)
            judge_item(session, serial, item.name, Verdict.NOT_MEASURED, why, {})
        return
    if item.isolate:
        session.energise(session.bench.channel(item.isolate), False)
    drop = yield from _watch_drop(session, item, action)
    session.relax()
    yield from _judge_hold(session, item, load, drop, drop_limit)


def _settle_hold(
    session: Session, item: HoldItem, action: Action, sets: dict[str, float]
) -> Task[SettleOutcome]:
    rule = item.settle
    channel = session.bench.channel(rule.role)
    series = Series("settle", (rule.role,), (channel.unit,))
    job = session.scheduler.spawn(
        sample(one(channel.reader()), series, session.clock, period=HOLD_EVERY / 2),
        bus=channel.bus,
        name=series.name,
    )
    try:
        outcome = yield from settle(
            series,
            0,
            session.clock,
            target=next(iter(sets.values())),
            tolerance=rule.within,
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
    series = Series("hold", (item.hold,), (channel.unit,))
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
    values = series.column(0)[series.good()]
    if values.size < 2:
        raise VisitVoidError(msg("engine.no-run"))
    return float(values[0] - np.min(values))


def _judge_hold(
    session: Session, item: HoldItem, load: Load, drop: float, limit: float
) -> Task[None]:
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
        for serial in load.serials:
            judge_item(session, serial, item.name, Verdict.PASS, msg("held", **fell), seen)
        return
    for serial in load.serials:
        answer = yield from session.ask(
            "yes_no",
            msg("engine.is-tight", serial=serial, position=session.position(serial)),
            item=item.name,
            serial=serial,
            about={"item": item.name, "serial": serial},
        )
        if answer.value is True:
            why = msg("line-not-tight", **fell)
            judge_item(session, serial, item.name, Verdict.NOT_MEASURED, why, seen)
        else:
            why = msg("leaks", by=answer.by, **fell)
            judge_item(session, serial, item.name, Verdict.FAIL, why, seen)


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
