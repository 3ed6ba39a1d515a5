"""A multimeter as it truly is: in each function and range a gain and an offset of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchctl.simulation import Noise, SimulatedUut

OHMS = {1e2: (0.01, 0.004), 1e6: (0.01, 0.001), 1e7: (0.04, 0.001), 1e8: (0.8, 0.01)}
TYPICAL = {
    "VOLT:DC": {
        0.1: (0.005, 0.0035),
        1.0: (0.004, 0.0007),
        10.0: (0.0035, 0.0005),
        100.0: (0.0045, 0.0006),
        1000.0: (0.0045, 0.001),
    },
    "VOLT:AC": dict.fromkeys((0.1, 1.0, 10.0, 100.0, 750.0), (0.06, 0.03)),
    "CURR:DC": {0.01: (0.05, 0.02), 0.1: (0.05, 0.005), 1.0: (0.1, 0.01), 3.0: (0.12, 0.02)},
    "CURR:AC": dict.fromkeys((1.0, 3.0), (0.1, 0.04)),
    "RES": OHMS | dict.fromkeys((1e3, 1e4, 1e5), (0.01, 0.001)),
    "FRES": OHMS | dict.fromkeys((1e3, 1e4, 1e5), (0.01, 0.001)),
}
"""Gain and offset that a meter may have after a year, in % of reading and of range; here only to
draw meters by."""
KINDS = ("good", "gain", "borderline", "good", "offset", "good")
SPOILT = {
    "gain": ("VOLT:DC", 100.0, 1.7, 1.7),
    "offset": ("FRES", 1e3, 0.3, 4.0),
    "borderline": ("VOLT:DC", 10.0, 1.0, 1.0),
}
"""By kind: function, range, gain and offset in shares of what is typical."""
NOISE = 2e-7
"""Standard deviation of a reading, as a share of the range."""
LEADS = 0.08
"""Ω of two leads."""


@dataclass(frozen=True, slots=True)
class Meter:
    """One multimeter: by function and range its gain and offset, as shares."""

    unit: SimulatedUut
    kind: str
    shares: dict[tuple[str, float], tuple[float, float]]

    def error(self, function: str, at: float, value: float) -> float:
        """Return by how much it shows too much of a value, on a range, in the value's unit."""
        gain, offset = self.shares[function, at]
        reading, of_range = TYPICAL[function][at]
        shown = gain * reading * value + offset * of_range * at
        return shown / 100.0 + (LEADS if function == "RES" else 0.0)


def meters(seed: int, units: Sequence[SimulatedUut]) -> tuple[Meter, ...]:
    """Return the meters of a batch, drawn from the seed."""
    return tuple(_meter(seed, unit) for unit in units)


def _meter(seed: int, unit: SimulatedUut) -> Meter:
    luck = Noise(seed, f"meter {unit.serial}")
    kind = KINDS[(unit.position - 1) % len(KINDS)]
    shares = {
        (function, at): (
            luck.uniform(f"gain {function} {at:g}", -0.35, 0.35),
            luck.uniform(f"offset {function} {at:g}", -0.3, 0.3),
        )
        for function, ranges in TYPICAL.items()
        for at in ranges
    }
    if kind in SPOILT:
        function, at, gain, offset = SPOILT[kind]
        near = luck.uniform("near", 0.97, 1.03) if kind == "borderline" else 1.0
        shares[function, at] = (gain * near, offset * near)
    return Meter(unit, kind, shares)
