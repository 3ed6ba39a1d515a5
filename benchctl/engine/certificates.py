"""Certificates in a run: the correction of a total, and whether they hold where it was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from benchctl.bench import certificate_beyond, corrected_total
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import Message, msg
from benchctl.core.units import converter
from benchctl.procedure import CONTEXT

if TYPE_CHECKING:
    from benchctl.engine.measuring import Found
    from benchctl.engine.references import Facts
    from benchctl.engine.session import Session
    from benchctl.procedure.plan import Member


F = TypeVar("F", bound="Found")


def with_correction(session: Session, member: Member, total: F, facts: Facts) -> F:
    """Return a total with what the certificate of its role says at the flow of the run.

    A correction that depends on the reading alone was part of every reading.
    """
    totalise = session.part(member.point).each_point.totalise
    if totalise is None or totalise.role not in session.procedure.needs:
        return total
    role = totalise.role
    reference = corrected_total(session.bench.wiring, role, total.reference, facts.seen)
    if reference == total.reference:
        return total
    return cast("F", replace(cast("Any", total), reference=reference))


def require_certificates(
    session: Session,
    member: Member,
    values: Mapping[str, float],
    facts: Facts,
    conditions: Mapping[str, float],
) -> None:
    """See that every certificate behind the model's inputs holds for what was measured.

    `conditions` are the means of the roles that were watched meanwhile.

    Raises:
        NotMeasuredError: one does not; nothing is extrapolated.
    """
    if "range" in session.overridden:
        return
    procedure = session.part(member.point)
    for role in sorted(procedure.measurand.model.names - CONTEXT.keys()):
        need = procedure.needs.get(role)
        if need is None or need.per_uut or need.constant:
            continue
        what = certificate_beyond(session.bench.wiring, role, values[role], facts.seen)
        what = what or _other_conditions(session, role, conditions)
        if what is not None:
            raise NotMeasuredError(msg("engine.certificate-left", role=role, what=what))


def _other_conditions(
    session: Session, role: str, conditions: Mapping[str, float]
) -> Message | None:
    """Return which of the certificate's conditions were not met, of those that were watched."""
    wiring = session.bench.wiring
    found = wiring.standard(role)
    for watched, wanted in (found[0].conditions if found else {}).items():
        if watched not in conditions or watched not in session.procedure.needs:
            continue
        factor, offset = converter(wiring.role_unit(watched), wanted.unit)
        value = conditions[watched] * factor + offset
        if not wanted.low <= value <= wanted.high:
            return msg(
                "engine.certificate-condition",
                role=watched,
                value=f"{value:.4g} {wanted.unit}",
                low=f"{wanted.low:g}",
                high=f"{wanted.high:g} {wanted.unit}",
            )
    return None
