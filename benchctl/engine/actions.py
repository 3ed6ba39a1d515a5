"""The actions of a load in their order, with the bench time that each is expected to take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchctl.bench import Gate, GateCheck
from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg
from benchctl.procedure import (
    AcrossItem,
    AskItem,
    HoldItem,
    Item,
    PointsItem,
    Procedure,
    ReadItem,
    VentItem,
)
from benchctl.procedure.plan import Action, Load, Visit

MOUNT_S = 60.0
ANSWER_S = 3.0
SWITCH_S = 1.0
WEIGHT_S = 30.0
BY_HAND_S = 15.0
READ_S = 2.0
ADJUST_S = 120.0


def applies(item: Item, stage: str, roles: frozenset[str]) -> bool:
    """Return whether an item belongs to the stage and the bench has what it reads."""
    stages = getattr(item, "stages", ())
    if stages and stage not in stages:
        return False
    if isinstance(item, ReadItem) and item.read not in roles:
        # a pass needs every item: one that cannot be carried out must not vanish
        raise RefusedError(msg("engine.item-unbound", item=item.name, role=item.read))
    return True


@dataclass(frozen=True, slots=True)
class Loaded:
    """A load with what is done to it: its visits as found, and again as left.

    `left_out` are by unit the items that do not apply to it.
    """

    load: Load
    visits: Sequence[Visit]
    as_left: Sequence[Visit]
    left_out: Mapping[str, frozenset[str]]

    def concerned(self, item: str) -> list[str]:
        """Return the units to which an item applies."""
        return [s for s in self.load.serials if item not in self.left_out[s]]


def as_left_visits(
    procedure: Procedure, load: Load, visits: Sequence[Visit], stage: str
) -> list[Visit]:
    """Return the visits again for units that were adjusted, where the procedure lets them be."""
    adjust = procedure.adjust
    if adjust is None or (adjust.stages and stage not in adjust.stages):
        return []
    return [
        replace(v, id=v.id.replace(f"{load.id}/", f"{load.id}/as-left/", 1), occasion="as_left")
        for v in visits
    ]


def actions_of(
    procedure: Procedure, whole: Loaded, stage: str, roles: frozenset[str]
) -> list[Action]:
    """Return every step of a load: mount, items, visits, retests, and what adjusting asks for.

    Items come in their order; what is measured is measured where its item stands. What is judged of
    several points comes last.
    """
    load = whole.load
    items = [i for i in procedure.items if applies(i, stage, roles) and whole.concerned(i.name)]
    actions = [Action(f"{load.id}/mount", "mount", load.id, MOUNT_S)]
    reads = [i for i in items if isinstance(i, ReadItem)]
    for item in procedure.items:
        if isinstance(item, PointsItem):
            actions += _measure(procedure, load, item, whole.visits, reads)
        elif item in items:
            actions += _before(item, whole)
    actions += _across(load, whole.visits, items)
    if whole.as_left:
        actions += [
            Action(f"{load.id}/adjust/{s}", "adjust", load.id, ADJUST_S, serial=s, conditional=True)
            for s in load.serials
        ]
        again = [
            action
            for item in procedure.items
            if isinstance(item, PointsItem)
            for action in _measure(procedure, load, item, whole.as_left, ())
        ]
        again += _across(load, whole.as_left, items)
        actions += [replace(a, conditional=True) for a in again]
    return actions


def _measure(
    procedure: Procedure,
    load: Load,
    item: PointsItem,
    visits: Sequence[Visit],
    reads: Sequence[ReadItem],
) -> list[Action]:
    """Return the visits of an item, and the retests that may be needed after them."""
    part = procedure.parts.get(item.name, procedure)
    own = [v for v in visits if v.item in ("", item.name)]
    actions = [a for v in own for a in _visit_actions(part, load, v, reads)]
    if part.each_point.retest is not None:
        actions += [
            Action(f"{v.id}/retest", "retest", load.id, visit=v.id, conditional=True) for v in own
        ]
    return actions


def _before(item: Item, whole: Loaded) -> list[Action]:
    """Return the steps of an item that is answered or observed before any point is visited."""
    load = whole.load.id
    name = f"{load}/{item.name}"
    if isinstance(item, AskItem):
        return [
            Action(f"{name}/{s}", "ask", load, ANSWER_S, item=item.name, serial=s)
            for s in whole.concerned(item.name)
        ]
    if isinstance(item, HoldItem):
        answers = ANSWER_S * len(whole.concerned(item.name))
        expected = item.seconds + item.settle.dwell + answers
        return [Action(name, "hold", load, expected, item=item.name)]
    if isinstance(item, VentItem):
        expected = item.seconds * item.times + (ANSWER_S if item.ask else 0.0)
        return [Action(name, "vent", load, expected, item=item.name)]
    return []


def _across(load: Load, visits: Sequence[Visit], items: Sequence[Item]) -> list[Action]:
    """Return what follows the visits: items over several points."""
    stem = f"{load.id}/as-left" if visits and visits[0].occasion == "as_left" else load.id
    return [
        Action(f"{stem}/{item.name}", "across", load.id, item=item.name)
        for item in items
        if isinstance(item, AcrossItem)
    ]


def _visit_actions(
    procedure: Procedure, load: Load, visit: Visit, reads: Sequence[ReadItem]
) -> list[Action]:
    settle = procedure.each_point.settle
    prompting = procedure.each_point.prompt
    people = len(visit.members) if prompting is not None and prompting.per == "uut" else 1
    actions = [Action(f"{visit.id}/set", "set", load.id, SWITCH_S, visit=visit.id)]
    if prompting is not None and not prompting.each_run:
        by_hand = people * BY_HAND_S + prompting.wait
        actions.append(Action(f"{visit.id}/prompt", "prompt", load.id, by_hand, visit=visit.id))
    actions += [
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
    if prompting is not None and prompting.in_turn:
        expected *= len(visit.members)
    if prompting is not None and prompting.each_run:
        expected += people * BY_HAND_S + prompting.wait
    kind = "totalise" if totalise else "measure"
    runs = [
        Action(f"{visit.id}/run-{n}", kind, load.id, expected, visit=visit.id, run=n)
        for n in range(1, procedure.each_point.runs + 1)
    ]
    if procedure.each_point.further is not None:
        runs.append(Action(f"{visit.id}/more", "more", load.id, visit=visit.id, conditional=True))
    return actions + runs


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
    """Return what an item is: ask, hold, vent, read, across or points."""
    if isinstance(item, AskItem):
        return "ask"
    if isinstance(item, HoldItem):
        return "hold"
    if isinstance(item, VentItem):
        return "vent"
    if isinstance(item, AcrossItem):
        return "across"
    return "read" if isinstance(item, ReadItem) else "points"
