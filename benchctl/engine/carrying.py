"""What the model has from another point of the same unit: its value there, and its uncertainty.

The value is that of all runs of the point, as it is judged; at the point itself it is exactly 0.
Its uncertainty is a line `carried` of the budget, taken as independent of what is measured here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import msg
from benchctl.core.units import difference_factor, same_dimension, unit

if TYPE_CHECKING:
    from benchctl.engine.references import Line
    from benchctl.engine.session import Session

SOURCE = "carried"
"""How a budget calls it."""


def carried_values(session: Session, serial: str, point: str) -> dict[str, float]:
    """Return what is carried to a point, by name of the model.

    Raises:
        NotMeasuredError: the other point was not measured.
    """
    found = {}
    for name, other in session.part(point).measurand.carry.items():
        if other == point:
            found[name] = 0.0
            continue
        errors = session.state(serial, other).errors
        if not errors:
            raise NotMeasuredError(msg("engine.not-carried", name=name, point=other))
        mean = errors[0] + sum(e - errors[0] for e in errors) / len(errors)
        found[name] = mean * _factor(session, other, point)
    return found


def carried_lines(session: Session, serial: str, point: str, name: str) -> list[Line]:
    """Return what a carried value is uncertain by: its U over k, with its degrees of freedom."""
    other = session.part(point).measurand.carry.get(name)
    if other is None or other == point:
        return []
    from benchctl.engine.deciding import made_of  # which judges what is made of these lines

    state = session.state(serial, other)
    if not state.U:
        return []
    made = made_of(session.part(other), state)
    u = made.U / made.k * _factor(session, other, point)
    distribution = "normal" if math.isinf(made.dof) else "t"
    return [(SOURCE, u, distribution, made.dof)] if u > 0 else []


def _factor(session: Session, other: str, point: str) -> float:
    """Return what takes a value at another point to the unit of the measurand here.

    Raises:
        NotMeasuredError: it is of another kind.
    """
    given, wanted = (unit(session.part(p).measurand.unit) for p in (other, point))
    if not same_dimension(given, wanted):
        units = {"unit": given.symbol, "to": wanted.symbol}
        raise NotMeasuredError(msg("procedure.unit-misfit", **units))
    return difference_factor(given, wanted)
