"""Work orders that were imported into a lab: kept line by line, append-only.

    taken = take_lines(lab, lines, source=("orders.csv", "ab12…"), by="Zhao")
    lines_of(lab, "WO-118")                     # the newest state of each unit, in order

A line is known by its order and serial number, its content by a hash: taking the same file again
changes nothing. What a line says now is its newest row; earlier ones stay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg
from benchctl.records.amending import now_text
from benchctl.records.attempts import attempts_of

if TYPE_CHECKING:
    from benchctl.records.lab import Lab
    from benchctl.records.sql import Reader

_KEPT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One unit of an order as it is kept; `content` is what the order says of it."""

    order: str
    serial: str
    sha256: str
    content: Mapping[str, Any]
    row: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking lines changed: those that were new, changed, and known already."""

    added: tuple[WorkLine, ...] = ()
    changed: tuple[WorkLine, ...] = ()
    known: tuple[WorkLine, ...] = ()
    differences: Mapping[tuple[str, str], Mapping[str, tuple[str, str]]] = field(
        default_factory=dict
    )
    """Of changed ones, by order and serial number: field -> what was and what is."""


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """An order: its number, how many units it has, when its first line came, from which file."""

    order: str
    units: int
    since: str
    file: str


def compare_lines(lab: Lab, lines: Sequence[WorkLine]) -> Taken:
    """Return what taking lines would change; nothing is written.

    Raises:
        RecordError: the records cannot be read.
    """
    with lab.store.reading() as reader:
        return _compared(reader, lines)


def take_lines(
    lab: Lab,
    lines: Sequence[WorkLine],
    *,
    source: tuple[str, str],
    by: str,
    because: str = "",
) -> Taken:
    """Keep the lines that are new, and those that changed where it is said why; all or nothing.

    Args:
        lab: the records.
        lines: the lines of a file.
        source: name and SHA-256 of the file.
        by: who takes them.
        because: why lines that are known already change; "" lets none change.

    Raises:
        RefusedError: lines changed and nobody says why, or results of theirs stand.
        RecordError: the records cannot be written.
    """
    from benchctl.records.work_order_rows import add_rows

    with lab.store.writing() as writer:
        taken = _compared(writer, lines)
        if taken.changed and not because.strip():
            first = taken.changed[0]
            hint = msg("records.order-because-hint")
            raise RefusedError(
                msg("records.order-changed", count=len(taken.changed), **_named(first)), hint=hint
            )
        for line in taken.changed:
            _require_open(lab, line)
        shared = {
            "file_name": source[0],
            "file_sha256": source[1],
            "utc": now_text(),
            "entered_by": by,
        }
        why = {(line.order, line.serial): "" for line in taken.added}
        why |= {(line.order, line.serial): because.strip() for line in taken.changed}
        rows = [
            _row(line, why[line.order, line.serial]) | shared
            for line in lines
            if (line.order, line.serial) in why
        ]
        add_rows(writer, rows)
    return taken


def work_orders(lab: Lab) -> list[WorkOrder]:
    """Return the orders that were imported, oldest first.

    Raises:
        RecordError: the records cannot be read.
    """
    from benchctl.records.work_order_rows import orders_there

    with lab.store.reading() as reader:
        return [WorkOrder(*row) for row in orders_there(reader)]


def lines_of(lab: Lab, order: str) -> list[WorkLine]:
    """Return the units of an order as they are now, in the order in which they came.

    Raises:
        RecordError: the records cannot be read.
    """
    with lab.store.reading() as reader:
        return list(_newest(reader, [order]).values())


def _compared(reader: Reader, lines: Sequence[WorkLine]) -> Taken:
    known = _newest(reader, list(dict.fromkeys(line.order for line in lines)))
    added, changed, same = [], [], []
    differences = {}
    for line in lines:
        key = (line.order, line.serial)
        there = known.get(key)
        if there is None:
            added.append(line)
        elif there.sha256 == line.sha256:
            same.append(line)
        else:
            changed.append(line)
            differences[key] = _differences(there.content, line.content)
    return Taken(tuple(added), tuple(changed), tuple(same), differences)


def _newest(reader: Reader, orders: Sequence[str]) -> dict[tuple[str, str], WorkLine]:
    """Return the newest row of each unit, by order and serial number."""
    from benchctl.records.work_order_rows import rows_of_orders

    return {
        (order, serial): WorkLine(order, serial, digest, json.loads(text), row)
        for order, serial, digest, text, row in rows_of_orders(reader, orders)
    }


def _differences(
    old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]
) -> dict[str, tuple[str, str]]:
    found = {}
    for part in dict.fromkeys((*old, *new)):
        one, other = old.get(part, {}), new.get(part, {})
        for name in dict.fromkeys((*one, *other)):
            if one.get(name, "") != other.get(name, ""):
                found[name] = (one.get(name, ""), other.get(name, ""))
    return found


def _require_open(lab: Lab, line: WorkLine) -> None:
    """Refuse to change a line of which results stand: they were made for what it said."""
    stands = next((a for a in attempts_of(lab, line.order, line.serial) if a.valid), None)
    if stands is not None:
        raise RefusedError(
            msg("records.order-measured", run=stands.run, **_named(line)),
            hint=msg("records.order-measured-hint"),
        )


def _row(line: WorkLine, because: str) -> dict[str, Any]:
    content = _KEPT.encode(line.content)
    return {
        "order_no": line.order,
        "serial": line.serial,
        "sha256": line.sha256,
        "body": content,
        "row": line.row,
        "because": because,
    }


def _named(line: WorkLine) -> dict[str, str]:
    return {"order": line.order, "serial": line.serial}
