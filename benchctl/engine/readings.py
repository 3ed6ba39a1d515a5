"""One run of a visit by readings: units and reference side by side until they are enough.

Every bus reads its units in rounds while the reference is read beside them. A reading of a unit is
paired with what the reference showed at that instant, and the model makes a result of each pair.
The value is that of the means; what the single results say is for `side_by_side`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchctl.acquire import (
    HowMany,
    Job,
    Look,
    Pairs,
    Station,
    Task,
    Until,
    estimate,
    rounds,
    sample,
    side_by_side,
)
from benchctl.bench import Channel
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import msg
from benchctl.core.results import Estimate
from benchctl.core.series import Floats, Series
from benchctl.engine.conditions import Conditions
from benchctl.engine.how_many import rule_of
from benchctl.engine.meters import Meter, meters_of, station_of
from benchctl.engine.read_by_person import ask_readings
from benchctl.engine.references import Line
from benchctl.engine.separation import leave_out
from benchctl.engine.session import Session, VisitVoidError
from benchctl.engine.settling import one, patient
from benchctl.engine.side_by_side import SideBySide, drift_u, flags_of, lagging, mean_of
from benchctl.language import ExpressionError
from benchctl.metrology import sensitivity
from benchctl.procedure import Model, ResolvedPoint
from benchctl.procedure.plan import Action, Member, Visit

PATIENCE = 3
"""So many failed readings of the reference in a row end the run."""
SPARE_S = 120.0
"""Beyond twice the longest time that a rule may take, in s, a run is given up."""


@dataclass(slots=True)
class _Unit:
    """A unit that is read: its meter, its point, and the rule that says how often."""

    meter: Meter
    point: ResolvedPoint
    rule: HowMany
    look: Look | None = None
    """What the rule said when there were enough."""
    wanted: Look | None = None
    """What it said last."""
    job: list[Station] = field(default_factory=list)
    """The round that it is read in."""


class ReadingsWay:
    """One run of a visit by readings."""

    def __init__(self, session: Session, visit: Visit, action: Action, members: Sequence[Member]):
        self.session = session
        self.visit = visit
        self.action = action
        way = session.procedure.each_point.read
        assert way is not None
        self.way = way
        self.meters = meters_of(session, members, role=way.indication)
        beside = sorted(self._beside(session.procedure.measurand.model))
        self.channels = [session.bench.channel(role) for role in beside]
        self.series = [Series(f"reference/{c.role}", (c.role,), (c.unit,)) for c in self.channels]
        self.seen = Conditions(session, action, visit.expected_s, beside=frozenset(beside))
        self.watched = self._watched()
        self.units = [self._unit(meter) for meter in self.meters]
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
        settled = self.session.procedure.each_point.settle.role
        return next((c for c in self.channels if c.role == settled), None)

    def _unit(self, meter: Meter) -> _Unit:
        resolved = self.session.subjects[meter.member.serial].resolved
        point = next(p for p in resolved.points if p.name == meter.member.point)
        assert point.how_many is not None
        return _Unit(meter, point, rule_of(self.session, point, meter.member))

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
                unit.job = stations.setdefault(unit.meter.channel.bus, [])
                unit.job.append(station_of(session, unit.meter, unit.job, pause=self.way.switch))
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
            by_person = [u.meter for u in self._open() if u.meter.channel.asks]
            if by_person:
                yield from ask_readings(session, by_person)
            yield Until(clock.now() + min(self.way.every, 1.0))
            leave_out(session, self.meters)
            for unit in self._open():
                self._look(unit)
            if not self._open():
                return
            self._show()
            if clock.now() > limit and not by_person:
                raise VisitVoidError(
                    msg("engine.readings-slow", role=self.way.reference, wanted=self._wanted())
                )
            for series in (*self.series, *(u.meter.series for u in self.units)):
                session.spill(series, self.action, at_least=2000)

    def _open(self) -> list[_Unit]:
        return [u for u in self.units if u.look is None and not u.meter.gone]

    def _longest(self, point: ResolvedPoint) -> float:
        rule, count = point.how_many, len(self.units)
        assert rule is not None
        each = max(self.way.every, self.way.switch * count * (2 if self.way.back else 1))
        return max(rule.seconds, rule.at_most * each, rule.expected_s)

    def _look(self, unit: _Unit) -> None:
        """Ask the rule of a unit; one that has enough is read no more."""
        pairs = self._pairs(unit)
        if not pairs.t.size:
            return
        look = unit.rule.look(pairs.t, self._results(unit, pairs))
        unit.wanted = look
        if look.enough:
            unit.look = look
            own = unit.meter.series
            unit.job[:] = [s for s in unit.job if s.series is not own]

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
            c.role: float(s.column(0)[s.good()][-1])
            for c, s in zip(self.channels, self.series, strict=True)
            if s.good().any()
        }
        self.session.watch(self.action, share, min(remaining, 1e6), **values)

    # what the readings give -----------------------------------------------------------------

    def _pairs(self, unit: _Unit) -> Pairs:
        beside = {c.role: (s, 0) for c, s in zip(self.channels, self.series, strict=True)}
        return side_by_side(unit.meter.series, beside)

    def _results(self, unit: _Unit, pairs: Pairs) -> Floats:
        """Return what the model makes of each pair, all else as it is on average."""
        inputs = self._inputs(unit, pairs)
        inputs |= {unit.meter.channel.role: pairs.indication, **pairs.others}
        try:
            made = unit.point.model(inputs)
        except ExpressionError as error:
            raise NotMeasuredError(error.message) from error
        results: Floats = np.broadcast_to(np.asarray(made, dtype=np.float64), pairs.t.shape)
        return results

    def _inputs(self, unit: _Unit, pairs: Pairs) -> dict[str, object]:
        """Return the model's inputs, each its mean over the readings."""
        around = self.seen.around(unit.meter.member.position, float(pairs.t[0]), float(pairs.t[-1]))
        found: dict[str, object] = dict(around)
        found[unit.meter.channel.role] = mean_of(pairs.indication)
        found |= {role: mean_of(x) for role, x in pairs.others.items()}
        return found

    def total_of(self, meter: Meter) -> SideBySide:
        """Return what the readings of one unit give.

        Raises:
            NotMeasuredError: the unit dropped out, or there are not enough.
        """
        meter.require(self.session)
        unit = next(u for u in self.units if u.meter is meter)
        if unit.look is None:
            raise NotMeasuredError(msg("engine.readings-missing", n=int(meter.series.n)))
        pairs = self._pairs(unit).first(unit.look.n)
        values = {name: float(value) for name, value in self._inputs(unit, pairs).items()}  # type: ignore[arg-type]  # all are numbers
        results = self._results(unit, pairs)
        seen, of = estimate(pairs.t, results), self.session.procedure.measurand.unit
        return SideBySide(
            indication=values[meter.channel.role],
            reference=self._reference(unit, values),
            t_start=float(pairs.t[0]),
            t_stop=float(pairs.t[-1]),
            n=unit.look.n,
            values=values,
            added=self._added(unit, values, seen, pairs),
            seen=seen,
            look=unit.look,
            states_value=self.way.how_many.states_value,
            notes=(
                *unit.look.notes,
                *flags_of(results, seen, of),
            ),
        )

    def _reference(self, unit: _Unit, values: Mapping[str, float]) -> float:
        try:
            return float(unit.point.model.step(self.way.reference, values))
        except ExpressionError as error:
            raise NotMeasuredError(error.message) from error

    def _added(
        self, unit: _Unit, values: Mapping[str, float], seen: Estimate, pairs: Pairs
    ) -> dict[str, tuple[Line, ...]]:
        """Return the sources of uncertainty that the readings themselves give, by role."""
        role = unit.meter.channel.role
        u, dof = seen.u, seen.dof
        if unit.look is not None and unit.look.u is not None:
            u, dof = unit.look.u
        lines: list[Line] = []
        if seen.n > 1 and u > 0:
            per_unit = self._slope(unit, values, role, float(np.ptp(pairs.indication)))
            lines.append(("readings", u / per_unit, "t", dof))
            if (drift := drift_u(seen)) > 0:
                lines.append(("drift", drift / per_unit, "rectangular", math.inf))
        found = {role: tuple(lines)}
        if self.way.lag > 0:
            found |= lagging(pairs, self.way.lag)
        return found

    def _slope(self, unit: _Unit, values: Mapping[str, float], role: str, size: float) -> float:
        """Return by how much the measurand changes with an indication, in its unit per unit."""
        found = abs(sensitivity(unit.point.model, dict(values), role, size or 1e-6))
        if not found > 0:
            raise NotMeasuredError(msg("engine.no-sensitivity", role=role))
        return found

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
