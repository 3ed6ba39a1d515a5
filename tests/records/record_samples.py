"""Events of a small run, and the programs that tests start as processes of their own."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import benchctl
from benchctl.core.clock import VirtualClock
from benchctl.core.events import (
    Event,
    ItemJudged,
    MadeSafe,
    PlanResolved,
    PointJudged,
    RawBlock,
    RunClosed,
    RunMeasured,
    RunOpened,
    UndoRegistered,
    UutJudged,
)
from benchctl.records import StoredEvent

START = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
ROOT = Path(benchctl.__file__).parents[1]


def clock() -> VirtualClock:
    return VirtualClock(START)


def opened(run: str = "R1", **changes: Any) -> RunOpened:
    event = RunOpened(
        run=run,
        started="2026-01-31T09:00:00.000Z",
        procedure={
            "name": "water-meter",
            "title": {"en": "Cold-water meters", "zh": "冷水水表"},
            "standard": "JJG 162",
            "edition": "2019",
            "sha256": "ab",
            "text": "procedure: water-meter",
        },
        bench={"name": "Line 2", "sha256": "cd", "text": "bench: Line 2"},
        software={"name": "benchctl", "version": "0.1.0", "id": "sha256:ef"},
        service="verification",
        stage="initial",
        operator="Li",
        simulated=True,
        seed=7,
        request={},
    )
    return dataclasses.replace(event, **changes)


def planned_point(point: str, nominal: float, *, skipped: bool = False) -> dict[str, Any]:
    return {
        "item": "error of indication",
        "point": point,
        "quantity": "error",
        "unit": "%",
        "nominal": {"value": nominal, "unit": "m³/h"},
        "mpe": [-2.0, 2.0],
        "occasion": "as_found",
        "skipped": skipped,
    }


def planned_uut(serial: str, position: int, *points: dict[str, Any]) -> dict[str, Any]:
    return {
        "serial": serial,
        "position": position,
        "load": "load-1",
        "parameters": {"Q3": "2.5 m³/h"},
        "extra": {"owner": "Waterworks"},
        "points": list(points),
        "items": [{"item": "appearance", "kind": "ask"}],
    }


def plan(*uuts: dict[str, Any], **more: Any) -> PlanResolved:
    return PlanResolved({"uuts": list(uuts), "notes": [], **more})


BUDGET_LINE: dict[str, Any] = {
    "input": "meter_volume",
    "source": "resolution",
    "value": 100.52,
    "u": 0.03,
    "distribution": "triangular",
    "dof": None,
    "sensitivity": 1.0,
    "contribution": 0.03,
    "shape": 0.0,
    "common": "",
}


def measured(uut: str, point: str, run: int = 1, **changes: Any) -> RunMeasured:
    event = RunMeasured(
        uut=uut,
        item="error of indication",
        point=point,
        occasion="as_found",
        run=run,
        retest=False,
        action="a1",
        valid=True,
        problem=None,
        indication=100.52,
        reference=100.11,
        error=0.41,
        u=0.06,
        n=240,
        k=2.0,
        U=0.12,
        dof=60.2,
        U_reference=0.1,
        budget=(BUDGET_LINE,),
        inputs={"meter_volume": 100.52, "reference_volume": 100.11},
        window=(10.0, 70.0),
        conditions={"water_temperature": 20.1},
    )
    return dataclasses.replace(event, **changes)


def judged(uut: str, point: str, verdict: str = "pass", **changes: Any) -> PointJudged:
    event = PointJudged(
        uut=uut,
        item="error of indication",
        point=point,
        occasion="as_found",
        quantity="error",
        unit="%",
        nominal={"value": 2.375, "unit": "m³/h"},
        error=0.41,
        reported="0.4",
        judged_on="unrounded",
        k=2.0,
        U=0.12,
        dof=60.2,
        U_reference=0.1,
        mpe=(-2.0, 2.0),
        accept=(-2.0, 2.0),
        rule="simple-acceptance/1",
        verdict=verdict,
        why={"id": "records.recovered", "args": {"by": "Li", "at": "09:00"}},
    )
    return dataclasses.replace(event, **changes)


def appearance(uut: str, verdict: str = "pass") -> ItemJudged:
    why = {"id": "records.no-run", "args": {"run": "7"}}
    return ItemJudged(uut, "appearance", verdict, why, {"answer": True, "by": "Li"})


def undo(channel: str = "speed") -> UndoRegistered:
    return UndoRegistered(f"pump/{channel}", "pump", channel, 0.0)


def made_safe(*done: str, failed: tuple[dict[str, Any], ...] = ()) -> MadeSafe:
    return MadeSafe("finished", done, failed)


def closed(outcome: str = "finished", verdict: str = "pass", reason: Any = None) -> RunClosed:
    return RunClosed(outcome, verdict, reason, "2026-01-31T09:40:00.000Z")


def whole_run(serial: str = "W-1") -> list[Event]:
    """A short run in which everything passes."""
    return [
        opened(),
        plan(planned_uut(serial, 1, planned_point("Q3", 2.375))),
        undo(),
        raw_block(0),
        measured(serial, "Q3"),
        appearance(serial),
        judged(serial, "Q3"),
        made_safe("pump/speed"),
        UutJudged(serial, "pass"),
        closed(),
    ]


def raw_block(first: int, rows: int = 3, series: str = "master") -> RawBlock:
    blob = np.arange(first, first + 4 * rows, dtype=np.float64).tobytes()
    sha256 = hashlib.sha256(blob).hexdigest()
    return RawBlock(series, "a1", ("volume",), ("L",), first, rows, sha256, blob)


def stored(events: list[Event], run: str = "R1") -> list[StoredEvent]:
    """Return events as a lab gives them, with made-up hashes."""
    return [
        StoredEvent(seq, run, "2026-01-31T09:00:00.000Z", float(seq), event, f"{seq:064x}")
        for seq, event in enumerate(events, 1)
    ]


def python(program: str, *args: str | Path, **more: Any) -> subprocess.Popen[str]:
    """Start a Python program that finds benchctl; `more` goes to Popen."""
    return subprocess.Popen(
        [*more.pop("before", ()), sys.executable, "-c", program, *map(str, args)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )
