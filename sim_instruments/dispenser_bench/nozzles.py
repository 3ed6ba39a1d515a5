"""What nozzles of a dispenser really are, drawn from the seed: their errors, how they repeat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchctl.simulation import Noise, SimulatedUut, with_parameters

KINDS = ("good", "borderline", "bad", "good", "unsteady", "wrong price")
"""By position, over and over."""
LIMIT = 0.30
USUAL = {"highest_flow": 45.0, "fuel_expansion": 0.0012, "display_step": 0.01, "unit_price": 7.85}


@dataclass(slots=True)
class Nozzle:
    """A nozzle: its error in % at the highest flow, by how much it differs at half of that."""

    unit: SimulatedUut
    kind: str
    error: float
    slope: float
    scatter: float
    """Half of the range of its runs in %."""
    price_off: float
    """Share by which the amount is wrong."""
    adjusted: bool = False

    def at(self, flow: float) -> float:
        """Return the true error in % at a flow in L/min."""
        share = flow / self.unit.parameters["highest_flow"]
        return self.error + self.slope * (1.0 - share)

    def run(self, flow: float, n: int) -> float:
        """Return the error in % of the n-th fill at a flow."""
        return self.at(flow) + self.scatter * (n % 3 - 1)

    def adjust(self) -> None:
        """Bring it to zero at the highest flow, as far as a mechanic can."""
        self.error, self.adjusted = 0.02, True


def nozzles(seed: int, units: Sequence[SimulatedUut]) -> list[Nozzle]:
    """Return the nozzle of each unit, by the kind of its position."""
    found = []
    for unit in units:
        luck = Noise(seed, f"nozzle {unit.position}")
        kind = KINDS[(unit.position - 1) % len(KINDS)]
        sign = 1.0 if luck.uniform("sign", -1.0, 1.0) > 0 else -1.0
        error = luck.uniform("error", -0.12, 0.12)
        if kind == "borderline":
            error = sign * luck.uniform("error", 0.20, 0.23)
        elif kind == "bad":
            error = sign * luck.uniform("error", 0.55, 0.8)
        found.append(
            Nozzle(
                unit=with_parameters(unit, **USUAL),
                kind=kind,
                error=error,
                slope=luck.uniform("slope", -0.03, 0.03),
                scatter=0.16 if kind == "unsteady" else luck.uniform("scatter", 0.0, 0.02),
                price_off=0.004 if kind == "wrong price" else 0.0,
            )
        )
    return found
