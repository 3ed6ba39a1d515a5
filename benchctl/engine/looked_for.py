"""What readings over a time say: how many came, when something was reached, how fast it changes.

Pure: from instants `t` (s) and readings `x` alone, so that a record gives the same again. Each
returns None while there are too few readings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchctl.acquire import estimate
from benchctl.core.messages import Message, msg
from benchctl.core.series import Floats
from benchctl.procedure import COUNTING, WAITING, Timed

LATE = 1e-6
"""Seconds by which an instant may be early and still count as at the end."""
FEWEST = 3
"""Readings from which on a line is drawn."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen between two instants (s): a count, a time in s, a change; `u` standard.

    `over`: nothing more is to be waited for. `early`: it ended before its time. `never`: what was
    waited for has not happened, and `value` is how long that was at least.
    """

    value: float
    t_start: float
    t_stop: float
    n: int
    over: bool
    why: Message
    u: float = 0.0
    dof: float = math.inf
    mean: float = 0.0
    early: bool = False
    never: bool = False
    unseen: bool = False
    """Whether what it is counted from was over before the first reading."""


def looked(way: Timed, limits: Mapping[str, float], t: Floats, x: Floats) -> Looked | None:
    """Return what readings say by the way of a procedure; `limits` are in the role's unit and in s.

    A count goes on from where it stood at the beginning.
    """
    if way.kind == COUNTING:
        return counted(t, x, limits["seconds"], limits.get("amount"))
    if way.kind == WAITING:
        return reached_after(
            t,
            x - x[:1] if way.counts and x.size else x,
            limits["seconds"],
            limits["amount"],
            falling=way.falling,
            begins=limits.get("begins"),
            steps=way.counts,
        )
    return changed(t, x, limits["seconds"], limits.get("begins"), falling=way.falling)


def values_of(way: Timed, found: Looked) -> dict[str, float]:
    """Return what the model has of it, by name."""
    if way.kind == COUNTING:
        return {way.role: found.value}
    if way.kind == WAITING:
        return {"waited": found.value}
    elapsed = found.t_stop - found.t_start
    return {"change": found.value, "elapsed": elapsed, way.role: found.mean}


def counted(t: Floats, x: Floats, seconds: float, most: float | None) -> Looked | None:
    """Return by how much a count rose in a time; early once that is more than `most`."""
    if t.size < 2:
        return None
    inside = t <= t[0] + seconds + LATE
    t_in, x_in = t[inside], x[inside]
    rise = x_in - x_in[0]
    if most is not None and (rise > most).any():
        n = int(np.argmax(rise > most)) + 1
        lasted = f"{t_in[n - 1] - t_in[0]:.4g}"
        why = msg("engine.counted-early", count=f"{rise[n - 1]:g}", seconds=lasted)
        return Looked(
            float(rise[n - 1]), float(t_in[0]), float(t_in[n - 1]), n, True, why, early=True
        )
    why = msg("engine.counted", count=f"{rise[-1]:g}", seconds=f"{t_in[-1] - t_in[0]:.4g}")
    over = bool(t[-1] - t[0] >= seconds - LATE)
    return Looked(float(rise[-1]), float(t_in[0]), float(t_in[-1]), int(t_in.size), over, why)


def reached_after(
    t: Floats,
    x: Floats,
    seconds: float,
    amount: float,
    *,
    falling: bool,
    begins: float | None,
    steps: bool,
) -> Looked | None:
    """Return how long it took until `x` was `amount`, from the beginning or from `begins`.

    A count changes somewhere between two looks (`steps`); what changes steadily passes on a
    straight line between them. Either way u is that of a rectangle as wide as they lie apart.
    """
    if t.size < 2:
        return None
    sign = -1.0 if falling else 1.0
    first, u_first = float(t[0]), 0.0
    if begins is not None:
        if sign * x[0] >= sign * begins:
            return _unseen(t)
        found = _passes(t, sign * x, sign * begins, steps=steps)
        if found is None:
            if t[-1] - t[0] < seconds - LATE:
                return None
            return _never(float(t[0]), t, seconds)
        first, u_first = found
    end = _passes(t, sign * x, sign * amount, steps=steps)
    if end is None or end[0] - first > seconds:
        if t[-1] - first < seconds - LATE:
            return None
        return _never(first, t, seconds)
    at, u = end
    n = int(np.count_nonzero(t <= at)) + 1
    why = msg("engine.waited", seconds=f"{at - first:.4g}")
    return Looked(at - first, first, at, n, True, why, u=math.hypot(u, u_first))


def _unseen(t: Floats) -> Looked:
    at = float(t[0])
    return Looked(0.0, at, at, 0, True, msg("engine.began-unseen"), unseen=True)


def _never(first: float, t: Floats, seconds: float) -> Looked:
    why = msg("engine.never", seconds=f"{seconds:g}")
    n = int(np.count_nonzero(t <= first + seconds + LATE))
    return Looked(seconds, first, first + seconds, n, True, why, never=True)


def _passes(t: Floats, x: Floats, amount: float, *, steps: bool) -> tuple[float, float] | None:
    """Return when a rising quantity reaches an amount, and its standard uncertainty, in s."""
    there = np.flatnonzero(x >= amount)
    if not there.size:
        return None
    n = int(there[0])
    if n == 0:
        return float(t[0]), 0.0
    apart = float(t[n] - t[n - 1])
    share = 0.5 if steps else float((amount - x[n - 1]) / (x[n] - x[n - 1]))
    return float(t[n - 1]) + share * apart, apart / math.sqrt(12.0)


def changed(
    t: Floats, x: Floats, seconds: float, begins: float | None = None, *, falling: bool = False
) -> Looked | None:
    """Return by how much a quantity changes in a time: the slope of a straight line times that.

    The time is that from the first reading on, or from where it has reached `begins`. u is that of
    the slope, autocorrelation of the residuals included.
    """
    if begins is not None and t.size:
        there = x <= begins if falling else x >= begins
        if there[0]:
            return _unseen(t)
        t, x = t[int(np.argmax(there)) :], x[int(np.argmax(there)) :]
        if not there.any():
            return None
    inside = t <= t[0] + seconds + LATE if t.size else np.zeros(0, dtype=bool)
    t_in, x_in = t[inside], x[inside]
    if t_in.size < FEWEST:
        return None
    seen = estimate(t_in, x_in)
    left = x_in - seen.mean - seen.drift * (t_in - t_in.mean())
    lasted = float(t_in[-1] - t_in[0])
    over = bool(t[-1] - t[0] >= seconds - LATE)
    why = msg("engine.changed", n=int(t_in.size), seconds=f"{lasted:.4g}")
    return Looked(
        seen.drift * lasted,
        float(t_in[0]),
        float(t_in[-1]),
        int(t_in.size),
        over,
        why,
        u=seen.drift_u * lasted if math.isfinite(seen.drift_u) else 0.0,
        dof=max(1.0, estimate(t_in, left).n_eff - 2.0),
        mean=seen.mean,
    )
