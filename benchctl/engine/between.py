"""What comes between two actions: a pause, a leak, a room too warm, and the way back."""

from __future__ import annotations

from benchctl.acquire import Task, Until
from benchctl.core.errors import RefusedError
from benchctl.core.events import ActionFinished, RunContinued, RunPaused
from benchctl.core.messages import msg
from benchctl.engine.consent import have_consent
from benchctl.engine.control import Interrupted, Pause
from benchctl.engine.items import hold_item, vent_item
from benchctl.engine.leaks import note_leaks, take_out
from benchctl.engine.measuring import still_to_measure
from benchctl.engine.prompting import prompt_visit
from benchctl.engine.session import Session
from benchctl.engine.settling import set_point, settle_visit
from benchctl.engine.suspending import MEASURING, suspend
from benchctl.engine.wording import duration
from benchctl.procedure import HoldItem, VentItem
from benchctl.procedure.plan import Action


def see_to(session: Session, action: Action) -> Task[None]:
    """Do everything that comes before `action`: leaks first, then pauses, then the environment.

    Raises:
        RefusedError: a pause or the environment took too long, or a leak was not mended.
    """
    control, line = session.control, session.line
    while True:
        if control.leaks and action.kind == "mount":
            note_leaks(session)  # the line is opened now
        elif control.leaks:
            yield from take_out(session, control.take_leaks())
        elif (pause := control.take_pause()) is not None:
            yield from _pause(session, pause, action)
        elif session.climate.left is not None and (line.due or action.kind in MEASURING):
            yield from suspend(session, action)
        elif line.due:
            yield from _again(session)
        else:
            return


def _pause(session: Session, pause: Pause, action: Action) -> Task[None]:
    """Come to rest, wait for a person to go on.

    Raises:
        RefusedError: nobody goes on before the procedure's longest pause is over.
    """
    session.relax()
    began = session.clock.now()
    session.sink.emit(RunPaused(action.id, pause.by, began))
    most = session.procedure.pause_at_most
    limits = []
    if most is not None:
        limit = _refuse_at(began + most, most)
        limits.append(session.scheduler.spawn(limit, bus="pause", name="longest pause"))
    with session.control.pausing():
        try:
            while True:
                about = {"pause": True}
                answer = yield from session.ask("confirm", msg("engine.paused"), about=about)
                if answer.value is True:
                    break
                yield Until(session.clock.now() + 1.0)
        finally:
            for job in limits:
                job.cancel()
    now = session.clock.now()
    session.sink.emit(RunContinued(answer.by, now, now - began))


def _refuse_at(t: float, most: float) -> Task[None]:
    yield Until(t)
    raise RefusedError(msg("engine.pause-too-long", most=duration(most)))


def _again(session: Session) -> Task[None]:
    """Let the units that are left pass the next item again that is due after a leak or a gap."""
    line = session.line
    if line.load is None or not session.still_judged():
        line.due.clear()
        return
    name = line.due[0]
    item = next(i for i in session.procedure.items if i.name == name)
    kind = "hold" if isinstance(item, HoldItem) else "vent"
    action = Action(f"{line.load.id}/{line.due_after}/{name}", kind, line.load.id, item=name)
    session.started(action)
    outcome = "done"
    try:
        with session.control.listening(measuring=isinstance(item, HoldItem)):
            if isinstance(item, HoldItem):
                yield from hold_item(session, item, action)
            elif isinstance(item, VentItem):
                yield from vent_item(session, item, action)
        line.due.pop(0)
    except Interrupted:
        session.relax()
        outcome = "interrupted"
    session.sink.emit(ActionFinished(action.id, outcome, session.clock.now()))


def back(session: Session, action: Action) -> Task[bool]:
    """Bring the bench back to where `action` needs it, if it came to rest since.

    Return False where that was interrupted.

    Raises:
        VisitVoidError: it does not settle there.
    """
    line = session.line
    if not action.visit or action.kind in ("set", "retest"):
        return True
    visit = session.plan.visit(action.visit)
    measures = action.kind in ("totalise", "measure")
    if measures and not still_to_measure(session, action, visit.members):
        return True
    wanted = ["set", "prompt"] if line.visit != visit.id else []
    if action.kind == "prompt":
        wanted = wanted[:1]
    elif action.kind != "settle" and not (line.visit == visit.id and line.steady):
        wanted = ["set", "prompt", "settle"]
    for step in (a for a in session.plan.actions if a.visit == visit.id and a.kind in wanted):
        session.started(step)
        outcome = "done"
        try:
            with session.control.listening(measuring=True):
                if step.kind == "set":
                    yield from have_consent(session, visit)
                    set_point(session, visit)
                elif step.kind == "prompt":
                    yield from prompt_visit(session, visit, step)
                else:
                    yield from settle_visit(session, visit, step)
        except Interrupted:
            session.relax()
            outcome = "interrupted"
        session.sink.emit(ActionFinished(step.id, outcome, session.clock.now()))
        if outcome != "done":
            return False
    return True
