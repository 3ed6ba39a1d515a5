"""The balance under the weigh tank: what it feels of the water, and the MT-SICS it speaks.

It was adjusted with weights of 8000 kg/m³ and zeroed with the empty tank on it. The dip pipe, which
is hung up elsewhere, displaces water as the tank fills: the balance feels that as more mass.
"""

from __future__ import annotations

import math

from benchctl.simulation import MtSicsBalance, Noise, Ripple

from .air import air_density, buoyed
from .hydraulics import density
from .plant import Plant

MODEL, SERIAL = "KCC150 SIM", "B622014785"
CAPACITY, STEP = 150.0, 0.001
"""kg; the capacity counts from the empty tank on, and is exceeded just before the tank is full."""
NOISE, WANDER = 3e-4, 5e-4
"""Standard deviation of a single reading, and of the slow wander of the zero, kg."""
_SWING_PERIOD, _DRAUGHT_PERIOD = 0.9, 0.37


class Balance:
    """The balance of a plant; `instrument` is what hangs on its bus."""

    def __init__(self, plant: Plant, seed: int) -> None:
        self._plant = plant
        self._wander = Ripple(seed, "balance", rms=WANDER, periods=(600.0, 3000.0))
        noise = Noise(seed, "balance")
        self.instrument = MtSicsBalance(
            MODEL,
            SERIAL,
            capacity=CAPACITY,
            step=STEP,
            load=self.load,
            noise=lambda t: noise.gauss(t, NOISE),
        )

    def load(self, t: float) -> float:
        """Return what the balance feels in kg, with its own errors but for noise."""
        plant = self._plant
        s = plant.at(t)
        swing = s.tank.swing.at(t) * math.sin(math.tau * t / _SWING_PERIOD)
        draught = s.inputs.restless * math.sin(math.tau * t / _DRAUGHT_PERIOD)
        felt = plant.tank_mass(t) / plant.character.displacement * self.buoyancy(t)
        weight = plant.character.check_weight if s.inputs.weight else 0.0
        error = 1.0 + plant.character.balance_error + s.inputs.maladjusted
        return (felt + weight + swing + draught) * error + self._wander.at(t)

    def buoyancy(self, t: float) -> float:
        """Return reading / mass of the water in the tank, for the air around it."""
        plant = self._plant
        air = air_density(plant.ambient_temperature(t), plant.air_pressure(t), plant.humidity(t))
        return buoyed(density(plant.master_temperature(t)), air)
