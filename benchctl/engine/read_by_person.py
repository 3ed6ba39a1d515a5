"""Have a person read units beside the reference; every entry is in the record.

A dial is read once for each reading that the rule wants. What is no number is asked again, and a
unit of which nobody can type one is dropped. The person is not shown what is expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchctl.acquire import Task
from benchctl.core.errors import GarbageReplyError
from benchctl.engine.session import Session

if TYPE_CHECKING:
    from benchctl.engine.meters import Meter

PATIENCE = 3
"""So many answers that are no number, or beyond what the bench file allows, drop a unit."""


def ask_readings(session: Session, meters: Sequence[Meter]) -> Task[None]:
    """Ask for one reading of each unit, one position after the other."""
    for meter in meters:
        if not meter.gone:
            yield from _ask(session, meter)


def _ask(session: Session, meter: Meter) -> Task[None]:
    member, channel = meter.member, meter.channel
    for attempt in range(1, PATIENCE + 1):
        prompt = channel.prompt(member.serial, member.position)
        before = session.clock.now()
        answer = yield from session.put(prompt)
        try:
            value = channel.accept(prompt, answer)
        except GarbageReplyError as error:
            if attempt == PATIENCE:
                meter.gone = True
                session.drop(member.serial, error.message)
            continue
        meter.series.push(before, session.clock.now(), (value,))
        return
