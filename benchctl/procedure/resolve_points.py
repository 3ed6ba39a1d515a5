"""The points of a procedure for one unit under test, in numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from benchctl.core.messages import msg
from benchctl.core.units import unit
from benchctl.language import Expression
from benchctl.procedure.consuming import consumed_at
from benchctl.procedure.declared import Limit, Need, Point, Where
from benchctl.procedure.evaluate import Env, Path, Trouble, number, truth
from benchctl.procedure.further import further_at
from benchctl.procedure.procedure import Procedure
from benchctl.procedure.resolve_by_hand import reached_at, spans_at, windows_at
from benchctl.procedure.resolve_readings import expected_at, how_many_at
from benchctl.procedure.resolved import ResolvedHowMany, ResolvedPoint

EXCHANGE_S = 10.0
"""How long it takes to exchange what is on an instrument, in s of bench time."""
_NEVER_NEGATIVE = tuple(unit(u).dimension for u in ("m³/h", "kg/h", "L", "kg", "s", "Hz"))


def where_value(where: Where, env: Env, point: str) -> float:
    """Return a quantity of `where`, at a point if it has one value for each."""
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


def setting(expression: Expression, env: Env, path: Path, need: Need) -> float:
    """Return a value to be set: of a switch 1 or 0; no flow, volume or time is negative."""
    if need.switch:
        return float(truth(expression, env, path))
    value = number(expression, env, path)
    if value < 0 and unit(need.unit).dimension in _NEVER_NEGATIVE:
        raise Trouble(path, msg("procedure.negative", value=f"{value:g} {need.unit}"))
    return value


@dataclass(slots=True)
class PointsResolver:
    """Resolves the points of one unit at one stage."""

    procedure: Procedure
    env: Env
    stage: str
    at_most: float | None
    before: int
    """So many points stand before these in the procedure."""

    def point(self, point: Point) -> ResolvedPoint:
        """Return a point in numbers.

        Raises:
            Trouble: an expression gives no usable value.
        """
        procedure, index = self.procedure, point.index
        here: Path = ("points", index)
        fields = {
            name: number(expression, self.env, (*here, name))
            for name, expression in point.fields.items()
        }
        env = self.env | {f"point.{name}": value for name, value in fields.items()}
        for name, words in point.texts.items():
            env[f"point.{name}"] = words.get("en", "")
        for where in procedure.where:
            if where.per_point:
                env[where.name] = where_value(where, env, point.name)
        sets = self._sets(env | fields, point)
        role = procedure.shared_role
        nominal = sets[role] if role else next(iter(fields.values()), 0.0)
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
        at_stage = self._at_stage(env, mpe, self.stage)
        how_many = how_many_at(procedure, env | {"mpe": (at_stage[1] - at_stage[0]) / 2})
        settle = procedure.each_point.settle
        return ResolvedPoint(
            name=point.name,
            index=self.before + index,
            fields=fields,
            units=dict(procedure.field_units),
            nominal=nominal,
            nominal_unit=self._unit_of_nominal(role, fields),
            sets=sets,
            keep=self._keep(env, point, nominal),
            mpe=at_stage,
            mpe_initial=self._half_width_initial(env, mpe),
            amount=self._amount(env) if how_many is None else how_many.expected_s,
            model=procedure.measurand.model.known_at(env),
            occasion=point.occasion,
            report_to=self._report_to(env),
            values={n: v for n, v in env.items() if n not in self.env and not isinstance(v, str)},
            stroke=point.stroke,
            soak=settle.soak if point.soak is None else point.soak,
            how_many=how_many,
            expect=expected_at(procedure, env, role, nominal),
            expected_s=self._expected_s(env, how_many),
            texts=dict(point.texts),
            windows=windows_at(procedure, env),
            limits_of_way=reached_at(procedure, env, at_stage),
            further=further_at(procedure.each_point, env, at_stage),
            consumes=consumed_at(procedure.each_point, env),
            runs=procedure.each_point.runs,
            item=procedure.item,
            env=self.env,
            consent=self._consent(env),
            after=self._sets(env | fields, point, "after"),
        )

    def _consent(self, env: Env) -> bool:
        consent = self.procedure.each_point.consent
        if consent is None:
            return False
        return consent.when is None or truth(consent.when, env, ("each_point", "consent", "when"))

    def _sets(self, env: Env, point: Point, key: str = "set") -> dict[str, float]:
        """Return what is set, by role; a mistake in a role set to a bare field is the field's."""
        sets = {}
        each = self.procedure.each_point
        for role, expression in (each.set if key == "set" else each.after).items():
            path: Path = ("each_point", key, role)
            if expression.text.strip() in point.fields:
                path = ("points", point.index, expression.text.strip())
            sets[role] = setting(expression, env, path, self.procedure.needs[role])
        return sets

    def _keep(self, env: Env, point: Point, nominal: float) -> tuple[float, float]:
        """Return the band that must be kept; it contains the band of settling."""
        within = self.procedure.each_point.settle.half_width(nominal)
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
        slack = 1e-9 * max(abs(nominal), within)
        if settled[0] < low - slack or settled[1] > high + slack:
            settled_text = f"[{settled[0]:g}, {settled[1]:g}]"
            raise Trouble(path, msg("procedure.settles-outside", keep=text, settled=settled_text))
        return low, high

    def _report_to(self, env: Env) -> float | None:
        measurand = self.procedure.measurand
        if measurand.reporting.step is None:
            return None
        path: Path = ("measurand", measurand.name, "report_to")
        step = number(measurand.reporting.step, env, path)
        if step <= 0:
            raise Trouble(path, msg("procedure.not-positive", value=f"{step:g}"))
        return step

    def _unit_of_nominal(self, role: str, fields: Mapping[str, float]) -> str:
        if role:
            return self.procedure.needs[role].unit
        return self.procedure.field_units.get(next(iter(fields), ""), "")

    def _expected_s(self, env: Env, how_many: ResolvedHowMany | None) -> float:
        """Return how long measuring is expected to take, as far as a set-point does not tell."""
        pulses, compare = self.procedure.each_point.pulses, self.procedure.each_point.compare
        totalise = self.procedure.each_point.totalise
        if totalise is not None and totalise.rate is not None:
            return self._amount(env) / self._rate(totalise.rate, env, "totalise")
        if self.procedure.each_point.timed is not None:
            return spans_at(self.procedure, env)["seconds"]
        if compare is not None:
            each = EXCHANGE_S + compare.wait + 2.0 * compare.dwell
            return compare.cycles * len(compare.sequence) * each
        if pulses is None:
            return 0.0 if how_many is None else how_many.expected_s
        if pulses.rate is None:
            return pulses.seconds
        return max(pulses.seconds, self._amount(env) / self._rate(pulses.rate, env, "pulses"))

    def _rate(self, expression: Expression, env: Env, way: str) -> float:
        """Return how much comes per s."""
        path: Path = ("each_point", way, "rate")
        rate = number(expression, env, path)
        if not rate > 0:
            raise Trouble(path, msg("procedure.not-positive", value=f"{rate:g}"))
        return rate

    def _amount(self, env: Env) -> float:
        each = self.procedure.each_point
        if each.compare is not None:
            return float(each.compare.cycles)
        if each.timed is not None:
            return spans_at(self.procedure, env)["seconds"]
        path: Path = ("each_point", "pulses" if each.pulses else "totalise", "until")
        amount = number(each.pulses.amount if each.pulses else each.total.quantity, env, path)
        if amount <= 0:
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
