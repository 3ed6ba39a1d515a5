"""The weigh tank: what it holds, what hangs at its filling pipe, how its water swings.

Masses in kg. What comes in while the drain is open runs through; what is above the rim is spilt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from benchctl.simulation import Noise, Response, steady

from .inputs import DRAIN, Inputs

CAPACITY = 150.0
"""kg of water at which the level switch trips; above it the tank spills."""
DRAIN_RATE, DRAIN_TAU = 2.0, 4.0
"""kg/s through the full drain, and the time constant in s of the rest."""
WET, DRAINED, SPREAD = 6e-3, 3e-3, 5e-4
"""kg that hang at the filling pipe while it runs, when it has dripped off, and how that varies."""
DRIP_TAU = 4.0
SWING, SWING_TAU = 0.04, 1.0
"""kg by which the water swings per L/s that falls in, and the time constant in s."""


@dataclass(frozen=True, slots=True)
class Tank:
    """The tank from the beginning of a segment on."""

    mass: float
    hanging: Response
    swing: Response
    spilt: float = 0.0

    @classmethod
    def empty(cls) -> Tank:
        """Return the tank of a new bench."""
        return cls(0.0, steady(DRAINED), steady(0.0))

    def holds(self, inputs: Inputs, t0: float, t: float, arrived: float, loss: float) -> float:
        """Return what would be in it at `t` without a rim.

        `arrived` has come out of the line since `t0`, `loss` is in kg/s.
        """
        if inputs.valves[DRAIN]:
            return drained(self.mass, t - t0)
        dripped = self.hanging.at(t0) - self.hanging.at(t)
        came = arrived + dripped if inputs.diverted else 0.0
        return max(0.0, self.mass + came - (loss + inputs.leaking_drain) * (t - t0))

    def carried(self, held: float, inputs: Inputs, flow: float, t: float, luck: Noise) -> Tank:
        """Return the tank from `t` on, when it would hold `held` without a rim.

        `flow` is the flow in L/s that the line is driven to.
        """
        running = inputs.diverted and flow > 0.0
        swing = SWING * flow if running else 0.0
        return replace(
            self,
            mass=min(held, CAPACITY),
            spilt=self.spilt + max(0.0, held - CAPACITY),
            hanging=self._hanging(inputs.diverted, running, t, luck),
            swing=self.swing
            if swing == self.swing.target
            else Response(t, self.swing.at(t), swing, SWING_TAU),
        )

    def _hanging(self, diverted: bool, running: bool, t: float, luck: Noise) -> Response:
        now = self.hanging.at(t)
        if not diverted:
            return steady(now, t)
        if running:
            return Response(t, now, WET, 1.0)
        if self.hanging.target == WET:
            return Response(t, now, DRAINED + luck.gauss(t, SPREAD), DRIP_TAU)
        return self.hanging


def drained(mass: float, seconds: float) -> float:
    """Return what is left after the drain was open: limited at first, then of first order."""
    knee = DRAIN_RATE * DRAIN_TAU
    full = max(0.0, (mass - knee) / DRAIN_RATE)
    if seconds <= full:
        return mass - DRAIN_RATE * seconds
    return min(mass, knee) * math.exp(-(seconds - full) / DRAIN_TAU)
