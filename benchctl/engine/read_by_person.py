"""Have a person read units beside the reference; every entry is in the record.

A dial is read once for each reading that the rule wants. An entry outside of what the procedure
calls plausible is asked for again, and so is one where one interval of the dial would bring the
result over a limit; of at most three two must agree, as for a register. What is no number is asked
again, and a unit of which nobody can type one is dropped. The person is not shown what is expected:
who knows it reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchctl.acquire import Count, Task
from benchctl.engine.ask_own import interval_of
from benchctl.engine.entries import NoEntryError, read_entries
from benchctl.engine.person import Entry, within_reach
from benchctl.engine.session import Session

if TYPE_CHECKING:
    from benchctl.bench import Channel
    from benchctl.engine.read_unit import ReadUnit


def ask_readings(session: Session, units: Sequence[ReadUnit]) -> Task[None]:
    """Ask for one reading of each unit, one position after the other."""
    for unit in units:
        if not unit.meter.gone:
            yield from _ask(session, unit)


def _ask(session: Session, unit: ReadUnit) -> Task[None]:
    """Have a unit read until an entry counts, with what else a person reads of it for one reading.

    What was typed once and makes a result beyond a limit, together, is confirmed one by one: nobody
    can tell which of them was mistyped.
    """
    meter, own = unit.meter, unit.seen.own
    serial = meter.member.serial
    at_once = unit.rule == Count(1)
    roles = [meter.channel, *(own.missing(serial) if at_once else ())]
    typed: dict[str, list[Entry]] = {}

    def read(channel: Channel, known: Sequence[Entry] = ()) -> Task[None]:
        first = channel is meter.channel
        interval = meter.interval if first else interval_of(session, meter, channel)

        def near(entry: Entry) -> bool:
            if not first:
                own.suppose(channel.role, serial, entry.value)
            indication = entry if first else typed[meter.channel.role][-1]
            return _near(session, unit, indication)

        entries = yield from read_entries(
            session, meter.member, channel, interval=interval, near=near, known=known
        )
        typed[channel.role] = entries
        if not first:
            own.suppose(channel.role, serial, entries[-1].value)

    try:
        for channel in roles:
            yield from read(channel)
        for channel in roles if len(roles) > 1 else ():
            once = typed[channel.role]
            if len(once) == 1 and _near(session, unit, typed[meter.channel.role][-1]):
                yield from read(channel, once)
    except NoEntryError as error:
        if error.garbage:
            meter.gone = True
            session.drop(serial, error.problem)
        else:
            meter.refuse(error.problem)
        return
    for channel in roles[1:]:
        last = typed[channel.role][-1]
        own.keep(channel.role, serial, last.before, last.after)
    entry = typed[meter.channel.role][-1]
    meter.series.push(entry.before, entry.after, (entry.value,))


def _near(session: Session, unit: ReadUnit, entry: Entry) -> bool:
    """Return whether a limit is within reach; of a role with words of its own, or passed."""
    member = unit.meter.member
    result = unit.result_if(entry.value, entry.after)
    if not session.judges or result is None:
        return False
    low, high = member.mpe
    if session.procedure.needs[unit.role].person is not None and not low <= result <= high:
        return True
    return within_reach(
        lambda indication: unit.result_if(indication, entry.after),
        entry.value,
        unit.meter.interval,
        member.mpe,
    )
