"""A number that a meter sends with its own unit, as the number that a channel declares.

in_unit(Fraction(800000), "Wh", "kWh")  ->  800.0
"""

from __future__ import annotations

from fractions import Fraction

from benchctl.core.errors import GarbageReplyError
from benchctl.core.messages import msg
from benchctl.core.units import UnitError, same_dimension, unit
from benchctl.driver.values import finite


def in_unit(number: Fraction, told: str, wanted: str) -> float:
    """Return `number`, which is in the unit `told`, in the unit `wanted`; rounded once.

    Raises:
        GarbageReplyError: `told` is no unit, or measures something else.
    """
    try:
        from_ = unit(told)
    except UnitError as error:
        raise _other(told, wanted) from error
    to = unit(wanted)
    if not same_dimension(from_, to):
        raise _other(told, wanted)
    if from_ == to:
        return finite(float(number))
    return finite(float((number * from_.scale + from_.zero - to.zero) / to.scale))


def _other(told: str, wanted: str) -> GarbageReplyError:
    return GarbageReplyError(
        msg("meter.other-unit", told=told or "1", wanted=wanted or "1"),
        hint=msg("meter.hint-other-unit"),
    )
