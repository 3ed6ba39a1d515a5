"""Reads `how_many`: how many readings are taken, by which rule.

how_many: 20 readings
how_many: 60 s
how_many: {until: u_A <= mpe / 10, at_least: 10, at_most: 200}
how_many: {two_stages: mpe / 5, first: 10, at_most: 100, confidence: 95 %}
how_many: {sequential: mpe / 10, sigma: 0.02 K, risks: [2 %, 2 %], at_most: 50}
how_many: {planned: 40, at_least: 5, risk: 1 %}
"""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.core.units import Unit, difference_factor, misfit, same_dimension
from benchctl.language import Expression, QuantityError, parse_expression, parse_quantity
from benchctl.procedure.declared_readings import (
    COUNT,
    EARLY,
    PRECISION,
    SEQUENTIAL,
    TIME,
    TWO_STAGES,
    HowMany,
)
from benchctl.procedure.dimensions import quantity_of
from benchctl.procedure.grammar import Part
from benchctl.procedure.grammar_readings import parse_how_many, parse_precision, parse_share
from benchctl.procedure.model_readings import HowManyPart
from benchctl.procedure.names import Names
from benchctl.procedure.reading import Path, Reader

FEWEST = 10
"""Readings from which on "until it is precise" keeps its coverage (uncertainty.md, 4 b)."""
MOST = 1000
FIRST = 10

_RULES = {
    "until": (PRECISION, ("at_least", "at_most")),
    "two_stages": (TWO_STAGES, ("first", "at_most", "confidence")),
    "sequential": (SEQUENTIAL, ("sigma", "risks", "at_least", "at_most")),
    "planned": (EARLY, ("at_least", "risk")),
}
"""Per key that chooses a rule: the rule, and which further keys it has."""
_NEEDS = {"sequential": ("sigma", "risks", "at_most"), "planned": ("risk",)}


class HowManyReader:
    """Reads how many readings are taken."""

    def __init__(self, reader: Reader, names: Names, path: Path, measurand: Unit | None) -> None:
        self._reader = reader
        self._names = names
        self._path: Path = (*path, "how_many")
        self._measurand = measurand

    def read(self, given: HowManyPart | str) -> HowMany | None:
        """Return the rule, or None and diagnostics."""
        reader = self._reader
        if isinstance(given, str):
            plain = reader.sentence(parse_how_many, given, self._path)
            if plain is None:
                return None
            if plain.seconds is None:
                return HowMany(COUNT, at_most=plain.readings, at_least=plain.readings)
            return HowMany(TIME, seconds=plain.seconds)
        chosen = [key for key in _RULES if getattr(given, key) is not None]
        if len(chosen) != 1:
            hint = msg("procedure.one-of", names=", ".join(_RULES))
            reader.wrong("E106", msg("procedure.one-rule"), self._path, key=True, hint=hint)
            return None
        return self._rule(given, chosen[0]) if self._keys_fit(given, chosen[0]) else None

    def _keys_fit(self, given: HowManyPart, key: str) -> bool:
        """Report keys that the rule has not, or lacks."""
        reader, fits = self._reader, True
        of_rule = (key, *_RULES[key][1])
        for name in HowManyPart.model_fields:
            if getattr(given, name) is not None and name not in of_rule:
                message = msg("procedure.not-of-rule", key=name, rule=key)
                reader.wrong("E106", message, (*self._path, name), key=True)
                fits = False
        missing = [name for name in _NEEDS.get(key, ()) if getattr(given, name) is None]
        if missing:
            message = msg("procedure.rule-needs", rule=key, keys=", ".join(missing))
            reader.wrong("E101", message, (*self._path, key), key=True)
        return fits and not missing

    def _rule(self, given: HowManyPart, key: str) -> HowMany | None:
        if key == "until":
            least = given.at_least if given.at_least is not None else FEWEST
            if least < FEWEST:
                message = msg("procedure.too-few", least=FEWEST)
                self._reader.wrong("E105", message, (*self._path, "at_least"))
                return None
            path: Path = (*self._path, key)
            bound = self._reader.sentence(parse_precision, given.until, path)
            target = self._target(bound, path, u_b=True)
            return self._bounded(PRECISION, least, given.at_most or MOST, target)
        if key == "two_stages":
            target = self._target(given.two_stages, (*self._path, key))
            confidence = self._share(given.confidence, "confidence", 0.95)
            return self._bounded(
                TWO_STAGES, given.first or FIRST, given.at_most or MOST, target, confidence
            )
        if key == "sequential":
            return self._sequential(given)
        risk = self._share(given.risk, "risk", 0.01)
        return self._bounded(
            EARLY, max(3, given.at_least or 5), given.planned or 0, None, risks=(risk, risk)
        )

    def _sequential(self, given: HowManyPart) -> HowMany | None:
        zone = self._target(given.sequential, (*self._path, "sequential"))
        sigma = self._target(given.sigma, (*self._path, "sigma"))
        texts = given.risks or []
        path: Path = (*self._path, "risks")
        if len(texts) != 2:
            hint = msg("procedure.form", form="[2 %, 2 %]")
            self._reader.wrong("E106", msg("procedure.two-risks"), path, hint=hint)
            return None
        risks = [self._reader.sentence(parse_share, t, (*path, i)) for i, t in enumerate(texts)]
        if zone is None or sigma is None or risks[0] is None or risks[1] is None:
            return None
        return self._bounded(
            SEQUENTIAL, given.at_least or 1, given.at_most or 0, zone,
            risks=(risks[0], risks[1]), sigma=sigma,
        )  # fmt: skip

    def _bounded(
        self,
        rule: str,
        at_least: int,
        at_most: int,
        target: Expression | None,
        confidence: float = 0.95,
        *,
        risks: tuple[float, float] = (0.05, 0.05),
        sigma: Expression | None = None,
    ) -> HowMany | None:
        if at_least > at_most:
            message = msg("procedure.wrong-way-round", low=str(at_least), high=str(at_most))
            self._reader.wrong("E105", message, self._path)
            return None
        if target is None and rule != EARLY:
            return None
        return HowMany(
            rule,
            at_most=at_most,
            at_least=at_least,
            target=target,
            sigma=sigma,
            confidence=confidence,
            risks=risks,
        )

    def _target(
        self, text: Part | str | None, path: Path, *, u_b: bool = False
    ) -> Expression | None:
        """Return a size in the measurand's unit; `mpe` is half the width of the limits.

        Where `u_b`, the standard uncertainty of all that is declared may be named, too.
        """
        if text is None:
            return None
        scope = self._names.at_point()
        if self._measurand is not None:
            dim = quantity_of(self._measurand)
            scope = scope.with_names({"mpe": dim, **({"u_B": dim} if u_b else {})})
        if isinstance(text, Part) or self._measurand is None:
            return self._reader.expression(text, path, scope, to=self._measurand)
        try:
            given = parse_quantity(text)
        except QuantityError:
            return self._reader.expression(text, path, scope, to=self._measurand)
        if given.unit.symbol == "1":  # a bare number is in the measurand's unit
            return parse_expression(repr(given.value))
        if not same_dimension(given.unit, self._measurand):
            error = misfit(given.unit, self._measurand)
            self._reader.wrong("E204", error.message, path, hint=error.hint)
            return None
        return parse_expression(repr(given.value * difference_factor(given.unit, self._measurand)))

    def _share(self, text: str | None, key: str, usual: float) -> float:
        if text is None:
            return usual
        found = self._reader.sentence(parse_share, text, (*self._path, key))
        return usual if found is None else found
