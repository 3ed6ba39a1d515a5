"""Certificates in a run: the correction of a total, and whether they hold where it was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from benchctl.bench import certificate_beyond, corrected_total
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import msg
from benchctl.procedure import CONTEXT

if TYPE_CHECKING:
    from benchctl.acquire import Total
    from benchctl.engine.references import Facts
    from benchctl.engine.session import Session


def with_correction(session: Session, total: Total, facts: Facts) -> Total:
    """Return a total with what the certificate of its role says at the flow of the run.

    A correction that depends on the reading alone was part of every reading.
    """
    role = session.procedure.each_point.totalise.role
    if role not in session.procedure.needs:
        return total
    reference = corrected_total(session.bench.wiring, role, total.reference, facts.seen)
    return total if reference == total.reference else replace(total, reference=reference)


def require_certificates(session: Session, values: Mapping[str, float], facts: Facts) -> None:
    """See that every certificate behind the model's inputs holds for what was measured.

    Raises:
        NotMeasuredError: one does not; nothing is extrapolated.
    """
    if "range" in session.overridden:
        return
    procedure = session.procedure
    for role in sorted(procedure.measurand.model.names - CONTEXT.keys()):
        need = procedure.needs.get(role)
        if need is None or need.per_uut or need.constant:
            continue
        what = certificate_beyond(session.bench.wiring, role, values[role], facts.seen)
        if what is not None:
            raise NotMeasuredError(msg("engine.certificate-left", role=role, what=what))
