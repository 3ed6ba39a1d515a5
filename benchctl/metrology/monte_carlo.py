"""Propagation of distributions by the Monte Carlo method (JCGM 101).

    found = monte_carlo(model, inputs, p=0.95, seed=7)
    found.value, found.u, found.low, found.high

Adaptive (7.9.4): blocks of trials are added until value, standard uncertainty and both ends of the
interval are known to the numerical tolerance. The same seed gives the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import msg
from benchctl.core.results import Result
from benchctl.core.series import Floats
from benchctl.metrology.components import Input
from benchctl.metrology.correlation import Correlation
from benchctl.metrology.coverage import P_TWO, meant_probability
from benchctl.metrology.derivatives import Model
from benchctl.metrology.drawing import Sampler
from benchctl.metrology.rounding_rules import uncertainty_digits

Interval = Literal["symmetric", "shortest"]

BLOCK = 10_000
"""Trials in a block, at least (JCGM 101, 7.9.4 b)."""
_P_ONE = math.erf(math.sqrt(0.5))
"""The probability 0.6827 of one standard deviation."""
MOST_TRIALS = 10_000_000
"""Where the tolerance is not reached by then, the result says that it is not stable."""


@dataclass(frozen=True, slots=True)
class MonteCarlo:
    """What the trials say; `low` and `high` enclose the value with probability `p`.

    `tolerance` is the numerical tolerance that was asked for, None where the number of trials was.
    Where inputs have no standard deviation (`heavy`: means of two or three readings), the result
    has none: the value is the median of the trials, and u half of their 68.27 % interval.
    """

    value: float
    u: float
    low: float
    high: float
    p: float
    trials: int
    seed: int
    tolerance: float | None
    stable: bool
    heavy: tuple[str, ...] = ()


def numerical_tolerance(u: float, digits: int = 2) -> float:
    """Return half a unit in the last of `digits` significant digits of `u` (JCGM 101, 7.9.2).

    Raises:
        ValueError: `u` is not positive.
    """
    if not 0 < u < math.inf:
        raise ValueError(f"no tolerance for u = {u}")
    mantissa, _, exponent = f"{u:.{digits - 1}e}".partition("e")
    del mantissa
    return 0.5 * 10.0 ** (int(exponent) - digits + 1)


def interval_ranks(trials: int, p: float) -> tuple[int, int, int]:
    """Return q, r and r + q, ranks from 1: the symmetric interval is y(r) .. y(r+q).

    JCGM 101, 7.7.2; that p M is an integer is decided with a guard for binary fractions.

    Raises:
        ValueError: so few trials have no such interval.
    """
    share = p * trials
    whole = round(share)
    q = whole if abs(share - whole) < 1e-9 * trials else math.floor(share + 0.5)
    if not 0 < q < trials:
        raise ValueError(f"{trials} trials have no interval of probability {p}")
    r = (trials - q + 1) // 2
    return q, r, r + q


def coverage_interval(
    ordered: Floats, p: float, kind: Interval = "symmetric"
) -> tuple[float, float]:
    """Return the ends of the p-interval of ordered values: JCGM 101, 7.7.2 and 7.7.4."""
    q, r, _ = interval_ranks(ordered.size, p)
    if kind == "shortest":
        r = int(np.argmin(ordered[q:] - ordered[: ordered.size - q])) + 1
    return float(ordered[r - 1]), float(ordered[r + q - 1])


def monte_carlo(
    model: Model,
    inputs: Sequence[Input],
    *,
    p: float = P_TWO,
    seed: int,
    correlations: Sequence[Correlation] = (),
    trials: int | None = None,
    digits: int = 2,
    fraction: float = 1.0,
    interval: Interval = "symmetric",
) -> MonteCarlo:
    """Return value, u and coverage interval of `model` from trials.

    Args:
        model: The measurand in terms of the inputs; it is called with arrays.
        inputs: Estimates with their components.
        p: Coverage probability.
        seed: Of PCG64.
        correlations: Coefficients of inputs that are not independent.
        trials: How many; else as many as the tolerance needs.
        digits: Significant digits of u that are meaningful; they fix the tolerance.
        fraction: Of that tolerance, for a comparison (JCGM 101, 8.2: one fifth).
        interval: Probabilistically symmetric, or the shortest.

    Raises:
        NotMeasuredError: the model has no finite value in some trial.
        UsageError: a distribution is not known, or a correlation cannot be.
    """
    p = meant_probability(p)
    rng = np.random.Generator(np.random.PCG64(seed))
    sampler = Sampler(inputs, correlations)
    block = max(BLOCK, math.ceil(100 / (1 - p)))
    if trials is not None:
        sizes = [block] * (trials // block) + ([trials % block] if trials % block else [])
        y = np.concatenate([_trial(model, sampler, rng, n) for n in sizes])
        found = _told(y, p, interval, sampler.heavy)
        return MonteCarlo(*found, p, y.size, seed, None, True, sampler.heavy)
    blocks: list[Floats] = []
    told: list[tuple[float, float, float, float]] = []
    tolerance, stable = 0.0, False
    while not stable and (len(blocks) + 1) * block <= MOST_TRIALS:
        blocks.append(_trial(model, sampler, rng, block))
        told.append(_told(blocks[-1], p, interval, sampler.heavy))
        if len(blocks) < 2:
            continue
        u = math.sqrt(math.fsum(t[1] ** 2 for t in told) / len(told))
        tolerance = fraction * numerical_tolerance(u, digits) if u > 0 else 0.0
        spread = np.std(told, axis=0, ddof=1) / math.sqrt(len(told))
        stable = u == 0 or bool((2 * spread < tolerance).all())
    y = np.concatenate(blocks)
    found = _told(y, p, interval, sampler.heavy)
    return MonteCarlo(*found, p, y.size, seed, tolerance, stable, sampler.heavy)


def _trial(model: Model, sampler: Sampler, rng: np.random.Generator, n: int) -> Floats:
    """Return the model's values for `n` draws.

    Raises:
        NotMeasuredError: one of them is not finite.
    """
    values: Mapping[str, Any] = sampler.draw(rng, n)
    try:
        with np.errstate(all="ignore"):
            y = np.asarray(model(values), dtype=np.float64)
    except (ArithmeticError, ValueError) as error:
        raise NotMeasuredError(msg("metrology.no-value", reason=str(error))) from error
    if not np.isfinite(y).all():
        reason = str(y[~np.isfinite(y)][0] if y.ndim else y)
        raise NotMeasuredError(msg("metrology.no-value", reason=reason))
    found: Floats = np.broadcast_to(y, (n,))
    return found


def _told(
    y: Floats, p: float, interval: Interval, heavy: tuple[str, ...]
) -> tuple[float, float, float, float]:
    """Return value, standard uncertainty and both ends of the interval."""
    ordered = np.sort(y)
    ends = coverage_interval(ordered, p, interval)
    if heavy:
        low, high = coverage_interval(ordered, _P_ONE)
        return float(np.median(ordered)), (high - low) / 2, *ends
    deviations = y - y[0]
    return float(y[0] + deviations.mean()), float(deviations.std(ddof=1)), *ends


def meaningful_digits(u: float) -> int:
    """Return in how many digits u is meaningful for a comparison: two where the first is 1 or 2.

    As JJF 1059.1 states uncertainties. One digit always would call 0.14 and 0.06 the same.
    """
    return uncertainty_digits(u) if u > 0 else 1


def validates(result: Result, found: MonteCarlo) -> bool:
    """Return whether first order and Monte Carlo agree on the interval (JCGM 101, 8.1.3).

    Both ends must lie within the numerical tolerance of u to its `meaningful_digits`. Where u is 0,
    they do not.
    """
    if not result.u > 0:
        return found.u == 0
    tolerance = numerical_tolerance(result.u, meaningful_digits(result.u))
    ends = (result.value - result.U - found.low, result.value + result.U - found.high)
    return max(abs(e) for e in ends) <= tolerance
