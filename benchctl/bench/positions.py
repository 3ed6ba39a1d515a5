"""A channel for every position of the line: whether it fits a role, and what a count is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchctl.bench.file import EachPosition, OneChannel
from benchctl.bench.through import through_misfit
from benchctl.core.errors import UsageError
from benchctl.core.messages import Message, msg
from benchctl.core.results import Uut
from benchctl.core.suggest import closest
from benchctl.core.units import Unit, difference_factor, same_dimension, unit

if TYPE_CHECKING:
    from benchctl.bench.wiring import Wiring


def unfit_positions(wiring: Wiring, role: str, binding: EachPosition) -> list[Message]:
    """Return what keeps the channels of the positions from serving a role."""
    scale = binding.scale
    if isinstance(scale, str) and scale not in wiring.parameters:
        return []  # another procedure's parameter: only a unit that is read so needs it
    worth = _unit_of_count(wiring, binding)
    wanted = wiring.role_unit(role)
    found: list[Message] = []
    vias = binding.vias or (None,) * len(binding.channels)
    for name, via in zip(binding.channels, vias, strict=True):
        declared = wiring.declared(name)
        if declared is None:
            found.append(wiring.no_channel(role, name))
            continue
        counts = unit(declared.unit)
        if worth is None:
            own = counts if via is None else via.role_unit
            fits, has = same_dimension(own, wanted), own.symbol
            found += through_misfit(role, OneChannel(name, via), counts)
        else:
            fits = not any(counts.dimension) and same_dimension(worth, wanted)
            has = f"{counts.symbol} × {worth.symbol}"
        if not fits:
            found.append(
                msg(
                    "bench.unit-misfit",
                    role=role,
                    channel=str(name),
                    has=has,
                    wanted=wanted.symbol,
                )
            )
    return found


def _unit_of_count(wiring: Wiring, binding: EachPosition) -> Unit | None:
    scale = binding.scale
    if isinstance(scale, str):
        return unit(wiring.parameters[scale])
    return None if scale is None else scale.unit


def count_worth(wiring: Wiring, role: str, binding: EachPosition, uut: Uut | None) -> float | None:
    """Return what one count of a unit's channel is worth in the role's unit.

    None where the channels are in a unit of their own, or where nobody says which unit it is.

    Raises:
        UsageError: the procedure has no such parameter.
    """
    scale = binding.scale
    if isinstance(scale, str):
        if uut is None:
            return None
        if scale not in wiring.parameters:
            near = closest(scale, wiring.parameters) or ", ".join(wiring.parameters)
            raise UsageError(msg("bench.no-parameter", role=role, name=scale, known=near))
        value = uut.parameters[scale]
        of = unit(wiring.parameters[scale])
        return float(value) * difference_factor(of, wiring.role_unit(role))
    return None if scale is None else scale.to(wiring.role_unit(role), difference=True)
