"""Result documents of many runs without what led to their results: fast, for statistics.

    for document in outcomes(lab): ...

Only events that say what came of units are read and folded. The documents have verdicts, points,
amendments and orders as `Lab.document` has them, but no single runs, environment or instruments,
and their `log` fixes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from benchctl.core.events import (
    ItemJudged,
    OrderTaken,
    PlanResolved,
    PointJudged,
    RunAmended,
    RunClosed,
    RunOpened,
    UutAdjusted,
    UutAnnulled,
    UutDropped,
    UutJudged,
)
from benchctl.records.fold import fold

if TYPE_CHECKING:
    from benchctl.records.lab import Lab

_TOLD = (
    *(RunOpened, PlanResolved, OrderTaken, PointJudged, ItemJudged, UutJudged, UutAdjusted),
    *(UutDropped, UutAnnulled, RunAmended, RunClosed),
)
"""The events that say what came of units."""
_AT_ONCE = 200
"""Runs that are asked for together."""


def outcomes(lab: Lab, runs: Sequence[str], language: str = "en") -> Iterator[dict[str, Any]]:
    """Give the documents of runs, in their order.

    Raises:
        RecordError: the records cannot be read.
    """
    import sqlalchemy as sa

    from benchctl.records.lab import stored_event
    from benchctl.records.rows import RecordRow
    from benchctl.records.tables import records

    columns = [records.c[name] for name in RecordRow.__dataclass_fields__]
    kinds = [event.KIND for event in _TOLD]
    for first in range(0, len(runs), _AT_ONCE):
        wanted = list(runs[first : first + _AT_ONCE])
        asked = (
            sa.select(*columns)
            .where(records.c.run.in_(wanted), records.c.kind.in_(kinds))
            .order_by(records.c.run, records.c.seq)
        )
        with lab.store.reading() as reader:
            rows = [RecordRow(*row) for row in reader.all(asked)]
        of_run: dict[str, list[RecordRow]] = {}
        for row in rows:
            of_run.setdefault(row.run, []).append(row)
        for run in wanted:
            if run in of_run:
                yield fold([stored_event(row) for row in of_run[run]], language)
