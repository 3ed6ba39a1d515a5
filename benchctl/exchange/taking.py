"""Lines of a file become work orders of a lab, and the units of an order that are left to measure.

taken = take_orders(lab, found, by="Zhao")
left = open_lines(lab, "WO-118")
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchctl.exchange.lines import OrderLine, content_hash, line_from_json
from benchctl.records import Attempt, Taken, WorkLine, compare_lines, lines_of, orders, take_lines

if TYPE_CHECKING:
    from benchctl.exchange.reading import OrderFile
    from benchctl.records import Lab


@dataclass(frozen=True, slots=True)
class OrderedUnit:
    """A unit of an order, and the run of it that stands: the first valid one, None before."""

    line: OrderLine
    stands: Attempt | None


def compare_orders(lab: Lab, found: OrderFile) -> Taken:
    """Return what `take_orders` would change; nothing is written.

    Raises:
        RecordError: the records cannot be read.
    """
    return compare_lines(lab, _work_lines(found))


def new_orders(found: OrderFile) -> Taken:
    """Return what `take_orders` would change in a lab that is not there yet."""
    return Taken(added=tuple(_work_lines(found)))


def take_orders(lab: Lab, found: OrderFile, *, by: str, because: str = "") -> Taken:
    """Keep the lines of a file in the lab; those that are known already change nothing.

    Args:
        lab: the records.
        found: the file's lines.
        by: who takes them.
        because: why lines that are known change; "" lets none change.

    Raises:
        RefusedError: lines changed and nobody says why, or results of theirs stand.
        RecordError: the records cannot be written.
    """
    source = (found.name, found.sha256)
    return take_lines(lab, _work_lines(found), source=source, by=by, because=because)


def ordered_units(lab: Lab, *wanted: str) -> dict[str, list[OrderedUnit]]:
    """Return the units of orders, each with its run on real instruments that stands.

    Raises:
        RecordError: the records cannot be read.
    """
    attempts = orders(lab)
    found: dict[str, list[OrderedUnit]] = {}
    for order in wanted:
        of_order = attempts.get(order, {})
        for kept in lines_of(lab, order):
            line = line_from_json(kept.content)
            valid = (a for a in of_order.get(line.serial, ()) if a.valid and not a.simulated)
            found.setdefault(order, []).append(OrderedUnit(line, next(valid, None)))
    return found


def open_lines(lab: Lab, order: str) -> list[OrderLine]:
    """Return the units of an order of which no run on real instruments stands.

    Raises:
        RecordError: the records cannot be read.
    """
    return [unit.line for unit in ordered_units(lab, order).get(order, ()) if unit.stands is None]


def _work_lines(found: OrderFile) -> list[WorkLine]:
    contents = [line.as_json() for line in found.lines]
    return [
        WorkLine(line.order, line.serial, content_hash(content), content, line.row)
        for line, content in zip(found.lines, contents, strict=True)
    ]
