"""Runs as a journal tells them: a plan of any size, and what happens in it."""

from dataclasses import dataclass
from functools import reduce

from benchctl.cli.live.fold import fold
from benchctl.cli.live.state import State
from benchctl.core import events


@dataclass
class Told:
    """An event as a journal tells it."""

    t: float
    event: events.Event


def plan_of(serials, points=("Q3", "Q2", "Q1"), items=("tightness",), loads=1, first=1, step=1):
    """A plan: each point is a set-point of each load, settled for 20 s and measured for 60 s."""
    per_load = -(-len(serials) // loads)
    uuts = [
        {
            "serial": serial,
            "position": first + (n % per_load) * step,
            "load": f"load-{n // per_load + 1}",
            "points": [
                {"item": "error of indication", "point": p, "unit": "%", "mpe": [-2.0, 2.0]}
                for p in points
            ],
            "items": [{"item": i, "kind": "hold"} for i in items],
        }
        for n, serial in enumerate(serials)
    ]
    names = sorted({u["load"] for u in uuts})
    visits = [
        {
            "id": f"{load}/{p}",
            "load": load,
            "points": [p],
            "setpoint": 2.375,
            "unit": "m³/h",
            "members": [{"serial": u["serial"], "point": p} for u in uuts if u["load"] == load],
        }
        for load in names
        for p in points
    ]
    actions = []
    for load in names:
        actions += [
            {"id": f"{load}/{i}", "kind": "hold", "load": load, "item": i, "expected_s": 70.0}
            for i in items
        ]
        for visit in (v for v in visits if v["load"] == load):
            common = {"load": load, "visit": visit["id"]}
            for name, kind, expected in (("settle", "settle", 20.0), ("run-1", "totalise", 60.0)):
                key = f"{visit['id']}/{name}"
                actions.append({"id": key, "kind": kind, "expected_s": expected, **common})
            key = f"{visit['id']}/retest"
            retest = {"id": key, "kind": "retest", "expected_s": 0.0, "conditional": True}
            actions.append({**retest, **common})
    return {
        "procedure": "water-meter",
        "standard": "JJG 162-2019",
        "service": "verification",
        "stage": "initial",
        "bench": "Water line 2",
        "simulated": True,
        "uuts": uuts,
        "loads": [{"id": load} for load in names],
        "visits": visits,
        "actions": actions,
        "expected_s": sum(a["expected_s"] for a in actions),
        "units": {
            "water_temperature": "°C",
            "ambient_temperature": "°C",
            "reference_volume": "L",
            "reference_flow": "m³/h",
        },
    }


def opened(run="01RUN", speed="real", simulated=True):
    return events.RunOpened(
        run=run,
        started="2026-01-01T00:00:00.000Z",
        procedure={"name": "water-meter", "standard": "JJG 162-2019", "title": {}},
        bench={"name": "Water line 2", "sha256": "", "text": ""},
        software={"name": "benchctl", "version": "0", "id": ""},
        service="verification",
        stage="initial",
        operator="Li",
        simulated=simulated,
        seed=1,
        request={"sets": {}, "points": [], "speed": speed, "batch": None},
    )


def judged(serial, point="Q3", error=0.411, verdict=None, why="lies outside"):
    if verdict is None:
        verdict = "pass" if abs(error) <= 2 else "fail"
    return events.PointJudged(
        uut=serial,
        item="error of indication",
        point=point,
        occasion="as_found",
        quantity="error",
        unit="%",
        nominal=None,
        error=error,
        reported=None,
        judged_on=None,
        k=None,
        U=None,
        dof=None,
        U_reference=None,
        mpe=(-2.0, 2.0),
        accept=None,
        rule=None,
        verdict=verdict,
        why={"id": "x", "text": why},
    )


def item_judged(serial, verdict="pass", item="tightness"):
    return events.ItemJudged(serial, item, verdict, {"id": "x", "text": "it leaks"}, {})


def watched(action="load-1/Q3/run-1", t=60.0, progress=0.5, remaining=30.0, flow=2.3751):
    values = {
        "water_temperature": 20.31,
        "ambient_temperature": 21.5,
        "reference_volume": 50.0,
        "reference_flow": flow,
    }
    return events.Watched(action, t, values, progress, remaining)


def closed(outcome="finished", verdict="pass", reason=None):
    return events.RunClosed(outcome, verdict, reason, "2026-01-01T00:10:00.000Z")


def after(*told, serials=("W-1", "W-2"), **plan):
    """The state after a run was opened and planned, and then what was `told`."""
    first = [Told(0.0, opened()), Told(0.0, events.PlanResolved(plan_of(serials, **plan)))]
    rest = [one if isinstance(one, Told) else Told(1.0, one) for one in told]
    return reduce(fold, [*first, *rest], State())


def started(action="load-1/Q3/run-1", kind="totalise", t=20.0, expected=60.0):
    return Told(t, events.ActionStarted(action, kind, t, expected))
