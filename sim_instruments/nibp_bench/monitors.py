"""The sphygmomanometers under test: what each of them truly is.

In the order of their positions: a good one, one that reads high, one that leaks, one whose blood
pressures scatter, one that deflates too fast and empties too slowly, one close to a limit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchctl.simulation import Noise, SimulatedUut

KINDS = ("good", "static", "leaking", "scattering", "valves", "borderline")
LIMIT = 3.0
"""mmHg of error at first verification; here only to draw units by, the bench does not judge."""
SCATTER = (0.0, 3.5, -3.5, 2.0, -1.0)
"""Of five measurements, in standard deviations of `scatter`: their range is the same for all."""


@dataclass(frozen=True, slots=True)
class Monitor:
    """One unit; pressures in mmHg.

    `offset` and `gain` make its error; `leak` is in mmHg/min, `falls` how fast it deflates in
    mmHg/s, `empties` the time constant of its rapid exhaust in s, `scatter` that of its blood
    pressures.
    """

    unit: SimulatedUut
    kind: str
    offset: float
    gain: float
    leak: float
    falls: float
    empties: float
    scatter: float

    def error(self, pressure: float) -> float:
        """Return by how much it reads high."""
        return self.offset + self.gain * pressure

    def systolic(self, true: float, n: int) -> float:
        """Return what it finds the n-th time."""
        return true + 1.5 + self.scatter * SCATTER[n % len(SCATTER)]

    def exhaust(self, high: float, low: float) -> float:
        """Return how long it takes from one pressure to another, in s."""
        return self.empties * math.log(high / low)


def monitors(seed: int, units: Sequence[SimulatedUut]) -> tuple[Monitor, ...]:
    """Return the units of a batch, drawn from the seed."""
    return tuple(_monitor(seed, unit) for unit in units)


def _monitor(seed: int, unit: SimulatedUut) -> Monitor:
    luck = Noise(seed, f"monitor {unit.serial}")
    kind = KINDS[(unit.position - 1) % len(KINDS)]
    offset, gain = luck.uniform("offset", -0.3, 0.3), luck.uniform("gain", -0.003, 0.003)
    if kind == "static":
        offset, gain = 0.5, 0.022
    elif kind == "borderline":
        offset = luck.uniform("near", 0.92, 1.08) * LIMIT - 250.0 * gain
    return Monitor(
        unit,
        kind,
        offset,
        gain,
        8.5 if kind == "leaking" else luck.uniform("leak", 1.0, 3.5),
        3.6 if kind == "valves" else luck.uniform("falls", 2.3, 2.7),
        5.0 if kind == "valves" else luck.uniform("empties", 1.2, 2.4),
        2.4 if kind == "scattering" else luck.uniform("scatter", 0.2, 0.6),
    )
