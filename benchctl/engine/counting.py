"""One run of a visit by pulse comparison: the reference's pulses between pulses of each unit.

Unit and reference are counted by the hardware of each position; both counts are read in one
exchange, so that they belong to one instant. The reference's roles in the model have what counting
whole pulses leaves uncertain (source `counting`); a unit's pulses are exact, since its own pulses
begin and end the count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchctl.acquire import (
    PulseComparison,
    Task,
    Until,
    pulse_comparison,
    sample,
    usable,
)
from benchctl.bench import Channel
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import Message, msg
from benchctl.core.series import GOOD, Series
from benchctl.engine.blocks import reading_tasks
from benchctl.engine.conditions import Conditions
from benchctl.engine.meters import Meter, meters_of
from benchctl.engine.references import Line
from benchctl.engine.separation import leave_out
from benchctl.engine.session import Session, VisitVoidError
from benchctl.engine.settling import one, patient
from benchctl.engine.side_by_side import mean_of
from benchctl.procedure.plan import Action, Member, Visit

PATIENCE = 3
"""So many failed readings of what must stay in its band end the run."""
SPARE_S, KNOWN_S = 120.0, 30.0
"""Beyond twice the expected time, in s, a run is given up; where the rate of pulses is known."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of one unit, as a total is of one that totalises."""

    unit_role: str
    counted_role: str
    found: PulseComparison

    @property
    def indication(self) -> float:
        """Pulses of the unit."""
        return self.found.pulses

    @property
    def reference(self) -> float:
        """Pulses of the reference between them."""
        return self.found.reference

    @property
    def t_start(self) -> float:
        """When the first pulse was seen."""
        return self.found.t_start

    @property
    def t_stop(self) -> float:
        """When the last one was."""
        return self.found.t_stop

    @property
    def n(self) -> int:
        """Pulses of the unit."""
        return round(self.found.pulses)

    @property
    def notes(self) -> tuple[Message, ...]:
        """What a person should see."""
        return self.found.notes

    def sources(self, role: str, declared: Sequence[Line]) -> list[Line]:
        """Return all that makes an input uncertain; whole pulses stand for a resolution."""
        lines = [line for line in declared if line[0] != "resolution"]
        if role == self.counted_role:
            lines.append(("counting", self.found.u_reference, "triangular", math.inf))
        elif role != self.unit_role:
            lines = list(declared)
        return lines

    def facts(self) -> dict[str, object] | None:
        """Return None: there are no single readings."""
        return None


class PulsesWay:
    """One run of a visit by pulse comparison."""

    def __init__(self, session: Session, visit: Visit, action: Action, members: Sequence[Member]):
        self.session = session
        self.visit = visit
        self.action = action
        procedure = session.part_of(visit)
        way = procedure.each_point.pulses
        assert way is not None
        self.way = way
        self.meters = meters_of(session, members, role=way.indication)
        self.steps: dict[str, float] = {}
        self.latches: dict[str, Channel] = {}
        for meter in self.meters:
            serial = meter.member.serial
            latch = self.latches[serial] = session.bench.channel(way.reference, serial=serial)
            meter.series = session.series(meter.series.name, [meter.channel, latch])
        counted = frozenset((way.indication, way.reference))
        self.seen = Conditions(session, action, visit.expected_s, beside=counted)
        settled = procedure.each_point.settle.role
        self.watched = session.bench.channel(settled) if settled else None
        self.watching = Series("band", (settled,), ("1",))
        if self.watched is not None:
            self.watching = session.series("band", [self.watched])
        self.began = session.clock.now()

    def run(self) -> Task[None]:
        """Count until every unit that is still there has given its pulses.

        Raises:
            VisitVoidError: that takes too long.
        """
        session, spawn = self.session, self.session.scheduler.spawn
        for meter in self.meters:
            serial = meter.member.serial
            self.steps[serial] = self.latches[serial].resolution or 1.0
        tasks = reading_tasks(session, self.meters, self.latches, period=self.way.every)
        jobs = [spawn(task, bus=bus, name=f"counters on {bus}") for bus, task in tasks]
        if self.watched is not None:
            jobs.append(
                spawn(
                    sample(
                        one(self.watched.reader()),
                        self.watching,
                        session.clock,
                        period=self.way.every,
                        on_error=patient(PATIENCE),
                    ),
                    bus=self.watched.bus,
                    name="band",
                )
            )
        try:
            self.seen.start()
            yield from self._until_enough()
        finally:
            for job in jobs:
                job.cancel()
            self.seen.stop()
            for series in (self.watching, *(m.series for m in self.meters)):
                session.spill(series, self.action)

    def _until_enough(self) -> Task[None]:
        session, clock = self.session, self.session.clock
        spare = SPARE_S if self.way.rate is None else KNOWN_S
        limit = clock.now() + 2.0 * self.visit.expected_s + spare
        while True:
            yield Until(clock.now() + self.way.every)
            leave_out(session, self.meters)
            waiting = [m for m in self.meters if not m.gone and not self.covers(m)]
            if not waiting:
                return
            self._show(waiting)
            if clock.now() > limit:
                if len(waiting) < len(self.meters):
                    return  # those that gave too few are not measured; they hold up nobody
                raise VisitVoidError(msg("engine.pulses-slow", role=self.way.indication))

    def _show(self, waiting: Sequence[Meter]) -> None:
        """Tell the screen how far it is, by the unit that is slowest."""
        counted = [(self._counted(m), m.member.amount + 1.0) for m in waiting]
        share = min([1.0, *(max(0.0, n / of) for n, of in counted if math.isfinite(n))])
        elapsed = self.session.clock.now() - self.began
        left = elapsed * (1.0 / share - 1.0) if share > 0 else self.visit.expected_s
        values = {}
        _, seen = usable(self.watching)
        if self.watched is not None and seen.size:
            values[self.watched.role] = float(seen[-1])
        self.session.watch(self.action, share, min(left, 1e6), **values)

    # the end of the run ---------------------------------------------------------------------

    def _found(self, meter: Meter) -> PulseComparison | None:
        block = meter.series.block(0)
        good = block[-1] == GOOD
        t, unit, latched = ((block[0] + block[1]) / 2)[good], block[2][good], block[3][good]
        return pulse_comparison(t, unit, latched, step=self.steps[meter.member.serial])

    def _counted(self, meter: Meter) -> float:
        """Return the pulses between the first and the last reading; the first one comes late."""
        counts = meter.series.block(0)[2]
        return float(counts[-1] - counts[0]) if counts.size else 0.0

    def covers(self, meter: Meter) -> bool:
        """Return whether a unit has given its pulses, or cannot be measured."""
        block = meter.series.block(0)
        if 0.0 <= self._counted(meter) <= meter.member.amount:
            return False  # most looks end here
        if block.shape[1] and block[1][-1] - block[0][0] < self.way.seconds:
            return False
        try:
            found = self._found(meter)
        except NotMeasuredError:
            return True
        return found is not None and found.enough(meter.member.amount, self.way.seconds)

    def total_of(self, meter: Meter) -> Counted:
        """Return what was counted of one unit.

        Raises:
            NotMeasuredError: the unit dropped out, or gave too few pulses.
        """
        meter.require(self.session)
        found = self._found(meter)
        if found is None or not found.enough(meter.member.amount, self.way.seconds):
            given = 0.0 if found is None else found.pulses
            wanted = f"{meter.member.amount:g}"
            raise NotMeasuredError(msg("engine.pulses-missing", given=f"{given:g}", wanted=wanted))
        return Counted(meter.channel.role, self.way.reference, found)

    def band_value(self, total: Counted) -> tuple[Channel, float] | None:
        """Return what must stay within the point's band, and its mean."""
        t, x = usable(self.watching)
        if self.watched is None or not t.size:
            return None
        inside = (t >= total.t_start) & (t <= total.t_stop)
        return self.watched, mean_of(x[inside] if inside.any() else x)

    def values(self, meter: Meter, total: Counted) -> dict[str, float]:
        """Return the inputs of the model for one unit."""
        return self.seen.around(meter.member.position, total.t_start, total.t_stop) | {
            self.way.indication: total.indication,
            self.way.reference: total.reference,
        }

    def alone(self, meter: Meter, total: Counted) -> dict[str, float]:
        """Return the inputs at which the reference's own uncertainty is told."""
        return self.values(meter, total)

    def conditions(self, total: Counted) -> dict[str, float]:
        """Return the means of what the model takes besides."""
        return self.seen.means(total.t_start, total.t_stop)
