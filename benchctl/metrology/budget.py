"""A whole budget, evaluated by one method and checked by the other.

    outcome = evaluate(budget)                      # first order, checked by Monte Carlo
    outcome = evaluate(budget, "monte-carlo")
    outcome.result.U, outcome.interval, outcome.warnings

A budget is what a file of `benchctl budget` says; the same functions judge the runs of a bench.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from benchctl.core.errors import BenchctlError, NotMeasuredError
from benchctl.core.messages import Message, msg
from benchctl.core.results import Contribution, Result
from benchctl.metrology.components import Input
from benchctl.metrology.correlation import Correlation, covariance, groups_of
from benchctl.metrology.coverage import P_TWO
from benchctl.metrology.derivatives import Model, derivative, second_order_u
from benchctl.metrology.uncertainty import first_order_lines, propagate

if TYPE_CHECKING:
    from benchctl.metrology.monte_carlo import MonteCarlo

Method = Literal["gum", "monte-carlo"]
Interval = Literal["symmetric", "shortest"]

SEED = 1
"""Seed of the trials where nobody gives one; it is told with every result."""

WORTH_SAYING = 0.1
"""Second-order terms are told from this share of the first-order u on (1 % of the variance)."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A measurand, its inputs, and how it is to be evaluated.

    `units` are those of the inputs, for people; the model works on plain numbers. With
    `second_order` the leading terms beyond the first order count as one more contribution.
    """

    model: Model
    inputs: tuple[Input, ...]
    unit: str = "1"
    p: float = P_TWO
    correlations: tuple[Correlation, ...] = ()
    method: Method = "gum"
    interval: Interval = "symmetric"
    second_order: bool = False
    units: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """What the other method found, and whether both agree within the tolerance.

    JCGM 101, 8: `agrees` says whether the ends of both intervals differ by no more than
    `tolerance`, half a unit of the last meaningful digit of u.
    """

    method: Method
    u: float
    interval: tuple[float, float]
    tolerance: float
    agrees: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result with its interval, how it was found, and what a person must know about it.

    `shared` are correlated pairs with the share of the variance that they add or take.
    """

    result: Result
    method: Method
    interval: tuple[float, float]
    trials: int | None
    seed: int | None
    second_order: float | None
    shared: tuple[tuple[str, str, float, float], ...]
    check: Check | None
    warnings: tuple[Message, ...]

    def share(self, line: Contribution) -> float:
        """Return a line's part of the first-order variance; 0 where there is none."""
        own = math.fsum(other.contribution**2 for other in self.result.budget)
        rest = 1 - math.fsum(share for *_, share in self.shared)
        return line.contribution**2 * rest / own if own > 0 else 0.0


def evaluate(
    budget: Budget, method: Method | None = None, *, seed: int = SEED, check: bool = True
) -> Outcome:
    """Evaluate a budget by `method` (its own by default) and check it by the other one.

    Raises:
        NotMeasuredError: the model has no finite value.
        UsageError: no effective degrees of freedom exist (gum), or a correlation cannot be
            drawn (monte-carlo).
    """
    if (method or budget.method) == "monte-carlo":
        return _by_trials(budget, seed, check=check)
    second = _second_order(budget)
    result = _first_order(budget, second)
    warnings = [*_not_exact(budget), *_beyond(budget, result, second)]
    interval = (result.value - result.U, result.value + result.U)
    other = None
    if check:
        other, more = checked_by_trials(budget, result, seed)
        warnings += more
    return Outcome(
        result=result,
        method="gum",
        interval=interval,
        trials=None,
        seed=seed if other is not None else None,
        second_order=second,
        shared=_shared(budget, result.budget),
        check=other,
        warnings=tuple(warnings),
    )


def _first_order(budget: Budget, second: float | None) -> Result:
    return propagate(
        budget.model,
        budget.inputs,
        unit=budget.unit,
        p=budget.p,
        correlations=budget.correlations,
        shapes=True,
        beyond=(second or 0.0) if budget.second_order else 0.0,
    )


def _second_order(budget: Budget) -> float | None:
    """Return what the first order leaves out; None where the model ends within u."""
    try:
        return second_order_u(budget.model, budget.inputs)
    except BenchctlError:
        return None


def _not_exact(budget: Budget) -> list[Message]:
    """Return a warning for the inputs whose sensitivity is a difference over +-u."""
    values = {i.name: i.value for i in budget.inputs}
    kinks = [
        i.name
        for i in budget.inputs
        if i.u > 0 and not derivative(budget.model, values, i.name, i.u).exact
    ]
    return [msg("metrology.differences", names=", ".join(kinks))] if kinks else []


def _beyond(budget: Budget, result: Result, second: float | None) -> list[Message]:
    """Return a warning where the first order must not be trusted."""
    if second is None:
        return [msg("metrology.second-order-unknown")]
    first = result.u
    if budget.second_order or second <= max(WORTH_SAYING * first, 1e-12 * abs(result.value)):
        return []
    shown = {"second": f"{second:.2g}", "first": f"{first:.2g}", "unit": _shown(budget.unit)}
    return [msg("metrology.vanishing" if second > first else "metrology.second-order", **shown)]


def _shown(unit: str) -> str:
    return "" if unit in ("", "1") else f" {unit}"


def _shared(
    budget: Budget, lines: Sequence[Contribution]
) -> tuple[tuple[str, str, float, float], ...]:
    """Return each correlated pair with r and its share of the variance."""
    if not budget.correlations:
        return ()
    slopes = {line.input: line.sensitivity for line in lines}
    own = math.fsum(line.contribution**2 for line in lines)
    pairs = []
    for c in budget.correlations:
        alone = groups_of(budget.inputs, (c,))
        pairs.append((c, math.fsum(covariance(g, slopes) for g in alone)))
    total = own + math.fsum(v for _, v in pairs)
    return tuple((c.first, c.second, c.r, v / total if total > 0 else 0.0) for c, v in pairs)


def checked_by_trials(
    budget: Budget, result: Result, seed: int = SEED
) -> tuple[Check | None, list[Message]]:
    """Return the comparison of JCGM 101, 8, of a result of first order, and what to warn of."""
    from benchctl.metrology.monte_carlo import meaningful_digits, numerical_tolerance, validates

    digits = meaningful_digits(result.u)
    try:
        found = _trials(budget, seed, digits=digits, fraction=0.2, kind="symmetric")
    except BenchctlError as error:
        return None, [msg("metrology.no-check", reason=error.message)]
    agrees = validates(result, found)
    tolerance = numerical_tolerance(result.u, digits) if result.u > 0 else 0.0
    check = Check("monte-carlo", found.u, (found.low, found.high), tolerance, agrees)
    return check, [] if agrees else [msg("metrology.disagrees")]


def _trials(
    budget: Budget, seed: int, *, digits: int, fraction: float, kind: Interval
) -> MonteCarlo:
    from benchctl.metrology.monte_carlo import monte_carlo

    return monte_carlo(
        budget.model,
        budget.inputs,
        p=budget.p,
        seed=seed,
        correlations=budget.correlations,
        digits=digits,
        fraction=fraction,
        interval=kind,
    )


def _by_trials(budget: Budget, seed: int, *, check: bool) -> Outcome:
    found = _trials(budget, seed, digits=2, fraction=1.0, kind=budget.interval)
    second = _second_order(budget)
    warnings: list[Message] = []
    if not found.stable:
        warnings.append(msg("metrology.not-stable", trials=found.trials))
    if found.heavy:
        warnings.append(msg("metrology.no-deviation", names=", ".join(found.heavy)))
    lines, other = _lines(budget, second, found, warnings)
    half = (found.high - found.low) / 2
    k = half / found.u if found.u > 0 else 0.0
    result = Result(found.value, budget.unit, found.u, k, half, math.inf, found.p, lines)
    return Outcome(
        result=result,
        method="monte-carlo",
        interval=(found.low, found.high),
        trials=found.trials,
        seed=found.seed,
        second_order=second,
        shared=_shared(budget, lines),
        check=other if check else None,
        warnings=tuple(warnings),
    )


def _lines(
    budget: Budget, second: float | None, found: MonteCarlo, warnings: list[Message]
) -> tuple[tuple[Contribution, ...], Check | None]:
    """Return the lines of the first order, and the comparison with what it gives."""
    from benchctl.metrology.monte_carlo import meaningful_digits, numerical_tolerance, validates

    try:
        _, lines = first_order_lines(budget.model, budget.inputs)
    except NotMeasuredError:  # it has a value in all trials, though not at the estimates
        return (), None
    try:
        first = _first_order(budget, second)
    except BenchctlError as error:
        warnings.append(msg("metrology.no-check", reason=error.message))
        return lines, None
    digits = meaningful_digits(first.u)
    tolerance = numerical_tolerance(first.u, digits) if first.u > 0 else 0.0
    interval = (first.value - first.U, first.value + first.U)
    agrees = validates(first, found)
    return first.budget, Check("gum", first.u, interval, tolerance, agrees)
