"""Differences that a drift does not disturb, and pulses counted between two instants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from benchctl.core.series import Floats


class Difference(NamedTuple):
    """B - A with the drift per reading that was taken out of it."""

    value: float
    drift: float


def abba(a1: float, b1: float, b2: float, a2: float) -> Difference:
    """Return B - A of four evenly spaced readings A B B A, free of linear drift.

    (b1 + b2 - a1 - a2) / 2; its u is that of one reading. A drift q t^2 (t in steps) leaves -2 q.
    """
    drift = (3 * (a2 - a1) + (b2 - b1)) / 10
    return Difference((b1 + b2 - a1 - a2) / 2, drift)


def drift_free(t: Floats, on_b: Floats, y: Floats) -> Difference:
    """Return B - A of readings y at instants t (s), in any order, free of a steady drift.

    Least squares of y = a + drift t + (B - A) [B]. For evenly spaced A B B A it is `abba`; a person
    is never that even, and then the plain formula is wrong by the drift times the unevenness. The
    drift is per s.

    Raises:
        ValueError: the readings do not tell the difference from the drift.
    """
    columns = np.column_stack((np.ones(t.size), t - t.mean(), on_b))
    found, _, rank, _ = np.linalg.lstsq(columns, y - y[0], rcond=None)
    if rank < columns.shape[1]:
        raise ValueError("the readings do not tell the difference from the drift")
    return Difference(float(found[2]), float(found[1]))


def interpolated_pulses(n: int, gate: float, pulses: float) -> float:
    """Return n T1 / T2: double chronometry (ISO 7278-3, as recalled in our fact sheet).

    `gate` T1 is the time between both gates, `pulses` T2 that from the first pulse after the one to
    the first pulse after the other, `n` the pulses in T2.

    Raises:
        ValueError: no pulse, or a time that is not positive.
    """
    if n < 1 or not (gate > 0 and pulses > 0):
        raise ValueError(f"{n} pulses, {gate} s, {pulses} s")
    return n * gate / pulses


def double_chronometry(edges: Sequence[float] | Floats, gate: tuple[float, float]) -> float:
    """Return the interpolated pulses between two instants, from the instants of all edges.

    Raises:
        ValueError: no edge follows one of the gates, or none lies between.
    """
    t = np.asarray(edges, dtype=np.float64)
    first, last = np.searchsorted(t, gate, side="right")
    if last >= t.size:
        raise ValueError("no edge follows the second gate")
    return interpolated_pulses(int(last - first), gate[1] - gate[0], float(t[last] - t[first]))


def edge_interpolation(edges: Sequence[float] | Floats, gate: tuple[float, float]) -> float:
    """Return the pulses between two instants, counting parts of a pulse by linear interpolation.

    To be preferred to double chronometry where the rate changes.

    Raises:
        ValueError: a gate lies before the first or after the last edge.
    """
    t = np.asarray(edges, dtype=np.float64)
    if gate[0] < t[0] or gate[1] > t[-1]:
        raise ValueError("both gates must lie between edges")
    counted = np.interp(gate, t, np.arange(t.size))
    return float(counted[1] - counted[0])
