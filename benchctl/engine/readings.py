"""One run of a visit by readings: units and reference side by side until they are enough.

Every bus reads its units in rounds while the reference is read beside them. A reading of a unit is
paired with what the reference showed at that instant, and the model makes a result of each pair.
The value is that of the means; what the single results say is for `side_by_side`.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.acquire import (
    Job,
    Station,
    Task,
    Until,
    rounds,
    sample,
    usable,
)
from benchctl.bench import Channel
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import msg
from benchctl.engine.conditions import Conditions
from benchctl.engine.how_many import rule_of
from benchctl.engine.meters import Meter, meters_of, station_of
from benchctl.engine.read_by_person import ask_readings
from benchctl.engine.read_unit import ReadUnit
from benchctl.engine.separation import leave_out
from benchctl.engine.session import Session, VisitVoidError
from benchctl.engine.settling import one, patient
from benchctl.engine.side_by_side import SideBySide
from benchctl.procedure import Model, ResolvedPoint
from benchctl.procedure.plan import Action, Member, Visit

PATIENCE = 3
"""So many failed readings of the reference in a row end the run."""
SPARE_S = 120.0
"""Beyond twice the longest time that a rule may take, in s, a run is given up."""


class ReadingsWay:
    """One run of a visit by readings."""

    def __init__(self, session: Session, visit: Visit, action: Action, members: Sequence[Member]):
        self.session = session
        self.visit = visit
        self.action = action
        self.procedure = session.part_of(visit)
        way = self.procedure.each_point.read
        assert way is not None
        self.way = way
        self.meters = meters_of(session, members, role=way.indication)
        beside = sorted(self._beside(self.procedure.measurand.model))
        self.channels = [session.bench.channel(role) for role in beside]
        self.series = [session.series(f"reference/{c.role}", [c]) for c in self.channels]
        self.seen = Conditions(session, action, visit.expected_s, beside=frozenset(beside))
        self.watched = self._watched()
        self.units = self._units()
        self.began = session.clock.now()

    def _beside(self, model: Model) -> frozenset[str]:
        """Return the roles that are read as often as the units: all that the reference needs."""
        needs = self.session.procedure.needs
        bands = {band.role for band in self.session.procedure.environment}
        roles = model.feeding(self.way.reference) & needs.keys()
        return frozenset(
            r
            for r in roles
            if not (needs[r].constant or needs[r].per_uut)
            and (r not in bands or r == self.way.reference)
        )

    def _watched(self) -> Channel | None:
        """Return what must stay within a point's band: what settled, if it is read beside."""
        settled = self.procedure.each_point.settle.role
        return next((c for c in self.channels if c.role == settled), None)

    def _units(self) -> list[ReadUnit]:
        """Return the units, each with its rule; one that none can serve is not measured."""
        beside = {c.role: (s, 0) for c, s in zip(self.channels, self.series, strict=True)}
        found = []
        for meter in self.meters:
            point = self.session.point(meter.member.serial, meter.member.point)
            try:
                rule = rule_of(self.session, point)
            except NotMeasuredError as error:
                meter.refuse(error.message)
                continue
            found.append(ReadUnit(meter, point, rule, self.way, self.seen, beside))
        return found

    # reading --------------------------------------------------------------------------------

    def run(self) -> Task[None]:
        """Read until every unit that is still there has enough.

        Raises:
            VisitVoidError: that takes too long, or the reference does not answer.
        """
        session = self.session
        jobs = self._start()
        try:
            self.seen.start()
            yield from self._until_enough()
        finally:
            for job in jobs:
                job.cancel()
            self.seen.stop()
            for series in (*self.series, *(u.meter.series for u in self.units)):
                session.spill(series, self.action)

    def _start(self) -> list[Job]:
        """Start reading: the reference, and the units of each bus in rounds."""
        session, spawn = self.session, self.session.scheduler.spawn
        jobs = [
            spawn(
                sample(
                    one(channel.reader()),
                    series,
                    session.clock,
                    period=self.way.every,
                    on_error=patient(PATIENCE),
                ),
                bus=channel.bus,
                name=series.name,
            )
            for channel, series in zip(self.channels, self.series, strict=True)
        ]
        stations: dict[str, list[Station]] = {}
        for unit in self.units:
            if not unit.meter.channel.asks:
                unit.round = stations.setdefault(unit.meter.channel.bus, [])
                unit.round.append(
                    station_of(session, unit.meter, unit.round, pause=self.way.switch)
                )
        jobs += [
            spawn(
                rounds(of_bus, session.clock, period=self.way.every, back=self.way.back),
                bus=bus,
                name=f"units on {bus}",
            )
            for bus, of_bus in stations.items()
        ]
        return jobs

    def _until_enough(self) -> Task[None]:
        session, clock = self.session, self.session.clock
        longest = max((self._longest(u.point) for u in self.units), default=0.0)
        limit = clock.now() + 2.0 * longest + SPARE_S
        while True:
            by_person = [u for u in self._open() if u.meter.channel.asks]
            if by_person:
                yield from ask_readings(session, by_person)
            yield Until(clock.now() + min(self.way.every, 1.0))
            leave_out(session, self.meters)
            for unit in self._open():
                unit.ask()
            if not self._open():
                return
            self._show()
            if clock.now() > limit and not by_person:
                if any(unit.look is not None for unit in self.units):
                    return  # those that have too few are not measured; they hold up nobody
                raise VisitVoidError(
                    msg("engine.readings-slow", role=self.way.reference, wanted=self._wanted())
                )
            for series in (*self.series, *(u.meter.series for u in self.units)):
                session.spill(series, self.action, at_least=2000)

    def _open(self) -> list[ReadUnit]:
        return [u for u in self.units if u.look is None and not u.meter.gone]

    def _longest(self, point: ResolvedPoint) -> float:
        rule, count = point.how_many, len(self.units)
        assert rule is not None
        each = max(self.way.every, self.way.switch * count * (2 if self.way.back else 1))
        return max(rule.seconds, rule.at_most * each, rule.expected_s)

    def _wanted(self) -> int:
        return max((u.wanted.wanted for u in self._open() if u.wanted is not None), default=1)

    def _show(self) -> None:
        """Tell the screen how far it is, by the unit that needs most."""
        n = min((u.meter.series.n for u in self._open()), default=0)
        wanted = self._wanted()
        elapsed = self.session.clock.now() - self.began
        share = min(1.0, n / wanted)
        remaining = elapsed * (1.0 / share - 1.0) if share > 0 else self.visit.expected_s
        values = {
            c.role: float(seen[-1])
            for c, s in zip(self.channels, self.series, strict=True)
            if (seen := usable(s)[1]).size
        }
        self.session.watch(self.action, share, min(remaining, 1e6), **values)

    # what the readings give -----------------------------------------------------------------

    def total_of(self, meter: Meter) -> SideBySide:
        """Return what the readings of one unit give.

        Raises:
            NotMeasuredError: the unit dropped out, or there are not enough.
        """
        meter.require(self.session)
        unit = next(u for u in self.units if u.meter is meter)
        return unit.found(self.procedure.measurand.unit)

    def covers(self, meter: Meter) -> bool:
        """Return whether there are enough readings of one unit."""
        return any(u.meter is meter and u.look is not None for u in self.units)

    def band_value(self, total: SideBySide) -> tuple[Channel, float] | None:
        """Return what must stay within the point's band and its mean, if it was read."""
        if self.watched is None:
            return None
        return self.watched, total.values[self.watched.role]

    def values(self, meter: Meter, total: SideBySide) -> dict[str, float]:
        """Return the inputs of the model for one unit."""
        del meter
        return dict(total.values)

    def alone(self, meter: Meter, total: SideBySide) -> dict[str, float]:
        """Return the inputs at which the reference's own uncertainty is told."""
        return self.values(meter, total)

    def conditions(self, total: SideBySide) -> dict[str, float]:
        """Return the means of what the model takes besides."""
        return self.seen.means(total.t_start, total.t_stop)
