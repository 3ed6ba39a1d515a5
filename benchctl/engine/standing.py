"""One run of a visit from rest to rest: meters and vessel are read while nothing flows.

The line is at its set-point, the water going past the vessel. The flow is stopped, the vessel
emptied if it could not hold what comes, the diverter turned to it. At rest the vessel and every
meter are read. Then it flows, at the set-point as it was corrected while it settled, until the
vessel has the amount; the flow is stopped, and at rest again all are read once more.

The diverter only moves at rest, so that its instants do not matter. No correction is made for what
passes while the flow rises and falls: the meter registers that water and the vessel gets it. It is
measured at other flows than the point's, so the point is valid by the mean flow, each litre counted
once: what passes at lower flows is little, and moves that mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchctl.acquire import Task, Total, Until, mean_by_volume, sample, standing_total
from benchctl.bench import Channel
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import msg
from benchctl.core.units import unit
from benchctl.engine.conditions import Conditions
from benchctl.engine.meters import Meter, meters_of, still_missing
from benchctl.engine.person import Entry
from benchctl.engine.references import amount_of, counted_for
from benchctl.engine.separation import leave_out
from benchctl.engine.session import Session, VisitVoidError
from benchctl.engine.settling import one, patient, start_again, stop_flow
from benchctl.engine.totals import Totals
from benchctl.engine.vessel import Vessel
from benchctl.procedure import Procedure
from benchctl.procedure.plan import Action, Member, Visit

EVERY = (0.5, 2.0)
"""Shortest and longest time between two readings of flow and vessel, in s of bench time."""
READINGS = 500
"""So often they are read while it flows, as far as those times allow."""
PATIENCE = 3
"""So many failed readings of the flow end the run."""
SPARE = 0.02
"""Share of the amount by which a vessel must hold more: what still comes when the flow stops."""


class StandingTotaliser:
    """One run of a visit from rest to rest."""

    def __init__(self, session: Session, visit: Visit, action: Action, members: Sequence[Member]):
        self.session = session
        self.visit = visit
        self.action = action
        self.procedure = procedure = session.part_of(visit)
        standing = procedure.each_point.total.standing
        assert standing is not None
        self.flow = session.bench.channel(procedure.each_point.settle.role)
        self.flows = session.series("flow", [self.flow], capacity=8192)
        self.meters = meters_of(session, members)
        self.every = min(max(visit.expected_s / READINGS, EVERY[0]), EVERY[1])
        self.vessel = Vessel(session, action, standing, self.every)
        self.seen = Conditions(session, action, visit.expected_s)
        self.target = visit.amount * (1.0 + surplus(procedure, members))
        self.window = (0.0, 0.0)

    def run(self) -> Task[None]:
        """Totalise from rest to rest.

        Raises:
            VisitVoidError: the vessel did not come to rest, cannot hold the amount, or the amount
                did not come.
        """
        session = self.session
        job = session.scheduler.spawn(
            sample(
                one(self.flow.reader()),
                self.flows,
                session.clock,
                period=self.every,
                on_error=patient(PATIENCE),
            ),
            bus=self.flow.bus,
            name="flow",
        )
        self.vessel.watch()
        self.seen.start()
        try:
            yield from self._rest_to_rest()
        except NotMeasuredError:
            stop_flow(session, self.visit)
            self.vessel.away()
            raise
        finally:
            job.cancel()
            self.vessel.leave()
            self.seen.stop()
            session.spill(self.flows, self.action)
            for meter in self.meters:
                session.spill(meter.series, self.action)

    def _rest_to_rest(self) -> Task[None]:
        session = self.session
        stop_flow(session, self.visit)
        yield from self._until(lambda: self.vessel.level is not None and self._all_seen())
        wanted = counted_for(self.procedure, self.target, self._inputs(0.0))
        yield from self.vessel.make_room(wanted * (1.0 + SPARE))
        self.vessel.towards()
        yield from self.vessel.read_at_rest(self.meters, self)
        opened = session.clock.now()
        self.window = (opened, opened)
        while True:
            start_again(session, self.visit)
            yield from self._until_enough(opened)
            stop_flow(session, self.visit)
            self.window = (opened, session.clock.now())
            yield from self.vessel.read_at_rest(self.meters, self)
            if (missing := still_missing(self.meters, self.total_of)) <= 0:
                break
            self.target += missing
        self.vessel.away()

    def _all_seen(self) -> bool:
        now = self.session.clock.now()
        try:
            self.seen.means(now, now)
        except NotMeasuredError:
            return False
        return True

    def _until(self, ready: Callable[[], bool]) -> Task[None]:
        while not ready():
            yield Until(self.session.clock.now() + EVERY[0])

    def _until_enough(self, opened: float) -> Task[None]:
        """Wait until the vessel has the amount.

        Raises:
            VisitVoidError: the vessel is full before, or it takes more than twice the time.
        """
        session, totalise = self.session, self.procedure.each_point.total
        limit = opened + 2.0 * self.visit.expected_s + 120.0
        while True:
            yield Until(session.clock.now() + self.every)
            leave_out(session, self.meters)
            now = session.clock.now()
            self.window = (opened, now)
            passed = amount_of(self.procedure, self._inputs(self.vessel.risen))
            if passed >= self.target or (self.meters and all(m.gone for m in self.meters)):
                return
            self._show(passed, now - opened)
            self.vessel.check()
            if now > limit:
                raise VisitVoidError(
                    msg(
                        "engine.too-slow",
                        role=totalise.role,
                        passed=f"{passed:.4g} {totalise.unit}",
                        wanted=f"{self.target:.4g} {totalise.unit}",
                    )
                )

    def _show(self, passed: float, elapsed: float) -> None:
        share = min(1.0, max(0.0, passed / self.target))
        remaining = elapsed * (1.0 / share - 1.0) if share > 0 else self.visit.expected_s
        values = {self.procedure.each_point.total.role: passed}
        good = self.flows.readings()[1]
        if good.size:
            values[self.flow.role] = float(good[-1])
        self.session.watch(self.action, share, min(remaining, 1e6), **values)

    # the end of the run ---------------------------------------------------------------------

    def _inputs(self, counted: float, position: int = 1) -> dict[str, float]:
        """Return what the model takes but for the unit's indication."""
        return self.seen.around(position, *self.window) | {
            "run.duration": self.vessel.seconds,
            self.vessel.role: counted,
        }

    def total_of(self, meter: Meter) -> Totals:
        """Return the totals of one unit and of the reference from rest to rest.

        Raises:
            NotMeasuredError: the unit dropped out, or its register is not usable.
        """
        meter.require(self.session)
        values = meter.series.readings()[1]
        inputs = self._inputs(self.vessel.difference, meter.member.position)
        reference = amount_of(self.procedure, inputs)
        total = standing_total(
            float(values[0]),
            float(values[-1]),
            reference=reference,
            resolution=meter.interval,
            window=self.window,
            flow=reference / max(self.window[1] - self.window[0], 1e-9),
        )
        return Totals.of(total, meter.channel.role, self.vessel.role)

    def passed(self) -> float:
        """Return what the vessel got since its first reading at rest, by the quick reading."""
        return amount_of(self.procedure, self._inputs(self.vessel.risen))

    def error_if(self, meter: Meter, indication: float, end: Entry) -> float | None:
        """Return the measurand if this is the indication from rest to rest."""
        del end
        inputs = self._inputs(self.vessel.difference, meter.member.position)
        return self.session.measurand(meter.member, inputs | {meter.channel.role: indication})

    def covers(self, meter: Meter) -> bool:
        """Return False: there is no total before all is read at rest again."""
        del meter
        return False

    def mean_flow(self, total: Total) -> float:
        """Return the flow at which the mean litre passed, in its role's unit."""
        t, q = self.flows.readings()
        inside = t >= total.t_start
        return mean_by_volume(t[inside], q[inside])

    def band_value(self, total: Totals) -> tuple[Channel, float]:
        """Return the watched rate and its mean."""
        return self.flow, self.mean_flow(total)

    def alone(self, meter: Meter, total: Totals) -> dict[str, float]:
        """Return the inputs at which the reference's own uncertainty is told: both agree."""
        return self.values(meter, total) | {meter.channel.role: total.reference}

    def values(self, meter: Meter, total: Total) -> dict[str, float]:
        """Return the inputs of the model for one unit."""
        inputs = self._inputs(self.vessel.difference, meter.member.position)
        return inputs | {meter.channel.role: total.indication}

    def conditions(self, total: Total) -> dict[str, float]:
        """Return the means of what the model takes besides, and what the vessel got."""
        got = {self.vessel.role: self.vessel.difference}
        return self.seen.means(total.t_start, total.t_stop) | got


def surplus(procedure: Procedure, members: Sequence[Member]) -> float:
    """Return the share by which more must pass than the amount.

    So that a unit at the edge of its limits registers the amount, too.
    """
    ratio = unit(procedure.measurand.unit)
    if any(ratio.dimension):
        return 0.0
    return max((max(0.0, -m.mpe[0]) for m in members), default=0.0) * ratio.factor
