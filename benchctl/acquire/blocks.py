"""Blocks: many units read in one exchange, each with a series of its own.

A counter of 48 positions tells all of them in three requests. Read one by one they would be 48
exchanges a round, and of 48 instants.

    block = Block(read_all, [Part(series_a, None), Part(series_b, None)], take=listen([link]))
    scheduler.spawn(blocks(block, clock, period=1.0), bus="counter", name="units")
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from benchctl.acquire.sampling import OnError, Period, Reader, Slots, Tally
from benchctl.acquire.waits import Task, Until
from benchctl.core.clock import Clock
from benchctl.core.errors import InstrumentError, NotANumberError
from benchctl.core.messages import msg
from benchctl.core.series import FAILED, Series


@dataclass(slots=True)
class Part:
    """What one unit has of a block: as many values as its series has channels.

    One that has `left` gets no more rows.
    """

    series: Series
    on_error: OnError | None
    left: bool = False


@dataclass(slots=True)
class Block:
    """What is read in one exchange: the values of all parts, in their order.

    `take` gives the bytes that were heard since it was last called; each row has all of them, since
    the values of all parts come in the same frames.
    """

    reader: Reader
    parts: list[Part]
    take: Callable[[], bytes] | None = None
    _said: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        for part in self.parts:
            part.series.heard = self._heard if self.take is not None else None

    def _heard(self) -> bytes:
        return self._said

    def read(self, clock: Clock, tally: Tally) -> None:
        """Take one row for every part that is still there.

        Raises:
            InstrumentError: the read failed, and the `on_error` of a part did not say to go on.
            ValueError: the reader's values do not fit the series.
        """
        if self.take is not None:
            self.take()  # what others asked of the instrument is not this row's
        before = clock.now()
        try:
            values = self.reader()
        except InstrumentError as error:
            self._listen()
            for part in self.parts:
                if not part.left:
                    self._failed(part, error, before, clock.now(), tally)
            return
        after, at = clock.now(), 0
        self._listen()
        for part in self.parts:
            end = at + len(part.series.channels)
            own = values[at:end]
            at = end
            if part.left:
                continue
            if all(map(math.isfinite, own)):
                part.series.push(before, after, own)
                continue
            name, said = part.series.name, str(tuple(own))
            problem = NotANumberError(msg("acquire.not-finite", series=name, values=said))
            self._failed(part, problem, before, after, tally)
        if at != len(values):
            raise ValueError(f"a block of {at} values got {len(values)}")

    def _listen(self) -> None:
        if self.take is not None:
            self._said = self.take()

    def _failed(
        self, part: Part, error: InstrumentError, before: float, after: float, tally: Tally
    ) -> None:
        if part.on_error is None or not part.on_error(error):
            raise error
        tally.failed += 1
        part.series.push(before, after, (math.nan,) * len(part.series.channels), FAILED)


def blocks(block: Block, clock: Clock, *, period: Period, tally: Tally | None = None) -> Task[None]:
    """Read a block for ever, every `period` seconds.

    Raises:
        InstrumentError: a part could not be read, and its `on_error` did not say to go on.
        ValueError: the period is not positive, or the reader's values do not fit the series.
    """
    tally = Tally() if tally is None else tally
    slots = Slots(clock.now(), period)
    while True:
        block.read(clock, tally)
        at, missed = slots.after(clock.now())
        tally.missed += missed
        for part in block.parts:
            if not part.left:
                part.series.missed += missed
        yield Until(at)
