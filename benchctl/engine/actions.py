"""The actions of a load in their order, with the bench time that each is expected to take."""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.bench import Gate, GateCheck
from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg
from benchctl.procedure import AskItem, HoldItem, Item, Procedure, ReadItem, VentItem
from benchctl.procedure.plan import Action, Load, Visit

MOUNT_S = 60.0
ANSWER_S = 3.0
SWITCH_S = 1.0
WEIGHT_S = 30.0
READ_S = 2.0


def applies(item: Item, stage: str, roles: frozenset[str]) -> bool:
    """Return whether an item belongs to the stage and the bench has what it reads."""
    stages = getattr(item, "stages", ())
    if stages and stage not in stages:
        return False
    if isinstance(item, ReadItem) and item.read not in roles:
        # a pass needs every item: one that cannot be carried out must not vanish
        raise RefusedError(msg("engine.item-unbound", item=item.name, role=item.read))
    return True


def actions_of(
    procedure: Procedure, load: Load, visits: Sequence[Visit], stage: str, roles: frozenset[str]
) -> list[Action]:
    """Return every step of a load: mount, items, visits, and the retests that may be needed."""
    actions = [Action(f"{load.id}/mount", "mount", load.id, MOUNT_S)]
    reads: list[ReadItem] = []
    for item in (i for i in procedure.items if applies(i, stage, roles)):
        if isinstance(item, AskItem):
            actions += [
                Action(
                    f"{load.id}/{item.name}/{s}", "ask", load.id, ANSWER_S, item=item.name, serial=s
                )
                for s in load.serials
            ]
        elif isinstance(item, HoldItem):
            expected = item.seconds + item.settle.dwell + ANSWER_S * len(load.serials)
            actions.append(
                Action(f"{load.id}/{item.name}", "hold", load.id, expected, item=item.name)
            )
        elif isinstance(item, VentItem):
            expected = item.seconds * item.times + (ANSWER_S if item.ask else 0.0)
            actions.append(
                Action(f"{load.id}/{item.name}", "vent", load.id, expected, item=item.name)
            )
        elif isinstance(item, ReadItem):
            reads.append(item)
    for visit in visits:
        actions += _visit_actions(procedure, load, visit, reads)
    retest = procedure.each_point.retest
    if retest is not None:
        actions += [
            Action(f"{v.id}/retest", "retest", load.id, visit=v.id, conditional=True)
            for v in visits
        ]
    return actions


def _visit_actions(
    procedure: Procedure, load: Load, visit: Visit, reads: Sequence[ReadItem]
) -> list[Action]:
    settle = procedure.each_point.settle
    actions = [
        Action(f"{visit.id}/set", "set", load.id, SWITCH_S, visit=visit.id),
        Action(
            f"{visit.id}/settle", "settle", load.id, 2 * settle.dwell + visit.soak, visit=visit.id
        ),
    ]
    for item in reads:
        if item.during in visit.points:
            count = sum(m.point == item.during for m in visit.members)
            actions.append(
                Action(
                    f"{visit.id}/{item.name}",
                    "read",
                    load.id,
                    READ_S * count,
                    visit=visit.id,
                    item=item.name,
                )
            )
    totalise = procedure.each_point.totalise
    standing = totalise.standing if totalise else None
    resting = 4.0 * standing.dwell if standing else 0.0  # before and after, waited for and read
    expected = visit.expected_s + resting
    kind = "totalise" if totalise else "measure"
    actions += [
        Action(f"{visit.id}/run-{n}", kind, load.id, expected, visit=visit.id, run=n)
        for n in range(1, procedure.each_point.runs + 1)
    ]
    return actions


def gate_actions(gate: Gate | None) -> list[Action]:
    """Return an action for each check; they are skipped while an earlier gate holds."""
    return [
        Action(f"gate/{c.name}", "gate", "", _gate_expected(c), item=c.name, conditional=True)
        for c in (() if gate is None else gate.checks)
    ]


def _gate_expected(check: GateCheck) -> float:
    people = WEIGHT_S * (bool(check.ask) + bool(check.then))
    return check.wait + check.over * (2 if check.ask else 1) + people + READ_S


def item_kind(item: object) -> str:
    """Return what an item is: ask, hold, vent, read or points."""
    if isinstance(item, AskItem):
        return "ask"
    if isinstance(item, HoldItem):
        return "hold"
    if isinstance(item, VentItem):
        return "vent"
    return "read" if isinstance(item, ReadItem) else "points"
