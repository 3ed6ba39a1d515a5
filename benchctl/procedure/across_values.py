"""The values of a formula over several points, for one unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchctl.language import Expression
from benchctl.procedure.resolved import ResolvedPoint


def across_env(
    expression: Expression,
    env: Mapping[str, Any],
    points: Sequence[ResolvedPoint],
    results: Mapping[str, Sequence[float]],
    stage: str,
) -> dict[str, Any]:
    """Return the values of a formula's names.

    Args:
        expression: The formula.
        env: What the unit has outside of its points.
        points: The points that the formula is over.
        results: Measurand and U by name, a value per point.
        stage: The stage of the run.
    """
    columns: dict[str, Sequence[float]] = {
        "mpe": [p.mpe[1] for p in points],
        "mpe_low": [p.mpe[0] for p in points],
        **results,
    }
    found: dict[str, Any] = {**env, "stage": stage}
    for name in expression.names:
        stem, _, point = name.rpartition(".")
        if name in columns:
            found[name] = np.array(columns[name], dtype=float)
        elif points and name in points[0].values:
            found[name] = np.array([p.values[name] for p in points], dtype=float)
        elif stem in columns:
            at = [p.name for p in points]
            if point in at:
                found[name] = float(columns[stem][at.index(point)])
    return found
