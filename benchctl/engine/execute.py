"""Carry out the actions of a plan, one after the other, as one generator.

An action that a person interrupts is begun anew, once what the person wanted was done (module
`between`); a run of a visit that counts is never repeated.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.acquire import Task, Until
from benchctl.core.errors import NotMeasuredError
from benchctl.core.events import ActionFinished
from benchctl.core.verdicts import Verdict
from benchctl.engine.across import across_item
from benchctl.engine.adjusting import adjust_unit, wants_adjusting
from benchctl.engine.asking import ask_item
from benchctl.engine.between import back, see_to
from benchctl.engine.consensus import note_consensus
from benchctl.engine.consent import have_consent
from benchctl.engine.control import Interrupted
from benchctl.engine.deciding import judge_point
from benchctl.engine.further import further_runs, wanting
from benchctl.engine.gate import make_check
from benchctl.engine.items import hold_item, read_item, vent_item
from benchctl.engine.measuring import measure_visit, still_to_measure
from benchctl.engine.monitors import start_monitors
from benchctl.engine.mounting import mount
from benchctl.engine.prompting import prompt_visit
from benchctl.engine.rejoining import Resumption, rejoin
from benchctl.engine.session import Session
from benchctl.engine.settling import leave_point, set_point, settle_visit
from benchctl.engine.standards import require_in_date
from benchctl.engine.suspending import MEASURING, close_environment
from benchctl.procedure import AcrossItem, AskItem, HoldItem, ReadItem, VentItem
from benchctl.procedure.plan import Action, Member, Visit

WHOLE = frozenset({"mount", "gate"})
"""Kinds of actions that are not interrupted: what a person wants then waits for their end."""


def execute(session: Session, resumed: Resumption | None = None) -> Task[None]:
    """Open the bench, watch the environment, carry out every action, come to rest.

    Of a run that goes on only those actions are carried out that are left.
    """
    yield Until(session.clock.now())  # who wants to stop already need not wait for an instrument
    for step in session.bench.opening():
        step()
        yield Until(session.clock.now())
    start_monitors(session)
    over = resumed.so_far.over if resumed else set()
    void = {a.visit for a in session.plan.actions if resumed and a.id in resumed.so_far.failed}
    joined = resumed is None
    for action in session.plan.actions:
        if action.id in over:
            continue
        if not joined and action.kind != "gate":
            assert resumed is not None
            yield from rejoin(session, resumed, action)
            joined = True
        if action.visit:
            require_in_date(session)
        outcome = yield from _one_action(session, action, void)
        session.sink.emit(ActionFinished(action.id, outcome, session.clock.now()))
    session.relax()
    close_environment(session)


def _one_action(session: Session, action: Action, void: set[str]) -> Task[str]:
    """Carry out one action, anew as often as it is interrupted.

    Return done, skipped or failed. `void` are visits that did not settle, or for nobody.
    """
    while True:
        if _needless(session, action, void):
            return "skipped"
        yield from see_to(session, action)
        if _needless(session, action, void):
            return "skipped"
        try:
            if not (yield from back(session, action)):
                continue
            session.started(action)
            session.item = session.plan.visit(action.visit).item if action.visit else ""
            if action.kind in WHOLE:
                yield from _carry_out(session, action)
            else:
                with session.control.listening(measuring=action.kind in MEASURING):
                    yield from _carry_out(session, action)
        except Interrupted:
            session.relax()
            session.sink.emit(ActionFinished(action.id, "interrupted", session.clock.now()))
            continue
        except NotMeasuredError as error:
            if not action.visit:
                raise
            _void(session, session.plan.visit(action.visit), error, void)
            return "failed"
        return "done"


def _void(session: Session, visit: Visit, error: NotMeasuredError, void: set[str]) -> None:
    """Note that a visit cannot be measured; what was measured of it before stands."""
    void.add(visit.id)
    leave_point(session, visit)
    for member in session.concerned(visit):
        session.void(member.serial, member.point, error.message)
        judge_point(session, member.serial, member.point)


def _needless(session: Session, action: Action, void: set[str]) -> bool:
    """Return whether an action is to be skipped: its visit is void, nobody needs it any more."""
    if action.kind == "gate":
        return not session.gate.due
    if action.visit:
        visit = session.plan.visit(action.visit)
        if action.visit not in void and _nobody_left(session, visit):
            void.add(action.visit)
            if action.kind != "retest":
                _judge(session, session.concerned(visit))
        if action.visit in void:
            return True
        if action.kind == "more":
            return not wanting(session, visit)
        return action.kind == "retest" and not candidates(session, visit)
    if action.kind == "adjust":
        return not wants_adjusting(session, action.serial)
    if action.kind == "across" and "/as-left/" in action.id:
        return session.adjusted.isdisjoint(session.plan.load(action.load).serials)
    if action.serial:
        return action.serial in session.taken_out
    if action.kind in ("mount", "hold", "vent", "across"):
        return session.taken_out.issuperset(session.plan.load(action.load).serials)
    return False


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
            yield from hold_item(session, item, action)
        case "vent":
            assert isinstance(item, VentItem)
            yield from vent_item(session, item, action)
        case "set":
            visit = plan.visit(action.visit)
            yield from have_consent(session, visit)
            set_point(session, visit)
        case "prompt":
            yield from prompt_visit(session, plan.visit(action.visit), action)
        case "settle":
            yield from settle_visit(session, plan.visit(action.visit), action)
        case "read":
            assert isinstance(item, ReadItem)
            yield from read_item(session, item, plan.visit(action.visit), action)
        case "totalise" | "measure":
            visit = plan.visit(action.visit)
            yield from measure_visit(session, visit, action, visit.members, run=action.run)
            if action.run == session.part_of(visit).each_point.runs:
                waiting = wanting(session, visit)
                if not waiting:
                    leave_point(session, visit)
                _judge(session, [m for m in session.concerned(visit) if m not in waiting])
                if not waiting:
                    note_consensus(session, visit)
        case "more":
            visit = plan.visit(action.visit)
            yield from further_runs(session, visit, action)
            leave_point(session, visit)
            note_consensus(session, visit)
        case "adjust":
            yield from adjust_unit(session, action.serial)
        case "across":
            assert isinstance(item, AcrossItem)
            across_item(session, item, action)
        case "retest":
            yield from _retest(session, plan.visit(action.visit), action)
        case other:
            raise ValueError(f"the plan has an action of unknown kind {other!r}")


def _nobody_left(session: Session, visit: Visit) -> bool:
    """Return whether every unit of a visit has dropped out: no water need flow for them."""
    return all(m.serial in session.dropped for m in session.concerned(visit))


def candidates(session: Session, visit: Visit) -> list[Member]:
    """Return the members of a visit that the procedure's rule sends into a retest."""
    part = session.part_of(visit)
    rule = part.each_point.retest
    if rule is None:
        return []
    failing: dict[str, int] = {}
    for (serial, point), state in session.points.items():
        if state.verdict is Verdict.FAIL and session.part(point) is part:
            failing[serial] = failing.get(serial, 0) + 1
    return [
        m
        for m in session.concerned(visit)
        if session.state(m.serial, m.point).verdict is Verdict.FAIL
        and m.serial not in session.dropped
        and (not rule.only_if_one_point_fails or failing[m.serial] == 1)
    ]


def _retest(session: Session, visit: Visit, action: Action) -> Task[None]:
    """Make the further runs of the retest rule for the members that failed at this visit alone."""
    each = session.part_of(visit).each_point
    rule = each.retest
    assert rule is not None
    members = candidates(session, visit)
    for n in range(1, rule.runs + 1):
        kind = "totalise" if each.totalise else "measure"
        part = Action(f"{action.id}-{n}", kind, action.load, visit=visit.id, run=n)
        if not still_to_measure(session, part, members):
            continue  # made before the retest was interrupted
        session.begin(part)
        yield from have_consent(session, visit)
        set_point(session, visit)
        prompting = each.prompt
        if prompting is not None and not prompting.each_run:
            yield from prompt_visit(session, visit, part, members)
        yield from settle_visit(session, visit, part)
        yield from measure_visit(session, visit, part, members, run=each.runs + n, retest=True)
        leave_point(session, visit)
    _judge(session, members)


def _judge(session: Session, members: Sequence[Member]) -> None:
    for member in members:
        judge_point(session, member.serial, member.point)
