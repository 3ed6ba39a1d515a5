"""From one state of the screen to the next: a pure fold of a run's events.

state = functools.reduce(fold, lab.events(run), State())
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from benchctl.cli.incidents import Stored
from benchctl.cli.live.state import (
    About,
    Asked,
    Cell,
    Column,
    Doing,
    Note,
    State,
    Unit,
    Visit,
    verdict_so_far,
)
from benchctl.cli.wording import judged_text
from benchctl.core import events
from benchctl.core.verdicts import Verdict

NOTES = 40
"""So many notes are kept."""

JSON = Mapping[str, Any]


def fold(state: State, stored: Stored) -> State:
    """Return the state after an event; one that the screen does not show changes only the time."""
    match stored.event:
        case events.Watched() as watched:
            return _watched(state, stored.t, watched)
        case events.PointJudged() as judged:
            cell = Cell(judged.verdict, _error(judged))
            return _judged(state, stored, judged.uut, judged.point, cell, judged.point)
        case events.ItemJudged() as judged:
            cell = Cell(judged.verdict)
            return _judged(state, stored, judged.uut, judged.item, cell, state.judged)
        case _:
            return _other(replace(state, t=stored.t), stored)


def _other(state: State, stored: Stored) -> State:
    """Take what is told less often."""
    match stored.event:
        case events.ActionStarted() as started:
            return _started(state, started)
        case events.ActionFinished() as finished:
            left = {k: v for k, v in state.left.items() if k != finished.action}
            state = replace(state, left=left, progress=0.0, remaining=None)
            return _noted(state, stored) if finished.outcome == "failed" else state
        case events.RunOpened() as opened:
            return replace(state, about=_about(opened))
        case events.PlanResolved(plan=plan):
            return _planned(state, plan)
        case events.UutJudged(uut=uut, verdict=verdict):
            return _unit(state, uut, verdict=verdict)
        case events.UutDropped(uut=uut):
            return _noted(_unit(state, uut, dropped=True), stored)
        case _:
            return _rare(state, stored)


def _rare(state: State, stored: Stored) -> State:
    """Take what happens seldom."""
    match stored.event:
        case events.PromptOpened() as prompt:
            return replace(state, asked=Asked(prompt.prompt, prompt.question, prompt.uut))
        case events.PromptAnswered():
            return replace(state, asked=None)
        case events.RawBlock(channels=channels, units=units):
            return replace(
                state,
                role_units={**state.role_units, **dict(zip(channels, units, strict=True))},
            )
        case events.InstrumentOpened():
            return replace(state, opened=state.opened + 1)
        case events.RunPaused() as paused:
            return _noted(replace(state, paused=paused), stored)
        case events.RunContinued():
            return _noted(replace(state, paused=None), stored)
        case events.OperatorChanged(name=name):
            return _noted(replace(state, about=replace(state.about, operator=name)), stored)
        case events.LinkNoted() | events.Settled(settled=False):
            return _noted(state, stored)
        case events.RunSuspended() | events.SuspensionEnded() | events.UutAdjusted():
            return _noted(state, stored)
        case events.ConsensusNoted():
            return _noted(state, stored)
        case events.LeakReported() | events.GateChecked() | events.GateClosed():
            return _noted(state, stored)
        case events.StopRequested(source=source):
            return _noted(replace(state, stopping=source), stored)
        case events.MadeSafe(failed=failed):
            return _noted(replace(state, unsafe=tuple(_names(failed))), stored)
        case events.RunClosed() as closed:
            return _noted(replace(state, closed=closed, doing=None, asked=None), stored)
        case _:
            return state


def _noted(state: State, stored: Stored) -> State:
    return replace(state, notes=_with_note(state, stored))


def _with_note(state: State, stored: Stored) -> tuple[Note, ...]:
    return (*state.notes[1 - NOTES :], Note(stored.t, stored.event))


def _names(failed: Iterable[JSON]) -> Iterable[str]:
    for step in failed:
        yield ".".join(n for n in (str(step["instrument"]), str(step["channel"])) if n)


# what the run is --------------------------------------------------------------------------------


def _about(opened: events.RunOpened) -> About:
    return About(
        run=opened.run,
        procedure=str(opened.procedure.get("name", "")),
        standard=str(opened.procedure.get("standard", "")),
        service=opened.service,
        stage=opened.stage,
        bench=str(opened.bench.get("name", "")),
        operator=opened.operator,
        simulated=opened.simulated,
        rate=_rate(str(opened.request.get("speed", "max")), opened.simulated),
    )


def _rate(speed: str, simulated: bool) -> float:
    """Return how fast bench time surely passes; at full speed that of a simulation jumps."""
    if speed == "real" or not simulated:
        return 1.0
    try:
        return float(speed)
    except ValueError:  # max
        return 0.0


def _planned(state: State, plan: JSON) -> State:
    actions = {str(a["id"]): a for a in plan["actions"]}
    return replace(
        state,
        units={u["serial"]: _unit_of(u) for u in plan["uuts"]},
        columns=tuple(_columns(plan["uuts"])),
        loads=tuple(str(load["id"]) for load in plan["loads"]),
        visits={str(v["id"]): _visit(v) for v in plan["visits"]},
        actions=actions,
        left={k: float(a["expected_s"]) for k, a in actions.items() if not a.get("conditional")},
        total=float(plan["expected_s"]),
        role_units={**state.role_units, **plan.get("units", {})},
        titles=plan.get("titles", {}),
    )


def _unit_of(planned: JSON) -> Unit:
    names = [str(i["item"]) for i in planned.get("items", ())]
    names += [str(p["point"]) for p in planned.get("points", ())]
    return Unit(
        serial=str(planned["serial"]),
        position=int(planned["position"]),
        load=str(planned.get("load", "")),
        planned=frozenset(names),
    )


def _columns(uuts: Iterable[JSON]) -> Iterable[Column]:
    """Give the items, then the points, in the order of the plan."""
    items: dict[str, Column] = {}
    points: dict[str, Column] = {}
    limits: dict[str, set[tuple[float, float]]] = {}
    for uut in uuts:
        for item in uut.get("items", ()):
            items.setdefault(item["item"], Column(str(item["item"]), "", False, None))
        for point in uut.get("points", ()):
            name = str(point["point"])
            points.setdefault(name, Column(name, str(point.get("unit", "")), True, None))
            if point.get("mpe"):
                limits.setdefault(name, set()).add((point["mpe"][0], point["mpe"][1]))
    yield from items.values()
    for name, column in points.items():
        known = limits.get(name, set())
        yield replace(column, mpe=next(iter(known)) if len(known) == 1 else None)


def _visit(planned: JSON) -> Visit:
    return Visit(
        id=str(planned["id"]),
        load=str(planned.get("load", "")),
        points=tuple(str(p) for p in planned["points"]),
        setpoint=float(planned["setpoint"]),
        unit=str(planned["unit"]),
        members=frozenset((str(m["serial"]), str(m["point"])) for m in planned.get("members", ())),
    )


# what goes on -----------------------------------------------------------------------------------


def _started(state: State, started: events.ActionStarted) -> State:
    planned = state.actions.get(started.action, {})
    doing = Doing(
        action=started.action,
        kind=started.kind,
        began=started.t,
        expected=started.expected,
        visit=str(planned.get("visit", "")),
        item=str(planned.get("item", "")),
        serial=str(planned.get("serial", "")),
        conditional=bool(planned.get("conditional", False)),
    )
    return replace(state, doing=doing, progress=0.0, remaining=None, told=False)


def _watched(state: State, t: float, watched: events.Watched) -> State:
    """Take present values; how far an action is only if it is the one that goes on."""
    values = {**state.values, **watched.values}
    doing = state.doing.action if state.doing is not None else None
    if doing is None or watched.action.rpartition("-")[0] != doing != watched.action:
        return replace(state, values=values)
    return replace(
        state,
        t=t,
        values=values,
        progress=watched.progress,
        remaining=watched.remaining,
        told=True,
    )


def _error(judged: events.PointJudged) -> str:
    return "" if judged.error is None else judged_text(judged)


def _judged(state: State, stored: Stored, serial: str, name: str, cell: Cell, point: str) -> State:
    """Take what was found of a unit at a point or item; `point` was judged last."""
    unit = state.units.get(serial)
    if unit is None:
        return replace(state, t=stored.t)
    before = unit.cells.get(name)
    cells = {**unit.cells, name: cell}
    found = replace(unit, cells=cells, verdict=verdict_so_far(unit.planned, cells))
    mended = before is not None and before.verdict != cell.verdict
    worth_saying = cell.verdict != Verdict.PASS or mended
    return replace(
        state,
        t=stored.t,
        units={**state.units, serial: found},
        judged=point,
        notes=_with_note(state, stored) if worth_saying else state.notes,
    )


def _unit(state: State, serial: str, **changes: Any) -> State:
    unit = state.units.get(serial)
    if unit is None:
        return state
    return replace(state, units={**state.units, serial: replace(unit, **changes)})
