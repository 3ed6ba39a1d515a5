"""Single readings side by side, again from their raw columns: what each input of a result was.

The readings of the unit with those of the reference at the same instants, the first so many as the
record says; their means are the inputs, and how the single results scatter is `s`. What was only
watched beside them is the mean between the first and the last.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from benchctl.acquire import estimate, side_by_side
from benchctl.core.series import Series
from benchctl.procedure import CONTEXT

if TYPE_CHECKING:
    from benchctl.acquire import Pairs
    from benchctl.core.events import RunMeasured
    from benchctl.core.series import Floats
    from benchctl.procedure import Procedure

Same = Callable[[str, float | None, float | None, float], None]
"""What, as recorded, as found, and the size of which the tolerance is a share."""
Raw = Callable[[str], tuple[str, "Floats"] | None]
"""Gives the series of a role and its columns t_before, t_after, values (NaN: not good)."""


def mean_within(raw: Floats, start: float, stop: float) -> float:
    """Return the mean of the good readings within a window, or the one nearest to its start."""
    good = np.isfinite(raw[2])
    t, x = (raw[0][good] + raw[1][good]) / 2, raw[2][good]
    inside = (t >= start) & (t <= stop)
    if not inside.any():
        return float(x[int(np.abs(t - start).argmin())])
    return math.fsum(x[inside].tolist()) / int(inside.sum())


def compare_readings(procedure: Procedure, event: RunMeasured, raw: Raw, same: Same) -> list[str]:
    """Compare the inputs of a result with its raw readings; return the roles that have none."""
    roles = [
        r
        for r in event.inputs
        if r not in CONTEXT and r in procedure.needs and not procedure.needs[r].constant
    ]
    found = {role: told for role in roles if (told := raw(role)) is not None}
    missing = [role for role in roles if role not in found]
    way = procedure.each_point.read
    own = next((r for r in roles if way is not None and r == way.indication), None)
    count = (event.readings or {}).get("n")
    if own is None or own not in found or count is None:
        return roles
    watched = {r for r, (series, _) in found.items() if _is_watched(series)}
    beside = {r: (_series(raw_), 0) for r, (_, raw_) in found.items() if r not in watched | {own}}
    pairs = side_by_side(_series(found[own][1]), beside).first(int(count))
    if pairs.t.size != count:
        same("readings", float(count), float(pairs.t.size), 0.0)
        return missing
    start, stop = float(pairs.t[0]), float(pairs.t[-1])
    same("window", event.window[0], start, stop)
    same("window", event.window[1], stop, stop)
    means = {own: _mean(pairs.indication), **{r: _mean(x) for r, x in pairs.others.items()}}
    means |= {r: mean_within(found[r][1], start, stop) for r in watched}
    for role, value in means.items():
        size = max(abs(value), float(np.ptp(pairs.indication)) if role == own else 0.0)
        same(f"input {role}", event.inputs[role], value, size)
    _scatter(procedure, event, own, pairs, same)
    return missing


def _scatter(procedure: Procedure, event: RunMeasured, own: str, pairs: Pairs, same: Same) -> None:
    from dataclasses import replace

    model = replace(procedure.measurand.model, given=event.known)
    made = model({**event.inputs, own: pairs.indication, **pairs.others})
    results = np.broadcast_to(np.asarray(made, dtype=np.float64), pairs.t.shape)
    recorded, s = (event.readings or {}).get("s"), estimate(pairs.t, results).s
    if recorded is not None and math.isfinite(s):
        same("s of the readings", recorded, s, max(s, abs(event.error or 0.0)))


def _is_watched(series: str) -> bool:
    """Return whether a series is of what was only watched, not read as often as the units."""
    return series.startswith("environment") or "/condition/" in series


def _series(raw: Floats) -> Series:
    good = np.isfinite(raw[2])
    found = Series("", ("",), ("",), capacity=max(1, int(good.sum())))
    found.extend(raw[0][good], raw[1][good], raw[2:3, good])
    return found


def _mean(x: Floats) -> float:
    return float(x[0]) + math.fsum((x - x[0]).tolist()) / x.size
