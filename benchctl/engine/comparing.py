"""One run of a visit by comparison: reference (A) and unit (B) on one instrument, in turn.

Units come one after the other. Each sequence gives a difference B - A from which a steady drift of
the instrument is taken out by its own readings, whenever they came; several give their mean, and
what it is uncertain by (source `readings`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchctl.acquire import Task, Until, drift_free, read_row, sample, settle
from benchctl.bench import Channel
from benchctl.core.errors import InstrumentError, NotMeasuredError
from benchctl.core.messages import Message, msg
from benchctl.core.series import Series
from benchctl.engine.asking import question_of
from benchctl.engine.conditions import Conditions
from benchctl.engine.meters import Meter
from benchctl.engine.references import Line
from benchctl.engine.separation import leave_out
from benchctl.engine.session import Session
from benchctl.engine.settling import one, patient
from benchctl.engine.side_by_side import mean_of
from benchctl.procedure.plan import Action, Member, Visit

PATIENCE = 3
"""So many failed readings in a row are too many."""
AGAIN_S = 2.0
"""Bench seconds before a reading that failed is tried again."""
EVERY_S = 0.5
"""Bench seconds between two looks at whether the instrument rests."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What the sequences of one unit give, as a total does of one that totalises."""

    role: str
    indication: float
    reference: float
    difference: float
    differences: tuple[float, ...]
    drift: float
    t_start: float
    t_stop: float
    n: int
    notes: tuple[Message, ...] = ()

    @property
    def s(self) -> float:
        """Experimental standard deviation of the differences, NaN of a single one."""
        if len(self.differences) < 2:
            return math.nan
        return float(np.std(np.array(self.differences) - self.differences[0], ddof=1))

    def sources(self, role: str, declared: Sequence[Line]) -> list[Line]:
        """Return all that makes an input uncertain."""
        lines, count = list(declared), len(self.differences)
        if role == self.role and count > 1 and self.s > 0:
            lines.append(("readings", self.s / math.sqrt(count), "t", float(count - 1)))
        return lines

    def facts(self) -> dict[str, object]:
        """Return what the record keeps of the single differences."""
        count, s = len(self.differences), self.s
        return {
            "n": count,
            "s": s if math.isfinite(s) else None,
            "u": s / math.sqrt(count) if math.isfinite(s) else None,
            "drift": self.drift,
            "differences": list(self.differences),
            "why": msg("engine.compared", cycles=count, n=self.n).as_json(),
        }


class ComparingWay:
    """One run of a visit by comparison."""

    def __init__(self, session: Session, visit: Visit, action: Action, members: Sequence[Member]):
        self.session = session
        self.visit = visit
        self.action = action
        way = session.part_of(visit).each_point.compare
        assert way is not None
        self.way = way
        self.channel = session.bench.channel(way.read)
        there = [m for m in members if m.serial not in session.dropped]
        columns, units = (way.read, "on_b"), (self.channel.unit, "1")
        self.meters = [
            Meter(
                m,
                self.channel,
                Series(
                    f"compare/{m.serial}",
                    columns,
                    units,
                    heard=session.bench.listen([self.channel]),
                ),
                0.0,
            )
            for m in there
        ]
        self.seen = Conditions(session, action, visit.expected_s, beside=frozenset((way.read,)))
        self.steps = max(1, len(self.meters) * way.cycles * len(way.sequence))
        self.done = 0
        self.on: str | None = None

    def run(self) -> Task[None]:
        """Compare one unit after the other."""
        try:
            self.seen.start()
            for meter in self.meters:
                leave_out(self.session, self.meters)
                if not meter.gone:
                    yield from self._compare(meter)
        finally:
            self.seen.stop()
            for meter in self.meters:
                self.session.spill(meter.series, self.action)

    def _compare(self, meter: Meter) -> Task[None]:
        session, way = self.session, self.way
        for _ in range(way.cycles):
            for letter in way.sequence:
                yield from self._put(meter, letter)
                try:
                    yield from self._rest()
                    yield from self._read(meter, letter)
                except NotMeasuredError as error:
                    meter.refuse(error.message)
                    return
                self.done += 1
                left = self.visit.expected_s * (1.0 - self.done / self.steps)
                value = float(meter.series.column(0)[-1])
                session.watch(self.action, self.done / self.steps, left, **{way.read: value})

    def _put(self, meter: Meter, letter: str) -> Task[None]:
        """Bring reference or unit onto the instrument, if it is not there already."""
        session, way = self.session, self.way
        wanted = f"{letter}/{meter.member.serial}" if letter == "B" else letter
        if self.on == wanted:
            return
        if way.exchange:
            session.energise(session.bench.channel(way.exchange), letter == "B")
        else:
            member = meter.member
            name = "engine.put-unit" if letter == "B" else "engine.put-reference"
            question = msg(name, serial=member.serial, position=member.position)
            if letter in way.put:
                question = question_of(way.put[letter])
            answer = yield from session.ask(  # no default: nobody else can have put it on
                "confirm",
                question,
                serial=member.serial if letter == "B" else "",
                about={"compare": letter, "serial": member.serial, "position": member.position},
            )
            if answer.value is not True:
                raise NotMeasuredError(msg("engine.not-confirmed", question=question))
        self.on = wanted

    def _rest(self) -> Task[None]:
        """Wait until the instrument rests.

        Raises:
            NotMeasuredError: it does not.
        """
        session, way = self.session, self.way
        if way.wait > 0:
            yield Until(session.clock.now() + way.wait)
        if not way.follow:
            return
        quick = session.bench.channel(way.follow)
        series = session.series(f"rest/{self.done}", [quick])
        job = session.scheduler.spawn(
            sample(
                one(quick.reader()),
                series,
                session.clock,
                period=EVERY_S,
                on_error=patient(PATIENCE),
            ),
            bus=quick.bus,
            name=series.name,
        )
        try:
            outcome = yield from settle(
                series,
                0,
                session.clock,
                target=None,
                tolerance=None,
                limit=way.within,
                dwell=way.dwell,
                timeout=way.timeout,
            )
        finally:
            job.cancel()
        if not outcome.settled:
            raise NotMeasuredError(
                msg("engine.no-rest", role=way.follow, waited=f"{outcome.waited:.0f}")
            )

    def _read(self, meter: Meter, letter: str) -> Task[None]:
        """Take one reading; one that fails is tried again.

        Raises:
            NotMeasuredError: it fails again and again.
        """
        clock = self.session.clock
        for attempt in range(1, PATIENCE + 1):
            try:
                read_row(
                    lambda: (self.channel.read(), float(letter == "B")), meter.series, clock.now
                )
            except InstrumentError as error:
                if attempt == PATIENCE:
                    raise NotMeasuredError(error.message) from error
                yield Until(clock.now() + AGAIN_S)
                continue
            return

    # the end of the run ---------------------------------------------------------------------

    def covers(self, meter: Meter) -> bool:
        """Return whether all sequences of a unit were gone through."""
        return meter.series.n >= self.way.cycles * len(self.way.sequence)

    def total_of(self, meter: Meter) -> Compared:
        """Return what the sequences of one unit give.

        Raises:
            NotMeasuredError: the unit dropped out, or a sequence is not complete.
        """
        meter.require(self.session)
        if not self.covers(meter):
            raise NotMeasuredError(msg("engine.readings-missing", n=int(meter.series.n)))
        t, y, on_b = meter.series.t(), meter.series.column(0), meter.series.column(1)
        length = len(self.way.sequence)
        found = [
            drift_free(t[i : i + length], on_b[i : i + length], y[i : i + length])
            for i in range(0, t.size, length)
        ]
        differences = tuple(d.value for d in found)
        return Compared(
            role=self.way.read,
            indication=mean_of(y[on_b > 0]),
            reference=mean_of(y[on_b == 0]),
            difference=mean_of(np.array(differences)),
            differences=differences,
            drift=mean_of(np.array([d.drift for d in found])),
            t_start=float(t[0]),
            t_stop=float(t[-1]),
            n=int(t.size),
        )

    def band_value(self, total: Compared) -> tuple[Channel, float] | None:
        """Return None: nothing has to stay within a band."""
        del total
        return None

    def values(self, meter: Meter, total: Compared) -> dict[str, float]:
        """Return the inputs of the model for one unit: the instrument's is the difference."""
        around: Mapping[str, float] = self.seen.around(
            meter.member.position, total.t_start, total.t_stop
        )
        return {**around, self.way.read: total.difference}

    def alone(self, meter: Meter, total: Compared) -> dict[str, float]:
        """Return the inputs at which the reference's own uncertainty is told."""
        return self.values(meter, total)

    def conditions(self, total: Compared) -> dict[str, float]:
        """Return the means of what the model takes besides."""
        return self.seen.means(total.t_start, total.t_stop)
