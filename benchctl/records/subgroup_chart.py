"""The history of a check standard by subgroups: charts of their means and standard deviations.

entries = run_history(lab, "CHK-01", "Q3")            # every run of the point, not only its mean
document = subgroup_document(grouped(entries, "run"))
document = subgroup_document(grouped(check_history(lab, "check_meter"), "day"))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from statistics import fmean
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import UsageError
from benchctl.core.events import RunMeasured
from benchctl.core.messages import msg
from benchctl.records.history import Entry, entries_of, unit_history, unit_of

if TYPE_CHECKING:
    from benchctl.records.lab import Lab


def run_history(lab: Lab, serial: str, point: str) -> list[Entry]:
    """Return every valid run of a unit at a point, in order of time.

    Raises:
        RecordError: the database cannot be read.
        UsageError: the point was judged in different units.
    """
    unit = unit_of(unit_history(lab, serial, point))

    def value_of(body: dict[str, Any]) -> tuple[float, str, float | None] | None:
        wanted = (body["uut"], body["point"]) == (serial, point) and body["valid"]
        if not wanted or body["error"] is None:
            return None
        return float(body["error"]), unit, body["U"]

    return entries_of(lab, RunMeasured.KIND, value_of, last_only=False)


def grouped(entries: Sequence[Entry], by: str) -> list[list[Entry]]:
    """Return entries in subgroups: of one `run`, of one `day` (UTC), or so many in a row.

    What is left of so many in a row at the end waits for the rest.

    Raises:
        UsageError: `by` is neither of the words nor a whole number from 2 on.
    """
    if by in ("run", "day"):
        found: dict[str, list[Entry]] = {}
        for entry in entries:  # simulated runs overlap in time
            found.setdefault(entry.run if by == "run" else entry.at[:10], []).append(entry)
        return list(found.values())
    size = int(by) if by.isascii() and by.isdigit() else 0
    if size < 2:
        raise UsageError(msg("records.chart-group", by=by))
    return [list(entries[i : i + size]) for i in range(0, len(entries) - size + 1, size)]


def subgroup_document(
    groups: Sequence[Sequence[Entry]], *, baseline: int = 20, limit: float | None = None
) -> dict[str, Any]:
    """Return the charts of subgroups with the drift of their means as plain data.

    Args:
        groups: In order of time, all in one unit.
        baseline: So many first subgroups give centre and standard deviation.
        limit: What the value may not exceed, in its unit: an interval is suggested by it.

    Raises:
        UsageError: fewer than five subgroups, all of them single values, or not all in one unit.
    """
    from benchctl.metrology import drift_of, interval, subgroups

    unit = unit_of([e for group in groups for e in group])
    try:
        charts = subgroups([[e.value for e in group] for group in groups], baseline)
    except ValueError as error:
        raise UsageError(msg("records.chart-few-groups", count=len(groups))) from error
    rows = [_row(group, charts, i) for i, group in enumerate(groups)]
    for signal in (*charts.means.signals, *charts.weighted.signals, *charts.spreads.signals):
        rows[signal.index]["signals"].append(signal.rule)
    drift = drift_of([fmean(e.day for e in g) for g in groups], [row["value"] for row in rows])
    U = max((e.U or 0.0 for g in groups for e in g), default=0.0)  # noqa: N806
    return {
        "n": len(groups),
        "unit": unit,
        "simulated": groups[0][0].simulated,
        "centre": charts.means.centre,
        "s": charts.means.s,
        "s_between": charts.between,
        "baseline": charts.means.baseline,
        "limits": list(charts.means.limits[-1]),
        "entries": rows,
        "in_control": not any(row["signals"] for row in rows),
        "drift": None
        if drift is None
        else {"per_day": drift.slope, "u": drift.u, "dof": drift.dof},
        "interval_days": None if drift is None or limit is None else interval(drift, limit, U),
    }


def _row(group: Sequence[Entry], charts: Any, i: int) -> dict[str, Any]:
    spread = charts.spread_of.index(i) if i in charts.spread_of else None
    return {
        **asdict(group[0]),
        "value": charts.means.plotted[i],
        "n": charts.sizes[i],
        "limits": list(charts.means.limits[i]),
        "s": None if spread is None else charts.spreads.plotted[spread],
        "s_limits": None if spread is None else list(charts.spreads.limits[spread]),
        "ewma": charts.weighted.plotted[i],
        "ewma_limits": list(charts.weighted.limits[i]),
        "signals": [],
    }
