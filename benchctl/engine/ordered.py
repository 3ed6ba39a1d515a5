"""The units of a work order that was imported into the lab, as the batch of a run.

`run PROCEDURE --order WO-118` takes those lines of the order that are for this procedure; with
`--uut` only the named ones. An order that nobody imported is just a name, as it always was.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.core.errors import RecordError, UsageError
from benchctl.core.messages import msg
from benchctl.engine.request import RunRequest
from benchctl.exchange import OrderLine, batch_of, line_from_json, standard_of
from benchctl.language import Batch, Diagnostics
from benchctl.procedure import Procedure
from benchctl.records import TEST, Lab, lines_of


def ordered_batch(
    request: RunRequest, procedure: Procedure, diagnostics: Diagnostics
) -> Batch | None:
    """Return the batch of the order that a request names; None where the lab has no such order.

    Raises:
        UsageError: the order has none of the named units, none for this procedure, or asks for
            another service or stage than the request.
        RecordError: the records cannot be read.
    """
    order = request.order.strip()
    if not order or request.batch is not None:
        return None
    lines = order_lines(request, order)
    if not lines:
        return None
    wanted = _named(lines, request) if request.uuts else _of_method(lines, procedure, order)
    _require_service(wanted, request, order)
    parameters = {name: p.also for name, p in procedure.parameters.items()}
    return batch_of(wanted, parameters).batch(order, diagnostics)


def order_lines(request: RunRequest, order: str) -> list[OrderLine]:
    """Return the units of an order in the lab's records; none where it has no records.

    Raises:
        RecordError: the records cannot be read.
    """
    try:
        lab = Lab.open(request.lab, create=False)
    except RecordError as error:
        if error.message.id == "records.no-lab":
            return []
        raise
    with lab:
        return [line_from_json(line.content) for line in lines_of(lab, order)]


def _named(lines: Sequence[OrderLine], request: RunRequest) -> list[OrderLine]:
    by_serial = {line.serial: line for line in lines}
    for serial in request.uuts:
        if serial not in by_serial:
            raise UsageError(
                msg("engine.not-in-order", serial=serial, order=request.order.strip()),
            )
        if request.uuts.count(serial) > 1:
            raise UsageError(msg("engine.serial-twice", serial=serial))
    return [by_serial[serial] for serial in request.uuts]


def _of_method(lines: Sequence[OrderLine], procedure: Procedure, order: str) -> Sequence[OrderLine]:
    """Return the lines that are for a procedure: they name its standard, or none."""
    own = standard_of(procedure.standard.title.replace("—", "-"))
    found = []
    for line in lines:
        number, edition = standard_of(line.fields.get("procedure_id", ""))
        if not number or (number == own[0] and edition in ("", own[1])):
            found.append(line)
    if not found:
        named = ", ".join(sorted({line.fields["procedure_id"] for line in lines}))
        raise UsageError(
            msg("engine.order-other", order=order, named=named, own=procedure.standard.title)
        )
    return found


def _require_service(lines: Sequence[OrderLine], request: RunRequest, order: str) -> None:
    """Refuse what the order does not ask for; a test may be made at any time."""
    if request.service == TEST:
        return
    for line in lines:
        service = line.fields.get("service_type", request.service)
        stage = line.fields.get("verification_kind", request.stage)
        asked = {"order": order, "serial": line.serial}
        if service != request.service:
            raise UsageError(
                msg("engine.order-service", **asked, service=service, own=request.service),
                hint=msg("engine.order-service-hint", service=service),
            )
        if request.service == "verification" and stage != request.stage:
            raise UsageError(
                msg("engine.order-stage", **asked, stage=stage, own=request.stage),
                hint=msg("engine.order-stage-hint", stage=stage),
            )
