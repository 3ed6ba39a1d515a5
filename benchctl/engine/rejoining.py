"""Going on with a run that was cut off: what it asked for, what changed, back to where it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchctl.acquire import Task, Until
from benchctl.core.clock import Clock, RealClock, VirtualClock, utc_now
from benchctl.core.errors import RefusedError
from benchctl.core.events import ActionFinished, OperatorChanged, RunOpened
from benchctl.core.messages import Message, msg
from benchctl.core.series import GOOD
from benchctl.engine.control import Leak
from benchctl.engine.identity import software_of
from benchctl.engine.mounting import put_in_line
from benchctl.engine.prepare import Files, default_operator
from benchctl.engine.request import RunRequest
from benchctl.engine.session import Session
from benchctl.engine.so_far import SoFar
from benchctl.procedure import AcrossItem
from benchctl.procedure.plan import Action, Plan
from benchctl.records import Lab


@dataclass(frozen=True, slots=True)
class Resumption:
    """A run that goes on: how far it came, after what gap in bench s, what is not as it was."""

    so_far: SoFar
    plan: Plan
    gap: float
    changes: tuple[Message, ...]
    because: str
    by: str


def request_of(opened: RunOpened, now: RunRequest) -> RunRequest:
    """Return what a run was asked for when it began; `now` says who goes on, where, how fast."""
    asked = opened.request
    bench = asked.get("bench")
    return replace(
        now,
        procedure=str(asked.get("procedure") or opened.procedure["name"]),
        bench=now.bench or (Path(bench) if bench else None),
        sets={str(name): str(value) for name, value in asked["sets"].items()},
        service=opened.service,
        stage=opened.stage,
        points=tuple(asked["points"]),
        simulate=bool(asked.get("simulate")),
        seed=opened.seed,
        failed_of=str(asked.get("follows") or ""),
        speed=now.speed or str(asked.get("speed") or "max"),
        overrides=tuple(asked.get("overrides", ())),
        because=str(asked.get("because", "")),
        resumes=opened.run,
    )


def clock_on(clock: Clock, so_far: SoFar) -> Clock:
    """Return the clock of a run that goes on: bench time never goes back.

    On a real bench the time that passed meanwhile has passed; a virtual one goes on where it was.
    """
    assert so_far.opened is not None
    started = datetime.fromisoformat(so_far.opened.started)
    if isinstance(clock, VirtualClock):
        return VirtualClock(started, at=so_far.t)
    rate = clock.rate if isinstance(clock, RealClock) else 1.0
    elapsed = (utc_now() - started).total_seconds()
    return RealClock(rate, at=max(so_far.t, elapsed), start=started)


def resumption(files: Files, plan: Plan, so_far: SoFar, clock: Clock, because: str) -> Resumption:
    """Return how the run goes on.

    Raises:
        RefusedError: the gap is too long, what was planned no longer is, or something changed and
            nobody said why that does not matter.
    """
    gap = max(0.0, clock.now() - so_far.t)
    most = files.procedure.after_gap.at_most
    if gap > most:
        raise RefusedError(
            msg("engine.gap-too-long", gap=f"{gap / 3600:.1f} h", most=f"{most / 3600:g} h"),
            hint=msg("engine.begin-anew"),
        )
    changes = _changes(files, so_far)
    if _steps(plan.as_json()) != _steps(so_far.plan):
        raise RefusedError(
            msg("engine.other-plan", changes=_listed(changes)), hint=msg("engine.begin-anew")
        )
    if changes and not because:
        raise RefusedError(
            msg("engine.changed-since", changes=_listed(changes)), hint=msg("engine.changed-hint")
        )
    by = files.request.operator or default_operator() or so_far.operator
    return Resumption(so_far, plan, gap, tuple(changes), because, by)


def _changes(files: Files, so_far: SoFar) -> list[Message]:
    """Return what is not as it was when the run began."""
    opened = so_far.opened
    assert opened is not None
    found = []
    if files.procedure.sha256 != opened.procedure["sha256"]:
        found.append(msg("engine.change-procedure", name=files.procedure.name))
    if files.bench.sha256 != opened.bench["sha256"]:
        found.append(msg("engine.change-bench", name=files.bench.name))
    program = software_of(files)
    if program["id"] != opened.software["id"]:
        before = str(opened.software["version"])
        found.append(msg("engine.change-software", before=before))
    known = opened.software.get("drivers", {})
    for name, sha256 in program["drivers"].items():
        if known.get(name, sha256) != sha256:
            found.append(msg("engine.change-driver", name=name))
    for role, before_json in so_far.standards.items():
        now = files.wiring.standard_json(role) if role in files.procedure.needs else None
        if now != before_json:
            found.append(msg("engine.change-standard", role=role, name=str(before_json["name"])))
    return found


def _listed(changes: list[Message]) -> Message | str:
    """Return several messages as one; "" of none."""
    listed: Message | str = changes[0] if changes else ""
    for change in changes[1:]:
        listed = msg("engine.and", one=listed, other=change)
    return listed


def _steps(plan: Mapping[str, Any]) -> list[Any]:
    """Return what must be the same for a run to go on: who, where, and every step."""
    return [
        [(u["serial"], u["position"]) for u in plan["uuts"]],
        [(a["id"], a["kind"]) for a in plan["actions"]],
        [(v["id"], list(v["points"])) for v in plan["visits"]],
    ]


# in the run -------------------------------------------------------------------------------------


def restore(session: Session, resumed: Resumption) -> None:
    """Give a session what the run had found before it was cut off."""
    past = resumed.so_far
    session.points.update(past.points)
    session.items.update(past.items)
    session.as_found.update(past.as_found)
    session.adjusted |= past.adjusted
    for key in past.items.keys() - past.judged_as_left:
        if key[0] in past.adjusted and key[1] in _across(session):
            del session.items[key]  # it was of what was found
    session.climate.count = past.suspended
    session.climate.spans += [(a, min(b, session.clock.now())) for a, b in past.spans]
    session.made.update(past.made)
    session.begun.update(past.begun)
    session.prompts = past.prompts
    for serial, (why, by) in past.dropped.items():
        session.dropped[serial] = why
        if by:
            session.taken_out.add(serial)
    session.line.reported |= past.leaks.keys()
    session.line.leakers |= past.leaks.keys() & past.dropped.keys()
    session.operator = past.operator
    if resumed.by and resumed.by != past.operator:
        before = session.relieve(resumed.by)
        session.sink.emit(OperatorChanged(resumed.by, before, session.clock.now()))


def recall_environment(session: Session, past: SoFar, lab: Lab) -> None:
    """Give a session the readings of the environment from before the run was cut off.

    Raises:
        RecordError: a block of them is damaged.
    """
    assert past.opened is not None
    for band in session.procedure.environment:
        names = past.environment.get(band.role, ())
        if names:
            raw = np.concatenate([lab.raw(past.opened.run, name) for name in names], axis=1)
            good = raw[:, raw[-1] == GOOD]
            session.climate.recall(band, (good[0] + good[1]) / 2, good[2])


def _across(session: Session) -> set[str]:
    """Return the items over several points, which are judged at each occasion."""
    return {i.name for i in session.procedure.items if isinstance(i, AcrossItem)}


def rejoin(session: Session, resumed: Resumption, action: Action) -> Task[None]:
    """Have the units that were in the line there again, before the first action that is left.

    Venting and the like is done again where the procedure wants it after such a gap, and what was
    due after a leak still is. A leak that was reported and not seen to is seen to now.

    Raises:
        RefusedError: a person says that the units are not in the line.
    """
    past, line = resumed.so_far, session.line
    if f"{action.load}/mount" not in past.over:
        return  # they are mounted now
    load = session.plan.load(action.load)
    step = Action(f"{load.id}/resumed-{past.resumed + 1}", "mount", load.id)
    session.started(step)
    yield from put_in_line(session, load, msg("engine.still-mounted"))
    session.sink.emit(ActionFinished(step.id, "done", session.clock.now()))
    yield Until(session.clock.now())
    line.leaks = past.opened_for_leaks.get(load.id, 0)
    line.due = _due(session, resumed, load.id)
    line.due_after = f"resumed-{past.resumed + 1}"
    for serial, (position, by) in past.leaks.items():
        if serial not in past.dropped and serial in line.present():
            session.control.found(Leak(serial, position, by))


def _due(session: Session, resumed: Resumption, load: str) -> list[str]:
    """Return the items that the units of a load must pass again, in the procedure's order."""
    past, procedure = resumed.so_far, session.procedure
    due = set()
    if resumed.gap > procedure.after_gap.after:
        due |= {name for name in procedure.after_gap.again if f"{load}/{name}" in past.over}
    opened = past.opened_for_leaks.get(load, 0)
    if opened:
        again = [n for n in procedure.after_leak.again if f"{load}/{n}" in past.over]
        due |= {name for name in again if f"{load}/leak-{opened}/{name}" not in past.over}
    return [item.name for item in procedure.items if item.name in due]
