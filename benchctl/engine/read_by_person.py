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

from benchctl.acquire import Task
from benchctl.engine.entries import NoEntryError, read_entry
from benchctl.engine.person import Entry, within_reach
from benchctl.engine.session import Session

if TYPE_CHECKING:
    from benchctl.engine.read_unit import ReadUnit


def ask_readings(session: Session, units: Sequence[ReadUnit]) -> Task[None]:
    """Ask for one reading of each unit, one position after the other."""
    for unit in units:
        if not unit.meter.gone:
            yield from _ask(session, unit)


def _ask(session: Session, unit: ReadUnit) -> Task[None]:
    """Have a unit read until an entry counts."""
    meter = unit.meter

    def near(entry: Entry) -> bool:
        return _near(session, unit, entry)

    try:
        entry = yield from read_entry(
            session, meter.member, meter.channel, interval=meter.interval, near=near
        )
    except NoEntryError as error:
        if error.garbage:
            meter.gone = True
            session.drop(meter.member.serial, error.problem)
        else:
            meter.refuse(error.problem)
        return
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
