"""A procedure for one unit under test: every expression evaluated, every number checked.

What is checked here can only be seen with numbers: a division by zero, a negative flow, limits the
wrong way round, a set-point outside its own band. `check` resolves a procedure for its defaults and
for the combinations of its choices, so that most of it is found before anybody runs it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchctl.core.messages import Message, msg
from benchctl.core.units import unit
from benchctl.language import Expression, ExpressionError
from benchctl.procedure.across_values import across_env
from benchctl.procedure.declared import Limit, Need, Point, Where
from benchctl.procedure.declared_items import AcrossItem, HoldItem, VentItem
from benchctl.procedure.procedure import Procedure
from benchctl.procedure.resolved import ResolvedPoint, ResolvedUut

Path = tuple[str | int, ...]
Env = dict[str, Any]

_NEVER_NEGATIVE = tuple(unit(u).dimension for u in ("m³/h", "kg/h", "L", "kg", "s", "Hz"))


class Trouble(Exception):  # noqa: N818 - not an error of the program: it is turned into one with a place
    """An expression of a procedure, at `path` of its file, gives no usable value."""

    def __init__(self, path: Path, message: Message) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


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
    env: Env = dict(parameters)
    for need in procedure.needs.values():
        env[f"{need.role}.resolution"] = resolution.get(need.role, 0.0)
    for where in procedure.where:
        if not where.per_point:
            env[where.name] = _where(where, env, "")
    at_most = None
    if procedure.line and procedure.line.at_most is not None:
        at_most = number(procedure.line.at_most, env, ("line", "at_most"))
    holds = [item for item in procedure.items if isinstance(item, HoldItem)]
    vents = [item for item in procedure.items if isinstance(item, VentItem)]
    resolver = _Points(procedure, env, stage, at_most)
    points = tuple(resolver.point(point) for point in procedure.points if _has(point, env, stage))
    if not points:
        raise Trouble(("points",), msg("procedure.none-applies", stage=stage))
    left_out = [
        name for name, when in procedure.conditions.items() if not truth(when, env, (name, "when"))
    ]
    for item in procedure.items:
        if isinstance(item, AcrossItem):
            _try_across(procedure, item, env, points, stage)
    return ResolvedUut(
        parameters=dict(parameters),
        env=env,
        points=points,
        at_most=at_most,
        left_out=frozenset(left_out),
        hold_sets={item.name: _hold_sets(procedure, item, env) for item in holds},
        vent_sets={item.name: _vent_sets(procedure, item, env, at_most) for item in vents},
        hold_drops={item.name: _hold_drop(item, env) for item in holds if item.drop is not None},
    )


def _has(point: Point, env: Env, stage: str) -> bool:
    """Return whether a unit has a point at a stage."""
    if point.stages and stage not in point.stages:
        return False
    return point.when is None or truth(point.when, env, ("points", point.index, "when"))


def place_words(procedure: Procedure, path: Path) -> str:
    """Return a path as a person reads it: `points Q3 keep`."""
    parts = list(path)
    if len(parts) > 1 and parts[0] == "points" and isinstance(parts[1], int):
        parts[1] = procedure.points[parts[1]].name
    return " ".join(str(part + 1) if isinstance(part, int) else part for part in parts)


def number(expression: Expression, env: Mapping[str, Any], path: Path) -> float:
    """Return the finite number that an expression gives.

    Raises:
        Trouble: it cannot be evaluated, or gives no finite number.
    """
    value = _value(expression, env, path)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Trouble(path, msg("procedure.no-finite-number", value=str(value)))
    return float(value)


def truth(expression: Expression, env: Mapping[str, Any], path: Path) -> bool:
    """Return whether a condition holds.

    Raises:
        Trouble: it cannot be evaluated.
    """
    return bool(_value(expression, env, path))


def _value(expression: Expression, env: Mapping[str, Any], path: Path) -> Any:
    try:
        return expression(env)
    except ExpressionError as error:
        raise Trouble(path, error.message) from error


def _where(where: Where, env: Env, point: str) -> float:
    path: Path = ("where", where.name)
    if where.table:
        value = number(where.table[point], env, (*path, "table", point))
    elif where.value is not None:
        value = number(where.value, env, (*path, "value"))
    else:
        value = -math.inf if where.at_least is not None else math.inf
    if where.at_least is not None:
        value = max(value, number(where.at_least, env, (*path, "at_least")))
    if where.at_most is not None:
        value = min(value, number(where.at_most, env, (*path, "at_most")))
    return value


def _hold_sets(procedure: Procedure, item: HoldItem, env: Env) -> dict[str, float]:
    return {
        role: _setting(expression, env, (item.name, "set", role), procedure.needs[role])
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
        value = sets[role] = _setting(expression, env, path, need)
        shared = procedure.line is not None and role == procedure.line.shares
        if shared and at_most is not None and value > at_most * (1 + 1e-9):
            bound = f"{at_most:g} {need.unit}"
            message = msg("procedure.above-most", point=item.name, value=f"{value:g}", bound=bound)
            raise Trouble(path, message)
    return sets


def _try_across(
    procedure: Procedure,
    item: AcrossItem,
    env: Env,
    points: tuple[ResolvedPoint, ...],
    stage: str,
) -> None:
    """Evaluate the formulas of an item over points once, with results that might be.

    Raises:
        Trouble: there is no value, or one per point.
    """
    chosen = [p for p in points if not item.over or p.name in item.over]
    results = {
        procedure.measurand.name: [0.3 * p.mpe[1] for p in chosen],
        "U": [0.1 * p.mpe[1] for p in chosen],
    }
    value: float | None = None
    if item.value is not None:
        path: Path = (item.name, "value")
        found = _value(item.value, across_env(item.value, env, chosen, results, stage), path)
        if getattr(found, "ndim", 0):
            raise Trouble(path, msg("procedure.across-not-one"))
        value = float(found)
    path = (item.name, "across")
    names = across_env(item.passes, env, chosen, results, stage) | {"value": value}
    if getattr(_value(item.passes, names, path), "ndim", 0):
        raise Trouble(path, msg("procedure.across-not-one"))


def _hold_drop(item: HoldItem, env: Env) -> float:
    path: Path = (item.name, "drop")
    drop = number(item.drop, env, path) if item.drop is not None else 0.0
    if drop <= 0:
        raise Trouble(path, msg("procedure.not-positive", value=f"{drop:g}"))
    return drop


def _setting(expression: Expression, env: Env, path: Path, need: Need) -> float:
    """Return a value to be set: of a switch 1 or 0; no flow, volume or time is negative."""
    if need.switch:
        return float(truth(expression, env, path))
    value = number(expression, env, path)
    if value < 0 and unit(need.unit).dimension in _NEVER_NEGATIVE:
        raise Trouble(path, msg("procedure.negative", value=f"{value:g} {need.unit}"))
    return value


@dataclass(slots=True)
class _Points:
    """Resolves the points of one unit at one stage."""

    procedure: Procedure
    env: Env
    stage: str
    at_most: float | None

    def point(self, point: Point) -> ResolvedPoint:
        procedure, index = self.procedure, point.index
        here: Path = ("points", index)
        fields = {
            name: number(expression, self.env, (*here, name))
            for name, expression in point.fields.items()
        }
        env = self.env | {f"point.{name}": value for name, value in fields.items()}
        for where in procedure.where:
            if where.per_point:
                env[where.name] = _where(where, env, point.name)
        sets = self._sets(env | fields, point)
        role = procedure.shared_role
        nominal = sets[role]
        if self.at_most is not None and nominal > self.at_most * (1 + 1e-9):
            raise Trouble(
                ("line", "at_most"),
                msg(
                    "procedure.above-most",
                    point=point.name,
                    value=f"{nominal:g}",
                    bound=f"{self.at_most:g} {procedure.needs[role].unit}",
                ),
            )
        mpe = self._limits(env, point)
        return ResolvedPoint(
            name=point.name,
            index=index,
            fields=fields,
            units=dict(procedure.field_units),
            nominal=nominal,
            nominal_unit=procedure.needs[role].unit,
            sets=sets,
            keep=self._keep(env, point, nominal),
            mpe=self._at_stage(env, mpe, self.stage),
            mpe_initial=self._half_width_initial(env, mpe),
            amount=self._amount(env),
            occasion=point.occasion,
            values={n: v for n, v in env.items() if n not in self.env},
        )

    def _sets(self, env: Env, point: Point) -> dict[str, float]:
        """Return what is set, by role; a mistake in a role set to a bare field is the field's."""
        sets = {}
        for role, expression in self.procedure.each_point.set.items():
            path: Path = ("each_point", "set", role)
            if expression.text.strip() in point.fields:
                path = ("points", point.index, expression.text.strip())
            sets[role] = _setting(expression, env, path, self.procedure.needs[role])
        return sets

    def _keep(self, env: Env, point: Point, nominal: float) -> tuple[float, float]:
        """Return the band that must be kept; it contains the band of settling."""
        within = self.procedure.each_point.settle.within * abs(nominal)
        settled = (nominal - within, nominal + within)
        if point.keep is None:
            return settled
        path: Path = ("points", point.index, "keep")
        low = number(point.keep[0], env, (*path, 0))
        high = number(point.keep[1], env, (*path, 1))
        text = f"[{low:g}, {high:g}]"
        if not low < high:
            raise Trouble(path, msg("procedure.wrong-way-round", low=f"{low:g}", high=f"{high:g}"))
        if not low <= nominal <= high:
            raise Trouble(path, msg("procedure.outside-keep", keep=text, value=f"{nominal:g}"))
        slack = 1e-9 * abs(nominal)
        if settled[0] < low - slack or settled[1] > high + slack:
            settled_text = f"[{settled[0]:g}, {settled[1]:g}]"
            raise Trouble(path, msg("procedure.settles-outside", keep=text, settled=settled_text))
        return low, high

    def _amount(self, env: Env) -> float:
        amount = number(
            self.procedure.each_point.totalise.quantity, env, ("each_point", "totalise", "until")
        )
        if amount <= 0:
            path: Path = ("each_point", "totalise", "until")
            raise Trouble(path, msg("procedure.not-positive", value=f"{amount:g}"))
        return amount

    def _limits(self, env: Env, point: Point) -> tuple[float, float]:
        """Return the limits of the first line that fits, before the stage."""
        for i, limit in enumerate(self.procedure.limits):
            if limit.when is None or truth(limit.when, env, ("limits", i, "when")):
                return _limit(limit, env, ("limits", i, "mpe"))
        raise Trouble(("limits",), msg("procedure.no-limit", point=point.name))

    def _at_stage(self, env: Env, mpe: tuple[float, float], stage: str) -> tuple[float, float]:
        expression = self.procedure.stages[stage]
        path: Path = ("stages", stage)
        low, high = (number(expression, env | {"mpe": side}, path) for side in mpe)
        if not low < high:
            raise Trouble(path, msg("procedure.wrong-way-round", low=f"{low:g}", high=f"{high:g}"))
        return low, high

    def _half_width_initial(self, env: Env, mpe: tuple[float, float]) -> float:
        """Return half the width of the limits at the stage "initial", or before any stage."""
        if "initial" in self.procedure.stages:
            mpe = self._at_stage(env, mpe, "initial")
        return (mpe[1] - mpe[0]) / 2


def _limit(limit: Limit, env: Env, path: Path) -> tuple[float, float]:
    high = limit.factor * number(limit.high, env, path if limit.low is None else (*path, 1))
    low = -high if limit.low is None else limit.factor * number(limit.low, env, (*path, 0))
    if not low < high:
        raise Trouble(path, msg("procedure.wrong-way-round", low=f"{low:g}", high=f"{high:g}"))
    return low, high
