"""How a check standard did over its history, from the records: values, control chart, drift.

    entries = check_history(lab, "check_meter")           # a check of the gate, over all runs
    entries = unit_history(lab, "CHK-01", "Q3")           # a unit that is run again and again
    document = chart_document(entries, limit=0.5)

Real and simulated values never stand in one chart: where there is a real one, only those count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import UsageError
from benchctl.core.events import GateChecked, PointJudged
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.records.lab import Lab
    from benchctl.records.rows import RecordRow

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a history; `at` is ISO 8601 UTC, `U` the expanded uncertainty where known."""

    run: str
    at: str
    value: float
    unit: str
    U: float | None
    simulated: bool

    @property
    def day(self) -> float:
        """Days since 1970."""
        return datetime.fromisoformat(self.at).timestamp() / DAY


def check_history(lab: Lab, check: str) -> list[Entry]:
    """Return the values that a check of the gate gave, in order of time, against its target.

    Raises:
        RecordError: the database cannot be read.
    """

    def value_of(body: dict[str, Any]) -> tuple[float, str, float | None] | None:
        if body["check"] != check or body["value"] is None:
            return None
        return float(body["value"]) - float(body["expected"]), str(body["unit"]), None

    return entries_of(lab, GateChecked.KIND, value_of)


def unit_history(lab: Lab, serial: str, point: str) -> list[Entry]:
    """Return a unit's results at a point, one for each run that measured it, in order of time.

    Raises:
        RecordError: the database cannot be read.
    """

    def value_of(body: dict[str, Any]) -> tuple[float, str, float | None] | None:
        if (body["uut"], body["point"]) != (serial, point) or body["error"] is None:
            return None
        return float(body["error"]), str(body["unit"]), body["U"]

    return entries_of(lab, PointJudged.KIND, value_of)


def entries_of(
    lab: Lab,
    kind: str,
    value_of: Callable[[dict[str, Any]], tuple[float, str, float | None] | None],
    *,
    last_only: bool = True,
) -> list[Entry]:
    """Return the values that events of a kind tell; only real ones where there is any.

    Args:
        lab: Whose records.
        kind: Of the events.
        value_of: Gives value, unit and U of an event's body, None where it tells none.
        last_only: Only the last value of each run.

    Raises:
        RecordError: the database cannot be read.
    """
    with lab.store.reading() as reader:
        rows: list[RecordRow] = reader.of_kind(kind)
    simulated = {info.run: info.simulated for info in lab.runs(None)}
    found: dict[tuple[str, int], Entry] = {}
    for row in rows:
        told = value_of(json.loads(row.body))
        if told is not None:
            value, unit, U = told  # noqa: N806
            key = (row.run, 0 if last_only else row.seq)
            found[key] = Entry(row.run, row.utc, value, unit, U, simulated.get(row.run, False))
    entries = sorted(found.values(), key=lambda e: e.at)
    real = [e for e in entries if not e.simulated]
    return real or entries


def unit_of(entries: Sequence[Entry]) -> str:
    """Return the unit of a history, "" of none.

    Raises:
        UsageError: there are several.
    """
    units = {e.unit for e in entries}
    if len(units) > 1:
        raise UsageError(msg("records.chart-units", units=", ".join(sorted(units))))
    return next(iter(units), "")


def chart_document(
    entries: Sequence[Entry], *, baseline: int = 20, limit: float | None = None
) -> dict[str, Any]:
    """Return the control chart of a history with its drift as plain data.

    Args:
        entries: In order of time, all in one unit.
        baseline: So many first values give centre and standard deviation.
        limit: What the value may not exceed, in its unit: an interval is suggested by it.

    Raises:
        UsageError: fewer than five values, or not all in one unit.
    """
    from benchctl.metrology import drift_of, ewma, individuals, interval

    unit = unit_of(entries)
    try:
        chart = individuals([e.value for e in entries], baseline)
    except ValueError as error:
        raise UsageError(msg("records.chart-few", count=len(entries))) from error
    means = ewma([e.value for e in entries], chart.centre, chart.s)
    rows: list[dict[str, Any]] = [
        {**asdict(e), "ewma": mean, "ewma_limits": list(bounds), "signals": []}
        for e, mean, bounds in zip(entries, means.plotted, means.limits, strict=True)
    ]
    for signal in (*chart.signals, *means.signals):
        rows[signal.index]["signals"].append(signal.rule)
    drift = drift_of([e.day for e in entries], [e.value for e in entries])
    U = max((e.U or 0.0 for e in entries), default=0.0)  # noqa: N806
    suggested = None
    if drift is not None and limit is not None:
        suggested = interval(drift, limit, U)
    return {
        "n": len(entries),
        "unit": unit,
        "simulated": entries[0].simulated,
        "centre": chart.centre,
        "s": chart.s,
        "baseline": chart.baseline,
        "limits": list(chart.limits[0]),
        "entries": rows,
        "in_control": not any(row["signals"] for row in rows),
        "drift": None
        if drift is None
        else {"per_day": drift.slope, "u": drift.u, "dof": drift.dof},
        "interval_days": suggested,
    }
