"""What valves and pump drive the line to: flow in L/s and pressure in MPa, time constants in s."""

from __future__ import annotations

from .character import Character
from .hydraulics import LINES, REST, head, shape
from .inputs import INLET, Inputs

_M3H = 3.6
_LEAK_TAU = 600.0


def driven_flow(inputs: Inputs, character: Character) -> tuple[float, float]:
    """Return the flow that the inputs drive, and the time constant towards it."""
    speed = inputs.drive.speed
    lines = inputs.open_lines()
    if not (inputs.valves[INLET] and inputs.through):
        return 0.0, 0.4
    if speed <= 0.0:
        return 0.0, 2.0
    capacity = sum(LINES[n].capacity * (1.0 + character.line_errors[n]) for n in lines)
    return capacity * shape(speed) / _M3H, LINES[lines[-1]].tau


def driven_pressure(inputs: Inputs, character: Character) -> tuple[float | None, float]:
    """Return the pressure that the inputs drive, None for the one that is there.

    The second value is the time constant towards it.
    """
    inlet, speed = inputs.valves[INLET], inputs.drive.speed
    if inlet and speed > 0.0:
        top = head(speed) * (1.0 + character.head_error)
        return (0.05 + 0.1 * top if inputs.through else top), 1.5
    if inputs.through:
        return (REST if inlet else 0.0), 1.0
    if inlet:
        return REST, 3.0
    if inputs.relieved:
        return 0.0, 1.0
    if inputs.leaking():
        return 0.0, _LEAK_TAU
    return None, 100.0
