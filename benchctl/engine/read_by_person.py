"""Have a person read units beside the reference; every entry is in the record.

A dial is read once for each reading that the rule wants. Where one interval of it would bring the
result over a limit, a second entry is asked for, and of at most three two must agree, as for a
register. What is no number is asked again, and a unit of which nobody can type one is dropped. The
person is not shown what is expected: who knows it reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from benchctl.acquire import Task
from benchctl.core.errors import GarbageReplyError
from benchctl.core.messages import msg
from benchctl.engine.person import Entry, Step, next_step, within_reach
from benchctl.engine.session import Session

if TYPE_CHECKING:
    from benchctl.engine.read_unit import ReadUnit

PATIENCE = 3
"""So many answers that are no number, or beyond what the bench file allows, drop a unit."""


def ask_readings(session: Session, units: Sequence[ReadUnit]) -> Task[None]:
    """Ask for one reading of each unit, one position after the other."""
    for unit in units:
        if not unit.meter.gone:
            yield from _ask(session, unit)


def _ask(session: Session, unit: ReadUnit) -> Task[None]:
    """Have a unit read until an entry counts."""
    meter = unit.meter
    entries: list[Entry] = []
    step, garbage = Step.ACCEPT, 0
    while True:
        prompt = meter.channel.prompt(meter.member.serial, meter.member.position)
        if entries:
            question = msg(f"engine.reading-{step}", question=prompt.question)
            prompt = replace(prompt, question=question, about={"reading": str(step)})
        before = session.clock.now()
        answer = yield from session.put(prompt)
        try:
            value = meter.channel.accept(prompt, answer)
        except GarbageReplyError as error:
            garbage += 1
            if garbage >= PATIENCE:
                meter.gone = True
                session.drop(meter.member.serial, error.message)
                return
            continue
        entries.append(Entry(value, before, session.clock.now()))
        step = _judged(session, unit, entries)
        if step is Step.ACCEPT:
            last = entries[-1]
            meter.series.push(last.before, last.after, (last.value,))
            return
        if step is Step.GIVE_UP:
            typed = ", ".join(f"{e.value:.10g}" for e in entries)
            meter.refuse(msg("engine.reading-give-up", entries=f"{typed} {meter.channel.unit}"))
            return


def _judged(session: Session, unit: ReadUnit, entries: Sequence[Entry]) -> Step:
    """Return what comes after the last entry."""
    meter = unit.meter

    def near(entry: Entry) -> bool:
        if not session.judges or unit.result_if(entry.value, entry.after) is None:
            return False
        return within_reach(
            lambda indication: unit.result_if(indication, entry.after),
            entry.value,
            meter.interval,
            meter.member.mpe,
        )

    return next_step(entries, None, interval=meter.interval, swapped=(), near=near)
