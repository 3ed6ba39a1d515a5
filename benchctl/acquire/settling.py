"""Has a quantity settled? An equivalence test: the change must be shown to be small.

That a drift is "not significant" does not make a quantity stable, and tests on single readings are
misled by autocorrelation. So the last `dwell` seconds are split into blocks, and the means of the
blocks must show that the quantity changed by no more than `limit` over them, with 95 % confidence.
That is of one look; `settle` looks again and again, so that each look must be surer (`repeated`).

    outcome = yield from settle(series, "flow", clock, target=2.375, tolerance=0.025, dwell=10,
                                timeout=120)
    if not outcome.settled: ...
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from benchctl.acquire.estimates import autocorrelation, checked, mean, slope
from benchctl.acquire.prediction import block_means, remaining_time
from benchctl.acquire.repeated import confidence_of_a_look, surely_at_most
from benchctl.acquire.student import quantile
from benchctl.acquire.waits import Task, Until
from benchctl.acquire.wording import quantity
from benchctl.core.clock import Clock
from benchctl.core.messages import Message, msg
from benchctl.core.series import Floats, Series

_CONFIDENCE = 0.95
"""One-sided confidence with which the change is at most the stated bound."""

_EXACT = 1e-9
"""Share of the dwell time by which a window may be short from rounding of instants."""


@dataclass(frozen=True, slots=True)
class SettleState:
    """What the last `dwell` seconds say; everything in the unit of the readings.

    `drift` is the slope per s, `bound` the largest credible change over the window, `remaining` the
    predicted time in s until it has settled, None where no prediction is credible.
    """

    settled: bool
    mean: float
    drift: float
    bound: float
    why: Message
    remaining: float | None


@dataclass(frozen=True, slots=True)
class SettleOutcome:
    """How waiting ended; `settled` False is a time-out.

    `waited` is in s of bench time; `half_width` is that of the rectangular distribution which the
    residual drift puts into the budget, in the unit of the readings (infinite if unknown).
    """

    settled: bool
    mean: float
    drift: float
    waited: float
    half_width: float
    why: Message


def settled(
    t: ArrayLike,
    x: ArrayLike,
    *,
    limit: float,
    dwell: float,
    target: float | None = None,
    tolerance: float | None = None,
    blocks: int = 5,
    unit: str = "",
) -> SettleState:
    """Judge readings `x` at ascending bench times `t` (s) by their last `dwell` seconds.

    Settled means: (1) |b| T + t_{0.95, B-2} s_b T <= limit, where b is the slope of the B block
    means over the dwell time T and s_b its standard deviation; (2) the block means range over no
    more than `limit`; (3) with a target, every block mean lies within `tolerance` (a fraction of
    the target) of it. Where the blocks are shorter than the readings are correlated, s_b is
    inflated as for an AR(1) process.

    Raises:
        ValueError: fewer than 5 blocks, readings that are not finite, a target without a tolerance.
    """
    if blocks < 5:
        raise ValueError(f"at least 5 blocks are needed, got {blocks}")
    if not (limit > 0 and dwell > 0):
        raise ValueError(f"limit and dwell must be positive, got {limit} and {dwell}")
    band = _band(target, tolerance)
    return _judged(*checked(t, x), limit, band, dwell, blocks, unit)


def settle(
    series: Series,
    channel: int | str,
    clock: Clock,
    *,
    target: float | None,
    tolerance: float | None,
    dwell: float,
    timeout: float,
    limit: float | None = None,
    poll: float = 0.5,
    seen: Callable[[SettleState], None] | None = None,
) -> Task[SettleOutcome]:
    """Wait until a channel has settled, or `timeout` seconds have passed; return the outcome.

    Only readings that are taken from now on count. `limit` is the largest change over `dwell`, in
    the channel's unit; by default the half-width of the band around the target. What changes by
    more than it is called settled in less than 5 %, however often it is looked at. `seen` is told
    the state at every look, for a screen.

    Raises:
        ValueError: neither a limit nor a target with a tolerance.
    """
    band = _band(target, tolerance)
    if limit is None:
        if band is None:
            raise ValueError("settling needs a limit or a target with its tolerance")
        limit = band[1]
    index = series.channels.index(channel) if isinstance(channel, str) else channel
    began, first = clock.now(), series.n
    deadline = began + timeout
    sure = confidence_of_a_look(dwell, timeout)
    while True:
        state = _look(series, index, first, limit, dwell, target, tolerance, sure)
        if seen is not None and state is not None:
            seen(state)
        now = clock.now()
        if (state is not None and state.settled) or now >= deadline:
            return _outcome(state, now - began, timeout)
        yield Until(min(now + poll, deadline))


def _judged(
    t: Floats,
    x: Floats,
    limit: float,
    band: tuple[float, float] | None,
    dwell: float,
    blocks: int,
    unit: str,
) -> SettleState:
    remaining = remaining_time(t, x, limit, band, dwell)
    began = t[-1] - dwell
    if t[0] > began + _EXACT * dwell:
        have = quantity(float(t[-1] - t[0]), "s")
        short = msg("acquire.settle-short", have=have, dwell=quantity(dwell, "s"))
        return SettleState(False, mean(x), math.nan, math.inf, short, remaining)
    inside = t >= began - _EXACT * dwell
    t, x = t[inside] - began, x[inside]
    centres, means = block_means(t / dwell, x, blocks)
    if means.size < blocks:
        gaps = msg("acquire.settle-gaps", dwell=quantity(dwell, "s"), blocks=blocks)
        return SettleState(False, mean(x), math.nan, math.inf, gaps, remaining)
    drift, bound = _change(centres * dwell, means, t, x, dwell)
    why = _why_not(means, bound, limit, band, dwell, unit)
    if why is not None:
        return SettleState(False, mean(x), drift, bound, why, remaining)
    steady = msg(
        "acquire.settled",
        mean=quantity(mean(x), unit),
        dwell=quantity(dwell, "s"),
        bound=quantity(bound, unit),
    )
    return SettleState(True, mean(x), drift, bound, steady, 0.0)


def _look(
    series: Series,
    index: int,
    first: int,
    limit: float,
    dwell: float,
    target: float | None,
    tolerance: float | None,
    confidence: float,
) -> SettleState | None:
    t, x = series.readings(index, first)
    if not t.size:
        return None
    unit = series.units[index]
    state = settled(
        t,
        x,
        limit=limit,
        dwell=dwell,
        target=target,
        tolerance=tolerance,
        unit=unit,
    )
    if not state.settled:
        return state
    change = surely_at_most(t, x, dwell, confidence)
    if change <= limit:
        return state
    return replace(state, settled=False, why=_drifts(change, limit, dwell, unit), remaining=None)


def _outcome(state: SettleState | None, waited: float, timeout: float) -> SettleOutcome:
    if state is None:
        why = msg("acquire.settle-nothing", timeout=quantity(timeout, "s"))
        return SettleOutcome(False, math.nan, math.nan, waited, math.inf, why)
    why = state.why
    if not state.settled:
        why = msg("acquire.settle-timeout", timeout=quantity(timeout, "s"), why=why)
    return SettleOutcome(state.settled, state.mean, state.drift, waited, state.bound / 2, why)


def _band(target: float | None, tolerance: float | None) -> tuple[float, float] | None:
    """Return the target and the half-width of the band around it."""
    if (target is None) != (tolerance is None):
        raise ValueError("a target and its tolerance belong together")
    if target is None or tolerance is None:
        return None
    half_width = abs(target) * tolerance
    if not half_width > 0:
        raise ValueError(f"a tolerance of {tolerance} of {target} leaves no band")
    return target, half_width


def _change(
    centres: Floats, means: Floats, t: Floats, x: Floats, dwell: float
) -> tuple[float, float]:
    """Return the slope of the block means and the largest credible change over the dwell time."""
    drift = slope(centres, means).b
    tau = centres - centres.mean()
    residuals = means - means.mean() - drift * tau
    dof = means.size - 2
    s_b = math.sqrt(float(np.dot(residuals, residuals)) / dof / float(np.dot(tau, tau)))
    s_b *= _correlation(x - drift * t, means.size)
    return drift, (abs(drift) + quantile(dof, _CONFIDENCE) * s_b) * dwell


def _correlation(residuals: Floats, blocks: int) -> float:
    """Return the factor on s_b for correlated block means, from the readings' lag-1 coefficient.

    For an AR(1) process with coefficient r, means of m readings each have the lag-1 correlation
    r (1 - r^m)^2 / (m (1 - r^2) - 2 r (1 - r^m)).
    """
    n = residuals.size
    m = n / blocks
    r = float(autocorrelation(residuals, 1)[1]) if n > blocks else 0.0
    if r <= 1.96 / math.sqrt(n):
        return 1.0
    between = r * (1 - r**m) ** 2 / (m * (1 - r * r) - 2 * r * (1 - r**m))
    return math.sqrt((1 + between) / (1 - between))


def _why_not(
    means: Floats,
    bound: float,
    limit: float,
    band: tuple[float, float] | None,
    dwell: float,
    unit: str,
) -> Message | None:
    """Return the first reason why the blocks are not settled."""
    if band is not None:
        target, half_width = band
        worst = float(means[np.argmax(np.abs(means - target))])
        if abs(worst - target) > half_width:
            return msg(
                "acquire.settle-off",
                mean=quantity(worst, unit),
                low=quantity(target - half_width, unit),
                high=quantity(target + half_width, unit),
            )
    largest = max(bound, float(np.ptp(means)))
    if largest > limit:
        return _drifts(largest, limit, dwell, unit)
    return None


def _drifts(change: float, limit: float, dwell: float, unit: str) -> Message:
    return msg(
        "acquire.settle-drifts",
        change=quantity(change, unit),
        dwell=quantity(dwell, "s"),
        limit=quantity(limit, unit),
    )
