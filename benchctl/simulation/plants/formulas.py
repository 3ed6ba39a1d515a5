"""Formulas and blocks out of a plant file, each mistake at its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from benchctl.core.errors import BenchctlError
from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest
from benchctl.core.units import Unit, UnitError, difference_factor, unit
from benchctl.language import (
    FUNCTIONS,
    Diagnostics,
    Document,
    Expression,
    ExpressionError,
    Function,
    check_names,
    parse_expression,
    parse_quantity,
    report_error,
    split_unit,
)
from benchctl.simulation.plants.blocks import (
    Block,
    Computed,
    DelayedBlock,
    Formula,
    LatchedBlock,
    NoiseBlock,
    PlayBlock,
    PulsesBlock,
    RegisterBlock,
    RippleBlock,
    RoseBlock,
    SettingBlock,
    StrokeBlock,
    TailBlock,
    TotalBlock,
)
from benchctl.simulation.plants.model import KINDS, NEEDED, BlockPart, given

Place = tuple[str | int, ...]
SECOND = unit("s")


class Scribe:
    """Compiles the texts of one plant file, and reports what is wrong with them.

    `known` are the names that formulas of the bench, and of a unit, may have.
    """

    def __init__(self, document: Document, diagnostics: Diagnostics) -> None:
        self.document = document
        self.diagnostics = diagnostics
        self.curves: frozenset[str] = frozenset()

    # complaints -----------------------------------------------------------------------------

    def wrong(self, code: str, what: Message, place: Place, *, hint: Message | None = None) -> None:
        """Report a mistake at a place."""
        self.diagnostics.error(
            code, what, self.document.source, self.document.span(place), hint=hint
        )

    def unknown(self, what: Message, name: str, known: Collection[str], place: Place) -> None:
        """Report a name that is not known, with the one probably meant."""
        near = closest(name, known)
        hint = msg("simulation.did-you-mean", word=near) if near else None
        self.wrong("E301", what, place, hint=hint)

    # texts ----------------------------------------------------------------------------------

    def expression(
        self,
        text: str,
        place: Place,
        known: Collection[str] | None,
        functions: Mapping[str, Function] = FUNCTIONS,
    ) -> Expression | None:
        """Return an expression; `known` None: its names are looked at later."""
        try:
            found = parse_expression(text, functions=functions)
        except ExpressionError as error:
            report_error(error, self.document, place, self.diagnostics)
            return None
        if known is not None and not check_names(
            found, known, self.document, place, self.diagnostics
        ):
            return None
        return found

    def formula(self, text: str, place: Place, known: Collection[str]) -> Formula | None:
        """Return a formula of the plant's names and curves."""
        dummies = {name: Function(_same) for name in self.curves}
        found = self.expression(text, place, known, {**FUNCTIONS, **dummies})
        if found is None:
            return None
        return Formula(found, any(f"{name}(" in found.text for name in self.curves))

    def with_unit(self, text: str, place: Place, known: Collection[str]) -> Computed | None:
        """Return the short form of a quantity: a formula, perhaps with its unit behind."""
        before, symbol = split_unit(text)
        formula = self.formula(before, place, known)
        return None if formula is None else Computed(unit(symbol) if symbol else None, formula)

    def seconds(self, text: str, place: Place) -> float:
        """Return a time in s."""
        try:
            return parse_quantity(text, like=SECOND).to(SECOND)
        except BenchctlError as error:
            report_error(error, self.document, place, self.diagnostics)
            return 1.0

    def pace(self, text: str, place: Place, known: Collection[str]) -> Formula | None:
        """Return a time constant: a formula in s, or a time with its unit."""
        before, symbol = split_unit(text)
        if symbol:
            return self.formula(f"{self.seconds(text, place):.12g}", place, known)
        return self.formula(before, place, known)

    def unit(self, text: str | None, place: Place) -> Unit | None:
        """Return a unit, None where none is given or it is wrong."""
        if text is None:
            return None
        try:
            return unit(text)
        except UnitError as error:
            report_error(error, self.document, place, self.diagnostics)
            return None

    # blocks ---------------------------------------------------------------------------------

    def block(
        self, part: str | BlockPart, place: Place, known: Collection[str], units: Mapping[str, Unit]
    ) -> Block | None:
        """Return a quantity; `units` are those of the quantities, for totals."""
        if isinstance(part, str):
            return self.with_unit(part, place, known)
        stand = given(part)
        kinds = [key for key in KINDS if key in stand]
        if len(kinds) != 1:
            names = ", ".join(kinds) or "-"
            self.wrong(
                "E106", msg("simulation.plant-one-kind", known=", ".join(KINDS), found=names), place
            )
            return None
        kind = kinds[0]
        fine = True
        for key in stand:
            if key not in (kind, "unit", *KINDS[kind]):
                fine = False
                what = msg("simulation.plant-not-for", key=key, kind=kind)
                self.wrong("E102", what, (*place, key))
        for key in NEEDED.get(kind, ()):
            if key not in stand:
                fine = False
                self.wrong("E101", msg("simulation.plant-missing", key=key, kind=kind), place)
        return self._of_kind(kind, part, place, known, units) if fine else None

    def _of_kind(
        self,
        kind: str,
        part: BlockPart,
        place: Place,
        known: Collection[str],
        units: Mapping[str, Unit],
    ) -> Block | None:
        of = self.unit(part.unit, (*place, "unit"))
        stand = given(part)
        named: Any = stand[kind]

        def formula(key: str) -> Formula | None:
            text = stand.get(key)
            return None if text is None else self.formula(text, (*place, key), known)

        def sure(found: Formula | None) -> Formula:
            """Return the formula; one that is wrong was reported, and the file is refused."""
            return found or Formula(parse_expression("0"))

        match kind:
            case "formula":
                return Computed(of, sure(formula(kind)))
            case "tail":
                tau = sure(self.pace(part.tau or "", (*place, "tau"), known))
                target = sure(formula(kind))
                return TailBlock(of, target, tau, formula("start"), part.surge or 0.0)
            case "total":
                factor = self._factor(named, of, place, units)
                return TotalBlock(of, named, formula("gain"), formula("start"), factor)
            case "ripple":
                ends = [self.seconds(p, (*place, "periods", n)) for n, p in _both(part.periods)]
                return RippleBlock(of, sure(formula(kind)), (ends[0], ends[1]))
            case "noise":
                return NoiseBlock(of, sure(formula(kind)))
            case "delayed":
                return DelayedBlock(of, named, self.seconds(part.by or "", (*place, "by")))
            case "setting":
                return SettingBlock(of, named)
            case "register":
                return RegisterBlock(of, named, sure(formula("step")), formula("capacity"))
            case "pulses":
                return PulsesBlock(of, named, sure(formula("worth")))
            case "latched":
                return LatchedBlock(of, named, part.at or "")
            case "rose":
                return RoseBlock(of, named)
            case "play":
                return PlayBlock(of, named, sure(formula("width")))
        return StrokeBlock(of, named, part.trim or 0.0, since=kind == "turned")

    def _factor(
        self, of: str, total: Unit | None, place: Place, units: Mapping[str, Unit]
    ) -> float:
        """Return what one unit of a quantity, over one second, is in the unit of its total."""
        if total is None or of not in units:
            return 1.0
        try:
            passed = unit(f"s·{units[of].symbol}")
            return difference_factor(passed, total)
        except UnitError as error:
            report_error(error, self.document, (*place, "unit"), self.diagnostics)
            return 1.0


def _same(x: float) -> float:
    return x


def _both(pair: list[str] | None) -> list[tuple[int, str]]:
    return list(enumerate(pair or ()))
