"""Reads a budget file: every mistake at its place, and what can be evaluated.

diagnostics = Diagnostics()
budget = read_budget(Path("error-of-a-meter.yaml"), diagnostics)
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import BenchctlError
from benchctl.core.messages import msg
from benchctl.core.suggest import closest
from benchctl.language import (
    Diagnostics,
    Document,
    Expression,
    ExpressionError,
    check_names,
    load_document,
    parse_expression,
    parse_quantity,
    validate,
)
from benchctl.language.source import START
from benchctl.metrology.budget import Budget
from benchctl.metrology.budget_input import InputReader, ReadInput
from benchctl.metrology.budget_model import BudgetPart, InputPart
from benchctl.metrology.budget_numbers import Numbers
from benchctl.metrology.components import Input
from benchctl.metrology.correlation import Correlation, groups_of, observed_together
from benchctl.metrology.coverage import meant_probability
from benchctl.metrology.functions import BUDGET_FUNCTIONS

if TYPE_CHECKING:
    from benchctl.metrology.budget_model import CorrelationPart

MOST_INPUTS = 200


def read_budget(path: Path, diagnostics: Diagnostics) -> Budget | None:
    """Return the budget, or None where the file has mistakes, which become diagnostics."""
    document = load_document(path, diagnostics)
    return None if document is None else budget_of(document, diagnostics)


def budget_of(document: Document, diagnostics: Diagnostics) -> Budget | None:
    """Return the budget in a document; see `read_budget`."""
    if not isinstance(document.data, dict):
        diagnostics.error("E104", msg("metrology.not-a-budget"), document.source, START)
        return None
    part = validate(BudgetPart, document, diagnostics, data=_without_details(document.data))
    reader = _Reader(document, diagnostics)
    found = reader.read(_salvaged(document) if part is None else part)
    return found if part is not None else None


def _without_details(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data with inputs that are in order, so that each can be checked for itself."""
    inputs = data.get("inputs")
    if isinstance(inputs, dict):
        return {**data, "inputs": dict.fromkeys(inputs, "0")}
    return data


def _salvaged(document: Document) -> BudgetPart:
    """Return what can be read of a file whose keys are wrong, to find its other mistakes."""
    texts = {
        key: document.text((key,))
        for key in ("model", "unit", "coverage")
        if document.is_scalar((key,))
    }
    inputs = document.data.get("inputs")
    names = dict.fromkeys(inputs, "0") if isinstance(inputs, dict) else {}
    return BudgetPart.model_validate({"model": "", **texts, "inputs": names})


class _Reader:
    """Reads one budget, whose shape is right, to the last mistake."""

    def __init__(self, document: Document, diagnostics: Diagnostics) -> None:
        self.document = document
        self.diagnostics = diagnostics
        self.numbers = Numbers(document, diagnostics)

    def read(self, part: BudgetPart) -> Budget | None:
        numbers = self.numbers
        own = numbers.unit(part.unit, ("unit",))
        p = numbers.number(part.coverage, ("coverage",), 0.0, 1.0)
        inputs = self._inputs(part)
        model = self._model(part)
        correlations = self._correlations(part, inputs)
        if numbers.mistakes or own is None or p is None or model is None:
            return None
        budget = Budget(
            model=model,
            inputs=tuple(i.input for i in inputs.values()),
            unit=own.symbol,
            p=meant_probability(p),
            correlations=correlations,
            method=part.method,
            interval=part.interval,
            second_order=part.order == 2,
            units=tuple((name, i.unit) for name, i in inputs.items()),
        )
        return budget if self._has_value(model, budget.inputs) else None

    def _inputs(self, part: BudgetPart) -> dict[str, ReadInput]:
        found = {}
        if len(part.inputs) > MOST_INPUTS:
            message = msg("metrology.too-many-inputs", limit=MOST_INPUTS)
            self.numbers.wrong("E004", message, ("inputs",), key=True)
            return {}
        for name in part.inputs:
            if not _is_name(name):
                message = msg("metrology.no-name", name=name[:40])
                self.numbers.wrong("E106", message, ("inputs", name), key=True)
            read = self._input(name)
            if read is not None:
                found[name] = read
        return found

    def _input(self, name: str) -> ReadInput | None:
        """Return an input that is described, or an exact one that is a number only."""
        path = ("inputs", name)
        if not self.document.is_scalar(path):
            part = validate(InputPart, self.document, self.diagnostics, at=path)
            if part is not None:
                return InputReader(self.numbers, name, part).read()
            self.numbers.mistakes += 1
            return None
        try:
            exact = parse_quantity(self.document.text(path))
        except BenchctlError as error:
            self.numbers.failed(error, path)
            return None
        return ReadInput(Input(name, exact.value), exact.unit.symbol, ())

    def _model(self, part: BudgetPart) -> Expression | None:
        if "model" not in self.document.data:
            return None
        try:
            model = parse_expression(part.model, functions=BUDGET_FUNCTIONS)
        except ExpressionError as error:
            self.numbers.failed(error, ("model",))
            return None
        if not check_names(model, part.inputs, self.document, ("model",), self.diagnostics):
            self.numbers.mistakes += 1
            return None
        for name in part.inputs:
            if name not in model.names:
                span = self.document.key_span(("inputs", name))
                unused = msg("metrology.unused-input", name=name)
                self.diagnostics.warning("E308", unused, self.document.source, span)
        return model

    def _has_value(self, model: Expression, inputs: tuple[Input, ...]) -> bool:
        """Report a model that has no value at the estimates; say whether it has one."""
        try:
            value = model({i.name: i.value for i in inputs})
        except ExpressionError as error:
            self.numbers.failed(error, ("model",))
            return False
        if isinstance(value, bool) or not isinstance(value, float):
            self.numbers.wrong("E203", msg("metrology.model-no-number"), ("model",))
            return False
        return True

    def _correlations(
        self, part: BudgetPart, inputs: Mapping[str, ReadInput]
    ) -> tuple[Correlation, ...]:
        """Return a correlation for each pair that is named."""
        found: dict[frozenset[str], Correlation] = {}
        before = self.numbers.mistakes
        for n, entry in enumerate(part.correlations):
            names = self._between(n, entry, part)
            r = self._coefficient(n, entry)
            for first, second in combinations(names, 2):
                made = self._correlation(n, r, first, second, inputs)
                if frozenset((first, second)) in found:
                    message = msg("metrology.pair-twice", first=first, second=second)
                    self.numbers.wrong("E106", message, ("correlations", n, "between"))
                elif made is not None:
                    found[frozenset((first, second))] = made
        correlations = tuple(found.values())
        if correlations and self.numbers.mistakes == before and len(inputs) == len(part.inputs):
            try:
                groups_of([i.input for i in inputs.values()], correlations)
            except BenchctlError as error:
                self.numbers.wrong("E106", error.message, ("correlations",), key=True)
        return correlations

    def _between(self, n: int, entry: CorrelationPart, part: BudgetPart) -> list[str]:
        """Return the names between which a correlation is stated, if all are fine."""
        fine = True
        for i, name in enumerate(entry.between):
            path = ("correlations", n, "between", i)
            if name in entry.between[:i]:
                self.numbers.wrong("E106", msg("metrology.with-itself", name=name), path)
            elif name not in part.inputs:
                near = closest(name, part.inputs)
                hint = msg("language.did-you-mean", word=near) if near else None
                message = msg("language.unknown-name", name=name)
                self.numbers.wrong("E301", message, path, hint=hint)
            else:
                continue
            fine = False
        return entry.between if fine else []

    def _coefficient(self, n: int, entry: CorrelationPart) -> float | str | None:
        """Return the number that is given, or "readings"."""
        if entry.r.strip() == "readings":
            return "readings"
        return self.numbers.number(entry.r, ("correlations", n, "r"), -1.0, 1.0, closed=True)

    def _correlation(
        self,
        n: int,
        r: float | str | None,
        first: str,
        second: str,
        inputs: Mapping[str, ReadInput],
    ) -> Correlation | None:
        path = ("correlations", n, "r")
        if not isinstance(r, str):
            return None if r is None else Correlation(first, second, r)
        if first not in inputs or second not in inputs:
            return None
        a, b = inputs[first].readings, inputs[second].readings
        if len(a) != len(b) or len(a) < 3:
            message = msg("metrology.no-pairs", first=first, second=second)
            self.numbers.wrong("E106", message, path)
            return None
        return Correlation(first, second, observed_together(first, a, second, b), observed=True)


def _is_name(text: str) -> bool:
    """Return whether a model can name an input so."""
    try:
        return parse_expression(text).names == {text}
    except ExpressionError:
        return False
