"""The meters under test: what each of them truly is, drawn from the seed.

In the order of their positions, of twelve: seven good ones, one wrong at high currents, one whose
phase displacement shows with a power factor below 1, one close to a limit, one that creeps, one
that starts too late. Clock and register are right but for one each of twenty-four. The limits stand
here only to draw meters by; the bench does not judge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchctl.simulation import ErrorCurve, Noise, SimulatedUut, with_parameters

from .load import PHASES, Load

USUAL = {
    "Un": 220.0,
    "Ib": 5.0,
    "Imax": 60.0,
    "meter_constant": 1200.0,
    "phases": 1.0,
    "b": 1.0,
    "direct": 1.0,
}
"""Voltage, currents, constant, elements; the class in %; whether they have no transformers."""
KINDS = (
    *("good", "good", "currents", "good", "good", "phase"),
    *("good", "creeping", "good", "borderline", "good", "late"),
)
JOULES = 3.6e6
"""Per kWh."""
TICK, RESTLESS = 0.002, 0.4
"""Seconds of the raster in which the processor of a meter gives its pulses; by how much those of
one that is not in order come and go.
"""
SLUGGISH, STALLS = 0.6, 0.4
"""What a meter counts below its starting current, down to this share of it."""
ADJUSTED = 0.1
"""Share of a meter's errors that is left once somebody adjusted it."""
CLOCK, REGISTER = 5, 9
"""Positions (and every 24th after) whose clock is fast, whose register counts too much."""


@dataclass(frozen=True, slots=True)
class Meter:
    """One meter: `error` in % over the current in A; `behind` what its phases are displaced by.

    `elements` are what each phase adds to the error in %, `start` is the current in A below which
    it counts too little and then nothing, `creep` what it counts in W with the voltage alone,
    `clock` by how much its clock is fast in s/d, `register` by how much its register shows too much
    in %.
    """

    unit: SimulatedUut
    kind: str
    error: ErrorCurve
    behind: float
    elements: tuple[float, float, float]
    start: float
    creep: float
    clock: float
    register: float

    @property
    def per_joule(self) -> float:
        """Pulses per J that it registers."""
        return self.unit.parameters["meter_constant"] / JOULES

    def of_phase(self, load: Load, n: int) -> float:
        """Return the error in % of what it registers of one phase."""
        angle = math.radians(load.angles[n])
        displaced = 100.0 * self.behind * math.tan(angle) if abs(math.cos(angle)) > 0.01 else 0.0
        return self.error(load.amperes(n)) + displaced + self.elements[n]

    def shown(self, load: Load) -> float:
        """Return its error in % at a load that it counts."""
        watts = [load.watts(n) for n in PHASES]
        total = sum(watts)
        if total == 0.0:
            return 0.0
        return sum(p * self.of_phase(load, n) for n, p in enumerate(watts) if p) / total

    def gain(self, load: Load, left: float = 1.0) -> float:
        """Return what it registers of what passes: 1 + error where it has started.

        `left` is the share of its errors that an adjustment left.
        """
        started = load.carried / self.start
        share = 1.0 if started >= 1.0 else SLUGGISH if started >= STALLS else 0.0
        return share * (1.0 + left * self.shown(load) / 100.0)


def meters(seed: int, units: Sequence[SimulatedUut]) -> tuple[Meter, ...]:
    """Return the meters of a batch; the same serial numbers give the same meters."""
    return tuple(_meter(seed, with_parameters(unit, **USUAL)) for unit in units)


def _meter(seed: int, unit: SimulatedUut) -> Meter:
    luck = Noise(seed, f"meter {unit.serial}")
    has = unit.parameters
    kind = KINDS[(unit.position - 1) % len(KINDS)]
    limit = has["b"]
    basic, most = has["Ib"], has["Imax"]
    flat = luck.uniform("flat", -0.35, 0.35) * limit
    errors = [
        (0.02 * basic, flat + luck.uniform("low", -0.3, 0.3) * limit),
        (basic, flat),
        (most, flat + luck.uniform("high", -0.2, 0.2) * limit),
    ]
    behind = luck.uniform("behind", -0.001, 0.001) * limit
    if kind == "currents":
        errors = [(0.02 * basic, 0.0), (basic, 0.2 * limit), (most, 1.7 * limit)]
    elif kind == "phase":
        errors, behind = [(0.02 * basic, 0.0), (most, 0.1 * limit)], 0.011 * limit
    elif kind == "borderline":
        near = luck.uniform("near", 0.97, 1.03) * limit
        errors, behind = [(0.02 * basic, 0.6 * limit), (basic, near), (most, 0.6 * limit)], 0.0
    weakest = basic * (0.001 if limit < 1.0 else 0.004 if has["direct"] else 0.002)
    start = weakest * (2.0 if kind == "late" else luck.uniform("start", 0.2, 0.7))
    allowed = has["Un"] * most * has["phases"] * 1e-4
    return Meter(
        unit,
        kind,
        ErrorCurve(errors),
        behind,
        _elements(luck, limit) if has["phases"] > 1.0 else (0.0, 0.0, 0.0),
        start,
        4.0 * allowed if kind == "creeping" else 0.0,
        luck.uniform("clock", -0.3, 0.3) + (1.2 if (unit.position - CLOCK) % 24 == 0 else 0.0),
        5.0 * limit if (unit.position - REGISTER) % 24 == 0 else 0.0,
    )


def _elements(luck: Noise, limit: float) -> tuple[float, float, float]:
    """Return what the phases differ by; over all three they cancel."""
    first, second = (luck.uniform(f"element {n}", -0.1, 0.1) * limit for n in (1, 2))
    return first, second, -first - second
