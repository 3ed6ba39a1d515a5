"""From what was read in a run to a unit's error with its budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchctl.acquire import Total
from benchctl.core.errors import NotMeasuredError
from benchctl.core.events import RunMeasured
from benchctl.core.messages import Message, msg
from benchctl.core.units import converter, unit
from benchctl.engine.carrying import carried_lines
from benchctl.engine.certificates import require_certificates, with_correction
from benchctl.engine.evaluating import Evaluated, evaluate_inputs
from benchctl.engine.references import Facts, Line, lines_of, reference_uncertainty
from benchctl.engine.screening import without_value
from benchctl.metrology import Input
from benchctl.procedure import CONTEXT

if TYPE_CHECKING:
    from benchctl.bench import Channel
    from benchctl.core.results import Contribution
    from benchctl.engine.measuring import Found, Measuring
    from benchctl.engine.meters import Meter
    from benchctl.engine.session import Session
    from benchctl.procedure import Procedure
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
        gate = _gate(total, meter)
        band = totaliser.band_value(total)
        kept = _kept(band, visit, member)
        facts = session.facts if band is None else session.facts.at(band[1], band[0].unit)
        total = with_correction(session, member, total, facts)
        values = totaliser.values(meter, total)
        watched = session.conditions(total.t_start, total.t_stop)
        seen = totaliser.conditions(total) | watched
        require_certificates(session, member, values, facts, seen)
        found = error_of(session, member, total, values, facts)
    except NotMeasuredError as error:
        state.problem = error.message
        return _invalid(base, error.message, int(meter.series.n))
    alone = totaliser.alone(meter, total)
    model, part = session.point(member.serial, member.point).model, session.part(member.point)
    U_reference = reference_uncertainty(part, alone, facts, model)  # noqa: N806
    result = found.result
    state.evaluated.append(found)
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
        dof=finite(result.dof),
        U_reference=U_reference,
        budget=tuple(budget_line(part, c) for c in result.budget),
        window=(total.t_start, total.t_stop),
        conditions=totaliser.conditions(total)
        | kept
        | session.conditions(total.t_start, total.t_stop),
        notes=tuple(n.as_json() for n in total.notes),
        readings=total.facts(),
        inputs={i.name: i.value for i in found.inputs},
        gate=gate,
        sources=session.origins.of(
            session.bench, session.procedure.needs, model.names, member.serial
        ),
        method=found.method,
        seed=found.seed,
        known=dict(model.given),
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
        "item": session.part(member.point).result_item,
        "point": member.point,
        "occasion": session.occasion(member.serial),
        "run": run,
        "retest": retest,
        "action": action.id,
    }


def _gate(total: Found, meter: Meter) -> dict[str, Any] | None:
    """Return how a total was gated, as it was read; None where single readings were taken."""
    if not isinstance(total, Total):
        return None
    return {
        "method": total.method,
        "interval": meter.interval,
        "indication": total.indication,
        "reference": total.reference,
    }


def budget_line(procedure: Procedure, line: Contribution) -> dict[str, Any]:
    """Return a line of a budget as the record keeps it.

    `common` says with which other results its error is the same: "standard", with all that rest on
    this standard; "reading", with those of the other units that were measured by the same readings
    of the reference; "" with none.
    """
    return asdict(line) | {"dof": finite(line.dof), "common": _common(procedure, line)}


_OF_ONE_UNIT = ("timing", "counting")
"""Sources that lie in how a single unit was gated, whatever they are of."""
OF_THE_STANDARD = ("certificate", "drift")
"""Sources that a certificate states: what it leaves open, and what may have changed since."""


def _common(procedure: Procedure, line: Contribution) -> str:
    need = procedure.needs.get(line.input)
    if need is None or line.source in _OF_ONE_UNIT:
        return ""
    if need.per_uut:  # one instrument latches for all; "drift" may be that of a unit's readings
        return "standard" if line.source == "certificate" else ""
    if line.source in OF_THE_STANDARD:
        return "standard"
    one_by_one = procedure.each_point.compare is not None or any(
        n.per_uut and n.shared == "reader" and n.role in procedure.measurand.model.names
        for n in procedure.needs.values()
    )
    return "" if one_by_one else "reading"


def finite(value: float) -> float | None:
    """Return `value`, or None where it is infinite: JSON has no infinity."""
    return value if value < 1e9 else None


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
) -> Evaluated:
    """Return the measurand of one run with its uncertainty from everything that is declared.

    `values` are those of all names of the model, `facts` the bench's at the flow of the run.

    Raises:
        NotMeasuredError: the model has no value there.
    """
    procedure, point = session.part(member.point), session.point(member.serial, member.point)
    env, model = session.facts.names() | dict(point.env), point.model
    inputs = []
    for name in sorted(model.names):
        lines: list[Line] = []
        if name not in CONTEXT:
            found = lines_of(procedure, name, values[name], facts, env)
            lines = total.sources(name, [line for line in found if line is not None])
            lines += carried_lines(session, member.serial, member.point, name)
        inputs.append(Input(name, values[name], tuple(lines)))
    return evaluate_inputs(procedure.measurand, model, inputs)
