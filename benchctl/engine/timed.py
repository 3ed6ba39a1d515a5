"""One run of a visit that looks at a role for a time: what a unit counts, how long, how fast.

The role is of each unit, or one of the line for all of them. What was read is in the record, row
for row, and each result can be made of it again (`counted`, `reached_after`, `changed`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchctl.acquire import Job, Task, Until, sample, usable
from benchctl.bench import Channel
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import Message, msg
from benchctl.engine.blocks import reading_tasks
from benchctl.engine.conditions import Conditions
from benchctl.engine.looked_for import Looked, looked, values_of
from benchctl.engine.meters import Meter, meters_of
from benchctl.engine.references import Line
from benchctl.engine.separation import leave_out
from benchctl.engine.session import Session
from benchctl.engine.settling import one, patient
from benchctl.procedure import COUNTING, WAITING
from benchctl.procedure.plan import Action, Member, Visit

BEGINS_S = 120.0
"""Bench seconds in which something must begin."""
PATIENCE = 3
"""So many failed readings in a row of what the line has end the run."""


@dataclass(frozen=True, slots=True)
class TimedResult:
    """What was seen of one unit, as a total is of one that totalises."""

    found: Looked
    values: Mapping[str, float]
    lines: Mapping[str, tuple[Line, ...]]
    notes: tuple[Message, ...] = ()
    seen: dict[str, object] = field(default_factory=dict)

    @property
    def indication(self) -> float:
        """What came of it: a count, a time, a change."""
        return self.found.value

    @property
    def reference(self) -> float:
        """The time that it took, in s."""
        return self.found.t_stop - self.found.t_start

    @property
    def t_start(self) -> float:
        """From when on, in s of bench time."""
        return self.found.t_start

    @property
    def t_stop(self) -> float:
        """Until when."""
        return self.found.t_stop

    @property
    def n(self) -> int:
        """How many readings count."""
        return self.found.n

    def sources(self, role: str, declared: Sequence[Line]) -> list[Line]:
        """Return all that makes an input uncertain."""
        return [*declared, *self.lines.get(role, ())]

    def facts(self) -> dict[str, object]:
        """Return what the record keeps of single readings."""
        return {"n": self.found.n, "why": self.found.why.as_json(), **self.seen}


class TimedWay:
    """One run of a visit by looking for a time."""

    def __init__(self, session: Session, visit: Visit, action: Action, members: Sequence[Member]):
        self.session = session
        self.visit = visit
        self.action = action
        way = session.part_of(visit).each_point.timed
        assert way is not None
        self.way = way
        self.shared: Channel | None = None
        self.meters = self._meters(members)
        points = [session.point(m.serial, m.point).limits_of_way for m in members]
        self.every = min(limits["every"] for limits in points)
        self.seconds = max(limits["seconds"] for limits in points)
        line = frozenset(() if way.per_uut else (way.role,))
        self.seen = Conditions(session, action, visit.expected_s, beside=line)
        self.began = session.clock.now()
        self.over: dict[str, Looked] = {}

    def _meters(self, members: Sequence[Member]) -> list[Meter]:
        """Return the units; what the line has is one series for all of them."""
        session, way = self.session, self.way
        if way.per_uut:
            return meters_of(session, members, role=way.role)
        self.shared = channel = session.bench.channel(way.role)
        series = session.series(f"timed/{way.role}", [channel])
        there = [m for m in members if m.serial not in session.dropped]
        return [Meter(m, channel, series, channel.resolution) for m in there]

    def run(self) -> Task[None]:
        """Look until it is over for every unit."""
        session = self.session
        jobs = self._start()
        try:
            self.seen.start()
            yield from self._until_over()
        finally:
            for job in jobs:
                job.cancel()
            self.seen.stop()
            for series in dict.fromkeys(m.series for m in self.meters):
                session.spill(series, self.action)

    def _start(self) -> list[Job]:
        session, clock, every = self.session, self.session.clock, self.every
        if self.shared is not None:
            if not self.meters:
                return []
            task = sample(
                one(self.shared.reader()),
                self.meters[0].series,
                clock,
                period=every,
                on_error=patient(PATIENCE),
            )
            return [session.scheduler.spawn(task, bus=self.shared.bus, name=self.way.role)]
        tasks = reading_tasks(session, self.meters, period=every)
        return [
            session.scheduler.spawn(task, bus=bus, name=f"units on {bus}") for bus, task in tasks
        ]

    def _until_over(self) -> Task[None]:
        session, clock, way = self.session, self.session.clock, self.way
        begins = max(BEGINS_S, self.seconds) if way.begins is not None else 0.0
        end = clock.now() + begins + self.seconds + 2.0 * self.every
        while True:
            yield Until(clock.now() + self.every)
            leave_out(session, self.meters)
            waiting = [m for m in self.meters if not m.gone and m.member.serial not in self.over]
            for meter in waiting:
                found = self._looked(meter)
                if found is not None and found.over:
                    self.over[meter.member.serial] = found
            waiting = [m for m in waiting if m.member.serial not in self.over]
            if not waiting:
                return
            elapsed = clock.now() - self.began
            seen = usable(waiting[0].series)[1]
            values = {way.role: float(seen[-1])} if seen.size else {}
            share = min(1.0, elapsed / self.seconds)
            session.watch(self.action, share, max(0.0, self.seconds - elapsed), **values)
            if clock.now() > end:
                return  # who did not begin, or gave too few readings, is not measured

    # what was seen --------------------------------------------------------------------------

    def _looked(self, meter: Meter) -> Looked | None:
        """Return what the readings of a unit so far say, None while there are too few."""
        point = self.session.point(meter.member.serial, meter.member.point)
        return looked(self.way, point.limits_of_way, *usable(meter.series))

    def covers(self, meter: Meter) -> bool:
        """Return whether it is over for one unit."""
        return meter.member.serial in self.over

    def total_of(self, meter: Meter) -> TimedResult:
        """Return what was seen of one unit.

        Raises:
            NotMeasuredError: the unit dropped out, there are too few readings, or a time was
                measured that began too late.
        """
        meter.require(self.session)
        found = self.over.get(meter.member.serial) or self._looked(meter)
        if found is None:
            raise NotMeasuredError(msg("engine.readings-missing", n=int(meter.series.n)))
        if found.unseen:
            raise NotMeasuredError(found.why)
        if not found.over:
            raise NotMeasuredError(msg("engine.timed-short", role=self.way.role))
        values, lines = values_of(self.way, found), dict[str, tuple[Line, ...]]()
        if self.way.kind == WAITING:
            lines = {"waited": self._lines(found, "sampling")}
        elif self.way.kind != COUNTING:
            lines = {"change": self._lines(found, "readings")}
        notes = (found.why,) if found.early or found.never else ()
        return TimedResult(found, values, lines, notes, {"u": found.u, "never": found.never})

    def _lines(self, found: Looked, source: str) -> tuple[Line, ...]:
        if not found.u > 0:
            return ()
        distribution = "rectangular" if source == "sampling" else "t"
        return ((source, found.u, distribution, found.dof),)

    def band_value(self, total: TimedResult) -> tuple[Channel, float] | None:
        """Return None: nothing has to stay within a band."""
        del total
        return None

    def values(self, meter: Meter, total: TimedResult) -> dict[str, float]:
        """Return the inputs of the model for one unit."""
        around = self.seen.around(meter.member.position, total.t_start, total.t_stop)
        return {**around, **total.values}

    def alone(self, meter: Meter, total: TimedResult) -> dict[str, float]:
        """Return the inputs at which the reference's own uncertainty is told."""
        return self.values(meter, total)

    def conditions(self, total: TimedResult) -> dict[str, float]:
        """Return the means of what the model takes besides."""
        return self.seen.means(total.t_start, total.t_stop)
