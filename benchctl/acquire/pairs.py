"""Units and reference read side by side: what each showed at the instants of the unit's readings.

Two instruments are never read at the same instant. The reference is taken at the instants of the
unit's readings, linearly between its own; a reading of the unit before the first or after the last
of the reference has no partner and does not count. What both see of the same disturbance so cancels
in the difference; the spread that is left is that of the comparison (JCGM 100, H.2, approach 2).

    pairs = side_by_side(unit, {"bath": reference})
    error = model({"thermometer": pairs.indication, **pairs.others})
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchctl.core.series import GOOD, Floats, Series


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Readings of a unit at instants `t` (s), and what else was shown then, by role."""

    t: Floats
    indication: Floats
    others: Mapping[str, Floats]

    def first(self, n: int) -> Pairs:
        """Return the first `n` of them."""
        others = {role: x[:n] for role, x in self.others.items()}
        return Pairs(self.t[:n], self.indication[:n], others)


def usable(series: Series, column: int = 0) -> tuple[Floats, Floats]:
    """Return instants and values of the good rows, all of one moment though others are added."""
    block = series.block(0)
    good = block[-1] == GOOD
    return ((block[0] + block[1]) / 2)[good], block[2 + column][good]


def side_by_side(unit: Series, others: Mapping[str, tuple[Series, int]]) -> Pairs:
    """Return the good readings of a unit with what the other channels showed at their instants.

    Args:
        unit: One column: the indication.
        others: By role, a series and which of its columns.
    """
    t, x = usable(unit, 0)
    inside = np.ones(t.size, dtype=bool)
    known: dict[str, tuple[Floats, Floats]] = {}
    for role, (series, column) in others.items():
        known[role] = usable(series, column)
        times = known[role][0]
        if not times.size:
            inside[:] = False
        else:
            inside &= (t >= times[0]) & (t <= times[-1])
    t, x = t[inside], x[inside]
    at = {r: np.interp(t, times, v) if t.size else t for r, (times, v) in known.items()}
    return Pairs(t, x, at)
