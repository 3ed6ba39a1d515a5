"""A unit in the line leaks: it fails, a spool takes its place, and the others go on without it.

Come to rest, take the pressure off, fit the spool; then what the procedure names (venting, the
tightness test) is done again with the units that are left, and the run goes on where it was. So it
is done whoever sees the leak, a person or the tightness test.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.acquire import Task, Until
from benchctl.core.errors import RefusedError
from benchctl.core.events import ActionFinished, LeakReported
from benchctl.core.messages import msg
from benchctl.core.verdicts import Verdict
from benchctl.engine.asking import TRIES, confirmed, judge_item
from benchctl.engine.control import Leak
from benchctl.engine.session import Session
from benchctl.procedure import HoldItem
from benchctl.procedure.plan import Action

FALLS_WITHIN = 60.0
"""Bench seconds that the pressure gets to fall once a person relieved it."""
LOOK_EVERY = 1.0
STEP_S = {"rest": 1.0, "depressurise": 15.0, "spool": 120.0}
"""Steps of taking a unit out, and the bench seconds that each is expected to take."""


def take_out(session: Session, leaks: Sequence[Leak]) -> Task[None]:
    """Take units that leak out of the line; what the others must pass again becomes due.

    Raises:
        RefusedError: nobody relieves the pressure or fits the spool.
    """
    line = session.line
    line.leaks += 1
    for name in STEP_S:
        assert line.load is not None
        action_id = f"{line.load.id}/leak-{line.leaks}/{name}"
        action = Action(action_id, name, line.load.id, STEP_S[name])
        session.started(action)
        match name:
            case "rest":
                session.relax()
                for leak in leaks:
                    note_leak(session, leak)
            case "depressurise":
                yield from _depressurise(session)
            case _:
                yield from _fit_spool(session, leaks)
        session.sink.emit(ActionFinished(action.id, "done", session.clock.now()))
    planned = {name for uut in session.plan.uuts for name, _ in uut.items}
    line.due_after = f"leak-{line.leaks}"
    line.due = [name for name in session.procedure.after_leak.again if name in planned]


def note_leak(session: Session, leak: Leak, voided: Sequence[str] = ()) -> None:
    """Note who leaks and that it takes no further part: tightness is failed, nothing else counts.

    A leak is reported once; `voided` are the units whose running total it made worthless.
    """
    report_leak(session, leak, voided)
    item = _tightness(session)
    if item and not leak.judged:
        why = msg("leak-seen", by=leak.by, position=leak.position)
        observed = {"answer": False, "by": leak.by}
        judge_item(session, leak.serial, item, Verdict.FAIL, why, observed)
    session.take_out(leak.serial, msg("engine.leaks", position=leak.position), leak.by)


def report_leak(session: Session, leak: Leak, voided: Sequence[str]) -> None:
    """Note that a unit leaks, once."""
    if leak.serial in session.line.reported:
        return
    session.line.reported.add(leak.serial)
    now = session.clock.now()
    session.sink.emit(LeakReported(leak.serial, leak.position, leak.by, tuple(voided), now))


def note_leaks(session: Session) -> None:
    """Note leaks that were reported when the line was opened anyway, or the run had ended."""
    for leak in session.control.take_leaks():
        note_leak(session, leak)


def _tightness(session: Session) -> str:
    """Return the item that a unit which leaks fails: the last that holds pressure, "" if none."""
    holds = [i.name for i in session.procedure.items if isinstance(i, HoldItem)]
    again = [name for name in session.procedure.after_leak.again if name in holds]
    planned = {name for uut in session.plan.uuts for name, _ in uut.items}
    return next((name for name in [*reversed(again), *reversed(holds)] if name in planned), "")


def _depressurise(session: Session) -> Task[None]:
    """Have a person take the pressure off, and see that it is off before the line is opened.

    Raises:
        RefusedError: it stays.
    """
    bound = session.procedure.after_leak.depressurise
    about = {"depressurise": True}
    if bound is None:
        yield from confirmed(session, msg("engine.depressurise"), default=None, about=about)
        return
    channel = session.bench.channel(bound.role)
    limit = f"{bound.below:g} {bound.unit}"
    question = msg("engine.depressurise-below", role=bound.role, limit=limit)
    value = channel.read()
    for _ in range(TRIES):
        yield from confirmed(session, question, default=None, about=about)
        until = session.clock.now() + FALLS_WITHIN
        while (value := channel.read()) >= bound.below and session.clock.now() < until:
            yield Until(session.clock.now() + LOOK_EVERY)
        if value < bound.below:
            return
        shown = f"{value:.3g} {bound.unit}"
        question = msg("engine.still-pressed", role=bound.role, value=shown, limit=limit)
    raise RefusedError(question)


def _fit_spool(session: Session, leaks: Sequence[Leak]) -> Task[None]:
    places = ", ".join(f"{leak.position}: {leak.serial}" for leak in leaks)
    about = {"spool": [k.position for k in leaks], "serials": [k.serial for k in leaks]}
    yield from confirmed(session, msg("engine.fit-spool", places=places), default=None, about=about)
    for leak in leaks:
        session.line.remove(leak.position)
