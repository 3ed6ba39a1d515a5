"""One run of a visit: reference and meters side by side until enough has passed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from benchctl.acquire import (
    MeterTrack,
    ReferenceTrack,
    Task,
    Total,
    Until,
    flying_total,
    round_robin,
    sample,
)
from benchctl.bench import Channel
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import msg
from benchctl.engine.conditions import Conditions
from benchctl.engine.meters import Meter, ask_all, by_bus, meters_of, stations_of, still_missing
from benchctl.engine.person import Entry
from benchctl.engine.references import agreed, alike, indication_roles, usual_values
from benchctl.engine.separation import leave_out
from benchctl.engine.session import Session, VisitVoidError
from benchctl.engine.totals import Totals
from benchctl.procedure.plan import Action, Member, Visit

REFERENCE_EVERY = (0.5, 2.0)
"""Shortest and longest time between two readings of the reference, in s of bench time."""
REFERENCE_READINGS = 500
"""So often the reference is read in a run, as far as those times allow."""
SLOW_EVERY = 30.0
"""Bench seconds between two rounds of the meters in the middle of a long run."""
FAST_EVERY = 0.05
"""Bench seconds between two rounds of the meters while they gate: less than a round takes."""


class Totaliser:
    """One run of a visit: reference and meters are read side by side until enough has passed.

    The meters are read as fast as their bus allows while the run begins and ends, where their
    readings or edges gate the totals, and now and then in between.
    """

    def __init__(self, session: Session, visit: Visit, action: Action, members: Sequence[Member]):
        self.session = session
        self.visit = visit
        self.action = action
        procedure = session.part_of(visit)
        self.volume = session.bench.channel(procedure.each_point.total.role)
        self.flow = session.bench.channel(procedure.each_point.settle.role)
        self.reference = session.series("reference", (self.volume, self.flow), capacity=8192)
        self.meters = meters_of(session, members)
        self.seen = Conditions(session, action, visit.expected_s)
        shortest, longest = REFERENCE_EVERY
        self.every = min(max(visit.expected_s / REFERENCE_READINGS, shortest), longest)
        self.began = session.clock.now()
        self.counted_from = 0
        self.alike = alike(procedure)
        self.per_amount = self._usual_indication(members)
        self.target = math.inf
        self.fast_until = math.inf
        self.fast_again = math.inf

    def run(self) -> Task[None]:
        """Totalise, then measure and judge every member that is still there."""
        session = self.session
        jobs = [
            session.scheduler.spawn(
                sample(
                    session.bench.joint_reader((self.volume, self.flow)),
                    self.reference,
                    session.clock,
                    period=self.every,
                ),
                bus=self.volume.bus,
                name="reference",
            ),
            *(
                session.scheduler.spawn(
                    round_robin(
                        stations_of(session, meters),
                        session.clock,
                        period=self._pause,
                        counted=False,
                    ),
                    bus=bus,
                    name=f"meters on {bus}",
                )
                for bus, meters in by_bus(self.meters).items()
            ),
        ]
        try:
            self.seen.start()
            while any(m.channel.asks for m in self.meters) and not self.reference.good().any():
                yield Until(session.clock.now() + 0.1)
            yield from ask_all(session, self.meters, self)
            self.counted_from = max(0, self.reference.n - 1)
            yield from self._until_enough()
            while asked := [m for m in self.meters if m.channel.asks and not m.gone]:
                yield from ask_all(session, self.meters, self)
                if (missing := still_missing(asked, self.total_of, alike=self.alike)) <= 0:
                    break
                self.target = self._passed()[0] + missing
                yield from self._until_enough()
        finally:
            for job in jobs:
                job.cancel()
            self.seen.stop()
            session.spill(self.reference, self.action)
            for meter in self.meters:
                session.spill(meter.series, self.action)

    def _usual_indication(self, members: Sequence[Member]) -> float:
        """Return what a right unit indicates per unit of the reference."""
        if self.alike or not members:
            return 1.0
        session, amount = self.session, self.visit.amount
        usual = usual_values(session.procedure, amount, self.visit.expected_s, session.facts)
        model = session.point(members[0].serial, members[0].point).model
        (role,) = indication_roles(session.procedure)
        return agreed(session.procedure, model, usual)[role] / amount

    def _pause(self) -> float:
        """Return how long the meters' bus rests before the next round."""
        now = self.session.clock.now()
        if now < self.fast_until or now >= self.fast_again:
            return FAST_EVERY
        return max(FAST_EVERY, min(SLOW_EVERY, self.fast_again - now))

    def _until_enough(self) -> Task[None]:
        """Wait until the visit's amount and what the gates need besides has passed.

        Raises:
            VisitVoidError: the reference does not count, or too slowly.
        """
        session, clock = self.session, self.session.clock
        limit = clock.now() + 2.0 * self.visit.expected_s + 120.0
        while True:
            yield Until(clock.now() + self.every)
            leave_out(session, self.meters)
            if len(self.meters) and all(m.gone for m in self.meters):
                return
            passed, rate = self._passed()
            if rate > 0 and math.isinf(self.fast_until) and self._rounds_done() >= 2:
                gate = self._gate_s(rate)
                self.fast_until = self.began + 2.0 * gate
                self.target = self.visit.amount + 2.0 * gate * rate
            if not math.isinf(self.target):
                self._watch(passed, self.target, rate)
                if math.isinf(self.fast_again):
                    self._plan_the_end(passed, rate)
                elif passed >= self.target:
                    polled = [m for m in self.meters if not m.channel.asks]
                    if (missing := still_missing(polled, self.total_of, alike=self.alike)) <= 0:
                        return
                    self.target = passed + missing
            if clock.now() > limit:
                raise VisitVoidError(
                    msg(
                        "engine.too-slow",
                        role=self.volume.role,
                        passed=f"{passed:.4g} {self.volume.unit}",
                        wanted=f"{self.visit.amount:.4g} {self.volume.unit}",
                    )
                )
            session.spill(self.reference, self.action, at_least=2000)

    def _plan_the_end(self, passed: float, rate: float) -> None:
        """Say when the meters are read fast again, once that is near."""
        left = (self.target - passed) / rate if rate > 0 else math.inf
        gate = self._gate_s(rate) if rate > 0 else 0.0
        if left <= 2.0 * gate + SLOW_EVERY:
            self.fast_again = self.session.clock.now() + max(0.0, left - gate)

    def _rounds_done(self) -> int:
        polled = (m for m in self.meters if not m.gone and not m.channel.asks)
        return min((m.series.n for m in polled), default=2)

    def _passed(self) -> tuple[float, float]:
        """Return what passed the reference so far, and the mean rate, in its unit and per s."""
        block = self.reference.block(self.counted_from, self.reference.n)
        if block.shape[1] < 2:
            return 0.0, 0.0
        passed = float(block[2, -1] - block[2, 0])
        elapsed = float(block[1, -1] - block[1, 0])
        return passed, passed / elapsed if elapsed > 0 else 0.0

    def _gate_s(self, rate: float) -> float:
        """Return the bench seconds in which every meter surely is read or steps once."""
        now = self.session.clock.now()
        rounds = max(1, self._rounds_done())
        round_s = (now - self.began) / rounds if math.isinf(self.fast_until) else self._round_s
        self._round_s = round_s
        step = max((max(m.channel.resolution, m.interval) for m in self.meters), default=0.0)
        return 1.2 * step / (rate * self.per_amount) + 2.0 * round_s

    _round_s = 1.0

    def _watch(self, passed: float, target: float, rate: float) -> None:
        remaining = max(0.0, (target - passed) / rate) if rate > 0 else math.inf
        flow = float(self.reference.block(0)[3, -1])
        self.session.watch(
            self.action,
            min(1.0, passed / target),
            min(remaining, 1e6),
            **{self.volume.role: passed, self.flow.role: flow},
        )

    # the end of the run ---------------------------------------------------------------------

    def total_of(self, meter: Meter) -> Totals:
        """Return the totals of one unit and of the reference between the unit's gates.

        Raises:
            NotMeasuredError: the unit dropped out or its register is not usable.
        """
        meter.require(self.session)
        track = ReferenceTrack.of(self.reference)
        known = track.t[np.isfinite(track.total)]
        if known.size < 2:
            raise NotMeasuredError(msg("acquire.reference-missing"))
        total = flying_total(
            track,
            MeterTrack.of(meter.series),
            resolution=meter.interval,
            start=float(known[0]),
            stop=float(known[-1]),
        )
        return Totals.of(total, meter.channel.role, self.volume.role)

    def passed(self) -> float:
        """Return the last reading of the reference's total."""
        return float(self.reference.readings()[1][-1])

    def error_if(self, meter: Meter, indication: float, end: Entry) -> float | None:
        """Return the measurand if this is the indication from the first reading to `end`."""
        start = meter.entries[0]
        seen = self.seen.around(meter.member.position, start.after, end.before)
        return self.session.measurand(
            meter.member,
            seen
            | {
                meter.channel.role: indication,
                self.volume.role: end.passed - start.passed,
            },
        )

    def covers(self, meter: Meter) -> bool:
        """Return whether a unit's own amount lies between its gates already."""
        try:
            self.total_of(meter)
        except NotMeasuredError:
            return False
        return still_missing([meter], self.total_of, alike=self.alike) <= 0

    def mean_flow(self, total: Total) -> float:
        """Return the mean of the watched rate between a unit's gates, in its role's unit."""
        t, x = self.reference.readings(1)
        inside = (t >= total.t_start) & (t <= total.t_stop)
        chosen = x[inside] if inside.any() else x
        return float(chosen[0] + np.mean(chosen - chosen[0]))

    def band_value(self, total: Totals) -> tuple[Channel, float]:
        """Return the watched rate and its mean."""
        return self.flow, self.mean_flow(total)

    def alone(self, meter: Meter, total: Totals) -> dict[str, float]:
        """Return the inputs at which the reference's own uncertainty is told: both agree."""
        values = self.values(meter, total) | {meter.channel.role: total.reference}
        model = self.session.point(meter.member.serial, meter.member.point).model
        return agreed(self.session.procedure, model, values)

    def values(self, meter: Meter, total: Total) -> dict[str, float]:
        """Return the inputs of the model for one unit."""
        return self.seen.values(meter, total) | {
            meter.channel.role: total.indication,
            self.volume.role: total.reference,
        }

    def conditions(self, total: Total) -> dict[str, float]:
        """Return the means of what the model takes besides, while it was totalised."""
        return self.seen.means(total.t_start, total.t_stop)
