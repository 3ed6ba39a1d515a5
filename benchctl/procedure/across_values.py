"""The values of a formula over several points, for one unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchctl.core.messages import msg
from benchctl.language import Expression, ExpressionError
from benchctl.procedure.declared_items import AcrossItem
from benchctl.procedure.evaluate import Path, Trouble
from benchctl.procedure.resolved import ResolvedPoint


def across_env(
    expression: Expression,
    env: Mapping[str, Any],
    points: Sequence[ResolvedPoint],
    results: Mapping[str, Sequence[Any]],
    stage: str,
    others: Mapping[str, Mapping[str, float]] | None = None,
) -> dict[str, Any]:
    """Return the values of a formula's names.

    Args:
        expression: The formula.
        env: What the unit has outside of its points.
        points: The points that the formula is over.
        results: Measurand and U by name, a value per point; `error.runs` has a row per point.
        stage: The stage of the run.
        others: Results by item and point, where items are measured in their own right.
    """
    columns: dict[str, Sequence[Any]] = {
        "mpe": [p.mpe[1] for p in points],
        "mpe_low": [p.mpe[0] for p in points],
        **results,
    }
    found: dict[str, Any] = {**env, "stage": stage}
    items = others or {}
    for name in expression.names:
        stem, _, point = name.rpartition(".")
        if name in items:
            found[name] = np.array(list(items[name].values()), dtype=float)
        elif point in items.get(stem, ()):
            found[name] = items[stem][point]
        elif name in columns:
            found[name] = np.array(columns[name], dtype=float)
        elif points and name in points[0].values:
            found[name] = np.array([p.values[name] for p in points], dtype=float)
        elif stem in columns:
            at = [p.name for p in points]
            if point in at:
                found[name] = float(columns[stem][at.index(point)])
    return found


def try_across(
    measurand: str,
    item: AcrossItem,
    env: Mapping[str, Any],
    points: Sequence[ResolvedPoint],
    stage: str,
    others: Mapping[str, Sequence[ResolvedPoint]],
) -> None:
    """Evaluate the formulas of an item over points once, with results that might be.

    `others` are the points of each item that is measured in its own right.

    Raises:
        Trouble: there is no value, or one per point.
    """
    chosen = [p for p in points if not item.over or p.name in item.over]
    results: dict[str, list[Any]] = {
        measurand: [0.3 * p.mpe[1] for p in chosen],
        "U": [0.1 * p.mpe[1] for p in chosen],
        f"{measurand}.runs": [[(0.3 + 0.01 * n) * p.mpe[1] for n in range(p.runs)] for p in chosen],
    }
    of_items = {name: {p.name: 0.3 * p.mpe[1] for p in of} for name, of in others.items()}
    value: float | None = None
    if item.value is not None:
        path: Path = (item.name, "value")
        values = across_env(item.value, env, chosen, results, stage, of_items)
        found = _tried(item.value, values, path)
        if getattr(found, "ndim", 0):
            raise Trouble(path, msg("procedure.across-not-one"))
        value = float(found)
    path = (item.name, "across")
    names = across_env(item.passes, env, chosen, results, stage, of_items) | {"value": value}
    if getattr(_tried(item.passes, names, path), "ndim", 0):
        raise Trouble(path, msg("procedure.across-not-one"))


def _tried(expression: Expression, env: Mapping[str, Any], path: Path) -> Any:
    try:
        return expression(env)
    except ExpressionError as error:
        raise Trouble(path, error.message) from error
