"""A person as a sampler: reads a dial when asked, while the other samplers go on.

    yield from by_hand(lambda n: meter.prompt("pressure"), meter.accept, series, clock, readings=3)

Only the main task asks; so this is a part of it, and what runs beside it runs on. A row says when
the question was put and when it was answered: the dial was read somewhere in between.
"""

from __future__ import annotations

from collections.abc import Callable

from benchctl.acquire.sampling import Tally
from benchctl.acquire.waits import Ask, Task, Until
from benchctl.core.clock import Clock
from benchctl.core.errors import GarbageReplyError
from benchctl.core.ports import Answer, Prompt
from benchctl.core.series import Series

PATIENCE = 3
"""So many answers in a row that are no reading end it."""


def by_hand(
    prompt: Callable[[int], Prompt],
    accept: Callable[[Prompt, Answer], float],
    series: Series,
    clock: Clock,
    *,
    readings: int,
    period: float = 0.0,
    tally: Tally | None = None,
) -> Task[None]:
    """Ask for so many readings, no sooner than `period` s of bench time after each other.

    `prompt` makes the question for reading 0, 1, ...; `accept` the number of an answer. What it
    refuses is asked again and counted as failed.

    Raises:
        GarbageReplyError: nothing sensible was answered.
    """
    tally = Tally() if tally is None else tally
    due = clock.now()
    for n in range(readings):
        if clock.now() < due:
            yield Until(due)
        due = max(due, clock.now()) + period
        failed = 0
        while True:
            question = prompt(n)
            before = clock.now()
            answer = yield Ask(question)
            try:
                value = accept(question, answer)
            except GarbageReplyError:
                tally.failed += 1
                failed += 1
                if failed >= PATIENCE:
                    raise
                continue
            series.push(before, clock.now(), (value,))
            break
