"""After a run: have a person read what the model takes of each unit beside its indication."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchctl.acquire import Task
from benchctl.core.errors import NotMeasuredError
from benchctl.engine.entries import NoEntryError, read_entry
from benchctl.engine.person import Entry
from benchctl.language import ExpressionError

if TYPE_CHECKING:
    from benchctl.bench import Channel
    from benchctl.engine.measuring import Measuring
    from benchctl.engine.meters import Meter
    from benchctl.engine.session import Session


def ask_own(session: Session, way: Measuring) -> Task[None]:
    """Ask for everything that is still missing, one unit after the other."""
    for meter in way.meters:
        for channel in way.seen.own.missing(meter.member.serial):
            if not meter.gone:
                yield from _ask(session, way, meter, channel)


def _ask(session: Session, way: Measuring, meter: Meter, channel: Channel) -> Task[None]:
    member, own = meter.member, way.seen.own
    role, serial = channel.role, member.serial
    interval = interval_of(session, meter, channel)

    def near(entry: Entry) -> bool:
        return session.judges and _may_fail(session, way, meter, role, (entry.value, interval))

    try:
        entry = yield from read_entry(session, member, channel, interval=interval, near=near)
    except NoEntryError as error:
        if error.garbage:
            meter.gone = True
            session.drop(serial, error.problem)
        else:
            meter.refuse(error.problem)
        return
    own.suppose(role, serial, entry.value)
    own.keep(role, serial, entry.before, entry.after)


def interval_of(session: Session, meter: Meter, channel: Channel) -> float:
    """Return the scale interval of what is read, in the role's unit, as the procedure has it."""
    env = session.point(meter.member.serial, meter.member.point).env
    for component in session.part(meter.member.point).measurand.inputs.get(channel.role, ()):
        if component.kind == "resolution" and component.value is not None:
            return float(component.value(session.facts.names() | dict(env)))
    return channel.resolution


def _may_fail(
    session: Session, way: Measuring, meter: Meter, role: str, entry: tuple[float, float]
) -> bool:
    """Return whether an entry, or one an interval beside it, gives a result beyond a limit."""
    member, (value, interval) = meter.member, entry
    point = session.point(member.serial, member.point)
    low, high = point.mpe
    for shift in (-interval, 0.0, interval):
        way.seen.own.suppose(role, member.serial, value + shift)
        try:
            found = float(point.model(way.values(meter, way.total_of(meter))))
        except (NotMeasuredError, ExpressionError):
            return False  # more is to be read first
        if not low < found < high:
            return True
    return False
