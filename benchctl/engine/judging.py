"""From totals to a run's error with its budget, and from runs to a verdict on the point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import NotMeasuredError
from benchctl.core.events import PointJudged, RunMeasured
from benchctl.core.messages import Message, msg
from benchctl.core.results import Judgement, Result
from benchctl.core.units import converter, unit
from benchctl.core.verdicts import Verdict
from benchctl.engine.certificates import require_certificates, with_correction
from benchctl.engine.references import Facts, Line, lines_of, reference_uncertainty
from benchctl.engine.screening import is_screened, screened, without_value
from benchctl.language import ExpressionError
from benchctl.metrology import (
    Input,
    Retest,
    find_rule,
    judge_runs,
    propagate,
    reported,
)
from benchctl.procedure import CONTEXT

if TYPE_CHECKING:
    from benchctl.bench import Channel
    from benchctl.engine.measuring import Found, Measuring
    from benchctl.engine.meters import Meter
    from benchctl.engine.session import PointState, Session
    from benchctl.procedure import ResolvedPoint
    from benchctl.procedure.plan import Action, Member, Visit


def measured(
    session: Session,
    visit: Visit,
    action: Action,
    totaliser: Measuring,
    meter: Meter,
    run: int,
    retest: bool,
) -> RunMeasured:
    """Return the event of one run of one unit, valid or not, and keep its error for the verdict."""
    member = meter.member
    state = session.state(member.serial, member.point)
    base = _base(session, action, member, run, retest)
    try:
        total = totaliser.total_of(meter)
        band = totaliser.band_value(total)
        kept = _kept(band, visit, member)
        facts = session.facts if band is None else session.facts.at(band[1], band[0].unit)
        total = with_correction(session, total, facts)
        values = totaliser.values(meter, total)
        watched = session.conditions(total.t_start, total.t_stop)
        require_certificates(session, values, facts, totaliser.conditions(total) | watched)
        result = error_of(session, member, total, values, facts)
    except NotMeasuredError as error:
        state.problem = error.message
        return _invalid(base, error.message, int(meter.series.n))
    alone = totaliser.alone(meter, total)
    model = session.point(member.serial, member.point).model
    U_reference = reference_uncertainty(  # noqa: N806
        session.procedure, alone, facts, model
    )
    state.errors.append(result.value)
    state.U.append(result.U)
    state.k.append(result.k)
    state.dof.append(result.dof)
    state.U_reference = U_reference
    state.look = getattr(total, "look", None)
    event = RunMeasured(
        **base,
        valid=True,
        problem=None,
        indication=total.indication,
        reference=total.reference,
        error=result.value,
        u=result.u,
        n=total.n,
        k=result.k,
        U=result.U,
        dof=_finite(result.dof),
        U_reference=U_reference,
        budget=tuple(_line(c) for c in result.budget),
        window=(total.t_start, total.t_stop),
        conditions=totaliser.conditions(total)
        | kept
        | session.conditions(total.t_start, total.t_stop),
        notes=tuple(n.as_json() for n in total.notes),
        readings=total.facts(),
    )
    return without_value(event, total)


def _kept(found: tuple[Channel, float] | None, visit: Visit, member: Member) -> dict[str, float]:
    """Return what had to stay within the band of a unit's point, by role, in its own unit.

    Raises:
        NotMeasuredError: it did not.
    """
    if found is None:
        return {}
    channel, mean = found
    factor, offset = converter(unit(channel.unit), unit(visit.unit))
    value, (low, high) = mean * factor + offset, member.keep
    if not low <= value <= high:
        raise NotMeasuredError(
            msg(
                "engine.left-band",
                role=channel.role,
                value=f"{value:.4g} {visit.unit}",
                band=f"{low:.4g} … {high:.4g} {visit.unit}",
            )
        )
    return {channel.role: mean}


def voided(
    session: Session, action: Action, meter: Meter, run: int, retest: bool, problem: Message
) -> RunMeasured:
    """Return the event of one run of one unit that does not count, whatever was read."""
    member = meter.member
    session.state(member.serial, member.point).problem = problem
    return _invalid(_base(session, action, member, run, retest), problem, int(meter.series.n))


def _base(
    session: Session, action: Action, member: Member, run: int, retest: bool
) -> dict[str, Any]:
    """Return what every run of a unit says of itself."""
    return {
        "uut": member.serial,
        "item": _item(session),
        "point": member.point,
        "occasion": "as_found",
        "run": run,
        "retest": retest,
        "action": action.id,
    }


def _line(contribution: Any) -> dict[str, Any]:
    line = asdict(contribution)
    line["dof"] = _finite(line["dof"])
    return line


def _finite(value: float) -> float | None:
    """Return `value`, or None where it is infinite: JSON has no infinity."""
    return value if value < 1e9 else None


def _item(session: Session) -> str:
    name = session.procedure.measurand.name
    return "error of indication" if name == "error" else name


def _invalid(base: dict[str, Any], problem: Message, n: int) -> RunMeasured:
    return RunMeasured(
        **base,
        valid=False,
        problem=problem.as_json(),
        indication=None,
        reference=None,
        error=None,
        u=None,
        n=n,
        k=None,
        U=None,
        dof=None,
        U_reference=None,
        budget=(),
        window=(0.0, 0.0),
        conditions={},
    )


def error_of(
    session: Session, member: Member, total: Found, values: Mapping[str, float], facts: Facts
) -> Result:
    """Return the measurand of one run with its uncertainty from everything that is declared.

    `values` are those of all names of the model, `facts` the bench's at the flow of the run.

    Raises:
        NotMeasuredError: the model has no value there.
    """
    procedure = session.procedure
    env = session.facts.names() | session.subjects[member.serial].resolved.env
    model = session.point(member.serial, member.point).model
    inputs = []
    for name in sorted(model.names):
        lines: list[Line] = []
        if name not in CONTEXT:
            found = lines_of(procedure, name, values[name], facts, env)
            lines = total.sources(name, [line for line in found if line is not None])
        inputs.append(Input(name, values[name], tuple(lines)))
    try:
        return propagate(model, inputs, unit=procedure.measurand.unit)
    except ExpressionError as error:
        raise NotMeasuredError(error.message) from error


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of a point: in a calibration a value without limits and verdict."""

    value: float | None
    verdict: Verdict
    judgement: Judgement | None
    why: Message
    screened: bool = False
    """Whether nothing but the verdict is said."""


def judge_point(session: Session, serial: str, point: str) -> None:
    """Say what the runs made so far give for a unit's point, judged where the service judges.

    After a retest the value is the mean of the runs; U is that of the last run, since the runs
    share their reference and averaging them makes little of it smaller.
    """
    state = session.state(serial, point)
    resolved = session.point(serial, point)
    if not state.errors:
        problem = state.problem or session.dropped.get(serial) or msg("engine.no-run")
        why = msg("not-measured", problem=problem)
        said = _Said(None, Verdict.NOT_MEASURED, None, why)
    elif session.judges:
        said = _judged(session, state, resolved)
    else:
        mean = state.errors[0] + sum(e - state.errors[0] for e in state.errors) / len(state.errors)
        said = _Said(mean, Verdict.PASS, None, msg("stated", n=len(state.errors)))
    state.verdict = said.verdict
    session.sink.emit(_point_judged(session, serial, resolved, state, said))


def _judged(session: Session, state: PointState, resolved: ResolvedPoint) -> _Said:
    procedure = session.procedure
    rule = procedure.each_point.retest
    retest = Retest(rule.runs, rule.at_least_inside, rule.of, rule.mean_inside) if rule else None
    needs_u = find_rule(procedure.decision.rule).needs_u
    runs = state.errors
    if retest is None and len(runs) > 1:  # runs of which none is a retest are judged by their mean
        runs = [runs[0] + sum(e - runs[0] for e in runs) / len(runs)]
    value, judgement = judge_runs(
        runs,
        resolved.mpe,
        unit=procedure.measurand.unit,
        rule=procedure.decision.rule,
        U=state.U[-1] if needs_u else None,
        k=state.k[-1] if needs_u else None,
        dof=state.dof[-1],
        retest=retest,
        U_reference=state.U_reference,
        ratio=procedure.decision.ratio.get(session.stage),
        mpe_initial=resolved.mpe_initial,
    )
    if is_screened(procedure) and state.look is not None:
        verdict = screened(state.look, resolved, judgement)
        return _Said(None, verdict.verdict, verdict, verdict.why, screened=True)
    return _Said(value, judgement.verdict, judgement, judgement.why)


def _point_judged(
    session: Session, serial: str, resolved: ResolvedPoint, state: PointState, said: _Said
) -> PointJudged:
    measurand = session.procedure.measurand
    interval, value, judgement = measurand.report_to, said.value, said.judgement
    stated = bool(state.k) and not said.screened
    return PointJudged(
        uut=serial,
        item=_item(session),
        point=resolved.name,
        occasion=resolved.occasion,
        quantity=measurand.name,
        unit=measurand.unit,
        nominal={"value": resolved.nominal, "unit": resolved.nominal_unit},
        error=value,
        reported=None if value is None or interval is None else reported(value, interval),
        judged_on=None if judgement is None else "unrounded",
        k=state.k[-1] if stated else None,
        U=state.U[-1] if stated else None,
        dof=_finite(state.dof[-1]) if stated else None,
        U_reference=state.U_reference,
        mpe=resolved.mpe if session.judges else None,
        accept=None if judgement is None else judgement.accept,
        rule=None if judgement is None else judgement.rule,
        verdict=session.stated(said.verdict),
        why=said.why.as_json(),
    )
