"""Everything that was written to the bench or done to it, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field

from .drive import Drive
from .hydraulics import LINES

INLET, OUTLET, FIRST_LINE, DIVERTER, DRAIN = 0, 1, 2, 5, 6
"""Coils of the valve module: inlet valve, outlet valve, the regulating lines from the smallest, the
diverter into the weigh tank, the tank's drain valve. With all coils off the line is shut, what
still comes goes to the return, and the tank keeps its water.
"""
LEAK = 0.03
"""Share of the flow that is lost at a meter that leaks."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that was written to the bench or done to it."""

    drive: Drive = field(default_factory=Drive)
    valves: tuple[bool, ...] = (False,) * 16
    selector: tuple[bool, ...] = (False,) * 48
    mounted: frozenset[int] = frozenset()
    counting: bool = True
    resets: int = 0
    air: float = 0.0
    drifting: float = 0.0
    warm: float = 0.0
    leaking_valve: bool = False
    diverted: bool = False
    """Where the diverter stands; it follows its coil a little later."""
    overflowed: bool = False
    """The tank's level switch has tripped the drive since the tank was last drained."""
    leaking_drain: float = 0.0
    """What the shut drain valve lets through, kg/s."""
    restless: float = 0.0
    """How far a draught moves the balance, kg."""
    zero: float = 0.0
    """How far the master's zero has drifted, L/s."""
    fouled: float = 0.0
    """Share by which the check meter reads low."""
    maladjusted: float = 0.0
    """Share by which the balance reads high."""
    weight: bool = False
    """Whether the check weight stands on the balance."""
    ill: frozenset[tuple[str, int]] = frozenset()
    """Faults of single meters, with their positions."""
    adjusted: frozenset[int] = frozenset()
    """Places of the meters that somebody adjusted."""
    relieved: bool = False
    """Whether somebody holds the vent cock open: the shut line loses its pressure."""

    def leaking(self) -> bool:
        """Return whether a shut line loses its pressure."""
        return self.leaking_valve or bool(self.leaks())

    def leaks(self) -> list[int]:
        """Return the places of the mounted meters that leak."""
        return [place for place in self.mounted if ("leak", place) in self.ill]

    def left_at(self, place: float) -> float:
        """Return the share of the flow that is left where a meter at `place` counts.

        A meter leaks at its inlet joint: it has lost the water already.
        """
        return (1.0 - LEAK) ** sum(leak <= place for leak in self.leaks())

    @property
    def filling(self) -> bool:
        """Whether what comes out of the line stays in the weigh tank."""
        return self.diverted and not self.valves[DRAIN]

    @property
    def through(self) -> bool:
        """Whether outlet and a regulating line are open."""
        return self.valves[OUTLET] and any(self._lines)

    @property
    def _lines(self) -> tuple[bool, ...]:
        return self.valves[FIRST_LINE : FIRST_LINE + len(LINES)]

    def open_lines(self) -> list[int]:
        """Return the open regulating lines, from 0."""
        return [n for n, is_open in enumerate(self._lines) if is_open]
