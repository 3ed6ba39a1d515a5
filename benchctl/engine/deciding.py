"""From the runs of a unit's point to what is said of it: value, limits, verdict, risks, and why."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from benchctl.core.events import PointJudged
from benchctl.core.messages import Message, msg
from benchctl.core.results import Judgement
from benchctl.core.verdicts import Verdict
from benchctl.engine.judging import budget_line, finite
from benchctl.engine.screening import is_screened, screened
from benchctl.metrology import (
    Chances,
    Retest,
    Rule,
    Statement,
    chances_of,
    find_rule,
    judge_runs,
)
from benchctl.metrology.rounding_rules import RULES as ROUNDING
from benchctl.metrology.rounding_rules import U_RULES, aligned
from benchctl.metrology.together import mean_of

if TYPE_CHECKING:
    from benchctl.engine.session import PointState, Session
    from benchctl.procedure import Procedure, ResolvedPoint
    from benchctl.procedure.declared import Reporting


@dataclass(frozen=True, slots=True)
class Made:
    """The runs that a point has, in order, and the uncertainty of their mean."""

    errors: Sequence[float]
    U: float
    k: float
    dof: float
    U_reference: float | None


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a point: in a calibration a value without limits and verdict."""

    value: float | None
    verdict: Verdict
    judgement: Judgement | None
    why: Message
    chances: Chances | None = None
    screened: bool = False
    """Whether nothing but the verdict is said."""


def judge_point(session: Session, serial: str, point: str) -> None:
    """Say what the runs made so far give for a unit's point, judged where the service judges.

    After a retest the value is the mean of the runs, and U that of the mean: the runs share the
    error of their standard, of which averaging makes nothing smaller.
    """
    state = session.state(serial, point)
    resolved, part = session.point(serial, point), session.part(point)
    if state.closed:
        return
    if not state.errors:
        problem = state.problem or session.dropped.get(serial) or msg("engine.no-run")
        why = msg("not-measured", problem=problem)
        said = Said(None, Verdict.NOT_MEASURED, None, why)
    elif session.judges:
        said = judge_made(
            part,
            made_of(part, state),
            resolved,
            stage=session.stage,
            service=session.service,
        )
        if is_screened(part) and state.look is not None and said.judgement:
            verdict = screened(state.look, resolved, said.judgement)
            said = Said(None, verdict.verdict, verdict, verdict.why, screened=True)
    else:
        mean = state.errors[0] + sum(e - state.errors[0] for e in state.errors) / len(state.errors)
        said = Said(mean, Verdict.PASS, None, msg("stated", n=len(state.errors)))
    state.value, state.verdict, state.closed = said.value, said.verdict, said.screened
    session.sink.emit(_point_judged(session, serial, resolved, state, said))


def made_of(procedure: Procedure, state: PointState) -> Made:
    """Return the runs of a point with the uncertainty of their mean, where there are several."""
    U, k, dof = state.U[-1], state.k[-1], state.dof[-1]  # noqa: N806
    if len(state.errors) > 1 and len(state.evaluated) == len(state.errors):
        budgets = [
            [budget_line(procedure, line) for line in e.result.budget] for e in state.evaluated
        ]
        joint = mean_of(budgets)
        U, k, dof = joint.U, joint.k, joint.dof  # noqa: N806
    return Made(state.errors, U, k, dof, state.U_reference)


def judge_made(
    procedure: Procedure, made: Made, resolved: ResolvedPoint, *, stage: str, service: str
) -> Said:
    """Judge the runs of a point as the procedure says, with the limits that were resolved."""
    decision = procedure.decision
    rule = procedure.each_point.retest
    runs = made.errors
    if rule is None and len(runs) > 1:  # runs of which none is a retest are judged by their mean
        runs = [runs[0] + sum(e - runs[0] for e in runs) / len(runs)]
    value, judgement = judge_runs(
        runs,
        resolved.mpe,
        unit=procedure.measurand.unit,
        rule=decision.rule,
        U=made.U if decision.counts_u else None,
        k=made.k if decision.counts_u else None,
        dof=made.dof,
        retest=Retest(rule.runs, rule.at_least_inside, rule.of, rule.mean_inside) if rule else None,
        U_reference=made.U_reference,
        ratio=decision.ratio.get(stage),
        mpe_initial=resolved.mpe_initial,
        shown=shown_by(procedure.measurand.reporting, resolved.report_to)
        if decision.rounded
        else None,
    )
    verdict, why = judgement.verdict, judgement.why
    statement = Statement(judgement.statement)
    if statement is Statement.UNCERTAINTY_TOO_LARGE and service == "verification":
        # a verification knows pass and fail only: this measurement is to be made better
        verdict, why = Verdict.NOT_MEASURED, msg("not-measured", problem=why)
        judgement = replace(judgement, verdict=verdict)
    chances = chances_of(
        value, resolved.mpe, U=made.U, k=made.k, dof=made.dof, rejected=statement.rejects
    )
    return Said(value, verdict, judgement, why, chances)


def shown_by(reporting: Reporting, step: float | None) -> Callable[[float], float] | None:
    """Return what makes of a value the one that is reported; None where there is no step."""
    if step is None:
        return None
    rule = ROUNDING[reporting.rounding]
    return lambda value: float(rule.round(value, step))


def written(
    reporting: Reporting,
    value: float | None,
    step: float | None,
    U: float | None,  # noqa: N803
) -> tuple[str | None, str | None]:
    """Return value and U as the decimal strings that are reported.

    Without a step the value goes to the last place of U, and is not written where there is no U.
    """
    u_text = U_RULES[reporting.of_u].round(U) if U is not None and 0 < U < math.inf else None
    if value is None or not math.isfinite(value):
        return None, u_text
    rule = ROUNDING[reporting.rounding]
    if step is not None:
        return rule.round(value, step), u_text
    return (None if u_text is None else aligned(value, u_text, rule)), u_text


def _point_judged(
    session: Session, serial: str, resolved: ResolvedPoint, state: PointState, said: Said
) -> PointJudged:
    part, value, judgement = session.part(resolved.name), said.value, said.judgement
    measurand = part.measurand
    stated = bool(state.errors) and not said.screened
    made = made_of(part, state) if stated else None
    U = made.U if made else None  # noqa: N806
    reported, reported_U = written(  # noqa: N806
        measurand.reporting, value, resolved.report_to, U
    )
    return PointJudged(
        uut=serial,
        item=part.result_item,
        point=resolved.name,
        occasion="as_left" if serial in session.adjusted else resolved.occasion,
        quantity=measurand.name,
        unit=measurand.unit,
        nominal={"value": resolved.nominal, "unit": resolved.nominal_unit},
        error=value,
        reported=reported,
        judged_on=None if judgement is None else _judged_on(part),
        k=made.k if made else None,
        U=U,
        dof=finite(made.dof) if made else None,
        U_reference=state.U_reference,
        mpe=resolved.mpe if session.judges else None,
        accept=None if judgement is None else judgement.accept,
        rule=None if judgement is None else judgement.rule,
        verdict=session.stated(said.verdict),
        why=said.why.as_json(),
        **_found(session, serial, resolved.name, state, said),
        reported_U=reported_U,
        rounding=None if reported is None else measurand.reporting.rounding,
    )


def _judged_on(part: Procedure) -> str:
    return "rounded" if part.decision.rounded else "unrounded"


def _found(
    session: Session, serial: str, point: str, state: PointState, said: Said
) -> dict[str, Any]:
    """Return what is known beyond value and verdict: risks, rule, method and its check."""
    found: dict[str, Any] = {}
    if said.screened:
        return found
    if said.judgement is not None:
        rule: Rule = find_rule(session.part(point).decision.rule)
        found = {
            "statement": str(said.judgement.statement),
            "rule_version": str(rule.version),
            **({} if said.chances is None else said.chances._asdict()),
        }
    if state.evaluated:
        evaluated = state.evaluated[-1]
        place = {"uut": serial, "point": point, "run": len(state.errors)}
        found["method"] = evaluated.method
        found["check"] = session.checks.of(
            session.part(point).measurand,
            session.point(serial, point).model,
            evaluated,
            place,
        )
    return found
