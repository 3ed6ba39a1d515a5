"""What the model of a budget may call besides arithmetic: angles, a table, water and air.

    hypot(x, y), atan2(y, x)             length and angle of a vector
    table(x, 0, 0.1, 10, 0.3, 20, 0.2)   straight lines between points x1, y1, x2, y2 ...;
                                         x ascends, beyond the ends there is no value
    water_density(t, p), air_density(p, h, t), buoyancy_factor(water, air)     see `water`
    iec60751_temperature(r, r0), iec60751_resistance(t, r0)                    see `platinum`

They take floats, complex numbers where they are analytic, and arrays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from benchctl.language import FUNCTIONS, Function
from benchctl.metrology.platinum import iec60751_resistance, iec60751_temperature
from benchctl.metrology.water import air_density, buoyancy_factor, water_density


def _hypot(*parts: Any) -> Any:
    if any(isinstance(p, complex) for p in parts) or not all(_plain(p) for p in parts):
        return sum(p * p for p in parts) ** 0.5
    return math.hypot(*parts)


def _atan2(y: Any, x: Any) -> Any:
    if _plain(y) and _plain(x):
        return math.atan2(y, x)
    import numpy as np

    return np.arctan2(y, x)


def _table(x: Any, *points: float) -> Any:
    """Return the ordinate at `x` of lines between points.

    Raises:
        ValueError: the points are not pairs of ascending abscissae, or `x` is beyond them.
    """
    at, values = points[::2], points[1::2]
    if len(at) != len(values) or any(a >= b for a, b in pairwise(at)):
        raise ValueError(points)
    if not _plain(x):
        import numpy as np

        if np.iscomplexobj(x):  # a line has kinks: the difference decides
            raise TypeError(x)
        if np.min(x) < at[0] or np.max(x) > at[-1]:
            raise ValueError(x)
        return np.interp(x, at, values)
    if not at[0] <= x <= at[-1]:
        raise ValueError(x)
    i = max(1, next(i for i, a in enumerate(at) if x <= a))
    share = (x - at[i - 1]) / (at[i] - at[i - 1])
    return values[i - 1] + share * (values[i] - values[i - 1])


def _plain(value: Any) -> bool:
    return type(value) in (int, float)


BUDGET_FUNCTIONS: Mapping[str, Function] = {
    **FUNCTIONS,
    "hypot": Function(_hypot, 2, None),
    "atan2": Function(_atan2, 2, 2),
    "table": Function(_table, 5, None),
    "water_density": Function(water_density, 1, 2),
    "air_density": Function(air_density, 3, 3),
    "buoyancy_factor": Function(buoyancy_factor, 2, 3),
    "iec60751_resistance": Function(iec60751_resistance, 2, 2),
    "iec60751_temperature": Function(iec60751_temperature, 2, 2),
}
"""What the model of a budget calls."""
