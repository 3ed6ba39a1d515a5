"""What a calibration between a channel and a role does to readings, to units, and to U.

take = Through(weir, ChannelName("logger", "level"), unit("mm"), unit("m³/h"))
take(100.0)                              # a level in mm becomes a flow in m³/h
u_through(weir, certified, 1340.0, unit("m³/h"), unit("mm"))       # (u, dof) at that flow
"""

from __future__ import annotations

from benchctl.bench.certificate import Certified, Standard
from benchctl.bench.curves import Via
from benchctl.bench.file import ChannelName, OneChannel
from benchctl.bench.standards import out_of_range, standard_uncertainty
from benchctl.core.errors import NotANumberError, RefusedError
from benchctl.core.messages import Message, msg
from benchctl.core.units import Unit, converter, difference_factor, same_dimension


class Through:
    """What a channel's number is for its role, through a calibration.

    Raises when called:
        NotANumberError: the reading lies outside the calibration; nothing is extrapolated.
    """

    __slots__ = ("_into", "_name", "_out", "via")

    def __init__(self, via: Via, name: ChannelName, channel_unit: Unit, role_unit: Unit) -> None:
        self.via = via
        self._name = name
        self._into = converter(channel_unit, via.channel_unit)
        self._out = converter(via.role_unit, role_unit)

    def __call__(self, value: float) -> float:
        """Return the role's value for the channel's, each in its own unit."""
        (factor, offset), (f, o) = self._into, self._out
        try:
            return self.via.to_role(value * factor + offset) * f + o
        except RefusedError as error:
            name = self._name
            raise NotANumberError(
                msg("bench.reading-beyond", channel=str(name), what=error.message),
                instrument=name.instrument,
                channel=name.channel,
            ) from error


def u_through(
    via: Via, certified: Certified, value: float, of: Unit, own: Unit
) -> tuple[float, float]:
    """Return u of a role's value through a calibration, and its degrees of freedom.

    It is the channel's u times the slope there (JCGM 100, 5.1.2). A value outside the calibration
    cannot be measured; an estimate of its u is that at the nearer end, with the steepest slope.

    Args:
        via: The calibration.
        certified: What the certificate of the channel states.
        value: The role's value.
        of: Unit of the role.
        own: Unit of the channel.
    """
    factor, offset = converter(of, via.role_unit)
    try:
        x = via.to_channel(value * factor + offset)
        slope = abs(via.slope(x))
    except RefusedError:
        low, high = via.ends
        near_low = abs(value * factor + offset - via.to_role(low))
        near_high = abs(value * factor + offset - via.to_role(high))
        x, slope = low if near_low < near_high else high, via.steepest
    factor, offset = converter(via.channel_unit, own)
    u, dof = standard_uncertainty(certified, x * factor + offset, own)
    in_via = u * difference_factor(own, via.channel_unit) * slope
    return in_via * difference_factor(via.role_unit, of), dof


def out_of_range_through(
    via: Via, standard: Standard, channel: str, value: float, of: Unit
) -> Message | None:
    """Return why calibration or certificate do not hold at a role's value; None where they do."""
    factor, offset = converter(of, via.role_unit)
    try:
        x = via.to_channel(value * factor + offset)
    except RefusedError as error:
        return error.message
    return out_of_range(standard, channel, x, via.channel_unit)


def misfit(role: str, channel: ChannelName, has: Unit, wanted: Unit) -> Message:
    """Return that a channel has a unit of another kind than a role wants."""
    return msg(
        "bench.unit-misfit",
        role=role,
        channel=str(channel),
        has=has.symbol,
        wanted=wanted.symbol,
    )


def through_misfit(role: str, part: OneChannel, own: Unit) -> list[Message]:
    """Return that a calibration begins in a unit of another kind than the channel's `own`."""
    if part.via is None or same_dimension(part.via.channel_unit, own):
        return []
    return [misfit(f"{role} via {part.via.name}", part.channel, own, part.via.channel_unit)]
