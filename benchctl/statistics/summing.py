"""All statistics of a set of units as one document, `benchctl.statistics/1`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchctl.statistics.ageing import ageing_of
from benchctl.statistics.errors import errors_of
from benchctl.statistics.gathering import Unit
from benchctl.statistics.lots import Lot, judge_lot
from benchctl.statistics.rates import failing, first_pass, rates

SCHEMA = "benchctl.statistics/1"


def statistics_of(
    units: Sequence[Unit],
    *,
    lots: Sequence[Lot] = (),
    folder: Path | None = None,
    asked: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return the statistics of units as plain data.

    Args:
        units: what is counted, oldest first.
        lots: the lots that are judged by a sample.
        folder: the lab's folder, for sampling tables of its own.
        asked: by what the units were chosen, for the report.

    Raises:
        UsageError: a lot names a plan that there is not.
    """
    days = [u.day for u in units]
    return {
        "schema": SCHEMA,
        "asked": asked or {},
        "units": len(units),
        "serials": len({(u.procedure, u.serial) for u in units}),
        "runs": len({u.run for u in units}),
        "simulated": any(u.simulated for u in units),
        "first_day": min(days).isoformat() if days else None,
        "last_day": max(days).isoformat() if days else None,
        "titles": {u.procedure: u.title for u in units},
        "rates": {
            "procedure": [r.as_json() for r in rates(units, lambda u: (u.procedure,))],
            "stage": [r.as_json() for r in rates(units, lambda u: (u.procedure, u.stage))],
            "type": [r.as_json() for r in rates(units, lambda u: (u.procedure, u.model))],
            "batch": [r.as_json() for r in rates(units, lambda u: (u.procedure, u.model, u.batch))],
            "month": [r.as_json() for r in rates(units, lambda u: (u.day.isoformat()[:7],))],
        },
        "first_pass": first_pass(units, lambda u: (u.procedure, u.model)),
        "failing": failing(units),
        "errors": [e.as_json() for e in errors_of(units)],
        "ageing": [a.as_json() for a in ageing_of(units)],
        "lots": [judge_lot(lot, units, folder).as_json() for lot in lots],
    }
