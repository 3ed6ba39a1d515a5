"""What a plan expects of a set-point: how long it takes, and how uncertain the reference is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from benchctl.core.units import unit
from benchctl.engine.references import (
    Facts,
    agreed,
    expected_values,
    reference_uncertainty,
    usual_values,
)
from benchctl.procedure import Procedure, ResolvedPoint

T = TypeVar("T")


def remembered(of: Callable[[ResolvedPoint], T]) -> Callable[[ResolvedPoint], T]:
    """Return the same for a point, worked out once for all units of which the same is expected."""
    found: dict[tuple[object, ...], T] = {}

    def recalled(point: ResolvedPoint) -> T:
        given, expect = point.model.given, point.expect
        key = (point.name, point.expected_s, tuple(given.items()), tuple(expect.items()))
        if key not in found:
            found[key] = of(point)
        return found[key]

    return recalled


def reference_u_at(
    procedure: Procedure, amount: float, seconds: float, facts: Facts
) -> Callable[[ResolvedPoint], float | None]:
    """Return what gives U of the reference at a point; of a shared amount it is worked out once."""
    if procedure.each_point.totalise is None:

        def by_readings(point: ResolvedPoint) -> float | None:
            expected = expected_values(procedure, point, facts)
            return reference_uncertainty(procedure, expected, facts, point.model)

        return remembered(by_readings)
    usual = usual_values(procedure, amount, seconds, facts)
    found: dict[tuple[tuple[str, Any], ...], float | None] = {}

    def by_amount(point: ResolvedPoint) -> float | None:
        key = tuple(sorted(point.model.given.items()))
        if key not in found:
            values = agreed(procedure, point.model, usual)
            found[key] = reference_uncertainty(procedure, values, facts, point.model)
        return found[key]

    return by_amount


def duration(amount: float, amount_unit: str, rate: float, rate_unit: str) -> float:
    """Return how long `amount` takes at `rate`, in s; 0 where the two do not go together.

    An amount of time takes that time.
    """
    a, r = unit(amount_unit), unit(rate_unit)
    per_second = unit("s").dimension
    if a.dimension == per_second:
        return amount * a.factor
    if tuple(x - y for x, y in zip(a.dimension, r.dimension, strict=True)) != per_second:
        return 0.0
    return amount * a.factor / (rate * r.factor) if rate > 0 else 0.0
