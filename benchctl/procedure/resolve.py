"""A procedure for one unit under test: every expression evaluated, every number checked.

What is checked here can only be seen with numbers: a division by zero, a negative flow, limits the
wrong way round, a set-point outside its own band. `check` resolves a procedure for its defaults and
for the combinations of its choices, so that most of it is found before anybody runs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchctl.core.messages import msg
from benchctl.procedure.across_values import try_across
from benchctl.procedure.declared import Point
from benchctl.procedure.declared_items import AcrossItem, HoldItem, VentItem
from benchctl.procedure.evaluate import Env, Path, Trouble, number, truth
from benchctl.procedure.procedure import Procedure
from benchctl.procedure.resolve_points import PointsResolver, setting, where_value
from benchctl.procedure.resolved import ResolvedPoint, ResolvedUut


def resolve(
    procedure: Procedure,
    parameters: Mapping[str, float | str],
    stage: str,
    resolution: Mapping[str, float],
) -> ResolvedUut:
    """Return the procedure for one unit under test; the stage is known.

    Raises:
        Trouble: an expression gives no usable value.
    """
    env = _env(procedure, parameters, stage, resolution)
    at_most = None
    if procedure.line and procedure.line.at_most is not None:
        at_most = number(procedure.line.at_most, env, ("line", "at_most"))
    holds = [item for item in procedure.items if isinstance(item, HoldItem)]
    vents = [item for item in procedure.items if isinstance(item, VentItem)]
    left_out = {
        name for name, when in procedure.conditions.items() if not truth(when, env, (name, "when"))
    }
    given = (parameters, stage, resolution)
    points: dict[str, tuple[ResolvedPoint, ...]] = {}
    before = 0
    for part in procedure.measured:
        item = part.item or part.measurand.name
        points[item] = ()
        if item not in left_out and _applies(part, item, stage):
            points[item] = _points(procedure, part, given, at_most, before)
        before += len(part.points)
    found = tuple(point for of_item in points.values() for point in of_item)
    if not found:
        raise Trouble(("points",), msg("procedure.none-applies", stage=stage))
    for item_across in procedure.items:
        if isinstance(item_across, AcrossItem) and item_across.name not in left_out:
            if any(not points[of] for of in _over(procedure, item_across)):
                left_out.add(item_across.name)  # nothing of what it is over is measured
            else:
                _try(procedure, item_across, env, points, stage)
    return ResolvedUut(
        parameters=dict(parameters),
        env=env,
        points=tuple(_with_carried(procedure, point, found) for point in found),
        at_most=at_most,
        left_out=frozenset(left_out),
        hold_sets={item.name: _hold_sets(procedure, item, env) for item in holds},
        vent_sets={item.name: _vent_sets(procedure, item, env, at_most) for item in vents},
        hold_drops={item.name: _hold_drop(item, env) for item in holds if item.drop is not None},
    )


def _with_carried(
    procedure: Procedure, point: ResolvedPoint, points: Sequence[ResolvedPoint]
) -> ResolvedPoint:
    """Return a point with those from which values are carried to it, as they are resolved."""
    carry = procedure.part(point.name).measurand.carry
    if not carry:
        return point
    others = {p.name: p for p in points if p.name != point.name}
    carried = {n: (procedure.part(o), others[o]) for n, o in carry.items() if o in others}
    return replace(point, carried=carried)


def _env(
    procedure: Procedure,
    parameters: Mapping[str, float | str],
    stage: str,
    resolution: Mapping[str, float],
) -> Env:
    """Return what an expression outside of a point may name."""
    env: Env = {**parameters, "stage": stage}
    for need in procedure.needs.values():
        env[f"{need.role}.resolution"] = resolution.get(need.role, 0.0)
    for where in procedure.where:
        if not where.per_point:
            env[where.name] = where_value(where, env, "")
    return env


def _applies(part: Procedure, item: str, stage: str) -> bool:
    """Return whether an item is measured at a stage."""
    found = next((i for i in part.items if i.name == item), None)
    return found is None or not found.stages or stage in found.stages


def _points(
    procedure: Procedure,
    part: Procedure,
    given: tuple[Mapping[str, float | str], str, Mapping[str, float]],
    at_most: float | None,
    before: int,
) -> tuple[ResolvedPoint, ...]:
    """Return the points of an item that is measured; `before` it the others have so many.

    Raises:
        Trouble: an expression gives no usable value.
    """
    try:
        env = _env(part, *given)
        resolver = PointsResolver(part, env, given[1], _borne(part, at_most), before)
        return tuple(resolver.point(p) for p in part.points if _has(p, env, given[1]))
    except Trouble as trouble:
        if not procedure.parts or not part.item:
            raise
        raise Trouble((part.item, *trouble.path), trouble.message) from trouble


def _over(procedure: Procedure, item: AcrossItem) -> list[str]:
    """Return the measured items that an item over several points is about."""
    names = item.passes.names | (item.value.names if item.value is not None else frozenset())
    stems = names | {name.partition(".")[0] for name in names}
    return [name for name in procedure.parts if name == item.of or name in stems]


def _borne(part: Procedure, at_most: float | None) -> float | None:
    """Return the largest set-point that a unit bears, of what a part sets."""
    return None if part.item and not (part.line and part.line.shares) else at_most


def _try(
    procedure: Procedure,
    item: AcrossItem,
    env: Env,
    points: Mapping[str, tuple[ResolvedPoint, ...]],
    stage: str,
) -> None:
    of = item.of or procedure.measurand.name
    quantity = procedure.parts[of].measurand.name if procedure.parts else procedure.measurand.name
    own = points.get(of, ())
    others = {name: found for name, found in points.items() if found and procedure.parts}
    try_across(quantity, item, own[0].env if own else env, own, stage, others)


def _has(point: Point, env: Env, stage: str) -> bool:
    """Return whether a unit has a point at a stage."""
    if point.stages and stage not in point.stages:
        return False
    return point.when is None or truth(point.when, env, ("points", point.index, "when"))


def place_words(procedure: Procedure, path: Path) -> str:
    """Return a path as a person reads it: `points Q3 keep`."""
    if path and path[0] in procedure.parts:
        part = procedure.parts[str(path[0])]
        return f"{path[0]} {place_words(part, path[1:])}"
    parts = list(path)
    if len(parts) > 1 and parts[0] == "points" and isinstance(parts[1], int):
        own = next((p for p in procedure.measured if not p.item), procedure)
        parts[1] = own.points[parts[1]].name
    return " ".join(str(part + 1) if isinstance(part, int) else part for part in parts)


def _hold_sets(procedure: Procedure, item: HoldItem, env: Env) -> dict[str, float]:
    return {
        role: setting(expression, env, (item.name, "set", role), procedure.needs[role])
        for role, expression in item.set.items()
    }


def _vent_sets(
    procedure: Procedure, item: VentItem, env: Env, at_most: float | None
) -> dict[str, float]:
    """Return what venting sets; the line sees no more of what it shares than the unit bears."""
    sets = {}
    for role, expression in item.set.items():
        path: Path = (item.name, "vent", "set", role)
        need = procedure.needs[role]
        value = sets[role] = setting(expression, env, path, need)
        shared = procedure.line is not None and role == procedure.line.shares
        if shared and at_most is not None and value > at_most * (1 + 1e-9):
            bound = f"{at_most:g} {need.unit}"
            message = msg("procedure.above-most", point=item.name, value=f"{value:g}", bound=bound)
            raise Trouble(path, message)
    return sets


def _hold_drop(item: HoldItem, env: Env) -> float:
    path: Path = (item.name, "drop")
    drop = number(item.drop, env, path) if item.drop is not None else 0.0
    if drop <= 0:
        raise Trouble(path, msg("procedure.not-positive", value=f"{drop:g}"))
    return drop
