"""One stretch of the plant's history between two changes: the formulas that hold in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchctl.simulation import Response, Totaliser

from .inputs import Inputs
from .weigh_tank import Tank

Change = Callable[[Inputs], Inputs]


@dataclass(frozen=True, slots=True)
class Segment:
    """The formulas that hold from `t0` on; totals are those at `t0`."""

    t0: float
    inputs: Inputs
    flow: Response
    flowed: float
    """Integral of `flow` at t0."""
    passed: float
    weighed: float
    """Mass in kg that has passed."""
    density: float
    """Of the water in the master at t0, kg/m³."""
    expansion: float
    """How that changes with temperature, kg/m³ per K."""
    pressure: Response
    speed: Response
    room: Response
    setpoints: int
    """How many set-points of flow there were."""
    master: Totaliser
    inventory: float
    """What the master counted before its totals were last reset."""
    fouled: float
    """`passed` when the master began to drift."""
    meters: tuple[Totaliser, ...]
    tank: Tank


def held(before: Response, t: float, target: float | None, tau: float) -> Response:
    """Return the pressure from `t` on; a shut line relaxes by a little, for its pipes creep."""
    start = before.at(t)
    return Response(t, start, 0.997 * start if target is None else target, tau)


def towards(before: Response, target: float, tau: float, t: float) -> Response:
    """Return the response from `t` on; the same one while nothing changes."""
    if before.target == target and before.tau == tau:
        return before
    return Response(t, before.at(t), target, tau)
