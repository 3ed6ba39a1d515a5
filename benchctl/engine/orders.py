"""The order that a unit came with, and whether it may still be run in it.

The order stands in a column of the batch (`order`, 委托单号), else it is that of the request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchctl.core.errors import RecordError, RefusedError
from benchctl.core.events import OrderTaken
from benchctl.core.messages import Message, msg
from benchctl.core.suggest import folded
from benchctl.engine.refusals import Refusal, joined
from benchctl.records import TEST, Attempt, Lab, attempts_of, standing

if TYPE_CHECKING:
    from benchctl.engine.prepare import Files

_ENGLISH = ("order", "order no", "order number", "work order")
_CHINESE = ("委托单号", "委托编号", "委托单", "委托单编号", "送检单号")
HEADERS = frozenset(folded(header) for header in (*_ENGLISH, *_CHINESE))
"""What a batch may call the column of the order."""


def orders_of(files: Files) -> dict[str, str]:
    """Return the order of each unit that came with one."""
    found = {}
    for subject in files.subjects:
        columns = subject.uut.extra.items()
        named = (value.strip() for header, value in columns if folded(header) in HEADERS)
        order = next((value for value in named if value), files.request.order.strip())
        if order:
            found[subject.uut.serial] = order
    return found


def take_orders(lab: Lab, files: Files) -> OrderTaken | None:
    """Return what the record says of orders and earlier attempts; None without any order.

    Raises:
        RecordError: the records cannot be read.
    """
    orders = orders_of(files)
    if not orders:
        return None
    earlier = {s: [a.as_json() for a in attempts_of(lab, o, s)] for s, o in orders.items()}
    return OrderTaken(orders, earlier)


def runs_that_stand(lab: Lab, files: Files) -> list[Refusal]:
    """Return why units may not be run again in their orders; a test may be made at any time.

    Raises:
        RecordError: the records cannot be read.
    """
    request = files.request
    if request.service == TEST:
        return []
    found = []
    for serial, order in orders_of(files).items():
        stands = standing(
            attempts_of(lab, order, serial),
            files.procedure.name,
            request.stage,
            simulated=files.simulated,
        )
        if stands is not None:
            found.append(Refusal(serial, _stands(serial, order, stands)))
    return found


def recorded_runs_that_stand(files: Files) -> list[Refusal]:
    """Return the same from the lab's folder; nothing where it has no records, or no orders.

    Raises:
        RecordError: the records cannot be read.
    """
    if not orders_of(files):
        return []
    try:
        lab = Lab.open(files.request.lab, create=False)
    except RecordError as error:
        if error.message.id == "records.no-lab":
            return []
        raise
    with lab:
        return runs_that_stand(lab, files)


def refuse_shopping(lab: Lab, files: Files) -> None:
    """Check that no unit has a run that stands in its order.

    Raises:
        RefusedError: some have; it names each of them.
        RecordError: the records cannot be read.
    """
    found = runs_that_stand(lab, files)
    if found:
        raise RefusedError(joined(found), hint=msg("engine.annul-hint"))


def _stands(serial: str, order: str, found: Attempt) -> Message:
    return msg(
        "engine.run-stands",
        serial=serial,
        order=order,
        run=found.run,
        started=found.started,
        verdict=found.verdict or "-",
    )
