"""Procedure, bench and batch compile to a `Plan`: loads, visits, actions with stable ids.

Nothing is opened here. Whatever makes a run impossible is refused with the arithmetic shown: a flow
above what a unit in the line bears, a reference that is not good enough for the limits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchctl.bench import Gate, gate_titles
from benchctl.core.messages import msg
from benchctl.core.results import Uut
from benchctl.engine.actions import (
    Loaded,
    actions_of,
    applies,
    as_left_visits,
    gate_actions,
    item_kind,
)
from benchctl.engine.consumed import consumed
from benchctl.engine.expected import duration, reference_u_at, remembered
from benchctl.engine.foreseen import expected_of, values_at
from benchctl.engine.grouping import Group, Wish, loads_of, visits_of
from benchctl.engine.many_told import rule_told
from benchctl.engine.references import (
    Facts,
)
from benchctl.engine.refusals import Refusal
from benchctl.procedure import (
    CYCLE,
    Procedure,
    ResolvedPoint,
    ResolvedUut,
)
from benchctl.procedure.plan import Action, Load, Member, Plan, PlannedPoint, PlannedUut, Visit


@dataclass(frozen=True, slots=True)
class Subject:
    """A unit under test with its resolved points; `skipped` are the points left out by request."""

    uut: Uut
    resolved: ResolvedUut
    shown: dict[str, str]


@dataclass(frozen=True, slots=True)
class Setting:
    """Circumstances of the run that the plan depends on."""

    service: str
    stage: str
    bench: str
    simulated: bool
    points: tuple[str, ...]
    facts: Facts
    roles: frozenset[str]
    """Roles that the bench binds; an item that reads an optional role needs it bound."""
    gate: Gate | None = None
    """What the bench file wants checked before a run."""


def compile_plan(
    procedure: Procedure, subjects: Sequence[Subject], setting: Setting
) -> tuple[Plan, list[Refusal]]:
    """Return the plan of a run, and every reason to refuse it.

    A unit would see more than it bears, or a standard is not adequate.

    Raises:
        RefusedError: the bench lacks what an item reads.
    """
    by_serial = {s.uut.serial: s for s in subjects}
    wishes = {p.item: _wishes(p, subjects, setting.points) for p in procedure.measured}
    at_most = {s.uut.serial: s.resolved.at_most for s in subjects}
    in_line = [p for p in procedure.measured if not p.item or (p.line and p.line.shares)]
    refusals = [r for p in in_line for r in _overloaded(p, wishes[p.item], at_most)]
    of_line = [wish for p in in_line for wish in wishes[p.item]]
    loads: list[Load] = []
    visits: list[Visit] = []
    actions: list[Action] = gate_actions(setting.gate)
    at_once = procedure.line.at_once if procedure.line else None
    for n, serials in enumerate(loads_of(of_line, at_most, list(by_serial), at_once), 1):
        load = _load(f"load-{n}", [by_serial[s] for s in serials])
        of_load = [
            _visit(part, load, group, by_serial, setting, item)
            for item, part in (procedure.parts or {"": procedure}).items()
            for group in visits_of(
                [w for w in wishes[part.item] if w.serial in serials],
                load.at_most if part in in_line else None,
            )
        ]
        of_load = _with_unique_ids(of_load)
        as_left = as_left_visits(procedure, load, of_load, setting.stage)
        left_out = {s: by_serial[s].resolved.left_out for s in serials}
        loads.append(load)
        visits += [*of_load, *as_left]
        whole = Loaded(load, of_load, as_left, left_out)
        actions += actions_of(procedure, whole, setting.stage, setting.roles)
    plan = Plan(
        procedure=procedure.name,
        standard=procedure.standard.title,
        service=setting.service,
        stage=setting.stage,
        bench=setting.bench,
        simulated=setting.simulated,
        uuts=tuple(_planned(procedure, s, loads, setting) for s in subjects),
        loads=tuple(loads),
        visits=tuple(visits),
        actions=tuple(actions),
        notes=procedure.notes,
        consumes=consumed(procedure, visits, by_serial),
        titles={
            **gate_titles(setting.gate),
            **{i.name: i.title for i in procedure.items if i.title},
        },
    )
    refusals += _inadequate(plan, setting, procedure) + _too_uncertain(plan, setting)
    return plan, refusals


def _shared_role(procedure: Procedure) -> str:
    """Return the role whose set-point all units of a load share."""
    shares = procedure.line.shares if procedure.line else ""
    return shares or procedure.shared_role


def _wishes(procedure: Procedure, subjects: Sequence[Subject], only: Sequence[str]) -> list[Wish]:
    """Return what units want of the bench for what is measured, one of a procedure's parts."""
    role = _shared_role(procedure)
    return [
        Wish(
            s.uut.serial,
            p.name,
            p.index,
            p.keep[0],
            p.sets.get(role, p.nominal),
            p.keep[1],
            p.stroke,
            (
                *(item for item in p.sets.items() if item[0] != role),
                *((name, words.get("en", "")) for name, words in p.texts.items()),
                *(item for item in p.fields.items() if item[0] == CYCLE),
            ),
        )
        for s in subjects
        for p in s.resolved.points
        if p.item == procedure.item and (not only or p.name in only)
    ]


def _overloaded(
    procedure: Procedure, wishes: Sequence[Wish], at_most: Mapping[str, float | None]
) -> list[Refusal]:
    """Return the points whose least set-point is above what their own unit bears."""
    found: list[Refusal] = []
    role = _shared_role(procedure)
    if not role:
        return found
    need = procedure.needs[role]
    for wish in wishes:
        bound = at_most[wish.serial]
        if bound is not None and min(wish.low, wish.best) > bound:
            overload = msg(
                "engine.overload",
                serial=wish.serial,
                point=wish.point,
                wanted=f"{min(wish.low, wish.best):g} {need.unit}",
                bound=f"{bound:g} {need.unit}",
            )
            found.append(Refusal(wish.serial, overload))
    return found


def _load(name: str, subjects: Sequence[Subject]) -> Load:
    bounds = [b for s in subjects if (b := s.resolved.at_most) is not None]
    return Load(
        id=name,
        serials=tuple(s.uut.serial for s in subjects),
        positions=tuple(s.uut.position for s in subjects),
        at_most=min(bounds) if bounds else None,
    )


def _point(subject: Subject, name: str) -> ResolvedPoint:
    return next(p for p in subject.resolved.points if p.name == name)


def _visit(
    procedure: Procedure,
    load: Load,
    group: Group,
    by_serial: Mapping[str, Subject],
    setting: Setting,
    item: str,
) -> Visit:
    role = _shared_role(procedure)
    pairs = [(by_serial[w.serial], _point(by_serial[w.serial], w.point)) for w in group.wishes]
    amount = max((p.amount or 0.0) for _, p in pairs)
    names = tuple(dict.fromkeys(p.name for _, p in sorted(pairs, key=lambda sp: sp[1].index)))
    sets = dict(pairs[0][1].sets) | ({role: group.setpoint} if role else {})
    flow_unit = pairs[0][1].nominal_unit
    if procedure.each_point.totalise is None:
        seconds = max(p.expected_s for _, p in pairs)
        pulses = procedure.each_point.pulses
        amount_unit = procedure.needs[pulses.indication].unit if pulses else "s"
        if procedure.each_point.compare is not None:
            amount_unit, seconds = "", seconds * len(pairs)
    else:
        amount_unit = procedure.each_point.total.unit
        told = max(p.expected_s for _, p in pairs)
        seconds = told or duration(amount, amount_unit, group.setpoint, flow_unit)
    facts = setting.facts.at(group.setpoint, flow_unit)
    U = reference_u_at(procedure, amount, seconds, facts)  # noqa: N806
    values = remembered(lambda p: values_at(procedure, p, amount, seconds, setting.facts))
    members = tuple(
        replace(
            _member(procedure, s, p, U(p), setting),
            expected=expected_of(procedure, p, values(p), setting.facts),
        )
        for s, p in sorted(pairs, key=lambda sp: sp[0].uut.position)
    )
    return Visit(
        id=f"{load.id}/{'+'.join(names)}",
        load=load.id,
        points=names,
        role=role,
        setpoint=group.setpoint,
        unit=flow_unit,
        sets=tuple(sets.items()),
        amount=amount,
        amount_unit=amount_unit,
        expected_s=seconds,
        members=members,
        soak=max(p.soak for _, p in pairs),
        item=item,
        consent=any(p.consent for _, p in pairs),
        after=tuple(pairs[0][1].after.items()),
    )


def _with_unique_ids(visits: Sequence[Visit]) -> list[Visit]:
    """Number visits of one load that serve points of the same name at different set-points."""
    names = [v.id for v in visits]
    seen: dict[str, int] = {}
    unique = []
    for visit in visits:
        seen[visit.id] = seen.get(visit.id, 0) + 1
        suffix = f"@{seen[visit.id]}" if names.count(visit.id) > 1 else ""
        unique.append(replace(visit, id=visit.id + suffix))
    return unique


def _member(
    procedure: Procedure,
    subject: Subject,
    point: ResolvedPoint,
    U_reference: float | None,  # noqa: N803
    setting: Setting,
) -> Member:
    ratio = procedure.decision.ratio.get(setting.stage)
    adequate = True
    if procedure.decision.requires is not None and ratio is not None:
        adequate = U_reference is not None and bool(
            procedure.decision.requires(
                {
                    "U_reference": U_reference,
                    "mpe_initial": point.mpe_initial,
                    "standard_ratio": ratio,
                }
            )
        )
    return Member(
        serial=subject.uut.serial,
        position=subject.uut.position,
        point=point.name,
        nominal=point.nominal,
        keep=point.keep,
        mpe=point.mpe,
        mpe_initial=point.mpe_initial,
        amount=point.amount or 0.0,
        U_reference=U_reference,
        ratio=ratio,
        adequate=adequate,
        how_many=rule_told(point.how_many, procedure.measurand.unit),
    )


def _planned(
    procedure: Procedure, subject: Subject, loads: Sequence[Load], setting: Setting
) -> PlannedUut:
    load = next(load for load in loads if subject.uut.serial in load.serials)
    return PlannedUut(
        serial=subject.uut.serial,
        position=subject.uut.position,
        load=load.id,
        parameters=subject.shown,
        extra=subject.uut.extra,
        points=tuple(
            PlannedPoint(
                item=part.result_item,
                point=p.name,
                quantity=part.measurand.name,
                unit=part.measurand.unit,
                nominal=p.nominal,
                nominal_unit=p.nominal_unit,
                mpe=p.mpe,
                skipped=bool(setting.points) and p.name not in setting.points,
                values=_values(p),
            )
            for p in subject.resolved.points
            for part in (procedure.part(p.name),)
        ),
        items=tuple(
            (i.name, kind)
            for i in procedure.items
            if (kind := item_kind(i)) != "points"
            and i.name not in subject.resolved.left_out
            and applies(i, setting.stage, setting.roles)
        ),
    )


def _values(point: ResolvedPoint) -> dict[str, dict[str, Any]]:
    """Return a point's own quantities, words among them."""
    numbers = {n: {"value": v, "unit": point.units.get(n, "")} for n, v in point.fields.items()}
    return {**numbers, **{name: dict(texts) for name, texts in point.texts.items()}}


def _too_uncertain(plan: Plan, setting: Setting) -> list[Refusal]:
    """Return the points of a verification that its rule could not decide, with the arithmetic."""
    if setting.service != "verification":
        return []
    return [
        Refusal(
            m.serial,
            msg("engine.too-uncertain", serial=m.serial, point=m.point, problem=m.expected.problem),
        )
        for visit in plan.visits
        for m in visit.members
        if m.expected is not None and m.expected.hopeless
    ]


def _inadequate(plan: Plan, setting: Setting, procedure: Procedure) -> list[Refusal]:
    """Return where the standard of a verification is not good enough, with the arithmetic."""
    found: list[Refusal] = []
    if setting.service != "verification":
        return found
    for visit in plan.visits:
        unit_text = procedure.parts.get(visit.item, procedure).measurand.unit
        for m in visit.members:
            if m.adequate:
                continue
            if m.U_reference is None:
                none = msg("engine.no-standard", point=m.point, serial=m.serial)
                found.append(Refusal(m.serial, none))
                continue
            allowed = m.mpe_initial * (m.ratio or 0.0)
            inadequate = msg(
                "engine.inadequate",
                serial=m.serial,
                point=m.point,
                U=f"{m.U_reference:.3g} {unit_text}",
                mpe=f"{m.mpe_initial:g} {unit_text}",
                ratio=f"{m.ratio:.3g}",
                allowed=f"{allowed:.3g} {unit_text}",
            )
            found.append(Refusal(m.serial, inadequate))
    return found
