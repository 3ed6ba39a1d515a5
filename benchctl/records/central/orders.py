"""Work orders in the central database: a clerk adds them, a bench claims the next one.

Several benches may ask at the same instant: each gets another order (`FOR UPDATE SKIP LOCKED`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from benchctl.core.clock import utc_now
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.records.central.server import Central
from benchctl.records.central.tables import orders


@dataclass(frozen=True, slots=True)
class Order:
    """A work order; `rows` are the units as a batch has them, `bench` the only one that may."""

    name: str
    procedure: str
    rows: tuple[Mapping[str, str], ...]
    bench: str | None = None
    claimed_by: str | None = None
    claimed_at: str | None = None
    run: str | None = None


def add_order(central: Central, order: Order) -> bool:
    """Add an order; return False where one of that name is there already, and the same.

    Raises:
        UsageError: another order has that name.
        RecordError: the server refuses, or cannot be reached.
    """
    rows = json.dumps([dict(row) for row in order.rows], ensure_ascii=False)
    values = {
        "name": order.name,
        "procedure": order.procedure,
        "bench": order.bench,
        "rows": rows,
        "utc": _now(),
    }
    with central.transaction() as connection:
        asked = sa.select(orders.c.procedure, orders.c.rows).where(orders.c.name == order.name)
        known = connection.execute(asked).first()
        if known is None:
            connection.execute(sa.insert(orders), values)
            return True
    if tuple(known) != (order.procedure, rows):
        raise UsageError(msg("records.order-exists", name=order.name))
    return False


def list_orders(central: Central, *, open_only: bool = False) -> list[Order]:
    """Return the orders, oldest first."""
    asked = sa.select(orders).order_by(orders.c.number)
    if open_only:
        asked = asked.where(orders.c.claimed_by.is_(None))
    with central.transaction() as connection:
        return [_order(row) for row in connection.execute(asked).mappings()]


def claim_order(central: Central, bench: str) -> Order | None:
    """Take the oldest order that this bench may do; None where there is none.

    Raises:
        RecordError: the login may not act for this bench, or the server cannot be reached.
    """
    chosen = (
        sa.select(orders.c.number)
        .where(
            orders.c.claimed_by.is_(None),
            sa.or_(orders.c.bench.is_(None), orders.c.bench == bench),
        )
        .order_by(orders.c.number)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    claimed = (
        sa.update(orders)
        .where(orders.c.number == chosen)
        .values(claimed_by=bench, claimed_at=_now())
        .returning(*orders.c)
    )
    with central.transaction() as connection:
        found = connection.execute(claimed).mappings().first()
    return None if found is None else _order(found)


def finish_order(central: Central, name: str, bench: str, run: str) -> None:
    """Note which run did an order.

    Raises:
        UsageError: this bench has not claimed such an order, or it is done.
    """
    done = (
        sa.update(orders)
        .where(orders.c.name == name, orders.c.claimed_by == bench, orders.c.run.is_(None))
        .values(run=run)
    )
    with central.transaction() as connection:
        if connection.execute(done).rowcount != 1:
            raise UsageError(msg("records.order-not-claimed", name=name, bench=bench))


def read_rows(rows: Sequence[Any]) -> tuple[Mapping[str, str], ...]:
    """Return units as texts."""
    return tuple({str(k): str(v) for k, v in dict(row).items()} for row in rows)


def _order(row: Any) -> Order:
    return Order(
        name=row["name"],
        procedure=row["procedure"],
        rows=read_rows(json.loads(row["rows"])),
        bench=row["bench"],
        claimed_by=row["claimed_by"],
        claimed_at=row["claimed_at"],
        run=row["run"],
    )


def _now() -> str:
    return utc_now().isoformat(timespec="seconds").replace("+00:00", "Z")
