"""The order that a unit came with, and whether it may still be run in it.

The order stands in a column of the batch (`order`, 委托单号), else it is that of the request.
"""

from __future__ import annotations

from benchctl.core.errors import RefusedError
from benchctl.core.events import OrderTaken
from benchctl.core.messages import Message, msg
from benchctl.core.suggest import folded
from benchctl.engine.prepare import Files
from benchctl.records import TEST, Attempt, Lab, attempts_of, standing

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


def refuse_shopping(lab: Lab, files: Files) -> None:
    """Check that no unit has a run that stands in its order; a test may be made at any time.

    Raises:
        RefusedError: one has.
        RecordError: the records cannot be read.
    """
    request = files.request
    if request.service == TEST:
        return
    for serial, order in orders_of(files).items():
        found = standing(
            attempts_of(lab, order, serial),
            files.procedure.name,
            request.stage,
            simulated=files.simulated,
        )
        if found is not None:
            raise RefusedError(_stands(serial, order, found), hint=msg("engine.annul-hint"))


def _stands(serial: str, order: str, found: Attempt) -> Message:
    return msg(
        "engine.run-stands",
        serial=serial,
        order=order,
        run=found.run,
        started=found.started,
        verdict=found.verdict or "-",
    )
