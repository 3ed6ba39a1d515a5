"""The water's temperature along the line and over the hours."""

from __future__ import annotations

from dataclasses import dataclass

from benchctl.simulation import Response, Ripple

PUMP_HEAT = Response(0.0, 0.0, 0.4, 5400.0)
"""How the pump warms the water over the hours, K."""


@dataclass(frozen=True, slots=True)
class Water:
    """Temperatures in °C at bench times in s.

    `gradient` is the temperature of the master minus that at the inlet in K; between them it
    changes evenly over `places` places for meters.
    """

    mean: float
    gradient: float
    wander: Ripple
    places: int

    def inlet(self, t: float) -> float:
        """Return the temperature at the inlet."""
        return self.mean + PUMP_HEAT.at(t) + self.wander.at(t)

    def master(self, t: float) -> float:
        """Return the temperature in the master, behind the meters."""
        return self.inlet(t) + self.gradient

    def meter(self, position: int, t: float) -> float:
        """Return the temperature in the meter at a position."""
        return self.inlet(t) + (position - 0.5) / self.places * self.gradient

    def warming(self, t0: float, t: float) -> float:
        """Return the integral over time of the rise since `t0`, in K s."""
        risen = PUMP_HEAT.integral(t) - PUMP_HEAT.integral(t0) + self.wander.integral(t0, t)
        return risen - (PUMP_HEAT.at(t0) + self.wander.at(t0)) * (t - t0)
