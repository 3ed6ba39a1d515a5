"""From totals to a run's error with its budget."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import NotMeasuredError
from benchctl.core.events import RunMeasured
from benchctl.core.messages import Message, msg
from benchctl.engine.evaluating import Evaluated, evaluate_inputs
from benchctl.engine.references import Line, counted_role, lines_of, reference_uncertainty
from benchctl.metrology import Component, Input
from benchctl.procedure import CONTEXT

if TYPE_CHECKING:
    from benchctl.acquire import Total
    from benchctl.core.results import Contribution
    from benchctl.engine.measuring import Totalising
    from benchctl.engine.meters import Meter
    from benchctl.engine.session import Session
    from benchctl.procedure import Procedure
    from benchctl.procedure.plan import Action, Member, Visit


def measured(
    session: Session,
    visit: Visit,
    action: Action,
    totaliser: Totalising,
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
        gate = {
            "method": total.method,
            "interval": meter.interval,
            "indication": total.indication,
            "reference": total.reference,
        }
        flow = totaliser.mean_flow(total)
        if not member.keep[0] <= flow <= member.keep[1]:
            raise NotMeasuredError(
                msg(
                    "engine.left-band",
                    role=totaliser.flow.role,
                    value=f"{flow:.4g} {visit.unit}",
                    band=f"{member.keep[0]:.4g} … {member.keep[1]:.4g} {visit.unit}",
                )
            )
        values = totaliser.values(meter, total)
        found = error_of(session, member, total, values)
    except NotMeasuredError as error:
        state.problem = error.message
        return _invalid(base, error.message, int(meter.series.n))
    alone = values | {meter.channel.role: total.reference}
    U_reference = reference_uncertainty(session.procedure, alone, session.facts)  # noqa: N806
    result = found.result
    state.evaluated.append(found)
    state.errors.append(result.value)
    state.U.append(result.U)
    state.k.append(result.k)
    state.dof.append(result.dof)
    state.U_reference = U_reference
    return RunMeasured(
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
        budget=tuple(budget_line(session.procedure, c) for c in result.budget),
        window=(total.t_start, total.t_stop),
        conditions=totaliser.conditions(total)
        | {totaliser.flow.role: flow}
        | session.conditions(total.t_start, total.t_stop),
        notes=tuple(n.as_json() for n in total.notes),
        inputs={i.name: i.value for i in found.inputs},
        gate=gate,
        sources=session.origins.of(
            session.bench,
            session.procedure.needs,
            session.procedure.measurand.model.names,
            member.serial,
        ),
        method=found.method,
        seed=found.seed,
    )


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
        "item": item_of(session),
        "point": member.point,
        "occasion": "as_found",
        "run": run,
        "retest": retest,
        "action": action.id,
    }


def budget_line(procedure: Procedure, line: Contribution) -> dict[str, Any]:
    """Return a line of a budget as the record keeps it.

    `common` says with which other results its error is the same: "standard", with all that rest on
    this standard; "reading", with those of the other units that were measured by the same readings
    of the reference; "" with none.
    """
    need = procedure.needs.get(line.input)
    common = ""
    if need is not None and not need.per_uut and line.source != "timing":
        common = "standard" if line.source == "certificate" else "reading"
    return asdict(line) | {"dof": finite(line.dof), "common": common}


def finite(value: float) -> float | None:
    """Return `value`, or None where it is infinite: JSON has no infinity."""
    return value if value < 1e9 else None


def item_of(session: Session) -> str:
    """Return the name of the item that the measurand is."""
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
    session: Session, member: Member, total: Total, values: Mapping[str, float]
) -> Evaluated:
    """Return the measurand of one run with its uncertainty from everything that is declared.

    `values` are those of all names of the model.

    Raises:
        NotMeasuredError: the model has no value there.
    """
    procedure = session.procedure
    env = session.facts.names() | session.subjects[member.serial].resolved.env
    counted = counted_role(procedure)
    inputs = []
    for name in sorted(procedure.measurand.model.names):
        lines: list[Line] = []
        if name not in CONTEXT:
            per_uut = procedure.needs[name].per_uut
            found = lines_of(procedure, name, values[name], session.facts, env)
            gate = Component("resolution", total.u_gate, total.distribution, math.inf, total.shape)
            lines = [
                gate if per_uut and line[0] == "resolution" else line
                for line in found
                if line is not None
            ]
            if name == counted and total.u_timing > 0:
                lines.append(("timing", total.u_timing, "rectangular", math.inf))
        inputs.append(Input(name, values[name], tuple(lines)))
    return evaluate_inputs(procedure.measurand, inputs)
