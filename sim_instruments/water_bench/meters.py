"""The meters under test: what each of them truly is, drawn from the seed.

Of twelve, eight are good, two lie within 3 % of a limit and two are clearly outside one. The limits
stand here only to draw such meters; the bench does not judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchctl.simulation import (
    CJT188_CAPACITY,
    ErrorCurve,
    Noise,
    Register,
    SimulatedUut,
    Totaliser,
    with_parameters,
)

from .hydraulics import density
from .segment import Segment
from .water import Water

USUAL = {"Q3": 2.5, "accuracy_class": 2.0, "scale_interval": 0.05, "pulse_value": 0.1}
ADJUSTED = 0.1
"""Share of a meter's errors that is left once somebody adjusted it."""
_M3H = 3.6
_UPPER = {1.0: 1.0, 2.0: 2.0}
_LOWER = {1.0: 3.0, 2.0: 5.0}


@dataclass(frozen=True, slots=True)
class Meter:
    """One meter: `error` in % over flow in m³/h; register and pulse value in L."""

    unit: SimulatedUut
    kind: str
    error: ErrorCurve
    register: Register
    pulse_value: float

    @property
    def position(self) -> int:
        """Its place in the line."""
        return self.unit.position


def drawn_meters(seed: int, uuts: Sequence[SimulatedUut]) -> tuple[Meter, ...]:
    """Return the meters of a batch; the same serial numbers give the same meters."""
    luck = Noise(seed, "kind")
    ranked = sorted(uuts, key=lambda u: luck.uniform(u.serial))
    few = round(len(uuts) / 6)
    kinds = {u.serial: "bad" if n < few else "borderline" for n, u in enumerate(ranked[: 2 * few])}
    return tuple(_drawn(seed, unit, kinds.get(unit.serial, "good")) for unit in uuts)


def _drawn(seed: int, unit: SimulatedUut, kind: str) -> Meter:
    unit = with_parameters(unit, **USUAL)
    unit = with_parameters(unit, Q1=unit.parameters["Q3"] / 100.0)
    q1, q3 = unit.parameters["Q1"], unit.parameters["Q3"]
    unit = with_parameters(unit, Q2=1.6 * q1, Q4=1.25 * q3)
    has = unit.parameters
    luck = Noise(seed, f"meter/{unit.serial}")
    upper = _UPPER.get(has["accuracy_class"], 2.0)
    lower = _LOWER.get(has["accuracy_class"], 5.0)
    flows = [1.05 * q1, 1.05 * has["Q2"], (has["Q2"] * q3) ** 0.5, 0.95 * q3, has["Q4"]]
    limits = [lower, upper, upper, upper, upper]
    errors = [limit * luck.uniform(f"knot{n}", -0.5, 0.5) for n, limit in enumerate(limits)]
    if kind != "good":
        worst = (0, 1, 3)[int(luck.uniform("worst", 0, 3))]
        sign = 1.0 if luck.uniform("sign") < 0.5 else -1.0
        factor = (0.97, 1.03) if kind == "borderline" else (1.5, 2.2)
        errors[worst] = sign * limits[worst] * luck.uniform("factor", *factor)
    step = max(has["scale_interval"], 0.01)
    start = luck.uniform("start", 10.0, 9000.0)
    return Meter(
        unit,
        kind,
        ErrorCurve(list(zip(flows, errors, strict=True))),
        Register(start, step, CJT188_CAPACITY),
        has["pulse_value"],
    )


def carried(
    meters: Sequence[Meter], before: Segment, begun: Segment, amount: float, water: Water
) -> tuple[Totaliser, ...]:
    """Return the totals at the begin of a segment, when `amount` L passed in the one before.

    With the flow off, each meter keeps the gain it last had.
    """
    inputs, target = begun.inputs, begun.flow.target * _M3H
    there = density(water.master(begun.t0))
    totals = []
    for meter, total in zip(meters, before.meters, strict=True):
        if meter.position not in inputs.mounted or ("stuck_meter", meter.position) in inputs.ill:
            gain = 0.0
        elif target > 0.0:
            here = density(water.meter(meter.position, begun.t0))
            here_flows = inputs.left_at(meter.position)
            error = meter.error(target) * (ADJUSTED if meter.position in inputs.adjusted else 1.0)
            gain = here_flows * (1.0 + error / 100.0) * there / here
        else:
            gain = total.gain
        totals.append(total.carried(amount, gain))
    return tuple(totals)
