"""What the source brings to the meters: set-points, and the power that follows them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

PHASES = (0, 1, 2)
_OFF = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Load:
    """What the source is set to: V, A and degrees by which each current is behind its voltage.

    `voltage`, `current` and `phase` are the set-points for all phases that are wired.
    """

    on: bool = False
    voltages: tuple[float, float, float] = _OFF
    currents: tuple[float, float, float] = _OFF
    angles: tuple[float, float, float] = _OFF
    voltage: float = 0.0
    current: float = 0.0
    phase: float = 0.0
    wiring: int = 3
    element: int = 0
    frequency: float = 50.0
    constant: float = 1200.0
    pulses: int = 10

    def together(self, **changes: float) -> Load:
        """Return the load with set-points that go to all phases that are wired.

        The current goes to the measuring element that is chosen; wiring and element have an effect
        when the next set-point comes.
        """
        new = replace(self, **changes)  # type: ignore[arg-type]  # wiring and element are whole
        wired = [n < new.wiring for n in PHASES]
        if "voltage" in changes:
            new = replace(new, voltages=_where(wired, new.voltage))
        if "current" in changes:
            carries = [wired[n] and new.element in (0, n + 1) for n in PHASES]
            new = replace(new, currents=_where(carries, new.current))
        if "phase" in changes:
            new = replace(new, angles=_where(wired, new.phase))
        return new

    def alone(self, what: str, value: float) -> Load:
        """Return the load with one field changed that is the same for all phases."""
        return replace(self, **{what: value})  # type: ignore[arg-type]  # numbers, all of them

    def of_phase(self, what: str, n: int, value: float) -> Load:
        """Return the load with one set-point of one phase, `what` being the field's name."""
        values = list(getattr(self, what))
        values[n] = value
        return replace(self, **{what: tuple(values)})  # type: ignore[arg-type]  # three of them

    def volts(self, n: int) -> float:
        """Return the voltage at the terminals of a phase."""
        return self.voltages[n] if self.on else 0.0

    def amperes(self, n: int) -> float:
        """Return the current of a phase; it flows with the voltage on only."""
        return self.currents[n] if self.on else 0.0

    def watts(self, n: int) -> float:
        """Return the active power of a phase."""
        return self.volts(n) * self.amperes(n) * math.cos(math.radians(self.angles[n]))

    @property
    def carried(self) -> float:
        """Mean current of the phases that carry one, in A."""
        some = [self.amperes(n) for n in PHASES if self.amperes(n) > 0.0]
        return sum(some) / len(some) if some else 0.0


def _where(those: list[bool], value: float) -> tuple[float, float, float]:
    first, second, third = (value if n else 0.0 for n in those)
    return first, second, third
