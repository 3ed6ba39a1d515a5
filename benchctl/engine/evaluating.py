"""A run's error with its uncertainty, by the method of the procedure, checked by the other one.

The GUM's result is checked by Monte Carlo (JCGM 101, 8) where the procedure names its method. A
comparison that was favourable holds for sufficiently similar budgets, too, and so does one that was
not: runs whose budgets have the same sources with about the same shares are checked once, and the
check says of which run it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import NotMeasuredError, UsageError
from benchctl.core.results import Contribution, Result
from benchctl.language import ExpressionError
from benchctl.metrology import P_TWO, Component, Input, propagate

if TYPE_CHECKING:
    from benchctl.core.events import RunMeasured
    from benchctl.metrology.budget import Check
    from benchctl.procedure import Measurand, Model

JSON = dict[str, Any]
ALIKE = 10
"""Shares of the variance count as alike that are the same in so many steps from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A result and what it was made of; `check` only where the method itself gives it."""

    result: Result
    inputs: tuple[Input, ...]
    method: str
    seed: int | None = None
    check: JSON | None = None


@dataclass(slots=True)
class Checks:
    """The checks of a session, one for all budgets that are alike."""

    made: dict[tuple[object, ...], JSON | None] = field(default_factory=dict)

    def of(self, measurand: Measurand, model: Model, found: Evaluated, place: JSON) -> JSON | None:
        """Return the check of a result; `place` says whose it is, should it be made now."""
        if measurand.method == "monte-carlo":
            check = found.check or _trials(measurand, model, found.inputs).check
            return None if check is None else check | {"of": place}
        if measurand.method != "gum":
            return None
        alike = _signature(found.result.budget)
        if alike not in self.made:
            self.made[alike] = _by_trials(measurand, model, found, place)
        return self.made[alike]


def evaluate_inputs(measurand: Measurand, model: Model, inputs: Sequence[Input]) -> Evaluated:
    """Return the measurand with everything that is known of its uncertainty.

    `model` is that of the unit at the point.

    Raises:
        NotMeasuredError: the model has no value there, or the method has none.
    """
    given = tuple(inputs)
    try:
        if measurand.method == "monte-carlo":
            return _trials(measurand, model, given)
        result = propagate(model, given, unit=measurand.unit)
    except (ExpressionError, UsageError) as error:
        raise NotMeasuredError(error.message) from error
    return Evaluated(result, given, "gum")


def inputs_of(values: Mapping[str, float], budget: Sequence[Mapping[str, Any]]) -> list[Input]:
    """Return the inputs of a result from its estimates and the lines of its budget."""
    parts: dict[str, list[Component]] = {n: [] for n in values}
    for line in budget:
        dof = math.inf if line.get("dof") is None else float(line["dof"])
        shape = float(line.get("shape", 0.0))
        parts.setdefault(line["input"], []).append(
            Component(line["source"], float(line["u"]), line["distribution"], dof, shape)
        )
    return [Input(n, values[n], tuple(c)) for n, c in parts.items() if n in values]


def evaluated_again(event: RunMeasured, unit: str) -> Evaluated:
    """Return what a run of a record came to, for a run that goes on after it was cut off."""
    inputs = tuple(inputs_of(event.inputs, event.budget))
    lines = tuple(
        Contribution(
            **{f: line[f] for f in Contribution.__dataclass_fields__ if f in line}
            | {"dof": math.inf if line.get("dof") is None else line["dof"]}
        )
        for line in event.budget
    )
    error, u, k, U = event.error or 0.0, event.u or 0.0, event.k or 0.0, event.U or 0.0  # noqa: N806
    dof = math.inf if event.dof is None else event.dof
    result = Result(error, unit, u, k, U, dof, P_TWO, lines)
    return Evaluated(result, inputs, event.method, event.seed)


def _trials(measurand: Measurand, model: Model, inputs: tuple[Input, ...]) -> Evaluated:
    from benchctl.metrology.budget import Budget, evaluate

    outcome = evaluate(Budget(model, inputs, measurand.unit), "monte-carlo")
    check = None if outcome.check is None else _as_json(outcome.check, outcome.interval, None)
    return Evaluated(outcome.result, inputs, "monte-carlo", outcome.seed, check)


def _by_trials(measurand: Measurand, model: Model, found: Evaluated, place: JSON) -> JSON | None:
    from benchctl.metrology.budget import SEED, Budget, checked_by_trials

    budget = Budget(model, found.inputs, measurand.unit)
    check, _ = checked_by_trials(budget, found.result, SEED)
    if check is None:
        return None
    result = found.result
    stated = (result.value - result.U, result.value + result.U)
    return _as_json(check, stated, SEED) | {"of": place}


def _as_json(check: Check, stated: tuple[float, float], seed: int | None) -> JSON:
    """Return a check as the record keeps it; `stated` is the interval that was to be checked."""
    return {
        "method": check.method,
        "u": check.u,
        "interval": list(check.interval),
        "stated": list(stated),
        "tolerance": check.tolerance,
        "agrees": check.agrees,
        "seed": seed,
    }


def _signature(budget: Sequence[Contribution]) -> tuple[object, ...]:
    """Return what budgets have in common that are alike."""
    total = math.fsum(line.contribution**2 for line in budget)
    return tuple(
        (
            line.input,
            line.source,
            line.distribution,
            round(ALIKE * line.shape),
            min(line.dof, 1e9) if line.dof < 30 else "many",
            round(ALIKE * line.contribution**2 / total) if total > 0 else 0,
        )
        for line in budget
    )
