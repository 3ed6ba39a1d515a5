"""What the seed makes of this bench: its errors, its temperatures, how everything wanders."""

from __future__ import annotations

from dataclasses import dataclass

from benchctl.simulation import Noise, Ripple

from .hydraulics import LINES

REFERENCE_U = 0.10
"""Expanded uncertainty (k = 2) of the master in %, as its certificate says."""
BALANCE_U = 0.010
"""Expanded uncertainty (k = 2) of the balance in % of the reading, as its certificate says."""
DISPLACEMENT, DISPLACEMENT_U = 0.9971, 0.0002
"""Mass / reading of the tank with its dip pipe, with its expanded uncertainty (k = 2)."""


@dataclass(frozen=True, slots=True)
class Character:
    """What the seed makes of this bench."""

    master_error: float
    line_errors: tuple[float, ...]
    head_error: float
    water: float
    gradient: float
    """Temperature of the master minus that at the inlet, K."""
    ambient: float
    humidity: float
    air_pressure: float
    """Of the room, kPa."""
    balance_error: float
    check_error: float
    """Relative error of the check meter."""
    check_weight: float
    """True mass of the check weight, kg."""
    displacement: float
    evaporation: float
    """What the covered tank loses, kg/s."""
    diverter: tuple[float, float]
    """Errors of the instants at which the diverter acts, off and on, s."""

    @classmethod
    def drawn(cls, seed: int) -> Character:
        """Return the character of a seed."""
        luck = Noise(seed, "bench")
        return cls(
            master_error=_within(luck.gauss("master", REFERENCE_U / 200.0), 1.2e-3),
            line_errors=tuple(
                _within(luck.gauss(f"line{n}", 6e-3), 1.2e-2) for n in range(len(LINES))
            ),
            head_error=_within(luck.gauss("head", 5e-3), 1e-2),
            water=luck.uniform("water", 18.5, 21.5),
            gradient=luck.uniform("gradient", -0.25, 0.25),
            ambient=luck.uniform("ambient", 19.5, 21.5),
            humidity=luck.uniform("humidity", 42.0, 62.0),
            air_pressure=luck.uniform("air pressure", 99.5, 102.5),
            balance_error=_within(luck.gauss("balance", BALANCE_U / 200.0), 1.2e-4),
            check_error=_within(luck.gauss("check meter", 5e-4), 1e-3),
            check_weight=20.0 + _within(luck.gauss("check weight", 5e-4), 1e-3),
            displacement=DISPLACEMENT
            + _within(luck.gauss("displacement", DISPLACEMENT_U / 2.0), 2.5e-4),
            evaporation=luck.uniform("evaporation", 2e-7, 1e-6),
            diverter=(luck.gauss("diverter off", 4e-3), luck.gauss("diverter on", 4e-3)),
        )


def _within(value: float, most: float) -> float:
    return min(max(value, -most), most)


@dataclass(frozen=True, slots=True)
class Wander:
    """The smooth wanders of a seed."""

    flow: Ripple
    air: Ripple
    pressure: Ripple
    water: Ripple
    ambient: Ripple
    humidity: Ripple
    air_pressure: Ripple

    @classmethod
    def drawn(cls, seed: int) -> Wander:
        """Return the wanders of a seed."""
        return cls(
            flow=Ripple(seed, "flow", rms=2.1e-3, periods=(12.0, 60.0)),
            air=Ripple(seed, "air", rms=4e-2, periods=(2.0, 7.0)),
            pressure=Ripple(seed, "pressure", rms=2e-3, periods=(5.0, 20.0)),
            water=Ripple(seed, "water", rms=0.05, periods=(200.0, 900.0)),
            ambient=Ripple(seed, "ambient", rms=0.15, periods=(300.0, 1500.0)),
            humidity=Ripple(seed, "humidity", rms=0.6, periods=(300.0, 1500.0)),
            air_pressure=Ripple(seed, "air pressure", rms=0.03, periods=(900.0, 5000.0)),
        )
