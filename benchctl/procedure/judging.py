"""Reads what a unit is judged by: limits, stages, decision."""

from __future__ import annotations

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.units import Unit, UnitError, difference_factor, misfit, same_dimension, unit
from benchctl.language import Expression
from benchctl.metrology import PARAMETERS, RULES, SIMPLE_ACCEPTANCE, Rule, find_rule
from benchctl.procedure.bounds import Bound, parse_bound
from benchctl.procedure.declared import Decision, Limit
from benchctl.procedure.dimensions import NUMBER, UNKNOWN, quantity_of
from benchctl.procedure.grammar import parse_ratio
from benchctl.procedure.model_points import DecisionPart, LimitPart
from benchctl.procedure.names import Names
from benchctl.procedure.reading import Path, Reader
from benchctl.procedure.scope import Scope


class Judging:
    """Reads the judging parts, in the measurand's unit where that is known."""

    def __init__(self, reader: Reader, names: Names, measurand_unit: Unit | None) -> None:
        self._reader = reader
        self._names = names
        self.unit = measurand_unit

    # limits

    def limits(self) -> tuple[Limit, ...]:
        """Return the table of limits."""
        reader, limits = self._reader, []
        rows = reader.sequence(("limits",))
        if not rows and "limits" in reader.data:
            reader.wrong("E106", msg("procedure.no-limits"), ("limits",), key=True)
        always: int | None = None
        for i, row in enumerate(rows):
            path: Path = ("limits", i)
            if always is not None:
                also = (("limits", always), msg("procedure.always-fits"))
                reader.wrong("E307", msg("procedure.never-reached"), path, also=also)
            part = reader.part(LimitPart, path, row)
            if part is None:
                continue
            when = None
            if part.when is not None:
                scope = self._names.at_point()
                when = reader.expression(part.when, (*path, "when"), scope, condition=True)
            elif always is None:
                always = i
            limit = self._limit(part, (*path, "mpe"), when)
            if limit:
                limits.append(limit)
        if rows and always is None and len(limits) == len(rows):
            path = ("limits", len(rows) - 1)
            hint = msg("procedure.last-without-when")
            reader.wrong("E307", msg("procedure.last-has-when"), path, hint=hint, warning=True)
        return tuple(limits)

    def _limit(self, part: LimitPart, path: Path, when: Expression | None) -> Limit | None:
        reader = self._reader
        texts = part.mpe if isinstance(part.mpe, list) else [part.mpe]
        paths = [(*path, i) for i in range(len(texts))] if isinstance(part.mpe, list) else [path]
        bounds = [reader.sentence(parse_bound, t, p) for t, p in zip(texts, paths, strict=True)]
        good = [b for b in bounds if b is not None]
        if len(good) < len(bounds):
            return None
        if len(good) > 2 or not good or (len(good) == 1) != good[0].symmetric:
            hint = msg("procedure.form", form="±2 %  |  [-4 %, 1 %]")
            reader.wrong("E206", msg("procedure.no-limit-form"), path, hint=hint)
            return None
        sides = [self._side(bound, p) for bound, p in zip(good, paths, strict=True)]
        if any(side is None for side in sides) or self.unit is None:
            return None
        (low, high) = (None, sides[0]) if len(sides) == 1 else (sides[0], sides[1])
        if high is None or (low is not None and low[1] != high[1]):
            reader.wrong("E204", msg("procedure.sides-differ"), path)
            return None
        return Limit(when, low[0] if low else None, high[0], high[1])

    def _side(self, bound: Bound, path: Path) -> tuple[Expression, float] | None:
        """Return one side of a limit and the factor to the measurand's unit."""
        reader, scope = self._reader, self._names.at_point()
        given, factor = self.unit, 1.0
        if bound.unit is not None:
            given = self._unit_within(bound, path)
            if given is None:
                return None
        value = reader.expression(bound.value, path, scope, to=given)
        if value is None:
            return None
        if given is not None and self.unit is not None:
            factor = difference_factor(given, self.unit)
        return value, factor

    def _unit_within(self, bound: Bound, path: Path) -> Unit | None:
        part = bound.unit
        if part is None:
            return None
        try:
            given = unit(part.text, like=self.unit)
            if self.unit is not None and not same_dimension(given, self.unit):
                raise misfit(given, self.unit)
        except UnitError as error:
            within = (part.start, part.start + len(part.text))
            self._reader.wrong("E201", error.message, path, hint=error.hint, within=within)
            return None
        return given

    # stages and decision

    def stages(self) -> dict[str, Expression]:
        """Return the limits at each stage, in terms of `mpe`."""
        reader = self._reader
        dim = quantity_of(self.unit) if self.unit else UNKNOWN
        scope = self._names.at_point().with_names({"mpe": dim})
        stages: dict[str, Expression] = {}
        for stage, text in reader.formulas(("stages",)).items():
            expression = reader.expression(text, ("stages", stage), scope, to=self.unit)
            if expression is not None:
                stages[stage] = expression
        if not reader.data.get("stages") and "stages" in reader.data:
            reader.wrong("E106", msg("procedure.no-stages"), ("stages",), key=True)
        return stages

    def decision(self) -> Decision | None:
        """Return how a result is judged."""
        reader = self._reader
        if reader.data.get("decision") is None:
            return None
        part = reader.part(DecisionPart, ("decision",), reader.data["decision"])
        if part is None:
            return None
        rule = self._rule(part)
        requires = None
        if part.requires is not None:
            dim = quantity_of(self.unit) if self.unit else UNKNOWN
            scope = Scope({"U_reference": dim, "mpe_initial": dim, "standard_ratio": NUMBER})
            path: Path = ("decision", "requires")
            requires = reader.expression(part.requires, path, scope, condition=True)
        ratio, note = self._ratio(part, requires)
        counts_u = part.ratio is not None and part.ratio.strip() != "none"
        return Decision(
            rule.text,
            requires,
            ratio,
            note or part.note,
            counts_u=rule.needs_u or counts_u,
            rounded=part.judged_on == "rounded",
        )

    def _rule(self, part: DecisionPart) -> Rule:
        """Return the rule with its parameters; one that is not known counts as the simplest."""
        reader = self._reader
        plain, _, behind = part.rule.partition(":")
        try:
            rule = find_rule(plain)
        except UsageError:
            message = msg("procedure.unknown-rule", rule=part.rule)
            known = [id_.replace("-", " ") for id_ in RULES]
            reader.unknown_name(part.rule, known, message, ("decision", "rule"))
            return find_rule(SIMPLE_ACCEPTANCE)
        given = [behind] if behind else []
        for name in PARAMETERS:
            text = getattr(part, name)
            if text is None:
                continue
            try:
                find_rule(f"{rule.id}:{name}={text}")
            except UsageError as error:
                key = name not in rule.usual
                reader.wrong("E105", error.message, ("decision", name), key=key)
            else:
                given.append(f"{name}={text}")
        try:
            return find_rule(f"{rule.id}:{','.join(given)}")
        except UsageError as error:
            reader.wrong("E105", error.message, ("decision", "rule"))
            return rule

    def _ratio(
        self, part: DecisionPart, requires: Expression | None
    ) -> tuple[dict[str, float], str]:
        """Return the ratio of each stage; every stage has one if `requires` asks for it."""
        reader, ratios = self._reader, {}
        path: Path = ("decision", "standard_ratio")
        given = part.standard_ratio or {}
        stages = list(reader.mapping(("stages",)))
        for stage, text in given.items():
            if stage == "note":
                continue
            if stage not in stages:
                message = msg("procedure.no-such-stage", stage=stage)
                reader.unknown_name(stage, [*stages, "note"], message, (*path, stage), key=True)
                continue
            ratio = reader.sentence(parse_ratio, text, (*path, stage))
            if ratio is not None:
                ratios[stage] = ratio
        missing = [stage for stage in stages if stage not in given]
        if requires is not None and "standard_ratio" in requires.names and missing:
            message = msg("procedure.ratio-missing", stages=", ".join(missing))
            at = path if given else ("decision", "requires")
            reader.wrong("E101", message, at, key=bool(given))
        return ratios, given.get("note", "")
