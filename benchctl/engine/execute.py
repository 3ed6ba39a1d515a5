"""Carry out the actions of a plan, one after the other, as one generator."""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.acquire import Task, Until
from benchctl.core.errors import NotMeasuredError
from benchctl.core.events import ActionFinished
from benchctl.core.verdicts import Verdict
from benchctl.engine.gate import make_check
from benchctl.engine.items import ask_item, hold_item, mount, read_item
from benchctl.engine.judging import judge_point
from benchctl.engine.measuring import totalise_visit
from benchctl.engine.monitors import start_monitors
from benchctl.engine.session import Session
from benchctl.engine.settling import set_point, settle_visit
from benchctl.procedure import AskItem, HoldItem, ReadItem
from benchctl.procedure.plan import Action, Member, Visit


def execute(session: Session) -> Task[None]:
    """Open the bench, watch the environment, carry out every action, come to rest."""
    yield Until(session.clock.now())  # who wants to stop already need not wait for an instrument
    for step in session.bench.opening():
        step()
        yield Until(session.clock.now())
    start_monitors(session)
    void: set[str] = set()
    for action in session.plan.actions:
        outcome = yield from _one_action(session, action, void)
        session.sink.emit(ActionFinished(action.id, outcome, session.clock.now()))
    session.relax()


def _one_action(session: Session, action: Action, void: set[str]) -> Task[str]:
    """Carry out one action.

    Return done, skipped or failed. `void` are visits that did not settle, or for nobody.
    """
    if action.kind == "gate" and not session.gate.due:
        return "skipped"
    if action.kind == "set" and _nobody_left(session, session.plan.visit(action.visit)):
        void.add(action.visit)
        _judge(session, session.plan.visit(action.visit).members)
        return "skipped"
    if action.visit in void and action.kind != "set":
        return "skipped"
    if action.kind == "retest" and not candidates(session, session.plan.visit(action.visit)):
        return "skipped"
    session.started(action)
    try:
        yield from _carry_out(session, action)
    except NotMeasuredError as error:
        if not action.visit:
            raise
        void.add(action.visit)
        for member in session.plan.visit(action.visit).members:
            session.void(member.serial, member.point, error.message)
            judge_point(session, member.serial, member.point)
        return "failed"
    return "done"


def _carry_out(session: Session, action: Action) -> Task[None]:
    procedure, plan = session.procedure, session.plan
    item = next((i for i in procedure.items if i.name == action.item), None)
    match action.kind:
        case "gate":
            yield from make_check(session, action)
        case "mount":
            yield from mount(session, plan.load(action.load))
        case "ask":
            assert isinstance(item, AskItem)
            yield from ask_item(session, item, action.serial)
        case "hold":
            assert isinstance(item, HoldItem)
            yield from hold_item(session, item, plan.load(action.load), action)
        case "set":
            set_point(session, plan.visit(action.visit))
        case "settle":
            yield from settle_visit(session, plan.visit(action.visit), action)
        case "read":
            assert isinstance(item, ReadItem)
            yield from read_item(session, item, plan.visit(action.visit), action)
        case "totalise":
            visit = plan.visit(action.visit)
            yield from totalise_visit(session, visit, action, visit.members, run=action.run)
            if action.run == procedure.each_point.runs:
                _judge(session, visit.members)
        case "retest":
            yield from _retest(session, plan.visit(action.visit), action)
        case other:
            raise ValueError(f"the plan has an action of unknown kind {other!r}")


def _nobody_left(session: Session, visit: Visit) -> bool:
    """Return whether every unit of a visit has dropped out: no water need flow for them."""
    return all(m.serial in session.dropped for m in visit.members)


def candidates(session: Session, visit: Visit) -> list[Member]:
    """Return the members of a visit that the procedure's rule sends into a retest."""
    rule = session.procedure.each_point.retest
    if rule is None:
        return []
    failing: dict[str, int] = {}
    for (serial, _), state in session.points.items():
        if state.verdict is Verdict.FAIL:
            failing[serial] = failing.get(serial, 0) + 1
    return [
        m
        for m in visit.members
        if session.state(m.serial, m.point).verdict is Verdict.FAIL
        and m.serial not in session.dropped
        and (not rule.only_if_one_point_fails or failing[m.serial] == 1)
    ]


def _retest(session: Session, visit: Visit, action: Action) -> Task[None]:
    """Make the further runs of the retest rule for the members that failed at this visit alone."""
    rule = session.procedure.each_point.retest
    assert rule is not None
    members = candidates(session, visit)
    for n in range(1, rule.runs + 1):
        part = Action(f"{action.id}-{n}", "totalise", action.load, visit=visit.id, run=n)
        set_point(session, visit)
        yield from settle_visit(session, visit, part)
        first = session.procedure.each_point.runs
        yield from totalise_visit(session, visit, part, members, run=first + n, retest=True)
    _judge(session, members)


def _judge(session: Session, members: Sequence[Member]) -> None:
    for member in members:
        judge_point(session, member.serial, member.point)
