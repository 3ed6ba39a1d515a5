"""Runs of water meters made of events: results as a person wants them, without a bench."""

from benchctl.core.clock import VirtualClock
from benchctl.core.events import (
    ItemJudged,
    PlanResolved,
    PointJudged,
    RunClosed,
    RunOpened,
    UutAdjusted,
    UutJudged,
)

WHY = {"id": "records.recovered", "args": {"by": "Li", "at": "09:00"}}
LIMITS = {"Q3": 2.0, "Q1": 5.0}


def opened(run, **changes):
    procedure = {"name": "water-meter", "title": {"en": "Water meters", "zh": "水表"}}
    told = {
        "run": run,
        "started": "2026-06-01T01:00:00.000Z",
        "procedure": procedure | {"standard": "JJG 162", "edition": "2019", "sha256": "ab"},
        "bench": {"name": "Line 2", "sha256": "cd"},
        "software": {"name": "benchctl", "version": "0", "id": "ef"},
        "service": "verification",
        "stage": "in_service",
        "operator": "Li",
        "simulated": False,
        "seed": None,
        "request": {},
    }
    return RunOpened(**(told | changes))


def judged(serial, point, error, occasion="as_found"):
    limit = LIMITS[point]
    return PointJudged(
        uut=serial,
        item="error",
        point=point,
        occasion=occasion,
        quantity="error",
        unit="%",
        nominal={"value": 2.375, "unit": "m³/h"},
        error=error,
        reported=f"{error:.1f}",
        judged_on="unrounded",
        k=2.0,
        U=0.12,
        dof=60.2,
        U_reference=0.1,
        mpe=(-limit, limit),
        accept=(-limit, limit),
        rule="simple-acceptance/1",
        verdict="pass" if abs(error) <= limit else "fail",
        why=WHY,
    )


def record(lab, run, units, *, finished="2026-06-01T03:00:00.000Z", left=None, **changes):
    """Record a run: `units` are serial -> (extra, {point: error}), `left` errors as left."""
    left = left or {}
    journal = lab.begin_run("Line 2", run, clock=VirtualClock())
    planned = [
        {
            "serial": serial,
            "position": n,
            "parameters": {},
            "extra": extra,
            "points": [{"item": "error", "point": p, "unit": "%"} for p in errors],
            "items": [{"item": "appearance", "kind": "ask"}],
        }
        for n, (serial, (extra, errors)) in enumerate(units.items(), 1)
    ]
    journal.emit(opened(run, **changes))
    journal.emit(PlanResolved({"uuts": planned, "notes": []}))
    for serial, (_, errors) in units.items():
        journal.emit(ItemJudged(serial, "appearance", "pass", WHY, {}, "as_found"))
        last = dict(errors)
        for point, error in errors.items():
            journal.emit(judged(serial, point, error))
        if serial in left:
            journal.emit(UutAdjusted(serial, "Li", 1.0))
            last |= left[serial]
            for point, error in left[serial].items():
                journal.emit(judged(serial, point, error, "as_left"))
        good = all(abs(e) <= LIMITS[p] for p, e in last.items())
        journal.emit(UutJudged(serial, "pass" if good else "fail"))
    journal.emit(RunClosed("finished", "pass", None, finished))
