"""Have a person read a register, as often as `person` says; every entry is in the record."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from benchctl.acquire import Task
from benchctl.core.errors import GarbageReplyError
from benchctl.core.messages import msg
from benchctl.core.units import unit
from benchctl.engine.entries import accepted, entry_prompt
from benchctl.engine.person import (
    Entry,
    Step,
    Window,
    decimals_of,
    next_step,
    start_was_swapped,
    swaps,
    window_after,
    within_reach,
)
from benchctl.engine.session import Session

if TYPE_CHECKING:
    from benchctl.engine.meters import Meter

PATIENCE = 3
"""So many answers that are no number, or beyond what the bench file allows, drop a unit."""
FASTEST = 1.3
"""So much of the largest set-point may have passed, at most, between two visits."""


class Witness(Protocol):
    """What knows how much passed the reference, and what an indication would come to."""

    def passed(self) -> float:
        """Return what passed the reference up to now, counted from any fixed instant."""

    def error_if(self, meter: Meter, indication: float, end: Entry) -> float | None:
        """Return the measurand if this is the indication from the first reading to `end`."""


def read_dial(session: Session, meter: Meter, witness: Witness) -> Task[None]:
    """Have a person read a unit; what counts goes into its series.

    Where no two entries agree the unit's run is not measured. A unit of which nobody can type a
    number is dropped.
    """
    entries: list[Entry] = []
    step, garbage = Step.ACCEPT, 0
    while True:
        member, channel = meter.member, meter.channel
        prompt = entry_prompt(session, member, channel)
        if entries:
            question = msg(f"engine.reading-{step}", question=prompt.question)
            about = {**(prompt.about or {}), "reading": str(step)}
            prompt = replace(prompt, question=question, about=about)
        before, had_passed = session.clock.now(), witness.passed()
        answer = yield from session.put(prompt)
        after, passed = session.clock.now(), witness.passed()
        try:
            value = accepted(channel, prompt, answer)
        except GarbageReplyError as error:
            garbage += 1
            if garbage >= PATIENCE:
                meter.gone = True
                session.drop(member.serial, error.message)
                return
            continue
        entry = Entry(value, before, after, (had_passed + passed) / 2, passed - had_passed)
        entries.append(entry)
        step = _judged(session, meter, witness, entries)
        if step is Step.ACCEPT:
            _keep(session, meter, entries)
            return
        if step is Step.GIVE_UP:
            typed = ", ".join(f"{e.value:.10g}" for e in entries)
            meter.refuse(msg("engine.reading-give-up", entries=f"{typed} {channel.unit}"))
            return


def _judged(session: Session, meter: Meter, witness: Witness, entries: Sequence[Entry]) -> Step:
    """Return what comes after the last entry."""
    last = entries[-1]

    def near(entry: Entry) -> bool:
        if not meter.entries or not session.judges:
            return False
        return within_reach(
            lambda indication: witness.error_if(meter, indication, entry),
            entry.value - meter.entries[0].value,
            meter.interval,
            meter.member.mpe,
        )

    return next_step(
        entries,
        _window(session, meter, last),
        interval=meter.interval,
        swapped=_swapped(session, meter, last),
        near=near,
    )


def _swapped(session: Session, meter: Meter, entry: Entry) -> list[float]:
    """Return what an entry becomes, in the role's unit, with two of the typed digits swapped."""
    _, _, factor, offset = meter.channel.sources[0]
    if session.procedure.needs[meter.channel.role].person is not None:
        factor, offset = 1.0, 0.0  # it is typed in the role's unit
    typed = (entry.value - offset) / factor
    return [v * factor + offset for v in swaps(typed, decimals_of(meter.interval / factor))]


def _window(session: Session, meter: Meter, entry: Entry) -> Window | None:
    """Return where an entry is plausible: after the start of the run, or the visit before."""
    if meter.entries:
        return window_after(meter.entries[0], entry, meter.interval)
    last = session.readings.get(meter.member.serial)
    if last is None:
        return None
    value, t = last
    reach = _reach(session, entry.after - t, meter.channel.unit)
    return Window(value - meter.interval, value + reach + meter.interval)


def _reach(session: Session, seconds: float, of: str) -> float:
    """Return how much can have passed in a time, at the largest set-point of the plan."""
    amount = unit(of)
    found = 0.0
    for visit in session.plan.visits:
        rate = unit(visit.unit)
        per_second = tuple(a - b for a, b in zip(amount.dimension, rate.dimension, strict=True))
        if per_second != unit("s").dimension:
            return math.inf
        found = max(found, visit.setpoint * rate.factor * seconds / amount.factor)
    return FASTEST * found


def _keep(session: Session, meter: Meter, entries: Sequence[Entry]) -> None:
    """Take the last entry into the unit's series, unless its start reading is in doubt."""
    entry = entries[-1]
    serial = meter.member.serial
    session.readings[serial] = (entry.value, entry.after)
    if not meter.entries:
        meter.typed_once = len(entries) == 1
    elif meter.typed_once:
        start = meter.entries[0]
        if start_was_swapped(start, entry, meter.interval, _swapped(session, meter, start)):
            meter.refuse(
                msg("engine.reading-start", start=f"{start.value:.10g} {meter.channel.unit}")
            )
            return
    meter.entries.append(entry)
    meter.series.push(entry.before, entry.after, (entry.value,))
