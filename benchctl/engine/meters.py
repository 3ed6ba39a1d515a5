"""A unit under test while it totalises: its indication, and the interval in which that moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchctl.bench import Channel
from benchctl.core.series import Series
from benchctl.engine.session import Session
from benchctl.procedure.plan import Member


@dataclass(slots=True)
class Meter:
    """A unit while it totalises; `interval` is its scale interval in the indication's unit."""

    member: Member
    channel: Channel
    series: Series
    interval: float
    failures: int = 0
    gone: bool = False


def meters_of(session: Session, members: Sequence[Member]) -> list[Meter]:
    """Return the members of a visit that still take part, each with an empty series."""
    procedure = session.procedure
    role = next(r for r in procedure.measurand.model.names if procedure.needs[r].per_uut)
    meters = []
    for member in members:
        if member.serial in session.dropped:
            continue
        channel = session.bench.channel(role, serial=member.serial)
        series = Series(f"meter/{member.serial}", (role,), (channel.unit,))
        meters.append(Meter(member, channel, series, _interval(session, member, channel)))
    return meters


def _interval(session: Session, member: Member, channel: Channel) -> float:
    """Return the interval that the procedure declares, else the resolution of the channel."""
    env = session.subjects[member.serial].resolved.env
    for component in session.procedure.measurand.inputs.get(channel.role, ()):
        if component.kind == "resolution" and component.value is not None:
            return float(component.value(env))
    return channel.resolution
