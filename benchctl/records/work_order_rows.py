"""The rows of imported work orders in the database: what is asked of them, and how they are added.

Imported where a lab is open, as it brings SQLAlchemy with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from benchctl.records.tables import order_lines

if TYPE_CHECKING:
    from benchctl.records.sql import Reader, Writer

_PAGE = 400
"""Orders that are asked for at a time: SQLite takes so many arguments."""


def rows_of_orders(
    reader: Reader, orders: Sequence[str]
) -> Iterator[tuple[str, str, str, str, int]]:
    """Give order, serial number, hash, content and row of all lines of orders, oldest first."""
    c = order_lines.c
    for start in range(0, len(orders), _PAGE):
        wanted = orders[start : start + _PAGE]
        asked = sa.select(c.order_no, c.serial, c.sha256, c.body, c.row)
        for found in reader.all(asked.where(c.order_no.in_(wanted)).order_by(c.number)):
            yield tuple(found)


def orders_there(reader: Reader) -> list[tuple[str, int, str, str]]:
    """Return number, units, time of the first line and a file of every order, oldest first."""
    c = order_lines.c
    asked = (
        sa.select(
            c.order_no,
            sa.func.count(sa.distinct(c.serial)),
            sa.func.min(c.utc),
            sa.func.min(c.file_name),
        )
        .group_by(c.order_no)
        .order_by(sa.func.min(c.number))
    )
    return [tuple(row) for row in reader.all(asked)]


def add_rows(writer: Writer, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add lines, by the columns of the table."""
    values = list(rows)
    if values:
        writer.apply(lambda connection: _insert(connection, values))


def _insert(connection: sa.Connection, rows: list[Mapping[str, Any]]) -> None:
    connection.execute(sa.insert(order_lines), rows)
