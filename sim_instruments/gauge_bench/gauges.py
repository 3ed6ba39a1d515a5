"""The gauges under test: what each of them truly is.

In the order of their positions: two good ones, one that reads high towards the top, one with too
much hysteresis, one whose pointer sticks until somebody taps it, and one close to a limit. All in %
of the upper limit of the scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchctl.simulation import ErrorCurve, Noise, SimulatedUut, with_parameters

USUAL = {"upper_limit": 0.25, "accuracy_class": 1.6, "division": 0.005}
"""Scale and division in MPa."""
TOP_DECILE = {1.0: 1.6, 1.6: 2.5, 2.5: 4.0, 4.0: 4.0}
"""Limit of each class near the top; here only to draw gauges by, the bench does not judge."""
KINDS = ("good", "good", "error", "hysteresis", "sticking", "borderline")


@dataclass(frozen=True, slots=True)
class Gauge:
    """One gauge; shares and errors in % of its scale, `span` and `step` in kPa.

    `error` is that of the tapped gauge at rising pressure, `hysteresis` what it shows more when the
    pressure falls (at mid-scale), `friction` what its pointer lags behind until it is tapped.
    """

    unit: SimulatedUut
    kind: str
    span: float
    step: float
    error: ErrorCurve
    hysteresis: float
    friction: float

    def shift(self, share: float, *, rising: bool, tapped: bool) -> float:
        """Return by how much it is wrong at a `share` of the scale."""
        if share < 2.0:
            return self.error(share)  # the pointer returns to its mark
        shift = self.error(share)
        if not rising:
            shift += self.hysteresis * 4.0 * share / 100.0 * (1.0 - share / 100.0)
        if not tapped:
            shift += -self.friction if rising else self.friction
        return shift


def gauges(seed: int, units: Sequence[SimulatedUut]) -> tuple[Gauge, ...]:
    """Return the gauges of a batch, drawn from the seed."""
    return tuple(_gauge(seed, with_parameters(unit, **USUAL)) for unit in units)


def _gauge(seed: int, unit: SimulatedUut) -> Gauge:
    luck = Noise(seed, f"gauge {unit.serial}")
    kind = KINDS[(unit.position - 1) % len(KINDS)]
    mpe = unit.parameters["accuracy_class"]
    top = TOP_DECILE.get(mpe, mpe)
    flat = luck.uniform("flat", -0.15, 0.15) * mpe
    errors = [(2.0, 0.3 * flat), (50.0, flat), (100.0, flat)]
    hysteresis, friction = luck.uniform("hysteresis", 0.15, 0.3) * mpe, 0.08 * mpe
    if kind == "error":
        errors = [(2.0, 0.0), (60.0, 0.3 * mpe), (80.0, 0.5 * mpe), (100.0, 1.6 * top)]
    elif kind == "hysteresis":
        errors, hysteresis = (
            [(2.0, 0.0), (40.0, -0.75 * mpe), (60.0, -0.75 * mpe), (100.0, 0.0)],
            (1.5 * mpe),
        )
    elif kind == "sticking":
        errors, hysteresis, friction = [(2.0, 0.0), (100.0, 0.0)], 0.05 * mpe, 0.78 * mpe
    elif kind == "borderline":
        near = luck.uniform("near", 0.92, 1.08) * mpe
        errors = [(2.0, 0.0), (40.0, 0.5 * mpe), (60.0, near), (80.0, 0.5 * mpe), (100.0, 0.0)]
        hysteresis = 0.1 * mpe
    span = 1000.0 * unit.parameters["upper_limit"]
    step = 1000.0 * unit.parameters["division"] / 5.0
    return Gauge(unit, kind, span, step, ErrorCurve(errors), hysteresis, friction)
