"""Reads `each_point: read`: units and reference read side by side, and how many readings.

read: {reference: bath_temperature, every: 2 s, how_many: 20 readings}
read:
  indication: thermometer
  reference: bath_temperature
  every: 2 s
  how_many: {until: u_A <= mpe / 10, at_least: 10, at_most: 200}
  order: there and back
  switch: 1 s
"""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.core.units import Unit, same_dimension, unit
from benchctl.language import Expression
from benchctl.procedure.declared import Need
from benchctl.procedure.declared_readings import (
    COUNT,
    EARLY,
    PRECISION,
    SEQUENTIAL,
    TIME,
    TWO_STAGES,
    HowMany,
    Readings,
)
from benchctl.procedure.dimensions import quantity_of
from benchctl.procedure.grammar import Part, parse_seconds
from benchctl.procedure.grammar_readings import parse_how_many, parse_precision, parse_share
from benchctl.procedure.model_readings import HowManyPart, ReadingsPart
from benchctl.procedure.names import Names, find_role
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


class ReadingsReader:
    """Reads how a point is measured by readings; every mistake is reported."""

    def __init__(
        self, reader: Reader, names: Names, path: Path, measurand: Unit | None, nominal: Need | None
    ) -> None:
        self._reader = reader
        self._names = names
        self._path = path
        self._measurand = measurand
        self._nominal = nominal

    def read(self, value: object) -> Readings | None:
        """Return it, or None and diagnostics."""
        reader, path = self._reader, self._path
        part = reader.part(ReadingsPart, path, value)
        if part is None:
            return None
        indication = self._indication(part)
        reference = self._reference(part)
        every = self._time(part.every, "every")
        switch = self._time(part.switch, "switch") if part.switch is not None else 0.0
        lag = self._time(part.lag, "lag") if part.lag is not None else 0.0
        expect = self._expect(part)
        how_many = HowManyReader(reader, self._names, path, self._measurand).read(part.how_many)
        if indication is None or reference is None or every is None or how_many is None:
            return None
        self._check_expected((indication.role, part.reference), part)
        if indication.shared != "reader" and part.order == "there and back":
            hint = msg("procedure.make-reader", role=indication.role)
            message = msg("procedure.not-a-reader", role=indication.role)
            reader.wrong("E305", message, (*path, "order"), hint=hint)
        return Readings(
            indication=indication.role,
            reference=part.reference,
            unit=reference,
            every=every,
            how_many=how_many,
            switch=switch or 0.0,
            back=part.order == "there and back",
            lag=lag or 0.0,
            expect=expect,
        )

    def _indication(self, part: ReadingsPart) -> Need | None:
        """Return the role of each unit that is read."""
        per_uut = [n.role for n in self._names.needs.values() if n.per_uut and not n.switch]
        if part.indication is None:
            if len(per_uut) == 1:
                return self._names.needs[per_uut[0]]
            message = msg("procedure.which-indication", roles=", ".join(per_uut) or "—")
            self._reader.wrong("E101", message, self._path, key=True)
            return None
        path: Path = (*self._path, "indication")
        need = find_role(self._reader, self._names, part.indication, path)
        if need is not None and (not need.per_uut or need.switch):
            hint = msg("procedure.reader-per-uut")
            message = msg("procedure.not-per-uut", role=need.role)
            self._reader.wrong("E305", message, path, hint=hint)
            return None
        return need

    def _reference(self, part: ReadingsPart) -> str | None:
        """Return the unit of what the units are compared with."""
        path: Path = (*self._path, "reference")
        name = part.reference
        if name in self._names.derived:
            if name not in self._names.derived_units:
                hint = msg("procedure.declare-unit")
                message = msg("procedure.derived-unit", name=name)
                self._reader.wrong("E101", message, path, hint=hint)
            return self._names.derived_units.get(name)
        if name not in self._names.roles:
            known = [*self._names.roles, *self._names.derived]
            message = msg("procedure.unknown-role", role=name)
            self._reader.unknown_name(name, known, message, path)
            return None
        need = find_role(self._reader, self._names, name, path)
        if need is not None and (need.per_uut or need.switch):
            self._reader.wrong("E305", msg("procedure.not-a-reference", role=name), path)
            return None
        return need.unit if need else None

    def _time(self, text: str, key: str) -> float | None:
        path: Path = (*self._path, key)
        seconds = self._reader.sentence(parse_seconds, text, path)
        if seconds is not None and not seconds > 0:
            self._reader.wrong("E105", msg("procedure.not-positive", value=text), path)
            return None
        return seconds

    def _expect(self, part: ReadingsPart) -> dict[str, Expression]:
        found = {}
        for role, text in part.expect.items():
            path: Path = (*self._path, "expect", role)
            need = find_role(self._reader, self._names, role, path, key=True)
            if need is None:
                continue
            scope = self._names.at_point()
            value = self._reader.expression(text, path, scope, to=unit(need.unit))
            if value is not None:
                found[role] = value
        return found

    def _check_expected(self, roles: tuple[str, ...], part: ReadingsPart) -> None:
        """Report a role of which a plan would not know what it shows at a point."""
        for role in roles:
            need = self._names.needs.get(role)
            if need is None or role in part.expect or need.usual is not None or need.constant:
                continue
            nominal = self._nominal
            if nominal is None or same_dimension(unit(need.unit), unit(nominal.unit)):
                continue
            hint = msg("procedure.give-expect", role=role)
            message = msg("procedure.no-expect", role=role)
            self._reader.wrong("E101", message, self._path, key=True, hint=hint)


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
            target = self._target(self._reader.sentence(parse_precision, given.until, path), path)
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

    def _target(self, text: Part | str | None, path: Path) -> Expression | None:
        """Return a size in the measurand's unit; `mpe` is half the width of the limits."""
        if text is None:
            return None
        scope = self._names.at_point()
        if self._measurand is not None:
            scope = scope.with_names({"mpe": quantity_of(self._measurand)})
        if isinstance(text, str) and self._measurand is not None:
            return self._reader.quantity_or_expression(text, path, scope, self._measurand)
        return self._reader.expression(text, path, scope, to=self._measurand)

    def _share(self, text: str | None, key: str, usual: float) -> float:
        if text is None:
            return usual
        found = self._reader.sentence(parse_share, text, (*self._path, key))
        return usual if found is None else found
